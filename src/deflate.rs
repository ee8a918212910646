//! Outputs that are streamed. Deflated Transfer Syntaxes (PS3.5 A.5): the stream is inflated twice, once to index the Data
//! Set and once to rewrite it, so that memory does not grow with it. Files whose pixels have bits to be cleared: the same
//! without deflating.

#[cfg(all(target_arch = "wasm32", not(feature = "wasm-deflate")))]
pub(crate) use crate::wasm::streams as stream;
#[cfg(any(not(target_arch = "wasm32"), feature = "wasm-deflate"))]
pub(crate) mod stream;

use crate::edit::Part;
use crate::error::{Code, Error};
use crate::frames::Masked;
use crate::walk::MAX_INFLATED;
use std::ops::Range;
use stream::{Deflate, Inflate};

/// A file up to this many bytes may inflate to so many, which does not take long.
const SMALL: u64 = 1 << 20;
const SMALL_INFLATED: u64 = 160 << 20;
/// What is no pixels takes longer, by so much: it is walked, decided about and searched.
const OTHERS_WEIGH: u64 = 6;
/// How much is inflated at a time.
const CHUNK: usize = 64 << 10;
/// The encoder gets its input in pieces of this size, so that its output does not depend on how
/// the file was read.
const BLOCK: usize = 32 << 10;

/// What a file of this many bytes may inflate to. Deflate packs up to 1032 bytes into one: what a small file has beyond that
/// is a bomb.
fn allowance(file_len: u64) -> u64 {
    SMALL_INFLATED.saturating_add(file_len.saturating_sub(SMALL).saturating_mul(1032))
}

fn too_much() -> Error {
    Error::new(Code::TooLarge, "the deflated Data Set inflates to more than is taken of a file of its length")
}

/// Looks at how much of what a file inflated to is no pixels.
///
/// # Errors
/// [`Code::TooLarge`] if going on would take long.
pub(crate) fn weigh(file_len: u64, inflated: u64, pixels: u64) -> Result<(), Error> {
    let others = inflated.saturating_sub(pixels).saturating_mul(OTHERS_WEIGH);
    if inflated.saturating_add(others) > allowance(file_len) { Err(too_much()) } else { Ok(()) }
}

/// Inflates a raw deflate stream window by window.
#[derive(Debug)]
pub(crate) struct Inflater {
    stream: Inflate,
    buffer: Vec<u8>,
    consumed: u64,
    produced: u64,
    most: u64,
    ended: bool,
}

impl Inflater {
    /// For a stream in a file of this many bytes.
    pub(crate) fn new(file_len: u64) -> Self {
        let most = allowance(file_len).min(MAX_INFLATED);
        let (stream, buffer) = (Inflate::new(), Vec::with_capacity(CHUNK));
        Inflater { stream, buffer, consumed: 0, produced: 0, most, ended: false }
    }

    /// Whether the stream has ended; bytes behind it are not looked at.
    pub(crate) fn has_ended(&self) -> bool {
        self.ended
    }

    /// Bytes inflated so far.
    pub(crate) fn produced(&self) -> u64 {
        self.produced
    }

    /// Bytes of the stream that were inflated.
    pub(crate) fn consumed(&self) -> u64 {
        self.consumed
    }

    /// Inflates all of a window and hands each chunk, with its offset, to `sink`.
    pub(crate) fn push(
        &mut self,
        mut window: &[u8],
        mut sink: impl FnMut(u64, &[u8]) -> Result<(), Error>,
    ) -> Result<(), Error> {
        while !self.ended {
            self.buffer.clear();
            let damaged = || Error::new(Code::Inflate, "the deflated Data Set is damaged");
            let step = self.stream.step(window, &mut self.buffer).ok_or_else(damaged)?;
            window = window.get(step.taken..).unwrap_or_default();
            self.consumed += step.taken as u64;
            let at = self.produced;
            self.produced += self.buffer.len() as u64;
            if self.produced > self.most {
                return Err(too_much());
            }
            sink(at, &self.buffer)?;
            self.ended = step.ended;
            if step.taken == 0 && self.buffer.is_empty() {
                break;
            }
        }
        Ok(())
    }
}

/// Deflates what it is given.
pub(crate) struct Deflater {
    stream: Deflate,
    block: Vec<u8>,
    out: Vec<u8>,
}

impl Deflater {
    fn new() -> Self {
        Deflater { stream: Deflate::new(), block: Vec::new(), out: Vec::new() }
    }

    fn push(&mut self, mut bytes: &[u8]) -> Result<(), Error> {
        while !bytes.is_empty() {
            let (now, later) = bytes.split_at(bytes.len().min(BLOCK - self.block.len()));
            self.block.extend_from_slice(now);
            bytes = later;
            if self.block.len() == BLOCK {
                self.compress(false)?;
            }
        }
        Ok(())
    }

    fn compress(&mut self, finish: bool) -> Result<(), Error> {
        let block = std::mem::take(&mut self.block);
        let mut rest = block.as_slice();
        loop {
            self.out.reserve(CHUNK);
            let failed = || Error::new(Code::Internal, "the Data Set could not be deflated");
            let step = self.stream.step(rest, &mut self.out, finish).ok_or_else(failed)?;
            rest = rest.get(step.taken..).unwrap_or_default();
            let done = if finish { step.ended } else { rest.is_empty() };
            if done {
                break;
            }
        }
        self.block = block;
        self.block.clear();
        Ok(())
    }
}

/// Applies the parts of a rewrite to the input as it streams past.
pub(crate) struct Splicer {
    parts: std::vec::IntoIter<Part>,
    /// The range that is copied from what streams past.
    source: Option<Range<u64>>,
    masked: Option<Masked>,
    /// The beginning of a word of masked pixels.
    word: Vec<u8>,
    /// Nothing where the output is not deflated.
    deflater: Option<Deflater>,
    out: Vec<u8>,
    written: u64,
}

impl Splicer {
    /// For the inflated Data Set, which streams past once; the result is deflated.
    ///
    /// # Errors
    /// [`Code::Malformed`] if the parts do not follow the order of the input.
    pub(crate) fn deflating(parts: Vec<Part>, masked: Option<Masked>) -> Result<Self, Error> {
        let mut last = 0;
        for part in &parts {
            if let Part::Source(range) = part {
                if range.start < last {
                    let message = "large values of a deflated file are out of order; inflate the file first";
                    return Err(Error::new(Code::Malformed, message).at_offset(range.start));
                }
                last = range.end;
            }
        }
        Splicer::begin(parts, masked, Some(Deflater::new()))
    }

    /// For a file that can be read anywhere: [`want`](Self::want) says where.
    pub(crate) fn plain(parts: Vec<Part>, masked: Option<Masked>) -> Result<Self, Error> {
        Splicer::begin(parts, masked, None)
    }

    fn begin(parts: Vec<Part>, masked: Option<Masked>, deflater: Option<Deflater>) -> Result<Self, Error> {
        let (parts, word, out) = (parts.into_iter(), Vec::new(), Vec::new());
        let mut splicer = Splicer { parts, source: None, masked, word, deflater, out, written: 0 };
        splicer.advance()?;
        Ok(splicer)
    }

    /// What is copied next.
    pub(crate) fn want(&self) -> Option<Range<u64>> {
        self.source.clone()
    }

    /// Writes new bytes until a range of the input comes.
    fn advance(&mut self) -> Result<(), Error> {
        self.source = None;
        let rest = std::mem::take(&mut self.word);
        self.write(&rest)?;
        while let Some(part) = self.parts.next() {
            match part {
                Part::Source(range) if range.is_empty() => {}
                Part::Source(range) => {
                    self.source = Some(range);
                    break;
                }
                Part::Bytes(bytes) => self.write(&bytes)?,
                Part::Fill { byte, len } => self.write(&vec![byte; len as usize])?,
            }
        }
        Ok(())
    }

    /// Takes a chunk of the input.
    pub(crate) fn feed(&mut self, at: u64, chunk: &[u8]) -> Result<(), Error> {
        let end = at + chunk.len() as u64;
        while let Some(range) = self.source.clone() {
            let from = range.start.max(at);
            let to = range.end.min(end);
            if from < to {
                let bytes = chunk.get((from - at) as usize..(to - at) as usize).unwrap_or_default();
                self.copy(from, bytes)?;
                self.source = Some(to..range.end);
            }
            if range.end > end {
                break;
            }
            self.advance()?;
        }
        Ok(())
    }

    /// Copies bytes of the input; where they are masked, word by word.
    fn copy(&mut self, at: u64, bytes: &[u8]) -> Result<(), Error> {
        let Some(Masked { range, mask }) = self.masked.clone() else { return self.write(bytes) };
        let place = |offset: u64| usize::try_from(offset.saturating_sub(at)).unwrap_or(usize::MAX).min(bytes.len());
        let (before, rest) = bytes.split_at(place(range.start));
        let (masked, behind) = rest.split_at(place(range.end) - before.len());
        self.write(before)?;
        if !masked.is_empty() {
            let mut words = std::mem::take(&mut self.word);
            words.extend_from_slice(masked);
            if at + (bytes.len() as u64) < range.end {
                self.word = words.split_off(words.len() - words.len() % mask.size);
            }
            mask.apply(&mut words);
            self.write(&words)?;
        }
        self.write(behind)
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        match &mut self.deflater {
            Some(deflater) => deflater.push(bytes),
            None => {
                self.out.extend_from_slice(bytes);
                Ok(())
            }
        }
    }

    /// Ends the stream; PS3.5 A.5 wants an even length where it is deflated.
    ///
    /// # Errors
    /// [`Code::Read`] if not all ranges went past: the input changed between the two readings.
    pub(crate) fn end(&mut self) -> Result<(), Error> {
        if self.source.is_some() {
            return Err(Error::new(Code::Read, "the file changed while it was read"));
        }
        let Some(deflater) = &mut self.deflater else { return Ok(()) };
        deflater.compress(true)?;
        if (self.written + deflater.out.len() as u64) % 2 == 1 {
            deflater.out.push(0);
        }
        Ok(())
    }

    /// What was written since the last call.
    pub(crate) fn take(&mut self) -> Vec<u8> {
        let out = std::mem::take(self.deflater.as_mut().map_or(&mut self.out, |deflater| &mut deflater.out));
        self.written += out.len() as u64;
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inflate(bytes: &[u8], window: usize) -> Vec<u8> {
        let mut inflater = Inflater::new(0);
        let mut out = Vec::new();
        for chunk in bytes.chunks(window) {
            let append = |at: u64, bytes: &[u8]| {
                assert_eq!(at, out.len() as u64);
                out.extend_from_slice(bytes);
                Ok(())
            };
            inflater.push(chunk, append).unwrap();
        }
        assert!(inflater.has_ended());
        out
    }

    #[test]
    fn the_same_input_in_other_chunks_deflates_to_the_same_bytes() {
        let input: Vec<u8> = (0..300_000u32).map(|i| (i.wrapping_mul(i) >> 7) as u8).collect();
        let parts = || vec![Part::Bytes(b"head".to_vec()), Part::Source(10..299_990), Part::Bytes(b"tail".to_vec())];
        let splice = |window: usize| {
            let mut splicer = Splicer::deflating(parts(), None).unwrap();
            let mut out = Vec::new();
            for (i, chunk) in input.chunks(window).enumerate() {
                splicer.feed((i * window) as u64, chunk).unwrap();
                out.extend(splicer.take());
            }
            splicer.end().unwrap();
            out.extend(splicer.take());
            out
        };
        let whole = splice(input.len());
        assert_eq!(whole.len() % 2, 0);
        assert_eq!(splice(1), whole);
        assert_eq!(splice(70_001), whole);
        let expected = [b"head", &input[10..299_990], b"tail"].concat();
        assert_eq!(inflate(&whole, 7), expected);
        assert_eq!(inflate(&whole, whole.len()), expected);
    }
}
