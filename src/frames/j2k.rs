//! JPEG 2000 and HTJ2K codestreams (ISO/IEC 15444-1 Annex A): comments go, lengths of tile-parts are corrected.

use super::scan::{Edits, Next};
use std::ops::Range;

const SIZ: u8 = 0x51;
const TLM: u8 = 0x55;
const COM: u8 = 0x64;
const SOT: u8 = 0x90;
const SOD: u8 = 0x93;
const EOC: u8 = 0xD9;

/// One codestream, behind Start of Codestream.
#[derive(Debug, Default)]
pub(super) struct Codestream {
    state: State,
    code: u8,
    /// Where the marker at hand begins.
    start: u64,
    seen_size: bool,
    tile_part: Option<TilePart>,
    /// Lengths of tile-parts in the main header (optional): where their edits belong, and where they stand.
    lengths: Vec<(usize, Range<u64>)>,
    /// Whether a tile-part has shrunk.
    shrunk: bool,
}

#[derive(Clone, Copy, Debug, Default)]
enum State {
    #[default]
    Marker,
    Length,
    TilePart,
    EndOfSegment,
    EndOfTilePart,
    Packets,
    PacketCode,
}

/// The header of a tile-part that is being read.
#[derive(Clone, Copy, Debug)]
struct TilePart {
    start: u64,
    /// Psot: from the first byte of its SOT to the last of its data; 0 for all that is left.
    length: u32,
    /// Where an edit of it belongs.
    place: usize,
    dropped: u32,
}

impl Codestream {
    pub(super) fn next(&mut self, taken: &[u8], at: u64, edits: &mut Edits) -> Next {
        match (self.state, taken) {
            (State::Marker, &[0xFF, code]) => {
                self.start = at - 2;
                self.code = code;
                self.marker(at, edits)
            }
            (State::Length, &[high, low]) => {
                let Some(length) = u16::from_be_bytes([high, low]).checked_sub(2) else { return Next::Fail };
                let known = self.segment(at + u64::from(length), edits);
                let next = if known { Next::Skip(u64::from(length)) } else { Next::Fail };
                self.then(State::EndOfSegment, next)
            }
            // Lsot, Isot, Psot, TPsot, TNsot.
            (State::TilePart, &[0, 10, _, _, a, b, c, d, _, _]) => {
                let (start, length) = (self.start, u32::from_be_bytes([a, b, c, d]));
                self.tile_part = Some(TilePart { start, length, place: edits.place(), dropped: 0 });
                self.then(State::Marker, Next::Take(2))
            }
            (State::EndOfSegment | State::EndOfTilePart, _) => self.then(State::Marker, Next::Take(2)),
            (State::Packets, _) => self.then(State::PacketCode, Next::Take(1)),
            // No marker stands in the data of packets (A.1.2).
            (State::PacketCode, [0..=0x8F]) => self.then(State::Packets, Next::Marker),
            (State::PacketCode, [EOC]) => self.end(edits),
            _ => Next::Fail,
        }
    }

    fn then(&mut self, state: State, next: Next) -> Next {
        self.state = state;
        next
    }

    fn marker(&mut self, at: u64, edits: &mut Edits) -> Next {
        match (self.code, self.tile_part) {
            // A.5.1: first of the main header.
            (code, _) if !self.seen_size && code != SIZ => Next::Fail,
            (SOT, None) => self.then(State::TilePart, Next::Take(10)),
            (SOD, Some(tile_part)) => self.data(tile_part, at, edits),
            (EOC, None) => self.end(edits),
            // Markers without a segment stand elsewhere (A.2).
            (0x30..=0x3F | 0x4F | SOT | SOD | EOC | 0x00..=0x2F | 0x92 | 0xFF, _) => Next::Fail,
            _ => {
                self.seen_size = true;
                self.then(State::Length, Next::Take(2))
            }
        }
    }

    /// What becomes of a segment that ends at an offset; false if there are too many of them.
    fn segment(&mut self, end: u64, edits: &mut Edits) -> bool {
        match self.code {
            COM => {
                edits.push(self.start..end, Vec::new());
                if let Some(tile_part) = &mut self.tile_part {
                    tile_part.dropped = tile_part.dropped.saturating_add((end - self.start) as u32);
                }
            }
            TLM => self.lengths.push((edits.place(), self.start..end)),
            _ => {}
        }
        // A.7.1: they are numbered by one byte.
        self.lengths.len() <= 256
    }

    /// Start of Data: the packets of a tile-part follow.
    fn data(&mut self, tile_part: TilePart, at: u64, edits: &mut Edits) -> Next {
        self.tile_part = None;
        if tile_part.length == 0 {
            return self.then(State::Packets, Next::Marker);
        }
        let Some(left) = u64::from(tile_part.length).checked_sub(at - tile_part.start) else { return Next::Fail };
        if tile_part.dropped > 0 {
            self.shrunk = true;
            let length = tile_part.length.saturating_sub(tile_part.dropped);
            let field = tile_part.start + 6;
            edits.insert(tile_part.place, field..field + 4, length.to_be_bytes().to_vec());
        }
        self.then(State::EndOfTilePart, Next::Skip(left))
    }

    /// Lengths of tile-parts in the main header go where they do not hold any more.
    fn end(&mut self, edits: &mut Edits) -> Next {
        for (place, range) in self.lengths.drain(..).rev().filter(|_| self.shrunk) {
            edits.insert(place, range, Vec::new());
        }
        Next::End
    }
}
