//! The short way through the elements that most are: known, in order, short, read to their end, and the Sequences and Items
//! around them. The first entry that needs a closer look is left to [`Walker::element`], which would take the others just so,
//! each with all its questions.

use super::elements::{MAX_DEPTH, MAX_ELEMENTS};
use super::{BULK, Frame, Kind, Walker};
use crate::element::{BIG, CONTAINER, DELIMITED, Element, IMPLICIT, UNDEFINED_LENGTH, known_vr};
use crate::syntax::{self, Encoding, Header, ITEM, ITEM_DELIMITER, SEQUENCE_DELIMITER, Stated, UNDEFINED};
use crate::{Tag, VR};
use dicom_dictionary_std::tags;

impl Walker {
    /// Takes entries as long as they are usual ones.
    pub(super) fn usual_entries(&mut self) {
        let top = self.top_level();
        let frame = self.stack.pop().unwrap_or(top);
        let (base, held) = (self.cursor, self.windows.from(self.cursor));
        let (elements, stack) = (&mut self.elements, &mut self.stack);
        let mut way = Way { base, held, at: 0, elements, stack, frame, top };
        let pixels_seen = self.pixels_seen;
        while way.goes_on(pixels_seen) {}
        let Way { at, frame, top, .. } = way;
        self.cursor = base + at as u64;
        match frame.entry {
            u32::MAX => self.last_tag = frame.last_tag,
            _ => {
                self.last_tag = top.last_tag;
                self.stack.push(frame);
            }
        }
    }

    /// What is around the elements of the top level.
    fn top_level(&self) -> Frame {
        Frame {
            kind: Kind::Elements,
            entry: u32::MAX,
            depth: 0,
            defined: false,
            limit: self.len,
            encoding: self.syntax.encoding,
            last_tag: self.last_tag,
            guess: None,
        }
    }
}

/// The way through what is held.
struct Way<'a> {
    /// Where in the file it begins.
    base: u64,
    held: &'a [u8],
    /// How far it has come.
    at: usize,
    elements: &'a mut Vec<Element>,
    /// All that is open but for the innermost, which is `frame`, and the top level.
    stack: &'a mut Vec<Frame>,
    frame: Frame,
    top: Frame,
}

impl Way<'_> {
    /// Takes what comes next, if it is usual.
    #[inline(always)]
    fn goes_on(&mut self, pixels_seen: bool) -> bool {
        if self.frame.end() == Some(self.cursor()) {
            self.close(0, 0);
            return true;
        }
        match self.frame.kind {
            Kind::Elements => match self.frame.encoding {
                Encoding::ExplicitLittle => self.elements::<true, false>(pixels_seen),
                Encoding::ImplicitLittle => self.elements::<false, false>(pixels_seen),
                Encoding::ExplicitBig => self.elements::<true, true>(pixels_seen),
            },
            Kind::Items => self.item(),
            Kind::Fragments => false,
        }
    }

    #[inline(always)]
    fn cursor(&self) -> u64 {
        self.base + self.at as u64
    }

    /// How many bytes may be looked at: what is held inside the innermost frame.
    #[inline(always)]
    fn room(&self) -> usize {
        usize::try_from(self.frame.limit.saturating_sub(self.base)).unwrap_or(usize::MAX).min(self.held.len())
    }

    /// Plain elements, and the Sequence or the end of the Item behind them.
    #[inline(always)]
    fn elements<const EXPLICIT: bool, const IS_BIG: bool>(&mut self, pixels_seen: bool) -> bool {
        let encoding = match (EXPLICIT, IS_BIG) {
            (false, _) => Encoding::ImplicitLittle,
            (true, false) => Encoding::ExplicitLittle,
            (true, true) => Encoding::ExplicitBig,
        };
        let flags = if EXPLICIT { 0 } else { IMPLICIT } | if IS_BIG { BIG } else { 0 };
        let (frame, room) = (self.frame, self.room());
        let mut last = frame.last_tag.map_or(0, number);
        // Behind the pixels nothing is usual.
        let end_of_usual = if frame.depth > 0 || !pixels_seen { number(tags::PIXEL_DATA) } else { 0 };
        loop {
            let Ok(header) = syntax::header(encoding, self.held.get(self.at..).unwrap_or_default()) else {
                break self.reached(last, false);
            };
            let (tag, length) = (number(header.tag), header.length as usize);
            let inside = self.at + usize::from(header.size);
            let end = inside.saturating_add(length);
            let vr = usual_vr(&header, EXPLICIT).filter(|_| last < tag && tag < end_of_usual);
            let Some(vr) = vr.filter(|_| inside <= room && self.elements.len() < MAX_ELEMENTS) else {
                let delimits = header.tag == ITEM_DELIMITER && header.length == 0 && !frame.defined;
                let ends = delimits && frame.entry != u32::MAX && inside <= room;
                let goes_on = self.reached(last, ends);
                if ends {
                    self.close(DELIMITED, 8);
                }
                break goes_on;
            };
            if vr == VR::SQ {
                let goes_on = self.reached(last, true) && self.sequence(&header, flags);
                break goes_on;
            }
            if end > room || length > BULK as usize {
                break self.reached(last, false);
            }
            self.elements.push(Element {
                tag: header.tag,
                vr,
                depth: frame.depth,
                header: header.size,
                flags,
                start: self.base + self.at as u64,
                length: length as u64,
                next: self.elements.len() as u32 + 1,
                parent: frame.entry,
            });
            (last, self.at) = (tag, end);
            if end == room {
                break self.reached(last, frame.end() == Some(self.cursor()));
            }
        }
    }

    /// Notes the last tag of the frame.
    #[inline(always)]
    fn reached(&mut self, last: u32, goes_on: bool) -> bool {
        if last > 0 {
            self.frame.last_tag = Some(Tag((last >> 16) as u16, last as u16));
        }
        goes_on
    }

    fn sequence(&mut self, header: &Header, flags: u8) -> bool {
        let defined = header.length != UNDEFINED;
        let inside = self.cursor() + u64::from(header.size);
        let limit = if defined { inside + u64::from(header.length) } else { self.frame.limit };
        if limit > self.frame.limit || self.frame.depth >= MAX_DEPTH {
            return false;
        }
        self.frame.last_tag = Some(header.tag);
        let depth = self.frame.depth + 1;
        self.open(header, VR::SQ, flags, Frame { kind: Kind::Items, depth, defined, limit, ..self.frame });
        true
    }

    /// An Item, or the end of the Items.
    #[inline(always)]
    fn item(&mut self) -> bool {
        let (encoding, room) = (self.frame.encoding, self.room());
        let Some(&[a, b, c, d, e, f, g, h]) = self.held.get(self.at..).and_then(|rest| rest.first_chunk::<8>()) else {
            return false;
        };
        let (tag, length) = (Tag(encoding.u16([a, b]), encoding.u16([c, d])), encoding.u32([e, f, g, h]));
        if self.at + 8 > room {
            return false;
        }
        if tag == SEQUENCE_DELIMITER && length == 0 && !self.frame.defined {
            self.close(DELIMITED, 8);
            return true;
        }
        let defined = length != UNDEFINED;
        let limit = if defined { self.cursor() + 8 + u64::from(length) } else { self.frame.limit };
        if tag != ITEM || limit > self.frame.limit || self.elements.len() >= MAX_ELEMENTS {
            return false;
        }
        let flags = if encoding.is_explicit() { 0 } else { IMPLICIT } | if encoding.is_big() { BIG } else { 0 };
        let header = Header { tag, stated: Stated::Nothing, size: 8, length };
        self.open(&header, VR::UN, flags, Frame { kind: Kind::Elements, defined, limit, ..self.frame });
        true
    }

    /// Adds the entry of a container and goes inside, where the frame is `inner`.
    #[inline(always)]
    fn open(&mut self, header: &Header, vr: VR, flags: u8, inner: Frame) {
        let index = self.elements.len() as u32;
        let undefined = if inner.defined { 0 } else { UNDEFINED_LENGTH };
        self.elements.push(Element {
            tag: header.tag,
            vr,
            depth: self.frame.depth,
            header: header.size,
            flags: flags | CONTAINER | undefined,
            start: self.cursor(),
            length: if inner.defined { u64::from(header.length) } else { 0 },
            next: index + 1,
            parent: self.frame.entry,
        });
        self.at += usize::from(header.size);
        let outer = std::mem::replace(&mut self.frame, Frame { entry: index, last_tag: None, guess: None, ..inner });
        match outer.entry {
            u32::MAX => self.top = outer,
            _ => self.stack.push(outer),
        }
    }

    /// Ends the innermost structure; behind it stands a delimiter of so many bytes.
    #[inline(always)]
    fn close(&mut self, delimiter: u8, size: usize) {
        let (next, cursor) = (self.elements.len() as u32, self.cursor());
        if let Some(entry) = self.elements.get_mut(self.frame.entry as usize) {
            entry.length = cursor - entry.value_range().start;
            entry.flags |= delimiter;
            entry.next = next;
        }
        self.at += size;
        self.frame = self.stack.pop().unwrap_or(self.top);
    }
}

/// A tag as one number, in the order of tags; above 0.
#[inline(always)]
fn number(tag: Tag) -> u32 {
    u32::from(tag.0) << 16 | u32::from(tag.1)
}

/// The VR of an element that can be taken without a closer look, as far as its header says: nothing where its VR is unknown or
/// its group does not belong in a Data Set.
#[inline(always)]
fn usual_vr(header: &Header, explicit: bool) -> Option<VR> {
    let vr = match header.stated {
        Stated::Known(vr) => Some(vr),
        Stated::Nothing if !explicit => known_vr(header.tag),
        _ => None,
    };
    vr.filter(|vr| *vr != VR::UN && header.tag.group() > 0x0007)
}
