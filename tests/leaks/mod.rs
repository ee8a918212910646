//! Cases of `tests/cases/channels/*.txt`: values planted where identity hides, and what must become of them.
//!
//! ```text
//! == 27 what the case shows         two digits: the channel of the list in docs/SECURITY.md
//! -- expect gone                    gone | refused | refused or gone | flagged CODE, fixed before the test runs
//! -- off { … }                      settings (laid over all-keeping ones) under which the value is found in the output;
//!                                   `input`: nothing switches the defence off, the value is found in the input instead
//! -- settings { … }                 laid over the preset
//! -- shape NAME                     a change of the file's bytes that no Data Set can describe (see shapes.rs)
//! -- only explicit encapsulated     the forms in which the case makes sense; default: all
//! -- flat                           never inside Sequences
//! -- top                            elements that stand at top level, even when the input is nested
//! -- input                          a Data Set (see tests/support)
//! ```
//!
//! In both Data Sets `{KIND LABEL}` is a planted value: the same label is the same value, and no other run has it.

pub mod search;
pub mod shapes;

use crate::common::{Bytes, CT_IMAGE, Syntax};
use crate::support::{Encoding, Form, Node, Value, data_set, parse};
use dicom_core::{Tag, VR};
use std::path::Path;

/// Sequences that the presets keep, in which values are planted.
const OUTER: [(Tag, VR); 2] = [(Tag(0x5200, 0x9229), VR::SQ), (Tag(0x5200, 0x9230), VR::UN)];
const INNER: [Tag; 2] = [Tag(0x0028, 0x9110), Tag(0x0008, 0x1140)];

#[derive(Clone, Debug)]
pub struct Case {
    pub channel: u8,
    pub title: String,
    pub expect: Expect,
    pub off: String,
    pub settings: String,
    pub shape: String,
    pub forms: Vec<Shell>,
    pub flat: bool,
    top: String,
    input: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expect {
    Gone,
    Refused,
    /// Refused, or gone where the preset takes what encloses it.
    RefusedOrGone,
    /// It may stay; a warning of this code says so.
    Flagged(String),
}

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shell {
    pub form: Form,
    pub encapsulated: bool,
}

impl Shell {
    fn named(names: &str) -> Vec<Shell> {
        let shell = |form, encapsulated| Shell { form, encapsulated };
        let named = |name: &str| match name {
            "encapsulated" => [false, true].map(|undefined| shell(Form { undefined, ..Form::EXPLICIT }, true)).to_vec(),
            name => Form::named(name).into_iter().map(|form| shell(form, false)).collect(),
        };
        names.split_whitespace().flat_map(named).collect()
    }

    fn syntax(self) -> Syntax {
        match (self.encapsulated, self.form.deflated, self.form.encoding) {
            (true, ..) => Syntax::Jpeg,
            (_, true, _) => Syntax::Deflated,
            (.., Encoding::Explicit) => Syntax::Explicit,
            (.., Encoding::Implicit) => Syntax::Implicit,
            (.., Encoding::Big) => Syntax::BigEndian,
        }
    }
}

/// Where the input of a case stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    Top,
    One,
    Three,
    /// In a Sequence whose VR says UN (PS3.5 6.2.2).
    Unknown,
}

/// A file with values planted in it.
pub struct Planted {
    pub file: Vec<u8>,
    pub values: Vec<Vec<u8>>,
}

// --- the table ----------------------------------------------------------------------------------

/// The cases of all files that do not begin with a word.
pub fn cases(prefix: &str) -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/channels");
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let wanted =
        |path: &&std::path::PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(prefix));
    let texts = paths.iter().filter(wanted).map(|path| std::fs::read_to_string(path).unwrap());
    texts.flat_map(|text| text.split("\n== ").skip(1).map(case).collect::<Vec<_>>()).collect()
}

fn case(text: &str) -> Case {
    let (title, rest) = text.split_once('\n').expect("a title and what follows it");
    let (channel, title) = title.split_once(' ').expect("a channel and a title");
    let channel = channel.parse().unwrap_or_else(|_| panic!("no channel: {title}"));
    let mut case = Case {
        channel,
        title: title.to_owned(),
        expect: Expect::Gone,
        off: "{}".into(),
        settings: "{}".into(),
        shape: String::new(),
        forms: Shell::named("explicit implicit big deflated encapsulated"),
        flat: false,
        top: String::new(),
        input: String::new(),
    };
    let mut expected = false;
    for block in format!("\n{rest}").split("\n-- ").skip(1) {
        let (head, body) = block.split_once('\n').unwrap_or((block, ""));
        let (name, value) = head.split_once(' ').unwrap_or((head, ""));
        match name {
            "expect" => (case.expect, expected) = (expectation(value), true),
            "off" => case.off = value.into(),
            "settings" => case.settings = value.into(),
            "shape" => case.shape = value.into(),
            "only" => case.forms = Shell::named(value),
            "flat" => case.flat = true,
            "top" => case.top = body.into(),
            "input" => case.input = body.into(),
            other => panic!("{title}: no block is named {other}"),
        }
    }
    assert!(expected, "{title}: the expectation is fixed beforehand");
    case
}

fn expectation(text: &str) -> Expect {
    match text.split_once(' ') {
        None if text == "gone" => Expect::Gone,
        None if text == "refused" => Expect::Refused,
        Some(("refused", "or gone")) => Expect::RefusedOrGone,
        Some(("flagged", code)) => Expect::Flagged(code.into()),
        _ => panic!("an expectation is gone, refused or flagged CODE: {text}"),
    }
}

// --- files --------------------------------------------------------------------------------------

impl Case {
    /// Where the input stands in files of a form: not each depth in each form, which would take long.
    pub fn depths(&self, shell: Shell) -> &'static [Depth] {
        match shell.form.undefined {
            _ if self.flat || self.input.is_empty() => &[Depth::Top],
            false => &[Depth::Top, Depth::One, Depth::Unknown],
            true => &[Depth::Top, Depth::Three],
        }
    }

    /// The file, with values that only the run of this number has.
    pub fn plant(&self, shell: Shell, depth: Depth, run: usize) -> Planted {
        let mut values = Values { run, labels: Vec::new() };
        let (top, input) = (values.fill(&self.top), values.fill(&self.input));
        let shape = shapes::find(&self.shape);
        let mut nodes = merge(base(), parse(&top));
        nodes = merge(nodes, nested(parse(&input), depth));
        let mut draft = shapes::Draft::new(shell, data_set(&nodes, shell.form));
        shape(&mut draft, &mut values);
        Planted { file: draft.file(), values: values.labels.into_iter().map(|(.., value)| value).collect() }
    }
}

/// What every file has, so that it is an image.
fn base() -> Vec<Node> {
    parse(
        "(0008,0016) UI 1.2.840.10008.5.1.4.1.1.2\n(0008,0018) UI 1.2.826.0.1.3680043.9.7777.1.1.1\n\
         (0008,0060) CS CT\n(0010,0010) PN Somebody^Else\n(0020,000D) UI 1.2.826.0.1.3680043.9.7777.1\n\
         (0020,000E) UI 1.2.826.0.1.3680043.9.7777.1.1\n(0028,0002) US 1\n(0028,0004) CS MONOCHROME2\n\
         (0028,0010) US 4\n(0028,0011) US 4\n(0028,0100) US 16\n(0028,0101) US 16\n(0028,0102) US 15\n(0028,0103) US 0\n\
         (0028,0301) CS NO\n",
    )
}

/// Elements of a Data Set, in order; those that come later take the place of others.
fn merge(nodes: Vec<Node>, over: Vec<Node>) -> Vec<Node> {
    let mut all: Vec<Node> = nodes.into_iter().filter(|node| over.iter().all(|new| new.tag != node.tag)).collect();
    all.extend(over);
    all.sort_by_key(|node| node.tag);
    all
}

fn nested(nodes: Vec<Node>, depth: Depth) -> Vec<Node> {
    let wrap = |(tag, vr): (Tag, VR), nodes| vec![Node::items(tag, vr, vec![nodes])];
    match depth {
        _ if nodes.is_empty() => nodes,
        Depth::Top => nodes,
        Depth::One => wrap(OUTER[0], nodes),
        Depth::Unknown => wrap(OUTER[1], nodes),
        Depth::Three => wrap(OUTER[0], wrap((INNER[0], VR::SQ), wrap((INNER[1], VR::SQ), nodes))),
    }
}

// --- values -------------------------------------------------------------------------------------

/// The values of one run, by label.
pub struct Values {
    run: usize,
    labels: Vec<(String, String, Vec<u8>)>,
}

impl Values {
    /// Text with its placeholders filled in.
    fn fill(&mut self, text: &str) -> String {
        let mut filled = String::new();
        let mut rest = text;
        while let Some((before, (name, after))) =
            rest.split_once('{').and_then(|(before, rest)| Some((before, rest.split_once('}')?)))
        {
            filled.push_str(before);
            let (kind, label) = name.split_once(' ').unwrap_or((name, name));
            filled.push_str(&self.written(kind, label));
            rest = after;
        }
        filled + rest
    }

    /// A value as a Data Set's text form writes it.
    fn written(&mut self, kind: &str, label: &str) -> String {
        let escaped = |bytes: Vec<u8>| bytes.iter().map(|byte| format!("\\x{byte:02X}")).collect::<String>();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("ASCII");
        let word = |values: &mut Self| values.get("word", label);
        match kind {
            "utf16le" => escaped(word(self).iter().flat_map(|byte| [*byte, 0]).collect()),
            "utf16be" => escaped(word(self).iter().flat_map(|byte| [0, *byte]).collect()),
            "swapped" => text(word(self).chunks(2).flat_map(|pair| [pair[1], pair[0]]).collect()),
            "hex" => word(self).iter().map(|byte| format!("{byte:02X} ")).collect(),
            "lower" => text(word(self).to_ascii_lowercase()),
            // Row 3 of JIS X 0208 (ISO 2022 IR 87 and 159), KS X 1001 (149) and GB 2312 (58) alike.
            "wide" => escaped(word(self).iter().flat_map(|letter| [0x23, *letter]).collect()),
            "wide8" => escaped(word(self).iter().flat_map(|letter| [0xA3, letter | 0x80]).collect()),
            "split" => text(word(self).chunks(4).collect::<Vec<_>>().join(&b'^')),
            "groups" => text(word(self).chunks(4).collect::<Vec<_>>().join(&b'=')),
            "values" => text(word(self).chunks(4).collect::<Vec<_>>().join(&b'\\')),
            "nul" => escaped(word(self).chunks(6).collect::<Vec<_>>().join(&0)),
            kind => text(self.get(kind, label)),
        }
    }

    /// The value of a label, made when it is first asked for.
    pub fn get(&mut self, kind: &str, label: &str) -> Vec<u8> {
        if let Some((.., value)) = self.labels.iter().find(|(of, name, _)| of == kind && name == label) {
            return value.clone();
        }
        let value = unique(kind, (self.run * 64 + self.labels.len()) as u64);
        self.labels.push((kind.to_owned(), label.to_owned(), value.clone()));
        value
    }
}

/// The n-th value of a kind; no two are the same, nor are their beginnings.
fn unique(kind: &str, n: u64) -> Vec<u8> {
    // No `x`, which would be an escape behind a backslash. An odd factor: a permutation of the numbers of 32 bits.
    let mixed = (n as u32).wrapping_mul(0x9E37_79B1).rotate_left(13).wrapping_mul(0x85EB_CA6B);
    let letters = |count: u32, letters: &[u8]| -> String {
        let size = letters.len() as u64;
        (0..count).map(|at| char::from(letters[(u64::from(mixed) / size.pow(at) % size) as usize])).collect()
    };
    let mixed = u64::from(mixed);
    let text = match kind {
        // Eight letters hold 32 bits: the last four are there so that no needle is short.
        "word" => format!("{}Qz{:02}", letters(8, b"bcdfghjkmnpqrstvwBCDFGHJKMNPRSTVWX"), mixed % 97),
        "code" => format!("{}QZ", letters(8, b"BCDFGHJKLMNPRSTVWXY")),
        "digits" => format!("7{:010}", mixed % 10_000_000_000),
        "uid" => format!("1.2.826.0.1.3680043.9.{mixed}.{n}"),
        // Never January 1st, which is what a shortened date looks like.
        "date" => format!("{:04}{:02}{:02}", 1931 + mixed % 60, 2 + mixed / 60 % 11, 2 + mixed / 660 % 27),
        "time" => {
            format!("{:02}{:02}{:02}.{:06}", 10 + mixed % 13, mixed / 13 % 60, 1 + mixed / 780 % 59, mixed % 999_983)
        }
        "four" => return (mixed as u32 | 0x8080_8080).to_le_bytes().to_vec(),
        other => panic!("no kind of value is named {other}"),
    };
    text.into_bytes()
}

/// Pixel Data of a file that has nothing to hide in it.
fn pixels() -> Vec<u8> {
    (0..32_u8).map(|n| n / 2 * (n % 2)).collect()
}

/// The smallest image with the grammar of JPEG.
pub fn jpeg(segments: &[u8], behind: &[u8]) -> Vec<u8> {
    let table = [&[0xFF, 0xDB, 0, 67, 0][..], &[1; 64]].concat();
    let scan = [0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 63, 0, 1, 2, 3, 0xFF, 0xD9];
    let mut image = [&[0xFF, 0xD8], segments, &table, &scan, behind].concat();
    image.resize(image.len().next_multiple_of(2), 0);
    image
}

/// A Data Set's Bytes with a file's head before them.
fn file(shell: Shell, data_set: &[u8]) -> Vec<u8> {
    Bytes::new(shell.syntax()).raw(data_set).file(CT_IMAGE, "1.2.826.0.1.3680043.9.7777.1.1.1")
}

/// The nodes' values are of use to shapes.
pub fn element(shell: Shell, tag: Tag, vr: VR, value: &[u8]) -> Vec<u8> {
    data_set(&[Node { tag, vr, value: Value::Bytes(value.to_vec()) }], shell.form)
}
