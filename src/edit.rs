//! Effects → edits → parts: lengths of enclosing Items and Sequences are repaired on the way.

use crate::element::{CONTAINER, DELIMITED, DataSet, Element, ODD_DELIMITER, Oddity, UNDEFINED_LENGTH};
use crate::error::{Code, Error, Place};
use crate::frames::Masked;
use crate::syntax::{Encoding, ITEM_DELIMITER, SEQUENCE_DELIMITER, UNDEFINED};
use crate::value::padding;
use crate::{Tag, VR};
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

/// Ranges up to this many bytes are copied into the part before them when they are at hand.
const SMALL: u64 = 64 << 10;

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
    /// By ascending index: the length fields of Items and Sequences that were entered, where they are new.
    lengths: Vec<(u32, Option<u32>)>,
    /// A Sequence, and Items that are added to it.
    appended: Option<(u32, Vec<u8>)>,
    /// Open containers: which of `lengths`, and by how much their values grew.
    open: Vec<(usize, i64)>,
    /// Index of the first entry behind the innermost open container.
    closes_at: u32,
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
            closes_at: u32::MAX,
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

    /// Must be called for each entry in order, before its edit: closes what ended before it.
    #[inline(always)] // for most entries there is nothing to close
    pub(crate) fn reach(&mut self, index: u32) -> Result<(), Error> {
        if index < self.closes_at { Ok(()) } else { self.close(index) }
    }

    fn close(&mut self, index: u32) -> Result<(), Error> {
        self.closes_at = u32::MAX;
        while let Some((slot, growth)) = self.open.last().copied() {
            let Some((entry, new)) = self.lengths.get_mut(slot) else { break };
            let Some(element) = self.data_set.element(*entry) else { break };
            if element.next > index {
                self.closes_at = element.next;
                break;
            }
            if growth != 0 && !element.has(UNDEFINED_LENGTH) {
                let delimiter = element.end() - element.value_range().end;
                let length = (element.length + delimiter) as i64 + growth;
                let length = u32::try_from(length).ok().filter(|length| *length != UNDEFINED);
                *new = Some(length.ok_or_else(|| overflow(self.data_set, *entry))?);
            }
            self.open.pop();
            self.grow(growth);
        }
        Ok(())
    }

    /// The entry at `index` stays, and the entries in it are visited next.
    pub(crate) fn enter(&mut self, index: u32) {
        self.open.push((self.lengths.len(), 0));
        self.closes_at = self.data_set.element(index).map_or(0, |element| element.next);
        self.lengths.push((index, None));
    }

    pub(crate) fn remove(&mut self, index: u32, element: &Element) {
        self.grow(-((element.end() - element.start) as i64));
        self.replaced.push((index, self.bytes.len()));
    }

    /// Writes another value in place of the entry.
    pub(crate) fn replace(&mut self, index: u32, element: &Element, vr: VR, value: &[u8]) -> Result<(), Error> {
        let before = self.bytes.len();
        push_element(&mut self.bytes, element.encoding(), element.tag, vr, value)
            .ok_or_else(|| overflow(self.data_set, index))?;
        self.grow((self.bytes.len() - before) as i64 - (element.end() - element.start) as i64);
        self.replaced.push((index, self.bytes.len()));
        Ok(())
    }

    /// Writes parts in place of the entry, header included.
    pub(crate) fn splice(&mut self, index: u32, element: &Element, parts: Cow<'a, [Part]>) {
        let length: u64 = parts.iter().map(Part::byte_len).sum();
        self.grow(length as i64 - (element.end() - element.start) as i64);
        self.spliced.push((index, parts));
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

    /// Adds Items at the end of the Sequence that was entered last; only one Sequence of a file gets any.
    pub(crate) fn append(&mut self, sequence: u32, items: Vec<u8>) {
        self.grow(items.len() as i64);
        self.appended = Some((sequence, items));
    }

    fn grow(&mut self, by: i64) {
        match self.open.last_mut() {
            Some((_, growth)) => *growth += by,
            None => self.growth += by,
        }
    }

    /// The output's Data Set, after `head`.
    ///
    /// # Errors
    /// [`Code::Internal`] if the parts do not add up to the length that the edits must give.
    pub(crate) fn into_parts(mut self, head: Vec<u8>) -> Result<Vec<Part>, Error> {
        let end = self.data_set.elements.len() as u32;
        self.reach(end)?;
        let top: u64 = self.data_set.children(u32::MAX).map(|(_, e)| e.end() - e.start).sum();
        let expected = head.len() as i64 + top as i64 + self.growth;
        let masked = self.masked.as_ref().map_or(0..0, |masked| masked.range.clone());
        let in_order = !self.data_set.oddities.contains(&Oddity::OutOfOrder);
        let out = Parts::new(self.data_set, head, masked);
        let parts = Emission { edits: &self, in_order, out, closing: Vec::new() }.run();
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

/// Writes the entries in order, edits applied.
struct Emission<'a> {
    edits: &'a Edits<'a>,
    /// Entries stand in the file as in the index.
    in_order: bool,
    out: Parts<'a>,
    closing: Vec<u32>,
}

impl Emission<'_> {
    fn run(mut self) -> Vec<Part> {
        let data_set = self.edits.data_set;
        let mut replaced = self.edits.replaced.iter().peekable();
        let mut begin = 0;
        let mut spliced = self.edits.spliced.iter().peekable();
        let mut lengths = self.edits.lengths.iter().peekable();
        let mut inserted = self.edits.inserted.iter().peekable();
        let mut at = 0;
        while let Some(element) = data_set.element(at) {
            self.close(at);
            if element.depth == 0 && !element.is_item() {
                while let Some((_, bytes)) = inserted.next_if(|(tag, _)| *tag < element.tag) {
                    self.out.bytes(bytes);
                }
            }
            if let Some((_, end)) = replaced.next_if(|(index, _)| *index == at) {
                self.out.bytes(self.edits.bytes.get(begin..*end).unwrap_or_default());
                begin = *end;
                at = element.next;
                continue;
            }
            if let Some((_, parts)) = spliced.next_if(|(index, _)| *index == at) {
                parts.iter().for_each(|part| self.out.part(part));
                at = element.next;
                continue;
            }
            let next_edit = [replaced.peek().map(|(index, _)| *index), spliced.peek().map(|(index, _)| *index)];
            if element.has(CONTAINER) && self.is_untouched(at, element, next_edit) {
                self.out.source(element.range());
                at = element.next;
                while lengths.next_if(|(index, _)| *index < at).is_some() {}
                continue;
            }
            let length = lengths.next_if(|(index, _)| *index == at).and_then(|(_, length)| *length);
            self.entry(at, element, length);
            at += 1;
        }
        self.close(at);
        for (_, bytes) in inserted {
            self.out.bytes(bytes);
        }
        self.out.finish()
    }

    /// Whether a container stays as it stands in the file, with all that is in it.
    fn is_untouched(&self, index: u32, element: &Element, next_edit: [Option<u32>; 2]) -> bool {
        let appended = self.edits.appended.as_ref().map(|(sequence, _)| *sequence);
        let inside = index..element.next;
        let entries = self.edits.data_set.elements.get(index as usize..element.next as usize).unwrap_or_default();
        !next_edit.into_iter().chain([appended]).flatten().any(|edit| inside.contains(&edit))
            && self.in_order
            && !entries.iter().any(|entry| entry.has(ODD_DELIMITER))
    }

    fn entry(&mut self, index: u32, element: &Element, length: Option<u32>) {
        let value = element.value_range();
        if !element.has(CONTAINER) {
            self.out.source(element.start..value.end);
            self.delimiter(element, SEQUENCE_DELIMITER);
            return;
        }
        match length {
            Some(length) => {
                self.out.source(element.start..value.start - 4);
                let mut field = Vec::with_capacity(4);
                element.encoding().push_u32(&mut field, length);
                self.out.bytes(&field);
            }
            None => self.out.source(element.start..value.start),
        }
        self.closing.push(index);
    }

    fn close(&mut self, index: u32) {
        let data_set = self.edits.data_set;
        while let Some(element) = self.closing.last().and_then(|entry| data_set.element(*entry)) {
            if element.next > index {
                break;
            }
            let closed = self.closing.pop();
            if let Some((_, items)) = self.edits.appended.as_ref().filter(|(sequence, _)| closed == Some(*sequence)) {
                self.out.bytes(items);
            }
            self.delimiter(element, if element.is_item() { ITEM_DELIMITER } else { SEQUENCE_DELIMITER });
        }
    }

    /// Delimiters are copied only if they are exactly that.
    fn delimiter(&mut self, element: &Element, tag: Tag) {
        if element.has(ODD_DELIMITER) {
            let mut bytes = Vec::with_capacity(8);
            element.encoding().push_tag(&mut bytes, tag);
            bytes.extend([0; 4]);
            self.out.bytes(&bytes);
        } else if element.has(DELIMITED) {
            self.out.source(element.value_range().end..element.end());
        }
    }
}

/// Whether two ranges have a byte in common.
pub(crate) fn overlap(a: &Range<u64>, b: &Range<u64>) -> bool {
    a.start.max(b.start) < a.end.min(b.end)
}

/// Parts under construction: neighbouring ranges become one, small ones are copied.
struct Parts<'a> {
    data_set: &'a DataSet,
    parts: Vec<Part>,
    bytes: Vec<u8>,
    pending: Range<u64>,
    masked: Range<u64>,
}

impl<'a> Parts<'a> {
    fn new(data_set: &'a DataSet, head: Vec<u8>, masked: Range<u64>) -> Self {
        Parts { data_set, parts: Vec::new(), bytes: head, pending: 0..0, masked }
    }

    fn source(&mut self, range: Range<u64>) {
        if self.pending.end == range.start && !self.pending.is_empty() {
            self.pending.end = range.end;
            return;
        }
        self.flush();
        self.pending = range;
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.flush();
        self.bytes.extend_from_slice(bytes);
    }

    fn part(&mut self, part: &Part) {
        match part {
            Part::Source(range) => self.source(range.clone()),
            Part::Bytes(bytes) => self.bytes(bytes),
            Part::Fill { byte, len } => self.bytes(&vec![*byte; usize::try_from(*len).unwrap_or(0)]),
        }
    }

    fn flush(&mut self) {
        let range = std::mem::replace(&mut self.pending, 0..0);
        if range.is_empty() {
            return;
        }
        let small = range.end - range.start <= SMALL && !overlap(&range, &self.masked);
        if let Some(bytes) = self.data_set.windows.get(range.clone()).filter(|_| small) {
            self.bytes.extend_from_slice(bytes);
            return;
        }
        if !self.bytes.is_empty() {
            self.parts.push(Part::Bytes(std::mem::take(&mut self.bytes)));
        }
        self.parts.push(Part::Source(range));
    }

    fn finish(mut self) -> Vec<Part> {
        self.flush();
        if !self.bytes.is_empty() {
            self.parts.push(Part::Bytes(self.bytes));
        }
        self.parts
    }
}
