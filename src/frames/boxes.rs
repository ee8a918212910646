//! JP2, JPX and JPEG XL containers (ISO/IEC 15444-1 Annex I, 18181-2): all boxes go, what is left is the codestream, as
//! PS3.5 A.4.4 wants it.

use super::scan::{Edits, Next};

/// The boxes of one image, behind the signature box.
#[derive(Debug)]
pub(super) struct Boxes {
    state: State,
    is_jpeg_xl: bool,
    kind: [u8; 4],
    /// Number of the next part of a JPEG XL codestream.
    part: u32,
    whole: bool,
    at_codestream: bool,
}

#[derive(Clone, Copy, Debug)]
enum State {
    Header,
    LongLength,
    Part(u64),
    Body,
}

impl Boxes {
    pub(super) fn jpeg_2000() -> Self {
        let kind = [0; 4];
        Boxes { state: State::Header, is_jpeg_xl: false, kind, part: 0, whole: false, at_codestream: false }
    }

    pub(super) fn jpeg_xl() -> Self {
        Boxes { is_jpeg_xl: true, ..Boxes::jpeg_2000() }
    }

    /// Whether a codestream that ends by itself begins here.
    pub(super) fn is_at_codestream(&self) -> bool {
        self.at_codestream
    }

    /// Whether all parts of a codestream that does not end by itself were there.
    pub(super) fn has_whole_codestream(&self) -> bool {
        self.whole
    }

    pub(super) fn next(&mut self, taken: &[u8], at: u64, edits: &mut Edits) -> Next {
        match (self.state, taken) {
            (State::Header, &[a, b, c, d, e, f, g, h]) => {
                self.kind = [e, f, g, h];
                edits.push(at - 8..at, Vec::new());
                match u32::from_be_bytes([a, b, c, d]) {
                    1 => self.then(State::LongLength, Next::Take(8)),
                    // To the end of the file, wherever that is.
                    0 => self.body(None, at, edits),
                    length => self.body(u64::from(length).checked_sub(8), at, edits),
                }
            }
            (State::LongLength, taken) => {
                edits.push(at - 8..at, Vec::new());
                let length = taken.first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes));
                self.body(length.checked_sub(16), at, edits)
            }
            (State::Part(length), &[last, a, b, c]) => {
                edits.push(at - 4..at, Vec::new());
                let is_next = u32::from_be_bytes([last & 0x7F, a, b, c]) == self.part;
                self.part += 1;
                self.whole = last & 0x80 != 0;
                match length.checked_sub(4) {
                    Some(left) if is_next => self.then(State::Body, Next::Skip(left)),
                    _ => Next::Fail,
                }
            }
            (State::Body, _) => self.then(State::Header, Next::Take(8)),
            _ => Next::Fail,
        }
    }

    fn then(&mut self, state: State, next: Next) -> Next {
        self.state = state;
        next
    }

    /// What becomes of a box by the length of its content, which is missing if the box has no end.
    fn body(&mut self, length: Option<u64>, at: u64, edits: &mut Edits) -> Next {
        match (&self.kind, length) {
            (b"jp2c", _) if !self.is_jpeg_xl => {
                self.at_codestream = true;
                Next::Take(2)
            }
            (b"jxlc", Some(length)) if self.is_jpeg_xl && !self.whole && self.part == 0 => {
                self.whole = true;
                self.then(State::Body, Next::Skip(length))
            }
            (b"jxlp", Some(length)) if self.is_jpeg_xl && !self.whole => self.then(State::Part(length), Next::Take(4)),
            // They change what a codestream decodes to, or would be a second one.
            (b"pclr" | b"cmap" | b"cdef" | b"jxlc" | b"jxlp", _) => Next::Fail,
            // Boxes in boxes.
            (b"jp2h" | b"jpch" | b"jplh", Some(_)) => self.then(State::Header, Next::Take(8)),
            (_, Some(length)) => match at.checked_add(length) {
                Some(end) => {
                    edits.push(at..end, Vec::new());
                    self.then(State::Body, Next::Skip(length))
                }
                None => Next::Fail,
            },
            (_, None) => Next::Fail,
        }
    }
}
