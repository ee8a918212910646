//! Values that are valid and hold no identifier, told in one way through their bytes. Where that needs a closer look, the answer
//! is no, and whoever asks takes it.

use super::{Identifiers, SHORTEST_NAME, Searched, is_token};
use crate::VR;
use crate::value::{CODE, PARAGRAPHS, TEXT, class};

impl Identifiers {
    /// Whether a text of a VR is surely valid and surely holds none of them, in whatever spelling.
    #[inline]
    pub(crate) fn is_plain(&self, vr: VR, bytes: &[u8]) -> bool {
        match vr {
            VR::DS => self.are_plain_numbers(bytes, 64),
            VR::IS => self.are_plain_numbers(bytes, 16),
            VR::CS => self.are_plain_codes(bytes),
            VR::ST | VR::LT | VR::UT => self.is_plain_prose(bytes, PARAGRAPHS),
            VR::LO | VR::SH | VR::UC => self.is_plain_prose(bytes, TEXT),
            _ => false,
        }
    }

    /// Decimal numbers without exponents (PS3.5 6.2, DS and IS).
    fn are_plain_numbers(&self, bytes: &[u8], longest: usize) -> bool {
        let mut at = 0;
        loop {
            let rest = bytes.get(at..).unwrap_or_default();
            if self.begins_at(rest, Searched::Numerals) {
                return false;
            }
            let (mut digits, mut points, mut len) = (0, 0, 0);
            let signed = usize::from(matches!(rest, [b'+' | b'-', ..]));
            for byte in rest.get(signed..).unwrap_or_default() {
                match byte {
                    b'0'..=b'9' => digits += 1,
                    b'.' => points += 1,
                    _ => break,
                }
                len += 1;
            }
            let len = signed + len;
            let whole = digits > 0 && points <= usize::from(longest > 16) && len <= longest;
            match rest.get(len..) {
                Some([] | [b' ']) if whole => return true,
                Some([b'\\', ..]) if whole => at += len + 1,
                // Nothing at all is a value as well, and others are looked at by others.
                _ => return bytes.is_empty(),
            }
        }
    }

    /// Code strings (PS3.5 6.2, CS).
    fn are_plain_codes(&self, bytes: &[u8]) -> bool {
        let (mut len, mut legal, mut between) = (0, CODE, true);
        for (at, &byte) in bytes.iter().enumerate() {
            if between && self.may_begin_with_byte(byte) && self.hits(bytes, at, Searched::Codes) {
                return false;
            }
            between = !is_token(byte);
            if byte == b'\\' {
                len = 0;
                continue;
            }
            len += 1;
            if len > 16 {
                return false;
            }
            legal &= class(byte);
        }
        legal != 0
    }

    /// Text in ASCII without two spaces side by side, which is compared as it is.
    fn is_plain_prose(&self, bytes: &[u8], class_of_vr: u8) -> bool {
        let (mut legal, mut foreign, mut before, mut doubled) = (class_of_vr, 0, 0, false);
        for (at, &byte) in bytes.iter().enumerate() {
            if !is_token(before) {
                doubled |= byte == b' ' && before == b' ';
                if self.may_begin_with_byte(byte) && self.hits(bytes, at, Searched::Prose) {
                    return false;
                }
            }
            (before, foreign) = (byte, foreign | byte);
            legal &= class(byte);
        }
        legal != 0 && foreign < 0x80 && !doubled
    }

    #[inline(always)]
    fn may_begin_with_byte(&self, byte: u8) -> bool {
        self.begins[usize::from(byte & 31)] != 0
    }

    /// Whether one begins at a place where a word begins.
    fn hits(&self, bytes: &[u8], at: usize, how: Searched) -> bool {
        let rest = bytes.get(at..).unwrap_or_default();
        // What is shorter is no name.
        (how == Searched::Prose || rest.len() >= SHORTEST_NAME) && self.begins_at(rest, how)
    }
}
