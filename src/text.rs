//! Specific Character Sets (PS3.3 C.12.1.1.2) as far as text is written or shown: UTF-8 and the
//! single-byte repertoires. Multi-byte sets are never re-encoded; replacements are ASCII there.
//!
//! The `encoding` crate is used directly, and set by set, because what dicom-encoding offers links
//! the tables of all East Asian sets, which are larger than the rest of the engine.

use crate::value;
use encoding::all::{
    ISO_8859_1, ISO_8859_2, ISO_8859_3, ISO_8859_4, ISO_8859_5, ISO_8859_6, ISO_8859_7, ISO_8859_8, UTF_8, WINDOWS_874,
    WINDOWS_1254,
};
use encoding::{DecoderTrap, EncoderTrap, EncodingRef};

/// The codec of a defined term, with or without code extensions.
fn codec(term: &str) -> Option<EncodingRef> {
    if term == "ISO_IR 192" {
        return Some(UTF_8);
    }
    let number = term.strip_prefix("ISO_IR ").or_else(|| term.strip_prefix("ISO 2022 IR "))?;
    Some(match number {
        "100" => ISO_8859_1,
        "101" => ISO_8859_2,
        "109" => ISO_8859_3,
        "110" => ISO_8859_4,
        "144" => ISO_8859_5,
        "127" => ISO_8859_6,
        "126" => ISO_8859_7,
        "138" => ISO_8859_8,
        "148" => WINDOWS_1254,
        "166" => WINDOWS_874,
        _ => return None,
    })
}

/// Text in the first of the file's character sets, which is the one that values begin with; `None`
/// if that has not all its characters.
pub(crate) fn encode(text: &str, character_set: &[u8]) -> Option<Vec<u8>> {
    if text.is_ascii() {
        return Some(text.as_bytes().to_vec());
    }
    let first = character_set.split(|b| *b == b'\\').next().map(value::ascii)?;
    let bytes = codec(&first)?.encode(text, EncoderTrap::Strict).ok()?;
    // 8859-9 and 8859-11 lack the characters that the Windows sets have between 80 and 9F.
    let legal = first == "ISO_IR 192" || bytes.iter().all(|b| !(0x80..0xA0).contains(b));
    legal.then_some(bytes)
}

/// Text for the screen; what cannot be read becomes a mark.
pub(crate) fn decode(bytes: &[u8], character_set: &[u8]) -> String {
    let codecs = character_set.split(|b| *b == b'\\').filter_map(|term| codec(&value::ascii(term)));
    let decoded = codecs.filter_map(|codec| codec.decode(bytes, DecoderTrap::Strict).ok()).next();
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
