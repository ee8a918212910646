//! A text as words and numbers, whatever Specific Character Set (PS3.5 6.1) it is written in.

use crate::text;

/// Longer words are no words.
const LONGEST: usize = 40;

/// A word, a number, or bytes that nobody can read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub(super) start: usize,
    pub(super) end: usize,
    /// Whether it may be in the output.
    pub(super) stays: bool,
    /// Bytes of it cannot be read: escape sequences, characters of a multi-byte set.
    pub(super) foreign: bool,
}

/// What a token spells in lower case: in UTF-8, empty if it cannot be read or is too long for a word.
#[derive(Clone, Copy)]
pub(super) struct Spelling {
    bytes: [u8; LONGEST],
    len: usize,
}

impl Spelling {
    pub(super) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }

    pub(super) fn of(token: &Token, text: &[u8], character_set: &[u8]) -> Self {
        let mut spelling = Spelling { bytes: [0; LONGEST], len: 0 };
        let bytes = text.get(token.start..token.end).unwrap_or_default();
        if token.foreign || bytes.len() > LONGEST {
            return spelling;
        }
        if bytes.is_ascii() {
            bytes.iter().for_each(|byte| spelling.push(&[byte.to_ascii_lowercase()]));
        } else if let Some(decoded) = text::decode_first(bytes, character_set) {
            let mut buffer = [0; 4];
            decoded.chars().for_each(|c| spelling.push(lower(c).encode_utf8(&mut buffer).as_bytes()));
        }
        spelling
    }

    /// Too much makes it empty for good: a part of a word is not the word.
    fn push(&mut self, bytes: &[u8]) {
        match self.bytes.get_mut(self.len..self.len.saturating_add(bytes.len())) {
            Some(room) => {
                room.copy_from_slice(bytes);
                self.len += bytes.len();
            }
            None => self.len = usize::MAX,
        }
    }
}

/// Lower case, as far as the vocabulary's languages need it.
fn lower(c: char) -> char {
    match c {
        'À'..='Þ' if c != '×' => char::from_u32(u32::from(c) + 0x20).unwrap_or(c),
        _ => c.to_ascii_lowercase(),
    }
}

/// Cuts a text into tokens; what is between them is ASCII that is no letter and no digit.
pub(super) fn tokens(text: &[u8], character_set: &[u8]) -> Vec<Token> {
    let pairs = has_ascii_trail_bytes(character_set);
    let mut reader = Reader { text, at: 0, escaped: false, pairs };
    let mut found: Vec<Token> = Vec::new();
    while let Some(token) = reader.next() {
        // Bytes that belong together without a separator are one token.
        match found.last_mut() {
            Some(last) if last.end == token.start => {
                last.end = token.end;
                last.foreign |= token.foreign;
            }
            _ => found.push(token),
        }
    }
    found
}

/// GBK and GB18030 have characters whose second byte looks like ASCII (PS3.5 Annex J).
fn has_ascii_trail_bytes(character_set: &[u8]) -> bool {
    character_set.starts_with(b"GB")
}

struct Reader<'a> {
    text: &'a [u8],
    at: usize,
    /// An escape sequence came: bytes from 80 on may be of any set now.
    escaped: bool,
    pairs: bool,
}

impl Reader<'_> {
    fn next(&mut self) -> Option<Token> {
        loop {
            let start = self.at;
            let byte = *self.text.get(start)?;
            let foreign = match byte {
                0x1B => {
                    self.skip_escaped();
                    true
                }
                0x80.. => {
                    self.at += if self.pairs { 2 } else { 1 };
                    self.pairs || self.escaped
                }
                _ if byte.is_ascii_alphanumeric() || self.is_decimal_point() => {
                    self.at += 1;
                    false
                }
                _ => {
                    self.at += 1;
                    continue;
                }
            };
            let end = self.at.min(self.text.len());
            return Some(Token { start, end, stays: true, foreign });
        }
    }

    /// A point or comma between two digits.
    fn is_decimal_point(&self) -> bool {
        let is_digit = |at: Option<usize>| at.and_then(|at| self.text.get(at)).is_some_and(u8::is_ascii_digit);
        let separates = self.text.get(self.at).is_some_and(|byte| b".,".contains(byte));
        separates && is_digit(self.at.checked_sub(1)) && is_digit(Some(self.at + 1))
    }

    /// PS3.5 6.1.2.5: an escape sequence and, where it changes the set of the bytes below 80, all of them until one that
    /// brings ASCII (or ISO 646 with its yen sign) back. Nothing of them is copied, so no state is left open.
    fn skip_escaped(&mut self) {
        self.escaped = true;
        loop {
            let rest = self.text.get(self.at..).unwrap_or_default();
            match rest {
                [0x1B, b'(', b'B' | b'J', ..] => return self.at += 3,
                // G1 alone: bytes from 80 on.
                [0x1B, b')' | b'-' | b'.' | b'/', _, ..] => return self.at += 3,
                [0x1B, b'$', b')', _, ..] => return self.at += 4,
                _ => {}
            }
            // In another set until the next escape sequence.
            let next = rest.iter().skip(1).position(|byte| *byte == 0x1B).map(|found| found + 1);
            self.at += next.unwrap_or(rest.len());
            if next.is_none() {
                return;
            }
        }
    }
}
