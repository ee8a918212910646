//! RLE Lossless (PS3.5 Annex G): bytes that no segment needs go. Runs are counted, their bytes are not looked at.

use super::scan::{Edits, Next};

const HEADER: usize = 64;

/// One frame.
#[derive(Debug)]
pub(super) struct Rle {
    state: State,
    start: u64,
    /// Bytes that a segment decodes to.
    size: u64,
    /// Those that the segment at hand has not given yet.
    left: u64,
    /// The number of segments and where each begins, as it was, and as it must be.
    old: Vec<u8>,
    new: Vec<u8>,
    /// Where the header's edit belongs.
    place: usize,
    /// Where the segment at hand begins, and how many bytes of the new frame stand before it.
    begin: u64,
    written: u64,
}

#[derive(Clone, Copy, Debug)]
enum State {
    Header,
    Slack(u64),
    Control,
    Run,
}

impl Rle {
    pub(super) fn new(start: u64, size: u64) -> Self {
        let (old, new) = (Vec::new(), Vec::new());
        Rle { state: State::Header, start, size, left: 0, old, new, place: 0, begin: start, written: 0 }
    }

    pub(super) fn next(&mut self, taken: &[u8], at: u64, edits: &mut Edits) -> Next {
        match (self.state, taken) {
            (State::Header, header) => self.header(header, at, edits),
            (State::Slack(slack), taken) => self.slack(slack, taken, at, edits),
            (State::Run, _) if self.left == 0 => self.end_of_segment(at, edits),
            (State::Run, _) => self.then(State::Control, Next::Runs),
            (State::Control, &[128]) => Next::Runs,
            (State::Control, &[control @ 0..=127]) => self.run(u64::from(control) + 1, u64::from(control) + 1),
            (State::Control, &[control]) => self.run(257 - u64::from(control), 1),
            _ => Next::Fail,
        }
    }

    /// How many of the bytes, the first of which is a control byte, are runs that end among them and before the segment does.
    pub(super) fn runs(&mut self, bytes: &[u8]) -> usize {
        let mut at = 0;
        while let Some(&control) = bytes.get(at) {
            let (decoded, coded) = match usize::from(control) {
                128 => (0, 0),
                length @ 0..=127 => (length + 1, length + 1),
                length => (257 - length, 1),
            };
            let behind = at + 1 + coded;
            if decoded as u64 >= self.left || behind > bytes.len() {
                break;
            }
            self.left -= decoded as u64;
            at = behind;
        }
        at
    }

    fn then(&mut self, state: State, next: Next) -> Next {
        self.state = state;
        next
    }

    fn header(&mut self, header: &[u8], at: u64, edits: &mut Edits) -> Next {
        let segments = number(header, 0);
        if !(1..=15).contains(&segments) {
            return Next::Fail;
        }
        self.old = header.to_vec();
        self.new = (segments as u32).to_le_bytes().to_vec();
        self.place = edits.place();
        (self.begin, self.written) = (at, HEADER as u64);
        self.next_segment(at)
    }

    /// Goes to where the next segment begins.
    fn next_segment(&mut self, at: u64) -> Next {
        let begin = self.start + number(&self.old, self.new.len());
        match begin.checked_sub(at) {
            Some(slack) => self.then(State::Slack(slack), Next::Take(slack.min(1) as usize)),
            None => Next::Fail,
        }
    }

    /// Between two segments one zero byte may stand, which makes the length of the first even. Some writers leave it out.
    fn slack(&mut self, slack: u64, taken: &[u8], at: u64, edits: &mut Edits) -> Next {
        let from = at - taken.len() as u64;
        self.written += from - self.begin;
        let odd = if slack > 0 { self.written % 2 } else { 0 };
        if slack != odd || taken.iter().any(|byte| *byte != 0) {
            edits.push(from..from + slack, vec![0; odd as usize]);
        }
        self.written += odd;
        self.begin = from + slack;
        let Ok(offset) = u32::try_from(self.written) else { return Next::Fail };
        self.new.extend(offset.to_le_bytes());
        self.left = self.size;
        self.then(State::Run, Next::Skip(slack - taken.len() as u64))
    }

    /// So many bytes come of the next bytes.
    fn run(&mut self, decoded: u64, bytes: u64) -> Next {
        match self.left.checked_sub(decoded) {
            Some(left) => {
                self.left = left;
                self.then(State::Run, Next::Skip(bytes))
            }
            // Decoders cut it off, and what it hides cannot be told from pixels.
            None => Next::Fail,
        }
    }

    fn end_of_segment(&mut self, at: u64, edits: &mut Edits) -> Next {
        if self.new.len() as u64 <= 4 * number(&self.old, 0) {
            return self.next_segment(at);
        }
        self.new.resize(HEADER, 0);
        if self.new != self.old {
            edits.insert(self.place, self.start..self.start + HEADER as u64, std::mem::take(&mut self.new));
        }
        Next::End
    }
}

fn number(bytes: &[u8], at: usize) -> u64 {
    let bytes = bytes.get(at..).and_then(|bytes| bytes.first_chunk());
    bytes.map_or(0, |bytes| u64::from(u32::from_le_bytes(*bytes)))
}
