//! Fragments are read for what goes as the walker gets to know them, or all of them would be asked for twice: their headers
//! are among them.

use crate::deflate::stream::is_ready;
use crate::error::Error;
use crate::frames::{self, Reader};
use crate::walk::Walker;
use std::ops::Range;

/// What is read of encapsulated Pixel Data before the file is indexed.
#[derive(Default)]
pub(super) struct Ahead {
    reader: Option<Box<Reader>>,
    /// It has begun, or there is nothing to begin with.
    tried: bool,
}

impl Ahead {
    /// For a session that does not read fragments.
    pub(super) fn never() -> Self {
        Ahead { reader: None, tried: true }
    }

    /// What to ask for where the walker wants a range.
    pub(super) fn want(&self, walker: &Walker, file_len: u64) -> Option<Range<u64>> {
        let want = walker.want()?;
        let reader = self.reader.as_ref().filter(|reader| walker.in_fragments_of() == Some(reader.entry));
        Some(reader.map_or(want.clone(), |reader| reader.want_ahead(want, file_len)))
    }

    /// Feeds the walker, and the reader what the walker has found to be fragments.
    ///
    /// # Errors
    /// Those of the walker. What a reader errs about is found again when its turn comes.
    pub(super) fn feed(&mut self, walker: &mut Walker, at: u64, window: &[u8]) -> Result<(), Error> {
        walker.feed(at, window)?;
        if !self.tried && walker.is_at_pixels() {
            self.tried = true;
            // What it takes to inflate may have to be loaded first: whoever drives the session is told so when the file is
            // indexed.
            let can_read = |reader: &Reader| !reader.inflates() || is_ready();
            if walker.has_fragments() {
                self.reader = walker.look(frames::encapsulated).filter(can_read).map(Box::new);
            }
        }
        let Some(reader) = &mut self.reader else { return Ok(()) };
        reader.reach(walker.fragments_end(reader.entry));
        let wanted = reader.want().map_or(Ok(()), |want| reader.feed(super::from(want.start, at, window)?));
        if wanted.is_err() {
            self.reader = None;
        }
        Ok(())
    }

    /// What was read.
    pub(super) fn take(&mut self) -> Option<Box<Reader>> {
        self.reader.take()
    }
}
