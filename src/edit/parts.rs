//! Parts under construction.

use super::{Part, overlap};
use crate::element::DataSet;
use std::ops::Range;

/// Ranges up to this many bytes are copied into the part before them when they are at hand.
const SMALL: u64 = 64 << 10;

/// Parts under construction: neighbouring ranges become one, small ones are copied.
#[derive(Clone)]
pub(super) struct Parts<'a> {
    data_set: &'a DataSet,
    parts: Vec<Part>,
    bytes: Vec<u8>,
    pending: Range<u64>,
    masked: Range<u64>,
}

impl<'a> Parts<'a> {
    /// Parts that begin with `head`; `room` is how many bytes at most there will be beside the ranges.
    pub(super) fn new(data_set: &'a DataSet, mut head: Vec<u8>, masked: Range<u64>, room: usize) -> Self {
        head.reserve_exact(room.saturating_sub(head.len()));
        Parts { data_set, parts: Vec::new(), bytes: head, pending: 0..0, masked }
    }

    pub(super) fn source(&mut self, range: Range<u64>) {
        if self.pending.end == range.start && !self.pending.is_empty() {
            self.pending.end = range.end;
            return;
        }
        self.flush();
        self.pending = range;
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.flush();
        self.bytes.extend_from_slice(bytes);
    }

    pub(super) fn part(&mut self, part: &Part) {
        match part {
            Part::Source(range) => self.source(range.clone()),
            Part::Bytes(bytes) => self.bytes(bytes),
            Part::Fill { byte, len } => self.bytes(&vec![*byte; usize::try_from(*len).unwrap_or(0)]),
        }
    }

    fn flush(&mut self) {
        let range = std::mem::replace(&mut self.pending, 0..0);
        if range.is_empty() {
            return;
        }
        let small = range.end - range.start <= SMALL && !overlap(&range, &self.masked);
        if let Some(bytes) = self.data_set.windows.get(range.clone()).filter(|_| small) {
            self.bytes.extend_from_slice(bytes);
            return;
        }
        if !self.bytes.is_empty() {
            self.parts.push(Part::Bytes(std::mem::take(&mut self.bytes)));
        }
        self.parts.push(Part::Source(range));
    }

    pub(super) fn finish(mut self) -> Vec<Part> {
        self.flush();
        if !self.bytes.is_empty() {
            self.parts.push(Part::Bytes(self.bytes));
        }
        self.parts
    }
}
