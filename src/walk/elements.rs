//! The Data Set: elements, Sequences, Items and Fragments.

use super::repeated::Place;
use super::start::directory;
use super::{BULK, Frame, Guess, Kind, Step, Walker};
use crate::element::{
    BIG, CONTAINER, DELIMITED, Element, IMPLICIT, ODD_DELIMITER, OPAQUE, Oddity, UNDEFINED_LENGTH, known_vr,
};
use crate::error::{Code, Error};
use crate::syntax::{self, Encoding, Header, ITEM, ITEM_DELIMITER, SEQUENCE_DELIMITER, Stated, UNDEFINED};
use crate::value::is_bulk;
use crate::{Tag, VR};
use dicom_dictionary_std::tags;

/// Deepest nesting of Sequences.
pub(super) const MAX_DEPTH: u8 = 64;
/// Most elements and Items of a file.
pub(super) const MAX_ELEMENTS: usize = 4_000_000;
/// No value above this is held.
const LARGE: u64 = 1 << 20;

impl Walker {
    pub(super) fn element_or_roll_back(&mut self) -> Result<Step, Error> {
        match self.element() {
            Err(error) if matches!(error.code(), Code::Malformed | Code::Truncated) && self.roll_back() => Ok(Step::On),
            other => other,
        }
    }

    fn element(&mut self) -> Result<Step, Error> {
        self.usual_entries();
        if self.stack.last().is_some_and(|frame| frame.end() == Some(self.cursor)) {
            self.close(0);
            return Ok(Step::On);
        }
        let Some(left) = self.limit().checked_sub(self.cursor) else { return Err(self.truncated()) };
        if self.stack.is_empty() && !self.streaming && left < 8 {
            return Ok(self.end_of_data(left));
        }
        if left < 8 {
            let cut_off = self.stack.last().is_none_or(|frame| !frame.defined) && self.limit() == self.len;
            let slack = "slack behind the last element of an Item";
            return Err(if cut_off { self.truncated() } else { self.malformed(slack) });
        }
        let header = match syntax::header(self.encoding(), self.held()) {
            Ok(header) if u64::from(header.size) <= left => header,
            Ok(_) => return Err(self.truncated()),
            Err(need) if need as u64 > left && self.stack.is_empty() && self.pixels_seen => {
                return Ok(self.end_of_data(left));
            }
            Err(need) if need as u64 > left => return Err(self.truncated()),
            Err(need) => return Ok(Step::Need(need as u64)),
        };
        match self.stack.last() {
            Some(frame) if frame.kind == Kind::Items => self.in_sequence(*frame, header),
            Some(frame) if frame.kind == Kind::Fragments => self.in_fragments(header),
            Some(frame) if header.tag == ITEM_DELIMITER && !frame.defined => Ok(self.delimiter(header.length)),
            _ if header.tag.group() == 0xFFFE => self.stray_delimiter(header),
            None if self.is_trailing(&header, left) => Ok(self.end_of_data(left)),
            _ => self.data_element(header, left),
        }
    }

    /// Bytes behind the last element are never copied.
    fn end_of_data(&mut self, left: u64) -> Step {
        if left > 0 {
            self.oddities.push(Oddity::TrailingBytes);
        }
        Step::Done
    }

    fn in_sequence(&mut self, frame: Frame, header: Header) -> Result<Step, Error> {
        // Some writers end a Sequence of defined length with a delimiter that its length counts.
        let ends_here = frame.end().is_none_or(|end| end == self.cursor + 8);
        if header.tag == SEQUENCE_DELIMITER && ends_here {
            return Ok(self.delimiter(header.length));
        }
        if header.tag != ITEM {
            return Err(self.malformed("an Item was expected in a Sequence"));
        }
        let end = self.end_of_value(&header)?;
        let entry = self.push(ITEM, VR::UN, &header, CONTAINER)?;
        self.stack.push(Frame {
            kind: Kind::Elements,
            entry,
            depth: frame.depth,
            defined: end.is_some(),
            limit: end.unwrap_or(frame.limit),
            encoding: frame.encoding,
            last_tag: None,
            guess: None,
            place: Place::NONE,
        });
        self.cursor += 8;
        Ok(Step::On)
    }

    fn in_fragments(&mut self, header: Header) -> Result<Step, Error> {
        if header.tag == SEQUENCE_DELIMITER {
            self.pixels_seen = true;
            return Ok(self.delimiter(header.length));
        }
        match self.end_of_value(&header)? {
            Some(end) if header.tag == ITEM => self.skip_to(end),
            _ => return Err(self.malformed("a Fragment of defined length was expected")),
        }
        Ok(Step::On)
    }

    fn delimiter(&mut self, length: u32) -> Step {
        self.odd_delimiters |= length != 0;
        self.close(DELIMITED | if length == 0 { 0 } else { ODD_DELIMITER });
        self.cursor += 8;
        Step::On
    }

    /// A delimiter at top level delimits nothing and is dropped; anywhere else it is an error.
    fn stray_delimiter(&mut self, header: Header) -> Result<Step, Error> {
        let delimiter = matches!(header.tag, ITEM_DELIMITER | SEQUENCE_DELIMITER);
        if !self.stack.is_empty() || !delimiter || header.length != 0 || self.elements.is_empty() {
            return Err(self.malformed("an Item or delimiter without a Sequence"));
        }
        self.oddities.push(Oddity::StrayDelimiter);
        self.cursor += 8;
        Ok(Step::On)
    }

    /// Whether what follows is no element any more but bytes behind the end of the Data Set.
    fn is_trailing(&self, header: &Header, left: u64) -> bool {
        let descends = self.last_tag.is_some_and(|last| header.tag <= last);
        let overruns = header.length != UNDEFINED && u64::from(header.length) + u64::from(header.size) > left;
        let headless = self.encoding().is_explicit() && !matches!(header.stated, Stated::Known(_));
        !self.elements.is_empty()
            && (header.tag == Tag(0, 0) || (self.pixels_seen || descends) && (overruns || headless))
    }

    fn data_element(&mut self, header: Header, left: u64) -> Result<Step, Error> {
        let Tag(group, element) = header.tag;
        if self.stack.is_empty() && group == 0x0004 && element >= 0x1000 {
            return Err(directory());
        }
        if self.encoding().is_explicit() && header.stated == Stated::Nothing {
            return Err(self.malformed("a Data Element without a VR in an Explicit VR Data Set"));
        }
        let vr = match header.stated {
            Stated::Known(vr) => vr,
            Stated::Unknown => VR::UN,
            Stated::Nothing => known_vr(header.tag).unwrap_or(VR::UN),
        };
        if header.length == UNDEFINED {
            return self.undefined_length(header, vr);
        }
        if u64::from(header.size) + u64::from(header.length) > left {
            return Err(self.truncated());
        }
        let end = self.cursor + u64::from(header.size) + u64::from(header.length);
        if vr == VR::SQ {
            return self.open(header, vr, Kind::Items, Some(end), self.encoding(), None);
        }
        self.defined_length(header, vr, end)
    }

    fn undefined_length(&mut self, header: Header, vr: VR) -> Result<Step, Error> {
        let binary = matches!(vr, VR::OB | VR::OW) && header.stated != Stated::Nothing;
        if header.tag == tags::PIXEL_DATA || binary {
            return self.open(header, vr, Kind::Fragments, None, self.encoding(), None);
        }
        if header.stated == Stated::Unknown {
            return Err(self.malformed("undefined length with an unknown VR"));
        }
        match vr {
            VR::SQ => self.open(header, vr, Kind::Items, None, self.encoding(), None),
            // PS3.5 6.2.2: UN of undefined length is a Sequence in Implicit VR Little Endian.
            VR::UN => self.open(header, vr, Kind::Items, None, Encoding::ImplicitLittle, None),
            _ if header.stated == Stated::Nothing => self.open(header, vr, Kind::Items, None, self.encoding(), None),
            _ => Err(self.malformed("undefined length with a VR that does not allow it")),
        }
    }

    /// A plain value, or one of unknown VR that may be a Sequence all the same.
    fn defined_length(&mut self, header: Header, vr: VR, end: u64) -> Result<Step, Error> {
        let length = u64::from(header.length);
        let size = u64::from(header.size);
        if vr == VR::UN && length >= 8 && header.stated != Stated::Unknown {
            let Some(first) = self.held().get(size as usize..size as usize + 4) else {
                return Ok(Step::Need(size + 8));
            };
            if first == [0xFE, 0xFF, 0x00, 0xE0] || known_vr(header.tag) == Some(VR::SQ) {
                return self.guess(header, end);
            }
        }
        let bulk = length > LARGE || (length > BULK && is_bulk(vr) && header.tag != tags::ICC_PROFILE);
        if !bulk && ((self.held().len() as u64) < size + length) {
            return Ok(Step::Need(size + length));
        }
        let flags = if header.stated == Stated::Unknown { OPAQUE } else { 0 };
        self.push(header.tag, vr, &header, flags)?;
        self.pixels_seen |= header.tag >= tags::PIXEL_DATA && self.stack.is_empty();
        if bulk {
            self.skip_to(end)
        } else {
            self.cursor = end
        }
        Ok(Step::On)
    }

    pub(super) fn open(
        &mut self,
        header: Header,
        vr: VR,
        kind: Kind,
        end: Option<u64>,
        encoding: Encoding,
        guess: Option<Guess>,
    ) -> Result<Step, Error> {
        let depth = self.depth() + 1;
        if depth > MAX_DEPTH {
            return Err(Error::new(Code::TooDeep, "Sequences are nested deeper than 64 levels").at_offset(self.cursor));
        }
        let limit = end.unwrap_or_else(|| self.limit());
        let flags = if kind == Kind::Items { CONTAINER } else { 0 };
        let entry = self.push(header.tag, vr, &header, flags)?;
        self.stack.push(Frame {
            kind,
            entry,
            depth,
            defined: end.is_some(),
            limit,
            encoding,
            last_tag: None,
            guess,
            place: Place::NONE,
        });
        self.cursor += u64::from(header.size);
        Ok(Step::On)
    }

    /// Ends the innermost structure at the cursor.
    pub(super) fn close(&mut self, delimiter: u8) {
        let next = self.elements.len() as u32;
        let Some(frame) = self.stack.pop() else { return };
        if let Some(entry) = self.elements.get_mut(frame.entry as usize) {
            entry.length = self.cursor - entry.value_range().start;
            entry.flags |= delimiter;
            entry.next = next;
        }
    }

    pub(super) fn push(&mut self, tag: Tag, vr: VR, header: &Header, flags: u8) -> Result<u32, Error> {
        if self.elements.len() >= MAX_ELEMENTS {
            let message = "the file has more than four million elements";
            return Err(Error::new(Code::TooManyElements, message).at_offset(self.cursor));
        }
        let (last, depth, parent, encoding) = match self.stack.last_mut() {
            Some(frame) => (&mut frame.last_tag, frame.depth, frame.entry, frame.encoding),
            None => (&mut self.last_tag, 0, u32::MAX, self.syntax.encoding),
        };
        // Not before: a header is looked at again when more of its value has come.
        if tag != ITEM {
            self.unsorted |= last.is_some_and(|last| tag <= last);
            *last = Some(tag);
        }
        let implicit = if header.stated == Stated::Nothing { IMPLICIT } else { 0 };
        // Items have no VR: their flag says how what is in them is encoded.
        let layout = match tag {
            ITEM if encoding.is_explicit() => 0,
            _ => implicit,
        };
        let undefined = if header.length == UNDEFINED { UNDEFINED_LENGTH } else { 0 };
        let is_large = header.length == UNDEFINED || u64::from(header.length) > BULK;
        self.leaves_out_values |= is_large && flags & CONTAINER == 0 && tag.group() != 0x7FE0;
        let index = self.elements.len() as u32;
        self.elements.push(Element {
            tag,
            vr,
            depth,
            header: header.size,
            flags: flags | layout | undefined | if encoding.is_big() { BIG } else { 0 },
            start: self.cursor,
            length: if header.length == UNDEFINED { 0 } else { u64::from(header.length) },
            next: index + 1,
            parent,
        });
        Ok(index)
    }
}
