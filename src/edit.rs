//! Effects → edits → parts: lengths of enclosing Items and Sequences are repaired on the way.

mod emission;
mod parts;
mod splices;

use crate::element::{DataSet, Element, UNDEFINED_LENGTH};
use crate::error::{Code, Error, Place};
use crate::frames::Masked;
use crate::syntax::{Encoding, UNDEFINED};
use crate::value::padding;
use crate::{Tag, VR};
use emission::Emission;
use parts::Parts;
use std::borrow::Cow;
use std::ops::Range;

/// A piece of the output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// A range of the input (of the inflated Data Set, for a deflated file).
    Source(Range<u64>),
    /// New bytes.
    Bytes(Vec<u8>),
    /// A run of one byte.
    Fill {
        /// The byte.
        byte: u8,
        /// How many of it.
        len: u64,
    },
}

impl Part {
    /// How many bytes the part has.
    pub fn byte_len(&self) -> u64 {
        match self {
            Part::Source(range) => range.end - range.start,
            Part::Bytes(bytes) => bytes.len() as u64,
            Part::Fill { len, .. } => *len,
        }
    }
}

/// A container in which something changes.
#[derive(Clone, Copy)]
struct Open {
    entry: u32,
    /// Which of the lengths is its own.
    slot: usize,
    /// By how much its value grew.
    growth: i64,
}

/// What changes in a Data Set; everything else stays byte by byte.
pub(crate) struct Edits<'a> {
    data_set: &'a DataSet,
    /// By ascending index: where in `bytes` that ends which takes the place of the whole entry (nothing: it goes).
    replaced: Vec<(u32, usize)>,
    /// What is new in these places, one behind the other.
    bytes: Vec<u8>,
    /// By ascending index: parts in place of the whole entry.
    spliced: Vec<(u32, Cow<'a, [Part]>)>,
    /// By ascending tag: new top-level elements.
    inserted: Vec<(Tag, Vec<u8>)>,
    /// By ascending index: Items and Sequences in which something changes, and their length fields where they are new.
    lengths: Vec<(u32, Option<u32>)>,
    /// A Sequence, and Items that are added to it.
    appended: Option<(u32, Vec<u8>)>,
    /// The containers around the last change that was not of the top level, from the outermost on.
    open: Vec<Open>,
    growth: i64,
    /// Pixel Data whose bits change while it is copied: such a range is never copied into other bytes.
    masked: Option<Masked>,
}

impl<'a> Edits<'a> {
    pub(crate) fn new(data_set: &'a DataSet) -> Self {
        Edits {
            data_set,
            replaced: Vec::new(),
            bytes: Vec::new(),
            spliced: Vec::new(),
            inserted: Vec::new(),
            lengths: Vec::new(),
            appended: None,
            open: Vec::new(),
            growth: 0,
            masked: None,
        }
    }

    /// Bits of a range change while it is copied, which is the session's work.
    pub(crate) fn mask(&mut self, masked: Masked) {
        self.masked = Some(masked);
    }

    pub(crate) fn masked(&self) -> Option<Masked> {
        self.masked.clone()
    }

    /// Closes the containers that end before an index: what is behind them does not count for them.
    fn close(&mut self, index: u32) -> Result<(), Error> {
        while let Some(Open { entry, slot, growth }) = self.open.last().copied() {
            let Some(element) = self.data_set.element(entry).filter(|element| element.next <= index) else { break };
            if growth != 0 && !element.has(UNDEFINED_LENGTH) {
                let delimiter = element.end() - element.value_range().end;
                let length = (element.length + delimiter) as i64 + growth;
                let length = u32::try_from(length).ok().filter(|length| *length != UNDEFINED);
                let length = length.ok_or_else(|| overflow(self.data_set, entry))?;
                self.lengths.get_mut(slot).into_iter().for_each(|own| own.1 = Some(length));
            }
            self.open.pop();
            self.add(growth);
        }
        Ok(())
    }

    /// Opens a container and what is around it.
    fn enter(&mut self, container: u32) {
        let (known, around) = (self.open.len(), self.open.last().map(|open| open.entry));
        let mut entry = container;
        while Some(entry) != around
            && let Some(element) = self.data_set.element(entry)
        {
            self.open.push(Open { entry, slot: 0, growth: 0 });
            entry = element.parent;
        }
        let new = self.open.get_mut(known..).unwrap_or_default();
        new.reverse();
        for open in new {
            open.slot = self.lengths.len();
            self.lengths.push((open.entry, None));
        }
    }

    /// What changes at an index, in a container, makes that and all around it so much longer. Must be called in the order of
    /// the entries.
    fn grow(&mut self, index: u32, container: u32, by: i64) -> Result<(), Error> {
        if by != 0 {
            self.close(index)?;
            self.enter(container);
            self.add(by);
        }
        Ok(())
    }

    fn add(&mut self, growth: i64) {
        match self.open.last_mut() {
            Some(innermost) => innermost.growth += growth,
            None => self.growth += growth,
        }
    }

    /// The growth where an element of so many bytes takes the place of an entry.
    fn take_place(&mut self, index: u32, element: &Element, length: u64) -> Result<(), Error> {
        self.grow(index, element.parent, length as i64 - (element.end() - element.start) as i64)
    }

    /// In place of the entry comes what is new from `start` on.
    fn replaced_by(&mut self, index: u32, element: &Element, start: usize) -> Result<(), Error> {
        self.take_place(index, element, (self.bytes.len() - start) as u64)?;
        self.replaced.push((index, self.bytes.len()));
        Ok(())
    }

    /// The entry goes.
    pub(crate) fn remove(&mut self, index: u32, element: &Element) -> Result<(), Error> {
        self.replaced_by(index, element, self.bytes.len())
    }

    /// Writes another value in place of the entry.
    pub(crate) fn replace(&mut self, index: u32, element: &Element, vr: VR, value: &[u8]) -> Result<(), Error> {
        let start = self.bytes.len();
        push_element(&mut self.bytes, element.encoding(), element.tag, vr, value)
            .ok_or_else(|| overflow(self.data_set, index))?;
        self.replaced_by(index, element, start)
    }

    /// What is new, one behind the other.
    pub(crate) fn new_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Writes in place of the entry what stands there in what is new.
    pub(crate) fn repeat(&mut self, index: u32, element: &Element, new: Range<usize>) -> Result<(), Error> {
        let start = self.bytes.len();
        self.bytes.extend_from_within(new);
        self.replaced_by(index, element, start)
    }

    /// Writes in place of the entry what became of one like it and of all in that, which ends before it; returns where in what
    /// is new it stands.
    pub(crate) fn imitate(&mut self, index: u32, element: &Element, like: u32) -> Result<Range<usize>, Error> {
        self.close(index)?;
        let not_held = || Error::new(Code::Internal, "a repeated Sequence is not held; please report this");
        let renewed = splices::renewed(self, like).ok_or_else(not_held)?;
        let start = self.bytes.len();
        self.bytes.extend(renewed);
        self.replaced_by(index, element, start)?;
        Ok(start..self.bytes.len())
    }

    /// Where in what is new that stands which takes the place of an entry.
    pub(crate) fn new_of(&self, index: u32) -> Option<Range<usize>> {
        let at = self.replaced.binary_search_by_key(&index, |(index, _)| *index).ok()?;
        Some(splices::begin(&self.replaced, at)..self.replaced.get(at)?.1)
    }

    /// Writes parts in place of the entry, header included.
    pub(crate) fn splice(&mut self, index: u32, element: &Element, parts: Cow<'a, [Part]>) -> Result<(), Error> {
        let length: u64 = parts.iter().map(Part::byte_len).sum();
        self.take_place(index, element, length)?;
        self.spliced.push((index, parts));
        Ok(())
    }

    /// Adds a top-level element.
    pub(crate) fn insert(&mut self, tag: Tag, vr: VR, value: &[u8]) -> Result<(), Error> {
        let bytes = encode(self.data_set.syntax.encoding, tag, vr, value).ok_or_else(|| {
            let path = format!("({:04X},{:04X})", tag.group(), tag.element());
            Error::new(Code::Overflow, "the new value is too long for its length field").at(Place::Path(path))
        })?;
        self.growth += bytes.len() as i64;
        let at = self.inserted.partition_point(|(other, _)| *other <= tag);
        self.inserted.insert(at, (tag, bytes));
        Ok(())
    }

    /// Adds Items at the end of a Sequence, before anything in it changes; only one Sequence of a file gets any.
    pub(crate) fn append(&mut self, sequence: u32, items: Vec<u8>) -> Result<(), Error> {
        self.grow(sequence + 1, sequence, items.len() as i64)?;
        self.appended = Some((sequence, items));
        Ok(())
    }

    /// Whether both ways of writing lead to the same parts: every test of a build with debug assertions asks.
    fn is_emitted_alike(&self, out: &Parts<'_>) -> bool {
        splices::run(self, out.clone()) == Emission::new(self, out.clone()).run()
    }

    /// The output's Data Set, after `head`.
    ///
    /// # Errors
    /// [`Code::Internal`] if the parts do not add up to the length that the edits must give.
    pub(crate) fn into_parts(mut self, head: Vec<u8>) -> Result<Vec<Part>, Error> {
        let end = self.data_set.elements.len() as u32;
        self.close(end)?;
        let top: u64 = self.data_set.children(u32::MAX).map(|(_, e)| e.end() - e.start).sum();
        let expected = head.len() as i64 + top as i64 + self.growth;
        let masked = self.masked.as_ref().map_or(0..0, |masked| masked.range.clone());
        let held = self.data_set.windows.held() + head.len() + self.bytes.len();
        let room = usize::try_from(expected).map_or(held, |expected| expected.min(held));
        let out = Parts::new(self.data_set, head, masked, room);
        let parts = match self.data_set.is_contiguous() {
            true => {
                debug_assert!(self.is_emitted_alike(&out), "the edits lead to other bytes entry by entry");
                splices::run(&self, out)
            }
            false => Emission::new(&self, out).run(),
        };
        let length: u64 = parts.iter().map(Part::byte_len).sum();
        if i64::try_from(length).ok() != Some(expected) {
            return Err(Error::new(Code::Internal, "the parts of the output do not add up; please report this"));
        }
        Ok(parts)
    }
}

/// A whole element; `None` if its length field cannot hold the value.
pub(crate) fn encode(encoding: Encoding, tag: Tag, vr: VR, value: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(13 + value.len());
    push_element(&mut bytes, encoding, tag, vr, value)?;
    Some(bytes)
}

/// Appends a whole element; what is appended is of no use if `None` says that its length field cannot hold the value.
fn push_element(out: &mut Vec<u8>, encoding: Encoding, tag: Tag, vr: VR, value: &[u8]) -> Option<()> {
    let length = u32::try_from(value.len() + value.len() % 2).ok().filter(|length| *length != UNDEFINED)?;
    if !encoding.push_header(out, tag, vr, length) {
        return None;
    }
    out.extend_from_slice(value);
    if value.len() % 2 == 1 {
        out.push(padding(vr));
    }
    Some(())
}

fn overflow(data_set: &DataSet, index: u32) -> Error {
    let message = "the new value is too long for its length field";
    Error::new(Code::Overflow, message).at(Place::Path(data_set.path(index as usize)))
}

/// Whether two ranges have a byte in common.
pub(crate) fn overlap(a: &Range<u64>, b: &Range<u64>) -> bool {
    a.start.max(b.start) < a.end.min(b.end)
}
