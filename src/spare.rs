//! Memory of files that are done, for those that come next: the system has to clear what is new, and what grows step by step is
//! copied each time.

use crate::element::{DataSet, Element, Pattern};
use std::sync::{Mutex, PoisonError};

/// Longer lists are not kept: few files need them. In bytes.
pub(crate) const LONGEST: usize = 1 << 20;
/// For so many files at most.
const MOST: usize = 16;

/// Empty lists with room in them.
#[derive(Debug, Default)]
pub(crate) struct Lists {
    pub(crate) elements: Vec<Element>,
    pub(crate) bytes: Vec<u8>,
    pub(crate) patterns: Vec<Pattern>,
}

/// What is kept. Nothing of a file is: the lists are emptied.
#[derive(Debug, Default)]
pub(crate) struct Spare(Mutex<Vec<Lists>>);

impl Spare {
    /// Lists for the next file.
    pub(crate) fn take(&self) -> Lists {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default()
    }

    /// Keeps the lists of a file that is done.
    pub(crate) fn keep(&self, data_set: DataSet) {
        let lists = Lists {
            elements: emptied(data_set.elements),
            bytes: emptied(data_set.windows.into_first()),
            patterns: emptied(data_set.patterns),
        };
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() < MOST {
            kept.push(lists);
        }
    }
}

fn emptied<T>(mut list: Vec<T>) -> Vec<T> {
    list.clear();
    if list.capacity() * size_of::<T>() > LONGEST { Vec::new() } else { list }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Walker;

    fn indexed(file: &[u8], lists: Lists) -> DataSet {
        let mut walker = Walker::new(file.len() as u64).with(lists);
        while let Some(want) = walker.want() {
            walker.feed(want.start, &file[want.start as usize..]).unwrap();
        }
        walker.finish().unwrap()
    }

    #[test]
    fn lists_are_kept_empty_and_make_no_difference() {
        let head = crate::meta::head("1.2.840.10008.5.1.4.1.1.7", "1.2.3", "1.2.840.10008.1.2.1");
        let file = |patient: &[u8]| [&head[..], b"\x10\x00\x10\x00PN\x04\x00", patient].concat();
        let spare = Spare::default();
        let first = indexed(&file(b"A^BC"), spare.take());
        let at = first.elements().as_ptr();
        spare.keep(first);
        let lists = spare.take();
        assert!(lists.elements.is_empty() && lists.bytes.is_empty() && lists.bytes.capacity() > 0);
        assert!(spare.take().elements.capacity() == 0, "each is for one file");
        let again = indexed(&file(b"D^EF"), lists);
        assert_eq!(again.elements().as_ptr(), at);
        assert_eq!(again.value(&again.elements()[0]), Some(&b"D^EF"[..]));
        let fresh = indexed(&file(b"D^EF"), Lists::default());
        assert_eq!(format!("{again:?}"), format!("{fresh:?}"));
    }

    #[test]
    fn little_is_kept() {
        let file =
            [&crate::meta::head("1.2.3", "1.2.3", "1.2.840.10008.1.2.1")[..], b"\x10\0\x10\0PN\x02\0AB"].concat();
        let spare = Spare::default();
        let mut large = indexed(&file, Lists::default());
        large.elements.reserve(LONGEST);
        spare.keep(large);
        assert_eq!(spare.take().elements.capacity(), 0);
        for _ in 0..MOST + 5 {
            spare.keep(indexed(&file, Lists::default()));
        }
        assert_eq!(spare.0.lock().unwrap().len(), MOST);
    }
}
