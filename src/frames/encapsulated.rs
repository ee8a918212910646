//! Encapsulated Pixel Data (PS3.5 A.4): fragments are read in large windows, their tables made anew.

use super::Cleaned;
use super::rebuild::rebuild;
use super::scan::{Scanner, Start};
use crate::edit::Part;
use crate::element::Element;
use crate::error::{Code, Error};
use std::ops::Range;

/// How much is asked for at a time.
const WINDOW: u64 = 1 << 20;
/// Longest Basic Offset Table that is held; a longer one becomes empty.
const MAX_TABLE: u64 = 4 << 20;
/// Most fragments of one file.
const MAX_FRAGMENTS: usize = 2_000_000;

/// A fragment of the file.
#[derive(Debug)]
pub(super) struct Fragment {
    /// Where its bytes stand, without the Item's header.
    pub(super) start: u64,
    pub(super) length: u32,
    /// It begins behind the last frame.
    orphan: bool,
    /// It goes on with the image of the fragment before it.
    pub(super) continues: bool,
}

/// Reads the fragments: `want` and `feed` are those of a session.
#[derive(Debug)]
pub(crate) struct Reader {
    /// Which of the elements of the Data Set it is.
    pub(crate) entry: u32,
    element: Element,
    frames: Option<u64>,
    start: Start,
    cursor: u64,
    /// Up to where fragments are known to be there.
    limit: u64,
    header: Vec<u8>,
    /// Where the fragment at hand ends.
    end: u64,
    /// The Basic Offset Table, once it was found, and where it stands.
    table: Option<(Range<u64>, Vec<u8>)>,
    fragments: Vec<Fragment>,
    scanner: Scanner,
}

impl Fragment {
    /// Where its bytes end.
    pub(super) fn end(&self) -> u64 {
        self.start + u64::from(self.length)
    }
}

impl Reader {
    pub(super) fn new(entry: u32, element: Element, frames: Option<u64>, start: Start) -> Self {
        let Range { start: cursor, end: limit } = element.value_range();
        let (header, fragments) = (Vec::new(), Vec::new());
        let scanner = Scanner::new(start);
        Reader { entry, element, frames, start, cursor, limit, header, end: cursor, table: None, fragments, scanner }
    }

    /// Whether the frames are inflated.
    pub(crate) fn inflates(&self) -> bool {
        self.scanner.inflates()
    }

    pub(crate) fn want(&self) -> Option<Range<u64>> {
        (self.cursor < self.limit).then(|| self.cursor..self.window().min(self.limit))
    }

    /// What to ask for where the walker, which has not seen the last fragment yet, wants a range.
    pub(crate) fn want_ahead(&self, walker: Range<u64>, file_len: u64) -> Range<u64> {
        self.cursor.min(walker.start)..self.window().min(file_len)
    }

    /// Where a window ends that begins here.
    fn window(&self) -> u64 {
        // The header of the next Item is enough where its bytes are passed over.
        let passes_over = (self.scanner.only_counts() || self.scanner.failed) && self.cursor >= self.end;
        self.cursor + if passes_over { 8 } else { WINDOW }
    }

    /// Fragments are there up to an offset.
    pub(crate) fn reach(&mut self, limit: u64) {
        self.limit = limit;
    }

    /// The fragments' reader once the whole file is indexed, with what was read before, if that was read by the same
    /// Attributes: they may be out of order.
    pub(crate) fn with(self, ahead: Option<Box<Reader>>) -> Box<Reader> {
        let begin = |reader: &Reader| (reader.element.value_range().start, reader.frames, reader.start);
        // It may have begun with the header of the delimiter.
        let end = |reader: &Reader| reader.cursor - reader.header.len() as u64;
        match ahead {
            Some(mut ahead) if begin(&ahead) == begin(&self) && end(&ahead) == self.limit => {
                ahead.element = self.element;
                ahead
            }
            _ => Box::new(self),
        }
    }

    /// Takes bytes from where it wants them on.
    pub(crate) fn feed(&mut self, mut bytes: &[u8]) -> Result<(), Error> {
        bytes = head(bytes, self.limit.saturating_sub(self.cursor)).0;
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
        self.pass_over();
        Ok(())
    }

    /// Goes on over what nobody looks at, which is not read.
    fn pass_over(&mut self) {
        let Some(fragment) = self.fragments.last() else { return };
        while self.cursor < self.end {
            let left = self.end - self.cursor;
            let skipped = if fragment.orphan { left } else { self.scanner.skip(left) };
            if skipped == 0 {
                return;
            }
            self.cursor += skipped;
            if self.cursor == self.end && !fragment.orphan {
                self.scanner.end();
            }
        }
    }

    fn item(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.header.extend(bytes);
        self.cursor += bytes.len() as u64;
        let Some(&[_, _, _, _, a, b, c, d]) = self.header.first_chunk::<8>() else { return Ok(()) };
        let length = self.element.encoding().u32([a, b, c, d]);
        self.header.clear();
        let start = self.cursor;
        self.end = start + u64::from(length);
        if self.end > self.limit {
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
        let unchecked = self.scanner.failed || self.frames.is_none_or(|frames| frames > self.scanner.images);
        let mut edits = std::mem::take(&mut self.scanner.edits.list);
        let there = self.fragments.len();
        if unchecked {
            edits.clear();
        } else {
            self.fragments.retain(|fragment| !fragment.orphan);
        }
        let cut = !edits.is_empty() || self.fragments.len() < there;
        let alone = self.start == Start::Magic && self.frames == Some(1);
        // Without any Item there is nothing to make anew, not even a table.
        let made = |table| rebuild(&self.element, &self.fragments, edits, table, self.frames, alone);
        let Some(rebuilt) = self.table.as_ref().and_then(made) else {
            return Cleaned { parts: None, unchecked: true, open_ended: false, frames: Vec::new() };
        };
        let length: u64 = rebuilt.parts.iter().map(Part::byte_len).sum();
        let same = rebuilt.same_table && !cut && length == self.element.end() - self.element.start;
        let placed = rebuilt.placed.iter().filter(|_| self.frames == Some(rebuilt.placed.len() as u64));
        let frames = placed.map(|(_, at, length)| (*at, *length)).collect();
        Cleaned { parts: (!same).then_some(rebuilt.parts), unchecked, open_ended: self.scanner.open_ended, frames }
    }
}

/// As many of the first bytes, and the others.
fn head(bytes: &[u8], most: u64) -> (&[u8], &[u8]) {
    bytes.split_at(usize::try_from(most).unwrap_or(usize::MAX).min(bytes.len()))
}
