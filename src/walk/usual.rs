//! The short way through the elements that most are: known, in order, short, read to their end, and the Sequences and Items
//! around them. The first entry that needs a closer look is left to [`Walker::element`], which would take the others just so,
//! each with all its questions.

use super::elements::{MAX_DEPTH, MAX_ELEMENTS};
use super::{BULK, Frame, Kind, Walker};
use crate::VR;
use crate::element::{BIG, CONTAINER, DELIMITED, Element, IMPLICIT, UNDEFINED_LENGTH, known_vr};
use crate::syntax::{self, Encoding, Header, ITEM, ITEM_DELIMITER, SEQUENCE_DELIMITER, Stated, UNDEFINED};
use dicom_dictionary_std::tags;

impl Walker {
    /// Takes entries as long as they are usual ones.
    pub(super) fn usual_entries(&mut self) {
        loop {
            let top = Frame {
                kind: Kind::Elements,
                entry: u32::MAX,
                depth: 0,
                defined: false,
                limit: self.len,
                encoding: self.syntax.encoding,
                last_tag: self.last_tag,
                guess: None,
            };
            let frame = self.stack.last().copied().unwrap_or(top);
            let goes_on = match frame.kind {
                _ if frame.end() == Some(self.cursor) => {
                    self.close(0);
                    true
                }
                Kind::Elements => self.usual_elements(frame),
                Kind::Items => self.usual_item(frame),
                Kind::Fragments => false,
            };
            if !goes_on {
                break;
            }
        }
    }

    /// An Item, or the end of the Items.
    fn usual_item(&mut self, frame: Frame) -> bool {
        let Some(&[a, b, c, d, e, f, g, h]) = self.held().first_chunk::<8>() else { return false };
        let length = frame.encoding.u32([e, f, g, h]);
        let tag = crate::Tag(frame.encoding.u16([a, b]), frame.encoding.u16([c, d]));
        let inside = self.cursor + 8;
        if tag == SEQUENCE_DELIMITER && length == 0 && !frame.defined && inside <= frame.limit {
            self.close(DELIMITED);
            self.cursor = inside;
            return true;
        }
        let defined = length != UNDEFINED;
        let limit = if defined { inside + u64::from(length) } else { frame.limit };
        if tag != ITEM || limit > frame.limit || inside > limit || self.elements.len() >= MAX_ELEMENTS {
            return false;
        }
        let implicit = if frame.encoding.is_explicit() { 0 } else { IMPLICIT };
        let entry = self.enter(Header { tag, stated: Stated::Nothing, size: 8, length }, VR::UN, &frame, implicit);
        self.stack.push(Frame { kind: Kind::Elements, entry, defined, limit, last_tag: None, guess: None, ..frame });
        true
    }

    /// Plain elements, and the Sequence or the end of the Item behind them.
    fn usual_elements(&mut self, frame: Frame) -> bool {
        let header = self.plain_elements(&frame);
        let Some(header) = header else { return frame.end() == Some(self.cursor) };
        if header.tag == ITEM_DELIMITER {
            let ends = header.length == 0 && !frame.defined && frame.kind == Kind::Elements && self.cursor + 8 <= frame.limit;
            if ends && !self.stack.is_empty() {
                self.close(DELIMITED);
                self.cursor += 8;
                return true;
            }
            return false;
        }
        self.usual_sequence(frame, header)
    }

    fn usual_sequence(&mut self, frame: Frame, header: Header) -> bool {
        let defined = header.length != UNDEFINED;
        let inside = self.cursor + u64::from(header.size);
        let limit = if defined { inside + u64::from(header.length) } else { frame.limit };
        let fits = inside <= limit && limit <= frame.limit;
        let room = frame.depth < MAX_DEPTH && self.elements.len() < MAX_ELEMENTS;
        let is_sequence = usual_vr(&header, frame.encoding) == Some(VR::SQ);
        if !fits || !room || !is_sequence || !self.is_next(&frame, header.tag) {
            return false;
        }
        match self.stack.last_mut() {
            Some(frame) => frame.last_tag = Some(header.tag),
            None => self.last_tag = Some(header.tag),
        }
        let implicit = if header.stated == Stated::Nothing { IMPLICIT } else { 0 };
        let entry = self.enter(header, VR::SQ, &frame, implicit);
        let depth = frame.depth + 1;
        self.stack.push(Frame { kind: Kind::Items, entry, depth, defined, limit, last_tag: None, guess: None, ..frame });
        true
    }

    /// Whether an element comes in order, before the pixels.
    fn is_next(&self, frame: &Frame, tag: crate::Tag) -> bool {
        let last = self.stack.last().map_or(self.last_tag, |frame| frame.last_tag);
        tag < tags::PIXEL_DATA && last.is_none_or(|last| last < tag) && (frame.depth > 0 || !self.pixels_seen)
    }

    /// Adds the entry of a container and goes inside.
    fn enter(&mut self, header: Header, vr: VR, frame: &Frame, implicit: u8) -> u32 {
        let index = self.elements.len() as u32;
        let defined = header.length != UNDEFINED;
        let undefined = if defined { 0 } else { UNDEFINED_LENGTH };
        let big = if frame.encoding.is_big() { BIG } else { 0 };
        self.elements.push(Element {
            tag: header.tag,
            vr,
            depth: frame.depth,
            header: header.size,
            flags: CONTAINER | implicit | undefined | big,
            start: self.cursor,
            length: if defined { u64::from(header.length) } else { 0 },
            next: index + 1,
            parent: frame.entry,
        });
        self.cursor += u64::from(header.size);
        index
    }

    /// Plain elements, and the header of what comes behind them; nothing if there is too little of it.
    fn plain_elements(&mut self, frame: &Frame) -> Option<Header> {
        let left = match frame.encoding {
            Encoding::ExplicitLittle => self.plain_elements_in::<true, false>(frame),
            Encoding::ImplicitLittle => self.plain_elements_in::<false, false>(frame),
            Encoding::ExplicitBig => self.plain_elements_in::<true, true>(frame),
        };
        let last = self.elements.last().filter(|last| last.parent == frame.entry && !last.has(CONTAINER));
        if let Some(last) = last.map(|last| last.tag) {
            match self.stack.last_mut() {
                Some(frame) => frame.last_tag = Some(last),
                None => self.last_tag = Some(last),
            }
        }
        left
    }

    /// The same in one encoding.
    #[inline(always)]
    fn plain_elements_in<const EXPLICIT: bool, const IS_BIG: bool>(&mut self, frame: &Frame) -> Option<Header> {
        let flags = if EXPLICIT { 0 } else { IMPLICIT } | if IS_BIG { BIG } else { 0 };
        let encoding = if IS_BIG {
            Encoding::ExplicitBig
        } else if EXPLICIT {
            Encoding::ExplicitLittle
        } else {
            Encoding::ImplicitLittle
        };
        let (base, held) = (self.cursor, self.windows.from(self.cursor));
        let room = usize::try_from(frame.limit.saturating_sub(base)).unwrap_or(usize::MAX).min(held.len());
        let mut last = frame.last_tag.map_or(0, number);
        // Behind the pixels nothing is usual.
        let end_of_usual = if frame.depth > 0 || !self.pixels_seen { number(tags::PIXEL_DATA) } else { 0 };
        let mut at = 0;
        let left = loop {
            let header = match syntax::header(encoding, held.get(at..).unwrap_or_default()) {
                Ok(header) => header,
                Err(_) => break None,
            };
            let (tag, length) = (number(header.tag), header.length as usize);
            let end = at.saturating_add(usize::from(header.size)).saturating_add(length);
            let fits = end <= room && length <= BULK as usize && self.elements.len() < MAX_ELEMENTS;
            let vr = usual_vr(&header, encoding).filter(|vr| *vr != VR::SQ);
            let Some(vr) = vr.filter(|_| fits && last < tag && tag < end_of_usual) else { break Some(header) };
            self.elements.push(Element {
                tag: header.tag,
                vr,
                depth: frame.depth,
                header: header.size,
                flags,
                start: base + at as u64,
                length: length as u64,
                next: self.elements.len() as u32 + 1,
                parent: frame.entry,
            });
            (last, at) = (tag, end);
        };
        self.cursor = base + at as u64;
        left
    }
}

/// A tag as one number, in the order of tags; above nothing at all.
#[inline(always)]
fn number(tag: crate::Tag) -> u32 {
    u32::from(tag.0) << 16 | u32::from(tag.1)
}

/// The VR of an element that can be taken without a closer look, as far as its header says: nothing where its VR is unknown or
/// its group does not belong in a Data Set.
#[inline(always)]
fn usual_vr(header: &Header, encoding: Encoding) -> Option<VR> {
    let vr = match header.stated {
        Stated::Known(vr) => Some(vr),
        Stated::Nothing if !encoding.is_explicit() => known_vr(header.tag),
        _ => None,
    };
    vr.filter(|vr| *vr != VR::UN && header.tag.group() > 0x0007)
}
