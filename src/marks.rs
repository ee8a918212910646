//! What an output says about its own de-identification (PS3.15 E.1, PS3.3 C.12.1.1.7): Patient Identity Removed,
//! De-identification Method and its codes, Longitudinal Temporal Information Modified.

use crate::config::ProfileOption;
use crate::edit::encode;
use crate::element::{DataSet, Element};
use crate::identifiers::{Identifiers, Searched};
use crate::plan::{Claims, Dates, Plan};
use crate::profile::{OPTIONS, is_registered_scheme};
use crate::syntax::{Encoding, ITEM};
use crate::value::{self, trim};
use crate::{Tag, VR};
use dicom_dictionary_std::tags;

/// The code of the Basic Profile (PS3.16 CID 7050).
const BASIC: (&str, &str) = ("113100", "Basic Application Confidentiality Profile");
/// Codes of CID 7050: the profile, and Options that clean and stay true of a file that goes through another time.
const LASTING: [&str; 6] = ["113100", "113101", "113102", "113103", "113104", "113105"];
/// Codes of CID 7050: Options that retain, which are true only of what was done last.
const RETAINING: [&str; 7] = ["113106", "113107", "113108", "113109", "113110", "113111", "113112"];
/// Most values of (0012,0063) that are taken over.
const MOST_METHODS: usize = 100;

/// Where the codes stand.
pub(crate) const CODES: Tag = tags::DEIDENTIFICATION_METHOD_CODE_SEQUENCE;

/// The marks of one file.
pub(crate) struct Marks {
    /// Top-level elements whose whole value is written.
    pub(crate) values: Vec<(Tag, VR, Vec<u8>)>,
    /// Code and meaning of the Items that (0012,0064) must have beside those that stay.
    codes: Vec<(&'static str, String)>,
    /// Indices of Items of (0012,0064) that are not true of the output.
    pub(crate) untrue: Vec<u32>,
}

impl Marks {
    /// What a file must say, given what it says already.
    pub(crate) fn of(data_set: &DataSet, plan: &Plan, identifiers: Option<&Identifiers>) -> Self {
        let mut marks = Marks { values: Vec::new(), codes: Vec::new(), untrue: Vec::new() };
        let mut methods: Vec<Vec<u8>> = plan.method().into_iter().map(String::into_bytes).collect();
        if methods.is_empty() {
            return marks;
        }
        marks.values.push((tags::PATIENT_IDENTITY_REMOVED, VR::CS, b"YES".to_vec()));
        if let Some(claims) = plan.claims() {
            methods = with_earlier(methods, data_set, identifiers);
            marks.values.push((
                tags::LONGITUDINAL_TEMPORAL_INFORMATION_MODIFIED,
                VR::CS,
                dates(data_set, claims.dates).text().into(),
            ));
            marks.add_codes(data_set, claims);
        }
        marks.values.push((tags::DEIDENTIFICATION_METHOD, VR::LO, methods.join(&b'\\')));
        marks
    }

    /// The new value of a top-level element, if it is one of these.
    pub(crate) fn value(&self, element: &Element) -> Option<(VR, &[u8])> {
        if element.depth > 0 {
            return None;
        }
        let found = self.values.iter().find(|(tag, ..)| *tag == element.tag);
        found.map(|(_, vr, value)| (*vr, value.as_slice()))
    }

    /// The Items to write into (0012,0064): none if there is nothing to say.
    pub(crate) fn items(&self, encoding: Encoding) -> Vec<u8> {
        self.codes.iter().flat_map(|(code, meaning)| item(encoding, code, meaning)).collect()
    }

    fn add_codes(&mut self, data_set: &DataSet, claims: &Claims) {
        let mut codes: Vec<(&str, String)> = Vec::new();
        if claims.basic {
            codes.push((BASIC.0, BASIC.1.to_owned()));
        }
        codes.extend(claims.options.iter().map(|option| (option.code(), meaning(option))));
        for (index, code) in earlier_codes(data_set) {
            match code {
                // It says so already.
                Some(code) if codes.iter().any(|(new, _)| new.as_bytes() == code) => {
                    codes.retain(|(new, _)| new.as_bytes() != code);
                }
                Some(code) if !is_one_of(&RETAINING, code) => {}
                _ => self.untrue.push(index),
            }
        }
        self.codes = codes;
    }
}

fn meaning(option: ProfileOption) -> String {
    format!("{} Option", OPTIONS[option as usize])
}

fn is_one_of(codes: &[&str], code: &[u8]) -> bool {
    codes.iter().any(|known| known.as_bytes() == code)
}

/// Each Item of (0012,0064) with its code; nothing in place of the code if it is in no public scheme, or is none of
/// those that DCM has for the purpose.
fn earlier_codes(data_set: &DataSet) -> impl Iterator<Item = (u32, Option<&[u8]>)> {
    let sequence = data_set.child(u32::MAX, CODES).filter(|(_, element)| element.is_sequence()).map(|(index, _)| index);
    let items = sequence.into_iter().flat_map(|index| data_set.children(index));
    items.map(|(index, _)| {
        let text = |tag| data_set.child(index, tag).and_then(|(_, e)| data_set.value(e)).map(trim).unwrap_or_default();
        let (code, scheme) = (text(tags::CODE_VALUE), text(tags::CODING_SCHEME_DESIGNATOR));
        let public = std::str::from_utf8(scheme).is_ok_and(is_registered_scheme);
        let known = scheme != b"DCM" || is_one_of(&LASTING, code) || is_one_of(&RETAINING, code);
        (index, Some(code).filter(|code| public && known && !code.is_empty()))
    })
}

/// An Item with a code of the scheme DCM.
fn item(encoding: Encoding, code: &str, meaning: &str) -> Vec<u8> {
    let parts = [
        (tags::CODE_VALUE, VR::SH, code),
        (tags::CODING_SCHEME_DESIGNATOR, VR::SH, "DCM"),
        (tags::CODE_MEANING, VR::LO, meaning),
    ];
    let parts = parts.into_iter().filter_map(|(tag, vr, text)| encode(encoding, tag, vr, text.as_bytes()));
    let content: Vec<u8> = parts.flatten().collect();
    let mut item = Vec::with_capacity(8 + content.len());
    encoding.push_tag(&mut item, ITEM);
    encoding.push_u32(&mut item, content.len() as u32);
    item.extend(content);
    item
}

/// Dates that an earlier de-identification removed or changed are not what they were, whatever is done now.
fn dates(data_set: &DataSet, now: Dates) -> Dates {
    let earlier = match data_set.top(tags::LONGITUDINAL_TEMPORAL_INFORMATION_MODIFIED) {
        Some(b"REMOVED") => Dates::Removed,
        Some(b"MODIFIED") => Dates::Modified,
        _ => Dates::Unmodified,
    };
    now.max(earlier)
}

/// Methods that the file names already come before the new ones, if they are legal and hold no identifier.
fn with_earlier(new: Vec<Vec<u8>>, data_set: &DataSet, identifiers: Option<&Identifiers>) -> Vec<Vec<u8>> {
    // A backslash can be half of a character in some sets: text in them is not cut into values.
    let value = data_set.top(tags::DEIDENTIFICATION_METHOD).filter(|value| value.is_ascii()).unwrap_or_default();
    let mut methods: Vec<Vec<u8>> = Vec::new();
    for part in value.split(|byte| *byte == b'\\').map(trim).take(MOST_METHODS) {
        let legal = !part.is_empty() && value::is_valid(VR::LO, part) && value::is_within_limit(VR::LO, part);
        let names = identifiers.is_some_and(|identifiers| identifiers.stands_in(part, Searched::Prose));
        if legal && !names && !methods.iter().chain(&new).any(|known| known == part) {
            methods.push(part.to_vec());
        }
    }
    methods.extend(new);
    methods
}
