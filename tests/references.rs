//! A mixed set (three CT slices, RTSTRUCT, SEG, SR) whose files refer to each other: nested, in several values, in a
//! Sequence encoded as UN, across encodings. Every reference that resolves before must resolve to the same after.

#![allow(clippy::print_stdout, reason = "what ran is counted by whoever runs the tests")]

mod support;

use dicom_core::{Tag, VR};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use support::{Form, Node, Value, body, engine, file, parse, read, run};

const INSTANCE: Tag = Tag(0x0008, 0x0018);
const STUDY: Tag = Tag(0x0020, 0x000D);
const SERIES: Tag = Tag(0x0020, 0x000E);
const FRAME_OF_REFERENCE: Tag = Tag(0x0020, 0x0052);

/// The root of all UIDs of the set that are not the Standard's.
const ROOT: &str = "1.3.6.1.4.1.99999.";

struct File {
    name: String,
    nodes: Vec<Node>,
    form: Form,
}

fn set() -> Vec<File> {
    let load = |name: &str| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/references").join(name);
        std::fs::read_to_string(path).expect("the set")
    };
    let make = |name: &str, text: &str, form| File { name: name.to_owned(), nodes: parse(text), form };
    let form = |names, undefined: bool| Form::named(names)[usize::from(undefined)];
    let ct = load("ct.txt");
    vec![
        make("CT 1", &ct.replace("{n}", "1"), form("explicit", false)),
        make("CT 2", &ct.replace("{n}", "2"), form("implicit", true)),
        make("CT 3", &ct.replace("{n}", "3"), form("big", false)),
        make("RTSTRUCT", &load("rtstruct.txt"), form("implicit", false)),
        make("SEG", &load("seg.txt"), form("explicit", true)),
        make("SR", &load("sr.txt"), form("deflated", true)),
    ]
}

/// The set after de-identification, and the bytes of its Data Sets.
fn deidentified(settings: &str) -> Vec<(File, Vec<u8>)> {
    let engine = engine(&[settings], None).expect("settings");
    let clean = |original: File| {
        let (output, _) = run(&engine, &file(&original.nodes, original.form), || 1000).expect("an output");
        let data = body(&output, original.form);
        let nodes = read(&data, original.form);
        let meta = dicom_object::FileMetaTable::from_reader(&output[128..]).expect("File Meta Information");
        let instance = nodes.iter().find(|node| node.tag == INSTANCE).expect("a SOP Instance UID").trimmed();
        assert_eq!(meta.media_storage_sop_instance_uid().as_bytes(), instance, "{}", original.name);
        (File { nodes, ..original }, data)
    };
    set().into_iter().map(clean).collect()
}

/// Every UID with the path of its element and its place among the values, at any depth.
fn uids(nodes: &[Node], path: &str, found: &mut BTreeMap<String, (Tag, String)>) {
    for node in nodes {
        let here = format!("{path}{}", node.tag);
        match &node.value {
            Value::Items(items) => {
                for (number, item) in items.iter().enumerate() {
                    uids(item, &format!("{here}[{number}]."), found);
                }
            }
            Value::Bytes(_) if node.vr == VR::UI => {
                let text = String::from_utf8(node.trimmed()).expect("UIDs are ASCII");
                for (number, uid) in text.split('\\').enumerate() {
                    found.insert(format!("{here}#{number}"), (node.tag, uid.to_owned()));
                }
            }
            _ => {}
        }
    }
}

fn uids_of(file: &File) -> BTreeMap<String, (Tag, String)> {
    let mut found = BTreeMap::new();
    uids(&file.nodes, "", &mut found);
    found
}

/// What a UID stands for: the files whose own UID of a kind it is.
fn definitions(files: &[&File]) -> BTreeMap<String, BTreeSet<(Tag, String)>> {
    let mut definitions: BTreeMap<String, BTreeSet<(Tag, String)>> = BTreeMap::new();
    for file in files {
        for node in file.nodes.iter().filter(|n| [INSTANCE, STUDY, SERIES, FRAME_OF_REFERENCE].contains(&n.tag)) {
            let uid = String::from_utf8(node.trimmed()).expect("UIDs are ASCII");
            definitions.entry(uid).or_default().insert((node.tag, file.name.clone()));
        }
    }
    definitions
}

/// Checks that what resolved resolves to the same; returns how many references there are.
fn check_references(settings: &str) -> usize {
    let before = set();
    let after = deidentified(settings);
    let known = definitions(&before.iter().collect::<Vec<_>>());
    let known_after = definitions(&after.iter().map(|(file, _)| file).collect::<Vec<_>>());
    let mut references = 0;
    for (original, (clean, _)) in before.iter().zip(&after) {
        let (old, new) = (uids_of(original), uids_of(clean));
        for (path, (_, uid)) in &old {
            let Some(target) = known.get(uid) else { continue };
            let (_, mapped) = new.get(path).unwrap_or_else(|| panic!("{} {path} is gone", original.name));
            assert_eq!(known_after.get(mapped), Some(target), "{} {path}", original.name);
            references += 1;
        }
    }
    references
}

#[test]
fn references_resolve_under_both_presets() {
    let keeps =
        r#"{ "general": { "preset": "none", "(0008,0018)": "keep", "(0020,000D)": "keep", "(0020,000E)": "keep" } }"#;
    let mut references = 0;
    for settings in ["{}", r#"{ "general": { "preset": "none" } }"#, keeps] {
        let found = check_references(settings);
        assert!(found >= 48, "{found} references");
        references += found;
    }
    println!("references: 3 settings, {references} references resolved before and after");
    println!("# assertions {references}");
}

/// Under `default` no UID of the set survives; under `none` none of a study, series or instance.
#[test]
fn no_original_uid_survives() {
    for (_, data) in deidentified("{}") {
        assert!(!contains(&data, ROOT.as_bytes()));
    }
    let originals = set();
    let kinds = [INSTANCE, STUDY, SERIES];
    let replaced = definitions(&originals.iter().collect::<Vec<_>>())
        .into_iter()
        .filter(|(_, what)| what.iter().any(|(tag, _)| kinds.contains(tag)));
    let replaced: Vec<String> = replaced.map(|(uid, _)| uid).collect();
    assert!(replaced.len() >= 11, "{replaced:?}");
    for (file, data) in deidentified(r#"{ "general": { "preset": "none" } }"#) {
        for uid in &replaced {
            assert!(!contains(&data, uid.as_bytes()), "{} {uid}", file.name);
        }
        let frame = file.nodes.iter().find(|node| node.tag == FRAME_OF_REFERENCE);
        assert!(frame.is_none_or(|frame| frame.trimmed().starts_with(ROOT.as_bytes())), "{}", file.name);
    }
}

fn contains(data: &[u8], needle: &[u8]) -> bool {
    data.windows(needle.len()).any(|window| window == needle)
}

/// UIDs of the Standard (classes, schemes, well-known instances) stay; every other is a new one of the right form.
#[test]
fn uids_of_classes_and_schemes_stay() {
    let (mut classes, mut mapped) = (0, 0);
    for (original, (clean, _)) in set().iter().zip(deidentified("{}")) {
        let new = uids_of(&clean);
        for (path, (_, uid)) in uids_of(original) {
            let (_, after) = new.get(&path).unwrap_or_else(|| panic!("{} {path} is gone", original.name));
            if uid.starts_with("1.2.840.10008.") {
                assert_eq!(after, &uid, "{} {path}", original.name);
                classes += 1;
            } else {
                let number = after.strip_prefix("2.25.").unwrap_or_else(|| panic!("{} {path}", original.name));
                assert!(number.parse::<u128>().is_ok() && !number.starts_with('0'), "{after}");
                mapped += 1;
            }
        }
    }
    assert!(classes >= 25 && mapped >= 50, "{classes} classes, {mapped} mapped");
}

/// Different UIDs stay different, equal ones stay equal, over the whole set.
#[test]
fn the_mapping_is_one_to_one() {
    let mut forward: BTreeMap<String, String> = BTreeMap::new();
    for (original, (clean, _)) in set().iter().zip(deidentified("{}")) {
        let new = uids_of(&clean);
        for (path, (_, uid)) in uids_of(original) {
            let after = new[&path].1.clone();
            let known = forward.insert(uid, after.clone());
            assert!(known.is_none_or(|known| known == after), "{} {path}", original.name);
        }
    }
    let images: BTreeSet<&String> = forward.values().collect();
    assert_eq!(images.len(), forward.len());
}
