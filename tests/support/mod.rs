//! Data Sets as readable text: parsed, written in any encoding, and held against what a second reader reads.
//!
//! ```text
//! (0010,0010) PN Doe^John
//! (0028,0010) US 512\16
//! (0011,1001) OB hex: 00 01 FF
//! (0008,1030) LO repeat: 700 the same\\
//! (0040,0275) SQ
//!   -
//!     (0040,0007) LO \x8A is a byte, \ before anything else separates values
//! (0040,0275) UN
//!   -
//!     (0040,0007) LO a Sequence whose VR says UN: what is in it is Implicit VR Little Endian
//! ```

#![allow(dead_code, unreachable_pub, unused_imports, reason = "every test uses a part of it")]

pub mod engine;
pub mod properties;

pub use engine::{KEY, NOW, Random, assemble, engine, engine_with, run};

use dicom_core::{Tag, VR};
use dicom_object::InMemDicomObject;
use std::io::{Read, Write};

const UNDEFINED: u32 = 0xFFFF_FFFF;
const ITEM: Tag = Tag(0xFFFE, 0xE000);
const ITEM_END: Tag = Tag(0xFFFE, 0xE00D);
const SEQUENCE_END: Tag = Tag(0xFFFE, 0xE0DD);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    Explicit,
    Implicit,
    Big,
}

/// How a Data Set is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Form {
    pub encoding: Encoding,
    pub deflated: bool,
    /// Sequences and Items have undefined length.
    pub undefined: bool,
}

impl Form {
    pub const EXPLICIT: Form = Form { encoding: Encoding::Explicit, deflated: false, undefined: false };

    /// The forms of some encodings, each with defined and with undefined lengths.
    pub fn named(names: &str) -> Vec<Form> {
        let form = |name, undefined| match name {
            "explicit" => Form { undefined, ..Form::EXPLICIT },
            "implicit" => Form { encoding: Encoding::Implicit, undefined, ..Form::EXPLICIT },
            "big" => Form { encoding: Encoding::Big, undefined, ..Form::EXPLICIT },
            "deflated" => Form { deflated: true, undefined, ..Form::EXPLICIT },
            other => panic!("no such encoding: {other}"),
        };
        names.split_whitespace().flat_map(|name| [form(name, false), form(name, true)]).collect()
    }

    pub fn all() -> Vec<Form> {
        Form::named("explicit implicit big deflated")
    }

    pub fn transfer_syntax(self) -> &'static str {
        match (self.encoding, self.deflated) {
            (_, true) => "1.2.840.10008.1.2.1.99",
            (Encoding::Explicit, _) => "1.2.840.10008.1.2.1",
            (Encoding::Implicit, _) => "1.2.840.10008.1.2",
            (Encoding::Big, _) => "1.2.840.10008.1.2.2",
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// As it stands in the file, but for padding.
    Bytes(Vec<u8>),
    /// Binary numbers in the order of bytes of the file, each with its size.
    Numbers(Vec<u64>, usize),
    Items(Vec<Vec<Node>>),
}

/// A Data Element.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    pub tag: Tag,
    pub vr: VR,
    pub value: Value,
}

impl Node {
    pub fn text(tag: Tag, vr: VR, text: &str) -> Node {
        Node { tag, vr, value: value(vr, text) }
    }

    pub fn bytes(tag: Tag, vr: VR, bytes: &[u8]) -> Node {
        Node { tag, vr, value: Value::Bytes(bytes.to_vec()) }
    }

    pub fn items(tag: Tag, vr: VR, items: Vec<Vec<Node>>) -> Node {
        Node { tag, vr, value: Value::Items(items) }
    }

    /// Without the padding at the end.
    pub fn trimmed(&self) -> Vec<u8> {
        match &self.value {
            Value::Bytes(bytes) => trim(bytes).to_vec(),
            other => panic!("{other:?} is no text"),
        }
    }
}

pub fn trim(bytes: &[u8]) -> &[u8] {
    let end = bytes.iter().rposition(|b| !matches!(b, b' ' | 0)).map_or(0, |last| last + 1);
    &bytes[..end]
}

// --- text → Data Set ----------------------------------------------------------------------------

/// Reads the text form.
pub fn parse(text: &str) -> Vec<Node> {
    let lines: Vec<(usize, &str)> = text
        .lines()
        .filter(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#'))
        .map(|line| (line.len() - line.trim_start().len(), line.trim_start()))
        .collect();
    let mut at = 0;
    let nodes = elements(&lines, &mut at, 0);
    assert_eq!(at, lines.len(), "indentation: {:?}", lines.get(at));
    nodes
}

fn elements(lines: &[(usize, &str)], at: &mut usize, indent: usize) -> Vec<Node> {
    let mut nodes = Vec::new();
    while let Some((_, line)) = lines.get(*at).filter(|(own, line)| *own == indent && *line != "-") {
        *at += 1;
        let (tag, vr, text) = element(line);
        let items = items(lines, at, indent);
        let is_sequence = vr == VR::SQ || !items.is_empty();
        let value = if is_sequence && text.is_empty() { Value::Items(items) } else { value(vr, text) };
        nodes.push(Node { tag, vr, value });
    }
    nodes
}

fn items(lines: &[(usize, &str)], at: &mut usize, indent: usize) -> Vec<Vec<Node>> {
    let mut items = Vec::new();
    while lines.get(*at).is_some_and(|(own, line)| *own > indent && *line == "-") {
        *at += 1;
        let inner = lines.get(*at).map_or(0, |(own, _)| *own);
        items.push(if inner > indent + 2 { elements(lines, at, inner) } else { Vec::new() });
    }
    items
}

fn element(line: &str) -> (Tag, VR, &str) {
    let (tag, rest) = line.split_once(' ').unwrap_or_else(|| panic!("an element is a tag and a VR: {line}"));
    let (vr, text) = rest.split_once(' ').unwrap_or((rest, ""));
    (self::tag(tag), vr.parse().unwrap_or_else(|_| panic!("no VR: {line}")), text)
}

/// `(gggg,eeee)`.
pub fn tag(text: &str) -> Tag {
    let number = |range| u16::from_str_radix(&text[range], 16).unwrap_or_else(|_| panic!("no tag: {text}"));
    Tag(number(1..5), number(6..10))
}

fn value(vr: VR, text: &str) -> Value {
    if let Some(hex) = text.strip_prefix("hex:") {
        let byte = |pair: &str| u8::from_str_radix(pair, 16).expect("pairs of hexadecimal digits");
        return Value::Bytes(hex.split_whitespace().map(byte).collect());
    }
    let integers = |size| Value::Numbers(parts(text).map(|part| part.parse::<i128>().unwrap() as u64).collect(), size);
    match vr {
        VR::US | VR::SS => integers(2),
        VR::UL | VR::SL => integers(4),
        VR::UV | VR::SV => integers(8),
        VR::FL => Value::Numbers(parts(text).map(|part| part.parse::<f32>().unwrap().to_bits().into()).collect(), 4),
        VR::FD => Value::Numbers(parts(text).map(|part| part.parse::<f64>().unwrap().to_bits()).collect(), 8),
        // Two numbers of 16 bits each.
        VR::AT => {
            let halves = parts(text).map(self::tag).flat_map(|tag| [tag.0.into(), tag.1.into()]);
            Value::Numbers(halves.collect(), 2)
        }
        _ => match text.strip_prefix("repeat: ").and_then(|rest| rest.split_once(' ')) {
            Some((count, text)) => Value::Bytes(unescape(text).repeat(count.parse().expect("a number"))),
            None => Value::Bytes(unescape(text)),
        },
    }
}

fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split('\\').filter(|part| !part.is_empty())
}

/// `\xHH` is a byte; any other backslash is one.
fn unescape(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\\x") {
        bytes.extend_from_slice(before.as_bytes());
        bytes.push(u8::from_str_radix(&after[..2], 16).expect("two hexadecimal digits after \\x"));
        rest = &after[2..];
    }
    bytes.extend_from_slice(rest.as_bytes());
    bytes
}

// --- Data Set → bytes ---------------------------------------------------------------------------

/// A whole file: preamble, File Meta Information, Data Set.
pub fn file(nodes: &[Node], form: Form) -> Vec<u8> {
    let find = |tag| nodes.iter().find(|node| node.tag == tag).map_or(b"1.2.3".to_vec(), Node::trimmed);
    let meta = [
        Node::bytes(Tag(2, 1), VR::OB, &[0, 1]),
        Node::bytes(Tag(2, 2), VR::UI, &find(Tag(8, 0x16))),
        Node::bytes(Tag(2, 3), VR::UI, &find(Tag(8, 0x18))),
        Node::text(Tag(2, 0x10), VR::UI, form.transfer_syntax()),
        Node::text(Tag(2, 0x12), VR::UI, "1.2.3.4"),
        Node::text(Tag(2, 0x16), VR::AE, "ORIGINAL_AE"),
    ];
    let meta = data_set(&meta, Form::EXPLICIT);
    let mut out = b"preamble".to_vec();
    out.resize(128, b'!');
    out.extend(b"DICM");
    out.extend(data_set(&[Node::text(Tag(2, 0), VR::UL, &meta.len().to_string())], Form::EXPLICIT));
    out.extend(meta);
    let data = data_set(nodes, form);
    out.extend(if form.deflated { deflate(&data) } else { data });
    out
}

/// A Data Set (before it is deflated).
pub fn data_set(nodes: &[Node], form: Form) -> Vec<u8> {
    let mut out = Vec::new();
    nodes.iter().for_each(|node| write(node, form, &mut out));
    out
}

fn write(node: &Node, form: Form, out: &mut Vec<u8>) {
    match &node.value {
        Value::Items(items) => write_items(node, items, form, out),
        Value::Bytes(bytes) => {
            let mut bytes = bytes.clone();
            if bytes.len() % 2 == 1 {
                bytes.push(padding(node.vr));
            }
            header(node.tag, node.vr, bytes.len() as u32, form, out);
            out.extend(bytes);
        }
        Value::Numbers(numbers, size) => {
            header(node.tag, node.vr, (numbers.len() * size) as u32, form, out);
            for number in numbers {
                let little = number.to_le_bytes();
                let bytes = little[..*size].iter();
                if form.encoding == Encoding::Big { out.extend(bytes.rev()) } else { out.extend(bytes) }
            }
        }
    }
}

fn write_items(node: &Node, items: &[Vec<Node>], form: Form, out: &mut Vec<u8>) {
    // PS3.5 6.2.2: what is in a Sequence whose VR says UN is Implicit VR Little Endian.
    let inner = if node.vr == VR::UN { Form { encoding: Encoding::Implicit, ..form } } else { form };
    let undefined = form.undefined && !items.is_empty();
    let mut body = Vec::new();
    for item in items {
        let content = data_set(item, inner);
        mark(ITEM, if undefined { UNDEFINED } else { content.len() as u32 }, inner, &mut body);
        body.extend(content);
        if undefined {
            mark(ITEM_END, 0, inner, &mut body);
        }
    }
    header(node.tag, node.vr, if undefined { UNDEFINED } else { body.len() as u32 }, form, out);
    out.extend(body);
    if undefined {
        mark(SEQUENCE_END, 0, inner, out);
    }
}

/// Items and delimiters have no VR in any encoding.
fn mark(tag: Tag, length: u32, form: Form, out: &mut Vec<u8>) {
    number(tag.0.into(), 2, form, out);
    number(tag.1.into(), 2, form, out);
    number(length.into(), 4, form, out);
}

fn header(tag: Tag, vr: VR, length: u32, form: Form, out: &mut Vec<u8>) {
    if form.encoding == Encoding::Implicit {
        return mark(tag, length, form, out);
    }
    number(tag.0.into(), 2, form, out);
    number(tag.1.into(), 2, form, out);
    out.extend(vr.to_bytes());
    use VR::*;
    if matches!(vr, OB | OD | OF | OL | OV | OW | SQ | SV | UC | UN | UR | UT | UV) {
        out.extend([0, 0]);
        number(length.into(), 4, form, out);
    } else {
        number(u16::try_from(length).expect("at most 65535 bytes").into(), 2, form, out);
    }
}

fn number(value: u64, size: usize, form: Form, out: &mut Vec<u8>) {
    let little = value.to_le_bytes();
    let bytes = little[..size].iter();
    if form.encoding == Encoding::Big { out.extend(bytes.rev()) } else { out.extend(bytes) }
}

fn padding(vr: VR) -> u8 {
    use VR::*;
    if matches!(vr, AE | AS | CS | DA | DS | DT | IS | LO | LT | PN | SH | ST | TM | UC | UR | UT) { b' ' } else { 0 }
}

fn deflate(data: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(data).expect("memory can be written");
    let mut stream = encoder.finish().expect("memory can be written");
    if stream.len() % 2 == 1 {
        stream.push(0);
    }
    stream
}

// --- outputs ------------------------------------------------------------------------------------

/// The Data Set of an output, inflated; checks what stands before it.
pub fn body(output: &[u8], form: Form) -> Vec<u8> {
    assert!(output.starts_with(&[0; 128]) && &output[128..132] == b"DICM");
    assert_eq!(output[132..140], [2, 0, 0, 0, b'U', b'L', 4, 0]);
    let length = u32::from_le_bytes(output[140..144].try_into().expect("four bytes")) as usize;
    let data = &output[144 + length..];
    if !form.deflated {
        return data.to_vec();
    }
    let mut inflated = Vec::new();
    flate2::read::DeflateDecoder::new(data).read_to_end(&mut inflated).expect("the output's stream inflates");
    inflated
}

// --- the second reader --------------------------------------------------------------------------

/// Whether dicom-object can read the form: it takes what is in UN of undefined length for Explicit VR.
pub fn is_readable(nodes: &[Node], form: Form) -> bool {
    let explicit = form.encoding != Encoding::Implicit;
    !nodes.iter().any(|node| match &node.value {
        Value::Items(items) if node.vr == VR::UN => explicit && form.undefined && !items.is_empty(),
        Value::Items(items) => items.iter().any(|item| !is_readable(item, form)),
        _ => false,
    })
}

/// Holds what dicom-object reads against what is expected; returns the number of values compared.
pub fn compare(object: &InMemDicomObject, expected: &[Node], form: Form) -> usize {
    let tags = |nodes: &[Node]| nodes.iter().map(|node| node.tag).collect::<Vec<_>>();
    assert_eq!(object.tags().collect::<Vec<_>>(), tags(expected));
    expected.iter().map(|node| compare_element(object, node, form)).sum()
}

fn compare_element(object: &InMemDicomObject, node: &Node, form: Form) -> usize {
    let element = object.element(node.tag).expect("the element is there");
    let explicit = form.encoding != Encoding::Implicit;
    match (&node.value, element.items()) {
        (Value::Items(items), Some(found)) => {
            assert_eq!(found.len(), items.len(), "{}", node.tag);
            items.iter().zip(found).map(|(item, found)| compare(found, item, form)).sum()
        }
        // A Sequence in UN of defined length: bytes to this reader.
        (Value::Items(_), None) => 0,
        (Value::Bytes(_) | Value::Numbers(..), _) => {
            if explicit {
                assert_eq!(element.vr(), node.vr, "{}", node.tag);
            }
            let raw = data_set(std::slice::from_ref(node), Form { encoding: Encoding::Implicit, ..Form::EXPLICIT });
            // It decodes text, and swaps words: both are held byte by byte elsewhere.
            let text = padding(node.vr) == b' ' || node.vr == VR::UI;
            let swapped = form.encoding == Encoding::Big && !text;
            // Tags are text to this reader.
            if node.vr == VR::AT {
                return 0;
            }
            if matches!(node.value, Value::Bytes(_)) && (swapped || !raw.is_ascii()) {
                return 0;
            }
            let found = element.to_bytes().expect("a primitive value");
            assert_eq!(trim(&found), trim(&raw[8..]), "{}", node.tag);
            1
        }
    }
}

// --- a reader -----------------------------------------------------------------------------------

/// Reads a Data Set, which must be well-formed to the last byte. Numbers come out as bytes; what the dictionary knows
/// as a Sequence is read as one in UN, too.
pub fn read(bytes: &[u8], form: Form) -> Vec<Node> {
    let mut reader = Reader { bytes, at: 0 };
    let nodes = reader.elements(form, bytes.len(), false);
    assert_eq!(reader.at, bytes.len(), "bytes behind the Data Set");
    nodes
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn take(&mut self, count: usize) -> &[u8] {
        let taken = &self.bytes[self.at..self.at + count];
        self.at += count;
        taken
    }

    fn number(&mut self, size: usize, form: Form) -> usize {
        let big = form.encoding == Encoding::Big;
        let bytes = self.take(size);
        let add = |number: usize, byte: &u8| number << 8 | usize::from(*byte);
        if big { bytes.iter().fold(0, add) } else { bytes.iter().rev().fold(0, add) }
    }

    fn tag(&mut self, form: Form) -> Tag {
        let group = self.number(2, form) as u16;
        Tag(group, self.number(2, form) as u16)
    }

    fn elements(&mut self, form: Form, end: usize, delimited: bool) -> Vec<Node> {
        let mut nodes: Vec<Node> = Vec::new();
        while self.at < end {
            let tag = self.tag(form);
            if tag == ITEM_END && delimited {
                assert_eq!(self.number(4, form), 0);
                return nodes;
            }
            assert!(nodes.last().is_none_or(|last| last.tag < tag), "{tag} is out of order");
            nodes.push(self.element(tag, form));
        }
        assert!(!delimited && self.at == end, "an Item ends at {} instead of {end}", self.at);
        nodes
    }

    fn element(&mut self, tag: Tag, form: Form) -> Node {
        let known = dictionary_vr(tag);
        let (vr, length) = if form.encoding == Encoding::Implicit {
            (known, self.number(4, form))
        } else {
            let vr: VR = std::str::from_utf8(self.take(2)).unwrap().parse().expect("a VR");
            let mut long = Vec::new();
            header(tag, vr, 0, form, &mut long);
            if long.len() == 12 {
                assert_eq!(self.take(2), [0, 0]);
                (vr, self.number(4, form))
            } else {
                (vr, self.number(2, form))
            }
        };
        let undefined = length == UNDEFINED as usize;
        let is_sequence = vr == VR::SQ || (vr == VR::UN && (undefined || known == VR::SQ));
        let value = if is_sequence {
            let inner = if vr == VR::UN { Form { encoding: Encoding::Implicit, ..form } } else { form };
            Value::Items(self.items(inner, if undefined { None } else { Some(self.at + length) }))
        } else {
            assert_eq!(length % 2, 0, "{tag} has an odd length");
            Value::Bytes(self.take(length).to_vec())
        };
        Node { tag, vr, value }
    }

    fn items(&mut self, form: Form, end: Option<usize>) -> Vec<Vec<Node>> {
        let mut items = Vec::new();
        while end != Some(self.at) {
            let (tag, length) = (self.tag(form), self.number(4, form));
            if tag == SEQUENCE_END && end.is_none() {
                assert_eq!(length, 0);
                break;
            }
            assert_eq!(tag, ITEM, "in a Sequence");
            let undefined = length == UNDEFINED as usize;
            let limit = if undefined { self.bytes.len() } else { self.at + length };
            items.push(self.elements(form, limit, undefined));
        }
        items
    }
}

/// The VR of an Attribute in the data dictionary.
pub fn dictionary_vr(tag: Tag) -> VR {
    use dicom_core::dictionary::{DataDictionary, DataDictionaryEntry};
    let entry = dicom_dictionary_std::StandardDataDictionary.by_tag(tag);
    entry.map_or(VR::UN, |entry| entry.vr().relaxed())
}
