//! Encapsulated Pixel Data (PS3.5 A.4): fragments are read in large windows, their tables made anew.

use super::jpeg::Scanner;
use crate::edit::Part;
use crate::element::{DataSet, Element};
use crate::error::{Code, Error};
use crate::syntax::{ITEM, SEQUENCE_DELIMITER, UNDEFINED};
use dicom_dictionary_std::tags;
use std::ops::Range;

/// How much is asked for at a time.
const WINDOW: u64 = 1 << 20;
/// Longest Basic Offset Table that is held; a longer one becomes empty.
const MAX_TABLE: u64 = 4 << 20;

/// What reading the fragments led to.
#[derive(Clone, Debug)]
pub(crate) struct Cleaned {
    /// The whole element, where it changed.
    pub(crate) parts: Option<Vec<Part>>,
    /// Images that could not be read to their end stay as they are.
    pub(crate) unchecked: bool,
    /// Offset and length of each frame's fragment, where each frame has one.
    frames: Vec<(u64, u64)>,
}

impl Cleaned {
    /// Whether an Extended Offset Table is what it must be (PS3.3 C.7.6.3.1.8).
    pub(crate) fn agrees(&self, data_set: &DataSet, element: &Element) -> bool {
        let offsets = element.tag == tags::EXTENDED_OFFSET_TABLE;
        let values = self.frames.iter().map(|(offset, length)| if offsets { *offset } else { *length });
        let right: Vec<u8> = values.flat_map(u64::to_le_bytes).collect();
        !right.is_empty() && data_set.value(element) == Some(right.as_slice())
    }
}

#[derive(Debug)]
struct Fragment {
    /// The bytes without the Item's header.
    range: Range<u64>,
    /// It begins behind the last frame.
    orphan: bool,
    /// It goes on with the image of the fragment before it.
    continues: bool,
}

/// Reads the fragments: `want` and `feed` are those of a session.
#[derive(Debug)]
pub(crate) struct Reader {
    element: Element,
    frames: Option<u64>,
    cursor: u64,
    header: Vec<u8>,
    /// Where the fragment at hand ends.
    end: u64,
    /// The Basic Offset Table, once it was found, and where it stands.
    table: Option<(Range<u64>, Vec<u8>)>,
    fragments: Vec<Fragment>,
    /// Nothing while no fragment was seen; then whether they are scanned.
    scanned: Option<bool>,
    scanner: Scanner,
}

impl Reader {
    pub(crate) fn new(element: Element, frames: Option<u64>) -> Self {
        let cursor = element.value_range().start;
        let (header, fragments) = (Vec::new(), Vec::new());
        let scanner = Scanner::new();
        Reader { element, frames, cursor, header, end: cursor, table: None, fragments, scanned: None, scanner }
    }

    pub(crate) fn want(&self) -> Option<Range<u64>> {
        let end = self.element.value_range().end;
        (self.cursor < end).then(|| self.cursor..(self.cursor + WINDOW).min(end))
    }

    pub(crate) fn feed(&mut self, mut bytes: &[u8]) -> Result<(), Error> {
        let last = self.element.value_range().end;
        bytes = head(bytes, last.saturating_sub(self.cursor)).0;
        while !bytes.is_empty() {
            let (now, rest) = if self.cursor < self.end {
                head(bytes, self.end - self.cursor)
            } else {
                head(bytes, 8 - self.header.len().min(7) as u64)
            };
            if self.cursor < self.end {
                self.body(now)
            } else {
                self.item(now)?
            }
            bytes = rest;
            if self.scanned == Some(false) && self.cursor < self.end {
                // What is not scanned is not read.
                let skipped = self.end - self.cursor;
                self.cursor = self.end;
                bytes = head(bytes, skipped).1;
            }
        }
        Ok(())
    }

    fn item(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.header.extend(bytes);
        self.cursor += bytes.len() as u64;
        let Some(&[_, _, _, _, a, b, c, d]) = self.header.first_chunk::<8>() else { return Ok(()) };
        let length = u64::from(self.element.encoding().u32([a, b, c, d]));
        self.header.clear();
        self.end = self.cursor + length;
        if self.end > self.element.value_range().end {
            return Err(Error::new(Code::Read, "the file changed while it was read"));
        }
        if self.table.is_none() {
            self.table = Some((self.cursor..self.end, Vec::new()));
            return Ok(());
        }
        let seen = u64::from(self.scanner.images);
        let orphan = self.frames.is_some_and(|frames| seen >= frames) && self.scanner.is_between_images();
        let continues = !self.scanner.is_between_images();
        self.fragments.push(Fragment { range: self.cursor..self.end, orphan, continues });
        self.scanner.begin();
        if length == 0 {
            self.scanned.get_or_insert(false);
        }
        Ok(())
    }

    fn body(&mut self, bytes: &[u8]) {
        let at = self.cursor;
        self.cursor += bytes.len() as u64;
        let Some(fragment) = self.fragments.last() else {
            let fits = self.table.as_mut().filter(|(range, _)| range.end - range.start <= MAX_TABLE);
            if let Some((_, table)) = fits {
                table.extend(bytes);
            }
            return;
        };
        // Told by content: Transfer Syntaxes lie.
        let scanned = *self.scanned.get_or_insert(bytes.first() == Some(&0xFF));
        // Bytes behind the last frame are no image of any kind.
        if scanned && !fragment.orphan {
            self.scanner.feed(at, bytes);
            if self.scanner.failed {
                self.scanned = Some(false);
            }
            if self.cursor == self.end {
                self.scanner.end(fragment.range.clone());
            }
        }
    }

    /// What to do, after the last byte.
    pub(crate) fn finish(mut self) -> Cleaned {
        self.scanner.finish();
        let images = u64::from(self.scanner.images);
        let checked = self.scanned == Some(true) && !self.scanner.failed && self.frames.is_some_and(|n| n <= images);
        if !checked {
            self.scanner.edits.clear();
            self.fragments.iter_mut().for_each(|fragment| fragment.orphan = false);
        }
        self.fragments.retain(|fragment| !fragment.orphan || !checked);
        let edits = std::mem::take(&mut self.scanner.edits);
        let edited = !edits.is_empty();
        let first = self.table.as_ref().map_or(0, |(range, _)| range.end);
        let (mut at, mut placed, mut body) = (0, Vec::with_capacity(self.fragments.len()), Vec::new());
        for (start, mut parts) in self.pieces(edits) {
            let mut length: u64 = parts.iter().map(Part::byte_len).sum();
            if length % 2 == 1 {
                parts.push(Part::Bytes(vec![0]));
                length += 1;
            }
            if length >= u64::from(UNDEFINED) {
                return Cleaned { parts: None, unchecked: true, frames: Vec::new() };
            }
            placed.push((start - 8 - first, at, length));
            at += 8 + length;
            body.push(self.item_header(length as u32));
            body.extend(parts.into_iter().filter(|part| part.byte_len() > 0));
        }
        self.assemble(body, placed, edited, !checked)
    }

    /// The offset of each new fragment's first byte and what it is made of. Where anything goes, an image becomes one
    /// fragment: a padding byte must not come to stand inside it.
    fn pieces(&self, edits: Vec<(Range<u64>, Vec<u8>)>) -> Vec<(u64, Vec<Part>)> {
        let edited = !edits.is_empty();
        let mut edits = edits.into_iter().peekable();
        let mut pieces: Vec<(u64, Vec<Part>)> = Vec::with_capacity(self.fragments.len());
        for fragment in &self.fragments {
            if !(edited && fragment.continues) || pieces.is_empty() {
                pieces.push((fragment.range.start, Vec::new()));
            }
            let Some((_, parts)) = pieces.last_mut() else { continue };
            let mut cursor = fragment.range.start;
            while let Some((range, bytes)) = edits.next_if(|(range, _)| range.start < fragment.range.end) {
                parts.push(Part::Source(cursor..range.start));
                parts.push(Part::Bytes(bytes));
                cursor = range.end;
            }
            parts.push(Part::Source(cursor..fragment.range.end));
        }
        pieces
    }

    fn assemble(self, body: Vec<Part>, placed: Vec<(u64, u64, u64)>, edited: bool, unchecked: bool) -> Cleaned {
        let (range, old) = self.table.clone().unwrap_or((self.cursor..self.cursor, Vec::new()));
        let table = if range.is_empty() { Vec::new() } else { self.offsets(&old, &placed) };
        let one_each = self.frames == Some(placed.len() as u64);
        let frames = if one_each { placed.iter().map(|(_, at, length)| (*at, *length)).collect() } else { Vec::new() };
        let element = self.element;
        let mut parts = vec![Part::Source(element.start..element.value_range().start)];
        parts.push(self.item_header(table.len() as u32));
        let same_table = table == old && range.end - range.start == table.len() as u64;
        parts.push(Part::Bytes(table));
        parts.extend(body);
        let mut delimiter = Vec::with_capacity(8);
        element.encoding().push_tag(&mut delimiter, SEQUENCE_DELIMITER);
        delimiter.extend([0; 4]);
        parts.push(Part::Bytes(delimiter));
        let length: u64 = parts.iter().map(Part::byte_len).sum();
        let same = same_table && !edited && length == element.end() - element.start;
        Cleaned { parts: (!same).then_some(parts), unchecked, frames }
    }

    /// The Basic Offset Table: where each frame begins now, empty where that is not certain (PS3.5 A.4).
    fn offsets(&self, old: &[u8], placed: &[(u64, u64, u64)]) -> Vec<u8> {
        let frames = self.frames.unwrap_or(0);
        let entries =
            old.chunks(4).map(|entry| entry.try_into().map_or(u64::MAX, |e| u64::from(u32::from_le_bytes(e))));
        let found: Option<Vec<u64>> = entries
            .map(|entry| placed.binary_search_by_key(&entry, |place| place.0).ok())
            .map(|index| placed.get(index?).map(|place| place.1))
            .collect();
        let ascends = |new: &Vec<u64>| new.first() == Some(&0) && new.is_sorted_by(|a, b| a < b);
        let found = found.filter(|new| new.len() as u64 == frames && ascends(new));
        let one_each = placed.len() as u64 == frames;
        let new = found.or_else(|| one_each.then(|| placed.iter().map(|place| place.1).collect()));
        let fields = new.unwrap_or_default().into_iter().map(u32::try_from).collect::<Result<Vec<_>, _>>();
        fields.unwrap_or_default().into_iter().flat_map(u32::to_le_bytes).collect()
    }

    fn item_header(&self, length: u32) -> Part {
        let mut header = Vec::with_capacity(8);
        self.element.encoding().push_tag(&mut header, ITEM);
        self.element.encoding().push_u32(&mut header, length);
        Part::Bytes(header)
    }
}

/// As many of the first bytes, and the others.
fn head(bytes: &[u8], most: u64) -> (&[u8], &[u8]) {
    bytes.split_at(usize::try_from(most).unwrap_or(usize::MAX).min(bytes.len()))
}
