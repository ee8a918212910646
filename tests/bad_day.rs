//! A bad day, on disk: what goes wrong around the files refuses those that it touches, leaves nothing half written, and
//! changes no byte of the others. `docs/SECURITY.md` has the table.

#![cfg(all(feature = "cli", unix))]

mod common;
mod support;

use common::command::{KEY, NOW, Scratch, assert_silent_about_identity, code, command, json, lethe, names, said, tree};
use common::{Ct, Syntax};
use lethe::Code;
use lethe::native::deidentify_file;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

const SYNTAXES: [Syntax; 5] = [Syntax::Implicit, Syntax::Explicit, Syntax::BigEndian, Syntax::Deflated, Syntax::Jpeg];

fn image(number: u32) -> Ct {
    Ct::new(SYNTAXES[number as usize % SYNTAXES.len()], "Doe", 1, number)
}

/// Nothing of another name than outputs have.
fn assert_whole(folder: &Path) {
    for (name, bytes) in tree(folder) {
        assert!(name.ends_with(".dcm"), "a trace was left behind");
        assert!(bytes.len() > 400 && bytes[128..132] == *b"DICM", "half a file");
    }
}

#[test]
fn bad_files_are_listed_with_a_code_and_the_good_ones_do_not_notice() {
    let scratch = Scratch::new();
    for number in 0..90 {
        let file = image(number).file();
        scratch.write(&format!("good/{number:03}.dcm"), &file);
        scratch.write(&format!("mixed/{number:03}.dcm"), &file);
    }
    let whole = image(7).file();
    let deflated = Ct::new(Syntax::Deflated, "Doe", 1, 1).file();
    let nested = [
        &whole[..whole.len() - 12 - 64 - 12],
        &b"\x40\x00\x75\x02SQ\0\0\xff\xff\xff\xff\xfe\xff\0\xe0\xff\xff\xff\xff".repeat(70),
    ]
    .concat();
    let bad: [(Vec<u8>, &str); 10] = [
        (Vec::new(), "not-dicom"),
        (vec![0; 5000], "not-dicom"),
        (b"about Doe, ID-Doe".to_vec(), "not-dicom"),
        (whole[..whole.len() - 30].to_vec(), "truncated"),
        (whole[..150].to_vec(), "malformed"),
        (deflated[..deflated.len() - 40].to_vec(), "truncated"),
        ([&deflated[..deflated.len() - 90], &[0xFF; 90]].concat(), "malformed"),
        (nested, "malformed"),
        ([&whole[..132], &[0xFF; 300]].concat(), "malformed"),
        (whole[..400].to_vec(), "truncated"),
    ];
    for (number, (bytes, _)) in bad.iter().enumerate() {
        // Among the good ones, not behind them.
        scratch.write(&format!("mixed/{:03}-bad.dcm", number * 9), bytes);
    }
    let (without, with, report) = (scratch.path("without"), scratch.path("with"), scratch.path("report.json"));
    assert_eq!(code(&lethe(&[&scratch.path("good"), &without])), 0);
    let output = lethe(&[&scratch.path("mixed"), &with, &"--report", &report]);
    assert_eq!(code(&output), 2, "{}", said(&output));
    assert_eq!(tree(&with), tree(&without), "the same files, byte by byte");
    assert_eq!(names(&with).len(), 90);
    let report = json(&report);
    let codes = report["files"].as_array().unwrap().iter().filter_map(|file| file["error"]["code"].as_str());
    let listed: Vec<String> = codes.map(str::to_owned).collect();
    assert_eq!(listed.len(), bad.len(), "every bad file is listed: {listed:?}");
    for (found, (_, expected)) in listed.iter().zip(&bad) {
        assert_eq!(found, expected, "{listed:?}");
    }
    assert_silent_about_identity(&said(&output));
}

/// The command under a limit of the size of files, which fails as a full disk does: in the middle of writing.
fn limited(blocks: u32, arguments: &[&Path]) -> Output {
    let mut shell = Command::new("sh");
    // Ignored, the signal becomes an error of the write.
    shell.args(["-c", &format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$@\""), "sh"]);
    shell.arg(command(&[]).get_program()).args(arguments).args(["--key", KEY, "--now", NOW]);
    shell.output().unwrap()
}

#[test]
fn a_disk_that_fills_up_leaves_no_half_file() {
    let scratch = Scratch::new();
    for number in 0..10 {
        let large = Ct { pixels: vec![7; 900_000], ..Ct::new(Syntax::Explicit, "Doe", 1, number) };
        let image = if number % 2 == 0 { image(number) } else { large };
        scratch.write(&format!("in/{number}.dcm"), image.file());
    }
    let (input, out) = (scratch.path("in"), scratch.path("out"));
    // Blocks have 512 or 1024 bytes.
    let output = limited(300, &[&input, &out]);
    let text = said(&output);
    assert_eq!(code(&output), 2, "{text}");
    assert!(text.contains("10 files: 5 done, 5 refused"), "{text}");
    assert_eq!(text.matches(": write: ").count(), 5, "{text}");
    assert_whole(&out);
    assert_silent_about_identity(&text);
    // With room again the rest comes, and what was there stays.
    let before = tree(&out);
    assert_eq!(code(&lethe(&[&input, &out])), 0);
    let after = tree(&out);
    assert_eq!(after.len(), 10);
    assert!(before.iter().all(|(name, bytes)| after.get(name) == Some(bytes)));
    assert_whole(&out);
}

#[test]
fn a_report_that_does_not_fit_is_no_report() {
    let scratch = Scratch::new();
    for number in 0..20 {
        scratch.write(&format!("in/{number}.dcm"), image(number).file());
    }
    let report = scratch.path("report.json");
    let output = limited(4, &[&scratch.path("in"), &scratch.path("out"), Path::new("--report"), &report]);
    assert_eq!(code(&output), 1, "{}", said(&output));
    assert!(said(&output).contains("the report cannot be written"), "{}", said(&output));
    assert!(!report.exists(), "half a report");
    assert_whole(&scratch.path("out"));
}

#[test]
fn names_of_all_kinds_are_read_and_never_told() {
    let scratch = Scratch::new();
    let odd = [
        "Doe 😀.dcm",
        "Doe\nline.dcm",
        "Doe\t\u{202E}mcd",
        "-Doe",
        "Doe's \"quotes\" $(x)",
        " Doe ",
        "Doe%20",
        "DOE;rm",
    ];
    for (number, name) in (0..).zip(odd) {
        scratch.write(&format!("in/{name}"), image(number).file());
        scratch.write(&format!("in/bad {number}\n😀"), &image(number).file()[..300]);
    }
    let report = scratch.path("report.json");
    let output = lethe(&[&scratch.path("in"), &scratch.path("out"), &"--report", &report]);
    assert_eq!(code(&output), 2, "{}", said(&output));
    assert_eq!(names(&scratch.path("out")).len(), odd.len());
    let text = said(&output) + &fs::read_to_string(&report).unwrap();
    assert_silent_about_identity(&text);
    assert!(!text.contains('😀') && !text.contains("quotes") && !text.contains("bad "), "{text}");
    assert_whole(&scratch.path("out"));
}

#[test]
fn an_input_that_is_gone_or_none_and_an_output_that_cannot_be_are_errors_without_a_trace() {
    let scratch = Scratch::new();
    let engine = support::engine(&[], None).unwrap();
    let (input, out) = (scratch.write("in.dcm", image(1).file()), scratch.path("out"));
    fs::create_dir(&out).unwrap();
    let file = scratch.write("file", "no folder");
    for (from, to, expected) in [
        (scratch.path("gone.dcm"), &out, Code::Read),
        (out.clone(), &out, Code::Read),
        (scratch.write("empty", ""), &out, Code::NotDicom),
        (input.clone(), &scratch.path("no folder"), Code::Write),
        (input.clone(), &file, Code::Write),
    ] {
        let error = deidentify_file(&engine, &from, to).unwrap_err();
        assert_eq!(error.code(), expected, "{error}");
        assert!(!error.to_string().contains(&*scratch.path("").to_string_lossy()), "a path is told");
    }
    assert_eq!(names(&out), Vec::<String>::new());
    assert!(deidentify_file(&engine, &input, &out).is_ok());
    assert_whole(&out);
}
