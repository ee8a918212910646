//! Three patients with three studies each under the Modified Dates Option: all dates of a patient move by the same days,
//! no original date stays, and neither the order of the files nor the number of workers matters.

#![cfg(feature = "cli")]
#![allow(clippy::print_stdout, reason = "what ran is counted by whoever runs the tests")]

mod common;
mod support;

use common::command::{Scratch, code, lethe, said, tree};
use dicom_core::{Tag, VR};
use std::collections::{BTreeMap, BTreeSet};
use support::{Form, Node, Value, body, file, parse, read};

const SETTINGS: &str =
    r#"{ "general": { "preset": "ps3.15", "profile_options": ["retain_modified_dates", "retain_uids"] } }"#;

/// Name, Patient ID and birth date; the third patient has no ID, the fourth neither ID nor name, but one study.
const PATIENTS: [(&str, &str, &str); 4] = [
    ("Okonkwo^Ada", "4711-A", "19610324"),
    ("Quill^Ben", "4712-B", "19720801"),
    ("Rasmus^Cy", "", "19831130"),
    ("", "", "19940517"),
];
/// The days of each study, over a leap day and a turn of the year.
const STUDIES: [[&str; 3]; 3] =
    [["20230913", "20230914", "20230915"], ["20240228", "20240229", "20240301"], ["20241231", "20250101", "20250102"]];

/// Dates in every form: DA, DT, several values, nested, in UN, and in an Attribute that the table does not list.
fn image(patient: usize, study: usize, instance: usize) -> Vec<Node> {
    let (name, id, birth) = PATIENTS[patient];
    let [day, next, last] = STUDIES[study];
    parse(&format!(
        "(0008,0018) UI 1.2.3.{patient}.{study}.3.{instance}
(0008,0020) DA {day}
(0008,0021) DA {next}
(0008,0022) DA {next}
(0008,002A) DT {next}101530.250000+0100
(0008,0030) TM 101530.25
(0010,0010) PN {name}
(0010,0020) LO {id}
(0010,0030) DA {birth}
(0014,0102) DA {last}
(0018,1200) DA {day}\\{last}
(0020,000D) UI 1.2.3.{patient}.{study}.1
(0020,000E) UI 1.2.3.{patient}.{study}.2
(0020,0013) IS {instance}
(5200,9229) SQ
  -
    (0020,9111) SQ
      -
        (0018,9151) DT {last}
(5200,9230) UN
  -
    (0020,9111) SQ
      -
        (0018,9074) DT {next}235959
"
    ))
}

/// Every image: patient, and the Data Set.
fn images() -> Vec<(usize, Vec<Node>)> {
    let studies = |patient| if patient == 3 { 1 } else { 3 };
    let all = (0..PATIENTS.len()).flat_map(|patient| (0..studies(patient)).map(move |study| (patient, study)));
    all.flat_map(|(patient, study)| (1..=2).map(move |n| (patient, image(patient, study, n)))).collect()
}

/// What stands in each element but Sequences, by place.
fn texts(nodes: &[Node], path: &str, out: &mut BTreeMap<String, (VR, String)>) {
    for node in nodes {
        let place = format!("{path}{}", node.tag);
        match &node.value {
            Value::Items(items) => items.iter().for_each(|item| texts(item, &place, out)),
            _ => drop(out.insert(place, (node.vr, String::from_utf8(node.trimmed()).expect("text")))),
        }
    }
}

fn flat(nodes: &[Node]) -> BTreeMap<String, (VR, String)> {
    let mut out = BTreeMap::new();
    texts(nodes, "", &mut out);
    out
}

/// The Julian Day Number of a date (Fliegel and Van Flandern, 1968).
fn day_number(date: &str) -> i64 {
    let part = |range: std::ops::Range<usize>| date[range].parse::<i64>().expect("digits");
    let (year, month, day) = (part(0..4), part(4..6), part(6..8));
    let a = (month - 14) / 12;
    1461 * (year + 4800 + a) / 4 + 367 * (month - 2 - 12 * a) / 12 - 3 * ((year + 4900 + a) / 100) / 4 + day - 32_075
}

/// Runs a batch; the outputs by name, which is made of new identifiers alone.
fn batch(jobs: &str, backwards: bool) -> BTreeMap<String, Vec<u8>> {
    let scratch = Scratch::new();
    let settings = scratch.write("settings.json", SETTINGS);
    let images = images();
    for (number, (_, nodes)) in images.iter().enumerate() {
        let place = if backwards { images.len() - number } else { number };
        // Each form beside the others: patients have files from more than one device.
        let form = Form::all()[number % Form::all().len()];
        scratch.write(&format!("in/{place:03}.dcm"), file(nodes, form));
    }
    let output = lethe(&[&scratch.path("in"), &scratch.path("out"), &"--config", &settings, &"--jobs", &jobs]);
    assert_eq!(code(&output), 0, "{}", said(&output));
    tree(&scratch.path("out"))
}

#[test]
fn intervals_stay_and_no_date_does() {
    let outputs = batch("1", false);
    assert_eq!(outputs.len(), images().len());
    let mut shifts: BTreeMap<usize, BTreeSet<i64>> = BTreeMap::new();
    let mut dates = 0;
    for (number, (patient, nodes)) in images().iter().enumerate() {
        let form = Form::all()[number % Form::all().len()];
        let instance = nodes.iter().find(|node| node.tag == Tag(0x0008, 0x0018)).expect("a UID").trimmed();
        let holds = |output: &&Vec<u8>| output[..400].windows(instance.len()).any(|window| window == instance);
        let output = body(outputs.values().find(holds).expect("its output"), form);
        let (before, after) = (flat(nodes), flat(&read(&output, form)));
        for (place, (vr, text)) in &before {
            let moved = &after[place].1;
            match vr {
                _ if place.ends_with("(0010,0030)") => assert_eq!(moved, "", "a birth date goes under every Option"),
                VR::TM => assert_eq!(moved, text),
                VR::DA | VR::DT => {
                    for (old, new) in text.split('\\').zip(moved.split('\\')) {
                        assert_eq!(old[8..], new[8..], "{place}: time, fraction and zone stay");
                        shifts.entry(*patient).or_default().insert(day_number(new) - day_number(old));
                        let survives = output.windows(8).any(|window| window == &old.as_bytes()[..8]);
                        assert!(!survives, "{place}: an original date stands in the output");
                        dates += 1;
                    }
                }
                _ => {}
            }
        }
    }
    println!("longitudinal: {dates} dates\n# assertions {dates}");
    assert!(dates >= 160, "{dates}");
    assert_eq!(shifts.len(), PATIENTS.len());
    assert!(shifts.values().all(|days| days.len() == 1), "a patient has one shift: {shifts:?}");
    let days: BTreeSet<i64> = shifts.values().flatten().copied().collect();
    assert_eq!(days.len(), PATIENTS.len(), "each patient has a shift of its own: {shifts:?}");
    assert!(days.iter().all(|days| (-3652..=-1).contains(days)), "{shifts:?}");
}

#[test]
fn order_and_workers_do_not_matter() {
    let first = batch("1", false);
    assert!(first.len() >= 18);
    for (jobs, backwards) in [("4", false), ("1", true), ("4", true)] {
        assert!(batch(jobs, backwards) == first, "{jobs} workers, backwards {backwards}");
    }
}
