//! JPEG and JPEG-LS (ISO/IEC 10918-1 Annex B, 14495-1 Annex C): segments that no decoder needs go.

use std::ops::Range;

/// Longest part of an application segment that is kept.
const FIXED: usize = 30;

/// Reads the stream of one Pixel Data, fragment by fragment, however it is cut into windows.
#[derive(Debug)]
pub(super) struct Scanner {
    state: State,
    /// Where the bytes of the current marker segment stand: a segment may go on in the next fragment.
    segment: Vec<Range<u64>>,
    code: u8,
    kept: Vec<u8>,
    /// Bytes behind End of Image in this fragment.
    tail: Option<(Range<u64>, bool)>,
    /// By offset: what goes, and what stands in its place.
    pub(super) edits: Vec<(Range<u64>, Vec<u8>)>,
    /// Images that were read from Start to End of Image.
    pub(super) images: u32,
    pub(super) failed: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Start,
    StartCode,
    Marker,
    Code,
    LengthHigh,
    LengthLow(u8),
    Body(usize),
    Entropy,
    EntropyCode,
    Ended,
    Failed,
}

impl Scanner {
    pub(super) fn new() -> Self {
        Scanner {
            state: State::Start,
            segment: Vec::new(),
            code: 0,
            kept: Vec::new(),
            tail: None,
            edits: Vec::new(),
            images: 0,
            failed: false,
        }
    }

    /// Whether the next fragment begins an image.
    pub(super) fn is_between_images(&self) -> bool {
        matches!(self.state, State::Start | State::Ended)
    }

    /// A fragment begins.
    pub(super) fn begin(&mut self) {
        if self.state == State::Ended {
            self.state = State::Start;
        }
    }

    /// A fragment of so many bytes at an offset ends: one zero byte behind End of Image is its padding (PS3.5 A.4).
    pub(super) fn end(&mut self, fragment: Range<u64>) {
        let Some((tail, zero)) = self.tail.take() else { return };
        let dropped: u64 = self.edits.iter().rev().take_while(|e| e.0.start >= fragment.start).map(shrinks).sum();
        let left = (fragment.end - fragment.start).saturating_sub(dropped).saturating_sub(tail.end - tail.start);
        if !(zero && tail.end - tail.start == 1 && left % 2 == 1) {
            self.edits.push((tail, Vec::new()));
        }
    }

    /// The stream is over.
    pub(super) fn finish(&mut self) {
        self.failed |= !self.is_between_images();
    }

    pub(super) fn feed(&mut self, mut at: u64, mut bytes: &[u8]) {
        while !bytes.is_empty() && self.state != State::Failed {
            let used = self.step(at, bytes).clamp(1, bytes.len());
            bytes = bytes.get(used..).unwrap_or_default();
            at += used as u64;
        }
    }

    /// Goes on by as many bytes as it returns.
    fn step(&mut self, at: u64, bytes: &[u8]) -> usize {
        let byte = bytes.first().copied().unwrap_or_default();
        match self.state {
            State::Start => self.expect(byte == 0xFF, State::StartCode),
            State::StartCode => self.expect(byte == 0xD8, State::Marker),
            State::Marker => {
                self.segment.clear();
                self.note(at, 1);
                self.expect(byte == 0xFF, State::Code)
            }
            State::Code => {
                self.note(at, 1);
                self.code(byte)
            }
            State::LengthHigh => {
                self.note(at, 1);
                self.expect(true, State::LengthLow(byte))
            }
            State::LengthLow(high) => {
                self.note(at, 1);
                let length = usize::from(u16::from_be_bytes([high, byte]));
                self.kept.clear();
                let used = self.expect(length >= 2, State::Body(length.saturating_sub(2)));
                self.end_of_body();
                used
            }
            State::Body(left) => self.body(at, bytes, left),
            State::Entropy => {
                let data = bytes.iter().position(|b| *b == 0xFF);
                if data.is_some() {
                    self.state = State::EntropyCode;
                }
                if let Some(data) = data {
                    self.segment.clear();
                    self.note(at + data as u64, 1);
                }
                data.map_or(bytes.len(), |data| data + 1)
            }
            State::EntropyCode => {
                self.note(at, 1);
                match byte {
                    // Stuffing (a byte in JPEG, a bit in JPEG-LS) and restarts belong to the scan.
                    0..=0x7F | 0xD0..=0xD7 => self.state = State::Entropy,
                    0xFF => {}
                    code => {
                        self.code(code);
                    }
                }
                1
            }
            State::Ended => {
                let zero = bytes.iter().all(|b| *b == 0);
                let end = at + bytes.len() as u64;
                self.tail = Some(match self.tail.take() {
                    Some((tail, was)) => (tail.start..end, was && zero),
                    None => (at..end, zero),
                });
                bytes.len()
            }
            State::Failed => bytes.len(),
        }
    }

    fn expect(&mut self, so: bool, then: State) -> usize {
        self.state = if so { then } else { State::Failed };
        self.failed |= !so;
        1
    }

    fn note(&mut self, at: u64, len: usize) {
        let end = at + len as u64;
        match self.segment.last_mut() {
            Some(last) if last.end == at => last.end = end,
            _ => self.segment.push(at..end),
        }
    }

    fn code(&mut self, code: u8) -> usize {
        self.code = code;
        match code {
            0xFF => 1,
            0xD9 => {
                self.images = self.images.saturating_add(1);
                self.expect(true, State::Ended)
            }
            0x01 | 0xD0..=0xD7 => self.expect(true, State::Marker),
            // Neither a segment nor an image stands inside an image.
            0x00 | 0xD8 => self.expect(false, State::Failed),
            _ => self.expect(true, State::LengthHigh),
        }
    }

    fn body(&mut self, at: u64, bytes: &[u8], left: usize) -> usize {
        let used = left.min(bytes.len());
        let room = FIXED.saturating_sub(self.kept.len());
        self.kept.extend(bytes.iter().take(used.min(room)));
        self.note(at, used);
        self.state = State::Body(left - used);
        self.end_of_body();
        used
    }

    fn end_of_body(&mut self) {
        if self.state != State::Body(0) {
            return;
        }
        self.state = if self.code == 0xDA { State::Entropy } else { State::Marker };
        let new = match self.code {
            0xE0..=0xEF => self.application(),
            0xFE => Vec::new(),
            _ => return,
        };
        let length: u64 = self.segment.iter().map(|range| range.end - range.start).sum();
        if !new.is_empty() && length == new.len() as u64 && !self.has_thumbnail() {
            return;
        }
        let mut new = Some(new);
        for range in self.segment.drain(..) {
            self.edits.push((range, new.take().unwrap_or_default()));
        }
    }

    /// The application segment with its fixed fields alone; decoders choose the colour model by them.
    fn application(&self) -> Vec<u8> {
        let fixed = match (self.code, self.kept.as_slice()) {
            (0xE0, body) if body.starts_with(b"JFIF\0") && body.len() >= 14 => 14,
            (0xEE, body) if body.starts_with(b"Adobe") && body.len() >= 12 => 12,
            (0xE8, body) if body.starts_with(b"mrfx") && body.len() >= 5 => 5,
            (0xE8, body) if body.starts_with(b"SPIFF\0") && body.len() >= 30 => 30,
            _ => return Vec::new(),
        };
        let mut segment = vec![0xFF, self.code, 0, fixed as u8 + 2];
        segment.extend(self.kept.iter().take(fixed));
        if self.code == 0xE0 {
            // No thumbnail: none by none pixels.
            segment.truncate(16);
            segment.extend([0, 0]);
        }
        segment
    }

    fn has_thumbnail(&self) -> bool {
        self.code == 0xE0 && self.kept.get(12..14) != Some(&[0, 0])
    }
}

/// By how much an edit shortens its fragment.
fn shrinks((range, new): &(Range<u64>, Vec<u8>)) -> u64 {
    (range.end - range.start).saturating_sub(new.len() as u64)
}
