//! Values planted where the command sees them: names of files and folders, files that are no images, DICOMDIR, damaged
//! files. Nothing of them is in outputs, their names, what is said, or the report; the crosswalk holds originals if it
//! is asked for, and is not there if it is not.

#![cfg(feature = "cli")]
#![allow(clippy::print_stdout, reason = "what ran is counted by whoever runs the tests")]

mod common;
#[path = "leaks/search.rs"]
mod search;

use common::command::{Scratch, code, lethe, said, tree};
use common::{Bytes, Ct, Syntax};
use search::Needles;
use std::fs;
use std::path::PathBuf;

const PLANTED: [&str; 14] = [
    "QvFolderZk21",
    "QvFileZk22",
    "QvSiblingZk23",
    "QvTextZk24",
    "QvNameZk25",
    "QvIdZk26",
    "QvBrokenZk27",
    "QvBrokenNameZk28",
    "QvDirectoryZk29",
    "QvJsonZk30",
    "QvOutsideZk31",
    "QvEmptyZk32",
    "QvAccessionZk33",
    "1.2.826.0.1.3680043.9.4242.34",
];

/// A folder with images, and with everything that has no output.
fn planted(scratch: &Scratch) -> PathBuf {
    let [folder, file, sibling, text, name, id, broken, broken_name, directory, json, _, empty, accession, study] =
        PLANTED;
    for (number, syntax) in (1..).zip([Syntax::Implicit, Syntax::Explicit, Syntax::BigEndian, Syntax::Deflated]) {
        let image = Ct { name: name.into(), id: id.into(), study: study.into(), ..Ct::new(syntax, "Doe", 1, number) };
        scratch.write(&format!("{folder}/{file} {number}\u{1F600}.dcm"), image.file());
    }
    let cut = Ct { name: broken_name.into(), ..Ct::new(Syntax::Explicit, "Doe", 1, 9) }.file();
    scratch.write(&format!("{folder}/{broken}.dcm"), &cut[..cut.len() - 10]);
    let long = Bytes::new(Syntax::Explicit).text(0x0008_0050, "SH", accession).header(0x0010_0010, "PN", 60_000);
    scratch.write(&format!("{folder}/deep/{broken}.dcm"), long.text(0, "PN", broken_name).file("1.2.3", "1.2.3"));
    scratch.write(&format!("{folder}/{sibling}.txt"), text);
    scratch.write(&format!("{folder}/{sibling}.json"), format!("{{\"name\": \"{json}\"}}"));
    scratch.write(&format!("{folder}/{empty}.dcm"), "");
    let listed = Bytes::new(Syntax::Explicit).text(0x0004_1130, "CS", directory);
    scratch.write(&format!("{folder}/DICOMDIR"), listed.file("1.2.840.10008.1.3.10", "1.2.3"));
    scratch.path(folder)
}

/// Names and contents of all that lies below a folder.
fn everything(folder: &std::path::Path) -> Vec<u8> {
    tree(folder).into_iter().flat_map(|(name, bytes)| [name.as_bytes(), b"\n", &bytes, b"\n"].concat()).collect()
}

#[test]
fn nothing_that_is_planted_is_said_or_written() {
    let scratch = Scratch::new();
    let (input, out, report) = (planted(&scratch), scratch.path("out"), scratch.path("report.json"));
    let output = lethe(&[&input, &out, &"--report", &report]);
    assert_eq!(code(&output), 2, "{}", said(&output));
    assert_eq!(tree(&out).len(), 4, "four images have an output");
    let needles = Needles::new(&PLANTED);
    let seen = [everything(&out), said(&output).into_bytes(), fs::read(&report).unwrap()].concat();
    assert_eq!(needles.search(&seen), []);
    // Without the defence, that is in the input, they are all there (but for the one that no file has).
    let input = everything(&scratch.path(""));
    let found = |value| needles.search(&input).iter().any(|hit| hit.value == value);
    let missing: Vec<&str> = (0..PLANTED.len()).filter(|value| !found(*value)).map(|value| PLANTED[value]).collect();
    assert_eq!(missing, ["QvOutsideZk31"]);
    println!("# inputs {}\n# assertions 2", PLANTED.len());
}

#[test]
fn a_path_that_is_not_there_is_not_repeated() {
    let scratch = Scratch::new();
    let output = lethe(&[&scratch.path("QvOutsideZk31/in"), &scratch.path("QvOutsideZk31/out")]);
    assert_ne!(code(&output), 0);
    assert_eq!(Needles::new(&PLANTED).search(said(&output).as_bytes()), []);
}

#[test]
fn originals_are_in_the_crosswalk_alone_and_only_if_it_is_asked_for() {
    let scratch = Scratch::new();
    let (input, out, crosswalk) = (planted(&scratch), scratch.path("out"), scratch.path("crosswalk"));
    let output = lethe(&[&input, &out, &"--crosswalk", &crosswalk]);
    let needles = Needles::new(&PLANTED);
    assert_eq!(needles.search(&[everything(&out), said(&output).into_bytes()].concat()), []);
    let hits = needles.search(&everything(&crosswalk));
    let mut found: Vec<&str> = hits.iter().filter(|hit| hit.needle == "raw").map(|hit| PLANTED[hit.value]).collect();
    found.dedup();
    // It names the inputs, too.
    let names = ["QvFileZk22", "QvSiblingZk23", "QvBrokenZk27", "QvEmptyZk32"];
    found.retain(|value| !names.contains(value));
    assert_eq!(found, ["QvIdZk26", "1.2.826.0.1.3680043.9.4242.34"]);
}
