//! Transfer Syntaxes and the encoding of Data Element headers (PS3.5 7.1, PS3.6 Table A-1).

use crate::{Tag, VR};

/// The length field of an element or Item of undefined length (PS3.5 7.1.1).
pub(crate) const UNDEFINED: u32 = u32::MAX;
/// (FFFE,E000), begin of an Item.
pub(crate) const ITEM: Tag = Tag(0xFFFE, 0xE000);
/// (FFFE,E00D), end of an Item of undefined length.
pub(crate) const ITEM_DELIMITER: Tag = Tag(0xFFFE, 0xE00D);
/// (FFFE,E0DD), end of a Sequence of undefined length.
pub(crate) const SEQUENCE_DELIMITER: Tag = Tag(0xFFFE, 0xE0DD);

/// How headers and binary values are laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    ImplicitLittle,
    ExplicitLittle,
    ExplicitBig,
}

impl Encoding {
    pub(crate) fn is_big(self) -> bool {
        self == Encoding::ExplicitBig
    }

    pub(crate) fn is_explicit(self) -> bool {
        self != Encoding::ImplicitLittle
    }

    pub(crate) fn u16(self, bytes: [u8; 2]) -> u16 {
        if self.is_big() { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) }
    }

    pub(crate) fn u32(self, bytes: [u8; 4]) -> u32 {
        if self.is_big() { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) }
    }

    fn bytes_of(self, value: u16) -> [u8; 2] {
        if self.is_big() { value.to_be_bytes() } else { value.to_le_bytes() }
    }

    /// The bytes of a 32-bit number.
    pub(crate) fn u32_bytes(self, value: u32) -> [u8; 4] {
        if self.is_big() { value.to_be_bytes() } else { value.to_le_bytes() }
    }

    /// Appends a 32-bit number.
    pub(crate) fn push_u32(self, out: &mut Vec<u8>, value: u32) {
        out.extend_from_slice(&self.u32_bytes(value));
    }

    /// Appends a tag.
    pub(crate) fn push_tag(self, out: &mut Vec<u8>, tag: Tag) {
        out.extend_from_slice(&self.bytes_of(tag.group()));
        out.extend_from_slice(&self.bytes_of(tag.element()));
    }

    /// Appends an element header; `false` if the length does not fit its 16-bit field.
    pub(crate) fn push_header(self, out: &mut Vec<u8>, tag: Tag, vr: VR, length: u32) -> bool {
        let ([g0, g1], [e0, e1]) = (self.bytes_of(tag.group()), self.bytes_of(tag.element()));
        let [a, b, c, d] = if self.is_big() { length.to_be_bytes() } else { length.to_le_bytes() };
        if !self.is_explicit() {
            out.extend_from_slice(&[g0, g1, e0, e1, a, b, c, d]);
            return true;
        }
        let &[v, r] = vr.to_string().as_bytes() else { return false };
        if has_long_header(vr) {
            out.extend_from_slice(&[g0, g1, e0, e1, v, r, 0, 0, a, b, c, d]);
            return true;
        }
        let [a, b] = self.bytes_of(length as u16);
        out.extend_from_slice(&[g0, g1, e0, e1, v, r, a, b]);
        length <= u32::from(u16::MAX)
    }
}

/// VRs with 2 reserved bytes and a 32-bit length in Explicit VR (PS3.5 Table 7.1-1).
pub(crate) fn has_long_header(vr: VR) -> bool {
    use VR::*;
    matches!(vr, OB | OD | OF | OL | OV | OW | SQ | SV | UC | UN | UR | UT | UV)
}

/// A tag as one number, in the order of tags; it is compared and hashed at once.
#[inline(always)]
pub(crate) const fn number(Tag(group, element): Tag) -> u32 {
    (group as u32) << 16 | element as u32
}

/// What kind of VR the header of an element states.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stated {
    /// A VR of the Standard.
    Known(VR),
    /// Two capital letters that are no VR: PS3.5 6.2 lets new VRs have the long header.
    Unknown,
    /// No VR: Implicit VR, or a stray implicit header in an explicit Data Set.
    Nothing,
}

/// A decoded element header.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Header {
    pub(crate) tag: Tag,
    pub(crate) stated: Stated,
    /// 8 or 12 bytes.
    pub(crate) size: u8,
    pub(crate) length: u32,
}

/// The VR of two letters, the first in the low byte. It is asked for every element; dicom-core's own way leads over text.
#[inline(always)]
pub(crate) fn vr_of_code(code: u64) -> Option<VR> {
    let places = (code & 31) << 5 | code >> 8 & 31;
    // All capital letters are from 0x40 to 0x5F, whose other signs make no VR.
    if code & 0xE0E0 == 0x4040 { VRS[places as usize & 1023] } else { None }
}

/// The VRs by the five low bits of their two letters.
static VRS: [Option<VR>; 1024] = {
    let mut vrs = [None; 1024];
    let mut at = 0;
    while at < vrs.len() {
        vrs[at] = vr_of([0x40 | (at >> 5) as u8, 0x40 | (at & 31) as u8]);
        at += 1;
    }
    vrs
};

const fn vr_of(code: [u8; 2]) -> Option<VR> {
    use VR::*;
    Some(match &code {
        b"AE" => AE,
        b"AS" => AS,
        b"AT" => AT,
        b"CS" => CS,
        b"DA" => DA,
        b"DS" => DS,
        b"DT" => DT,
        b"FD" => FD,
        b"FL" => FL,
        b"IS" => IS,
        b"LO" => LO,
        b"LT" => LT,
        b"OB" => OB,
        b"OD" => OD,
        b"OF" => OF,
        b"OL" => OL,
        b"OV" => OV,
        b"OW" => OW,
        b"PN" => PN,
        b"SH" => SH,
        b"SL" => SL,
        b"SQ" => SQ,
        b"SS" => SS,
        b"ST" => ST,
        b"SV" => SV,
        b"TM" => TM,
        b"UC" => UC,
        b"UI" => UI,
        b"UL" => UL,
        b"UN" => UN,
        b"UR" => UR,
        b"US" => US,
        b"UT" => UT,
        b"UV" => UV,
        _ => return None,
    })
}

/// Decodes the header at the start of `bytes`, `Err(n)` if `n` bytes are needed.
#[inline(always)] // into the loop over elements
pub(crate) fn header(encoding: Encoding, bytes: &[u8]) -> Result<Header, usize> {
    let Some(&[a, b, c, d, e, f, g, h]) = bytes.first_chunk::<8>() else { return Err(8) };
    let tag = Tag(encoding.u16([a, b]), encoding.u16([c, d]));
    let implicit = Header { tag, stated: Stated::Nothing, size: 8, length: encoding.u32([e, f, g, h]) };
    if !encoding.is_explicit() || tag.group() == 0xFFFE {
        return Ok(implicit);
    }
    let (stated, long) = match vr_of_code(u64::from(u16::from_le_bytes([e, f]))) {
        Some(vr) => (Stated::Known(vr), has_long_header(vr)),
        None if e.is_ascii_uppercase() && f.is_ascii_uppercase() => (Stated::Unknown, true),
        None => return Ok(implicit),
    };
    if !long {
        return Ok(Header { tag, stated, size: 8, length: u32::from(encoding.u16([g, h])) });
    }
    let Some(&[.., i, j, k, l]) = bytes.first_chunk::<12>() else { return Err(12) };
    Ok(Header { tag, stated, size: 12, length: encoding.u32([i, j, k, l]) })
}

/// A Transfer Syntax as far as de-identification needs to know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransferSyntax {
    /// Its UID as it is written in the File Meta Information.
    pub(crate) uid: String,
    pub(crate) encoding: Encoding,
    /// The Data Set is a deflated stream (PS3.5 A.5).
    pub(crate) deflated: bool,
}

impl TransferSyntax {
    /// The syntax's UID.
    pub fn uid(&self) -> &str {
        &self.uid
    }

    /// Whether the syntax says nothing but how Data Elements are encoded.
    pub(crate) fn is_plain(&self) -> bool {
        ["1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2"].contains(&self.uid.as_str())
    }

    /// The syntax of a UID; `None` if the Standard does not know it.
    pub(crate) fn from_uid(uid: &str) -> Option<Self> {
        let (encoding, deflated) = match uid {
            "1.2.840.10008.1.2" => (Encoding::ImplicitLittle, false),
            "1.2.840.10008.1.2.2" => (Encoding::ExplicitBig, false),
            // Deflated Explicit VR Little Endian and JPIP Referenced (HTJ2K) Deflate.
            "1.2.840.10008.1.2.1.99" | "1.2.840.10008.1.2.4.95" | "1.2.840.10008.1.2.4.205" => {
                (Encoding::ExplicitLittle, true)
            }
            // GE private: Implicit VR Little Endian but for the Pixel Data, which is not touched.
            "1.2.840.113619.5.2" => (Encoding::ImplicitLittle, false),
            // Every encapsulated syntax is Explicit VR Little Endian (PS3.5 A.4).
            other if is_explicit_little(other) => (Encoding::ExplicitLittle, false),
            _ => return None,
        };
        Some(TransferSyntax { uid: uid.to_owned(), encoding, deflated })
    }

    /// The plain syntax of an encoding, for files that do not say or say wrong.
    pub(crate) fn plain(encoding: Encoding) -> Self {
        let uid = match encoding {
            Encoding::ImplicitLittle => "1.2.840.10008.1.2",
            Encoding::ExplicitLittle => "1.2.840.10008.1.2.1",
            Encoding::ExplicitBig => "1.2.840.10008.1.2.2",
        };
        TransferSyntax { uid: uid.to_owned(), encoding, deflated: false }
    }
}

/// Explicit VR Little Endian itself, the encapsulated and the SMPTE ST 2110 syntaxes, those of later editions included:
/// the number of a codec, and `.1` where it may be cut (4.100.1). Nothing longer, as the UID is copied into the output.
fn is_explicit_little(uid: &str) -> bool {
    let Some(rest) = uid.strip_prefix("1.2.840.10008.1.2.") else { return false };
    if ["1", "5", "1.98", "6.1", "6.2"].contains(&rest) {
        return true;
    }
    let Some(codec) = ["4.", "7.", "8."].iter().find_map(|arc| rest.strip_prefix(arc)) else { return false };
    let number = codec.strip_suffix(".1").unwrap_or(codec);
    (1..=3).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit())
}

/// Whether the bytes look like the header of a Data Set's first element in this encoding.
pub(crate) fn is_plausible(encoding: Encoding, bytes: &[u8], remaining: u64) -> bool {
    let Ok(header) = header(encoding, bytes) else { return false };
    let Tag(group, _) = header.tag;
    // Data Sets begin with a low group, and a wrong byte order shows as a multiple of 256.
    let low_group = (0x0001..=0x7FE0).contains(&group) && group & 0x00FF != 0;
    let fits = header.length == UNDEFINED || u64::from(header.length) <= remaining;
    let stated = match header.stated {
        Stated::Known(_) => encoding.is_explicit(),
        Stated::Unknown => false,
        Stated::Nothing => !encoding.is_explicit(),
    };
    low_group && fits && stated
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_and_long_headers_are_read_back() {
        for encoding in [Encoding::ImplicitLittle, Encoding::ExplicitLittle, Encoding::ExplicitBig] {
            for (vr, length) in [(VR::PN, 12), (VR::SQ, UNDEFINED), (VR::UT, 70_000)] {
                let mut bytes = Vec::new();
                assert!(encoding.push_header(&mut bytes, Tag(0x10, 0x20), vr, length));
                let read = header(encoding, &bytes).unwrap();
                assert_eq!((read.tag, read.length), (Tag(0x10, 0x20), length));
                assert_eq!(usize::from(read.size), bytes.len());
            }
        }
    }

    #[test]
    fn vrs_are_those_of_the_standard() {
        for (e, f) in (0..=u8::MAX).flat_map(|e| (0..=u8::MAX).map(move |f| (e, f))) {
            assert_eq!(vr_of([e, f]), VR::from_binary([e, f]));
        }
    }

    #[test]
    fn a_short_length_field_does_not_hold_65536() {
        assert!(!Encoding::ExplicitLittle.push_header(&mut Vec::new(), Tag(0x10, 0x10), VR::PN, 65_536));
    }

    #[test]
    fn an_unknown_syntax_is_not_guessed_from_its_uid() {
        assert!(TransferSyntax::from_uid("1.2.840.10008.1.2.4.50").is_some());
        assert!(TransferSyntax::from_uid("1.2.840.10008.1.2.4.106.1").is_some());
        assert!(TransferSyntax::from_uid("1.2.840.10008.1.2.4.x").is_none());
        assert!(TransferSyntax::from_uid("1.2.840.10008.1.2.4.4711").is_none());
        assert!(TransferSyntax::from_uid("1.2.840.10008.1.2.4.50.1.1").is_none());
        assert!(TransferSyntax::from_uid("1.2.3.4").is_none());
    }
}
