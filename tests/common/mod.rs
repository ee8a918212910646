//! DICOM files written byte by byte, so that tests do not trust the code they test.

#![allow(dead_code, unreachable_pub, reason = "each test crate uses its own part of this module")]

#[cfg(feature = "cli")]
pub mod command;
pub mod images;

use std::io::Write;

/// The SOP Class UID of CT Image Storage.
pub const CT_IMAGE: &str = "1.2.840.10008.5.1.4.1.1.2";

/// How a Data Set is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Syntax {
    /// Implicit VR Little Endian.
    Implicit,
    /// Explicit VR Little Endian.
    Explicit,
    /// Explicit VR Big Endian.
    BigEndian,
    /// Deflated Explicit VR Little Endian: the file's Data Set is deflated, in memory it is not.
    Deflated,
    /// JPEG Baseline, with encapsulated Pixel Data.
    Jpeg,
}

impl Syntax {
    /// The Transfer Syntax UID.
    pub fn uid(self) -> &'static str {
        match self {
            Syntax::Implicit => "1.2.840.10008.1.2",
            Syntax::Explicit => "1.2.840.10008.1.2.1",
            Syntax::BigEndian => "1.2.840.10008.1.2.2",
            Syntax::Deflated => "1.2.840.10008.1.2.1.99",
            Syntax::Jpeg => "1.2.840.10008.1.2.4.50",
        }
    }

    fn u16(self, value: u16) -> [u8; 2] {
        if self == Syntax::BigEndian { value.to_be_bytes() } else { value.to_le_bytes() }
    }

    fn u32(self, value: u32) -> [u8; 4] {
        if self == Syntax::BigEndian { value.to_be_bytes() } else { value.to_le_bytes() }
    }

    fn tag(self, tag: u32) -> [u8; 4] {
        let [a, b] = self.u16((tag >> 16) as u16);
        let [c, d] = self.u16(tag as u16);
        [a, b, c, d]
    }
}

/// Whether a Sequence and its Items state their lengths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lengths {
    /// They do.
    Defined,
    /// They end with delimiters.
    Undefined,
}

/// A Data Set under construction. Elements are written in the order of the calls, right or wrong.
#[derive(Clone, Debug)]
pub struct Bytes {
    syntax: Syntax,
    /// What was written so far.
    pub bytes: Vec<u8>,
}

impl Bytes {
    /// An empty Data Set.
    pub fn new(syntax: Syntax) -> Self {
        Bytes { syntax, bytes: Vec::new() }
    }

    /// Adds an element with a text value, padded to even length.
    pub fn text(self, tag: u32, vr: &str, value: &str) -> Self {
        let mut value = value.as_bytes().to_vec();
        if value.len() % 2 == 1 {
            value.push(if vr == "UI" { 0 } else { b' ' });
        }
        self.element(tag, vr, &value)
    }

    /// Adds an element of VR US.
    pub fn us(self, tag: u32, value: u16) -> Self {
        let value = self.syntax.u16(value);
        self.element(tag, "US", &value)
    }

    /// Adds an element with the value as it is.
    pub fn element(self, tag: u32, vr: &str, value: &[u8]) -> Self {
        self.header(tag, vr, value.len() as u32).raw(value)
    }

    /// Adds a Sequence of Items, each a Data Set.
    pub fn sequence(self, tag: u32, lengths: Lengths, items: &[Bytes]) -> Self {
        let syntax = self.syntax;
        let mut value = Vec::new();
        for Bytes { bytes, .. } in items {
            let length = if lengths == Lengths::Defined { bytes.len() as u32 } else { u32::MAX };
            value.extend(delimiter(syntax, 0xFFFE_E000, length));
            value.extend(bytes);
            if lengths == Lengths::Undefined {
                value.extend(delimiter(syntax, 0xFFFE_E00D, 0));
            }
        }
        match lengths {
            Lengths::Defined => self.header(tag, "SQ", value.len() as u32).raw(&value),
            Lengths::Undefined => self.header(tag, "SQ", u32::MAX).raw(&value).raw(&delimiter(syntax, 0xFFFE_E0DD, 0)),
        }
    }

    /// Adds encapsulated Pixel Data: an empty Basic Offset Table and the Fragments.
    pub fn fragments(self, fragments: &[&[u8]]) -> Self {
        let syntax = self.syntax;
        let mut pixel_data = self.header(0x7FE0_0010, "OB", u32::MAX).raw(&delimiter(syntax, 0xFFFE_E000, 0));
        for fragment in fragments {
            pixel_data = pixel_data.raw(&delimiter(syntax, 0xFFFE_E000, fragment.len() as u32)).raw(fragment);
        }
        pixel_data.raw(&delimiter(syntax, 0xFFFE_E0DD, 0))
    }

    /// Adds bytes that need not be an element.
    pub fn raw(mut self, bytes: &[u8]) -> Self {
        self.bytes.extend(bytes);
        self
    }

    /// Adds the header of an element with a Value Length that need not be true.
    pub fn header(self, tag: u32, vr: &str, length: u32) -> Self {
        let syntax = self.syntax;
        let header = self.raw(&syntax.tag(tag));
        if syntax == Syntax::Implicit {
            return header.raw(&syntax.u32(length));
        }
        let header = header.raw(vr.as_bytes());
        // PS3.5 7.1.2: these have a reserved field and a length of 32 bits.
        let is_long = ["OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"].contains(&vr);
        if is_long { header.raw(&[0, 0]).raw(&syntax.u32(length)) } else { header.raw(&syntax.u16(length as u16)) }
    }

    /// The whole file: preamble, File Meta Information and this Data Set.
    pub fn file(&self, sop_class: &str, sop_instance: &str) -> Vec<u8> {
        self.file_as(self.syntax.uid(), sop_class, sop_instance)
    }

    /// The whole file, of another Transfer Syntax of the same encoding.
    pub fn file_as(&self, syntax: &str, sop_class: &str, sop_instance: &str) -> Vec<u8> {
        let meta = Bytes::new(Syntax::Explicit)
            .element(0x0002_0001, "OB", &[0, 1])
            .text(0x0002_0002, "UI", sop_class)
            .text(0x0002_0003, "UI", sop_instance)
            .text(0x0002_0010, "UI", syntax)
            .text(0x0002_0012, "UI", "1.2.3.4");
        let length = (meta.bytes.len() as u32).to_le_bytes();
        let mut file = vec![0; 128];
        file.extend(b"DICM");
        file.extend(Bytes::new(Syntax::Explicit).element(0x0002_0000, "UL", &length).bytes);
        file.extend(meta.bytes);
        file.extend(if self.syntax == Syntax::Deflated { deflate(&self.bytes) } else { self.bytes.clone() });
        file
    }
}

/// A small CT image: what it holds of a person is easy to find again.
#[derive(Clone, Debug)]
pub struct Ct {
    /// Encoding.
    pub syntax: Syntax,
    /// Patient's Name.
    pub name: String,
    /// Patient ID.
    pub id: String,
    /// Study Instance UID.
    pub study: String,
    /// Series Instance UID.
    pub series: String,
    /// SOP Instance UID.
    pub instance: String,
    /// Pixel Data (of encapsulated syntaxes: one Fragment).
    pub pixels: Vec<u8>,
}

impl Ct {
    /// The n-th image of the n-th series of a patient.
    pub fn new(syntax: Syntax, patient: &str, series: u32, instance: u32) -> Self {
        Ct {
            syntax,
            name: format!("Secret^{patient}"),
            id: format!("ID-{patient}"),
            study: "1.2.826.0.1.3680043.9.7777.1".into(),
            series: format!("1.2.826.0.1.3680043.9.7777.1.{series}"),
            instance: format!("1.2.826.0.1.3680043.9.7777.1.{series}.{instance}"),
            pixels: (0..64_u32).map(|n| (n * 7 + instance) as u8).collect(),
        }
    }

    /// The file.
    pub fn file(&self) -> Vec<u8> {
        let reference = Bytes::new(self.syntax)
            .text(0x0008_1150, "UI", CT_IMAGE)
            .text(0x0008_1155, "UI", &self.instance)
            .text(0x0010_0010, "PN", &self.name);
        let data_set = Bytes::new(self.syntax)
            .text(0x0008_0016, "UI", CT_IMAGE)
            .text(0x0008_0018, "UI", &self.instance)
            .text(0x0008_0020, "DA", "20240517")
            .text(0x0008_0050, "SH", "ACC4711")
            .text(0x0008_0060, "CS", "CT")
            .sequence(0x0008_1140, Lengths::Undefined, &[reference])
            .text(0x0010_0010, "PN", &self.name)
            .text(0x0010_0020, "LO", &self.id)
            .text(0x0010_0030, "DA", "19610512")
            .text(0x0020_000D, "UI", &self.study)
            .text(0x0020_000E, "UI", &self.series)
            .text(0x0020_0013, "IS", "5")
            .us(0x0028_0010, 8)
            .us(0x0028_0011, 8);
        let data_set = match self.syntax {
            Syntax::Jpeg => data_set.fragments(&[&self.pixels]),
            _ => data_set.element(0x7FE0_0010, "OW", &self.pixels),
        };
        data_set.file(CT_IMAGE, &self.instance)
    }
}

fn delimiter(syntax: Syntax, tag: u32, length: u32) -> Vec<u8> {
    [syntax.tag(tag), syntax.u32(length)].concat()
}

fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).expect("writing to memory works");
    encoder.finish().expect("writing to memory works")
}
