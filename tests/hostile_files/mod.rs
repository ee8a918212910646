//! The malformed files of `tests/hostile.rs`.

use crate::common::{Bytes, CT_IMAGE, Ct, Lengths, Syntax};
use std::io::Write;

/// A malformed file.
pub(crate) struct Hostile {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
    /// How many bytes of it, inflated if need be, are no Pixel Data.
    pub(crate) header: usize,
}

const PLAIN: [Syntax; 3] = [Syntax::Implicit, Syntax::Explicit, Syntax::BigEndian];
const INSTANCE: &str = "1.2.3.4.5";
const STUDY: &str = "1.2.3.4.5.67890";
const ITEM: u32 = 0xFFFE_E000;
const ITEM_END: u32 = 0xFFFE_E00D;
const SEQUENCE_END: u32 = 0xFFFE_E0DD;
const SEQUENCE: u32 = 0x0008_1140;
const PIXEL_DATA: u32 = 0x7FE0_0010;
const UNDEFINED: u32 = u32::MAX;

/// Well-formed files to be cut off, one in each encoding.
pub(crate) fn whole() -> Vec<(String, Vec<u8>)> {
    let syntaxes = [Syntax::Implicit, Syntax::Explicit, Syntax::BigEndian, Syntax::Deflated, Syntax::Jpeg];
    syntaxes.map(|syntax| (format!("{syntax:?}"), Ct::new(syntax, "Hostile", 1, 1).file())).to_vec()
}

/// Every malformed file.
pub(crate) fn all() -> Vec<Hostile> {
    let mut files = Vec::new();
    for syntax in PLAIN {
        lengths(syntax, &mut files);
        nesting(syntax, &mut files);
        delimiters(syntax, &mut files);
        fragments(syntax, &mut files);
        values(syntax, &mut files);
        crowds(syntax, &mut files);
        likenesses(syntax, &mut files);
    }
    representations(&mut files);
    meta(&mut files);
    bombs(&mut files);
    images(&mut files);
    noise(&mut files);
    found_by_fuzzing(&mut files);
    files
}

fn add(files: &mut Vec<Hostile>, name: impl Into<String>, bytes: Vec<u8>) {
    files.push(Hostile { name: name.into(), header: bytes.len(), bytes });
}

/// The beginning of an image.
fn image(syntax: Syntax) -> Bytes {
    Bytes::new(syntax).text(0x0008_0016, "UI", CT_IMAGE).text(0x0008_0018, "UI", INSTANCE)
}

fn file(data_set: &Bytes) -> Vec<u8> {
    data_set.file(CT_IMAGE, INSTANCE)
}

/// The header of an Item or a delimiter.
fn mark(data_set: Bytes, syntax: Syntax, tag: u32, length: u32) -> Bytes {
    // Written as Implicit VR writes any header: PS3.5 7.5.
    let little = Bytes::new(Syntax::Implicit).header(tag, "", length).bytes;
    match syntax {
        Syntax::BigEndian => data_set
            .raw(&((tag >> 16) as u16).to_be_bytes())
            .raw(&(tag as u16).to_be_bytes())
            .raw(&length.to_be_bytes()),
        _ => data_set.raw(&little),
    }
}

fn lengths(syntax: Syntax, files: &mut Vec<Hostile>) {
    let elements =
        [(0x0010_0010, "UN"), (0x0010_4000, "UT"), (SEQUENCE, "SQ"), (PIXEL_DATA, "OW"), (0x0042_0011, "OB")];
    for (tag, vr) in elements {
        for length in [UNDEFINED, 0xFFFF_FFFE, 0x8000_0000, 0x7FFF_FFFF, 3] {
            let data_set = image(syntax).header(tag, vr, length).raw(&[0x41; 40]);
            add(files, format!("{syntax:?}: {tag:08X} {vr} claims {length:X}"), file(&data_set));
        }
    }
    for length in [0xFFFF_FFFE, 0x8000_0000, 9] {
        let data_set = mark(image(syntax).header(SEQUENCE, "SQ", UNDEFINED), syntax, ITEM, length).raw(&[0; 8]);
        add(files, format!("{syntax:?}: an Item claims {length:X}"), file(&data_set));
        let data_set = mark(image(syntax).header(SEQUENCE, "SQ", 8), syntax, ITEM, length).raw(&[0; 8]);
        add(files, format!("{syntax:?}: an Item in 8 bytes claims {length:X}"), file(&data_set));
    }
}

fn nesting(syntax: Syntax, files: &mut Vec<Hostile>) {
    // 100,000 Sequences of Implicit VR fit 1 MB only without their Items, which is malformed in another way.
    let mut nested = image(syntax);
    while nested.bytes.len() < 1_000_000 {
        nested = mark(nested.header(SEQUENCE, "SQ", UNDEFINED), syntax, ITEM, UNDEFINED);
    }
    add(files, format!("{syntax:?}: nested without end"), file(&nested));
    let mut bare = image(syntax);
    for _ in 0..80_000 {
        bare = bare.header(SEQUENCE, "SQ", UNDEFINED);
    }
    add(files, format!("{syntax:?}: Sequences without Items"), file(&bare));
    let mut unknown = image(syntax).header(0x0009_1001, "UN", UNDEFINED);
    while unknown.bytes.len() < 1_000_000 {
        unknown = mark(unknown, syntax, ITEM, UNDEFINED).raw(&[9, 0, 1, 0x10, 255, 255, 255, 255]);
    }
    add(files, format!("{syntax:?}: nested in UN"), file(&unknown));
    for levels in [60, 64, 65, 70, 1000] {
        let mut inner = Bytes::new(syntax).text(0x0010_0010, "PN", "A^B");
        for _ in 0..levels {
            inner = Bytes::new(syntax).sequence(SEQUENCE, Lengths::Defined, &[inner]);
        }
        add(files, format!("{syntax:?}: {levels} levels of defined length"), file(&image(syntax).raw(&inner.bytes)));
    }
}

fn delimiters(syntax: Syntax, files: &mut Vec<Hostile>) {
    for (tag, length) in [(ITEM, 0), (ITEM, 8), (ITEM, UNDEFINED), (ITEM_END, 0), (SEQUENCE_END, 0), (SEQUENCE_END, 4)]
    {
        let stray = mark(image(syntax), syntax, tag, length).text(0x0010_0010, "PN", "A^B");
        add(files, format!("{syntax:?}: {tag:08X} of {length:X} without a Sequence"), file(&stray));
        let first = mark(Bytes::new(syntax), syntax, tag, length).raw(&image(syntax).bytes);
        add(files, format!("{syntax:?}: {tag:08X} of {length:X} comes first"), file(&first));
        let open = image(syntax).header(SEQUENCE, "SQ", UNDEFINED);
        let inside = mark(mark(open, syntax, ITEM, UNDEFINED), syntax, tag, length);
        add(files, format!("{syntax:?}: {tag:08X} of {length:X} in an open Item"), file(&inside));
    }
}

fn fragments(syntax: Syntax, files: &mut Vec<Hostile>) {
    let open = || mark(image(syntax).header(PIXEL_DATA, "OB", UNDEFINED), syntax, ITEM, 0);
    add(files, format!("{syntax:?}: Fragments without end"), file(&mark(open(), syntax, ITEM, 4).raw(&[1; 4])));
    add(files, format!("{syntax:?}: a Fragment of 4 GiB"), file(&mark(open(), syntax, ITEM, 0xFFFF_FFFE).raw(&[1; 4])));
    add(files, format!("{syntax:?}: a Fragment of undefined length"), file(&mark(open(), syntax, ITEM, UNDEFINED)));
    add(files, format!("{syntax:?}: an element among Fragments"), file(&open().text(0x0010_0010, "PN", "A^B")));
    add(files, format!("{syntax:?}: an Item's end among Fragments"), file(&mark(open(), syntax, ITEM_END, 0)));
    let mut many = open();
    while many.bytes.len() < 1_000_000 {
        many = mark(many, syntax, ITEM, 0);
    }
    add(files, format!("{syntax:?}: 120,000 empty Fragments"), file(&mark(many, syntax, SEQUENCE_END, 0)));
}

fn values(syntax: Syntax, files: &mut Vec<Hostile>) {
    for (tag, vr) in
        [(0x0028_0010, "US"), (0x0028_0008, "IS"), (0x0028_0030, "DS"), (0x0028_0009, "AT"), (0x0018_9087, "FD")]
    {
        for len in [0, 1, 3, 5] {
            let data_set = image(syntax).element(tag, vr, &[0xFF; 5][..len]);
            add(files, format!("{syntax:?}: {vr} of {len} bytes"), file(&data_set));
        }
    }
    for set in ["ISO_IR 999", "\\\\\\\\", "ISO 2022 IR 87\\ISO 2022 IR 159", "\u{1b}$B", "GB18030"] {
        let data_set = Bytes::new(syntax).text(0x0008_0005, "CS", set).raw(&image(syntax).bytes);
        let data_set = data_set.element(0x0010_0010, "PN", b"\x1b$B\x1b\x1b(\xff\xfe");
        add(files, format!("{syntax:?}: character set {set:?}"), file(&data_set));
    }
    let reversed = Bytes::new(syntax).us(0x0028_0010, 1).text(0x0010_0020, "LO", "1").raw(&image(syntax).bytes);
    add(files, format!("{syntax:?}: out of order"), file(&reversed));
    let twice = image(syntax).text(0x0010_0010, "PN", "A^B").text(0x0010_0010, "PN", "C^D").raw(&image(syntax).bytes);
    add(files, format!("{syntax:?}: duplicates"), file(&twice));
    let zeros = image(syntax).raw(&[0; 100_000]);
    add(files, format!("{syntax:?}: zeros behind the Data Set"), file(&zeros));
    let ones = image(syntax).raw(&[0xFF; 100_000]);
    add(files, format!("{syntax:?}: ones behind the Data Set"), file(&ones));
}

fn crowds(syntax: Syntax, files: &mut Vec<Hostile>) {
    let (mut same, mut falling, mut items) = (image(syntax), image(syntax), Bytes::new(syntax));
    for n in 0..100_000_u32 {
        same = same.element(0x0010_0010, "PN", &[]);
        falling = falling.element(0x0011_0000 | (0xFFFF - n % 0xF000), "LO", &[]);
        items = mark(items, syntax, ITEM, 0);
    }
    add(files, format!("{syntax:?}: 100,000 names"), file(&same));
    add(files, format!("{syntax:?}: 100,000 private elements in falling order"), file(&falling));
    let data_set = image(syntax).header(SEQUENCE, "SQ", items.bytes.len() as u32).raw(&items.bytes);
    add(files, format!("{syntax:?}: 100,000 empty Items"), file(&data_set));
    let data_set = image(syntax).element(0x0008_0008, "UN", &b"\\".repeat(900_000));
    add(files, format!("{syntax:?}: 900,000 empty values"), file(&data_set));
    let data_set = image(syntax).element(0x0010_4000, "UT", &b"\x1b$B=".repeat(200_000));
    add(files, format!("{syntax:?}: 200,000 escapes"), file(&data_set));
}

/// Sequences that differ from each other at their end only: what looks for those that were there before compares them all.
fn likenesses(syntax: Syntax, files: &mut Vec<Hostile>) {
    for len in [6, 900] {
        let mut items = Bytes::new(syntax);
        for n in 0.. {
            if items.bytes.len() > 900_000 {
                break;
            }
            let sequence = mark(items, syntax, ITEM, UNDEFINED).header(SEQUENCE, "SQ", UNDEFINED);
            let inner = mark(sequence, syntax, ITEM, UNDEFINED).text(0x0040_A160, "UT", &format!("{n:0len$}"));
            items = [ITEM_END, SEQUENCE_END, ITEM_END].into_iter().fold(inner, |all, end| mark(all, syntax, end, 0));
        }
        let data_set = image(syntax).header(0x0040_A730, "SQ", items.bytes.len() as u32).raw(&items.bytes);
        add(files, format!("{syntax:?}: Sequences with other ends of {len} digits"), file(&data_set));
    }
}

fn representations(files: &mut Vec<Hostile>) {
    for vr in ["ZZ", "\0\0", "pn", "  ", "??", "SQ", "UN", "OB", "AT", "US"] {
        let data_set = image(Syntax::Explicit).text(0x0010_0010, vr, "A^B").text(0x0010_0020, "LO", "1");
        add(files, format!("a name whose VR says {vr:?}"), file(&data_set));
    }
}

/// What the fuzzer found, as it would be written by hand.
fn found_by_fuzzing(files: &mut Vec<Hostile>) {
    for syntax in [Syntax::Explicit, Syntax::BigEndian] {
        // A value of unknown VR that comes in several windows was taken for bytes behind the Data Set.
        let unknown = Bytes::new(syntax).header(0x0028_1234, "UN", 64);
        let unknown = unknown.bytes.iter().map(|byte| if *byte == b'U' || *byte == b'N' { b'W' } else { *byte });
        let last = image(syntax).raw(&unknown.collect::<Vec<u8>>()).raw(&[7; 64]);
        add(files, format!("{syntax:?}: an unknown VR comes last"), file(&last));
        let pixels = last.element(PIXEL_DATA, "OW", &[8; 64]);
        add(files, format!("{syntax:?}: an unknown VR comes before the pixels"), file(&pixels));
    }
    // Nothing names the instance but the File Meta Information.
    let nameless = Bytes::new(Syntax::Explicit).text(0x0008_0016, "UI", CT_IMAGE);
    add(files, "no SOP Instance UID in the Data Set", file(&nameless));
    // Nothing names it at all: what told it apart were Fragments, of which windows decide what is held.
    let fragments = Bytes::new(Syntax::Jpeg).us(0x0028_0010, 8).fragments(&[&[7; 64]]);
    add(files, "Fragments without any UID", fragments.file("", ""));
    // A class that is the study, too: the Data Set's was replaced, the head's was not.
    let class = Bytes::new(Syntax::Explicit).text(0x0008_0016, "UI", STUDY).text(0x0020_000D, "UI", STUDY);
    add(files, "the SOP Class is the study", class.file(STUDY, INSTANCE));
}

fn meta(files: &mut Vec<Hostile>) {
    let whole = file(&image(Syntax::Explicit).text(0x0010_0010, "PN", "A^B"));
    for length in [0_u32, 1, 7, 0x7FFF_FFFF, 0xFFFF_FFFF] {
        let mut bytes = whole.clone();
        bytes[140..144].copy_from_slice(&length.to_le_bytes());
        add(files, format!("File Meta Information claims {length:X}"), bytes);
    }
    let mut endless = whole[..144].to_vec();
    while endless.len() < 1_000_000 {
        endless.extend(Bytes::new(Syntax::Explicit).text(0x0002_0016, "AE", "A").bytes);
    }
    add(files, "File Meta Information without end", endless);
    add(files, "no group length", [&whole[..132], &whole[144..]].concat());
    add(files, "no preamble", whole[128..].to_vec());
    add(files, "only a prefix", whole[..132].to_vec());
    let huge = Bytes::new(Syntax::Explicit).header(0x0002_0010, "UN", 0xFFFF_FFFE).raw(&[0; 9]).bytes;
    add(files, "a Transfer Syntax of 4 GiB", [&whole[..144], &huge].concat());
    let odd = Bytes::new(Syntax::Explicit).text(0x0002_0010, "UI", "9.9.9").raw(&image(Syntax::Explicit).bytes).bytes;
    add(files, "an unknown Transfer Syntax", [&whole[..144], &odd].concat());
}

fn deflated(files: &mut Vec<Hostile>, name: &str, data_set: &[u8], header: usize) {
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(data_set).expect("writing to memory works");
    stream(files, name, &encoder.finish().expect("writing to memory works"), header);
}

fn stream(files: &mut Vec<Hostile>, name: &str, stream: &[u8], header: usize) {
    let head = Bytes::new(Syntax::Deflated).file(CT_IMAGE, INSTANCE);
    // An empty Data Set deflates to two bytes, which go.
    let bytes = [&head[..head.len() - 2], stream].concat();
    files.push(Hostile { name: format!("deflated: {name}"), header: header + bytes.len(), bytes });
}

/// A stream of some bytes and so many mebibytes of zeros, of which one is deflated and repeated.
fn zeros_behind(head: &[u8], mebibytes: usize) -> Vec<u8> {
    let part = |bytes: &[u8]| {
        let mut encoder = flate2::Compress::new(flate2::Compression::best(), false);
        let mut part = Vec::with_capacity(1 << 16);
        encoder.compress_vec(bytes, &mut part, flate2::FlushCompress::Full).expect("it is deflated");
        part
    };
    [part(head), part(&vec![0; 1 << 20]).repeat(mebibytes), vec![3, 0]].concat()
}

fn bombs(files: &mut Vec<Hostile>) {
    let start = image(Syntax::Explicit);
    let zeros = 150 << 20;
    let pixels = start.clone().header(PIXEL_DATA, "OW", zeros as u32).raw(&vec![0; zeros]).bytes;
    deflated(files, "150 MiB of black", &pixels, 0);
    let head = start.clone().header(PIXEL_DATA, "OW", 960 << 20);
    stream(files, "960 MiB of black, as much as a file of 1 MiB can hold", &zeros_behind(&head.bytes, 960), 0);
    deflated(
        files,
        "60 MiB of black",
        &start.clone().header(PIXEL_DATA, "OW", 60 << 20).raw(&vec![0; 60 << 20]).bytes,
        0,
    );
    deflated(
        files,
        "40 MiB of text",
        &start.clone().header(0x0010_4000, "UT", 40 << 20).raw(&vec![b'A'; 40 << 20]).bytes,
        40 << 20,
    );
    // Beginnings of the name, so that the search cannot pass over them; in one value, and in many that are short.
    let palette = b" SEC".repeat(37 << 20);
    let one = start.clone().text(0x0010_0010, "PN", "Secret^Hostile").element(0x0028_1201, "OW", &palette);
    deflated(files, "148 MiB of a palette", &one.bytes, palette.len());
    let short = Bytes::new(Syntax::Explicit).element(0x0028_1201, "OW", &palette[..60_000]).bytes.repeat(2_000);
    let many = start.clone().text(0x0010_0010, "PN", "Secret^Hostile").raw(&short);
    deflated(files, "2,000 palettes", &many.bytes, short.len());
    let elements = Bytes::new(Syntax::Explicit).element(0x0010_0010, "PN", &[]).bytes.repeat(1 << 17);
    let header = elements.len();
    deflated(files, "131,072 names", &start.clone().raw(&elements).bytes, header);
    let nested =
        [&b"\x08\x00\x40\x11SQ\0\0\xff\xff\xff\xff\xfe\xff\0\xe0\xff\xff\xff\xff"[..]].concat().repeat(100_000);
    deflated(files, "100,000 levels", &start.raw(&nested).bytes, nested.len());
    stream(files, "no stream", &[0xFF; 1000], 0);
    stream(files, "nothing", &[], 0);
    stream(files, "a stored block of 64 KiB that is not there", &[0, 0xFF, 0xFF, 0, 0], 0);
    stream(files, "empty stored blocks", &[0, 0, 0, 0xFF, 0xFF].repeat(100_000), 0);
}

/// Compressed images, each the only Fragment of a file of a Transfer Syntax.
fn images(files: &mut Vec<Hostile>) {
    let mut add = |name: &str, syntax: &str, image: &[u8]| {
        let start = image_of_rows(12_000).header(PIXEL_DATA, "OB", UNDEFINED);
        let whole = mark(mark(start, Syntax::Jpeg, ITEM, 0), Syntax::Jpeg, ITEM, image.len() as u32).raw(image);
        let whole = mark(whole, Syntax::Jpeg, SEQUENCE_END, 0);
        let bytes = whole.file_as(&format!("1.2.840.10008.1.2.{syntax}"), CT_IMAGE, INSTANCE);
        files.push(Hostile { name: format!("{syntax}: {name}"), header: bytes.len() - image.len(), bytes });
    };
    let most = 1_000_000;
    let filled = |head: &[u8], unit: &[u8]| [head, &unit.repeat(((most - head.len()) / unit.len()) & !1)].concat();
    let size = [&[0xFF, 0x4F, 0xFF, 0x51, 0, 41][..], &[1; 39]].concat();
    let tile_part = [&size[..], &[0xFF, 0x90, 0, 10, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0, 1]].concat();
    for (name, head, unit) in [
        ("comments", &[0xFF, 0xD8][..], &[0xFF, 0xFE, 0, 2][..]),
        ("comments and others", &[0xFF, 0xD8], &[0xFF, 0xFE, 0, 2, 0xFF, 0xDD, 0, 2]),
        ("comments of one byte too few", &[0xFF, 0xD8], &[0xFF, 0xFE, 0, 1]),
        ("fill bytes", &[0xFF, 0xD8], &[0xFF, 0xFF]),
        ("images", &[], &[0xFF, 0xD8, 0xFF, 0xD9]),
        ("comments in JPEG 2000", &size, &[0xFF, 0x64, 0, 2]),
        ("comments and others in JPEG 2000", &size, &[0xFF, 0x64, 0, 2, 0xFF, 0x5C, 0, 2]),
        ("lengths of tile-parts", &size, &[0xFF, 0x55, 0, 2]),
        ("comments in a tile-part of 4 GiB", &tile_part, &[0xFF, 0x64, 0, 2]),
        ("boxes", b"\0\0\0\x0cjP  \r\n\x87\n", b"\0\0\0\x08free"),
        ("boxes in boxes", b"\0\0\0\x0cjP  \r\n\x87\n", b"\xff\xff\xff\xffjp2h"),
        ("a box of 16 EiB", b"\0\0\0\x0cjP  \r\n\x87\n", b"\0\0\0\x01uuid\xff\xff\xff\xff\xff\xff\xff\xff"),
        ("parts of JPEG XL", b"\0\0\0\x0cJXL \r\n\x87\n", b"\0\0\0\x0cjxlp\0\0\0\0"),
    ] {
        add(name, "4.90", &filled(head, unit));
    }
    let segments = |offset: u32| [&15_u32.to_le_bytes()[..], &offset.to_le_bytes().repeat(15)].concat();
    add("runs of nothing", "5", &filled(&segments(64), &[128, 128]));
    add("runs of one byte", "5", &filled(&segments(64), &[0, 7]));
    add("a segment at 4 GiB", "5", &filled(&segments(u32::MAX), &[0, 7]));
    add("segments that go back", "5", &filled(&segments(0), &[0, 7]));
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(&vec![0; 200 << 20]).expect("writing to memory works");
    add("a deflated frame of 200 MiB", "8.1", &encoder.finish().expect("writing to memory works"));
    add("no stream", "8.1", &[0xFF; 1000]);
    add("a frame that is not there", "1.98", &[1; 10]);
    add("noise", "4.102", &[0x5A; 1000]);
}

/// The beginning of an image of so many rows and columns.
fn image_of_rows(rows: u16) -> Bytes {
    image(Syntax::Jpeg)
        .us(0x0028_0002, 1)
        .text(0x0028_0004, "CS", "MONOCHROME2")
        .us(0x0028_0010, rows)
        .us(0x0028_0011, rows)
        .us(0x0028_0100, 16)
}

fn noise(files: &mut Vec<Hostile>) {
    add(files, "no bytes", Vec::new());
    add(files, "zeros", vec![0; 1 << 20]);
    add(files, "ones", vec![0xFF; 1 << 20]);
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    let mut random = |len: usize| -> Vec<u8> {
        let next = |_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 32) as u8
        };
        (0..len).map(next).collect()
    };
    add(files, "random bytes", random(1 << 20));
    let head = file(&image(Syntax::Explicit));
    add(files, "random bytes behind a good beginning", [&head, &random(900_000)[..]].concat());
}
