//! The short way through the elements that most are: known, in order, short, read to their end, and the Sequences and Items
//! around them. The first entry that needs a closer look is left to [`Walker::element`], which would take the others just so,
//! each with all its questions.

use super::elements::{MAX_DEPTH, MAX_ELEMENTS};
use super::{BULK, Frame, Kind, Walker};
use crate::element::{BIG, CONTAINER, DELIMITED, Element, IMPLICIT, UNDEFINED_LENGTH, known_vr};
use crate::syntax::{self, Encoding, Header, ITEM, ITEM_DELIMITER, SEQUENCE_DELIMITER, Stated, UNDEFINED};
use crate::{Tag, VR};
use dicom_dictionary_std::tags;

/// For how many entries room is made at once.
const MOST_AT_ONCE: usize = 1 << 13;

impl Walker {
    /// Takes entries as long as they are usual ones.
    pub(super) fn usual_entries(&mut self) {
        #[cfg(test)]
        if tests::LONG_WAY.get() {
            return;
        }
        let top = self.top_level();
        let frame = self.stack.pop().unwrap_or(top);
        let (base, held) = (self.cursor, self.windows.from(self.cursor));
        if frame.kind != Kind::Fragments {
            // An element of 32 bytes is a small one. What grows step by step is copied each time.
            self.elements.reserve((held.len() / 32).min(MOST_AT_ONCE));
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{DataSet, Error};
    use std::cell::Cell;

    thread_local! {
        /// Whether nothing takes the short way.
        pub(super) static LONG_WAY: Cell<bool> = const { Cell::new(false) };
    }

    /// Numbers that look like chance, and are the same each time.
    struct Chance(u64);

    impl Chance {
        fn below(&mut self, limit: usize) -> usize {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (self.0 >> 33) as usize % limit
        }
    }

    /// Elements mostly in order, some in Sequences, a few of them odd.
    fn elements(chance: &mut Chance, encoding: Encoding, depth: usize) -> Vec<u8> {
        let (mut out, mut tag) = (Vec::new(), 0x0008_0000u32);
        for _ in 0..chance.below(7) {
            tag += [1, 5, 0x10, 0x10_0000, 0x1_0000][chance.below(5)];
            let tag =
                if chance.below(40) == 0 { [0x0004_1220, 0x7FE0_0010, 0xFFFE_E00D][chance.below(3)] } else { tag };
            let vr = [VR::CS, VR::UI, VR::DS, VR::US, VR::UN, VR::OB, VR::SQ, VR::SQ][chance.below(8)];
            let (tag, undefined) = (Tag((tag >> 16) as u16, tag as u16), chance.below(2) == 0);
            let value = match vr {
                VR::SQ if depth < 4 => items(chance, encoding, depth),
                _ => vec![b'1'; chance.below(9)],
            };
            let open = vr == VR::SQ && undefined;
            let length = if open { UNDEFINED } else { value.len() as u32 + u32::from(chance.below(50) == 0) };
            encoding.push_header(&mut out, tag, vr, length);
            out.extend(value);
            if open {
                encoding.push_tag(&mut out, SEQUENCE_DELIMITER);
                encoding.push_u32(&mut out, u32::from(chance.below(30) == 0));
            }
        }
        out
    }

    fn items(chance: &mut Chance, encoding: Encoding, depth: usize) -> Vec<u8> {
        let mut out = Vec::new();
        for _ in 0..chance.below(4) {
            let (content, undefined) = (elements(chance, encoding, depth + 1), chance.below(2) == 0);
            encoding.push_tag(&mut out, ITEM);
            encoding.push_u32(&mut out, if undefined { UNDEFINED } else { content.len() as u32 });
            out.extend(content);
            if undefined {
                encoding.push_tag(&mut out, ITEM_DELIMITER);
                encoding.push_u32(&mut out, 0);
            }
        }
        out
    }

    fn walk(file: &[u8], window: usize) -> Result<DataSet, Error> {
        let mut walker = Walker::new(file.len() as u64);
        while let Some(want) = walker.want() {
            let at = want.start as usize;
            walker.feed(want.start, &file[at..(at + window).max(want.end as usize).min(file.len())])?;
        }
        walker.finish()
    }

    #[test]
    fn both_ways_lead_to_the_same_index() {
        let mut chance = Chance(7);
        let (mut whole, mut refused) = (0, 0);
        for round in 0..6000 {
            let encoding = [Encoding::ExplicitLittle, Encoding::ImplicitLittle, Encoding::ExplicitBig][round % 3];
            let mut file = Vec::new();
            encoding.push_header(&mut file, Tag(0x0008, 0x0000), VR::UL, 4);
            file.extend([0; 4]);
            file.extend(elements(&mut chance, encoding, 0));
            file.extend(elements(&mut chance, encoding, 0));
            if round % 4 == 0 {
                let at = chance.below(file.len());
                file[at] = chance.below(256) as u8;
            }
            let window = [1 << 20, 64, 1][chance.below(3)];
            let found = [false, true].map(|long| {
                LONG_WAY.set(long);
                let found = walk(&file, window).map(|found| (found.elements, found.oddities, found.odd_delimiters));
                found.map_err(|error| (error.code(), format!("{:?}", error.place())))
            });
            LONG_WAY.set(false);
            assert_eq!(found[0], found[1], "round {round}: {file:02x?}");
            *if found[0].is_ok() { &mut whole } else { &mut refused } += 1;
        }
        assert!(whole > 1500 && refused > 500, "{whole} {refused}");
    }
}
