//! The words that may stay: `vocabulary.txt`, packed by `build.rs`.

use std::sync::OnceLock;

const PACKED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/vocabulary.bin"));

/// The lists of the vocabulary, in the order in which they are packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum List {
    /// Words that name nobody.
    Words,
    /// Words that are names of people too, or stand before them.
    Names,
    /// Units and things that are counted.
    Units,
    /// Words before a technique's number.
    BeforeNumbers,
    /// Names of months.
    Months,
}

/// The lists, each sorted.
struct Vocabulary(Vec<Vec<Box<[u8]>>>);

/// Whether a list has a word in lower case.
pub(super) fn has(list: List, word: &[u8]) -> bool {
    static VOCABULARY: OnceLock<Vocabulary> = OnceLock::new();
    let Vocabulary(lists) = VOCABULARY.get_or_init(|| unpack(PACKED));
    lists.get(list as usize).is_some_and(|words| words.binary_search_by(|own| (**own).cmp(word)).is_ok())
}

/// Each word is as many bytes of the one before as the byte before it says, less one, and its own; 0 ends a list.
fn unpack(packed: &[u8]) -> Vocabulary {
    let mut lists = vec![Vec::new()];
    let mut word: Vec<u8> = Vec::new();
    let mut bytes = packed.iter().copied().peekable();
    while let Some(code) = bytes.next() {
        let Some(shared) = code.checked_sub(1) else {
            lists.push(Vec::new());
            word.clear();
            continue;
        };
        word.truncate(shared.into());
        while let Some(byte) = bytes.next_if(|byte| *byte > b' ') {
            word.push(byte);
        }
        lists.last_mut().into_iter().for_each(|list| list.push(word.clone().into_boxed_slice()));
    }
    Vocabulary(lists)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_are_unpacked_as_they_are_written() {
        let text = include_str!("vocabulary.txt");
        let Vocabulary(lists) = unpack(PACKED);
        let mut sections = text.split("\n[").skip(1).map(|section| section.split_once("]\n").unwrap().1);
        for list in lists.iter().take(5) {
            let written: Vec<&[u8]> = sections.next().unwrap().split_whitespace().map(str::as_bytes).collect();
            assert!(list.iter().map(|word| &**word).eq(written.iter().copied()));
            assert!(written.is_sorted_by(|a, b| a < b) && !written.is_empty());
        }
        assert_eq!(sections.next(), None);
    }

    #[test]
    fn no_word_is_in_two_lists_that_contradict_each_other() {
        let Vocabulary(lists) = unpack(PACKED);
        assert!(lists[List::Names as usize].iter().all(|name| !has(List::Words, name)));
        assert!(lists[List::Months as usize].iter().all(|month| !has(List::Words, month)));
    }
}
