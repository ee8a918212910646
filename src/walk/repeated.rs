//! Sequences that were there before: the codes and references of a large file are a few, each many times. Their entries are
//! copied, and whoever decides about them is told which are the same.

use super::Frame;
use super::elements::{MAX_DEPTH, MAX_ELEMENTS};
use crate::element::{Element, Pattern};
use crate::syntax::Encoding;
use crate::value;

/// In how many groups they are remembered: a power of two.
const GROUPS: usize = 32;
/// How many of a group are, those that were walked last.
const WAYS: usize = 4;
/// The longest that is remembered, in bytes.
const LONGEST: usize = 1 << 10;
/// How many bytes say in which group a Sequence is looked for, if a delimiter ends it: where is not known before. What is
/// shorter is gone through as soon as found.
const LOOK: usize = 48;

/// In which group of [`Seen`] a Sequence is, if it can be in one, and where in the list of all that can.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    group: u8,
    listed: u32,
}

impl Place {
    pub(super) const NONE: Place = Place { group: u8::MAX, listed: 0 };

    /// By all bytes of a Sequence, or by its first ones and what is behind them.
    pub(super) fn of(bytes: &[u8], whole: Option<usize>) -> Place {
        let len = whole.unwrap_or(LOOK);
        let fits = (LOOK..=LONGEST).contains(&len);
        let Some(bytes) = bytes.get(..len).filter(|_| fits) else { return Place::NONE };
        let words = bytes.as_chunks::<8>().0.iter().map(|word| u64::from_le_bytes(*word));
        let mixed = words.fold(len as u64, |mixed, word| mixed.rotate_left(7) ^ word);
        let group = (mixed.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40) as u8 & (GROUPS as u8 - 1);
        Place { group, listed: 0 }
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
    /// Where in the list it stands; what is in it stands behind it.
    listed: u32,
}

/// Sequences that were walked lately.
#[derive(Debug, Default)]
pub(super) struct Seen {
    groups: Vec<[Option<Known>; WAYS]>,
    /// In what place of its group the next one comes.
    next: usize,
    /// How many patterns there are.
    patterns: u32,
}

impl Seen {
    /// Forgets all: entries that were copied may be others now.
    pub(super) fn clear(&mut self) {
        self.groups.clear();
    }

    /// Lists a Sequence that is none of these: its own place, from now on.
    pub(super) fn list(&mut self, place: Place, index: u32, patterns: &mut Vec<Pattern>) -> Place {
        if place.group == Place::NONE.group {
            return place;
        }
        let listed = patterns.len() as u32;
        patterns.push(Pattern { index, number: self.patterns });
        self.patterns += 1;
        Place { listed, ..place }
    }

    /// Remembers what a frame has, which ends here.
    pub(super) fn keep(&mut self, frame: &Frame, start: u64, end: u64) {
        let Frame { entry: index, encoding, place: Place { group, listed }, .. } = *frame;
        if end - start > LONGEST as u64 || group == Place::NONE.group {
            return;
        }
        self.groups.resize(GROUPS, [None; WAYS]);
        self.next = (self.next + 1) % WAYS;
        let group = self.groups.get_mut(usize::from(group));
        if let Some(place) = group.and_then(|group| group.get_mut(self.next)) {
            *place = Some(Known { index, start, end, encoding, listed });
        }
    }

    /// If the bytes at `at` are those of a Sequence that was walked, adds entries like its own, lists them and returns how long it
    /// is. `held` and `room` are bytes from the offset `base` on, `room` those before the end of what is around.
    pub(super) fn repeat(
        &self,
        place: Place,
        around: &Frame,
        (base, held, room, at): (u64, &[u8], &[u8], usize),
        (elements, patterns): (&mut Vec<Element>, &mut Vec<Pattern>),
    ) -> Option<usize> {
        let rest = room.get(at..)?;
        let is_there = |known: &&Known| {
            let start = known.start.checked_sub(base).and_then(|start| usize::try_from(start).ok());
            let len = (known.end - known.start) as usize;
            let bytes = start.and_then(|start| held.get(start..start + len));
            bytes.zip(rest.get(..len)).is_some_and(|(bytes, rest)| value::same(bytes, rest))
        };
        let known = self.groups.get(usize::from(place.group))?.iter().flatten().find(is_there)?;
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
        let mut listed = known.listed as usize;
        while let Some(pattern) = patterns.get(listed).filter(|pattern| (pattern.index as usize) < entries.end) {
            patterns.push(Pattern { index: pattern.index + forward, ..*pattern });
            listed += 1;
        }
        elements.extend_from_within(entries);
        for entry in elements.get_mut(index..)? {
            entry.start += behind;
            entry.next += forward;
            entry.parent = entry.parent.wrapping_add(forward);
            entry.depth = entry.depth.wrapping_add(deeper);
        }
        elements.get_mut(index)?.parent = around.entry;
        Some((known.end - known.start) as usize)
    }
}
