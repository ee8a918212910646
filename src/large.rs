//! Values too large to be held, searched for the file's own identifiers as they stream past.

use crate::Tag;
use crate::VR;
use crate::element::{CONTAINER, Element};
use crate::error::{Code, Error, Place};
use crate::identifiers::{Identifiers, LONGEST, Searched};
use std::ops::Range;

/// What a report says where such values stay and nobody read them.
pub(crate) const UNCHECKED: &str = "large-values-not-searched";
/// How much is searched at a time.
const BLOCK: usize = 128 << 10;
/// What begins with so many bytes behind it is seen to its end. Even, so that words stay whole.
const REACH: usize = LONGEST + 2;
/// How much is asked for at a time.
const WINDOW: u64 = 1 << 20;

/// A value that stays and is not held.
#[derive(Clone, Debug)]
pub(crate) struct Large {
    tag: Tag,
    range: Range<u64>,
    how: Searched,
}

impl Large {
    /// Pixels are not searched.
    pub(crate) fn of(element: &Element, vr: VR) -> Option<Large> {
        let skipped = element.tag.group() == 0x7FE0 || element.has(CONTAINER) || element.length == 0;
        let how = Searched::of(vr).filter(|_| !skipped)?;
        Some(Large { tag: element.tag, range: element.value_range(), how })
    }
}

/// Reads them in the order of the file: `want` and `feed` are those of a session.
#[derive(Clone, Debug)]
pub(crate) struct Search {
    identifiers: Identifiers,
    /// In the order of the file, and which of them is at hand.
    values: Vec<Large>,
    at: usize,
    /// Bytes of the value at hand: two that were searched, or stand for what is before the value, and what follows them.
    held: Vec<u8>,
}

impl Search {
    pub(crate) fn new(identifiers: Identifiers, found: Vec<Large>) -> Self {
        let mut values: Vec<Large> = Vec::with_capacity(found.len());
        for value in found {
            // At the end, unless the elements were out of order.
            let at = values.partition_point(|other| other.range.start < value.range.start);
            values.insert(at, value);
        }
        Search { identifiers, values, at: 0, held: vec![b' '; 2] }
    }

    pub(crate) fn want(&self) -> Option<Range<u64>> {
        let range = &self.values.get(self.at)?.range;
        Some(range.start..range.end.min(range.start + WINDOW))
    }

    /// Takes a stretch of the file, which must go on from the last one as far as values reach.
    ///
    /// # Errors
    /// [`Code::Refused`] if an identifier stands in a value.
    pub(crate) fn feed(&mut self, at: u64, bytes: &[u8]) -> Result<(), Error> {
        let place = |offset: u64| usize::try_from(offset.saturating_sub(at)).unwrap_or(usize::MAX).min(bytes.len());
        while let Some(Large { range, .. }) = self.values.get(self.at) {
            let here = place(range.start)..place(range.end).min(place(range.start) + BLOCK);
            if here.is_empty() {
                break;
            }
            self.take(bytes.get(here).unwrap_or_default())?;
        }
        Ok(())
    }

    /// Takes bytes of the value at hand.
    fn take(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.held.extend_from_slice(bytes);
        let Some(value) = self.values.get_mut(self.at) else { return Ok(()) };
        value.range.start += bytes.len() as u64;
        let (tag, how, ends) = (value.tag, value.how, value.range.is_empty());
        if !ends && self.held.len() < BLOCK {
            return Ok(());
        }
        let seen = if ends { self.held.len() } else { self.held.len().saturating_sub(REACH) & !1 };
        if self.finds(seen, how) {
            let message = "an identifier of this file stands in a large value that would stay; remove the Attribute by an \
                           entry of the settings";
            let path = format!("({:04X},{:04X})", tag.group(), tag.element());
            return Err(Error::new(Code::Refused, message).at(Place::Path(path)));
        }
        if ends {
            self.at += 1;
            self.held = vec![b' '; 2];
        } else {
            self.held.drain(..seen.saturating_sub(2));
        }
        Ok(())
    }

    /// Whether an identifier begins before an end that is `seen`; in numbers, in either order of their bytes.
    fn finds(&mut self, seen: usize, how: Searched) -> bool {
        let swap = |held: &mut [u8]| {
            for pair in held.chunks_exact_mut(2) {
                if let [a, b] = pair {
                    std::mem::swap(a, b);
                }
            }
        };
        if self.identifiers.begin_in(&self.held, seen, how) {
            return true;
        }
        if how != Searched::Bytes {
            return false;
        }
        // Without an odd byte at the end.
        let whole = self.held.len() & !1;
        let words = self.held.get_mut(..whole).unwrap_or_default();
        swap(words);
        let found = self.identifiers.begin_in(words, seen, how);
        swap(words);
        found
    }
}
