//! This file's own identifiers, and where a value holds one of them as a whole token.

use crate::config::{Macro, Segment};
use crate::element::{CONTAINER, DataSet, Element};
use crate::plan::{Action, Attribute, Plan, Source};
use crate::value::{self, trim};
use crate::{Tag, VR};
use dicom_dictionary_std::tags;

/// Attributes whose values, or each word of them, name the patient, the request or the place.
const IDS: [Tag; 16] = [
    tags::ACCESSION_NUMBER,
    tags::INSTITUTION_NAME,
    tags::INSTITUTION_ADDRESS,
    tags::REFERRING_PHYSICIAN_ADDRESS,
    tags::REFERRING_PHYSICIAN_TELEPHONE_NUMBERS,
    tags::PATIENT_ID,
    Tag(0x0010, 0x1000), // Other Patient IDs, retired
    tags::PATIENT_ADDRESS,
    Tag(0x0010, 0x1090), // Medical Record Locator, retired
    tags::PATIENT_TELEPHONE_NUMBERS,
    tags::STUDY_ID,
    tags::ADMISSION_ID,
    tags::PERSON_ADDRESS,
    tags::PERSON_TELEPHONE_NUMBERS,
    tags::PERFORMED_PROCEDURE_STEP_ID,
    tags::REQUESTED_PROCEDURE_ID,
];

/// Words of radiology and of test files that are no name, wherever they stand.
const COMMON: [&[u8]; 40] = [
    b"ABDOMEN",
    b"ADULT",
    b"ANONYMIZED",
    b"ANONYMOUS",
    b"BODY",
    b"BRAIN",
    b"BREAST",
    b"CARDIAC",
    b"CASE",
    b"CHEST",
    b"CHILD",
    b"DATA",
    b"DEMO",
    b"DICOM",
    b"FOOT",
    b"HAND",
    b"HEAD",
    b"HEART",
    b"HIP",
    b"IMAGE",
    b"KNEE",
    b"LEFT",
    b"LUNG",
    b"NAME",
    b"NECK",
    b"NONE",
    b"PATIENT",
    b"PELVIS",
    b"PHANTOM",
    b"RIGHT",
    b"SAMPLE",
    b"SCAN",
    b"SHOULDER",
    b"SPINE",
    b"STUDY",
    b"TEST",
    b"THE",
    b"UNKNOWN",
    b"WHITE",
    b"WRIST",
];

/// From this length on a number is unlikely to stand somewhere by chance.
const LONG: usize = 5;
/// Shorter identifiers are searched nowhere.
const LEAST: usize = 3;
/// More identifiers than a file of this world has are not looked at: each costs time at every value.
const MOST: usize = 512;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Name,
    Id,
    Uid,
}

/// The originals that must not be in the output, in upper case.
#[derive(Debug)]
pub(crate) struct Identifiers {
    list: Vec<(Vec<u8>, Kind)>,
    /// A bit for each hash of the first two bytes, so that most words cost one look.
    begins: [u64; 16],
}

impl Identifiers {
    /// What identifies, of all elements that the settings do not keep by an entry.
    pub(crate) fn of(data_set: &DataSet, plan: &Plan) -> Self {
        let mut found = Identifiers { list: Vec::new(), begins: [0; 16] };
        for element in data_set.elements() {
            let kind = kind(element);
            if found.list.len() >= MOST || kind.is_none() || is_kept(plan, element.tag) {
                continue;
            }
            let bytes = data_set.value(element).map(trim).unwrap_or_default();
            match kind {
                Some(Origin::Name) => bytes.split(|b| !is_word(*b)).for_each(|word| found.name(word)),
                Some(Origin::Birth) => found.birth_date(bytes),
                Some(Origin::Uid) => found.add(bytes, Kind::Uid),
                _ => bytes.split(|b| matches!(b, b'\\' | b'\r' | b'\n')).for_each(|id| found.add(id, Kind::Id)),
            }
        }
        found.list.sort();
        found.list.dedup();
        found
    }

    fn name(&mut self, word: &[u8]) {
        let digits = word.iter().any(u8::is_ascii_digit);
        if !digits && !COMMON.iter().any(|common| common.eq_ignore_ascii_case(word)) {
            self.add(word, Kind::Name);
        }
    }

    /// The spellings that are usual; January 1st stands for a year of which no more is known.
    fn birth_date(&mut self, bytes: &[u8]) {
        let Some((_, month, day)) = value::date(bytes) else { return };
        let (Some(y), Some(m), Some(d)) = (bytes.get(..4), bytes.get(4..6), bytes.get(6..8)) else { return };
        if (month, day) == (1, 1) {
            return;
        }
        for separator in [&b""[..], b"-", b".", b"/", b" "] {
            for order in [[y, m, d], [d, m, y], [m, d, y]] {
                self.add(&order.join(separator), Kind::Id);
            }
        }
    }

    fn add(&mut self, bytes: &[u8], kind: Kind) {
        let from = bytes.iter().position(|b| is_word(*b)).unwrap_or(bytes.len());
        let to = bytes.iter().rposition(|b| is_word(*b)).map_or(from, |last| last + 1);
        let Some(&[first, second, ..]) = bytes.get(from..to).filter(|id| id.len() >= LEAST) else { return };
        let id = bytes.get(from..to).unwrap_or_default().to_ascii_uppercase();
        // "00000" and "XXX" say that there is none.
        let words = id.iter().filter(|b| is_word(**b));
        if words.clone().all(|b| Some(b) == id.first()) || COMMON.contains(&id.as_slice()) {
            return;
        }
        let (slot, bit) = hash(first, second);
        self.begins[slot] |= bit;
        self.list.push((id, kind));
    }

    /// Whether a value of a VR holds one of them as a whole token. Numbers that are short stand in numeric and
    /// coded values by chance, and are looked for in free text alone.
    pub(crate) fn stand_in(&self, vr: VR, value: &[u8]) -> bool {
        use VR::*;
        let (least, numeric) = match vr {
            LO | SH | ST | LT | UT | UC | PN | UR => (LEAST, false),
            DS | IS => (LONG, true),
            CS | AE | AS | DA | DT | TM | UI | OB | OW | UN => (LONG, false),
            _ => return false,
        };
        let binary = matches!(vr, OB | OW | UN);
        let fits = |id: &[u8], kind: Kind| match kind {
            Kind::Name => !numeric && vr != UI && (!binary || id.len() >= LONG),
            Kind::Id => vr != UI && id.len() >= least,
            Kind::Uid => true,
        };
        let mut inside = false;
        for (at, pair) in value.windows(2).enumerate() {
            let word = is_word(pair[0]) || (numeric && matches!(pair[0], b'.' | b'-' | b'+'));
            let (slot, bit) = hash(pair[0], pair[1]);
            if word && !inside && self.begins[slot] & bit != 0 {
                let rest = value.get(at..).unwrap_or_default();
                let before = at.checked_sub(1).and_then(|at| value.get(at)).copied();
                if self.list.iter().any(|(id, kind)| fits(id, *kind) && begins_with(rest, id, before, *kind)) {
                    return true;
                }
            }
            inside = word;
        }
        false
    }
}

/// What an element's value is to a file's identity.
enum Origin {
    Name,
    Birth,
    Uid,
    Id,
}

fn kind(element: &Element) -> Option<Origin> {
    if element.has(CONTAINER) || element.length == 0 {
        return None;
    }
    Some(match element.tag {
        tags::PATIENT_BIRTH_DATE => Origin::Birth,
        tags::STUDY_INSTANCE_UID | tags::SERIES_INSTANCE_UID | tags::SOP_INSTANCE_UID => Origin::Uid,
        _ if element.vr == VR::PN => Origin::Name,
        tag if IDS.contains(&tag) => Origin::Id,
        _ => return None,
    })
}

/// What the settings keep, or copy elsewhere, is no identifier: they asked for it.
fn is_kept(plan: &Plan, tag: Tag) -> bool {
    let decision = plan.decide(Attribute { tag, creator: None });
    let copied = match decision.action {
        Action::Keep | Action::KeepValid => true,
        Action::Set(template) => template.0.contains(&Segment::Macro(Macro::Value(None))),
        _ => false,
    };
    (copied && matches!(decision.because, Source::Entry { .. })) || plan.referenced_values().contains(&tag)
}

/// Letters and digits of any character set.
#[inline]
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80
}

#[inline]
fn hash(first: u8, second: u8) -> (usize, u64) {
    let hash = u32::from(first.to_ascii_uppercase()) * 37 + u32::from(second.to_ascii_uppercase());
    ((hash >> 6) as usize & 15, 1 << (hash & 63))
}

/// Whether a token begins here; in numbers and UIDs a dot goes on with the token.
fn begins_with(rest: &[u8], id: &[u8], before: Option<u8>, kind: Kind) -> bool {
    if !rest.get(..id.len()).is_some_and(|start| start.eq_ignore_ascii_case(id)) {
        return false;
    }
    let after = rest.get(id.len()).copied();
    let next = rest.get(id.len() + 1).copied();
    let dotted = kind == Kind::Uid || id.iter().all(u8::is_ascii_digit);
    let goes_on = after.is_some_and(is_word) || (dotted && after == Some(b'.') && next.is_some_and(is_word));
    !(goes_on || dotted && before == Some(b'.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(parts: &[(&str, Kind)]) -> Identifiers {
        let mut all = Identifiers { list: Vec::new(), begins: [0; 16] };
        for (text, kind) in parts {
            match kind {
                Kind::Name => all.name(text.as_bytes()),
                _ => all.add(text.as_bytes(), *kind),
            }
        }
        all
    }

    #[test]
    fn only_whole_tokens_count() {
        let own = of(&[("Muster", Kind::Name), ("12-345", Kind::Id), ("1.2.34", Kind::Uid), ("77001", Kind::Id)]);
        for hit in ["MUSTER", "for muster.", "a_muster_b", "id 12-345;", "uid=1.2.34", "no 77001."] {
            assert!(own.stand_in(VR::LO, hit.as_bytes()), "{hit}");
        }
        for miss in ["musterung", "muste", "12-3456", "1.2.345", "1.2.34.5", "0.1.2.34", "77001.5", "3.77001", ""] {
            assert!(!own.stand_in(VR::LO, miss.as_bytes()), "{miss}");
        }
    }

    #[test]
    fn short_numbers_count_in_free_text_alone() {
        let own = of(&[("1234", Kind::Id), ("98765", Kind::Id)]);
        assert!(own.stand_in(VR::LO, b"see 1234"));
        assert!(!own.stand_in(VR::IS, b"1234") && !own.stand_in(VR::CS, b"1234"));
        assert!(own.stand_in(VR::IS, b"98765") && own.stand_in(VR::UN, b"\0\x01 98765\0"));
        assert!(!own.stand_in(VR::DS, b"0.98765") && !own.stand_in(VR::US, b"98765 "));
    }

    #[test]
    fn what_is_no_identifier_is_not_searched() {
        let own = of(&[("HEAD", Kind::Name), ("0000000", Kind::Id), ("XX", Kind::Name), ("Li", Kind::Name)]);
        assert!(own.list.is_empty(), "{own:?}");
    }

    #[test]
    fn birth_dates_are_known_in_their_usual_spellings() {
        let mut own = of(&[]);
        own.birth_date(b"19580423");
        for text in ["19580423", "born 1958-04-23", "23.04.1958", "04/23/1958", "23/04/1958"] {
            assert!(own.stand_in(VR::LT, text.as_bytes()), "{text}");
        }
        let mut year = of(&[]);
        year.birth_date(b"19580101");
        assert!(year.list.is_empty());
    }
}
