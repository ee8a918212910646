//! What Retain Safe Private keeps, in plans, in files made here and in real ones.

use super::*;
use crate::element::DataSet;
use crate::profile::safe_private;
use crate::{DateTime, Deidentifier, Error, Session, Walker};
use std::path::{Path, PathBuf};

/// The Option alone, with entries.
fn plan(entries: &str) -> Plan {
    let settings =
        format!(r#"{{ "general": {{ "preset": "ps3.15", "profile_options": ["retain_safe_private"]{entries} }} }}"#);
    Plan::compile(&Config::parse(&settings).unwrap(), None).unwrap()
}

fn run(plan: &Plan, file: &[u8]) -> Result<(Vec<u8>, crate::FileReport), Error> {
    let engine = Deidentifier::new(plan.clone(), [7; 32], DateTime::parse("20260517101530123").unwrap());
    let mut session = Session::new(&engine, file.len() as u64);
    let mut out = Vec::new();
    while let Some(want) = session.want() {
        session.feed(want.start, &file[want.start as usize..])?;
        out.extend(session.take());
    }
    let rewrite = session.finish()?;
    for part in &rewrite.parts {
        match part {
            crate::Part::Source(range) => out.extend(&file[range.start as usize..range.end as usize]),
            crate::Part::Bytes(bytes) => out.extend(bytes),
            crate::Part::Fill { byte, len } => out.resize(out.len() + *len as usize, *byte),
        }
    }
    Ok((out, rewrite.report))
}

fn index(file: &[u8]) -> Result<DataSet, Error> {
    let mut walker = Walker::new(file.len() as u64);
    while let Some(want) = walker.want() {
        walker.feed(want.start, &file[want.start as usize..])?;
    }
    walker.finish()
}

/// A private element: where it stands (without indices), its creator, the last digits of its tag, its value.
type Private = (String, String, u8, Option<Vec<u8>>);

/// Every private element but creators; those of an output must all have an element.
fn private(data_set: &DataSet) -> Vec<Private> {
    let mut found = Vec::new();
    for (at, element) in data_set.elements().iter().enumerate().filter(|(_, e)| e.tag.0 & 1 == 1) {
        let parent = data_set.path(at).rsplit_once('.').map_or(String::new(), |(parent, _)| parent.to_owned());
        let (group, number) = (element.tag.0, element.tag.1);
        let beside = |number| data_set.child(element.parent, Tag(group, number)).map(|(_, e)| e);
        if let 0x10..=0xFF = number {
            continue;
        }
        let creator = beside(number >> 8).and_then(|creator| data_set.value(creator)).unwrap_or_default();
        let creator = String::from_utf8_lossy(crate::value::trim(creator)).into_owned();
        let value = data_set.value(element).filter(|_| !element.is_sequence());
        found.push((format!("{parent} {group:04x}"), creator, number as u8, value.map(<[u8]>::to_vec)));
    }
    found
}

/// The paths of Private Creators without an element in their block.
fn orphans(data_set: &DataSet) -> Vec<String> {
    let is_creator = |tag: Tag| tag.0 & 1 == 1 && (0x10..=0xFF).contains(&tag.1);
    let creators = data_set.elements().iter().enumerate().filter(|(_, element)| is_creator(element.tag));
    let used = |parent, tag: Tag| data_set.children(parent).any(|(_, e)| (e.tag.0, e.tag.1 >> 8) == (tag.0, tag.1));
    creators.filter(|(_, e)| !used(e.parent, e.tag)).map(|(at, _)| data_set.path(at)).collect()
}

fn is_listed((place, creator, element, _): &Private) -> bool {
    let group = u16::from_str_radix(place.rsplit(' ').next().unwrap(), 16).unwrap();
    safe_private().iter().any(|row| (row.group, row.creator, row.element) == (group, creator.as_str(), *element))
}

#[test]
fn every_row_is_a_rule_with_its_source() {
    let plan = plan("");
    let mut rules = 0;
    for row in safe_private() {
        for block in [0x10, 0x7F, 0xFF] {
            let tag = Tag(row.group, block << 8 | u16::from(row.element));
            let decision = plan.decide(Attribute { tag, creator: Some(row.creator) });
            match row.vr {
                None => assert_eq!(decision.action, &Action::Remove, "{row}"),
                Some(VR::UI) => assert_eq!(decision.action, &Action::Uid, "{row}"),
                Some(vr) => assert_eq!(decision.action, &Action::KeepAs(vr), "{row}"),
            }
            if row.vr.is_some() {
                assert_eq!(decision.because.to_string(), row.to_string());
                rules += 1;
            }
            for creator in [None, Some("OTHER"), Some(&row.creator[1..])] {
                assert_eq!(plan.decide(Attribute { tag, creator }).action, &Action::Remove, "{row}");
            }
        }
    }
    assert_eq!(rules, 3 * 461);
    assert!(Plan::compile(&Config::default(), None).unwrap().layers.iter().all(|layer| layer.rules().is_empty()));
    let because = plan.decide(Attribute { tag: Tag(0x0019, 0x110C), creator: Some("SIEMENS MR HEADER") }).because;
    assert_eq!(because.to_string(), "PS3.15 2025b Table E.3.10-1 (0019,\"SIEMENS MR HEADER\",0c)");
}

#[test]
fn entries_go_before_the_table() {
    let plan = plan(r#", "(0019,\"SIEMENS MR HEADER\",0c)": "remove", "(0019,100d)": "clear""#);
    let action = |tag| plan.decide(Attribute { tag, creator: Some("SIEMENS MR HEADER") }).action;
    assert_eq!(action(Tag(0x0019, 0x100C)), &Action::Remove);
    assert_eq!(action(Tag(0x0019, 0x100D)), &Action::Clear);
    assert_eq!(action(Tag(0x0019, 0x100E)), &Action::KeepAs(VR::FD));
}

#[test]
fn explain_lists_every_row() {
    let rules = plan("").explain();
    let listed = rules.iter().filter(|rule| rule.because.contains("Table E.3.10-1"));
    assert_eq!(listed.clone().count(), 461);
    let b_value = listed.clone().find(|rule| rule.address == "(0019,\"SIEMENS MR HEADER\",0C)").unwrap();
    assert_eq!((b_value.action.as_str(), b_value.vr.as_str()), ("keep", "IS"));
}

// --- files made here ------------------------------------------------------------------------------------------------

/// An element in Implicit VR Little Endian, of undefined length if it has Items.
fn implicit(group: u16, element: u16, value: &[u8]) -> Vec<u8> {
    let mut value = value.to_vec();
    value.resize(value.len().next_multiple_of(2), b' ');
    let length = if value.starts_with(&[0xFE, 0xFF, 0, 0xE0]) { u32::MAX } else { value.len() as u32 };
    [&group.to_le_bytes()[..], &element.to_le_bytes(), &length.to_le_bytes(), &value].concat()
}

fn item(elements: &[Vec<u8>]) -> Vec<u8> {
    let end = [0xFE, 0xFF, 0x0D, 0xE0, 0, 0, 0, 0, 0xFE, 0xFF, 0xDD, 0xE0, 0, 0, 0, 0];
    [&[0xFE, 0xFF, 0, 0xE0, 0xFF, 0xFF, 0xFF, 0xFF][..], &elements.concat(), &end].concat()
}

fn file(elements: &[Vec<u8>]) -> Vec<u8> {
    let head = crate::meta::head("1.2.840.10008.5.1.4.1.1.4", "1.2.3.4", "1.2.840.10008.1.2");
    [&head[..], &implicit(0x0008, 0x0060, b"MR"), &elements.concat()].concat()
}

fn output(elements: &[Vec<u8>]) -> (Vec<Private>, Vec<u8>, Vec<&'static str>) {
    let (out, report) = run(&plan(""), &file(elements)).unwrap();
    let codes = report.warnings.iter().map(|warning| warning.code).collect();
    let clean = index(&out).unwrap();
    assert_eq!(orphans(&clean), [""; 0]);
    (private(&clean), out, codes)
}

const SIEMENS: &[u8] = b"SIEMENS MR HEADER";

fn kept(place: &str, element: u8, value: &[u8]) -> Private {
    (place.to_owned(), "SIEMENS MR HEADER".to_owned(), element, Some(value.to_vec()))
}

#[test]
fn a_value_without_vr_is_held_against_the_vr_of_the_table() {
    let (found, _, codes) = output(&[
        implicit(0x0019, 0x0010, SIEMENS),
        implicit(0x0019, 0x100C, b"1000"),
        implicit(0x0019, 0x100D, b"Doe, John"),
        implicit(0x0019, 0x100E, &[0; 24]),
        implicit(0x0019, 0x1027, &[0; 12]),
        implicit(0x0019, 0x1028, b"Doe"),
    ]);
    let empty = |element| kept(" 0019", element, b"");
    assert_eq!(found, [kept(" 0019", 0x0C, b"1000"), empty(0x0D), kept(" 0019", 0x0E, &[0; 24]), empty(0x27)]);
    assert_eq!(codes, ["invalid-value", "invalid-value"]);
}

#[test]
fn nested_in_sequences_and_in_un_each_item_has_its_own_creators() {
    let block = |creator: &[u8]| {
        item(&[
            implicit(0x0019, 0x0011, creator),
            implicit(0x0019, 0x110C, b"800"),
            implicit(0x0019, 0x11FF, b"Doe, John"),
        ])
    };
    // (7E01,"HOLOGIC, Inc.",10) is a Sequence in the table, (7E01,xx20) is not in it; in this encoding both are UN.
    let (found, out, _) = output(&[
        implicit(0x0008, 0x1115, &block(SIEMENS)),
        implicit(0x0019, 0x0010, b"OTHER"),
        implicit(0x0019, 0x100C, b"4711"),
        implicit(0x7E01, 0x0010, b"HOLOGIC, Inc."),
        implicit(0x7E01, 0x1010, &block(SIEMENS)),
        implicit(0x7E01, 0x1011, &block(b"SIEMENS MR HEADERS")),
        implicit(0x7E01, 0x1020, &block(SIEMENS)),
    ]);
    let places: Vec<&str> = found.iter().map(|(place, ..)| place.as_str()).collect();
    assert_eq!(places, ["(0008,1115)[0] 0019", " 7e01", "(7E01,1010)[0] 0019", " 7e01"]);
    assert_eq!((found[0].2, found[2].2), (0x0C, 0x0C));
    assert!(!out.windows(3).any(|bytes| bytes == b"Doe") && !out.windows(4).any(|bytes| bytes == b"4711"));
}

#[test]
fn a_sequence_in_place_of_a_value_is_not_copied_and_text_is_searched() {
    let (found, out, codes) = output(&[
        implicit(0x0010, 0x0010, b"Okonkwo^Ada"),
        implicit(0x0019, 0x0010, b"GEMS_ACQU_01"),
        implicit(0x0019, 0x0011, SIEMENS),
        implicit(0x0019, 0x109E, b"EFGRE3D OKONKWO"),
        implicit(0x0019, 0x110C, &item(&[implicit(0x0010, 0x4000, b"Ada")])),
    ]);
    let emptied = (" 0019".to_owned(), "GEMS_ACQU_01".to_owned(), 0x9E, Some(Vec::new()));
    assert_eq!(found, [emptied]);
    assert_eq!(codes, ["identifier-found", "invalid-value"]);
    assert!(!out.windows(6).any(|bytes| bytes == b"SIEMEN"), "a creator without elements");
}

#[test]
fn uids_are_replaced_as_everywhere() {
    let uid = b"1.2.3.4.5\0";
    let (found, out, _) =
        output(&[implicit(0x0020, 0x0052, uid), implicit(0x0099, 0x0010, b"NQHeader"), implicit(0x0099, 0x1002, uid)]);
    let frame = index(&out).unwrap();
    let (_, frame_of_reference) = frame.child(u32::MAX, Tag(0x0020, 0x0052)).unwrap();
    assert!(found[0].3.as_ref().is_some_and(|value| value.starts_with(b"2.25.")));
    assert_eq!(found[0].3.as_deref(), frame.value(frame_of_reference));
}

// --- real files -----------------------------------------------------------------------------------------------------

fn corpus() -> Vec<PathBuf> {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus")];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    files
}

/// Where the corpus lies beside the project: what the table lists comes out byte for byte with its creators, at every
/// depth, and no other private element does.
#[test]
fn in_real_files_what_the_table_lists_stays_and_nothing_else() {
    let retaining = plan("");
    let (mut stayed, mut went, mut vendors) = (0, 0, Vec::new());
    for path in corpus() {
        let file = std::fs::read(&path).unwrap();
        let Ok((out, report)) = run(&retaining, &file) else { continue };
        let Ok(original) = index(&file) else { continue };
        let mut listed = private(&original);
        let all = listed.len();
        let clean = index(&out).unwrap();
        let places: std::collections::HashSet<String> = (0..clean.elements().len()).map(|at| clean.path(at)).collect();
        // What is in a Sequence that goes, goes with it.
        let stands =
            |place: &str| place.starts_with(' ') || places.contains(&format!("{}.", place.split(' ').next().unwrap()));
        listed.retain(|element| is_listed(element) && stands(&element.0));
        let found = private(&clean);
        assert_eq!(orphans(&clean), [""; 0], "{}", path.display());
        went += all - listed.len();
        stayed += found.len();
        let emptied = report.warnings.iter().filter(|w| matches!(w.code, "invalid-value" | "identifier-found")).count();
        assert_eq!(found.len(), listed.len(), "{}", path.display());
        let differ = found.iter().zip(&listed).filter(|(new, old)| new != old && new.3 != Some(Vec::new()));
        // UIDs are new, a Sequence has no bytes to compare.
        assert_eq!(differ.filter(|(new, _)| new.3.is_some()).count(), 0, "{}", path.display());
        let empty = found.iter().zip(&listed).filter(|(new, old)| new.3 != old.3).count();
        assert!(empty <= emptied, "{}", path.display());
        vendors.extend(found.into_iter().map(|(_, creator, ..)| creator));
    }
    if went == 0 {
        return;
    }
    vendors.sort();
    vendors.dedup();
    // The b-values of both are among what stays; no file of the corpus has one of Siemens.
    assert!(
        ["GEMS_PARM_01", "Philips Imaging DD 001"].iter().all(|own| vendors.iter().any(|v| v == own)),
        "{vendors:?}"
    );
    assert!(stayed >= 100 && went >= 1000, "{stayed} stayed, {went} went");
}
