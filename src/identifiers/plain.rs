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
        let most_points = usize::from(longest > 16);
        let mut rest = bytes;
        while !rest.is_empty() {
            if self.begins_at(rest, Searched::Numerals) {
                return false;
            }
            let unsigned = match rest {
                [b'+' | b'-', unsigned @ ..] => unsigned,
                _ => rest,
            };
            let (whole, behind) = digits(unsigned);
            let (points, (fraction, behind)) = match behind {
                [b'.', fraction @ ..] => (1, digits(fraction)),
                _ => (0, (0, behind)),
            };
            if whole + fraction == 0 || points > most_points || rest.len() - behind.len() > longest {
                return false;
            }
            rest = match behind {
                [] | [b' '] => return true,
                // A number that is left out is looked at by others.
                [b'\\', next, ..] if *next != b'\\' => behind.get(1..).unwrap_or_default(),
                _ => return false,
            };
        }
        true
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

/// How many digits stand at the beginning, and what is behind them.
#[inline(always)]
fn digits(text: &[u8]) -> (usize, &[u8]) {
    let count = text.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len());
    (count, text.get(count..).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identifiers::{Kind, has_double_space};
    use crate::value;

    /// Whatever is put together of these: what is plain is valid and holds none, whoever looks.
    #[test]
    fn what_is_plain_is_valid_and_holds_no_identifier() {
        let mut own = Identifiers::default();
        own.add_value(Kind::Name, b"Okonkwo^Ada");
        own.add_value(Kind::Id, b"471199");
        own.add_value(Kind::Birth, b"19610324");
        own.add_value(Kind::Uid, b"1.2.3.4");
        let pieces: [&[u8]; 22] = [
            b"",
            b" ",
            b"\\",
            b"1",
            b"-",
            b".",
            b"5",
            b"471199",
            b"1.2.3.4",
            b"OKONKWO",
            b"ada",
            b"A",
            b"_",
            b"e",
            b"\0",
            b"\xE9",
            b"\t",
            b"19610324",
            b"+",
            b"0123456789ABCDEF",
            b"  ",
            b"\x1B",
        ];
        let (mut plain, mut odd) = (0, 0);
        for vr in [VR::DS, VR::IS, VR::CS, VR::LO, VR::SH, VR::UT, VR::LT, VR::UC, VR::ST, VR::UI] {
            for a in pieces {
                for b in pieces {
                    for c in pieces {
                        let value = [a, b, c].concat();
                        let how = Searched::of(vr).unwrap();
                        let spaced = value::is_localised(vr) && (!value.is_ascii() || has_double_space(&value));
                        let may_stay = value::is_valid(vr, &value) && !own.stands_in(&value, how) && !spaced;
                        if own.is_plain(vr, &value) {
                            assert!(may_stay, "{vr:?} {:?}", String::from_utf8_lossy(&value));
                            plain += 1;
                        } else {
                            odd += usize::from(may_stay);
                        }
                    }
                }
            }
        }
        // Most are told at once.
        assert!(plain > 5 * odd && plain > 10_000, "{plain} {odd}");
    }
}
