//! One file from first to last byte, without doing any IO itself.

mod ahead;

use crate::deflate::{Inflater, Splicer, weigh};
use crate::deidentify::{Deidentifier, Rewrite};
use crate::edit::{Part, overlap};
use crate::element::DataSet;
use crate::error::{Code, Error};
use crate::frames::{self, Reader};
use crate::large::Search;
use crate::report::Change;
use crate::walk::Walker;
use ahead::Ahead;
use std::ops::Range;

/// How much of a deflated file is asked for at a time.
const WINDOW: u64 = 256 << 10;
/// How much is copied at a time where bits are cleared.
const COPY: u64 = 1 << 20;

/// Drives one file: whatever [`want`](Session::want) names is handed to [`feed`](Session::feed),
/// and what [`take`](Session::take) gives is the output's beginning; [`finish`](Session::finish)
/// describes the rest. Files have output before they are finished if they are deflated (they are wanted
/// twice, and their parts are empty in the end) or if bits of their pixels are cleared.
pub struct Session {
    engine: Deidentifier,
    file_len: u64,
    only_inspects: bool,
    phase: Phase,
    /// Beside the phase of the index.
    ahead: Ahead,
}

enum Phase {
    Index(Box<Walker>),
    /// Indexed, with no fragments to read.
    Indexed(Box<DataSet>),
    /// Searching values that stay and are not held.
    Search {
        data_set: Box<DataSet>,
        search: Box<Search>,
    },
    /// Reading the fragments of encapsulated Pixel Data.
    Frames {
        data_set: Box<DataSet>,
        reader: Box<Reader>,
    },
    /// Indexing the inflated Data Set; `at` counts bytes of the file.
    Inflate {
        outer: Box<Walker>,
        inner: Box<Walker>,
        inflater: Inflater,
        at: u64,
    },
    /// Copying up to the end of native Pixel Data, whose bits change.
    Copy {
        splicer: Box<Splicer>,
        rewrite: Box<Rewrite>,
    },
    /// Rewriting the inflated Data Set.
    Splice {
        at: u64,
        inflater: Inflater,
        search: Option<Box<Search>>,
        splicer: Box<Splicer>,
        rewrite: Box<Rewrite>,
        head: Vec<u8>,
        ended: bool,
    },
    /// Only between two phases.
    Moving,
}

impl Session {
    /// A session for a file of this many bytes.
    pub fn new(engine: &Deidentifier, file_len: u64) -> Self {
        let phase = Phase::Index(Box::new(Walker::new(file_len).with(engine.spare().take())));
        let ahead = if engine.plan().cleans_frames() { Ahead::default() } else { Ahead::never() };
        Session { engine: engine.clone(), file_len, only_inspects: false, phase, ahead }
    }

    /// A session that ends in [`inspect`](Self::inspect) and writes nothing.
    pub fn to_inspect(engine: &Deidentifier, file_len: u64) -> Self {
        Session { only_inspects: true, ahead: Ahead::never(), ..Session::new(engine, file_len) }
    }

    /// The least range that is needed to go on; `None` when there is nothing to read any more.
    /// More may be fed, and fewer round trips are made if it is.
    pub fn want(&self) -> Option<Range<u64>> {
        let at = match &self.phase {
            Phase::Index(walker) => return self.ahead.want(walker, self.file_len),
            Phase::Search { search, .. } => return search.want(),
            Phase::Frames { reader, .. } => return reader.want(),
            Phase::Copy { splicer, .. } => {
                return splicer.want().map(|range| range.start..range.end.min(range.start + COPY));
            }
            Phase::Inflate { at, inflater, .. } if !inflater.has_ended() => *at,
            Phase::Splice { at, ended: false, .. } => *at,
            _ => return None,
        };
        Some(at..(at + WINDOW).min(self.file_len).max(at + 1))
    }

    /// Whether the bytes that are fed next are inflated, or what they become is deflated.
    #[cfg_attr(
        not(all(target_arch = "wasm32", feature = "wasm-engine")),
        allow(dead_code, reason = "natively nothing has to be loaded for it")
    )]
    pub(crate) fn deflates(&self) -> bool {
        match &self.phase {
            Phase::Frames { reader, .. } => reader.inflates(),
            phase => matches!(phase, Phase::Inflate { .. } | Phase::Splice { .. }),
        }
    }

    /// Takes bytes of the file from offset `at` on.
    ///
    /// # Errors
    /// The file cannot be processed; the session is of no use then.
    pub fn feed(&mut self, at: u64, window: &[u8]) -> Result<(), Error> {
        match &mut self.phase {
            Phase::Index(walker) => self.ahead.feed(walker, at, window)?,
            Phase::Search { search, .. } => {
                let cursor = search.want().map_or(at, |want| want.start);
                search.feed(cursor, from(cursor, at, window)?)?;
            }
            Phase::Frames { reader, .. } => {
                let cursor = reader.want().map_or(at, |want| want.start);
                reader.feed(from(cursor, at, window)?)?;
            }
            Phase::Copy { splicer, .. } => {
                let range = splicer.want().unwrap_or(at..at);
                let bytes = from(range.start, at, window)?;
                // What comes next may stand before it in the file.
                let len = usize::try_from(range.end - range.start).unwrap_or(usize::MAX).min(bytes.len());
                splicer.feed(range.start, bytes.get(..len).unwrap_or_default())?;
            }
            Phase::Inflate { inner, inflater, at: cursor, .. } => {
                let bytes = from(*cursor, at, window)?;
                inflater.push(bytes, |at, chunk| inner.feed(at, chunk))?;
                *cursor += bytes.len() as u64;
                self.check_stream_end()?;
            }
            Phase::Splice { inflater, search, splicer, at: cursor, ended, .. } => {
                let bytes = from(*cursor, at, window)?;
                inflater.push(bytes, |at, chunk| {
                    search.iter_mut().try_for_each(|search| search.feed(at, chunk))?;
                    splicer.feed(at, chunk)
                })?;
                *cursor += bytes.len() as u64;
                if inflater.has_ended() {
                    splicer.end()?;
                    *ended = true;
                } else if *cursor >= self.file_len {
                    return Err(Error::new(Code::Read, "the file changed while it was read"));
                }
            }
            Phase::Indexed(_) | Phase::Moving => {}
        }
        self.advance()
    }

    /// What is known of the output so far and was not taken yet.
    pub fn take(&mut self) -> Vec<u8> {
        let (out, rewrite) = match &mut self.phase {
            Phase::Copy { splicer, rewrite } => (splicer.take(), rewrite),
            Phase::Splice { splicer, head, rewrite, .. } => {
                let mut out = std::mem::take(head);
                out.extend(splicer.take());
                (out, rewrite)
            }
            _ => return Vec::new(),
        };
        rewrite.report.output_bytes += out.len() as u64;
        out
    }

    /// The rest of the output and the report.
    ///
    /// # Errors
    /// When the file was not read to its end or cannot be rewritten.
    pub fn finish(self) -> Result<Rewrite, Error> {
        match self.phase {
            Phase::Index(walker) => rewritten(&self.engine, walker.finish()?),
            Phase::Indexed(data_set) => rewritten(&self.engine, *data_set),
            Phase::Copy { rewrite, splicer } if splicer.want().is_none() => Ok(*rewrite),
            Phase::Frames { mut data_set, reader } if reader.want().is_none() => {
                data_set.cleaned = Some(reader.finish());
                rewritten(&self.engine, *data_set)
            }
            Phase::Splice { rewrite, ended: true, .. } => Ok(*rewrite),
            _ => Err(Error::new(Code::Truncated, "the file was not read to its end")),
        }
    }

    /// What happens to every element, with values, after a session [`to_inspect`](Self::to_inspect).
    ///
    /// # Errors
    /// When the file was not read to its end or cannot be rewritten.
    pub fn inspect(self) -> Result<Vec<Change>, Error> {
        let engine = self.engine;
        match self.phase {
            Phase::Index(walker) => engine.inspect(&walker.finish()?),
            Phase::Inflate { inner, inflater, .. } => engine.inspect(&indexed(self.file_len, *inner, &inflater)?),
            _ => Err(Error::new(Code::Truncated, "the file was not read to its end")),
        }
    }

    fn check_stream_end(&mut self) -> Result<(), Error> {
        let Phase::Inflate { inner, inflater, at, .. } = &mut self.phase else { return Ok(()) };
        if inflater.has_ended() {
            return inner.end_at(inflater.produced());
        }
        if *at >= self.file_len {
            return Err(Error::new(Code::Truncated, "the deflated Data Set is cut off"));
        }
        Ok(())
    }

    /// Goes to the next phase where one has ended.
    fn advance(&mut self) -> Result<(), Error> {
        self.enter_stream();
        self.leave_index()?;
        self.leave_search()?;
        if !self.only_inspects && matches!(&self.phase, Phase::Inflate { inflater, .. } if inflater.has_ended()) {
            self.begin_splice()?;
        }
        Ok(())
    }

    fn enter_stream(&mut self) {
        let Phase::Index(walker) = &self.phase else { return };
        let Some(at) = walker.deflated_from() else { return };
        if let Phase::Index(outer) = std::mem::replace(&mut self.phase, Phase::Moving) {
            let inner = Box::new(outer.inflated());
            self.phase = Phase::Inflate { outer, inner, inflater: Inflater::new(self.file_len), at };
        }
    }

    /// Once a file is indexed, what stays of its large values is searched for identifiers.
    fn leave_index(&mut self) -> Result<(), Error> {
        let Phase::Index(walker) = &self.phase else { return Ok(()) };
        if self.only_inspects || walker.want().is_some() {
            return Ok(());
        }
        let Phase::Index(walker) = std::mem::replace(&mut self.phase, Phase::Moving) else { return Ok(()) };
        let data_set = Box::new(walker.finish()?);
        let searches = self.engine.plan().verifies() && data_set.leaves_out_values;
        let search = if searches { self.engine.describe(&data_set)?.search } else { None };
        self.phase = match search {
            Some(search) => Phase::Search { data_set, search },
            None => self.pixels(data_set)?,
        };
        Ok(())
    }

    fn leave_search(&mut self) -> Result<(), Error> {
        if !matches!(&self.phase, Phase::Search { search, .. } if search.want().is_none()) {
            return Ok(());
        }
        let Phase::Search { mut data_set, .. } = std::mem::replace(&mut self.phase, Phase::Moving) else {
            return Ok(());
        };
        data_set.searched = true;
        self.phase = self.pixels(data_set)?;
        Ok(())
    }

    /// Pixel Data is read where the settings want it clean and it is no range to be copied.
    fn pixels(&mut self, data_set: Box<DataSet>) -> Result<Phase, Error> {
        let cleans = self.engine.plan().cleans_frames();
        Ok(match frames::encapsulated(&data_set).filter(|_| cleans) {
            Some(reader) => Phase::Frames { data_set, reader: reader.with(self.ahead.take()) },
            None if cleans && self.engine.masks(&data_set) => {
                let phase = self.copy(&data_set)?;
                self.engine.spare().keep(*data_set);
                phase
            }
            None => Phase::Indexed(data_set),
        })
    }

    fn copy(&self, data_set: &DataSet) -> Result<Phase, Error> {
        let mut rewrite = self.engine.describe(data_set)?;
        let masked = rewrite.masked.take();
        let changes = |part: &Part| match (part, &masked) {
            (Part::Source(range), Some(masked)) => overlap(range, &masked.range),
            _ => false,
        };
        let last = rewrite.parts.iter().rposition(changes).map_or(0, |last| last + 1);
        let rest = rewrite.parts.split_off(last);
        let parts = std::mem::replace(&mut rewrite.parts, rest);
        rewrite.report.output_bytes = rewrite.parts.iter().map(Part::byte_len).sum();
        let splicer = Box::new(Splicer::plain(parts, masked)?);
        Ok(Phase::Copy { splicer, rewrite: Box::new(rewrite) })
    }

    fn begin_splice(&mut self) -> Result<(), Error> {
        let Phase::Inflate { outer, inner, inflater, .. } = std::mem::replace(&mut self.phase, Phase::Moving) else {
            return Ok(());
        };
        let start = outer.deflated_from().unwrap_or(self.file_len);
        let mut data_set = indexed(self.file_len, *inner, &inflater)?;
        data_set.file_len = self.file_len;
        data_set.syntax.uid = outer.syntax().uid.clone();
        let mut rewrite = self.engine.describe(&data_set)?;
        rewrite.report.output_bytes = 0;
        let (head, parts) = split_head(std::mem::take(&mut rewrite.parts), rewrite.head);
        let splicer = Box::new(Splicer::deflating(parts, rewrite.masked.take())?);
        let (inflater, search, rewrite) = (Inflater::new(self.file_len), rewrite.search.take(), Box::new(rewrite));
        self.phase = Phase::Splice { at: start, inflater, search, splicer, rewrite, head, ended: false };
        Ok(())
    }
}

/// What becomes of a file, which is done with then.
fn rewritten(engine: &Deidentifier, data_set: DataSet) -> Result<Rewrite, Error> {
    let rewrite = engine.rewrite(&data_set);
    engine.spare().keep(data_set);
    rewrite
}

/// The index of a stream that has ended, if it is none that takes long to go through.
fn indexed(file_len: u64, inner: Walker, inflater: &Inflater) -> Result<DataSet, Error> {
    let data_set = inner.finish()?;
    let top = data_set.children(u32::MAX).map(|(_, element)| element);
    let pixels = top.filter(|element| element.tag.group() == 0x7FE0).map(|element| element.length).sum();
    weigh(file_len, inflater.produced(), pixels)?;
    Ok(data_set)
}

/// The part of a window that begins at the cursor.
fn from(cursor: u64, at: u64, window: &[u8]) -> Result<&[u8], Error> {
    let skip = cursor.checked_sub(at).and_then(|skip| usize::try_from(skip).ok());
    let gap = || Error::new(Code::Read, "the window begins behind the wanted range").at_offset(cursor);
    skip.and_then(|skip| window.get(skip..)).ok_or_else(gap)
}

/// Preamble and File Meta Information are not deflated.
fn split_head(mut parts: Vec<Part>, len: usize) -> (Vec<u8>, Vec<Part>) {
    let Some(Part::Bytes(first)) = parts.first_mut() else { return (Vec::new(), parts) };
    let rest = first.split_off(len.min(first.len()));
    let head = std::mem::replace(first, rest);
    (head, parts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Config, DateTime, Plan};
    use std::io::Write;

    /// A deflated file whose Data Set is `data_set`.
    fn deflated(data_set: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(data_set).unwrap();
        let head = crate::meta::head("1.2.840.10008.5.1.4.1.1.7", "1.2.3", "1.2.840.10008.1.2.1.99");
        [head, encoder.finish().unwrap()].concat()
    }

    fn run(file: &[u8]) -> Result<Rewrite, Error> {
        let plan = Plan::compile(&Config::default(), None).unwrap();
        let engine = Deidentifier::new(plan, [1; 32], DateTime::parse("20260101000000000").unwrap());
        let mut session = Session::new(&engine, file.len() as u64);
        while let Some(want) = session.want() {
            session.feed(want.start, &file[want.start as usize..])?;
            session.take();
        }
        session.finish()
    }

    #[test]
    fn a_deflated_value_that_claims_more_than_there_is_is_truncated() {
        let head = b"\x08\x00\x16\x00UI\x1a\x001.2.840.10008.5.1.4.1.1.7\0\xe0\x7f\x10\x00OW\0\0";
        let file =
            |claimed: u32, there: usize| deflated(&[&head[..], &claimed.to_le_bytes(), &vec![7; there]].concat());
        assert!(run(&file(100_000, 100_000)).is_ok());
        for claimed in [100_002, 10_000_000, u32::MAX - 2] {
            assert_eq!(run(&file(claimed, 100_000)).unwrap_err().code(), Code::Truncated, "{claimed}");
        }
    }

    #[test]
    fn a_deflated_stream_that_is_cut_off_is_refused() {
        let file = deflated(&[&b"\x08\x00\x05\x00CS\x0a\x00ISO_IR 100"[..], &[0; 5000]].concat());
        for len in (0..file.len()).step_by(7) {
            assert!(run(&file[..len]).is_err(), "{len} of {}", file.len());
        }
    }
}
