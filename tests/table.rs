//! Every row of PS3.15 Table E.1-1 under the preset `default`: a value is planted at top level, two Sequences deep, and
//! in a Sequence that is encoded as UN. What must become of it is worked out here, from the table and from the
//! deviations that docs/DEFAULT-PRESET.md lists.

#![allow(clippy::print_stdout, reason = "what ran is counted by whoever runs the tests")]

mod planted;
mod support;

use dicom_core::{Tag, VR};
use planted::{Row, find, items, places, plant, planted, pseudonym, root, rows, survives};
use std::collections::BTreeMap;
use support::{Form, Node, Value, body, dictionary_vr, engine, file, read, run, tag, trim};

/// Fewer rows than this means that the table was not read.
const FLOOR_ROWS: usize = 640;

/// What must become of a planted value.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fate {
    Absent,
    Empty,
    /// Any legal value but the original.
    Dummy,
    /// January 1st of the original's year.
    Year,
    /// The pseudonym of the UID.
    Uid,
    /// Items stay; in them each element has its own fate.
    Items,
}

/// Command and code of the rows that the document lists as handled in a way of their own.
fn deviations() -> BTreeMap<Tag, (String, String)> {
    let text = std::fs::read_to_string(root().join("docs/DEFAULT-PRESET.md")).expect("the document");
    let table =
        text.split("## Rows of the table").nth(1).expect("the chapter").split("\n## ").next().expect("its text");
    let cells = |line: &str| line.split('|').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>();
    let lines = table.lines().filter(|line| line.starts_with("| (")).map(cells);
    lines.map(|cells| (tag(&cells[1]), (cells[4].clone(), cells[3].clone()))).collect()
}

fn fate(row: &Row, deviations: &BTreeMap<Tag, (String, String)>) -> Fate {
    // Not copied whatever the table says: these groups do not belong in a Data Set.
    if row.tag.group() < 0x0008 {
        return Fate::Absent;
    }
    let vr = dictionary_vr(row.tag);
    if let Some((command, code)) = deviations.get(&row.tag) {
        assert_eq!(code, &row.code, "{}: the document has another code", row.address);
        return match command.as_str() {
            "truncdate" | "truncdate, empty over 89" => Fate::Year,
            "clear" => Fate::Empty,
            "keep" if vr == VR::SQ => Fate::Items,
            "dummy" | "set(@fake_acc@)" | "set(@fake_name@)" | "set(@fake_mrn@)" => Fate::Dummy,
            other => panic!("{}: the document lists {other}", row.address),
        };
    }
    match (row.code.rsplit('/').next(), vr) {
        (Some("X"), _) => Fate::Absent,
        (Some("Z"), _) => Fate::Empty,
        (Some("D" | "U*"), VR::SQ) => Fate::Items,
        (Some("D" | "U"), VR::UI) => Fate::Uid,
        (Some("D"), _) => Fate::Dummy,
        other => panic!("{}: {other:?}", row.address),
    }
}

/// Checks one place; returns the number of assertions.
fn check(fate: Fate, original: &Node, found: Option<&Node>, context: &str) -> usize {
    if fate == Fate::Absent {
        assert_eq!(found, None, "{context}");
        return 1;
    }
    let found = found.unwrap_or_else(|| panic!("{context}: gone instead of {fate:?}"));
    if fate == Fate::Items {
        return check_items(original, found, context);
    }
    let value = match &found.value {
        Value::Bytes(bytes) => trim(bytes),
        Value::Items(items) => {
            assert!(fate == Fate::Empty && items.is_empty(), "{context}: Items instead of {fate:?}");
            return 1;
        }
        Value::Numbers(..) => unreachable!("the reader reads bytes"),
    };
    let original = match &original.value {
        Value::Bytes(bytes) => bytes.as_slice(),
        _ => b"",
    };
    match fate {
        Fate::Empty => assert_eq!(value, b"", "{context}"),
        Fate::Year => assert_eq!(value, b"19770101", "{context}"),
        Fate::Uid => assert_eq!(value, pseudonym(original).as_bytes(), "{context}"),
        _ => check_dummy(found, original, context),
    }
    1
}

fn check_dummy(found: &Node, original: &[u8], context: &str) {
    let Value::Bytes(bytes) = &found.value else { panic!("{context}: no value") };
    assert!(!bytes.is_empty(), "{context}: empty instead of a dummy");
    assert_ne!(trim(bytes), trim(original), "{context}");
    assert!(!bytes.starts_with(b"1977"), "{context}: the year stays, and the document does not say so");
}

/// Items stay; the comment in them goes, the reference is mapped, the number stays.
fn check_items(original: &Node, found: &Node, context: &str) -> usize {
    let (original, found) = (items(Some(original)), items(Some(found)));
    assert_eq!(found.len(), original.len(), "{context}");
    for (original, found) in original.iter().zip(found) {
        let mapped = pseudonym(&original[0].trimmed());
        assert_eq!(found.len(), 2, "{context}");
        assert_eq!(found[0].trimmed(), mapped.as_bytes(), "{context}");
        assert_eq!(found[1].trimmed(), b"1.5", "{context}");
    }
    3 * found.len()
}

#[test]
fn every_row_is_handled_as_it_says() {
    // A file with a document has an output only if its document may be blanked, which is what the row says.
    let engine = engine(&[r#"{"general": {"risk_documents": "blank"}}"#], None).expect("the preset");
    let deviations = deviations();
    let (mut count, mut plants, mut assertions, mut failed) = (0, 0, 0, Vec::new());
    for row in rows() {
        for form in Form::named("explicit implicit big") {
            let result = std::panic::catch_unwind(|| check_row(&engine, &row, &deviations, form));
            match result {
                Ok((planted, checked)) => {
                    plants += planted;
                    assertions += checked;
                }
                Err(_) => failed.push(format!("{} ({form:?})", row.address)),
            }
        }
        count += 1;
    }
    println!("table: {count} rows, {plants} planted values, {assertions} assertions");
    println!("# inputs {plants}\n# assertions {assertions}");
    assert!(failed.is_empty(), "{} failed:\n{}", failed.len(), failed.join("\n"));
    assert!(count >= FLOOR_ROWS, "{count} rows");
    assert!(deviations.len() >= 50, "{} deviations", deviations.len());
}

fn check_row(
    engine: &lethe::Deidentifier,
    row: &Row,
    deviations: &BTreeMap<Tag, (String, String)>,
    form: Form,
) -> (usize, usize) {
    let input = planted(row.tag);
    let (output, _) = run(engine, &file(&input, form), || usize::MAX).expect("an output");
    let found = read(&body(&output, form), form);
    let fate = fate(row, deviations);
    let (mut plants, mut assertions) = (0, 0);
    for (place, (before, after)) in places(&input).iter().zip(places(&found)).enumerate() {
        let Some(original) = find(before, row.tag) else { continue };
        let context = format!("{} at place {place} ({form:?})", row.address);
        assertions += check(fate, original, find(after, row.tag), &context);
        // In UN everything is Implicit VR Little Endian.
        let inner = if place == 2 { Form::named("implicit")[0] } else { form };
        assert!(!survives(original, inner, &output), "{context}: the value survives");
        plants += 1;
        assertions += 1;
    }
    (plants, assertions)
}

/// The document lists rows of the table and nothing else.
#[test]
fn deviations_are_rows() {
    let rows = rows();
    for (tag, (_, code)) in deviations() {
        assert!(rows.iter().any(|row| row.tag == tag && row.code == code), "{tag} {code}");
    }
}

/// The search must be able to find something.
#[test]
fn a_survivor_is_found() {
    let node = plant(Tag(0x0010, 0x4000), VR::LT, 0);
    for form in Form::named("explicit implicit big") {
        assert!(survives(&node, form, &file(std::slice::from_ref(&node), form)));
    }
    let doubles = plant(Tag(0x0018, 0x602C), VR::FD, 1);
    for form in Form::named("explicit big") {
        assert!(survives(&doubles, form, &file(std::slice::from_ref(&doubles), form)));
    }
}
