//! Every row of PS3.15 Table E.1-1 under the preset `default`: a value is planted at top level, two Sequences deep, and
//! in a Sequence that is encoded as UN. What must become of it is worked out here, from the table and from the
//! deviations that docs/DEFAULT-PRESET.md lists.

#![allow(clippy::print_stdout, reason = "what ran is counted by whoever runs the tests")]

mod support;

use dicom_core::{Tag, VR};
use lethe::Pseudonymizer;
use std::collections::BTreeMap;
use std::path::Path;
use support::{Form, KEY, Node, Value, body, data_set, dictionary_vr, engine, file, read, run, tag, trim};

/// Fewer rows than this means that the table was not read.
const FLOOR_ROWS: usize = 640;

/// Sequences that `default` keeps, in which values are planted.
const OUTER: [(Tag, VR); 2] = [(Tag(0x5200, 0x9229), VR::SQ), (Tag(0x5200, 0x9230), VR::UN)];
const INNER: Tag = Tag(0x0028, 0x9110);

/// A row: the Attribute that stands for it, and the Basic Profile's code.
struct Row {
    address: String,
    tag: Tag,
    code: String,
}

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

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The table as another program collected it, where it lies beside the project, else the project's own.
fn rows() -> Vec<Row> {
    let collected = std::fs::read_to_string(root().join("../shared/standard/ps3_15_table_e1_1.tsv"));
    let rows: Vec<(String, String)> = match &collected {
        Ok(text) => {
            let lines = text.lines().filter(|line| !line.starts_with('#')).skip(1);
            lines.map(|line| line.split('\t').collect()).map(|c: Vec<&str>| (c[0].into(), c[2].into())).collect()
        }
        Err(_) => lethe::profile::rows().iter().map(|row| (row.address.into(), row.basic.into())).collect(),
    };
    rows.into_iter().map(|(address, code)| Row { tag: example(&address), address, code }).collect()
}

/// An Attribute that a row stands for.
fn example(address: &str) -> Tag {
    match address {
        "gggg,eeee" => Tag(0x0009, 0x1001),
        "50xx,xxxx" => Tag(0x5004, 0x0030),
        _ => tag(&format!("({})", address.replace("xx", "06"))),
    }
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

/// A value that is legal for the VR and tells which row and place it comes from.
fn plant(tag: Tag, vr: VR, place: usize) -> Node {
    let id = u32::from(tag.group()) << 16 | u32::from(tag.element());
    let text = match vr {
        VR::DA => format!("19770{}17", place + 3),
        VR::DT => format!("19770{}17123456.789", place + 3),
        VR::TM => format!("12345{place}.777"),
        VR::AS => format!("07{place}Y"),
        VR::DS => format!("77.0{place}1234"),
        VR::IS => format!("77{place}1234"),
        VR::UI => format!("1.2.840.99999.{id}.{place}"),
        VR::UR => format!("http://planted.example/{id:08X}{place}"),
        VR::US | VR::SS => (23_100 + place).to_string(),
        VR::UL | VR::SL | VR::SV | VR::UV => (1_515_870_000 + place).to_string(),
        VR::FL | VR::FD => format!("77.{place}125"),
        VR::AT => "(5A5A,5B5B)".to_owned(),
        VR::SQ => return Node::items(tag, vr, vec![planted_item(id, place)]),
        VR::OB | VR::OW | VR::OF | VR::OD | VR::OL | VR::OV | VR::UN => {
            return Node::bytes(tag, vr, format!("PLANT{id:08X}{place}**").as_bytes());
        }
        _ => format!("PLANT{id:08X}{place}"),
    };
    Node::text(tag, vr, &text)
}

/// What stands in a planted Sequence: a comment, which goes; a reference, which is mapped; a number, which stays.
fn planted_item(id: u32, place: usize) -> Vec<Node> {
    vec![
        Node::text(Tag(0x0008, 0x1155), VR::UI, &format!("1.2.840.99999.{id}.{place}")),
        Node::text(Tag(0x0010, 0x4000), VR::LT, &format!("PLANT{id:08X}{place}")),
        Node::text(Tag(0x0018, 0x0050), VR::DS, "1.5"),
    ]
}

fn sorted(mut nodes: Vec<Node>) -> Vec<Node> {
    nodes.sort_by_key(|node| node.tag);
    nodes.dedup_by_key(|node| node.tag);
    nodes
}

/// The element with what must stand beside it.
fn with_company(node: Node) -> Vec<Node> {
    let mut nodes = vec![node.clone()];
    if node.tag.group() % 2 == 1 {
        nodes.push(Node::text(Tag(node.tag.group(), 0x0010), VR::LO, "ACME"));
    }
    nodes
}

/// A Data Set with the Attribute in three places.
fn planted(tag: Tag) -> Vec<Node> {
    let vr = if tag.group() % 2 == 1 { VR::LO } else { dictionary_vr(tag) };
    let mut nodes = vec![Node::text(Tag(0x0008, 0x0060), VR::CS, "OT")];
    // A Data Set with these groups at top level is a command or a DICOMDIR; nested they are what they are.
    if !matches!(tag.group(), 0x0000 | 0x0004) {
        nodes.extend(with_company(plant(tag, vr, 0)));
    }
    for (place, (outer, outer_vr)) in OUTER.into_iter().enumerate() {
        let mut inside = with_company(plant(tag, vr, place + 1));
        inside.push(Node::text(Tag(0x0028, 0x0030), VR::DS, "0.5\\0.5"));
        let inner = Node::items(INNER, VR::SQ, vec![sorted(inside)]);
        nodes.push(Node::items(outer, outer_vr, vec![vec![inner]]));
    }
    sorted(nodes)
}

fn find(nodes: &[Node], tag: Tag) -> Option<&Node> {
    nodes.iter().find(|node| node.tag == tag)
}

fn items(node: Option<&Node>) -> &[Vec<Node>] {
    match node.map(|node| &node.value) {
        Some(Value::Items(items)) => items,
        other => panic!("no Sequence: {other:?}"),
    }
}

/// The elements among which the value was planted.
fn places(nodes: &[Node]) -> [&[Node]; 3] {
    let nested = |outer| items(find(&items(find(nodes, outer))[0], INNER))[0].as_slice();
    [nodes, nested(OUTER[0].0), nested(OUTER[1].0)]
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

fn pseudonym(uid: &[u8]) -> String {
    Pseudonymizer::new(KEY).uid(std::str::from_utf8(uid).expect("a UID is ASCII"))
}

/// Whether the value's bytes stand anywhere in the output; two bytes can stand there by chance.
fn survives(node: &Node, form: Form, output: &[u8]) -> bool {
    match &node.value {
        Value::Items(items) => items.iter().flatten().filter(|n| n.vr != VR::DS).any(|n| survives(n, form, output)),
        _ => {
            let header = data_set(&[Node::bytes(node.tag, node.vr, b"")], form).len();
            let bytes = data_set(std::slice::from_ref(node), form);
            let value = trim(&bytes[header..]);
            value.len() > 3 && output.windows(value.len()).any(|window| window == value)
        }
    }
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
