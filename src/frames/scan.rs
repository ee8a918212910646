//! Reads compressed images one after another, however they are cut into windows and fragments, for what no decoder needs.

use super::boxes::Boxes;
use super::j2k::Codestream;
use super::jpeg::Jpeg;
use super::rle::Rle;
use super::search;
use crate::deflate::Inflater;
use crate::error::{Code, Error};
use std::ops::Range;

/// Most places of one file where something goes or changes; neighbours count as one.
const MAX_EDITS: usize = 500_000;

/// What goes and what stands in its place, by offset in the joined fragments.
#[derive(Debug, Default)]
pub(super) struct Edits {
    pub(super) list: Vec<(Range<u64>, Vec<u8>)>,
    /// Where those of the image at hand begin.
    own: usize,
}

impl Edits {
    /// Appends an edit; one that begins where the last ends goes on with it.
    pub(super) fn push(&mut self, range: Range<u64>, new: Vec<u8>) {
        match self.list.get_mut(self.own..).and_then(<[_]>::last_mut) {
            Some((last, bytes)) if last.end == range.start => {
                last.end = range.end;
                bytes.extend(new);
            }
            _ => self.list.push((range, new)),
        }
    }

    /// How many edits there are: where one that belongs here but is not known yet is put in later.
    pub(super) fn place(&self) -> usize {
        self.list.len()
    }

    pub(super) fn insert(&mut self, place: usize, range: Range<u64>, new: Vec<u8>) {
        self.list.insert(place.max(self.own).min(self.list.len()), (range, new));
    }

    /// Whether the edits of the image at hand make an odd difference to its length.
    fn is_odd(&self) -> bool {
        let own = self.list.get(self.own..).unwrap_or_default();
        own.iter().fold(0, |sum, (range, new)| sum ^ range.start ^ range.end ^ new.len() as u64) % 2 == 1
    }
}

/// What a format wants next.
#[derive(Clone, Copy, Debug)]
pub(super) enum Next {
    /// So many bytes together.
    Take(usize),
    /// To pass over so many.
    Skip(u64),
    /// To pass over all bytes up to 0xFF, and that one. One that 0x00 follows, which is data in every format, may be passed
    /// over too.
    Marker,
    /// To pass over runs of RLE, and to take a byte of what is more than that.
    Runs,
    /// To inflate a stream of at most so many bytes.
    Inflate(u64),
    /// The image is over.
    End,
    /// This is no such image.
    Fail,
}

/// How the images begin that a Transfer Syntax announces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Start {
    /// With what tells the format: Transfer Syntaxes lie.
    Magic,
    /// RLE, in segments of so many bytes each.
    Rle(u64),
    /// A deflated frame of so many bytes.
    Deflated(u64),
    /// A frame of so many bytes, not compressed.
    Plain(u64),
}

#[derive(Debug)]
enum Format {
    Unknown,
    Frame,
    Jpeg(Jpeg),
    Codestream(Codestream),
    Boxes(Boxes),
    Rle(Box<Rle>),
}

/// Reads the images of one Pixel Data.
#[derive(Debug)]
pub(super) struct Scanner {
    start: Start,
    format: Format,
    next: Next,
    /// Bytes that were taken, till there are enough of them.
    taken: Vec<u8>,
    inflater: Option<Box<Inflater>>,
    /// Offset in the joined fragments.
    at: u64,
    /// Where the image at hand begins, and where the last one ended.
    image: Range<u64>,
    /// Whether all bytes since then are zero.
    zero: bool,
    pub(super) edits: Edits,
    /// Images that were read from start to end.
    pub(super) images: u64,
    pub(super) failed: bool,
    /// The end of an image's codestream could not be told.
    pub(super) open_ended: bool,
}

impl Scanner {
    pub(super) fn inflates(&self) -> bool {
        matches!(self.start, Start::Deflated(_))
    }

    pub(super) fn new(start: Start) -> Self {
        Scanner {
            start,
            format: Format::Unknown,
            next: Next::End,
            taken: Vec::new(),
            inflater: None,
            at: 0,
            image: 0..0,
            zero: true,
            edits: Edits::default(),
            images: 0,
            // Without its size a frame cannot be told from what is behind it.
            failed: matches!(start, Start::Rle(0) | Start::Deflated(0) | Start::Plain(0)),
            open_ended: false,
        }
    }

    /// Whether the next fragment begins an image.
    pub(super) fn is_between_images(&self) -> bool {
        matches!(self.next, Next::End)
    }

    /// A fragment begins.
    pub(super) fn begin(&mut self) {
        if !self.is_between_images() || self.failed {
            return;
        }
        self.edits.own = self.edits.list.len();
        self.image = self.at..self.at;
        (self.format, self.next) = match self.start {
            Start::Magic => (Format::Unknown, Next::Take(2)),
            Start::Rle(size) => (Format::Rle(Box::new(Rle::new(self.at, size))), Next::Take(64)),
            Start::Deflated(size) => (Format::Frame, Next::Inflate(size)),
            Start::Plain(size) => (Format::Frame, Next::Skip(size)),
        };
    }

    /// A fragment ends: what stands behind the image in it goes, but for one zero byte that makes its length even
    /// (PS3.5 A.4).
    pub(super) fn end(&mut self) {
        if let Format::Boxes(boxes) = &self.format
            && boxes.has_whole_codestream()
            && self.taken.is_empty()
            && matches!(self.next, Next::Take(8))
        {
            self.open_ended = true;
            self.end_image();
        }
        let tail = self.image.end..self.at;
        if !self.is_between_images() || tail.is_empty() || self.failed {
            return;
        }
        let is_odd = ((self.image.end - self.image.start) % 2 == 1) != self.edits.is_odd();
        if !(self.zero && tail.end - tail.start == 1 && is_odd) {
            self.edits.push(tail, Vec::new());
        }
    }

    /// The stream is over.
    pub(super) fn finish(&mut self) {
        if !self.is_between_images() {
            self.fail();
        }
    }

    /// # Errors
    /// [`Code::TooLarge`] if more goes than is worth the memory.
    pub(super) fn feed(&mut self, mut bytes: &[u8]) -> Result<(), Error> {
        while !bytes.is_empty() && !self.failed {
            let used = self.consume(bytes);
            bytes = bytes.get(used..).unwrap_or_default();
            if self.edits.list.len() > MAX_EDITS {
                let message = "compressed images with comments in more places than can be handled; set clean_frames to \
                               false to copy them as they are";
                return Err(Error::new(Code::TooLarge, message));
            }
        }
        Ok(())
    }

    /// Goes on over at most so many bytes without a look at them; over how many.
    pub(super) fn skip(&mut self, most: u64) -> u64 {
        let Next::Skip(left) = self.next else { return 0 };
        let skipped = if self.failed { 0 } else { left.min(most) };
        self.next = Next::Skip(left - skipped);
        self.at += skipped;
        if skipped == left {
            self.step();
        }
        skipped
    }

    /// Whether nothing of the images is looked at but where they end.
    pub(super) fn only_counts(&self) -> bool {
        matches!(self.start, Start::Plain(_))
    }

    /// Goes on by as many bytes as it returns.
    fn consume(&mut self, bytes: &[u8]) -> usize {
        let (used, done) = match self.next {
            Next::Take(wanted) => self.take(wanted, bytes),
            Next::Skip(left) => {
                let used = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
                self.next = Next::Skip(left - used as u64);
                (used, left == used as u64)
            }
            Next::Marker => match search::marker(bytes) {
                Some(used) => (used, true),
                None => (bytes.len(), false),
            },
            Next::Runs => match &mut self.format {
                Format::Rle(rle) => match rle.runs(bytes) {
                    0 => self.take(1, bytes),
                    used => (used, false),
                },
                _ => (bytes.len(), false),
            },
            Next::Inflate(size) => self.inflate(bytes, size),
            Next::End | Next::Fail => {
                self.zero &= bytes.iter().all(|byte| *byte == 0);
                (bytes.len(), false)
            }
        };
        self.at += used as u64;
        if done {
            self.step();
        }
        used
    }

    fn take(&mut self, wanted: usize, bytes: &[u8]) -> (usize, bool) {
        let used = wanted.saturating_sub(self.taken.len()).min(bytes.len());
        self.taken.extend_from_slice(bytes.get(..used).unwrap_or_default());
        (used, self.taken.len() >= wanted)
    }

    fn inflate(&mut self, bytes: &[u8], size: u64) -> (usize, bool) {
        let inflater = self.inflater.get_or_insert_with(|| Box::new(Inflater::new(u64::MAX)));
        let before = inflater.consumed();
        // An even length is allowed to the frame before it is deflated.
        let most = size + size % 2;
        let fits = |at: u64, chunk: &[u8]| match at + chunk.len() as u64 {
            end if end <= most => Ok(()),
            _ => Err(Error::new(Code::Inflate, "more than a frame")),
        };
        if inflater.push(bytes, fits).is_err() || (inflater.has_ended() && inflater.produced() < size) {
            self.fail();
            return (bytes.len(), false);
        }
        let (used, ended) = ((inflater.consumed() - before) as usize, inflater.has_ended());
        if ended {
            self.inflater = None;
        }
        (if ended { used } else { bytes.len() }, ended)
    }

    fn step(&mut self) {
        let mut taken = std::mem::take(&mut self.taken);
        self.next = Next::Skip(0);
        while matches!(self.next, Next::Skip(0) | Next::Take(0)) {
            self.next = self.ask(&taken);
            taken.clear();
        }
        self.taken = taken;
        match self.next {
            Next::End => self.end_image(),
            Next::Fail => self.fail(),
            _ => {}
        }
    }

    fn ask(&mut self, taken: &[u8]) -> Next {
        match &mut self.format {
            Format::Unknown => self.recognise(taken),
            Format::Frame => Next::End,
            Format::Jpeg(jpeg) => jpeg.next(taken, self.at, &mut self.edits),
            Format::Codestream(codestream) => codestream.next(taken, self.at, &mut self.edits),
            Format::Rle(rle) => rle.next(taken, self.at, &mut self.edits),
            Format::Boxes(boxes) => {
                let next = boxes.next(taken, self.at, &mut self.edits);
                if boxes.is_at_codestream() {
                    self.format = Format::Unknown;
                }
                next
            }
        }
    }

    fn recognise(&mut self, taken: &[u8]) -> Next {
        let (format, next) = match taken {
            [0xFF, 0xD8] => (Format::Jpeg(Jpeg::default()), Next::Take(2)),
            [0xFF, 0x4F] => (Format::Codestream(Codestream::default()), Next::Take(2)),
            // The rest of a signature box.
            [0, 0] => (Format::Unknown, Next::Take(10)),
            [0, 12, b'j', b'P', b' ', b' ', 13, 10, 0x87, 10] => (Format::Boxes(Boxes::jpeg_2000()), Next::Take(8)),
            [0, 12, b'J', b'X', b'L', b' ', 13, 10, 0x87, 10] => (Format::Boxes(Boxes::jpeg_xl()), Next::Take(8)),
            _ => (Format::Unknown, Next::Fail),
        };
        if matches!(format, Format::Boxes(_)) {
            self.edits.push(self.at - 12..self.at, Vec::new());
        }
        self.format = format;
        next
    }

    fn end_image(&mut self) {
        self.next = Next::End;
        self.image.end = self.at;
        self.zero = true;
        self.images += 1;
    }

    fn fail(&mut self) {
        self.failed = true;
        self.edits.list = Vec::new();
    }
}
