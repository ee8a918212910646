//! Encapsulated Pixel Data as it is written: fragments without what was cut out of them, and their table.

use super::encapsulated::Fragment;
use super::table;
use crate::edit::Part;
use crate::element::Element;
use crate::syntax::{Encoding, ITEM, SEQUENCE_DELIMITER, UNDEFINED};
use std::iter::Peekable;
use std::ops::Range;
use std::vec::IntoIter;

/// Where a fragment's Item stood behind the Basic Offset Table, where it stands now, and its length.
pub(super) type Placed = (u64, u64, u64);

/// The fragments of the output.
struct Body {
    encoding: Encoding,
    parts: Vec<Part>,
    placed: Vec<Placed>,
    /// Where the header of the fragment at hand stands, if that is made anew: which of the parts, and where in it.
    header: Option<(usize, usize)>,
    /// How long the fragment at hand is so far.
    length: u64,
}

impl Body {
    fn bytes(&mut self, bytes: &[u8]) {
        self.length += bytes.len() as u64;
        match self.parts.last_mut() {
            Some(Part::Bytes(last)) => last.extend_from_slice(bytes),
            _ if bytes.is_empty() => {}
            _ => self.parts.push(Part::Bytes(bytes.to_vec())),
        }
    }

    fn source(&mut self, range: Range<u64>) {
        self.length += range.end - range.start;
        match self.parts.last_mut() {
            Some(Part::Source(last)) if last.end == range.start => last.end = range.end,
            _ if range.is_empty() => {}
            _ => self.parts.push(Part::Source(range)),
        }
    }

    /// A fragment that stays as it is, header included.
    fn whole(&mut self, was: u64, fragment: &Fragment) {
        self.place(was, u64::from(fragment.length));
        self.source(fragment.start - 8..fragment.end());
        self.length = u64::from(fragment.length);
    }

    /// Begins a fragment.
    fn open(&mut self, was: u64) {
        self.place(was, 0);
        self.bytes(&[0; 8]);
        let held = self.parts.last().map_or(0, Part::byte_len) as usize;
        self.header = Some((self.parts.len() - 1, held - 8));
        self.length = 0;
    }

    /// What becomes of the fragment that stands at an offset of the joined fragments.
    fn edit(&mut self, fragment: &Fragment, joined: u64, edits: &mut Peekable<IntoIter<(Range<u64>, Vec<u8>)>>) {
        let end = joined + u64::from(fragment.length);
        let source = |from: u64, to: u64| fragment.start + (from - joined)..fragment.start + (to - joined);
        let mut at = joined;
        while let Some((range, new)) = edits.peek_mut().filter(|(range, _)| range.start < end) {
            self.source(source(at, range.start.max(at)));
            self.bytes(&std::mem::take(new));
            at = range.end.min(end);
            if range.end > end {
                // It goes on in the next fragment.
                range.start = end;
                break;
            }
            edits.next();
        }
        self.source(source(at, end));
    }

    fn place(&mut self, was: u64, length: u64) {
        let at = self.placed.last().map_or(0, |(_, at, length)| at + 8 + length);
        self.placed.push((was, at, length));
    }

    /// Ends it; nothing if no length field can hold what it has become.
    fn close(&mut self) -> Option<()> {
        let (Some((part, at)), Some(placed)) = (self.header.take(), self.placed.last_mut()) else { return Some(()) };
        placed.2 = self.length + self.length % 2;
        let length = u32::try_from(placed.2).ok().filter(|length| *length != UNDEFINED)?;
        if self.length % 2 == 1 {
            self.bytes(&[0]);
        }
        if let Some(Part::Bytes(bytes)) = self.parts.get_mut(part) {
            bytes.splice(at..at + 8, item(self.encoding, length));
        }
        Some(())
    }
}

/// The header of an Item.
fn item(encoding: Encoding, length: u32) -> Vec<u8> {
    let mut header = Vec::with_capacity(8);
    encoding.push_tag(&mut header, ITEM);
    encoding.push_u32(&mut header, length);
    header
}

/// Encapsulated Pixel Data of the output.
pub(super) struct Rebuilt {
    /// The whole element.
    pub(super) parts: Vec<Part>,
    pub(super) placed: Vec<Placed>,
    /// Whether the Basic Offset Table is what it was.
    pub(super) same_table: bool,
}

/// Makes it of the old fragments, edits by offset in the joined fragments, and the old Basic Offset Table. Where anything goes, an
/// image becomes one fragment, which tells its readers where it is. One that is `alone` keeps its fragments as far as there is
/// something in them and their lengths are even: a padding byte must not come to stand inside an image.
pub(super) fn rebuild(
    element: &Element,
    fragments: &[Fragment],
    edits: Vec<(Range<u64>, Vec<u8>)>,
    (stood, old): &(Range<u64>, Vec<u8>),
    frames: Option<u64>,
    alone: bool,
) -> Option<Rebuilt> {
    let encoding = element.encoding();
    let edited = !edits.is_empty();
    let mut edits = edits.into_iter().peekable();
    let mut body = Body { encoding, parts: Vec::new(), placed: Vec::new(), header: None, length: 0 };
    // Where the fragment begins in the joined fragments.
    let mut joined = 0;
    for fragment in fragments {
        let end = joined + u64::from(fragment.length);
        let goes = edits.peek().is_some_and(|(range, new)| range.start <= joined && range.end >= end && new.is_empty());
        let is_sound = fragment.length > 0 && fragment.length.is_multiple_of(2);
        let stays = is_sound && edits.peek().is_none_or(|(range, _)| range.start >= end);
        let parts_here = alone && !goes && body.length > 0 && body.length.is_multiple_of(2);
        if !(edited && fragment.continues) || parts_here || body.placed.is_empty() {
            body.close()?;
            let was = fragment.start - 8 - stood.end;
            // Of several images it is not known yet what is joined with it.
            if stays && (alone || !edited) {
                body.whole(was, fragment);
            } else {
                body.open(was);
                body.edit(fragment, joined, &mut edits);
            }
        } else {
            body.edit(fragment, joined, &mut edits);
        }
        joined = end;
    }
    body.close()?;
    let table = if stood.is_empty() { Vec::new() } else { table::basic(old, &body.placed, frames) };
    let same_table = table == *old && stood.end - stood.start == old.len() as u64;
    let mut front = item(encoding, table.len() as u32);
    front.extend(table);
    let mut delimiter = Vec::with_capacity(8);
    encoding.push_tag(&mut delimiter, SEQUENCE_DELIMITER);
    delimiter.extend([0; 4]);
    let mut parts = vec![Part::Source(element.start..element.value_range().start), Part::Bytes(front)];
    parts.append(&mut body.parts);
    parts.push(Part::Bytes(delimiter));
    Some(Rebuilt { parts, placed: body.placed, same_table })
}
