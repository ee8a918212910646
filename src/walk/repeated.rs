//! Sequences that were there before: the codes and references of a large file are a few, each many times. Their entries are
//! copied, and whoever decides about them is told.

use super::Frame;
use super::elements::{MAX_DEPTH, MAX_ELEMENTS};
use crate::element::{Element, Repeat};
use crate::syntax::Encoding;
use crate::value;

/// In how many groups they are remembered: a power of two.
const GROUPS: usize = 32;
/// How many of a group are, those that were walked last.
const WAYS: usize = 4;
/// The longest that is remembered, in bytes.
const LONGEST: u64 = 1 << 10;
/// How many bytes say in which group a Sequence is looked for: where it ends is not known before.
const LOOK: usize = 48;

/// In which group of [`Seen`] a Sequence is, if it can be in one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place(u8);

impl Place {
    pub(super) const NONE: Place = Place(u8::MAX);

    /// By the first bytes of the Sequence and what is behind them.
    pub(super) fn of(bytes: &[u8]) -> Place {
        let Some(first) = bytes.first_chunk::<LOOK>() else { return Place::NONE };
        let words = first.as_chunks::<8>().0.iter().map(|word| u64::from_le_bytes(*word));
        let mixed = words.fold(0, |mixed: u64, word| mixed.rotate_left(7) ^ word);
        Place((mixed.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40) as u8 & (GROUPS as u8 - 1))
    }
}

/// A Sequence that was walked in one go.
#[derive(Clone, Copy, Debug)]
struct Known {
    index: u32,
    start: u64,
    /// Behind its delimiter.
    end: u64,
    encoding: Encoding,
    /// What its repeats are called.
    pattern: Option<u32>,
}

/// Sequences that were walked lately.
#[derive(Debug, Default)]
pub(super) struct Seen {
    groups: Vec<[Option<Known>; WAYS]>,
    /// In what place of its group the next one comes.
    next: usize,
    patterns: u32,
}

impl Seen {
    /// Forgets all: entries that were copied may be others now.
    pub(super) fn clear(&mut self) {
        self.groups.clear();
    }

    /// Remembers what a frame has, which ends here.
    pub(super) fn keep(&mut self, frame: &Frame, start: u64, end: u64) {
        if end - start > LONGEST || frame.place == Place::NONE {
            return;
        }
        self.groups.resize(GROUPS, [None; WAYS]);
        self.next = (self.next + 1) % WAYS;
        let group = self.groups.get_mut(usize::from(frame.place.0));
        if let Some(place) = group.and_then(|group| group.get_mut(self.next)) {
            *place = Some(Known { index: frame.entry, start, end, encoding: frame.encoding, pattern: None });
        }
    }

    /// If the bytes at `at` are those of a Sequence that was walked, adds entries like its own and returns how long it is. `held` and
    /// `room` are bytes from the offset `base` on, `room` those before the end of what is around.
    pub(super) fn repeat(
        &mut self,
        place: Place,
        around: &Frame,
        (base, held, room, at): (u64, &[u8], &[u8], usize),
        elements: &mut Vec<Element>,
    ) -> Option<(usize, Repeat)> {
        let rest = room.get(at..)?;
        let bytes_of = |known: &Known| {
            let start = usize::try_from(known.start.checked_sub(base)?).ok()?;
            held.get(start..start + (known.end - known.start) as usize)
        };
        let is_there = |known: &&mut Known| {
            let bytes = bytes_of(known).unwrap_or_default();
            !bytes.is_empty() && rest.get(..bytes.len()).is_some_and(|rest| value::same(bytes, rest))
        };
        let known = self.groups.get_mut(usize::from(place.0))?.iter_mut().flatten().find(is_there)?;
        let first = elements.get(known.index as usize)?;
        let entries = known.index as usize..first.next as usize;
        let index = elements.len();
        if known.encoding != around.encoding || index + entries.len() > MAX_ELEMENTS {
            return None;
        }
        let deeper = around.depth.wrapping_sub(first.depth);
        if deeper != 0 {
            let mut all = elements.get(entries.clone())?.iter();
            if all.any(|entry| entry.depth.wrapping_add(deeper) >= MAX_DEPTH) {
                return None;
            }
        }
        let (behind, forward) = ((base + at as u64) - known.start, index as u32 - known.index);
        elements.extend_from_within(entries);
        for entry in elements.get_mut(index..)? {
            entry.start += behind;
            entry.next += forward;
            entry.parent = entry.parent.wrapping_add(forward);
            entry.depth = entry.depth.wrapping_add(deeper);
        }
        elements.get_mut(index)?.parent = around.entry;
        let pattern = *known.pattern.get_or_insert(self.patterns);
        self.patterns = self.patterns.max(pattern + 1);
        Some(((known.end - known.start) as usize, Repeat { index: index as u32, pattern }))
    }
}
