//! What an output says about its own de-identification (PS3.15 E.1, PS3.3 C.12.1.1.7): Patient Identity Removed,
//! De-identification Method and its codes, Longitudinal Temporal Information Modified.

use crate::config::ProfileOption;
use crate::edit::encode;
use crate::element::{DataSet, Element};
use crate::identifiers::{Identifiers, Searched};
use crate::plan::{Claims, Dates, Plan};
use crate::profile::OPTIONS;
use crate::syntax::{Encoding, ITEM};
use crate::value::{self, trim};
use crate::{Tag, VR};
use dicom_dictionary_std::tags;

/// The code of the Basic Profile (PS3.16 CID 7050).
const BASIC: (&str, &str) = ("113100", "Basic Application Confidentiality Profile");
/// Codes of CID 7050 that are no Option of ours: what was done stays true of a file that goes through another time.
const LASTING: [(&str, &str); 3] =
    [BASIC, ("113101", "Clean Pixel Data Option"), ("113102", "Clean Recognizable Visual Features Option")];
/// Most values of (0012,0063) that are taken over.
const MOST_METHODS: usize = 100;

/// Where the codes stand.
pub(crate) const CODES: Tag = tags::DEIDENTIFICATION_METHOD_CODE_SEQUENCE;

/// Whether an Attribute is one of these.
pub(crate) fn is_mark(tag: Tag) -> bool {
    let marks = [
        tags::PATIENT_IDENTITY_REMOVED,
        tags::DEIDENTIFICATION_METHOD,
        tags::LONGITUDINAL_TEMPORAL_INFORMATION_MODIFIED,
        CODES,
    ];
    marks.contains(&tag)
}

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
        }
        marks.add_codes(data_set, plan.claims());
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

    /// Items that the file has stay as they are only if their words are the Standard's: a meaning is free text.
    fn add_codes(&mut self, data_set: &DataSet, claims: Option<&Claims>) {
        let basic = claims.filter(|claims| claims.basic).map(|_| BASIC.0);
        let options = claims.into_iter().flat_map(|claims| claims.options.iter().map(ProfileOption::code));
        let mut codes: Vec<&'static str> = basic.into_iter().chain(options).collect();
        // What was retained once need not be any more, if the whole profile is applied now.
        let lasts = |code| basic.is_none() || codes.contains(&code) || !is_retaining(code);
        let mut earlier: Vec<&'static str> = Vec::new();
        let mut rewritten = Vec::new();
        for (index, code) in earlier_codes(data_set) {
            match code {
                // Without claims the rules for codes decide about other schemes.
                None if claims.is_none() => {}
                Some(Some(code)) if lasts(code) && !earlier.contains(&code) => {
                    earlier.push(code);
                    if !is_plain(data_set, index, &meaning(code)) {
                        self.untrue.push(index);
                        rewritten.push(code);
                    }
                }
                _ => self.untrue.push(index),
            }
        }
        codes.retain(|code| !earlier.contains(code));
        self.codes = rewritten.into_iter().chain(codes).map(|code| (code, meaning(code))).collect();
    }
}

/// Whether a code is that of an Option that retains, which is true only of what was done last.
fn is_retaining(code: &str) -> bool {
    ProfileOption::all().any(|option| option.code() == code && !option.cleans())
}

/// The Code Meaning of a code of CID 7050.
fn meaning(code: &str) -> String {
    match LASTING.iter().find(|(known, _)| *known == code) {
        Some((_, meaning)) => (*meaning).to_owned(),
        None => {
            let option = ProfileOption::all().find(|option| option.code() == code);
            option.map(|option| format!("{} Option", OPTIONS[option as usize])).unwrap_or_default()
        }
    }
}

/// Each Item of (0012,0064) with its code, if it is one of CID 7050; nothing if it is of another scheme than DCM.
fn earlier_codes(data_set: &DataSet) -> impl Iterator<Item = (u32, Option<Option<&'static str>>)> {
    let sequence = data_set.child(u32::MAX, CODES).filter(|(_, element)| element.is_sequence()).map(|(index, _)| index);
    let items = sequence.into_iter().flat_map(|index| data_set.children(index));
    items.map(|(index, _)| {
        let known = || {
            let code = text(data_set, index, tags::CODE_VALUE);
            let all = LASTING.iter().map(|(code, _)| *code).chain(ProfileOption::all().map(ProfileOption::code));
            all.into_iter().find(|known| known.as_bytes() == code)
        };
        (index, (text(data_set, index, tags::CODING_SCHEME_DESIGNATOR) == b"DCM").then(known))
    })
}

/// Whether an Item says what the Standard says, and nothing else.
fn is_plain(data_set: &DataSet, item: u32, meaning: &str) -> bool {
    let known = |tag| matches!(tag, tags::CODE_VALUE | tags::CODING_SCHEME_DESIGNATOR | tags::CODE_MEANING);
    text(data_set, item, tags::CODE_MEANING) == meaning.as_bytes()
        && data_set.children(item).all(|(_, element)| known(element.tag))
}

fn text(data_set: &DataSet, item: u32, tag: Tag) -> &[u8] {
    data_set.child(item, tag).and_then(|(_, element)| data_set.value(element)).map(trim).unwrap_or_default()
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
