//! The command, through its binary: what it writes, says and returns.

#![cfg(feature = "cli")]

mod common;

use common::command::{
    Scratch, assert_silent_about_identity, code, command, json, lethe, names, said, tree, truncated,
};
use common::{Bytes, CT_IMAGE, Ct, Lengths, Syntax};
use dicom_object::OpenFileOptions;
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

/// A folder with images of all encodings and files that have no output.
fn mixed(scratch: &Scratch) -> PathBuf {
    let syntaxes = [Syntax::Implicit, Syntax::Explicit, Syntax::BigEndian, Syntax::Deflated, Syntax::Jpeg];
    for (number, syntax) in (1..).zip(syntaxes) {
        let image = Ct::new(syntax, "Doe", 1, number);
        scratch.write(&format!("private-folder/Doe/{number}.dcm"), image.file());
    }
    scratch.write("private-folder/Doe/notes.txt", "about Doe, ID-Doe");
    scratch.write("private-folder/Doe/a-truncated.dcm", truncated());
    scratch.path("private-folder")
}

#[test]
fn a_batch_leaves_out_and_refuses_and_goes_on() {
    let scratch = Scratch::new();
    let (input, out, report) = (mixed(&scratch), scratch.path("out"), scratch.path("report.json"));
    let before = tree(&input);
    let output = lethe(&[&input, &out, &"--report", &report]);
    assert_eq!(code(&output), 2, "{}", said(&output));
    assert_eq!(names(&out).len(), 5);
    assert_eq!(tree(&input), before, "inputs stay as they are");

    // Sorted: 1.dcm … 5.dcm, a-truncated.dcm, notes.txt.
    let text = said(&output);
    assert!(text.contains("file 6: truncated: offset "), "{text}");
    assert!(text.contains("file 7: left out: not-dicom: "), "{text}");
    assert!(text.contains("7 files: 5 done, 1 left out, 1 refused"), "{text}");
    assert_silent_about_identity(&text);
    assert_silent_about_identity(&fs::read_to_string(&report).unwrap());
    for (name, bytes) in tree(&out) {
        assert_silent_about_identity(&name);
        assert_silent_about_identity(&String::from_utf8_lossy(&bytes));
    }
}

#[test]
fn the_report_says_what_was_done_to_each_file() {
    let scratch = Scratch::new();
    let (input, out, report) = (mixed(&scratch), scratch.path("out"), scratch.path("report.json"));
    lethe(&[&input, &out, &"--report", &report]);
    let report = json(&report);
    let files = report["files"].as_array().unwrap();
    assert_eq!(files.len(), 7);
    for (index, file) in files.iter().enumerate() {
        assert_eq!(file["index"], index + 1);
    }
    for (file, syntax) in files.iter().zip([Syntax::Implicit, Syntax::Explicit, Syntax::BigEndian]) {
        let output = out.join(file["name"].as_str().unwrap());
        assert_eq!(file["outputBytes"], fs::metadata(output).unwrap().len());
        assert_eq!(file["transferSyntax"], syntax.uid());
        assert!(file["counts"]["uids"].as_u64().unwrap() >= 4, "{file}");
    }
    assert_eq!(files[5]["error"]["code"], "truncated");
    assert!(files[5]["error"]["offset"].is_u64());
    assert!(files[5].get("leftOut").is_none());
    assert_eq!((&files[6]["error"]["code"], &files[6]["leftOut"]), (&"not-dicom".into(), &true.into()));
    let summary = &report["summary"];
    assert_eq!((&summary["inputs"], &summary["done"], &summary["refused"]), (&7.into(), &5.into(), &1.into()));
    let kept: u64 = files.iter().filter_map(|file| file["counts"]["kept"].as_u64()).sum();
    assert_eq!(summary["counts"]["kept"], kept);
    assert_eq!(report["engine"], env!("CARGO_PKG_VERSION"));
    assert_eq!(report["edition"], lethe::profile::EDITION);
}

#[test]
fn risky_content_is_counted_by_class_in_report_and_log() {
    let scratch = Scratch::new();
    let (input, out, report) = (scratch.path("in"), scratch.path("out"), scratch.path("report.json"));
    let image = |class: &str, number: u32, burned_in: &str| {
        let data_set = Bytes::new(Syntax::Explicit)
            .text(0x0008_0016, "UI", class)
            .text(0x0008_0018, "UI", &format!("1.2.826.0.1.3680043.9.7777.{number}"))
            .text(0x0010_0010, "PN", "Secret^Doe")
            .text(0x0028_0301, "CS", burned_in);
        data_set.element(0x7FE0_0010, "OW", &[1, 2]).file(class, "1.2.826.0.1.3680043.9.7777.1")
    };
    let (ultrasound, capture) = ("1.2.840.10008.5.1.4.1.1.6.1", "1.2.840.10008.5.1.4.1.1.7");
    scratch.write("in/1.dcm", image(ultrasound, 1, ""));
    scratch.write("in/2.dcm", image(ultrasound, 2, "YES"));
    scratch.write("in/3.dcm", image(capture, 3, "NO"));
    scratch.write("in/4.dcm", image(CT_IMAGE, 4, ""));
    let output = lethe(&[&input, &out, &"--report", &report]);
    let text = said(&output);
    assert_eq!(code(&output), 2, "{text}");
    assert!(text.contains("file 2: risk-burned-in: (0028,0301): the file says"), "{text}");
    let line =
        "risky content: 1 burned-in refused, 1 secondary-capture to be looked at, 1 ultrasound to be looked at\n";
    assert!(text.contains(line), "{text}");
    let report = fs::read_to_string(&report).unwrap();
    assert_silent_about_identity(&report);
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    let expected = serde_json::json!({
        "burned-in": {"refuse": 1}, "secondary-capture": {"warn": 1}, "ultrasound": {"warn": 1}, "unstated-slices": {"pass": 1}
    });
    assert_eq!(report["summary"]["risks"], expected);
    let note = &report["files"][0]["risks"][0];
    assert_eq!((&note["class"], &note["policy"]), (&"ultrasound".into(), &"warn".into()), "{note}");
    assert_eq!(report["files"][1]["error"]["code"], "risk-burned-in");
}

#[test]
fn the_exit_status_tells_all_some_or_nothing() {
    let scratch = Scratch::new();
    let good = Ct::new(Syntax::Explicit, "Doe", 1, 1).file();
    scratch.write("fine/1.dcm", &good);
    scratch.write("fine/readme", "no image");
    scratch.write("junk/readme", "no image");
    scratch.write("bad/1.dcm", truncated());
    fs::create_dir(scratch.path("empty")).unwrap();
    for (folder, status) in [("fine", 0), ("fine/1.dcm", 0), ("junk", 1), ("bad", 1), ("empty", 1), ("absent", 1)] {
        let output = lethe(&[&scratch.path(folder), &scratch.path("out")]);
        assert_eq!(code(&output), status, "{folder}: {}", said(&output));
    }
    assert_eq!(names(&scratch.path("out")).len(), 1, "one image, and no trace of what was refused");
}

#[test]
fn the_number_of_jobs_and_the_layout_of_folders_change_nothing() {
    let scratch = Scratch::new();
    for number in 1..=40 {
        let image = Ct::new([Syntax::Implicit, Syntax::Deflated][number as usize % 2], "Doe", number % 3, number % 30);
        scratch.write(&format!("in/{number:02}.dcm"), image.file());
    }
    scratch.write("in/99.dcm", truncated());
    let mut results = Vec::new();
    for jobs in ["1", "4", "7"] {
        let (out, report) = (scratch.path(jobs), scratch.path("report.json"));
        let crosswalk = scratch.path(&format!("crosswalk-{jobs}"));
        let rest: [&dyn AsRef<OsStr>; 6] = [&"--jobs", &jobs, &"--report", &report, &"--crosswalk", &crosswalk];
        let output = lethe(&[&[&scratch.path("in") as &dyn AsRef<OsStr>, &out], rest.as_slice()].concat());
        assert_eq!(code(&output), 2);
        results.push((tree(&out), fs::read(&report).unwrap(), tree(&crosswalk), said(&output)));
    }
    assert!(results.iter().all(|result| *result == results[0]));

    for (number, (_, bytes)) in tree(&scratch.path("in")).into_iter().enumerate() {
        scratch.write(&format!("reversed/{}/{}.dcm", number % 4, 99 - number), bytes);
    }
    lethe(&[&scratch.path("reversed"), &scratch.path("again")]);
    assert_eq!(contents(&scratch.path("again")), contents(&scratch.path("1")));
}

fn contents(folder: &Path) -> BTreeSet<Vec<u8>> {
    tree(folder).into_values().collect()
}

#[test]
fn the_same_instance_twice_is_a_duplicate_or_gets_a_number() {
    let scratch = Scratch::new();
    let image = Ct::new(Syntax::Explicit, "Doe", 1, 1);
    scratch.write("in/1.dcm", image.file());
    scratch.write("in/2.dcm", image.file());
    scratch.write("in/3.dcm", Ct { pixels: vec![9; 64], ..image.clone() }.file());
    scratch.write("in/4.dcm", Ct { pixels: vec![8; 64], ..image }.file());
    let (out, report) = (scratch.path("out"), scratch.path("report.json"));
    let output = lethe(&[&scratch.path("in"), &out, &"--report", &report]);
    assert_eq!(code(&output), 0);
    let names = names(&out);
    assert_eq!(names.len(), 3);
    let stem = names[2].strip_suffix(".dcm").unwrap();
    assert_eq!(names, [format!("{stem}-2.dcm"), format!("{stem}-3.dcm"), format!("{stem}.dcm")]);
    assert!(fs::read(out.join(&names[0])).unwrap().ends_with(&[9; 64]), "numbers follow the order of the inputs");
    let report = json(&report);
    assert_eq!((&report["summary"]["done"], &report["summary"]["duplicates"]), (&3.into(), &1.into()));
    assert_eq!(
        (&report["files"][1]["duplicate"], &report["files"][1]["name"]),
        (&true.into(), &names[2].clone().into())
    );
}

#[test]
fn nothing_that_exists_is_overwritten() {
    let scratch = Scratch::new();
    scratch.write("in/1.dcm", Ct::new(Syntax::Explicit, "Doe", 1, 1).file());
    let (input, out) = (scratch.path("in"), scratch.path("in/clean"));
    let before = tree(&input);

    let output = lethe(&[&input, &input]);
    assert_eq!(code(&output), 1);
    assert!(said(&output).contains("the same folder"), "{}", said(&output));
    assert_eq!(tree(&input), before);

    // A folder inside the input is not read as input, this time and the next.
    assert_eq!(code(&lethe(&[&input, &out])), 0);
    let first = tree(&input);
    assert_eq!(first.len(), 2);
    let output = lethe(&[&input, &out]);
    assert!(said(&output).contains("1 files: 0 done, 1 duplicates"), "{}", said(&output));
    assert_eq!(tree(&input), first);

    // Another file with the output's name keeps it.
    let taken = names(&out).remove(0);
    fs::write(out.join(&taken), "something else").unwrap();
    assert_eq!(code(&lethe(&[&input, &out])), 0);
    assert_eq!(fs::read(out.join(&taken)).unwrap(), b"something else");
    assert_eq!(names(&out).len(), 2);

    let image = scratch.path("in/1.dcm");
    let output = lethe(&[&input, &scratch.path("out"), &"--report", &image]);
    assert_eq!(code(&output), 1);
    assert_eq!(fs::read(image).unwrap(), before["1.dcm"]);
}

#[cfg(unix)]
#[test]
fn links_are_not_followed() {
    let scratch = Scratch::new();
    let outside = scratch.write("outside/1.dcm", Ct::new(Syntax::Explicit, "Doe", 1, 1).file());
    scratch.write("in/2.dcm", Ct::new(Syntax::Explicit, "Doe", 1, 2).file());
    std::os::unix::fs::symlink(&outside, scratch.path("in/1.dcm")).unwrap();
    std::os::unix::fs::symlink(scratch.path("outside"), scratch.path("in/folder")).unwrap();
    std::os::unix::fs::symlink(scratch.path("in"), scratch.path("in/circle")).unwrap();
    let output = lethe(&[&scratch.path("in"), &scratch.path("out")]);
    assert_eq!(code(&output), 0);
    assert!(said(&output).contains("1 files: 1 done, 3 links not followed"), "{}", said(&output));
}

#[test]
fn pixel_data_of_every_size_arrives() {
    let scratch = Scratch::new();
    let sizes = [0, 2, 65_534, 65_536, 262_144, 262_146, 3_000_000];
    for (number, size) in (1..).zip(sizes) {
        let pixels = (0..size).map(|n: u32| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        let image = Ct { pixels, ..Ct::new(Syntax::Explicit, "Doe", 1, number) };
        let (input, out) = (scratch.write("in.dcm", image.file()), scratch.path(&format!("out-{size}")));
        assert_eq!(code(&lethe(&[&input, &out])), 0);
        let output = fs::read(out.join(&names(&out)[0])).unwrap();
        assert!(output.ends_with(&image.pixels), "{size} bytes");
    }
}

#[test]
fn wrong_arguments_are_not_repeated() {
    for arguments in [
        &["private-folder/a", "private-folder/b", "private-folder/c"][..],
        &["private-folder/a"],
        &["--private-folder"],
        &["a", "b", "--jobs", "private-folder"],
        &["a", "b", "--now", "private-folder"],
        &["a", "b", "--unknown=private-folder"],
        &["private-folder/absent", "private-folder/out"],
        &[],
    ] {
        let arguments: Vec<&dyn AsRef<OsStr>> =
            arguments.iter().map(|argument| argument as &dyn AsRef<OsStr>).collect();
        let output = command(&arguments).output().unwrap();
        assert_eq!(code(&output), 1);
        let text = said(&output);
        assert!(text.starts_with("lethe: "), "{text}");
        assert!(!text.replace("--private-folder", "").contains("private-folder"), "{text}");
    }
    assert_eq!(code(&command(&[&"--help"]).output().unwrap()), 0);
    assert!(said(&command(&[&"--version"]).output().unwrap()).contains(env!("CARGO_PKG_VERSION")));
}

#[test]
fn shared_pseudonyms_are_counted() {
    let scratch = Scratch::new();
    for (number, patient) in (1..).zip(["Doe", "Roe", "Poe", "Doe"]) {
        scratch.write(&format!("in/{number}.dcm"), Ct::new(Syntax::Explicit, patient, 1, number).file());
    }
    let (input, report) = (scratch.path("in"), scratch.path("report.json"));
    lethe(&[&input, &scratch.path("a"), &"--report", &report]);
    assert_eq!(json(&report)["summary"]["collisions"], 0);
    let same = scratch.write("same.json", r#"{"general": {"(0010,0020)": "set(ANON)"}}"#);
    lethe(&[&input, &scratch.path("b"), &"--report", &report, &"--config", &same]);
    assert_eq!(json(&report)["summary"]["collisions"], 3);
}

#[test]
fn real_files_come_out_the_same_however_many_at_a_time() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let places = [root.join("../shared/corpus"), root.join("target/corpus")];
    let Some(corpus) = places.iter().find(|folder| folder.is_dir()) else {
        panic!("no real files; run `cargo xtask corpus`")
    };
    let scratch = Scratch::new();
    let outputs = ["1", "3"].map(|jobs| {
        let (out, report) = (scratch.path(jobs), scratch.path("report.json"));
        let output = lethe(&[corpus, &out, &"--jobs", &jobs, &"--report", &report]);
        assert_eq!(code(&output), 2, "{}", said(&output));
        let summary = json(&report)["summary"].clone();
        assert_eq!(summary["done"].as_u64().unwrap(), names(&out).len() as u64);
        assert!(summary["done"].as_u64().unwrap() >= 150, "{summary}");
        (tree(&out), fs::read(&report).unwrap(), said(&output))
    });
    assert!(outputs[0] == outputs[1]);
}

#[test]
fn nested_identity_is_found_in_every_encoding() {
    let scratch = Scratch::new();
    for (number, syntax) in (1..).zip([Syntax::Implicit, Syntax::Explicit, Syntax::BigEndian]) {
        for lengths in [Lengths::Defined, Lengths::Undefined] {
            let name = |depth: u32| Bytes::new(syntax).text(0x0010_0010, "PN", &format!("Secret^{depth}"));
            let item = name(1).sequence(0x0040_0275, lengths, &[name(2), name(3)]);
            let data_set = Bytes::new(syntax).text(0x0008_0018, "UI", &format!("9.7777.{number}")).sequence(
                0x0008_1140,
                lengths,
                &[item],
            );
            let input = scratch.write("in.dcm", data_set.file(common::CT_IMAGE, "9.7777"));
            let out = scratch.path(&format!("{syntax:?}-{lengths:?}"));
            assert_eq!(code(&lethe(&[&input, &out])), 0);
            let file = out.join(&names(&out)[0]);
            assert_silent_about_identity(&String::from_utf8_lossy(&fs::read(&file).unwrap()));
            OpenFileOptions::new().open_file(&file).unwrap();
        }
    }
}
