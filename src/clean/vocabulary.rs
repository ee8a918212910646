//! The words that may stay: a data file of the profile's.

use crate::profile::data::VOCABULARY;
use std::sync::OnceLock;

/// The lists of the vocabulary, in the order in which they stand in the file.
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
    /// Words that say what an institution or an address is, and not which.
    Places,
}

/// Whether a list has a word in lower case.
pub(super) fn has(list: List, word: &[u8]) -> bool {
    let words = lists().get(list as usize).map_or(&[][..], Vec::as_slice);
    words.binary_search_by(|own| own.as_bytes().cmp(word)).is_ok()
}

/// The lists, each sorted by bytes. A line in brackets begins one.
fn lists() -> &'static [Vec<&'static str>] {
    static LISTS: OnceLock<Vec<Vec<&str>>> = OnceLock::new();
    LISTS.get_or_init(|| {
        let mut lists: Vec<Vec<&str>> = Vec::new();
        for line in VOCABULARY.lines() {
            if line.starts_with('[') {
                lists.push(Vec::new());
            } else if let Some(list) = lists.last_mut() {
                list.extend(line.split_ascii_whitespace());
            }
        }
        lists
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_are_sorted_and_none_is_empty() {
        assert_eq!(lists().len(), 6);
        assert!(lists().iter().all(|list| !list.is_empty() && list.is_sorted_by(|a, b| a.as_bytes() < b.as_bytes())));
    }

    #[test]
    fn no_word_is_in_two_lists_that_contradict_each_other() {
        let of = |list: List| lists()[list as usize].iter();
        assert!(of(List::Names).chain(of(List::Months)).all(|word| !has(List::Words, word.as_bytes())));
    }
}
