//! Values planted in a Data Set, one for each row of PS3.15 Table E.1-1: at top level, two Sequences deep, and in a
//! Sequence that is encoded as UN.

#![allow(dead_code, unreachable_pub, reason = "every test uses a part of it")]

use crate::support::{Form, KEY, Node, Value, data_set, dictionary_vr, tag, trim};
use dicom_core::{Tag, VR};
use lethe::Pseudonymizer;
use std::path::Path;

/// Sequences that the presets keep, in which values are planted.
pub const OUTER: [(Tag, VR); 2] = [(Tag(0x5200, 0x9229), VR::SQ), (Tag(0x5200, 0x9230), VR::UN)];
pub const INNER: Tag = Tag(0x0028, 0x9110);

/// A row: the Attribute that stands for it, the Basic Profile's code, and those of the Options.
pub struct Row {
    pub address: String,
    pub tag: Tag,
    pub code: String,
    /// One character for each of the table's columns; `.` where there is none.
    pub options: String,
}

pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A table of the Standard as the tests have it, which is no part of the program: cells by line.
pub fn standard(name: &str) -> Vec<Vec<String>> {
    let path = root().join("tests/standard").join(name);
    let text = std::fs::read_to_string(path).expect("a table of tests/standard");
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| line.split('\t').map(str::to_owned).collect()).collect()
}

/// The rows of Table E.1-1.
pub fn rows() -> Vec<Row> {
    let row = |cells: Vec<String>| {
        let [address, code, options, ..] = &cells[..] else { panic!("a row of Table E.1-1: {cells:?}") };
        Row { tag: example(address), address: address.clone(), code: code.clone(), options: options.clone() }
    };
    standard("table_e1_1.tsv").into_iter().map(row).collect()
}

/// An Attribute that a row stands for.
fn example(address: &str) -> Tag {
    match address {
        "gggg,eeee" => Tag(0x0009, 0x1001),
        "50xx,xxxx" => Tag(0x5004, 0x0030),
        _ => tag(&format!("({})", address.replace("xx", "06"))),
    }
}

/// A value that is legal for the VR and tells which row and place it comes from.
pub fn plant(tag: Tag, vr: VR, place: usize) -> Node {
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
pub fn planted_item(id: u32, place: usize) -> Vec<Node> {
    vec![
        Node::text(Tag(0x0008, 0x1155), VR::UI, &format!("1.2.840.99999.{id}.{place}")),
        Node::text(Tag(0x0010, 0x4000), VR::LT, &format!("PLANT{id:08X}{place}")),
        Node::text(Tag(0x0018, 0x0050), VR::DS, "1.5"),
    ]
}

pub fn sorted(mut nodes: Vec<Node>) -> Vec<Node> {
    nodes.sort_by_key(|node| node.tag);
    nodes.dedup_by_key(|node| node.tag);
    nodes
}

/// The element with what must stand beside it.
pub fn with_company(node: Node) -> Vec<Node> {
    let mut nodes = vec![node.clone()];
    if node.tag.group() % 2 == 1 {
        nodes.push(Node::text(Tag(node.tag.group(), 0x0010), VR::LO, "ACME"));
    }
    nodes
}

/// A Data Set with the Attribute in three places.
pub fn planted(tag: Tag) -> Vec<Node> {
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

pub fn find(nodes: &[Node], tag: Tag) -> Option<&Node> {
    nodes.iter().find(|node| node.tag == tag)
}

pub fn items(node: Option<&Node>) -> &[Vec<Node>] {
    match node.map(|node| &node.value) {
        Some(Value::Items(items)) => items,
        other => panic!("no Sequence: {other:?}"),
    }
}

/// The elements among which the value was planted.
pub fn places(nodes: &[Node]) -> [&[Node]; 3] {
    let nested = |outer| items(find(&items(find(nodes, outer))[0], INNER))[0].as_slice();
    [nodes, nested(OUTER[0].0), nested(OUTER[1].0)]
}

pub fn pseudonym(uid: &[u8]) -> String {
    Pseudonymizer::new(KEY).uid(std::str::from_utf8(uid).expect("a UID is ASCII"))
}

/// Whether the value's bytes stand anywhere in the output; two bytes can stand there by chance.
pub fn survives(node: &Node, form: Form, output: &[u8]) -> bool {
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
