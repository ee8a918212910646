//! Edits → parts entry by entry, for files whose entries are not all copied as they stand: out of order, with delimiters
//! that delimit nothing or have a length.

use super::parts::Parts;
use super::{Edits, Part};
use crate::Tag;
use crate::element::{CONTAINER, DELIMITED, Element, ODD_DELIMITER};
use crate::syntax::{ITEM_DELIMITER, SEQUENCE_DELIMITER};

/// Writes the entries in the order of the index, edits applied.
pub(super) struct Emission<'a> {
    edits: &'a Edits<'a>,
    out: Parts<'a>,
    closing: Vec<u32>,
}

impl<'a> Emission<'a> {
    pub(super) fn new(edits: &'a Edits<'a>, out: Parts<'a>) -> Self {
        Emission { edits, out, closing: Vec::new() }
    }

    pub(super) fn run(mut self) -> Vec<Part> {
        let data_set = self.edits.data_set;
        let mut replaced = self.edits.replaced.iter().peekable();
        let mut begin = 0;
        let mut spliced = self.edits.spliced.iter().peekable();
        let mut lengths = self.edits.lengths.iter().peekable();
        let mut inserted = self.edits.inserted.iter().peekable();
        let mut at = 0;
        while let Some(element) = data_set.element(at) {
            self.close(at);
            if element.depth == 0 && !element.is_item() {
                while let Some((_, bytes)) = inserted.next_if(|(tag, _)| *tag < element.tag) {
                    self.out.bytes(bytes);
                }
            }
            if let Some((_, end)) = replaced.next_if(|(index, _)| *index == at) {
                self.out.bytes(self.edits.bytes.get(begin..*end).unwrap_or_default());
                begin = *end;
                at = element.next;
                continue;
            }
            if let Some((_, parts)) = spliced.next_if(|(index, _)| *index == at) {
                parts.iter().for_each(|part| self.out.part(part));
                at = element.next;
                continue;
            }
            let length = lengths.next_if(|(index, _)| *index == at).and_then(|(_, length)| *length);
            self.entry(at, element, length);
            at += 1;
        }
        self.close(at);
        for (_, bytes) in inserted {
            self.out.bytes(bytes);
        }
        self.out.finish()
    }

    fn entry(&mut self, index: u32, element: &Element, length: Option<u32>) {
        let value = element.value_range();
        if !element.has(CONTAINER) {
            self.out.source(element.start..value.end);
            self.delimiter(element, SEQUENCE_DELIMITER);
            return;
        }
        match length {
            Some(length) => {
                self.out.source(element.start..value.start - 4);
                self.out.bytes(&element.encoding().u32_bytes(length));
            }
            None => self.out.source(element.start..value.start),
        }
        self.closing.push(index);
    }

    fn close(&mut self, index: u32) {
        let data_set = self.edits.data_set;
        while let Some(element) = self.closing.last().and_then(|entry| data_set.element(*entry)) {
            if element.next > index {
                break;
            }
            let closed = self.closing.pop();
            if let Some((_, items)) = self.edits.appended.as_ref().filter(|(sequence, _)| closed == Some(*sequence)) {
                self.out.bytes(items);
            }
            self.delimiter(element, if element.is_item() { ITEM_DELIMITER } else { SEQUENCE_DELIMITER });
        }
    }

    /// Delimiters are copied only if they are exactly that.
    fn delimiter(&mut self, element: &Element, tag: Tag) {
        if element.has(ODD_DELIMITER) {
            let mut bytes = Vec::with_capacity(8);
            element.encoding().push_tag(&mut bytes, tag);
            bytes.extend([0; 4]);
            self.out.bytes(&bytes);
        } else if element.has(DELIMITED) {
            self.out.source(element.value_range().end..element.end());
        }
    }
}
