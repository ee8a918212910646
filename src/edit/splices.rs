//! Edits → parts for a file whose entries stand in order, one behind the other: what is between two edits is one range, however
//! many entries it has.

use super::parts::Parts;
use super::{Edits, Part};
use std::borrow::Cow;
use std::ops::Range;

/// What comes in place of a range of the file.
enum New<'a> {
    Bytes(&'a [u8]),
    Length([u8; 4]),
    Parts(&'a [Part]),
}

/// Writes the file with its edits, each where it stands.
pub(super) fn run(edits: &Edits<'_>, mut out: Parts<'_>) -> Vec<Part> {
    let top = || edits.data_set.children(u32::MAX).map(|(_, element)| element);
    let end = top().last().map_or(0, |last| last.end());
    let mut at = top().next().map_or(0, |first| first.start);
    let mut splices = Splices::of(edits, end);
    while let Some((from, to, new)) = splices.next() {
        out.source(at..from);
        match new {
            New::Bytes(bytes) => out.bytes(bytes),
            New::Length(field) => out.bytes(&field),
            New::Parts(parts) => parts.iter().for_each(|part| out.part(part)),
        }
        at = to;
    }
    out.source(at..end);
    out.finish()
}

/// What became of an entry and of all in it; `None` if not all of that is held.
pub(super) fn renewed(edits: &Edits<'_>, index: u32) -> Option<Vec<u8>> {
    let mut to = Vec::new();
    let entry = edits.data_set.element(index)?;
    let mut at = entry.start;
    let mut splices = Splices::within(edits, index..entry.next)?;
    while let Some((from, behind, new)) = splices.next() {
        to.extend_from_slice(edits.data_set.windows.get(at..from)?);
        match new {
            New::Bytes(bytes) => to.extend_from_slice(bytes),
            New::Length(field) => to.extend_from_slice(&field),
            New::Parts(_) => return None,
        }
        at = behind;
    }
    to.extend_from_slice(edits.data_set.windows.get(at..entry.end())?);
    Some(to)
}

/// Where the bytes of a replaced entry begin.
pub(super) fn begin(replaced: &[(u32, usize)], at: usize) -> usize {
    at.checked_sub(1).and_then(|before| replaced.get(before)).map_or(0, |(_, end)| *end)
}

/// All edits in the order of the file.
struct Splices<'a> {
    edits: &'a Edits<'a>,
    replaced: std::slice::Iter<'a, (u32, usize)>,
    /// Where the bytes of the next replaced entry begin.
    begin: usize,
    spliced: std::slice::Iter<'a, (u32, Cow<'a, [Part]>)>,
    lengths: std::slice::Iter<'a, (u32, Option<u32>)>,
    /// New elements, with the place of the one that each goes before.
    inserted: std::vec::IntoIter<(u64, &'a [u8])>,
    appended: Option<(u64, &'a [u8])>,
}

impl<'a> Splices<'a> {
    fn of(edits: &'a Edits<'a>, end: u64) -> Self {
        let data_set = edits.data_set;
        let mut top = data_set.children(u32::MAX).peekable();
        let places = edits.inserted.iter().map(|(tag, bytes)| {
            while top.next_if(|(_, element)| element.tag <= *tag).is_some() {}
            (top.peek().map_or(end, |(_, element)| element.start), bytes.as_slice())
        });
        let inserted = places.collect::<Vec<_>>().into_iter();
        let appended = edits
            .appended
            .as_ref()
            .and_then(|(sequence, items)| Some((data_set.element(*sequence)?.value_range().end, items.as_slice())));
        let (replaced, spliced, lengths) = (edits.replaced.iter(), edits.spliced.iter(), edits.lengths.iter());
        Splices { edits, replaced, begin: 0, spliced, lengths, inserted, appended }
    }

    /// The edits of some entries, of which none is spliced.
    fn within(edits: &'a Edits<'a>, entries: Range<u32>) -> Option<Self> {
        let first = edits.replaced.partition_point(|(index, _)| *index < entries.start);
        let behind = edits.replaced.partition_point(|(index, _)| *index < entries.end);
        let begin = begin(&edits.replaced, first);
        let of = |bound| edits.lengths.partition_point(|(index, _)| *index < bound);
        let lengths = edits.lengths.get(of(entries.start)..of(entries.end))?.iter();
        let (spliced, inserted) = (<&[_]>::default().iter(), Vec::new().into_iter());
        let replaced = edits.replaced.get(first..behind)?.iter();
        Some(Splices { edits, replaced, begin, spliced, lengths, inserted, appended: None })
    }

    /// The next edit: where it begins and ends, and what it is.
    fn next(&mut self) -> Option<(u64, u64, New<'a>)> {
        while let Some((_, None)) = self.lengths.as_slice().first() {
            self.lengths.next();
        }
        let data_set = self.edits.data_set;
        let length = self.lengths.as_slice().first().and_then(|(index, _)| data_set.element(*index));
        let replaced = self.replaced.as_slice().first().and_then(|(index, _)| data_set.element(*index));
        let spliced = self.spliced.as_slice().first().and_then(|(index, _)| data_set.element(*index));
        // At the same place: what ends a Sequence, what goes before an element, what goes in its place.
        let places = [
            self.appended.map_or(u64::MAX, |(place, _)| place),
            self.inserted.as_slice().first().map_or(u64::MAX, |(place, _)| *place),
            length.map_or(u64::MAX, |element| element.value_range().start - 4),
            replaced.map_or(u64::MAX, |element| element.start),
            spliced.map_or(u64::MAX, |element| element.start),
        ];
        let (mut which, mut first) = (0, u64::MAX);
        for (at, place) in places.into_iter().enumerate() {
            if place < first {
                (which, first) = (at, place);
            }
        }
        match which {
            0 => self.appended.take().map(|(place, items)| (place, place, New::Bytes(items))),
            1 => self.inserted.next().map(|(place, bytes)| (place, place, New::Bytes(bytes))),
            2 => {
                let value = self.lengths.next()?.1?;
                Some((first, first + 4, New::Length(length?.encoding().u32_bytes(value))))
            }
            3 => {
                let (_, end) = self.replaced.next()?;
                let bytes = self.edits.bytes.get(self.begin..*end).unwrap_or_default();
                self.begin = *end;
                Some((first, replaced?.end(), New::Bytes(bytes)))
            }
            _ => {
                let (_, parts) = self.spliced.next()?;
                Some((first, spliced?.end(), New::Parts(parts)))
            }
        }
    }
}
