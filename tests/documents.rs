//! Reports, presentation states, structure sets and the like (`tests/cases/documents/*.txt`) under the preset `ps3.15`,
//! with the Basic Profile and with each Option: they are read again to the last byte, by two readers, and hold nothing
//! of what was planted but what the Option retains.

#![allow(clippy::print_stdout, reason = "what ran is counted by whoever runs the tests")]

mod support;

use std::path::Path;
use support::{Form, body, engine, file, parse, read, run};

/// What is planted, and the Options that retain it.
const PLANTED: [(&str, &[&str]); 6] = [
    ("planted", &[]),
    ("instihouse", &["retain_institution_identity"]),
    ("devhouse", &["retain_device_identity"]),
    ("1.2.840.99999.", &["retain_uids"]),
    ("19770317", &["retain_full_dates"]),
    ("19770401", &[]),
];

const OPTIONS: [&[&str]; 13] = [
    &[],
    &["retain_safe_private"],
    &["retain_uids"],
    &["retain_device_identity"],
    &["retain_institution_identity"],
    &["retain_patient_characteristics"],
    &["retain_full_dates"],
    &["retain_modified_dates"],
    &["clean_descriptors"],
    &["clean_structured_content"],
    &["clean_graphics"],
    &["clean_descriptors", "clean_structured_content", "clean_graphics", "retain_modified_dates"],
    &["clean_descriptors", "clean_structured_content", "clean_graphics", "retain_uids", "retain_full_dates"],
];

/// The names and texts of the documents.
fn documents() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/documents");
    let files = std::fs::read_dir(folder).expect("the folder of documents").map(|entry| entry.expect("a file").path());
    let name = |path: &Path| path.file_stem().expect("a name").to_string_lossy().into_owned();
    files.map(|path| (name(&path), std::fs::read_to_string(&path).expect("text"))).collect()
}

fn stands_in(text: &str, bytes: &[u8]) -> bool {
    bytes.to_ascii_lowercase().windows(text.len()).any(|window| window == text.as_bytes())
}

#[test]
fn documents_are_valid_and_clean_under_each_option() {
    let (documents, mut checked) = (documents(), 0);
    for options in OPTIONS {
        let general = serde_json::json!({ "preset": "ps3.15", "profile_options": options, "risk_documents": "blank" });
        let engine = engine(&[&serde_json::json!({ "general": general }).to_string()], None).expect("settings");
        for (name, text) in &documents {
            for form in Form::named("explicit implicit big") {
                let input = file(&parse(text), form);
                let (output, _) = run(&engine, &input, || usize::MAX).expect("an output");
                let context = format!("{name} with {options:?} ({form:?})");
                let nodes = read(&body(&output, form), form);
                let object =
                    dicom_object::from_reader(&output[..]).unwrap_or_else(|error| panic!("{context}: {error}"));
                assert_eq!(object.tags().count(), nodes.len(), "{context}");
                for (planted, retain) in PLANTED {
                    assert!(stands_in(planted, &input) || planted.starts_with("19"), "{context}: {planted} is planted");
                    let retained = retain.iter().any(|option| options.contains(option));
                    assert!(retained || !stands_in(planted, &output), "{context}: {planted} survives");
                    checked += 1;
                }
            }
        }
    }
    println!("documents: {}\n# inputs {}\n# assertions {checked}", documents.len(), documents.len());
    assert!(documents.len() >= 9 && checked >= 4000, "{} {checked}", documents.len());
}
