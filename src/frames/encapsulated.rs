//! Encapsulated Pixel Data (PS3.5 A.4): fragments are read in large windows, their tables made anew.

use super::scan::{Scanner, Start};
use super::{Cleaned, table};
use crate::edit::Part;
use crate::element::Element;
use crate::error::{Code, Error};
use crate::syntax::{ITEM, SEQUENCE_DELIMITER, UNDEFINED};
use std::ops::Range;

/// How much is asked for at a time.
const WINDOW: u64 = 1 << 20;
/// Longest Basic Offset Table that is held; a longer one becomes empty.
const MAX_TABLE: u64 = 4 << 20;
/// Most fragments of one file.
const MAX_FRAGMENTS: usize = 2_000_000;

#[derive(Debug)]
struct Fragment {
    /// Where its bytes stand in the file, without the Item's header.
    start: u64,
    length: u32,
    /// It begins behind the last frame.
    orphan: bool,
    /// It goes on with the image of the fragment before it.
    continues: bool,
}

/// A fragment of the output.
struct Piece {
    /// Where its first byte stood in the file.
    start: u64,
    /// What it is made of.
    parts: Vec<Part>,
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
    scanner: Scanner,
}

impl Reader {
    pub(super) fn new(element: Element, frames: Option<u64>, start: Start) -> Self {
        let cursor = element.value_range().start;
        let (header, fragments) = (Vec::new(), Vec::new());
        let scanner = Scanner::new(start);
        Reader { element, frames, cursor, header, end: cursor, table: None, fragments, scanner }
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
                self.body(now)?;
            } else {
                self.item(now)?;
            }
            bytes = rest;
            if self.scanner.failed && self.cursor < self.end {
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
        let length = self.element.encoding().u32([a, b, c, d]);
        self.header.clear();
        let start = self.cursor;
        self.end = start + u64::from(length);
        if self.end > self.element.value_range().end {
            return Err(Error::new(Code::Read, "the file changed while it was read"));
        }
        if self.table.is_none() {
            self.table = Some((start..self.end, Vec::new()));
            return Ok(());
        }
        if self.fragments.len() == MAX_FRAGMENTS {
            let message =
                "more than two million fragments of Pixel Data; set clean_frames to false to copy them as they are";
            return Err(Error::new(Code::TooLarge, message));
        }
        let continues = !self.scanner.is_between_images();
        let orphan = !continues && self.frames.is_some_and(|frames| self.scanner.images >= frames);
        self.fragments.push(Fragment { start, length, orphan, continues });
        // Bytes behind the last frame are no image of any kind.
        if !orphan {
            self.scanner.begin();
        }
        Ok(())
    }

    fn body(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.cursor += bytes.len() as u64;
        let Some(fragment) = self.fragments.last() else {
            let fits = self.table.as_mut().filter(|(range, _)| range.end - range.start <= MAX_TABLE);
            if let Some((_, table)) = fits {
                table.extend(bytes);
            }
            return Ok(());
        };
        if fragment.orphan {
            return Ok(());
        }
        self.scanner.feed(bytes)?;
        if self.cursor == self.end {
            self.scanner.end();
        }
        Ok(())
    }

    /// What to do, after the last byte.
    pub(crate) fn finish(mut self) -> Cleaned {
        self.scanner.finish();
        let checked = !self.scanner.failed && self.frames.is_some_and(|frames| frames <= self.scanner.images);
        if checked {
            self.fragments.retain(|fragment| !fragment.orphan);
        } else {
            self.scanner.edits.list.clear();
        }
        let edits = std::mem::take(&mut self.scanner.edits.list);
        let edited = !edits.is_empty();
        let first = self.table.as_ref().map_or(0, |(range, _)| range.end);
        let (mut at, mut placed, mut body) = (0, Vec::with_capacity(self.fragments.len()), Vec::new());
        for Piece { start, mut parts } in self.pieces(edits) {
            let mut length: u64 = parts.iter().map(Part::byte_len).sum();
            if length % 2 == 1 {
                parts.push(Part::Bytes(vec![0]));
                length += 1;
            }
            if length >= u64::from(UNDEFINED) {
                return Cleaned { parts: None, unchecked: true, open_ended: false, frames: Vec::new() };
            }
            placed.push((start - 8 - first, at, length));
            at += 8 + length;
            body.push(self.item_header(length as u32));
            body.extend(parts.into_iter().filter(|part| part.byte_len() > 0));
        }
        self.assemble(body, &placed, edited, !checked)
    }

    /// The new fragments. Where anything goes, an image becomes one: a padding byte must not come to stand inside it.
    fn pieces(&self, edits: Vec<(Range<u64>, Vec<u8>)>) -> Vec<Piece> {
        let edited = !edits.is_empty();
        let mut edits = edits.into_iter().peekable();
        let mut pieces: Vec<Piece> = Vec::new();
        // Where the fragment begins in the joined fragments.
        let mut joined = 0;
        for fragment in &self.fragments {
            if !(edited && fragment.continues) || pieces.is_empty() {
                pieces.push(Piece { start: fragment.start, parts: Vec::new() });
            }
            let Some(Piece { parts, .. }) = pieces.last_mut() else { continue };
            let end = joined + u64::from(fragment.length);
            let source =
                |from: u64, to: u64| Part::Source(fragment.start + (from - joined)..fragment.start + (to - joined));
            let mut at = joined;
            while let Some((range, new)) = edits.peek_mut().filter(|(range, _)| range.start < end) {
                parts.push(source(at, range.start.max(at)));
                parts.push(Part::Bytes(std::mem::take(new)));
                at = range.end.min(end);
                if range.end > end {
                    // It goes on in the next fragment.
                    range.start = end;
                    break;
                }
                edits.next();
            }
            parts.push(source(at, end));
            joined = end;
        }
        pieces
    }

    fn assemble(self, body: Vec<Part>, placed: &[(u64, u64, u64)], edited: bool, unchecked: bool) -> Cleaned {
        let (range, old) = self.table.clone().unwrap_or((self.cursor..self.cursor, Vec::new()));
        let table = if range.is_empty() { Vec::new() } else { table::basic(&old, placed, self.frames) };
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
        let one_each = self.frames == Some(placed.len() as u64);
        let frames = if one_each { placed.iter().map(|(_, at, length)| (*at, *length)).collect() } else { Vec::new() };
        Cleaned { parts: (!same).then_some(parts), unchecked, open_ended: self.scanner.open_ended, frames }
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
