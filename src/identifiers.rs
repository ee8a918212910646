//! A file's own identifiers, and where they stand in other values of it.

use crate::Tag;
use crate::VR;
use crate::element::{DataSet, Element, known_vr};
use crate::profile::data::COMMON_WORDS;
use crate::value::trim;
use std::sync::OnceLock;

/// Attributes whose value as a whole identifies, beside names of persons and the UIDs of study, series and instance.
const WHOLE: &[Tag] = &[
    Tag(0x0008, 0x0050), // Accession Number
    Tag(0x0008, 0x0080), // Institution Name
    Tag(0x0008, 0x0081), // Institution Address
    Tag(0x0008, 0x1010), // Station Name
    Tag(0x0008, 0x1040), // Institutional Department Name
    Tag(0x0010, 0x0020), // Patient ID
    Tag(0x0010, 0x1000), // Other Patient IDs
    Tag(0x0010, 0x1040), // Patient's Address
    Tag(0x0010, 0x1090), // Medical Record Locator
    Tag(0x0010, 0x2154), // Patient's Telephone Numbers
    Tag(0x0010, 0x2155), // Patient's Telecom Information
    Tag(0x0018, 0x1000), // Device Serial Number
    Tag(0x0020, 0x0010), // Study ID
    Tag(0x0038, 0x0010), // Admission ID
    Tag(0x0038, 0x0060), // Service Episode ID
    Tag(0x0040, 0x1001), // Requested Procedure ID
    Tag(0x0040, 0x2016), // Placer Order Number
    Tag(0x0040, 0x2017), // Filler Order Number
];
/// Those of them that count in a text however short they are.
const IDS: &[Tag] = &[Tag(0x0008, 0x0050), Tag(0x0010, 0x0020), Tag(0x0010, 0x1000)];
const BIRTH_DATE: Tag = Tag(0x0010, 0x0030);
const UIDS: &[Tag] = &[Tag(0x0008, 0x0018), Tag(0x0020, 0x000D), Tag(0x0020, 0x000E)];

/// Parts of names with fewer letters stand in any text.
const SHORTEST_NAME: usize = 3;
/// Shorter IDs and numbers are looked for in free text only.
const SHORTEST_ID: usize = 5;
/// Most different identifiers of a file; what claims more is no set of identifiers.
const MOST: usize = 1000;
/// Longest identifier; longer texts are not repeated elsewhere.
const LONGEST: usize = 128;

/// Words that stand for a name or an ID in test files, and words of radiology that are names too: finding one of them in
/// another value says nothing about a person.
fn names_nobody(word: &str) -> bool {
    static WORDS: OnceLock<Vec<&str>> = OnceLock::new();
    WORDS.get_or_init(|| COMMON_WORDS.lines().collect()).binary_search(&word).is_ok()
}

/// What kind of value is searched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Searched {
    /// Text that people write: every identifier counts.
    Prose,
    /// Codes: names, and IDs that are not short.
    Codes,
    /// Numbers as text: IDs that are not short, where they are a whole value.
    Numerals,
    /// Bytes: as codes.
    Bytes,
}

impl Searched {
    /// How values of a VR are searched.
    pub(crate) fn of(vr: VR) -> Option<Self> {
        use VR::*;
        Some(match vr {
            LO | SH | ST | LT | UT | UC | PN | UR | AE => Searched::Prose,
            CS | AS | DA | DT | TM => Searched::Codes,
            DS | IS => Searched::Numerals,
            UI => Searched::Codes,
            SQ => return None,
            OB | OD | OF | OL | OV | OW | UN | AT | FD | FL | SL | SS | SV | UL | US | UV => Searched::Bytes,
        })
    }
}

/// What identifies this file's patient, staff, institution and instances, in lower case (ASCII), sorted.
#[derive(Debug, Default)]
pub(crate) struct Identifiers {
    all: Vec<Identifier>,
    /// Which pairs of bytes any of them begins with, by the five lower bits of each: these are the same for both cases of a
    /// letter.
    begins: [u32; 32],
    /// Words of radiology that are names too count as names, and short IDs as IDs.
    every: bool,
}

#[derive(Clone, Debug)]
struct Identifier {
    text: Vec<u8>,
    /// Part of a person's name, and not an ID alone.
    name: bool,
}

impl Identifiers {
    /// Collects them at every depth, but for Attributes of which `stays` says that the settings keep them; text that is
    /// not ASCII also as `decode` gives it.
    pub(crate) fn of(
        data_set: &DataSet,
        stays: impl Fn(Tag) -> bool,
        decode: impl Fn(&Element, &[u8]) -> String,
    ) -> Self {
        Identifiers::default().with(data_set, stays, decode)
    }

    /// All that may be taken out of a text, even where finding it would prove nothing.
    pub(crate) fn every(data_set: &DataSet, decode: impl Fn(&Element, &[u8]) -> String) -> Self {
        Identifiers { every: true, ..Identifiers::default() }.with(data_set, |_| false, decode)
    }

    fn with(
        mut self,
        data_set: &DataSet,
        stays: impl Fn(Tag) -> bool,
        decode: impl Fn(&Element, &[u8]) -> String,
    ) -> Self {
        // The patient's first: what Sequences repeat must not use up the room.
        for top in [true, false] {
            let mut add = |element: &Element| {
                if (element.depth == 0) != top || !may_identify(element) || stays(element.tag) {
                    return;
                }
                let value = data_set.value(element).unwrap_or_default();
                self.add_value(element, value);
                if !value.is_ascii() {
                    self.add_value(element, decode(element, value).as_bytes());
                }
            };
            match top {
                true => data_set.children(u32::MAX).for_each(|(_, element)| add(element)),
                false => data_set.elements().iter().for_each(add),
            }
        }
        self
    }

    fn add_value(&mut self, element: &Element, value: &[u8]) {
        if element.tag == BIRTH_DATE {
            self.add_birth_date(trim(value));
        } else if is_name(element) {
            value.split(|byte| !is_token(*byte)).for_each(|part| self.add(part, true));
        } else {
            // A station is called MR and a study 1 in many a hospital.
            let least = if self.every && !IDS.contains(&element.tag) { SHORTEST_NAME } else { 1 };
            let parts = value.split(|byte| *byte == b'\\').map(trim);
            parts.filter(|part| part.len() >= least).for_each(|part| self.add(part, false));
        }
    }

    fn add(&mut self, text: &[u8], name: bool) {
        let text = text.to_ascii_lowercase();
        let same = !self.every && text.iter().all(|byte| Some(byte) == text.first());
        let is_word = |text: &str| names_nobody(text);
        let words = !self.every && std::str::from_utf8(&text).is_ok_and(is_word);
        let short = name && text.len() < if self.every { 2 } else { SHORTEST_NAME };
        let Some(&first) = text.first() else { return };
        if same || words || short || text.len() > LONGEST {
            return;
        }
        // Behind one that is a single byte anything may stand.
        let second = text.get(1).map_or(u32::MAX, |second| 1 << (second & 31));
        self.begins[usize::from(first & 31)] |= second;
        match self.all.binary_search_by(|one| one.text.cmp(&text)) {
            // Part of a name and an ID: both rules hold for it.
            Ok(at) => self.all.get_mut(at).into_iter().for_each(|one| one.name |= name),
            Err(at) if self.all.len() < MOST => self.all.insert(at, Identifier { text, name }),
            Err(_) => {}
        }
    }

    /// The spellings in which dates stand in text. January 1st is what a date looks like that was shortened before.
    fn add_birth_date(&mut self, date: &[u8]) {
        let [y1, y2, y3, y4, m1, m2, d1, d2] = *date else { return };
        if !date.iter().all(u8::is_ascii_digit) || date.ends_with(b"0101") {
            return;
        }
        let (year, month, day) = ([y1, y2, y3, y4], [m1, m2], [d1, d2]);
        self.add(date, false);
        for between in [b"-", b".", b"/"] {
            self.add(&[&year[..], &month, &day].join(&between[..]), false);
            self.add(&[&day[..], &month, &year].join(&between[..]), false);
            self.add(&[&month[..], &day, &year].join(&between[..]), false);
        }
    }

    /// Whether one of them stands in a value, as whole words.
    pub(crate) fn stands_in(&self, value: &[u8], how: Searched) -> bool {
        // What counts nowhere shorter cannot begin where less is left.
        let shortest = match how {
            Searched::Prose => 1,
            Searched::Codes => SHORTEST_NAME,
            Searched::Numerals | Searched::Bytes => SHORTEST_ID,
        };
        if self.all.is_empty() || value.len() < shortest {
            return false;
        }
        if how == Searched::Numerals {
            return value.split(|byte| *byte == b'\\').any(|part| self.begins_at(trim(part), how));
        }
        let mut before = b' ';
        for (at, &byte) in value.iter().enumerate().take(value.len() - shortest + 1) {
            if self.begins[usize::from(byte & 31)] != 0 && !is_token(before) {
                let rest = value.get(at..).unwrap_or_default();
                if self.begins_at(rest, how) {
                    return true;
                }
            }
            before = byte;
        }
        false
    }

    #[inline(always)] // for the beginning of every word
    fn may_begin(&self, rest: &[u8]) -> bool {
        let begins = |first: &u8| self.begins[usize::from(first & 31)];
        match rest {
            [first, second, ..] => begins(first) >> (second & 31) & 1 == 1,
            [first] => begins(first) != 0,
            [] => false,
        }
    }

    #[inline(always)]
    fn begins_at(&self, rest: &[u8], how: Searched) -> bool {
        self.may_begin(rest) && self.beginning(rest, how).next().is_some()
    }

    /// The length of the longest one that begins there and ends with a word; 0 if there is none.
    pub(crate) fn longest_at(&self, text: &[u8], at: usize) -> usize {
        let rest = text.get(at..).unwrap_or_default();
        if self.may_begin(rest) { self.beginning(rest, Searched::Prose).max().unwrap_or_default() } else { 0 }
    }

    /// The lengths of those that a text begins with.
    fn beginning(&self, rest: &[u8], how: Searched) -> impl Iterator<Item = usize> {
        let first = rest.first().map(u8::to_ascii_lowercase);
        let from = self.all.partition_point(|one| one.text.first().copied() < first);
        let same_first = self.all.iter().skip(from).take_while(move |one| one.text.first().copied() == first);
        let begins = move |one: &&Identifier| {
            let (head, tail) = rest.split_at(one.text.len().min(rest.len()));
            let ends = match how {
                Searched::Numerals => tail.is_empty(),
                _ => tail.first().is_none_or(|byte| !is_token(*byte)),
            };
            one.counts(how) && ends && head.eq_ignore_ascii_case(&one.text)
        };
        same_first.filter(begins).map(|one| one.text.len())
    }
}

impl Identifier {
    fn counts(&self, how: Searched) -> bool {
        match how {
            Searched::Prose => true,
            Searched::Codes => self.name || self.text.len() >= SHORTEST_ID,
            Searched::Numerals => self.text.len() >= SHORTEST_ID,
            Searched::Bytes => self.text.len() >= SHORTEST_ID,
        }
    }
}

/// Letters, digits, and whatever is not ASCII: bytes of letters in other character sets.
#[inline(always)]
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80
}

fn is_name(element: &Element) -> bool {
    element.vr == VR::PN || (element.vr == VR::UN && known_vr(element.tag) == Some(VR::PN))
}

#[inline(always)] // every element of a file is asked
fn may_identify(element: &Element) -> bool {
    let listed = |tag| UIDS.contains(&tag) || tag == BIRTH_DATE || WHOLE.binary_search(&tag).is_ok();
    match element.vr {
        VR::PN => !element.is_item(),
        VR::UN if !element.is_item() && is_name(element) => true,
        _ => may_be_listed(element.tag) && listed(element.tag),
    }
}

/// Whether a tag can be one of the lists: most of the many elements in Items cannot.
#[inline(always)]
fn may_be_listed(tag: Tag) -> bool {
    let (word, bit) = place(tag);
    MAY_BE_LISTED[word] & bit != 0
}

/// A bit for each tag of the lists, which few others share.
static MAY_BE_LISTED: [u32; 8] = {
    let mut bits = [0; 8];
    let (lists, mut list) = ([WHOLE, UIDS, &[BIRTH_DATE]], 0);
    while list < lists.len() {
        let mut at = 0;
        while at < lists[list].len() {
            let (word, bit) = place(lists[list][at]);
            bits[word] |= bit;
            at += 1;
        }
        list += 1;
    }
    bits
};

#[inline(always)]
const fn place(Tag(group, element): Tag) -> (usize, u32) {
    let mixed = group ^ element ^ element >> 7;
    ((mixed >> 5 & 7) as usize, 1 << (mixed & 31))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identifiers(names: &[&[u8]], ids: &[&[u8]], birth: &[u8]) -> Identifiers {
        let mut found = Identifiers::default();
        names.iter().for_each(|name| name.split(|b| !is_token(*b)).for_each(|part| found.add(part, true)));
        ids.iter().for_each(|id| found.add(id, false));
        found.add_birth_date(birth);
        found
    }

    #[test]
    fn the_lists_are_in_order() {
        let words: Vec<&str> = COMMON_WORDS.lines().collect();
        assert!(words.is_sorted() && WHOLE.is_sorted());
        assert!(WHOLE.iter().chain(UIDS).chain([&BIRTH_DATE]).all(|tag| may_be_listed(*tag)));
    }

    #[test]
    fn whole_words_are_found_in_either_case() {
        let found = identifiers(&[b"Okonkwo^Ada Li"], &[b"PX-4711", b"12"], b"19610324");
        let prose = |text: &[u8]| found.stands_in(text, Searched::Prose);
        for text in
            [&b"seen by OKONKWO, twice"[..], b"ada", b"(px-4711)", b"room 12", b"born 24.03.1961", b"1961-03-24"]
        {
            assert!(prose(text), "{}", String::from_utf8_lossy(text));
        }
        for text in [&b"Adamantine"[..], b"px-47112", b"room 123", b"Li", b"1961", b""] {
            assert!(!prose(text), "{}", String::from_utf8_lossy(text));
        }
    }

    #[test]
    fn short_ids_count_in_prose_only_and_numbers_are_compared_whole() {
        let found = identifiers(&[b"Okonkwo"], &[b"512", b"60000"], b"");
        assert!(found.stands_in(b"No 512", Searched::Prose) && !found.stands_in(b"512", Searched::Codes));
        assert!(!found.stands_in(b"512\\512", Searched::Numerals));
        assert!(
            found.stands_in(b"1.5\\60000 ", Searched::Numerals) && !found.stands_in(b"0.60000", Searched::Numerals)
        );
        assert!(found.stands_in(b"\x01\0OKONKWO\0", Searched::Bytes) && found.stands_in(b"OKONKWO", Searched::Codes));
    }

    #[test]
    fn what_is_said_again_and_again_takes_no_room() {
        let mut found = Identifiers::default();
        (0..5000).for_each(|_| found.add(b"Operator", true));
        found.add(b"Okonkwo", true);
        assert_eq!(found.all.len(), 2);
        (0..5000).for_each(|n| found.add(format!("X{n}").as_bytes(), false));
        assert_eq!(found.all.len(), MOST);
        assert!(found.stands_in(b"OKONKWO", Searched::Codes));
    }

    #[test]
    fn an_id_that_is_part_of_a_name_too_counts_as_both() {
        let mut found = Identifiers::default();
        found.add(b"ADA", false);
        assert!(!found.stands_in(b"ADA", Searched::Codes));
        found.add(b"ada", true);
        assert!(found.stands_in(b"ADA", Searched::Codes));
    }

    #[test]
    fn what_names_nobody_is_no_identifier() {
        let found = identifiers(&[b"Brain^Test^Anonymous"], &[b"00000", b"UNKNOWN", b""], b"19700101");
        assert!(found.all.is_empty() && !found.stands_in(b"BRAIN 00000", Searched::Prose));
    }
}
