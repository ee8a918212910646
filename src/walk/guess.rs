//! Values that may be Sequences although they do not say so (PS3.5 6.2.2).

use super::{BULK, Guess, Kind, Step, Walker};
use crate::VR;
use crate::element::{CONTAINER, OPAQUE};
use crate::error::Error;
use crate::syntax::{Encoding, Header};

/// Largest value that is tried as a Sequence although it does not say that it is one.
const MAX_GUESS: u64 = 16 << 20;

impl Walker {
    /// Walks a UN value as a Sequence, PS3.5 6.2.2: in Implicit VR Little Endian; if that fails, in
    /// the encoding around it; if that fails too it stays opaque. All of it is held meanwhile.
    pub(super) fn guess(&mut self, header: Header, end: u64) -> Result<Step, Error> {
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
    pub(super) fn roll_back(&mut self) -> bool {
        let Some(at) = self.stack.iter().rposition(|frame| frame.guess.is_some()) else { return false };
        let Some(frame) = self.stack.get_mut(at) else { return false };
        let otherwise = frame.guess.as_mut().and_then(|guess| guess.otherwise.take());
        if let Some(encoding) = otherwise {
            frame.encoding = encoding;
        }
        let frame = *frame;
        self.stack.truncate(if otherwise.is_some() { at + 1 } else { at });
        self.elements.truncate(frame.entry as usize + 1);
        self.patterns.truncate(self.patterns.partition_point(|pattern| pattern.index <= frame.entry));
        self.seen.clear();
        let Some(entry) = self.elements.last_mut() else { return false };
        let value = entry.value_range();
        if otherwise.is_some() {
            self.cursor = value.start;
            return true;
        }
        entry.flags = (entry.flags & !CONTAINER) | OPAQUE;
        entry.length = frame.limit.saturating_sub(value.start);
        self.leaves_out_values |= entry.length > BULK && entry.tag.group() != 0x7FE0;
        self.cursor = frame.limit;
        true
    }
}
