//! Files of compressed images, and text planted in them.

use super::{Bytes, CT_IMAGE, Syntax};
use lethe::{Config, DateTime, Deidentifier, Error, Part, Plan, Rewrite, Session};
use std::collections::BTreeMap;
use std::sync::Mutex;

/// What is planted.
pub const SECRET: &[u8] = b"PLANTED^VALUE";
/// Settings under which it stays.
pub const OFF: &str = r#"{"general": {"clean_frames": false}}"#;
/// The Transfer Syntax UID of JPEG Baseline.
pub const JPEG: &str = "1.2.840.10008.1.2.4.50";

/// The engine for some settings, made once.
fn engine(settings: &str) -> Deidentifier {
    static MADE: Mutex<BTreeMap<String, Deidentifier>> = Mutex::new(BTreeMap::new());
    let make = || {
        let plan = Plan::compile(&Config::parse(settings).unwrap(), None).unwrap();
        Deidentifier::new(plan, [7; 32], DateTime::parse("20260101101500000").unwrap())
    };
    MADE.lock().unwrap().entry(settings.to_owned()).or_insert_with(make).clone()
}

/// Runs one file through a session in windows of a size.
pub fn run(settings: &str, file: &[u8], window: usize) -> (Vec<u8>, Rewrite) {
    try_run(settings, file, window).unwrap()
}

/// The same, where the file may be refused.
pub fn try_run(settings: &str, file: &[u8], window: usize) -> Result<(Vec<u8>, Rewrite), Error> {
    let mut session = Session::new(&engine(settings), file.len() as u64);
    let mut out = Vec::new();
    while let Some(want) = session.want() {
        let start = want.start as usize;
        session.feed(want.start, &file[start..(start + window).min(file.len())])?;
        out.extend(session.take());
    }
    let rewrite = session.finish()?;
    for part in &rewrite.parts {
        match part {
            Part::Source(range) => out.extend(&file[range.start as usize..range.end as usize]),
            Part::Bytes(bytes) => out.extend(bytes),
            Part::Fill { byte, len } => out.extend(vec![*byte; *len as usize]),
        }
    }
    assert_eq!(rewrite.report.output_bytes, out.len() as u64);
    Ok((out, rewrite))
}

/// The codes of a report's warnings.
pub fn codes(rewrite: &Rewrite) -> Vec<&'static str> {
    rewrite.report.warnings.iter().map(|warning| warning.code).collect()
}

/// The file's bytes, inflated where they are deflated.
pub fn inflated(syntax: Syntax, file: &[u8]) -> Vec<u8> {
    if syntax != Syntax::Deflated {
        return file.to_vec();
    }
    let length = u32::from_le_bytes(file[140..144].try_into().unwrap()) as usize;
    let mut inflated = Vec::new();
    std::io::Read::read_to_end(&mut flate2::read::DeflateDecoder::new(&file[144 + length..]), &mut inflated).unwrap();
    inflated
}

/// Whether bytes are found in others.
pub fn holds(bytes: &[u8], what: &[u8]) -> bool {
    bytes.windows(what.len()).any(|window| window == what)
}

/// The beginning of an image of 5 by 5 bytes.
pub fn image(syntax: Syntax) -> Bytes {
    Bytes::new(syntax)
        .text(0x0008_0016, "UI", CT_IMAGE)
        .text(0x0008_0018, "UI", "1.2.826.0.1.3680043.9.7777.1.1.1")
        .us(0x0028_0002, 1)
        .text(0x0028_0004, "CS", "MONOCHROME2")
        .us(0x0028_0010, 5)
        .us(0x0028_0011, 5)
        .us(0x0028_0100, 8)
}

/// A file of encapsulated images of 5 by 5 bytes.
pub fn encapsulated_as(syntax: &str, table: &[u8], fragments: &[&[u8]], frames: usize) -> Vec<u8> {
    let item = |bytes: &[u8]| [&[0xFE, 0xFF, 0, 0xE0][..], &(bytes.len() as u32).to_le_bytes(), bytes].concat();
    let items: Vec<u8> = [item(table), fragments.iter().flat_map(|bytes| item(bytes)).collect()].concat();
    let count = frames.to_string();
    Bytes::new(Syntax::Jpeg)
        .text(0x0008_0016, "UI", CT_IMAGE)
        .text(0x0008_0018, "UI", "1.2.826.0.1.3680043.9.7777.1.1.1")
        .us(0x0028_0002, 1)
        .text(0x0028_0004, "CS", "MONOCHROME2")
        .text(0x0028_0008, "IS", &count)
        .us(0x0028_0010, 5)
        .us(0x0028_0011, 5)
        .us(0x0028_0100, 8)
        .header(0x7FE0_0010, "OB", u32::MAX)
        .raw(&items)
        .raw(&[0xFE, 0xFF, 0xDD, 0xE0, 0, 0, 0, 0])
        .file_as(syntax, CT_IMAGE, "1.2.3")
}

/// Everything from the Pixel Data element on.
pub fn pixel_data(file: &[u8]) -> &[u8] {
    let at = file.windows(4).rposition(|w| w == [0xE0, 0x7F, 0x10, 0]).unwrap();
    &file[at..]
}

/// Bytes of even length.
/// The fragments, none of which is empty or of odd length.
pub fn whole_fragments(file: &[u8]) -> Vec<&[u8]> {
    let pixels = pixel_data(file);
    let (mut at, mut fragments) = (12, Vec::new());
    while pixels[at..at + 4] == [0xFE, 0xFF, 0, 0xE0] {
        let length = u32::from_le_bytes(pixels[at + 4..at + 8].try_into().unwrap()) as usize;
        // The first is the Basic Offset Table.
        assert!(length.is_multiple_of(2) && (length > 0 || at == 12), "{length} at {at}");
        fragments.push(&pixels[at + 8..at + 8 + length]);
        at += 8 + length;
    }
    assert_eq!(pixels.len(), at + 8);
    fragments.split_off(1)
}

pub fn even(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.resize(bytes.len().next_multiple_of(2), 0);
    bytes
}

/// A marker and its segment, as JPEG and JPEG 2000 have them.
pub fn segment(code: u8, body: &[u8]) -> Vec<u8> {
    [&[0xFF, code][..], &(body.len() as u16 + 2).to_be_bytes(), body].concat()
}

/// A JPEG image of the right grammar; its scan holds stuffing and a restart.
pub fn jpeg(extra: &[Vec<u8>], behind: &[u8]) -> Vec<u8> {
    let scan = [1, 2, 0xFF, 0, 3, 0xFF, 0xD0, 4, 0xFF, 0xD9];
    let parts = [vec![0xFF, 0xD8], extra.concat(), segment(0xDB, &[9; 65]), segment(0xDA, &[8; 6]), scan.to_vec()];
    even([parts.concat(), behind.to_vec()].concat())
}
