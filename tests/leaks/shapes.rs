//! What no Data Set describes: bytes before it, behind it, between its elements and in its Pixel Data.

use super::{Shell, Values, element, file, jpeg, pixels};
use crate::common::{Bytes, Syntax};
use crate::support::Encoding;
use dicom_core::{Tag, VR};

/// A file in the making.
pub struct Draft {
    pub shell: Shell,
    preamble: Vec<u8>,
    prefix: Vec<u8>,
    /// The length that the File Meta Information states, if it is not its own.
    meta_length: Option<Vec<u8>>,
    meta: Vec<u8>,
    data_set: Vec<u8>,
    pixel_data: Vec<u8>,
    /// Behind Pixel Data, deflated with it where the file is.
    behind: Vec<u8>,
    /// Behind the deflated stream.
    behind_stream: Vec<u8>,
}

impl Draft {
    /// Has the File Meta Information state another Transfer Syntax.
    fn state(&mut self, uid: &str) {
        let mut value = uid.as_bytes().to_vec();
        value.resize(uid.len().next_multiple_of(2), 0);
        let at = self.meta.windows(6).position(|header| header == b"\x02\0\x10\0UI").expect("a Transfer Syntax") + 6;
        let old = usize::from(u16::from_le_bytes([self.meta[at], self.meta[at + 1]]));
        let new = [&(value.len() as u16).to_le_bytes()[..], &value].concat();
        self.meta.splice(at..at + 2 + old, new);
    }

    pub fn new(shell: Shell, data_set: Vec<u8>) -> Self {
        let whole = file(shell, &[]);
        let meta = whole[144..144 + meta_length(&whole)].to_vec();
        let pixel_data = match shell.encapsulated {
            true => encapsulated(&[], &[&jpeg(&[], &[])]),
            false => element(shell, Tag(0x7FE0, 0x0010), VR::OW, &pixels()),
        };
        Draft {
            shell,
            preamble: vec![0; 128],
            prefix: b"DICM".to_vec(),
            meta_length: None,
            meta,
            data_set,
            pixel_data,
            behind: Vec::new(),
            behind_stream: Vec::new(),
        }
    }

    pub fn file(&self) -> Vec<u8> {
        let whole = file(self.shell, &[&self.data_set[..], &self.pixel_data, &self.behind].concat());
        let body = &whole[144 + meta_length(&whole)..];
        let length = (self.meta.len() as u32).to_le_bytes();
        let length = Bytes::new(Syntax::Explicit).element(0x0002_0000, "UL", &length).bytes;
        let length = if self.meta.is_empty() { &[] } else { self.meta_length.as_deref().unwrap_or(&length) };
        [&self.preamble, &self.prefix, length, &self.meta, body, &self.behind_stream].concat()
    }

    fn add(&mut self, tag: Tag, vr: VR, value: &[u8]) {
        self.data_set.extend(element(self.shell, tag, vr, value));
    }
}

fn meta_length(file: &[u8]) -> usize {
    u32::from_le_bytes(file[140..144].try_into().expect("four bytes")) as usize
}

type Shape = fn(&mut Draft, &mut Values);

/// The shape of a name.
pub fn find(name: &str) -> Shape {
    let found = SHAPES.iter().find(|(own, _)| *own == name);
    found.unwrap_or_else(|| panic!("no shape is named {name:?}")).1
}

/// The names of all shapes.
pub fn names() -> impl Iterator<Item = &'static str> {
    SHAPES.iter().map(|(name, _)| *name)
}

const SHAPES: &[(&str, Shape)] = &[
    ("", |_, _| {}),
    ("meta elements", |draft, values| draft.meta = meta(draft.shell, values)),
    ("meta length too small", |draft, values| meta_states(draft, values, 8)),
    ("meta length too large", |draft, values| meta_states(draft, values, 0x7FFF_FFFF)),
    ("meta length missing", |draft, values| {
        draft.meta = meta(draft.shell, values);
        draft.meta_length = Some(Vec::new());
    }),
    ("meta instance", |draft, values| {
        let uid = values.get("uid", "instance");
        draft.meta = Bytes::new(Syntax::Explicit).raw(&draft.meta).text(0x0002_0003, "UI", &text(&uid)).bytes;
    }),
    ("meta class", |draft, values| {
        let uid = text(&values.get("uid", "study"));
        let class = Bytes::new(Syntax::Explicit).text(0x0002_0002, "UI", &uid);
        draft.meta = class.text(0x0002_0010, "UI", draft.shell.syntax().uid()).bytes;
    }),
    ("preamble text", |draft, values| preamble(draft, b"", values)),
    ("preamble tiff", |draft, values| preamble(draft, b"II*\0\x10\0\0\0\x01\0\x0E\x01\x02\0\x0C\0\0\0", values)),
    ("preamble executable", |draft, values| preamble(draft, b"MZ\x90\0\x03\0\0\0", values)),
    ("no preamble", |draft, _| draft.preamble.clear()),
    ("no meta", |draft, _| {
        draft.preamble.clear();
        draft.prefix.clear();
        draft.meta.clear();
    }),
    ("states explicit", |draft, _| draft.meta = states("1.2.840.10008.1.2.1")),
    ("states implicit", |draft, _| draft.meta = states("1.2.840.10008.1.2")),
    ("states big", |draft, _| draft.meta = states("1.2.840.10008.1.2.2")),
    ("states unknown", |draft, values| draft.meta = states(&text(&values.get("uid", "syntax")))),
    ("states registered", |draft, values| {
        draft.meta = states(&format!("1.2.840.10008.1.2.4.{}", text(&values.get("digits", "syntax"))))
    }),
    ("trailing padding", |draft, values| {
        let value = values.get("word", "padding");
        draft.behind = element(draft.shell, Tag(0xFFFC, 0xFFFC), VR::OB, &value);
    }),
    ("bytes behind", |draft, values| draft.behind = values.get("word", "behind")),
    ("zeros and bytes behind", |draft, values| draft.behind = [&[0; 64][..], &values.get("word", "behind")].concat()),
    ("file behind", |draft, values| {
        let name = values.get("word", "behind");
        draft.behind = file(draft.shell, &element(draft.shell, Tag(0x0010, 0x0010), VR::PN, &name));
    }),
    ("elements behind", |draft, values| {
        let (name, private) = (values.get("word", "name"), values.get("word", "private"));
        draft.behind = element(draft.shell, Tag(0x0010, 0x0010), VR::PN, &name);
        draft.behind.extend(element(draft.shell, Tag(0x7FE1, 0x0010), VR::LO, &private));
        draft.behind.extend(element(draft.shell, Tag(0x7FE1, 0x1001), VR::OB, &values.get("word", "data")));
    }),
    ("bytes behind the stream", |draft, values| draft.behind_stream = values.get("word", "stream")),
    ("stream behind the stream", |draft, values| {
        let value = values.get("word", "stream").repeat(4);
        let whole = file(draft.shell, &value);
        draft.behind_stream = whole[144 + meta_length(&whole)..].to_vec();
    }),
    ("slack in an Item", |draft, values| slack(draft, &values.get("word", "slack"))),
    ("slack of seven bytes in an Item", |draft, values| {
        let value = values.get("word", "slack");
        slack(draft, &value[..7]);
        draft.add(Tag(0x0010, 0x4000), VR::LT, &value);
    }),
    ("delimiters of a length", |draft, values| {
        let (item, sequence) = (values.get("four", "item"), values.get("four", "sequence"));
        open(draft, [0xFF; 4]);
        let marks = [mark(draft.shell, 0xE00D, &item), mark(draft.shell, 0xE0DD, &sequence)].concat();
        draft.data_set.extend(marks);
    }),
    ("delimiter with a value", |draft, values| {
        let value = values.get("word", "delimiter");
        open(draft, [0xFF; 4]);
        let length = number(draft.shell, value.len() as u32);
        let marks = [mark(draft.shell, 0xE00D, &[0; 4]), mark(draft.shell, 0xE0DD, &length), value].concat();
        draft.data_set.extend(marks);
    }),
    ("stray delimiter", |draft, values| {
        let stray = mark(draft.shell, 0xE0DD, &values.get("four", "stray"));
        draft.data_set.extend(stray);
    }),
    ("bytes between", |draft, values| draft.data_set.extend(values.get("word", "between"))),
    ("duplicates", |draft, values| {
        for label in ["first", "second", "third"] {
            draft.add(Tag(0x0010, 0x4000), VR::LT, &values.get("word", label));
        }
        let code = [&b"ORIGINAL\\"[..], &values.get("code", "code")].concat();
        draft.add(Tag(0x0008, 0x0008), VR::CS, &code);
        draft.add(Tag(0x0008, 0x0008), VR::CS, b"ORIGINAL\\PRIMARY");
    }),
    ("out of order", |draft, values| {
        let mut early = element(draft.shell, Tag(0x0018, 0x1030), VR::LO, &values.get("word", "first"));
        early.extend(element(draft.shell, Tag(0x0010, 0x4000), VR::LT, &values.get("word", "second")));
        draft.data_set.extend(early);
        draft.add(Tag(0x0008, 0x1030), VR::LO, &values.get("word", "third"));
    }),
    ("odd lengths", |draft, values| {
        odd(draft, Tag(0x0010, 0x4000), "LT", &values.get("word", "text"));
        odd(draft, Tag(0x0018, 0x0015), "CS", &values.get("word", "code"));
        odd(draft, Tag(0x0028, 0x0034), "IS", &values.get("word", "ratio"));
        odd(draft, Tag(0x0028, 0x0106), "US", &values.get("word", "number"));
    }),
    ("unknown VRs", |draft, values| {
        for (tag, vr) in [(0x0010_4000, "ZZ"), (0x0018_0015, "XX"), (0x0018_1164, "QQ"), (0x0028_0034, "AB")] {
            let value = values.get("word", vr);
            let bytes = Bytes::new(draft.shell.syntax());
            // PS3.5 6.2: new VRs have the long header.
            let header = bytes.raw(&Bytes::new(draft.shell.syntax()).header(tag, "UN", value.len() as u32).bytes);
            let mut header = header.bytes;
            header[4..6].copy_from_slice(vr.as_bytes());
            draft.data_set.extend(header);
            draft.data_set.extend(value);
        }
    }),
    ("lower case VR", |draft, values| {
        let value = values.get("word", "value");
        let mut bytes = element(draft.shell, Tag(0x0028, 0x0034), VR::UN, &value);
        bytes[4..6].copy_from_slice(b"un");
        draft.data_set.extend(bytes);
    }),
    ("fragments in other elements", |draft, values| {
        for tag in [0x0028_1201, 0x0028_3006, 0x0028_2000] {
            let value = values.get("word", &format!("{tag:X}"));
            let header = Bytes::new(draft.shell.syntax()).header(tag, "OB", u32::MAX).bytes;
            draft.data_set.extend(header);
            let length = number(draft.shell, value.len() as u32);
            let marks = [mark(draft.shell, 0xE000, &length), value, mark(draft.shell, 0xE0DD, &[0; 4])].concat();
            draft.data_set.extend(marks);
        }
    }),
    ("icc profile", |draft, values| {
        let profile = icc(values);
        draft.add(Tag(0x0028, 0x2000), VR::OB, &profile);
    }),
    ("explicit Items in private UN", |draft, values| unknown(draft, 0x0029_1010, Syntax::Explicit, values)),
    ("explicit Items in public UN", |draft, values| unknown(draft, 0x0040_0275, Syntax::Explicit, values)),
    ("broken Items in public UN", |draft, values| {
        let bytes = [b"\xFE\xFF\x00\xE0\xFF\xFF\xFF\xFF", &values.get("word", "broken")[..]].concat();
        draft.add(Tag(0x0040, 0x0275), VR::UN, &bytes);
    }),
    ("jpeg comment", |draft, values| segments(draft, &[(0xFE, b"")], values)),
    ("jpeg exif", |draft, values| segments(draft, &[(0xE1, b"Exif\0\0MM\0*")], values)),
    ("jpeg xmp and icc", |draft, values| {
        segments(draft, &[(0xE1, b"http://ns.adobe.com/xap/1.0/\0"), (0xE2, b"ICC_PROFILE\0\x01\x01")], values)
    }),
    ("jpeg application data", |draft, values| {
        let all: Vec<(u8, &[u8])> = (0xE0..=0xEF).map(|code| (code, &b""[..])).collect();
        segments(draft, &all, values)
    }),
    ("jpeg thumbnails", |draft, values| {
        let jfif = b"JFIF\0\x01\x02\0\0\x01\0\x01\x01\x04";
        segments(draft, &[(0xE0, jfif), (0xE0, b"JFXX\0\x10"), (0xEE, b"Adobe\0\x64\0\0\0\0\x01")], values)
    }),
    ("bytes behind the end of a jpeg", |draft, values| {
        draft.pixel_data = encapsulated(&[], &[&jpeg(&[], &values.get("word", "end"))]);
    }),
    ("offset table of other bytes", |draft, values| {
        draft.pixel_data = encapsulated(&values.get("word", "table"), &[&jpeg(&[], &[])]);
    }),
    ("orphan fragments", |draft, values| {
        let orphan = values.get("word", "orphan");
        let comment = jpeg(&segment(0xFE, &values.get("word", "comment")), &[]);
        draft.pixel_data = encapsulated(&[], &[&jpeg(&[], &[]), &orphan, &comment]);
    }),
    ("extended offset table of other bytes", |draft, values| {
        draft.add(Tag(0x7FE0, 0x0001), VR::OV, &[&values.get("word", "offsets")[..], b"1234"].concat());
        draft.add(Tag(0x7FE0, 0x0002), VR::OV, &[&values.get("word", "lengths")[..], b"1234"].concat());
    }),
    ("bytes behind the last frame", |draft, values| {
        let value = [pixels(), values.get("word", "frame")].concat();
        draft.pixel_data = element(draft.shell, Tag(0x7FE0, 0x0010), VR::OW, &value);
    }),
    ("a frame too many", |draft, values| {
        let value = [pixels(), values.get("word", "frame").repeat(3)].concat();
        draft.pixel_data = element(draft.shell, Tag(0x7FE0, 0x0010), VR::OW, &value);
    }),
    ("unused high bits", |draft, values| {
        let bits: Vec<u8> =
            values.get("word", "bits").iter().flat_map(|byte| (0..8).map(move |n| byte >> n & 1)).collect();
        let words = bits.iter().map(|bit| u16::from(*bit) << 15 | 0x0123);
        let big = draft.shell.form.encoding == Encoding::Big;
        let value: Vec<u8> = words.flat_map(|word| if big { word.to_be_bytes() } else { word.to_le_bytes() }).collect();
        draft.pixel_data = element(draft.shell, Tag(0x7FE0, 0x0010), VR::OW, &value);
    }),
    ("jpeg 2000 comment", |draft, values| {
        let comment = [&[0, 1][..], &values.get("word", "comment")].concat();
        draft.pixel_data = encapsulated(&[], &[&j2k(&comment)]);
        draft.state("1.2.840.10008.1.2.4.90");
    }),
    ("rle slack", |draft, values| {
        draft.pixel_data = encapsulated(&[], &[&rle(&values.get("word", "slack"))]);
        draft.state("1.2.840.10008.1.2.5");
    }),
    ("video metadata", |draft, values| {
        let mut stream = vec![0, 0, 0, 1, 6, 5];
        stream.extend(values.get("word", "user data"));
        draft.pixel_data = encapsulated(&[], &[&stream]);
        draft.state("1.2.840.10008.1.2.4.102");
    }),
    // As a picture shows a name, its bytes spell one here: the search needs something to find.
    ("text in the picture", |draft, values| {
        let mut value = values.get("word", "picture");
        value.resize(96 * 2, 0);
        draft.pixel_data = element(draft.shell, Tag(0x7FE0, 0x0010), VR::OW, &value);
    }),
];

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("ASCII")
}

// --- File Meta Information ----------------------------------------------------------------------

/// Group 0002 with a value wherever one fits.
fn meta(shell: Shell, values: &mut Values) -> Vec<u8> {
    let mut get = |kind: &str, label: &str| text(&values.get(kind, label));
    Bytes::new(Syntax::Explicit)
        .element(0x0002_0001, "OB", &[0, 1])
        .text(0x0002_0002, "UI", &get("uid", "class"))
        .text(0x0002_0003, "UI", &get("uid", "instance"))
        .text(0x0002_0010, "UI", shell.syntax().uid())
        .text(0x0002_0012, "UI", &get("uid", "implementation"))
        .text(0x0002_0013, "SH", &get("word", "version"))
        .text(0x0002_0016, "AE", &get("word", "source"))
        .text(0x0002_0017, "AE", &get("word", "sending"))
        .text(0x0002_0018, "AE", &get("word", "receiving"))
        .text(0x0002_0026, "UR", &get("word", "source address"))
        .text(0x0002_0027, "UR", &get("word", "sending address"))
        .text(0x0002_0028, "UR", &get("word", "receiving address"))
        .text(0x0002_0035, "OB", &get("word", "real-time source"))
        .text(0x0002_0036, "OB", &get("word", "real-time flow"))
        .text(0x0002_00FE, "LO", &get("word", "unknown"))
        .text(0x0002_0100, "UI", &get("uid", "creator"))
        .text(0x0002_0102, "OB", &get("word", "private information"))
        .bytes
}

fn meta_states(draft: &mut Draft, values: &mut Values, length: u32) {
    draft.meta = meta(draft.shell, values);
    draft.meta_length = Some(Bytes::new(Syntax::Explicit).element(0x0002_0000, "UL", &length.to_le_bytes()).bytes);
}

fn states(syntax: &str) -> Vec<u8> {
    Bytes::new(Syntax::Explicit).text(0x0002_0010, "UI", syntax).bytes
}

fn preamble(draft: &mut Draft, start: &[u8], values: &mut Values) {
    draft.preamble = [start, &values.get("word", "preamble"), b"\n", &values.get("word", "more")].concat();
    draft.preamble.resize(128, b'.');
}

// --- Items and delimiters -----------------------------------------------------------------------

fn number(shell: Shell, number: u32) -> [u8; 4] {
    if shell.form.encoding == Encoding::Big { number.to_be_bytes() } else { number.to_le_bytes() }
}

/// (FFFE,xxxx) with the four bytes of its length field.
fn mark(shell: Shell, element: u16, length: &[u8]) -> Vec<u8> {
    let halves = [0xFFFE, element];
    let big = shell.form.encoding == Encoding::Big;
    let tag = halves.iter().flat_map(|half: &u16| if big { half.to_be_bytes() } else { half.to_le_bytes() });
    tag.chain(length.iter().copied()).collect()
}

/// The beginning of a Sequence of undefined length, and of an Item with one number in it.
fn open(draft: &mut Draft, item_length: [u8; 4]) {
    let header = Bytes::new(draft.shell.syntax()).header(0x0040_0260, "SQ", u32::MAX).bytes;
    let item = [header, mark(draft.shell, 0xE000, &item_length)].concat();
    draft.data_set.extend(item);
    draft.add(Tag(0x0018, 0x0050), VR::DS, b"1.5 ");
}

/// An Item whose length goes beyond its elements.
fn slack(draft: &mut Draft, bytes: &[u8]) {
    let inside = element(draft.shell, Tag(0x0018, 0x0050), VR::DS, b"1.5 ").len() + bytes.len();
    open(draft, number(draft.shell, inside as u32));
    draft.data_set.extend(bytes);
    let end = mark(draft.shell, 0xE0DD, &[0; 4]);
    draft.data_set.extend(end);
}

fn odd(draft: &mut Draft, tag: Tag, vr: &str, value: &[u8]) {
    let number = u32::from(tag.group()) << 16 | u32::from(tag.element());
    let value = [value, b"x"].concat();
    draft.data_set.extend(Bytes::new(draft.shell.syntax()).element(number, vr, &value).bytes);
}

/// A UN value of defined length with an Item in another encoding than PS3.5 6.2.2 says.
fn unknown(draft: &mut Draft, tag: u32, syntax: Syntax, values: &mut Values) {
    let (name, id) = (values.get("word", "name"), values.get("word", "id"));
    let inside = Bytes::new(syntax).text(0x0010_0010, "PN", &text(&name)).text(0x0010_0020, "LO", &text(&id));
    let item = Bytes::new(Syntax::Implicit).header(0xFFFE_E000, "", inside.bytes.len() as u32).raw(&inside.bytes);
    draft.data_set.extend(Bytes::new(draft.shell.syntax()).element(tag, "UN", &item.bytes).bytes);
}

/// A profile of colours (ISO 15076-1) with text wherever it can stand, and a curve.
fn icc(values: &mut Values) -> Vec<u8> {
    let word = |values: &mut Values, label: &str| values.get("word", label);
    let wide: Vec<u8> = word(values, "wide").iter().flat_map(|byte| [0, *byte]).collect();
    let localised = [b"\0\0\0\x01\0\0\0\x0CenUS\0\0\0\x18\0\0\0\x1C", &wide[..]].concat();
    let tags: Vec<(&[u8; 4], &[u8; 4], Vec<u8>)> = vec![
        (b"desc", b"desc", [&[0, 0, 0, 13][..], &word(values, "description"), &[0]].concat()),
        (b"cprt", b"text", word(values, "copyright")),
        (b"dmnd", b"mluc", localised),
        (b"dmdd", b"text", word(values, "model")),
        (b"rTRC", b"curv", vec![0, 0, 0, 1, 1, 0xCD]),
        (b"gTRC", b"text", word(values, "curve")),
        (b"wtpt", b"XYZ ", vec![0, 0, 0xF6, 0xD6, 0, 1, 0, 0, 0, 0, 0xD3, 0x2D]),
        (b"abcd", b"data", word(values, "unknown")),
    ];
    let mut profile = vec![0; 128];
    profile[36..40].copy_from_slice(b"acsp");
    profile[8..12].copy_from_slice(&[2, 0x10, 0, 0]);
    profile[12..24].copy_from_slice(b"mntrRGB XYZ ");
    profile[100..112].copy_from_slice(&word(values, "reserved"));
    profile.extend((tags.len() as u32).to_be_bytes());
    let mut body = Vec::new();
    for (name, kind, value) in &tags {
        let at = 132 + 12 * tags.len() + body.len();
        profile.extend(name.iter().copied().chain((at as u32).to_be_bytes()));
        profile.extend((value.len() as u32 + 8).to_be_bytes());
        body.extend([&kind[..], &[0; 4], value].concat());
        body.resize(body.len().next_multiple_of(4), 0);
    }
    profile.extend(body);
    profile.extend(word(values, "behind"));
    let length = (profile.len() as u32).to_be_bytes();
    profile[..4].copy_from_slice(&length);
    profile
}

// --- Pixel Data ---------------------------------------------------------------------------------

/// Encapsulated Pixel Data with a Basic Offset Table.
fn encapsulated(table: &[u8], fragments: &[&[u8]]) -> Vec<u8> {
    let item = |bytes: &[u8]| Bytes::new(Syntax::Implicit).header(0xFFFE_E000, "", bytes.len() as u32).raw(bytes).bytes;
    let items: Vec<u8> = [&[table][..], fragments].concat().into_iter().flat_map(item).collect();
    let end = Bytes::new(Syntax::Implicit).header(0xFFFE_E0DD, "", 0).bytes;
    Bytes::new(Syntax::Jpeg).header(0x7FE0_0010, "OB", u32::MAX).raw(&items).raw(&end).bytes
}

/// A JPEG marker segment.
fn segment(code: u8, body: &[u8]) -> Vec<u8> {
    [&[0xFF, code][..], &(body.len() as u16 + 2).to_be_bytes(), body].concat()
}

/// An image with segments that begin as given and end in a value.
fn segments(draft: &mut Draft, all: &[(u8, &[u8])], values: &mut Values) {
    let planted = |(code, start): &(u8, &[u8])| {
        let label = format!("{code:X} {}", start.len());
        segment(*code, &[start, &values.get("word", &label)[..]].concat())
    };
    let all: Vec<u8> = all.iter().flat_map(planted).collect();
    draft.pixel_data = encapsulated(&[], &[&jpeg(&all, &[])]);
}

/// A JPEG 2000 codestream (ISO/IEC 15444-1 Annex A) of one tile, with a comment.
fn j2k(comment: &[u8]) -> Vec<u8> {
    let mut size = vec![0, 0];
    for number in [4u32, 4, 0, 0, 4, 4, 0, 0] {
        size.extend(number.to_be_bytes());
    }
    size.extend([0, 1, 7, 1, 1]);
    let coding = [0, 0, 0, 1, 0, 0, 4, 4, 0, 1];
    let mut image =
        [vec![0xFF, 0x4F], segment(0x51, &size), segment(0x52, &coding), segment(0x5C, &[0x40, 0x40])].concat();
    image.extend(segment(0x64, comment));
    image.extend([0xFF, 0x90, 0, 10, 0, 0, 0, 0, 0, 15, 0, 1, 0xFF, 0x93, 0x80, 0xFF, 0xD9]);
    image.resize(image.len().next_multiple_of(2), 0);
    image
}

/// One RLE segment (PS3.5 Annex G) of sixteen zeros, and what stands behind it.
fn rle(slack: &[u8]) -> Vec<u8> {
    let mut frame = vec![0; 64];
    frame[0] = 1;
    frame[4] = 64;
    frame.extend([0xF1, 0]);
    frame.extend(slack);
    frame
}
