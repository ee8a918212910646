//! JPEG and JPEG-LS (ISO/IEC 10918-1 Annex B, 14495-1 Annex C): segments that no decoder needs go.

use super::scan::{Edits, Next};

/// Longest part of an application segment that is kept.
const FIXED: usize = 30;

/// One image, behind Start of Image.
#[derive(Debug, Default)]
pub(super) struct Jpeg {
    state: State,
    code: u8,
    /// Where the marker at hand begins.
    start: u64,
    /// Bytes of the segment that were not taken yet.
    left: u64,
}

#[derive(Clone, Copy, Debug, Default)]
enum State {
    #[default]
    Marker,
    Code,
    Length,
    Body,
    EndOfBody,
    Scan,
    ScanCode,
}

impl Jpeg {
    pub(super) fn next(&mut self, taken: &[u8], at: u64, edits: &mut Edits) -> Next {
        match (self.state, taken) {
            (State::Marker, &[0xFF, code]) => {
                self.start = at - 2;
                self.marker(code)
            }
            (State::Code, &[code]) => self.marker(code),
            (State::Length, &[high, low]) => {
                let Some(length) = u16::from_be_bytes([high, low]).checked_sub(2) else { return Next::Fail };
                self.left = u64::from(length);
                self.then(State::Body, Next::Take(usize::from(length).min(FIXED)))
            }
            (State::Body, taken) => {
                self.left -= taken.len() as u64;
                self.segment(taken, at + self.left, edits);
                self.then(State::EndOfBody, Next::Skip(self.left))
            }
            (State::EndOfBody, _) if self.code == 0xDA => self.then(State::Scan, Next::Marker),
            (State::EndOfBody, _) => self.then(State::Marker, Next::Take(2)),
            (State::Scan, _) => {
                self.start = at - 1;
                self.then(State::ScanCode, Next::Take(1))
            }
            // Stuffing (a byte in JPEG, a bit in JPEG-LS) and restarts belong to the scan.
            (State::ScanCode, [0..=0x7F | 0xD0..=0xD7]) => self.then(State::Scan, Next::Marker),
            (State::ScanCode, [0xFF]) => Next::Take(1),
            (State::ScanCode, &[code]) => self.marker(code),
            _ => Next::Fail,
        }
    }

    fn then(&mut self, state: State, next: Next) -> Next {
        self.state = state;
        next
    }

    fn marker(&mut self, code: u8) -> Next {
        self.code = code;
        match code {
            0xFF => self.then(State::Code, Next::Take(1)),
            0xD9 => Next::End,
            0x01 | 0xD0..=0xD7 => self.then(State::Marker, Next::Take(2)),
            // Neither a segment nor an image stands inside an image.
            0x00 | 0xD8 => Next::Fail,
            _ => self.then(State::Length, Next::Take(2)),
        }
    }

    /// What becomes of a segment that ends at an offset and begins with some bytes.
    fn segment(&self, body: &[u8], end: u64, edits: &mut Edits) {
        let new = match self.code {
            0xE0..=0xEF => self.application(body),
            0xFE => Vec::new(),
            _ => return,
        };
        let has_thumbnail = self.code == 0xE0 && body.get(12..14) != Some(&[0, 0]);
        if new.is_empty() || end - self.start != new.len() as u64 || has_thumbnail {
            edits.push(self.start..end, new);
        }
    }

    /// The application segment with its fixed fields alone; decoders choose the colour model by them.
    fn application(&self, body: &[u8]) -> Vec<u8> {
        let (name, fixed): (&[u8], usize) = match self.code {
            0xE0 => (b"JFIF\0", 14),
            0xEE => (b"Adobe", 12),
            0xE8 if body.starts_with(b"mrfx") => (b"mrfx", 5),
            0xE8 => (b"SPIFF\0", 30),
            _ => return Vec::new(),
        };
        if !body.starts_with(name) || body.len() < fixed {
            return Vec::new();
        }
        let mut segment = vec![0xFF, self.code, 0, fixed as u8 + 2];
        segment.extend_from_slice(body.get(..fixed).unwrap_or_default());
        if self.code == 0xE0 {
            // No thumbnail: none by none pixels.
            segment.truncate(16);
            segment.extend([0, 0]);
        }
        segment
    }
}
