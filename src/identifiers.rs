//! A file's own identifiers, and where they stand in other values of it.

mod birth;
mod listed;
mod plain;
mod spelling;

use crate::Tag;
use crate::VR;
use crate::clean;
use crate::element::{DataSet, Element, known_vr};
use crate::profile::data::COMMON_WORDS;
use crate::profile::names_class_or_scheme;
use crate::value::{self, trim};
use birth::Birth;
use dicom_dictionary_std::tags;
use listed::{Kind, kind};
pub(crate) use spelling::{Accents, folded};
use std::sync::OnceLock;

/// Parts of names with fewer letters stand in any text.
const SHORTEST_NAME: usize = 3;
/// Shorter IDs and numbers are looked for in free text only.
pub(crate) const SHORTEST_ID: usize = 5;
/// Most different identifiers of a file; what claims more is no set of identifiers.
const MOST: usize = 1000;
/// Longest identifier; longer texts are not repeated elsewhere.
pub(crate) const LONGEST: usize = 128;
/// Fewer letters of a place, and fewer digits of one, are found anywhere.
const SHORTEST_PLACE: usize = 4;
/// An ID is known by its digits alone if it has as many.
const TELLING_DIGITS: usize = 6;
/// What all UIDs of the Standard begin with (PS3.5 9.1).
pub(crate) const ROOT: &[u8] = b"1.2.840.10008.";
/// Most references in Sequences that are looked for: images can have thousands.
const MOST_REFERENCES: usize = 64;
/// Most birth dates, and most names of places that stay; a file has one of each, or two.
const MOST_OF_ONE_KIND: usize = 8;

/// Words that stand for a name or an ID in test files, and words of radiology that are names too: finding one of them in
/// another value says nothing about a person.
fn names_nobody(word: &str) -> bool {
    static WORDS: OnceLock<Vec<&str>> = OnceLock::new();
    WORDS.get_or_init(|| COMMON_WORDS.lines().collect()).binary_search(&word).is_ok()
}

/// A word that says what a place is, and not which.
fn is_any_place(word: &[u8]) -> bool {
    let word = word.to_ascii_lowercase();
    clean::is_known_word(&word) || std::str::from_utf8(&word).is_ok_and(names_nobody)
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
#[derive(Clone, Debug, Default)]
pub(crate) struct Identifiers {
    all: Vec<Identifier>,
    /// Which pairs of bytes any of them begins with, by the five lower bits of each: these are the same for both cases of a
    /// letter.
    begins: [u32; 32],
    /// Words of radiology that are names too count as names, and short IDs as IDs.
    every: bool,
    /// Birth dates, which have many spellings.
    births: Vec<Birth>,
    /// Names of places that stay: what they have in common with others is no secret.
    retained: Vec<Vec<u8>>,
    /// The patient was born on the day of the study: its date says so of any date.
    newborn: bool,
}

#[derive(Clone, Debug)]
struct Identifier {
    text: Vec<u8>,
    counts: Counts,
}

/// Where an identifier counts; each also where those before it do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Counts {
    /// In text that people write.
    InProse,
    /// As an ID: where it is not short.
    AsId,
    /// As part of a person's name.
    AsName,
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
        let studied = data_set.top(tags::STUDY_DATE).and_then(Birth::of);
        self.newborn = studied.is_some() && studied == data_set.top(tags::PATIENT_BIRTH_DATE).and_then(Birth::of);
        // The patient's first: what Sequences repeat must not use up the room.
        let mut references = 0;
        for top in [true, false] {
            let mut add = |element: &Element| {
                let Some(kind) = kind_of(element) else { return };
                let value = data_set.value(element).unwrap_or_default();
                references += usize::from(kind == Kind::Reference && !top);
                if stays(element.tag) {
                    self.retain(kind, value);
                } else if kind != Kind::Reference || references <= MOST_REFERENCES {
                    self.add_element(kind, value, |value| decode(element, value));
                }
            };
            match top {
                true => data_set.children(u32::MAX).for_each(|(_, element)| add(element)),
                false => data_set.elements().iter().filter(|e| may_have_kind(e)).for_each(add),
            }
        }
        self
    }

    /// A value that stays.
    fn retain(&mut self, kind: Kind, value: &[u8]) {
        if kind == Kind::Place && self.retained.len() < MOST_OF_ONE_KIND && value.len() <= LONGEST {
            self.retained.push(value.to_vec());
        }
    }

    /// A value as it stands there, and as [`folded`] compares it.
    fn add_element(&mut self, kind: Kind, value: &[u8], decode: impl Fn(&[u8]) -> String) {
        let foreign = !value.is_ascii();
        if !foreign || kind != Kind::Place {
            self.add_value(kind, value);
        }
        if foreign || (kind == Kind::Place && has_double_space(value)) {
            let decoded = decode(value);
            for accents in [Accents::Dropped, Accents::Spelled] {
                self.add_value(kind, folded(&decoded, accents).as_bytes());
            }
        }
    }

    fn add_value(&mut self, kind: Kind, value: &[u8]) {
        let parts = || value.split(|byte| *byte == b'\\').map(trim);
        // A station is called MR and a study 1 in many a hospital.
        let shortest = if self.every { SHORTEST_NAME } else { 1 };
        match kind {
            Kind::Birth => self.add_birth(trim(value)),
            Kind::Name => self.add_name(value),
            Kind::Id => parts().for_each(|part| self.add_number(part)),
            Kind::Number => parts().filter(|part| part.len() >= shortest).for_each(|part| self.add_number(part)),
            Kind::Label => {
                let says_much = |part: &&[u8]| part.len() >= SHORTEST_NAME && !is_any_place(part);
                parts().filter(says_much).for_each(|part| self.add_number(part));
            }
            Kind::Place => value.split(|byte| b"\\\r\n".contains(byte)).for_each(|line| self.add_place(trim(line))),
            // What all files name says nothing of one.
            Kind::Uid | Kind::Reference => {
                let counts = if kind == Kind::Uid { Counts::AsId } else { Counts::InProse };
                parts().filter(|uid| !uid.starts_with(ROOT)).for_each(|uid| self.add(uid, counts));
            }
        }
    }

    fn add_birth(&mut self, value: &[u8]) {
        let Some(birth) = Birth::of(value).filter(|birth| !self.births.contains(birth)) else { return };
        if self.births.len() < MOST_OF_ONE_KIND {
            birth.beginnings().into_iter().for_each(|two| self.may_begin_with(&two));
            self.births.push(birth);
        }
    }

    /// An ID, and its digits: people write `4711-99`, `MRN471199` and `471199` for one.
    fn add_number(&mut self, number: &[u8]) {
        self.add(number, Counts::AsId);
        // What has many points is a UID, and shares its numbers with others.
        if number.iter().filter(|byte| **byte == b'.').count() > 3 {
            return;
        }
        let spaced = number.iter().all(|byte| byte.is_ascii_digit() || !is_token(*byte));
        let joined: Vec<u8> = number.iter().copied().filter(u8::is_ascii_digit).collect();
        let runs = number.split(|byte| !byte.is_ascii_digit());
        for digits in runs.chain(spaced.then_some(&joined[..])) {
            // The date of the study is part of many a number.
            let date = value::date(digits).is_some_and(|(year, ..)| (1900..2100).contains(&year));
            if digits.len() >= TELLING_DIGITS && !date {
                self.add(digits, Counts::AsId);
            }
        }
    }

    /// Each part of a name, and family and given name as one word, as they stand in user names and in scripts without
    /// spaces.
    fn add_name(&mut self, name: &[u8]) {
        words(name).for_each(|part| self.add(part, Counts::AsName));
        for group in name.split(|byte| b"=\\".contains(byte)) {
            let mut parts = group.split(|byte| *byte == b'^').map(trim);
            if let (Some(family @ [_, ..]), Some(given @ [_, ..])) = (parts.next(), parts.next()) {
                self.add(&[family, given].concat(), Counts::AsName);
                self.add(&[given, family].concat(), Counts::AsName);
            }
        }
    }

    /// A line of a place's name or address, what stands between its commas, and each word that is nothing but a name.
    fn add_place(&mut self, line: &[u8]) {
        self.add_part_of_place(line, Counts::AsId);
        let parts = line.split(|byte| b",;^".contains(byte)).map(trim).filter(|part| part.len() >= SHORTEST_ID);
        parts.for_each(|part| self.add_part_of_place(part, Counts::InProse));
        let names = |word: &&[u8]| match word.iter().filter(|byte| byte.is_ascii_digit()).count() {
            0 => word.len() >= SHORTEST_PLACE,
            digits => digits == word.len() && digits > SHORTEST_PLACE,
        };
        words(line).filter(names).for_each(|word| self.add_part_of_place(word, Counts::InProse));
    }

    fn add_part_of_place(&mut self, part: &[u8], counts: Counts) {
        if !(SHORTEST_NAME..=LONGEST).contains(&part.len()) {
            return;
        }
        let stands_in = |text: &Vec<u8>| text.windows(part.len()).any(|own| own.eq_ignore_ascii_case(part));
        if !is_any_place(part) && !self.retained.iter().any(stands_in) {
            self.add(part, counts);
        }
    }

    fn add(&mut self, text: &[u8], counts: Counts) {
        let short = counts == Counts::AsName && text.len() < if self.every { 2 } else { SHORTEST_NAME };
        if short || text.is_empty() || text.len() > LONGEST {
            return;
        }
        let text = text.to_ascii_lowercase();
        let place = self.all.binary_search_by(|one| one.text.cmp(&text));
        // Part of a name and an ID: both rules hold for it.
        if let Some(known) = place.ok().and_then(|at| self.all.get_mut(at)) {
            known.counts = known.counts.max(counts);
            return;
        }
        let same = !self.every && text.iter().all(|byte| Some(byte) == text.first());
        let is_word = !self.every && std::str::from_utf8(&text).is_ok_and(names_nobody);
        if same || is_word {
            return;
        }
        self.may_begin_with(&text);
        if let Err(at) = place
            && self.all.len() < MOST
        {
            self.all.insert(at, Identifier { text, counts });
        }
    }

    fn may_begin_with(&mut self, text: &[u8]) {
        let Some(first) = text.first() else { return };
        // Behind one that is a single byte anything may stand.
        let second = text.get(1).map_or(u32::MAX, |second| 1 << (second & 31));
        self.begins[usize::from(first & 31)] |= second;
    }

    /// Whether a DA or DT value is a birth date. That a newborn was born on the day of its study nobody can take for news.
    pub(crate) fn is_birth_date(&self, value: &[u8]) -> bool {
        let born = |part: &[u8]| {
            let date = part.get(..8).and_then(Birth::of).or_else(|| Birth::of(part));
            date.is_some_and(|date| self.births.contains(&date))
        };
        !self.newborn && value.split(|byte| *byte == b'\\').map(trim).any(born)
    }

    /// Whether one of them stands in a value, as whole words.
    pub(crate) fn stands_in(&self, value: &[u8], how: Searched) -> bool {
        // What counts nowhere shorter cannot begin where less is left.
        let shortest = match how {
            Searched::Prose => 1,
            Searched::Codes => SHORTEST_NAME,
            Searched::Numerals | Searched::Bytes => SHORTEST_ID,
        };
        if self.all.is_empty() && self.births.is_empty() || value.len() < shortest {
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

    /// Whether one begins behind the first byte of a window of a value and before the `end`, behind which the window goes on
    /// until it is whole.
    pub(crate) fn begin_in(&self, window: &[u8], end: usize, how: Searched) -> bool {
        let stops = |byte: u8| if how == Searched::Numerals { is_between(byte) } else { !is_token(byte) };
        // One look for a byte, as there may be millions of them.
        let starts: [bool; 256] = std::array::from_fn(|byte| self.begins.get(byte & 31).is_some_and(|two| *two != 0));
        let bytes = window.get(..end).unwrap_or(window);
        let mut at = 1;
        while let Some(next) = bytes.get(at..).and_then(|rest| rest.iter().position(|byte| starts[usize::from(*byte)]))
        {
            at += next;
            let behind_word = bytes.get(at - 1).is_some_and(|before| stops(*before));
            if behind_word && self.begins_at(window.get(at..).unwrap_or_default(), how) {
                return true;
            }
            at += 1;
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
        self.may_begin(rest) && (self.beginning(rest, how).next().is_some() || self.birth_date_at(rest, how) > 0)
    }

    /// The length of the birth date that a text begins with; 0 if there is none.
    fn birth_date_at(&self, rest: &[u8], how: Searched) -> usize {
        let lengths = self.births.iter().map(|birth| birth.length_at(rest, how == Searched::Prose));
        lengths.filter(|len| ends_at(rest, *len, how)).max().unwrap_or_default()
    }

    /// The length of the longest one that begins there and ends with a word; 0 if there is none.
    pub(crate) fn longest_at(&self, text: &[u8], at: usize) -> usize {
        let rest = text.get(at..).unwrap_or_default();
        if !self.may_begin(rest) {
            return 0;
        }
        let own = self.beginning(rest, Searched::Prose).max().unwrap_or_default();
        own.max(self.birth_date_at(rest, Searched::Prose))
    }

    /// The lengths of those that a text begins with.
    fn beginning(&self, rest: &[u8], how: Searched) -> impl Iterator<Item = usize> {
        let first = rest.first().map(u8::to_ascii_lowercase);
        let from = self.all.partition_point(|one| one.text.first().copied() < first);
        let same_first = self.all.iter().skip(from).take_while(move |one| one.text.first().copied() == first);
        let begins = move |one: &&Identifier| {
            let head = rest.get(..one.text.len());
            let same = head.is_some_and(|head| head.eq_ignore_ascii_case(&one.text));
            same && one.counts(how) && ends_at(rest, one.text.len(), how)
        };
        same_first.filter(begins).map(|one| one.text.len())
    }
}

/// Whether a word ends, or where words are compared whole the text.
fn ends_at(text: &[u8], at: usize, how: Searched) -> bool {
    match (how, text.get(at)) {
        (_, None) => true,
        (Searched::Numerals, Some(byte)) => is_between(*byte),
        (_, Some(byte)) => !is_token(*byte),
    }
}

impl Identifier {
    fn is_long(&self) -> bool {
        self.counts > Counts::InProse && self.text.len() >= SHORTEST_ID
    }

    fn counts(&self, how: Searched) -> bool {
        match how {
            Searched::Prose => true,
            Searched::Codes => self.counts == Counts::AsName || self.is_long(),
            Searched::Numerals | Searched::Bytes => self.is_long(),
        }
    }
}

/// Letters, digits, and whatever is not ASCII: bytes of letters in other character sets.
#[inline(always)]
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80
}

fn words(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|byte| !is_token(*byte)).filter(|word| !word.is_empty())
}

/// What stands between numbers in text.
fn is_between(byte: u8) -> bool {
    matches!(byte, b' ' | b'\\')
}

/// Whether somebody wrote two spaces for one.
pub(crate) fn has_double_space(text: &[u8]) -> bool {
    text.windows(2).any(|two| two == b"  ")
}

/// Whether an element in an Item may have a kind. Most have none, and all are asked: so with one branch.
#[inline(always)]
fn may_have_kind(element: &Element) -> bool {
    let is_person = (element.vr == VR::PN) | (element.vr == VR::UN) & !element.is_item();
    (listed::may_be_listed(element.tag) | is_person) & (element.depth > 0)
}

fn kind_of(element: &Element) -> Option<Kind> {
    let Tag(group, _) = element.tag;
    match element.vr {
        _ if element.is_item() => None,
        VR::PN => Some(Kind::Name),
        VR::UN if known_vr(element.tag) == Some(VR::PN) => Some(Kind::Name),
        VR::UI if element.depth == 0 && group & 1 == 0 && !names_class_or_scheme(element.tag) => {
            kind(element.tag).or(Some(Kind::Reference))
        }
        _ => kind(element.tag),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identifiers(names: &[&[u8]], ids: &[&[u8]], birth: &[u8]) -> Identifiers {
        let mut found = Identifiers::default();
        names.iter().for_each(|name| found.add_value(Kind::Name, name));
        ids.iter().for_each(|id| found.add_value(Kind::Id, id));
        found.add_value(Kind::Birth, birth);
        found
    }

    #[test]
    fn the_words_are_in_order() {
        assert!(COMMON_WORDS.lines().collect::<Vec<_>>().is_sorted());
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
        (0..5000).for_each(|_| found.add(b"Operator", Counts::AsName));
        found.add(b"Okonkwo", Counts::AsName);
        assert_eq!(found.all.len(), 2);
        (0..5000).for_each(|n| found.add(format!("X{n}").as_bytes(), Counts::AsId));
        assert_eq!(found.all.len(), MOST);
        assert!(found.stands_in(b"OKONKWO", Searched::Codes));
    }

    #[test]
    fn an_id_that_is_part_of_a_name_too_counts_as_both() {
        let mut found = Identifiers::default();
        found.add(b"ADA", Counts::AsId);
        assert!(!found.stands_in(b"ADA", Searched::Codes));
        found.add(b"ada", Counts::AsName);
        assert!(found.stands_in(b"ADA", Searched::Codes));
    }

    #[test]
    fn what_names_nobody_is_no_identifier() {
        let found = identifiers(&[b"Brain^^Test^Anonymous"], &[b"00000", b"UNKNOWN", b""], b"19700101");
        assert!(found.all.is_empty() && found.births.is_empty() && !found.stands_in(b"BRAIN 00000", Searched::Prose));
    }

    #[test]
    fn an_id_is_known_by_its_digits() {
        let found =
            identifiers(&[], &[b"MRN471199", b"0761-555 1234", b"CT20240517", b"1.2.840.113619.2", b"A1234"], b"");
        for text in [&b"MRN 471199"[..], b"No. 471199", b"call 07615551234"] {
            assert!(found.stands_in(text, Searched::Prose), "{}", String::from_utf8_lossy(text));
        }
        for text in [&b"4711990"[..], b"seen 20240517", b"113619", b"1234", b"1.2.840.113619.7"] {
            assert!(!found.stands_in(text, Searched::Prose), "{}", String::from_utf8_lossy(text));
        }
    }

    #[test]
    fn places_are_known_by_what_is_nothing_but_a_name() {
        let mut found = Identifiers::default();
        for value in [&b"Quenby  General Hospital, Radiology"[..], b"Elmstreet 12, 79100 Freiburg\r\nGermany", b"CT"] {
            found.add_element(Kind::Place, value, |value| String::from_utf8_lossy(value).into_owned());
        }
        for text in [&b"QUENBY"[..], b"quenby general hospital, radiology", b"in Freiburg", b"D-79100", b"elmstreet 12"]
        {
            assert!(found.stands_in(text, Searched::Prose), "{}", String::from_utf8_lossy(text));
        }
        for text in [&b"General Hospital"[..], b"Radiology", b"CT", b"12", b"Hospital"] {
            assert!(!found.stands_in(text, Searched::Prose), "{}", String::from_utf8_lossy(text));
        }
        assert!(!found.stands_in(b"QUENBY", Searched::Codes) && !found.stands_in(b"79100", Searched::Numerals));
    }
}
