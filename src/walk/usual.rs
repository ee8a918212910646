//! The short way through the elements that most are: known, in order, short, read to their end, and the Sequences and Items
//! around them. The first entry that needs a closer look is left to [`Walker::element`], which would take the others just so,
//! each with all its questions.

use super::elements::{MAX_DEPTH, MAX_ELEMENTS};
use super::repeated::{Place, Seen};
use super::{BULK, Frame, Kind, Walker};
use crate::element::{CONTAINER, DELIMITED, Element, IMPLICIT, Pattern, UNDEFINED_LENGTH, known_vr};
use crate::syntax::{self, Encoding, ITEM, UNDEFINED, number};
use crate::{Tag, VR};
use dicom_dictionary_std::tags;

/// For how many entries room is made at once.
const MOST_AT_ONCE: usize = 1 << 14;

/// The VRs of tags that were seen lately: most of a large header are the same few, and the dictionary is far away.
#[derive(Debug)]
pub(super) struct Vrs([(u32, Option<VR>); 64]);

impl Vrs {
    pub(super) fn new() -> Self {
        // No element of a Data Set has this tag.
        Vrs([(0, None); 64])
    }

    #[inline(always)]
    fn known(&mut self, tag: u32) -> Option<VR> {
        match self.0.get_mut((tag.wrapping_mul(0x9E37_79B9) >> 26) as usize) {
            Some((seen, vr)) if *seen == tag => *vr,
            place => {
                let vr = known_vr(tag_of(tag));
                place.into_iter().for_each(|place| *place = (tag, vr));
                vr
            }
        }
    }
}

impl Walker {
    /// Takes entries as long as they are usual ones.
    pub(super) fn usual_entries(&mut self) {
        #[cfg(test)]
        if tests::LONG_WAY.get() {
            return;
        }
        let (base, held) = self.windows.last();
        let Some(at) = self.cursor.checked_sub(base).and_then(|at| usize::try_from(at).ok()) else { return };
        let top = self.top_level();
        let frame = self.stack.pop().unwrap_or(top);
        if frame.kind != Kind::Fragments {
            // An element of 32 bytes is a small one. What grows step by step is copied each time.
            self.elements.reserve((held.len().saturating_sub(at) / 32).min(MOST_AT_ONCE));
        }
        let first = self.elements.len() as u32;
        let (elements, stack, vrs) = (&mut self.elements, &mut self.stack, &mut self.vrs);
        let (seen, patterns) = (&mut self.seen, &mut self.patterns);
        let mut way = Way { base, held, at, elements, stack, vrs, frame, top, first, seen, patterns };
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
            place: Place::NONE,
        }
    }
}

/// The way through what is held.
struct Way<'a> {
    /// Where in the file what is held begins.
    base: u64,
    held: &'a [u8],
    /// How far in it the way has come.
    at: usize,
    elements: &'a mut Vec<Element>,
    /// All that is open but for the innermost, which is `frame`, and the top level.
    stack: &'a mut Vec<Frame>,
    vrs: &'a mut Vrs,
    frame: Frame,
    top: Frame,
    /// The first entry that the way adds.
    first: u32,
    seen: &'a mut Seen,
    patterns: &'a mut Vec<Pattern>,
}

impl<'a> Way<'a> {
    /// Takes what comes next, if it is usual. Big endian is not.
    #[inline(always)]
    fn goes_on(&mut self, pixels_seen: bool) -> bool {
        match (self.frame.kind, self.frame.encoding) {
            (Kind::Fragments, _) | (_, Encoding::ExplicitBig) => false,
            (Kind::Items, _) => self.item(),
            (_, Encoding::ExplicitLittle) => self.elements::<true>(pixels_seen),
            (_, Encoding::ImplicitLittle) => self.elements::<false>(pixels_seen),
        }
    }

    #[inline(always)]
    fn cursor(&self) -> u64 {
        self.base + self.at as u64
    }

    /// What is held of the innermost frame, from the beginning of the way on.
    #[inline(always)]
    fn room(&self) -> &'a [u8] {
        let end = usize::try_from(self.frame.limit.saturating_sub(self.base)).unwrap_or(usize::MAX);
        self.held.get(..end).unwrap_or(self.held)
    }

    /// Plain elements, and the Sequence or the end of the Item behind them.
    #[inline(always)]
    fn elements<const EXPLICIT: bool>(&mut self, pixels_seen: bool) -> bool {
        let Frame { entry: parent, depth, defined, .. } = self.frame;
        let (room, flags) = (self.room(), if EXPLICIT { 0 } else { IMPLICIT });
        let mut last = self.frame.last_tag.map_or(0, number).max(LAST_OUTSIDE);
        // Behind the pixels nothing is usual.
        let end_of_usual = if depth > 0 || !pixels_seen { number(tags::PIXEL_DATA) } else { 0 };
        loop {
            let Some((word, rest)) = first(room, self.at) else {
                return self.reached(last, true) && self.ends();
            };
            let tag = number_of(word);
            let vr = if EXPLICIT { syntax::vr_of_code(word >> 32) } else { self.vrs.known(tag) };
            let Some(vr) = vr.filter(|vr| *vr != VR::UN && last < tag && tag < end_of_usual) else {
                let ends = parent != u32::MAX && !defined && word == DELIMITER_OF_ITEM;
                return self.reached(last, ends) && self.close(DELIMITED, 8);
            };
            let (size, length) = match rest.first_chunk::<4>() {
                _ if !EXPLICIT => (8, (word >> 32) as u32),
                _ if !syntax::has_long_header(vr) => (8, (word >> 48) as u32),
                Some(length) => (12, u32::from_le_bytes(*length)),
                None => return self.reached(last, false),
            };
            let index = self.elements.len();
            if vr == VR::SQ {
                return self.reached(last, true) && self.sequence(tag_of(tag), size, length);
            }
            let end = (self.at + usize::from(size)).saturating_add(length as usize);
            if end > room.len() || length > BULK as u32 || index >= MAX_ELEMENTS {
                return self.reached(last, false);
            }
            self.elements.push(Element {
                tag: tag_of(tag),
                vr,
                depth,
                header: size,
                flags,
                start: self.base + self.at as u64,
                length: u64::from(length),
                next: index as u32 + 1,
                parent,
            });
            (last, self.at) = (tag, end);
        }
    }

    /// Notes the last tag of the frame.
    #[inline(always)]
    fn reached(&mut self, last: u32, goes_on: bool) -> bool {
        if last > LAST_OUTSIDE {
            self.frame.last_tag = Some(tag_of(last));
        }
        goes_on
    }

    /// Ends the innermost structure if it ends here by its length.
    #[inline(always)]
    fn ends(&mut self) -> bool {
        self.frame.end() == Some(self.cursor()) && self.close(0, 0)
    }

    fn sequence(&mut self, tag: Tag, size: u8, length: u32) -> bool {
        if self.frame.depth == 0 {
            return self.open(tag, VR::SQ, size, length, Kind::Items, 1);
        }
        let room = self.room();
        let whole = (length != UNDEFINED).then(|| usize::from(size).saturating_add(length as usize));
        let place = Place::of(room.get(self.at..).unwrap_or_default(), whole);
        let around = (self.base, self.held, room, self.at);
        if let Some(len) = self.seen.repeat(place, &self.frame, around, (self.elements, self.patterns)) {
            self.frame.last_tag = Some(tag);
            self.at += len;
            return true;
        }
        let (fits, index) = (self.frame.depth < MAX_DEPTH, self.elements.len() as u32);
        let opened = fits && self.open(tag, VR::SQ, size, length, Kind::Items, self.frame.depth + 1);
        if opened {
            self.frame.place = self.seen.list(place, index, self.patterns);
        }
        opened
    }

    /// An Item, or the end of the Items.
    #[inline(always)]
    fn item(&mut self) -> bool {
        let Some((word, _)) = first(self.room(), self.at) else { return self.ends() };
        if word == DELIMITER_OF_SEQUENCE && !self.frame.defined {
            return self.close(DELIMITED, 8);
        }
        number_of(word) == number(ITEM)
            && self.open(ITEM, VR::UN, 8, (word >> 32) as u32, Kind::Elements, self.frame.depth)
    }

    /// Adds the entry of a container and goes inside, if it fits in here.
    #[inline(always)]
    fn open(&mut self, tag: Tag, vr: VR, size: u8, length: u32, kind: Kind, depth: u8) -> bool {
        let (defined, start) = (length != UNDEFINED, self.cursor());
        let limit = if defined { start + u64::from(size) + u64::from(length) } else { self.frame.limit };
        if limit > self.frame.limit || self.elements.len() >= MAX_ELEMENTS {
            return false;
        }
        if kind == Kind::Items {
            self.frame.last_tag = Some(tag);
        }
        let index = self.elements.len() as u32;
        let implicit = if self.frame.encoding.is_explicit() { 0 } else { IMPLICIT };
        self.elements.push(Element {
            tag,
            vr,
            depth: self.frame.depth,
            header: size,
            flags: CONTAINER | implicit | if defined { 0 } else { UNDEFINED_LENGTH },
            start,
            length: if defined { u64::from(length) } else { 0 },
            next: index + 1,
            parent: self.frame.entry,
        });
        self.at += usize::from(size);
        let inner = Frame {
            kind,
            entry: index,
            depth,
            defined,
            limit,
            last_tag: None,
            guess: None,
            place: Place::NONE,
            ..self.frame
        };
        let outer = std::mem::replace(&mut self.frame, inner);
        match outer.entry {
            u32::MAX => self.top = outer,
            _ => self.stack.push(outer),
        }
        true
    }

    /// Ends the innermost structure; behind it stands a delimiter of so many bytes.
    fn close(&mut self, delimiter: u8, size: usize) -> bool {
        let (next, cursor) = (self.elements.len() as u32, self.cursor());
        if let Some(entry) = self.elements.get_mut(self.frame.entry as usize) {
            entry.length = cursor - entry.value_range().start;
            entry.flags |= delimiter;
            entry.next = next;
            // What the way did not see from its beginning may have something odd in it.
            if self.frame.entry >= self.first {
                self.seen.keep(&self.frame, entry.start, cursor + size as u64);
            }
        }
        self.at += size;
        self.frame = self.stack.pop().unwrap_or(self.top);
        true
    }
}

/// The last tag that does not belong in a Data Set: File Meta Information, directories and what is below.
const LAST_OUTSIDE: u32 = 0x0007_FFFF;
/// (FFFE,E00D) and (FFFE,E0DD) with their length of zero, as [`first`] reads them.
const DELIMITER_OF_ITEM: u64 = 0xE00D_FFFE;
const DELIMITER_OF_SEQUENCE: u64 = 0xE0DD_FFFE;

/// The eight bytes at a place as a number, and what is behind them.
#[inline(always)]
fn first(bytes: &[u8], at: usize) -> Option<(u64, &[u8])> {
    let (first, rest) = bytes.get(at..)?.split_first_chunk::<8>()?;
    Some((u64::from_le_bytes(*first), rest))
}

/// The tag in the first bytes of a header in little endian, as [`number`].
#[inline(always)]
fn number_of(word: u64) -> u32 {
    (word as u32).rotate_left(16)
}

#[inline(always)]
fn tag_of(number: u32) -> Tag {
    Tag((number >> 16) as u16, number as u16)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::{ITEM_DELIMITER, SEQUENCE_DELIMITER};
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
            let begin = out.len();
            let (content, undefined) = (elements(chance, encoding, depth + 1), chance.below(2) == 0);
            encoding.push_tag(&mut out, ITEM);
            encoding.push_u32(&mut out, if undefined { UNDEFINED } else { content.len() as u32 });
            out.extend(content);
            if undefined {
                encoding.push_tag(&mut out, ITEM_DELIMITER);
                encoding.push_u32(&mut out, 0);
            }
            for _ in 0..chance.below(3) {
                // What is in an Item may be in the next one, too.
                out.extend_from_within(begin..);
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
        let (mut whole, mut refused, mut repeated) = (0, 0, 0);
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
                let found = walk(&file, window).map(|found| {
                    repeated += are_alike(&file, &found);
                    assert!(!long || found.patterns.is_empty());
                    (found.elements, found.oddities, found.odd_delimiters)
                });
                found.map_err(|error| (error.code(), format!("{:?}", error.place())))
            });
            LONG_WAY.set(false);
            assert_eq!(found[0], found[1], "round {round}: {file:02x?}");
            *if found[0].is_ok() { &mut whole } else { &mut refused } += 1;
        }
        assert!(whole > 1500 && refused > 500 && repeated > 100, "{whole} {refused} {repeated}");
    }

    /// How many Sequences are said to repeat others; those of one number have the same bytes.
    fn are_alike(file: &[u8], found: &DataSet) -> usize {
        let mut patterns = std::collections::BTreeMap::new();
        for pattern in &found.patterns {
            let element = &found.elements[pattern.index as usize];
            let Element { start, vr, flags, .. } = *element;
            let like = (&file[start as usize..element.end() as usize], vr, flags, element.next - pattern.index);
            assert_eq!(*patterns.entry(pattern.number).or_insert(like), like);
            assert!(element.is_sequence() && element.depth > 0);
        }
        assert!(found.patterns.is_sorted_by(|a, b| a.index < b.index));
        found.patterns.len() - patterns.len()
    }
}
