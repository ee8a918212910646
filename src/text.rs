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

/// Text that leads back to the value's bytes, for tables (docs/CROSSWALK.md). A backslash, what is no printable ASCII and,
/// where the value is not all in the first of the file's character sets, every byte from 80 on is `\\x` and two digits.
pub(crate) fn exact(bytes: &[u8], character_set: &[u8]) -> String {
    // Behind ESC another set may begin (PS3.5 6.1.2.5.3).
    let decoded = if bytes.contains(&0x1B) { None } else { decode_first(bytes, character_set) };
    let mut text = String::new();
    match decoded {
        Some(decoded) => decoded.chars().for_each(|c| push(&mut text, c, true)),
        None => bytes.iter().for_each(|byte| push(&mut text, char::from(*byte), byte.is_ascii())),
    }
    text
}

/// Adds a character, or the mark of a byte.
fn push(text: &mut String, c: char, is_text: bool) {
    if is_text && !c.is_ascii_control() && c != '\\' {
        text.push(c);
    } else {
        let digit = |value: u32| char::from_digit(value, 16).unwrap_or_default().to_ascii_uppercase();
        text.extend(['\\', 'x', digit(u32::from(c) >> 4), digit(u32::from(c) & 0xF)]);
    }
}

/// The character of a mark at the beginning of a text, and what is behind it; nothing if there is no mark, or no ASCII in it.
pub(crate) fn marked(text: &str) -> Option<(char, &str)> {
    let (digits, rest) = text.strip_prefix("\\x")?.split_at_checked(2)?;
    let mut values = digits.chars().map_while(|digit| digit.to_digit(16));
    let byte = (values.next()? << 4) | values.next()?;
    Some((char::from_u32(byte).filter(char::is_ascii)?, rest))
}

/// The text without marks; nothing if there are bytes in it that are no text.
pub(crate) fn unmarked(text: &str) -> Option<String> {
    let (mut plain, mut rest) = (String::new(), text);
    while let Some(at) = rest.as_bytes().windows(2).position(|two| two == b"\\x") {
        let (before, mark) = rest.split_at_checked(at)?;
        let (c, behind) = marked(mark)?;
        plain.push_str(before);
        plain.push(c);
        rest = behind;
    }
    plain.push_str(rest);
    Some(plain)
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

    #[test]
    fn exact_text_leads_back_to_the_bytes() {
        let cases: [(&[u8], &[u8], &str); 9] = [
            (b"0042", b"", "0042"),
            (b"M\xFCller", b"ISO_IR 100", "M\u{fc}ller"),
            ("\u{5c71}^\u{592a}".as_bytes(), b"ISO_IR 192", "\u{5c71}^\u{592a}"),
            (b"M\xFCller", b"", "M\\xFCller"),
            (b"M\xFCller", b"ISO_IR 192", "M\\xFCller"),
            (b"\xCD\xF5a", b"GB18030", "\\xCD\\xF5a"),
            (b"\x1B$B;3\x1B(B", b"\\ISO 2022 IR 87", "\\x1B$B;3\\x1B(B"),
            (b"\xFC\x1B-A\xFC", b"ISO 2022 IR 100\\ISO 2022 IR 126", "\\xFC\\x1B-A\\xFC"),
            (b"A\\xFC\tb", b"ISO_IR 100", "A\\x5CxFC\\x09b"),
        ];
        for (bytes, character_set, text) in cases {
            assert_eq!(exact(bytes, character_set), text);
        }
        assert_eq!(unmarked("A\\x5CxFC\\x09b\u{fc}").as_deref(), Some("A\\xFC\tb\u{fc}"));
        assert_eq!(unmarked("0042").as_deref(), Some("0042"));
        for text in ["\\xFC", "\\x+4", "\\x4", "\\xzz", "a\\x4\u{fc}"] {
            assert_eq!(unmarked(text), None);
        }
    }
}
