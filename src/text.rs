//! Specific Character Sets (PS3.3 C.12.1.1.2) as far as text is written or shown: UTF-8 and the
//! single-byte repertoires. Multi-byte sets are never re-encoded; replacements are ASCII there.
//!
//! Only the tables that lead from bytes to characters are used: for the little text that is written they are searched.
//! dicom-encoding, or the crate `encoding` below it, links the tables of all East Asian sets or those of the way back.

use crate::value;
use encoding_index_singlebyte::{
    iso_8859_2, iso_8859_3, iso_8859_4, iso_8859_5, iso_8859_6, iso_8859_7, iso_8859_8, windows_874, windows_1254,
};

/// How the bytes from 80 on are read.
enum Codec {
    Utf8,
    /// The character of such a byte; FFFF if it has none.
    SingleByte(fn(u8) -> u16),
}

/// The codec of a defined term, with or without code extensions.
fn codec(term: &str) -> Option<Codec> {
    if term == "ISO_IR 192" {
        return Some(Codec::Utf8);
    }
    let number = term.strip_prefix("ISO_IR ").or_else(|| term.strip_prefix("ISO 2022 IR "))?;
    Some(Codec::SingleByte(match number {
        "100" => u16::from,
        "101" => iso_8859_2::forward,
        "109" => iso_8859_3::forward,
        "110" => iso_8859_4::forward,
        "144" => iso_8859_5::forward,
        "127" => iso_8859_6::forward,
        "126" => iso_8859_7::forward,
        "138" => iso_8859_8::forward,
        "148" => windows_1254::forward,
        "166" => windows_874::forward,
        _ => return None,
    }))
}

impl Codec {
    fn encode(&self, text: &str) -> Option<Vec<u8>> {
        let Codec::SingleByte(character) = self else { return Some(text.as_bytes().to_vec()) };
        let byte = |c: char| match u8::try_from(c) {
            Ok(ascii @ ..0x80) => Some(ascii),
            _ => (0x80..=0xFF).find(|byte| u32::from(character(*byte)) == u32::from(c)),
        };
        text.chars().map(byte).collect()
    }

    fn decode(&self, bytes: &[u8]) -> Option<String> {
        let Codec::SingleByte(character) = self else { return String::from_utf8(bytes.to_vec()).ok() };
        let read = |byte: &u8| match byte {
            0..0x80 => Some(char::from(*byte)),
            _ => char::from_u32(character(*byte).into()).filter(|c| *c != '\u{FFFF}'),
        };
        bytes.iter().map(read).collect()
    }
}

/// Text in the first of the file's character sets, which is the one that values begin with; `None`
/// if that has not all its characters.
pub(crate) fn encode(text: &str, character_set: &[u8]) -> Option<Vec<u8>> {
    if text.is_ascii() {
        return Some(text.as_bytes().to_vec());
    }
    let first = character_set.split(|b| *b == b'\\').next().map(value::ascii)?;
    let bytes = codec(&first)?.encode(text)?;
    // 8859-9 and 8859-11 lack the characters that the Windows sets have between 80 and 9F.
    let legal = first == "ISO_IR 192" || bytes.iter().all(|b| !(0x80..0xA0).contains(b));
    legal.then_some(bytes)
}

/// Text in the first of the file's character sets, as values begin; nothing if it cannot be read so.
pub(crate) fn decode_first(bytes: &[u8], character_set: &[u8]) -> Option<String> {
    let first = character_set.split(|b| *b == b'\\').next().map(value::ascii)?;
    codec(&first)?.decode(bytes)
}

/// Text for the screen; what cannot be read becomes a mark.
pub(crate) fn decode(bytes: &[u8], character_set: &[u8]) -> String {
    let codecs = character_set.split(|b| *b == b'\\').filter_map(|term| codec(&value::ascii(term)));
    let decoded = codecs.filter_map(|codec| codec.decode(bytes)).next();
    decoded.unwrap_or_else(|| String::from_utf8_lossy(bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_written_in_the_files_own_set_or_not_at_all() {
        assert_eq!(encode("M\u{fc}ller", b"ISO_IR 100").unwrap(), b"M\xFCller");
        assert_eq!(encode("M\u{fc}ller", b"ISO_IR 192 ").unwrap(), "M\u{fc}ller".as_bytes());
        assert_eq!(encode("M\u{fc}ller", b"ISO 2022 IR 100\\ISO 2022 IR 87").unwrap(), b"M\xFCller");
        assert_eq!(encode("\u{411}", b"ISO_IR 144").unwrap(), b"\xB1");
        assert_eq!(encode("M\u{fc}ller", b""), None);
        assert_eq!(encode("M\u{fc}ller", b"ISO_IR 144"), None);
        assert_eq!(encode("M\u{fc}ller", b"\\ISO 2022 IR 87"), None);
        assert_eq!(encode("\u{20ac}", b"ISO_IR 148"), None);
        assert_eq!(encode("Miller", b"GB18030").unwrap(), b"Miller");
        assert_eq!(decode(b"M\xFCller", b"ISO_IR 100"), "M\u{fc}ller");
    }
}
