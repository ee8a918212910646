//! The sans-IO walker: windows of a file go in, the index of its Data Elements comes out.
//!
//! It never trusts a length: a value must fit what encloses it, bytes are only held as they
//! arrive, the stack is explicit and at most 64 Sequences deep.

mod elements;
mod guess;
mod reorder;
mod repeated;
mod start;
mod usual;

use crate::Tag;
use crate::element::{CONTAINER, DELIMITED, DataSet, Element, FileMeta, Oddity, Pattern, UNDEFINED_LENGTH, Windows};
use crate::error::{Code, Error};
use crate::spare::Lists;
use crate::syntax::{Encoding, Header, TransferSyntax, UNDEFINED};
use dicom_dictionary_std::tags;
use std::ops::Range;

/// Binary values above this are not held.
pub(crate) const BULK: u64 = 64 << 10;
/// Largest inflated Data Set.
pub(crate) const MAX_INFLATED: u64 = 4 << 30;
/// How much of a window is taken at a time, so that pixels in a large window are not copied. Of fragments, only their
/// headers are.
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
    vrs: usual::Vrs,
    seen: repeated::Seen,
    patterns: Vec<Pattern>,
    last_tag: Option<Tag>,
    unsorted: bool,
    pixels_seen: bool,
    odd_delimiters: bool,
    /// A value other than pixels may not be held.
    leaves_out_values: bool,
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
    /// The value ends at the limit; else a delimiter ends it.
    defined: bool,
    /// No byte inside stands at or behind this.
    limit: u64,
    encoding: Encoding,
    last_tag: Option<Tag>,
    guess: Option<Guess>,
    place: repeated::Place,
}

impl Frame {
    /// Where the value ends, `None` if a delimiter ends it.
    fn end(&self) -> Option<u64> {
        self.defined.then_some(self.limit)
    }
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

/// Whether a value other than pixels may not be held: every test of a build with debug assertions asks whether the walker has
/// noted it.
fn is_left_out(element: &Element) -> bool {
    let is_large = element.length > BULK || element.has(UNDEFINED_LENGTH);
    is_large && !element.has(CONTAINER) && element.tag.group() != 0x7FE0
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
            vrs: usual::Vrs::new(),
            seen: repeated::Seen::default(),
            patterns: Vec::new(),
            last_tag: None,
            unsorted: false,
            pixels_seen: false,
            odd_delimiters: false,
            leaves_out_values: false,
            oddities: Vec::new(),
        }
    }

    /// The same walker with room in its lists.
    pub(crate) fn with(self, Lists { elements, bytes, patterns }: Lists) -> Self {
        Walker { elements, windows: Windows::into(bytes), patterns, ..self }
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
            let most = if self.in_fragments_of().is_some() { 0 } else { TAKE };
            let take = rest.len().min(most.max((want.end - want.start) as usize));
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
        Ok(self.data_set())
    }

    /// What was found, which the walker has no more.
    fn data_set(&mut self) -> DataSet {
        debug_assert!(
            self.leaves_out_values || !self.elements.iter().any(is_left_out),
            "a value would not be searched"
        );
        let data_set = DataSet {
            top: Vec::new(),
            elements: std::mem::take(&mut self.elements),
            patterns: std::mem::take(&mut self.patterns),
            windows: std::mem::take(&mut self.windows),
            syntax: self.syntax.clone(),
            meta: std::mem::take(&mut self.meta),
            file_len: self.len,
            oddities: std::mem::take(&mut self.oddities),
            cleaned: None,
            odd_delimiters: self.odd_delimiters,
            leaves_out_values: self.leaves_out_values,
            searched: false,
        };
        data_set.with_top()
    }

    /// The top-level element of which the next thing to walk is a fragment, or what ends it.
    pub(crate) fn in_fragments_of(&self) -> Option<u32> {
        match self.stack.as_slice() {
            [Frame { kind: Kind::Fragments, entry, .. }] => Some(*entry),
            _ => None,
        }
    }

    /// Whether there is Pixel Data in Fragments, at the end of what was walked.
    pub(crate) fn has_fragments(&self) -> bool {
        let top = self.elements.iter().rev().filter(|element| element.depth == 0);
        let mut last = top.take_while(|element| element.tag >= tags::PIXEL_DATA);
        last.any(|element| element.tag == tags::PIXEL_DATA && element.has(UNDEFINED_LENGTH))
    }

    /// Whether Pixel Data, or what stands where it would, has begun.
    pub(crate) fn is_at_pixels(&self) -> bool {
        self.pixels_seen || self.in_fragments_of().is_some()
    }

    /// Up to where the fragments of an element were walked. The header of the next may be held in part.
    pub(crate) fn fragments_end(&self, entry: u32) -> u64 {
        let ended = self.elements.get(entry as usize).filter(|element| element.has(DELIMITED));
        ended.map_or(self.windows.end().max(self.cursor), |element| element.value_range().end)
    }

    /// A look at what is indexed so far.
    pub(crate) fn look<T>(&mut self, look: impl FnOnce(&DataSet) -> T) -> T {
        let data_set = self.data_set();
        let found = look(&data_set);
        (self.elements, self.windows, self.patterns) = (data_set.elements, data_set.windows, data_set.patterns);
        (self.meta, self.oddities) = (data_set.meta, data_set.oddities);
        found
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
