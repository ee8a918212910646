//! The index of a file: its Data Elements as byte ranges, and the bytes that were read on the way.

use crate::profile::dictionary::Known;
use crate::syntax::{Encoding, ITEM, TransferSyntax};
use crate::{Tag, VR, profile, spare};
use dicom_core::dictionary::VirtualVr;
use std::ops::Range;

/// The element or Item has undefined length in the file.
pub(crate) const UNDEFINED_LENGTH: u8 = 1;
/// A delimiter of 8 bytes with zero length stands behind the value.
pub(crate) const DELIMITED: u8 = 2;
/// The header is Implicit VR.
pub(crate) const IMPLICIT: u8 = 4;
/// The header is big endian.
pub(crate) const BIG: u8 = 8;
/// The structure is not understood well enough to copy it.
pub(crate) const OPAQUE: u8 = 16;
/// The entry has Items (a Sequence) or elements (an Item) of its own.
pub(crate) const CONTAINER: u8 = 32;
/// The delimiter has a length, which is not copied.
pub(crate) const ODD_DELIMITER: u8 = 64;
/// Another element of the same tag follows beside it: that one counts, and this one is never copied.
pub(crate) const SUPERSEDED: u8 = 128;

/// One Data Element, or one Item of a Sequence, as it stands in the file. 32 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Element {
    /// The tag; (FFFE,E000) for an Item.
    pub tag: Tag,
    /// The VR that the file states, in Implicit VR the dictionary's.
    pub vr: VR,
    /// How many Sequences enclose it.
    pub(crate) depth: u8,
    /// Bytes of the header.
    pub(crate) header: u8,
    pub(crate) flags: u8,
    /// Offset of the header.
    pub(crate) start: u64,
    /// Bytes of the value, without a delimiter.
    pub(crate) length: u64,
    /// Index of the first entry behind this one and all that is in it.
    pub(crate) next: u32,
    /// Index of the enclosing entry, or `u32::MAX`.
    pub(crate) parent: u32,
}

impl Element {
    /// Where the value stands in the file (in the inflated Data Set, for a deflated file).
    pub fn value_range(&self) -> Range<u64> {
        let start = self.start + u64::from(self.header);
        start..start + self.length
    }

    /// Where the whole element stands: header, value and delimiter.
    pub fn range(&self) -> Range<u64> {
        self.start..self.end()
    }

    /// How many Sequences enclose the element; 0 at top level.
    pub fn depth(&self) -> usize {
        usize::from(self.depth)
    }

    /// Whether this entry is an Item of a Sequence.
    pub fn is_item(&self) -> bool {
        self.tag == ITEM
    }

    /// Whether this entry is a Sequence of Items.
    pub fn is_sequence(&self) -> bool {
        self.has(CONTAINER) && !self.is_item()
    }

    pub(crate) fn has(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }

    pub(crate) fn encoding(&self) -> Encoding {
        match (self.has(IMPLICIT), self.has(BIG)) {
            (true, _) => Encoding::ImplicitLittle,
            (false, true) => Encoding::ExplicitBig,
            (false, false) => Encoding::ExplicitLittle,
        }
    }

    /// Where the element ends in the file, delimiter included.
    pub(crate) fn end(&self) -> u64 {
        self.value_range().end + if self.has(DELIMITED) { 8 } else { 0 }
    }
}

/// The VR that an Attribute has whatever a file states: the dictionary's, UL for group lengths, LO for
/// Private Creators (PS3.5 7.8.1). Where the dictionary leaves it open, the likeliest.
pub(crate) fn known_vr(tag: Tag) -> Option<VR> {
    known_virtual_vr(tag).map(VirtualVr::relaxed)
}

/// The same, where it matters whether the dictionary leaves it open.
pub(crate) fn known_virtual_vr(tag: Tag) -> Option<VirtualVr> {
    virtual_vr(tag, profile::dictionary::dictionary().get(tag))
}

/// The same, of an Attribute that was looked up.
#[inline]
pub(crate) fn virtual_vr(tag: Tag, known: Option<&Known>) -> Option<VirtualVr> {
    match tag {
        Tag(_, 0x0000) => Some(VirtualVr::Exact(VR::UL)),
        Tag(group, 0x0010..=0x00FF) if group % 2 == 1 => Some(VirtualVr::Exact(VR::LO)),
        _ => known?.vr,
    }
}

/// What the File Meta Information said (PS3.10 7.1); everything else in it is written anew.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct FileMeta {
    pub(crate) transfer_syntax: String,
    pub(crate) sop_class: String,
    pub(crate) sop_instance: String,
}

/// The stretches of the file that were read and are still held.
#[derive(Clone, Debug, Default)]
pub(crate) struct Windows {
    stretches: Vec<Stretch>,
}

#[derive(Clone, Debug)]
struct Stretch {
    start: u64,
    bytes: Vec<u8>,
}

impl Windows {
    /// Nothing is held; what will be goes into these bytes, which are empty.
    pub(crate) fn into(bytes: Vec<u8>) -> Self {
        Windows { stretches: vec![Stretch { start: 0, bytes }] }
    }

    /// The bytes of the first stretch.
    pub(crate) fn into_first(self) -> Vec<u8> {
        self.stretches.into_iter().next().map(|stretch| stretch.bytes).unwrap_or_default()
    }

    /// Where the last stretch ends, which is where reading goes on.
    pub(crate) fn end(&self) -> u64 {
        self.stretches.last().map_or(0, |s| s.start + s.bytes.len() as u64)
    }

    /// How many bytes are held.
    pub(crate) fn held(&self) -> usize {
        self.stretches.iter().map(|stretch| stretch.bytes.len()).sum()
    }

    /// Starts a stretch at an offset behind all others.
    pub(crate) fn jump(&mut self, start: u64) {
        match self.stretches.last_mut() {
            Some(last) if last.bytes.is_empty() => last.start = start,
            _ => self.stretches.push(Stretch { start, bytes: Vec::new() }),
        }
    }

    /// Appends bytes to the last stretch.
    pub(crate) fn extend(&mut self, bytes: &[u8]) {
        if self.stretches.is_empty() {
            self.jump(0);
        }
        if let Some(last) = self.stretches.last_mut() {
            last.bytes.extend_from_slice(bytes);
        }
    }

    /// Forgets a range of the last stretch, such as the pixels, and keeps what follows.
    pub(crate) fn forget(&mut self, range: Range<u64>) {
        let Some(last) = self.stretches.last_mut() else { return };
        let at = |offset: u64| (offset.saturating_sub(last.start) as usize).min(last.bytes.len());
        let (from, to) = (at(range.start), at(range.end));
        let rest = last.bytes.split_off(to);
        last.bytes.truncate(from);
        if last.bytes.capacity() > spare::LONGEST {
            last.bytes.shrink_to_fit();
        }
        // Many fragments stand one behind the other, and nothing between them is held.
        if last.bytes.is_empty() {
            *last = Stretch { start: range.end, bytes: rest };
        } else {
            self.stretches.push(Stretch { start: range.end, bytes: rest });
        }
    }

    /// The bytes of a range, if they are held.
    #[inline(always)] // into `DataSet::value`, for every value
    pub(crate) fn get(&self, range: Range<u64>) -> Option<&[u8]> {
        // Most of what is asked for stands before the first bytes that are not held.
        let stretch = match self.stretches.first()? {
            first if range.start.wrapping_sub(first.start) < first.bytes.len() as u64 => first,
            _ => self.stretches.get(self.stretches.partition_point(|s| s.start <= range.start).checked_sub(1)?)?,
        };
        let from = usize::try_from(range.start - stretch.start).ok()?;
        let to = usize::try_from(range.end.checked_sub(stretch.start)?).ok()?;
        stretch.bytes.get(from..to)
    }

    /// The last stretch: where it begins, and its bytes.
    pub(crate) fn last(&self) -> (u64, &[u8]) {
        self.stretches.last().map_or((0, &[]), |last| (last.start, last.bytes.as_slice()))
    }

    /// What is held from an offset on, in its stretch.
    pub(crate) fn from(&self, offset: u64) -> &[u8] {
        let Some(last) = self.stretches.last() else { return &[] };
        offset.checked_sub(last.start).and_then(|at| last.bytes.get(usize::try_from(at).ok()?..)).unwrap_or_default()
    }
}

/// A file's Data Elements, depth first in the order they are written, and what else was found.
#[derive(Clone, Debug)]
pub struct DataSet {
    pub(crate) elements: Vec<Element>,
    /// Small Sequences below the top level, by ascending index.
    pub(crate) patterns: Vec<Pattern>,
    /// Those of the top level: tag and index.
    pub(crate) top: Vec<(Tag, u32)>,
    pub(crate) windows: Windows,
    pub(crate) syntax: TransferSyntax,
    pub(crate) meta: FileMeta,
    /// Length of the file.
    pub(crate) file_len: u64,
    /// Stable codes of what was odd but could be processed.
    pub(crate) oddities: Vec<Oddity>,
    /// What reading the fragments of Pixel Data led to, where that was done.
    pub(crate) cleaned: Option<crate::frames::Cleaned>,
    /// Whether a delimiter anywhere has a length, which is not copied.
    pub(crate) odd_delimiters: bool,
    /// Whether values other than pixels may not be held.
    pub(crate) leaves_out_values: bool,
    /// Whether values that are not held were searched for identifiers, or will be before the output is whole.
    pub(crate) searched: bool,
}

/// A Sequence, and a number that only those have which are, byte by byte, the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pattern {
    pub(crate) index: u32,
    pub(crate) number: u32,
}

/// Something odd in the structure, which is not copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Oddity {
    TrailingBytes,
    StrayDelimiter,
    Duplicate,
    OutOfOrder,
    WrongTransferSyntax,
}

impl DataSet {
    /// All elements and Items, depth first.
    pub fn elements(&self) -> &[Element] {
        &self.elements
    }

    /// The Transfer Syntax of the content.
    pub fn transfer_syntax(&self) -> &TransferSyntax {
        &self.syntax
    }

    /// Length of the file in bytes.
    pub fn file_len(&self) -> u64 {
        self.file_len
    }

    /// The bytes of an element's value, if they were read (Pixel Data and other bulk is not).
    pub fn value(&self, element: &Element) -> Option<&[u8]> {
        self.windows.get(element.value_range())
    }

    /// Whether the entries stand one behind the other, in order, and all of them are copied as they are.
    pub(crate) fn is_contiguous(&self) -> bool {
        let apart = |oddity: &Oddity| matches!(oddity, Oddity::OutOfOrder | Oddity::StrayDelimiter);
        !self.odd_delimiters && !self.oddities.iter().any(apart)
    }

    /// The element at an index.
    pub(crate) fn element(&self, index: u32) -> Option<&Element> {
        self.elements.get(index as usize)
    }

    /// Index and element of each child of an entry (`u32::MAX`: of the top level).
    pub(crate) fn children(&self, parent: u32) -> impl Iterator<Item = (u32, &Element)> {
        let (mut at, end) = match self.element(parent) {
            Some(entry) => (parent + 1, entry.next),
            None => (0, self.elements.len() as u32),
        };
        std::iter::from_fn(move || {
            let element = if at < end { self.element(at) } else { None }?;
            let index = at;
            at = element.next.max(at + 1);
            Some((index, element))
        })
    }

    /// The element with a tag among the children of an entry (`u32::MAX`: of the top level).
    pub(crate) fn child(&self, parent: u32, tag: Tag) -> Option<(u32, &Element)> {
        if parent == u32::MAX {
            return self.top_child(tag);
        }
        // The walker has put them in order.
        let reached = self.children(parent).find(|(_, element)| element.tag >= tag && !element.has(SUPERSEDED));
        reached.filter(|(_, element)| element.tag == tag)
    }

    /// The same at the top level, where dozens of Attributes are asked for.
    fn top_child(&self, tag: Tag) -> Option<(u32, &Element)> {
        let from = self.top.partition_point(|(other, _)| *other < tag);
        let same = self.top.iter().skip(from).take_while(|(other, _)| *other == tag);
        let mut elements = same.filter_map(|(_, index)| Some((*index, self.element(*index)?)));
        elements.find(|(_, element)| !element.has(SUPERSEDED))
    }

    /// The elements of the top level from a tag on.
    pub(crate) fn top_from(&self, tag: Tag) -> impl Iterator<Item = &Element> {
        let from = self.top.partition_point(|(other, _)| *other < tag);
        self.top.iter().skip(from).filter_map(|(_, index)| self.element(*index))
    }

    /// Notes which elements are those of the top level, once all are there.
    pub(crate) fn with_top(mut self) -> Self {
        let mut top = Vec::with_capacity(self.children(u32::MAX).count());
        top.extend(self.children(u32::MAX).map(|(index, element)| (element.tag, index)));
        self.top = top;
        self
    }

    /// The first element with a tag: at top level, else wherever it stands.
    pub(crate) fn find(&self, tag: Tag) -> Option<&Element> {
        self.child(u32::MAX, tag)
            .map(|(_, element)| element)
            .or_else(|| self.elements.iter().find(|element| element.tag == tag && !element.has(SUPERSEDED)))
    }

    /// The trimmed value of a top-level element, as bytes.
    pub(crate) fn top(&self, tag: Tag) -> Option<&[u8]> {
        let (_, element) = self.child(u32::MAX, tag)?;
        self.value(element).map(crate::value::trim)
    }

    /// The Sequences that enclose an element, innermost first.
    pub(crate) fn enclosing(&self, element: &Element) -> impl Iterator<Item = Tag> + Clone {
        let around = |entry: &&Element| self.element(entry.parent);
        let entries = std::iter::successors(self.element(element.parent), around);
        entries.filter(|entry| !entry.is_item()).map(|entry| entry.tag)
    }

    /// The path of an entry, such as `(0040,0275)[0].(0008,0050)`.
    pub fn path(&self, index: usize) -> String {
        let mut steps = Vec::new();
        let mut at = u32::try_from(index).unwrap_or(u32::MAX);
        while let Some(entry) = self.element(at) {
            if entry.is_item() {
                let number = self.children(entry.parent).take_while(|(i, _)| *i != at).count();
                steps.push(format!("[{number}]."));
            } else {
                steps.push(format!("({:04X},{:04X})", entry.tag.group(), entry.tag.element()));
            }
            at = entry.parent;
        }
        steps.iter().rev().map(String::as_str).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_entry_is_32_bytes() {
        assert_eq!(size_of::<Element>(), 32);
    }

    #[test]
    fn windows_give_back_what_they_hold_and_nothing_else() {
        let mut windows = Windows::default();
        windows.extend(b"0123456789");
        windows.forget(2..6);
        assert_eq!(windows.get(0..2), Some(&b"01"[..]));
        assert_eq!(windows.get(6..10), Some(&b"6789"[..]));
        assert_eq!(windows.get(1..7), None);
        windows.forget(8..100);
        windows.extend(b"x");
        assert_eq!(windows.get(100..101), Some(&b"x"[..]));
        assert_eq!(windows.get(8..9), None);
    }
}
