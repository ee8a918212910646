//! The sans-IO walker: windows of a file go in, the index of its Data Elements comes out.
//!
//! It never trusts a length: a value must fit what encloses it, bytes are only held as they
//! arrive, the stack is explicit and at most 64 Sequences deep.

mod reorder;

use crate::element::{
    BIG, CONTAINER, DELIMITED, DataSet, Element, FileMeta, IMPLICIT, ODD_DELIMITER, OPAQUE, Oddity, UNDEFINED_LENGTH,
    Windows, known_vr,
};
use crate::error::{Code, Error};
use crate::syntax::{
    self, Encoding, Header, ITEM, ITEM_DELIMITER, SEQUENCE_DELIMITER, Stated, TransferSyntax, UNDEFINED,
};
use crate::{Tag, VR};
use dicom_dictionary_std::{tags, uids};
use std::ops::Range;

/// Deepest nesting of Sequences.
const MAX_DEPTH: u8 = 64;
/// Most elements and Items of a file.
const MAX_ELEMENTS: usize = 4_000_000;
/// Binary values above this are not held.
const BULK: u64 = 64 << 10;
/// No value above this is held.
const LARGE: u64 = 1 << 20;
/// Largest value that is tried as a Sequence although it does not say that it is one.
const MAX_GUESS: u64 = 16 << 20;
/// Largest inflated Data Set.
pub(crate) const MAX_INFLATED: u64 = 4 << 30;
/// Longest value of the File Meta Information that is looked at.
const MAX_META: u32 = 1 << 10;
/// How much of a window is taken at a time, so that pixels in a large window are not copied.
const TAKE: usize = 256 << 10;

/// Reads a file's structure. It is driven from outside: as long as [`want`](Walker::want) names a
/// range, bytes from its start on are handed to [`feed`](Walker::feed), as many as is convenient.
///
/// ```
/// fn index(file: &[u8]) -> Result<lethe::DataSet, lethe::Error> {
///     let mut walker = lethe::Walker::new(file.len() as u64);
///     while let Some(want) = walker.want() {
///         walker.feed(want.start, &file[want.start as usize..])?;
///     }
///     walker.finish()
/// }
/// assert_eq!(index(b"no DICOM at all").unwrap_err().code(), lethe::Code::NotDicom);
/// ```
#[derive(Debug)]
pub struct Walker {
    len: u64,
    /// The length is only known once a stream has ended.
    streaming: bool,
    /// What is walked was inflated from a file whose Transfer Syntax is known.
    inflated: bool,
    windows: Windows,
    cursor: u64,
    need: u64,
    stage: Stage,
    meta: FileMeta,
    syntax: TransferSyntax,
    elements: Vec<Element>,
    stack: Vec<Frame>,
    last_tag: Option<Tag>,
    unsorted: bool,
    pixels_seen: bool,
    oddities: Vec<Oddity>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Start,
    Meta,
    Detect,
    Elements,
    /// A deflated Data Set begins here; another walker reads it.
    Deflated,
    Done,
}

/// What the innermost open structure is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Items,
    Elements,
    Fragments,
}

#[derive(Clone, Copy, Debug)]
struct Frame {
    kind: Kind,
    entry: u32,
    /// How many Sequences enclose what is inside.
    depth: u8,
    /// Where the value ends, `None` if a delimiter ends it.
    end: Option<u64>,
    /// No byte inside stands at or behind this.
    limit: u64,
    encoding: Encoding,
    last_tag: Option<Tag>,
    guess: Option<Guess>,
}

/// A value that is walked as a Sequence although its header does not say so.
#[derive(Clone, Copy, Debug)]
struct Guess {
    /// Another encoding to try if this one fails.
    otherwise: Option<Encoding>,
}

enum Step {
    On,
    Need(u64),
    Done,
}

impl Walker {
    /// A walker for a file of this many bytes.
    pub fn new(file_len: u64) -> Self {
        Walker {
            len: file_len,
            streaming: false,
            inflated: false,
            windows: Windows::default(),
            cursor: 0,
            need: file_len.min(132),
            stage: Stage::Start,
            meta: FileMeta::default(),
            syntax: TransferSyntax::plain(Encoding::ExplicitLittle),
            elements: Vec::new(),
            stack: Vec::new(),
            last_tag: None,
            unsorted: false,
            pixels_seen: false,
            oddities: Vec::new(),
        }
    }

    /// A walker for the inflated Data Set of a deflated file, whose length is not known yet.
    pub(crate) fn inflated(&self) -> Self {
        let mut walker = Walker::new(MAX_INFLATED);
        walker.streaming = true;
        walker.inflated = true;
        walker.stage = Stage::Detect;
        walker.need = 1;
        walker.meta = self.meta.clone();
        walker.syntax = TransferSyntax { deflated: false, ..self.syntax.clone() };
        walker
    }

    /// Where the deflated stream begins, once it is known that there is one.
    pub(crate) fn deflated_from(&self) -> Option<u64> {
        (self.stage == Stage::Deflated).then_some(self.cursor)
    }

    /// The syntax found in the File Meta Information.
    pub(crate) fn syntax(&self) -> &TransferSyntax {
        &self.syntax
    }

    /// The least range of the file that is needed to go on; `None` when there is nothing to read.
    pub fn want(&self) -> Option<Range<u64>> {
        match self.stage {
            Stage::Done | Stage::Deflated => None,
            _ if self.len == 0 => None,
            _ => {
                let start = self.windows.end().max(self.cursor);
                Some(start..(self.cursor + self.need).max(start + 1))
            }
        }
    }

    /// Takes a window of the file that begins at offset `at`. Bytes before what is wanted are
    /// ignored; a window may end anywhere.
    ///
    /// # Errors
    /// When the content is no DICOM, is damaged or exceeds a limit. The walker is of no use then.
    pub fn feed(&mut self, at: u64, window: &[u8]) -> Result<(), Error> {
        while let Some(want) = self.want() {
            let Some(skip) = want.start.checked_sub(at) else {
                return Err(Error::new(Code::Read, "the window begins behind the wanted range").at_offset(want.start));
            };
            let rest = usize::try_from(skip).ok().and_then(|skip| window.get(skip..)).unwrap_or_default();
            if rest.is_empty() {
                break;
            }
            let take = rest.len().min(TAKE.max((want.end - want.start) as usize));
            self.windows.extend(rest.get(..take).unwrap_or(rest));
            self.run()?;
        }
        Ok(())
    }

    /// The stream has ended: its length is known now.
    pub(crate) fn end_at(&mut self, len: u64) -> Result<(), Error> {
        self.len = len;
        self.streaming = false;
        // A value that was passed over may have claimed more than there was.
        if self.cursor > len { Err(self.truncated()) } else { self.run() }
    }

    /// The index, once nothing is wanted any more.
    ///
    /// # Errors
    /// [`Code::Truncated`] if the file was not walked to its last byte.
    pub fn finish(mut self) -> Result<DataSet, Error> {
        if self.len == 0 {
            return Err(Error::new(Code::NotDicom, "the file is empty"));
        }
        if self.stage != Stage::Done {
            return Err(self.truncated());
        }
        if self.unsorted {
            self.reorder();
        }
        Ok(DataSet {
            elements: self.elements,
            windows: self.windows,
            syntax: self.syntax,
            meta: self.meta,
            file_len: self.len,
            oddities: self.oddities,
        })
    }

    fn run(&mut self) -> Result<(), Error> {
        loop {
            let step = match self.stage {
                Stage::Start => self.start(),
                Stage::Meta => self.meta_element(),
                Stage::Detect => self.detect(),
                Stage::Elements => self.element_or_roll_back(),
                Stage::Deflated | Stage::Done => return Ok(()),
            };
            match step? {
                Step::On => {}
                Step::Done => self.stage = Stage::Done,
                Step::Need(need) => {
                    if !self.streaming && self.cursor + need > self.len {
                        return Err(self.truncated());
                    }
                    self.need = need;
                    return Ok(());
                }
            }
        }
    }

    // --- before the Data Set -----------------------------------------------------------------

    fn start(&mut self) -> Result<Step, Error> {
        let need = self.len.min(132);
        let head = self.held();
        if (head.len() as u64) < need {
            return Ok(Step::Need(need));
        }
        self.stage = if head.get(128..132) == Some(b"DICM") {
            self.cursor = 132;
            Stage::Meta
        } else if head.starts_with(b"DICM") {
            self.cursor = 4;
            Stage::Meta
        } else if head.starts_with(&[2, 0]) && syntax::is_plausible(Encoding::ExplicitLittle, head, self.len) {
            Stage::Meta
        } else {
            Stage::Detect
        };
        Ok(Step::On)
    }

    /// PS3.10 7.1: always Explicit VR Little Endian; some writers use Implicit VR all the same.
    /// It ends where group 0002 ends: its stated length is often wrong.
    fn meta_element(&mut self) -> Result<Step, Error> {
        let remaining = self.remaining();
        if remaining < 8 || self.held().first_chunk::<2>().is_some_and(|group| *group != [2, 0]) {
            return self.end_of_meta();
        }
        let header = match syntax::header(Encoding::ExplicitLittle, self.held()) {
            Ok(header) => header,
            Err(need) => return Ok(Step::Need(need as u64)),
        };
        let total = u64::from(header.size) + u64::from(header.length);
        if header.length == UNDEFINED || total > remaining {
            return Err(self.truncated());
        }
        let wanted = matches!(header.tag.element(), 0x0002 | 0x0003 | 0x0010) && header.length <= MAX_META;
        if wanted {
            let Some(value) = self.held().get(usize::from(header.size)..total as usize) else {
                return Ok(Step::Need(total));
            };
            let text = crate::value::ascii(value);
            match header.tag.element() {
                0x0002 => self.meta.sop_class = text,
                0x0003 => self.meta.sop_instance = text,
                _ => self.meta.transfer_syntax = text,
            }
        }
        self.skip_to(self.cursor + total);
        Ok(Step::On)
    }

    fn end_of_meta(&mut self) -> Result<Step, Error> {
        if self.meta.sop_class == uids::MEDIA_STORAGE_DIRECTORY_STORAGE {
            return Err(directory());
        }
        self.stage = Stage::Detect;
        Ok(Step::On)
    }

    /// Finds the encoding of the Data Set: what the File Meta Information says if the content looks
    /// like it, else what the content looks like.
    fn detect(&mut self) -> Result<Step, Error> {
        let declared = TransferSyntax::from_uid(&self.meta.transfer_syntax);
        if let Some(syntax) = declared.as_ref().filter(|s| s.deflated && !self.inflated) {
            self.syntax = syntax.clone();
            self.stage = Stage::Deflated;
            return Ok(Step::On);
        }
        let need = self.remaining().min(12);
        if (self.held().len() as u64) < need {
            return Ok(Step::Need(need));
        }
        let declared_encoding = declared.as_ref().map(|s| s.encoding);
        let guesses = [Encoding::ExplicitLittle, Encoding::ImplicitLittle, Encoding::ExplicitBig];
        let found = declared_encoding
            .into_iter()
            .chain(guesses)
            .find(|encoding| syntax::is_plausible(*encoding, self.held(), self.remaining()));
        let Some(encoding) =
            found.filter(|encoding| self.cursor > 0 || self.inflated || self.begins_a_data_set(*encoding))
        else {
            return Err(self.unrecognised());
        };
        self.take_syntax(declared, encoding)?;
        self.stage = Stage::Elements;
        Ok(Step::On)
    }

    fn take_syntax(&mut self, declared: Option<TransferSyntax>, encoding: Encoding) -> Result<(), Error> {
        if self.inflated {
            self.syntax.encoding = encoding;
            return Ok(());
        }
        let stated = !self.meta.transfer_syntax.is_empty();
        self.syntax = match declared {
            None if stated => {
                let message = "the Transfer Syntax is not one of the Standard; convert the file first";
                return Err(Error::new(Code::TransferSyntax, message));
            }
            None => TransferSyntax::plain(encoding),
            Some(syntax) if syntax.encoding == encoding => syntax,
            Some(syntax) => {
                self.oddities.push(Oddity::WrongTransferSyntax);
                // An encapsulated syntax says how to decode the pixels, whatever the headers look like.
                if syntax.is_plain() { TransferSyntax::plain(encoding) } else { TransferSyntax { encoding, ..syntax } }
            }
        };
        Ok(())
    }

    /// A file without preamble and File Meta Information is taken for a Data Set if its first
    /// element is one that the dictionary knows, in one of the groups that Data Sets begin with.
    fn begins_a_data_set(&self, encoding: Encoding) -> bool {
        let Ok(header) = syntax::header(encoding, self.held()) else { return false };
        let known = header.tag.element() == 0 || known_vr(header.tag).is_some();
        known && matches!(header.tag.group(), 0x0002 | 0x0004 | 0x0008 | 0x0010 | 0x0018 | 0x0020 | 0x0028)
    }

    fn unrecognised(&self) -> Error {
        if self.cursor == 0 && !self.inflated {
            return Error::new(Code::NotDicom, "this is no DICOM file");
        }
        if self.remaining() == 0 {
            return Error::new(Code::Malformed, "there is no Data Set behind the File Meta Information");
        }
        Error::new(Code::Malformed, "the Data Set does not begin with a Data Element").at_offset(self.cursor)
    }

    // --- the Data Set ------------------------------------------------------------------------

    fn element_or_roll_back(&mut self) -> Result<Step, Error> {
        match self.element() {
            Err(error) if matches!(error.code(), Code::Malformed | Code::Truncated) && self.roll_back() => Ok(Step::On),
            other => other,
        }
    }

    fn element(&mut self) -> Result<Step, Error> {
        if let Some(frame) = self.stack.last().filter(|frame| frame.end == Some(self.cursor)).copied() {
            self.close(frame, 0);
            return Ok(Step::On);
        }
        let Some(left) = self.limit().checked_sub(self.cursor) else { return Err(self.truncated()) };
        if self.stack.is_empty() && !self.streaming && left < 8 {
            return Ok(self.end_of_data(left));
        }
        if left < 8 {
            let cut_off = self.stack.last().is_none_or(|frame| frame.end.is_none()) && self.limit() == self.len;
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
        match self.stack.last().copied() {
            Some(frame) if frame.kind == Kind::Items => self.in_sequence(frame, header),
            Some(frame) if frame.kind == Kind::Fragments => self.in_fragments(frame, header),
            Some(frame) if header.tag == ITEM_DELIMITER && frame.end.is_none() => {
                Ok(self.delimiter(frame, header.length))
            }
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
        let ends_here = frame.end.is_none_or(|end| end == self.cursor + 8);
        if header.tag == SEQUENCE_DELIMITER && ends_here {
            return Ok(self.delimiter(frame, header.length));
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
            end,
            limit: end.unwrap_or(frame.limit),
            encoding: frame.encoding,
            last_tag: None,
            guess: None,
        });
        self.cursor += 8;
        Ok(Step::On)
    }

    fn in_fragments(&mut self, frame: Frame, header: Header) -> Result<Step, Error> {
        if header.tag == SEQUENCE_DELIMITER {
            self.pixels_seen = true;
            return Ok(self.delimiter(frame, header.length));
        }
        match self.end_of_value(&header)? {
            Some(end) if header.tag == ITEM => self.skip_to(end),
            _ => return Err(self.malformed("a Fragment of defined length was expected")),
        }
        Ok(Step::On)
    }

    fn delimiter(&mut self, frame: Frame, length: u32) -> Step {
        self.close(frame, DELIMITED | if length == 0 { 0 } else { ODD_DELIMITER });
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
        let dictionary = known_vr(header.tag);
        if self.encoding().is_explicit() && header.stated == Stated::Nothing {
            return Err(self.malformed("a Data Element without a VR in an Explicit VR Data Set"));
        }
        let vr = match header.stated {
            Stated::Known(vr) => vr,
            Stated::Unknown => VR::UN,
            Stated::Nothing => dictionary.unwrap_or(VR::UN),
        };
        self.in_order(header.tag);
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
        self.defined_length(header, vr, dictionary == Some(VR::SQ), end)
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
    fn defined_length(&mut self, header: Header, vr: VR, known_sequence: bool, end: u64) -> Result<Step, Error> {
        let length = u64::from(header.length);
        let size = u64::from(header.size);
        if vr == VR::UN && length >= 8 && header.stated != Stated::Unknown {
            let Some(first) = self.held().get(size as usize..size as usize + 4) else {
                return Ok(Step::Need(size + 8));
            };
            if first == [0xFE, 0xFF, 0x00, 0xE0] || known_sequence {
                return self.guess(header, end);
            }
        }
        let bulk = length > LARGE || (length > BULK && is_bulk(vr));
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

    /// Walks a UN value as a Sequence, PS3.5 6.2.2: in Implicit VR Little Endian; if that fails, in
    /// the encoding around it; if that fails too it stays opaque. All of it is held meanwhile.
    fn guess(&mut self, header: Header, end: u64) -> Result<Step, Error> {
        let total = end - self.cursor;
        if total > MAX_GUESS {
            self.push(header.tag, VR::UN, &header, OPAQUE)?;
            self.skip_to(end);
            return Ok(Step::On);
        }
        if (self.held().len() as u64) < total {
            return Ok(Step::Need(total));
        }
        let nested = self.stack.iter().any(|frame| frame.guess.is_some());
        let otherwise = Some(self.encoding()).filter(|encoding| encoding.is_explicit() && !nested);
        let guess = Some(Guess { otherwise });
        self.open(header, VR::UN, Kind::Items, Some(end), Encoding::ImplicitLittle, guess)
    }

    /// Undoes the innermost guess after an error inside it: tries its other encoding, else makes
    /// the value opaque. False if there is no guess to undo.
    fn roll_back(&mut self) -> bool {
        let Some(at) = self.stack.iter().rposition(|frame| frame.guess.is_some()) else { return false };
        let Some(frame) = self.stack.get_mut(at) else { return false };
        let otherwise = frame.guess.as_mut().and_then(|guess| guess.otherwise.take());
        if let Some(encoding) = otherwise {
            frame.encoding = encoding;
        }
        let frame = *frame;
        self.stack.truncate(if otherwise.is_some() { at + 1 } else { at });
        self.elements.truncate(frame.entry as usize + 1);
        let Some(entry) = self.elements.last_mut() else { return false };
        let value = entry.value_range();
        if otherwise.is_some() {
            self.cursor = value.start;
            return true;
        }
        entry.flags = (entry.flags & !CONTAINER) | OPAQUE;
        entry.length = frame.limit.saturating_sub(value.start);
        self.cursor = frame.limit;
        true
    }

    fn open(
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
        self.stack.push(Frame { kind, entry, depth, end, limit, encoding, last_tag: None, guess });
        self.cursor += u64::from(header.size);
        Ok(Step::On)
    }

    /// Ends the innermost structure at the cursor.
    fn close(&mut self, frame: Frame, delimiter: u8) {
        let next = self.elements.len() as u32;
        if let Some(entry) = self.elements.get_mut(frame.entry as usize) {
            entry.length = self.cursor - entry.value_range().start;
            entry.flags |= delimiter;
            entry.next = next;
        }
        self.stack.pop();
    }

    fn push(&mut self, tag: Tag, vr: VR, header: &Header, flags: u8) -> Result<u32, Error> {
        if self.elements.len() >= MAX_ELEMENTS {
            let message = "the file has more than four million elements";
            return Err(Error::new(Code::TooManyElements, message).at_offset(self.cursor));
        }
        let implicit = if header.stated == Stated::Nothing { IMPLICIT } else { 0 };
        // Items have no VR: their flag says how what is in them is encoded.
        let encoding = self.encoding();
        let layout = match tag {
            ITEM if encoding.is_explicit() => 0,
            _ => implicit,
        };
        let undefined = if header.length == UNDEFINED { UNDEFINED_LENGTH } else { 0 };
        let index = self.elements.len() as u32;
        self.elements.push(Element {
            tag,
            vr,
            depth: self.depth(),
            header: header.size,
            flags: flags | layout | undefined | if encoding.is_big() { BIG } else { 0 },
            start: self.cursor,
            length: if header.length == UNDEFINED { 0 } else { u64::from(header.length) },
            next: index + 1,
            parent: self.stack.last().map_or(u32::MAX, |frame| frame.entry),
        });
        Ok(index)
    }

    fn in_order(&mut self, tag: Tag) {
        let last = match self.stack.last_mut() {
            Some(frame) => &mut frame.last_tag,
            None => &mut self.last_tag,
        };
        self.unsorted |= last.is_some_and(|last| tag <= last);
        *last = Some(tag);
    }

    // --- where we are ------------------------------------------------------------------------

    fn held(&self) -> &[u8] {
        self.windows.from(self.cursor)
    }

    fn remaining(&self) -> u64 {
        self.len.saturating_sub(self.cursor)
    }

    fn limit(&self) -> u64 {
        self.stack.last().map_or(self.len, |frame| frame.limit)
    }

    fn depth(&self) -> u8 {
        self.stack.last().map_or(0, |frame| frame.depth)
    }

    fn encoding(&self) -> Encoding {
        self.stack.last().map_or(self.syntax.encoding, |frame| frame.encoding)
    }

    /// Where the value of an Item or Fragment ends, `None` for undefined length.
    fn end_of_value(&self, header: &Header) -> Result<Option<u64>, Error> {
        if header.length == UNDEFINED {
            return Ok(None);
        }
        let end = self.cursor + 8 + u64::from(header.length);
        if end > self.limit() { Err(self.truncated()) } else { Ok(Some(end)) }
    }

    /// Passes over bytes that need not be held.
    fn skip_to(&mut self, target: u64) {
        let held = self.windows.end();
        let skipped = target - self.cursor;
        let guessing = self.stack.iter().any(|frame| frame.guess.is_some());
        if target > held || (skipped > BULK && !guessing) {
            self.windows.forget(self.cursor..target);
        }
        self.cursor = target;
    }

    fn truncated(&self) -> Error {
        let message = "a declared length runs past the end of what holds it; the file is cut off or damaged";
        Error::new(Code::Truncated, message).at_offset(self.cursor)
    }

    fn malformed(&self, message: &'static str) -> Error {
        Error::new(Code::Malformed, message).at_offset(self.cursor)
    }
}

fn directory() -> Error {
    Error::new(Code::Dicomdir, "a DICOMDIR lists original names and identifiers; it is left out")
}

fn is_bulk(vr: VR) -> bool {
    matches!(vr, VR::OB | VR::OD | VR::OF | VR::OL | VR::OV | VR::OW | VR::UN)
}
