//! The preset `default`: what each Attribute of PS3.6 is assigned, and where and why that differs from the Basic Profile.

use super::dictionary::Known;
use super::table::{Row, Scope, rows};
use super::uids::names_class_or_scheme;
use crate::config::{Macro, Segment, Template};
use crate::plan::Action;
use crate::sorted::Sorted;
use crate::syntax::number;
use crate::{Tag, VR};
use dicom_core::dictionary::VirtualVr;

/// An [`Action`] that a preset can take, without allocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Assign {
    Keep,
    KeepValid,
    Remove,
    Clear,
    Fake(Macro),
    TruncDate,
    BirthDate,
    Uid,
    Dummy,
    Coded,
    ByType(&'static str),
    ShiftDate,
    CapAge,
    Clean,
    CleanText,
}

impl Assign {
    pub(crate) fn action(self) -> Action {
        match self {
            // Only Sequences: they stay if they are some, and text in their place goes.
            Assign::Keep | Assign::KeepValid => Action::KeepValid,
            Assign::Remove => Action::Remove,
            Assign::Clear => Action::Clear,
            Assign::Fake(fake) => Action::Set(Template(vec![Segment::Macro(fake)])),
            Assign::TruncDate => Action::TruncDate,
            Assign::BirthDate => Action::BirthDate,
            Assign::Uid => Action::Uid,
            Assign::Dummy => Action::Dummy,
            Assign::Coded => Action::Coded,
            Assign::ByType(code) => Action::ByType(code),
            Assign::ShiftDate => Action::ShiftDate,
            Assign::CapAge => Action::CapAge,
            Assign::Clean => Action::Clean,
            Assign::CleanText => Action::CleanText,
        }
    }
}

/// What a preset assigns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Assignment {
    /// What is done.
    pub(crate) assign: Assign,
    /// Why: for a row of the table, why it differs from the Basic Profile (empty if it does not); else the rule.
    pub(crate) reason: &'static str,
    /// Harmless and not needed: goes with `remove_safe_tags`.
    pub(crate) safe: bool,
}

impl Assignment {
    pub(super) const fn new(assign: Assign, reason: &'static str) -> Self {
        Assignment { assign, reason, safe: false }
    }
}

/// Kept because files cannot be read or used without it.
pub(crate) const NEEDED: &str = "needed to read the data";
/// Kept because nothing in it can identify anybody.
pub(crate) const SAFE: &str = "current Attribute outside Table E.1-1: no text, no name, no date";

const PSEUDONYM: &str = "a pseudonym instead of an empty value, so that files that belong together stay together";
const YEAR: &str = "the year stays, as settings written for the language's first implementation expect";
const BIRTH_YEAR: &str = "the year stays, and goes too if it shows an age over 89 at the study";
const DUMMY_YEAR: &str = "January 1st of the original's year is the dummy: legal, and never later than the original";
const NO_TIME: &str = "no part of a time of day is both legal and harmless, so it is emptied";
const SR_TREE: &str = "the tree of an SR document is needed to read it; every value in it is decided by itself";
const ANY_DATE: &str = "any date or time can stand here, a birth date too: a dummy";

/// The Attributes that should not be left without a value, in order: their row in the table gives a dummy where they are
/// of Type 1 (Action Code D), or the preset knows that they are.
pub(crate) fn wants_value() -> Vec<Tag> {
    let listed = |row: &'static Row| match row.scope {
        Scope::Attribute(tag) => Some((tag, row.basic.as_bytes().contains(&b'D'))),
        _ => None,
    };
    let unlisted = UNLISTED.iter().map(|(tag, assign, _)| (*tag, *assign == Assign::Dummy));
    // Of a tag that both have, the table comes last, and its word counts.
    let mut all = Sorted::default();
    for (tag, wants) in unlisted.chain(rows().iter().filter_map(listed)) {
        all.insert(tag, wants);
    }
    all.into_iter().filter(|(_, wants)| *wants).map(|(tag, _)| tag).collect()
}

/// Rows of the table that are not handled by code and VR alone.
const EXCEPTIONS: &[(Tag, Assign, &str)] = &[
    (Tag(0x0008, 0x0020), Assign::TruncDate, YEAR),
    (Tag(0x0008, 0x0021), Assign::TruncDate, YEAR),
    (Tag(0x0008, 0x0022), Assign::TruncDate, YEAR),
    (Tag(0x0008, 0x0023), Assign::TruncDate, YEAR),
    (Tag(0x0008, 0x002A), Assign::TruncDate, YEAR),
    (Tag(0x0008, 0x0050), Assign::Fake(Macro::FakeAcc), PSEUDONYM),
    (Tag(0x0010, 0x0010), Assign::Fake(Macro::FakeName), PSEUDONYM),
    (Tag(0x0010, 0x0020), Assign::Fake(Macro::FakeMrn), PSEUDONYM),
    (Tag(0x0010, 0x0030), Assign::BirthDate, BIRTH_YEAR),
    (Tag(0x0040, 0xA120), Assign::Dummy, ANY_DATE),
    (Tag(0x0040, 0xA121), Assign::Dummy, ANY_DATE),
    (Tag(0x0040, 0xA122), Assign::Dummy, ANY_DATE),
    (Tag(0x0040, 0xA730), Assign::Keep, SR_TREE),
    (Tag(0x0072, 0x0061), Assign::Dummy, ANY_DATE),
    (Tag(0x0072, 0x0063), Assign::Dummy, ANY_DATE),
    (Tag(0x0072, 0x006B), Assign::Dummy, ANY_DATE),
];

const CODE: &str = "part of a coded entry: stays with a registered public coding scheme, else becomes a pseudonym";
pub(super) const DEFINED: &str =
    "needed to read the data; conforming files hold a Defined Term or a registered media type";
const LINK: &str = "a label that links Items: small numbers stay, another is a pseudonym, the same for the same label";
const TYPE_1: &str = "free text that the Standard wants a value of (Type 1): a dummy";
const TYPE_2: &str = "free text that the Standard wants to be there (Type 2): emptied";
const TYPED_LABEL: &str = "sixteen characters that a user types: a dummy";
const SR_TEXT: &str = "free text of an SR Content Item: a dummy";
const ENGINE: &str = "says how the file was de-identified; written anew";
const PERSON: &str = "identifies a person, as (0008,0096) does";
const ISSUER: &str = "names who issued an identifier, as (0010,0021) does";
const BODY: &str = "tells the patient's size or weight, as (0010,1020) does";
pub(super) const SIGNED: &str =
    "signatures, MACs and encrypted originals: broken by every change, and they may hold the originals";
pub(super) const PAYLOAD: &str = "holds any bytes at all";
const PRIVATE: &str = "describes private elements, which go";

/// Attributes outside the table that are not handled by VR alone.
pub(crate) const UNLISTED: &[(Tag, Assign, &str)] = &[
    (Tag(0x0008, 0x0005), Assign::KeepValid, NEEDED),
    (Tag(0x0008, 0x0051), Assign::Remove, ISSUER), // Issuer of Accession Number Sequence
    (Tag(0x0008, 0x0070), Assign::Dummy, TYPE_1),  // Manufacturer
    (Tag(0x0008, 0x0100), Assign::Coded, CODE),    // Code Value
    (Tag(0x0008, 0x0102), Assign::Coded, CODE),    // Coding Scheme Designator
    (Tag(0x0008, 0x0103), Assign::Coded, CODE),    // Coding Scheme Version
    (Tag(0x0008, 0x0104), Assign::Coded, CODE),    // Code Meaning
    (Tag(0x0008, 0x0119), Assign::Coded, CODE),    // Long Code Value
    (Tag(0x0008, 0x0120), Assign::Coded, CODE),    // URN Code Value
    (Tag(0x0008, 0x0300), Assign::Remove, PRIVATE), // Private Data Element Characteristics Sequence
    (Tag(0x0008, 0x041B), Assign::Remove, PAYLOAD), // Record Key
    (Tag(0x0008, 0x041C), Assign::Remove, PAYLOAD), // Prior Record Key
    (Tag(0x0008, 0x1090), Assign::Dummy, TYPE_1),  // Manufacturer's Model Name
    (Tag(0x0010, 0x0024), Assign::Remove, ISSUER), // Issuer of Patient ID Qualifiers Sequence
    (Tag(0x0010, 0x0026), Assign::Remove, PERSON), // Source Patient Group Identification Sequence
    (Tag(0x0010, 0x0027), Assign::Remove, PERSON), // Group of Patients Identification Sequence
    (Tag(0x0010, 0x1021), Assign::Remove, BODY),   // Patient's Size Code Sequence
    (Tag(0x0010, 0x1022), Assign::Remove, BODY),   // Patient's Body Mass Index
    (Tag(0x0012, 0x0062), Assign::KeepValid, ENGINE), // Patient Identity Removed
    (Tag(0x0012, 0x0063), Assign::KeepValid, ENGINE), // De-identification Method
    (Tag(0x0012, 0x0064), Assign::KeepValid, ENGINE), // De-identification Method Code Sequence
    (Tag(0x0014, 0x4109), Assign::Remove, PAYLOAD), // Byte Numeric Value
    (Tag(0x0016, 0x0062), Assign::Remove, PAYLOAD), // Interoperability Version
    (Tag(0x0018, 0x1020), Assign::Dummy, TYPE_1),  // Software Versions
    (Tag(0x0020, 0x1040), Assign::Clear, TYPE_2),  // Position Reference Indicator
    (Tag(0x0020, 0x9056), Assign::Coded, LINK),    // Stack ID
    (Tag(0x0028, 0x1054), Assign::KeepValid, DEFINED), // Rescale Type
    (Tag(0x0028, 0x3004), Assign::KeepValid, DEFINED), // Modality LUT Type
    (Tag(0x0028, 0x7000), Assign::Remove, PERSON), // Equipment Administrator Sequence
    (Tag(0x0032, 0x1031), Assign::Remove, PERSON), // Requesting Physician Identification Sequence
    (Tag(0x0040, 0x0026), Assign::Remove, ISSUER), // Order Placer Identifier Sequence
    (Tag(0x0040, 0x0027), Assign::Remove, ISSUER), // Order Filler Identifier Sequence
    (Tag(0x0040, 0x0036), Assign::Remove, ISSUER), // Assigning Facility Sequence
    (Tag(0x0040, 0x0039), Assign::Remove, ISSUER), // Assigning Jurisdiction Code Sequence
    (Tag(0x0040, 0x003A), Assign::Remove, ISSUER), // Assigning Agency or Department Code Sequence
    (Tag(0x0040, 0x4009), Assign::Remove, PERSON), // Human Performer Code Sequence
    (Tag(0x0040, 0x9210), Assign::Dummy, TYPE_1),  // LUT Label
    (Tag(0x0040, 0xA160), Assign::Dummy, SR_TEXT), // Text Value
    (Tag(0x0042, 0x0010), Assign::Clear, TYPE_2),  // Document Title
    (Tag(0x0042, 0x0012), Assign::KeepValid, DEFINED), // MIME Type of Encapsulated Document
    (Tag(0x0042, 0x0014), Assign::KeepValid, DEFINED), // List of MIME Types
    (Tag(0x0044, 0x0103), Assign::Remove, PERSON), // Asserter Identification Sequence
    (Tag(0x0048, 0x0106), Assign::Coded, LINK),    // Optical Path Identifier
    (Tag(0x0062, 0x0005), Assign::Dummy, TYPE_1),  // Segment Label
    (Tag(0x0062, 0x0009), Assign::Dummy, TYPE_1),  // Segment Algorithm Name
    (Tag(0x0062, 0x0020), Assign::Dummy, TYPE_1),  // Tracking ID
    (Tag(0x0066, 0x0031), Assign::Dummy, TYPE_1),  // Algorithm Version
    (Tag(0x0066, 0x0036), Assign::Dummy, TYPE_1),  // Algorithm Name
    (Tag(0x0066, 0x0106), Assign::Dummy, TYPE_1),  // Track Set Label
    (Tag(0x0068, 0x6300), Assign::Remove, PAYLOAD), // HPGL Document
    (Tag(0x006A, 0x000E), Assign::Coded, LINK),    // Referenced Optical Path Identifier
    (Tag(0x0070, 0x0002), Assign::Coded, LINK),    // Graphic Layer
    (Tag(0x0070, 0x0080), Assign::Dummy, TYPED_LABEL), // Content Label
    (Tag(0x0070, 0x0081), Assign::Clear, TYPE_2),  // Content Description
    (Tag(0x0070, 0x0310), Assign::Dummy, TYPE_1),  // Fiducial Identifier
    (Tag(0x0072, 0x000E), Assign::Remove, PERSON), // Hanging Protocol User Identification Code Sequence
    (Tag(0x0072, 0x0069), Assign::Dummy, PAYLOAD), // Selector OW Value
    (Tag(0x0072, 0x006F), Assign::Dummy, TYPE_1),  // Selector UC Value
    (Tag(0x0082, 0x0017), Assign::Remove, PERSON), // Assessment Requester Sequence
    (Tag(0x0400, 0x0005), Assign::Remove, SIGNED), // MAC ID Number
    (Tag(0x0400, 0x0015), Assign::Remove, SIGNED), // MAC Algorithm
    (Tag(0x0400, 0x0020), Assign::Remove, SIGNED), // Data Elements Signed
    (Tag(0x0400, 0x0110), Assign::Remove, SIGNED), // Certificate Type
    (Tag(0x0400, 0x0120), Assign::Remove, SIGNED), // Signature
    (Tag(0x0400, 0x0305), Assign::Remove, SIGNED), // Certified Timestamp Type
    (Tag(0x0400, 0x0500), Assign::Remove, SIGNED), // Encrypted Attributes Sequence
    (Tag(0x0400, 0x0520), Assign::Remove, SIGNED), // Encrypted Content
    (Tag(0x3002, 0x0002), Assign::Dummy, TYPE_1),  // RT Image Label
    (Tag(0x3002, 0x0020), Assign::Clear, TYPE_2),  // Radiation Machine Name
    (Tag(0x300A, 0x00FE), Assign::Clear, TYPE_2),  // Block Name
    (Tag(0x300A, 0x0746), Assign::Remove, PERSON), // Interlock Resolution User Sequence
    (Tag(0x3010, 0x0019), Assign::Remove, PERSON), // Author Identification Sequence
    (Tag(0x4010, 0x1047), Assign::Remove, PERSON), // OOI Owner Sequence
    (Tag(0x4010, 0x106C), Assign::Remove, PAYLOAD), // Detector Calibration Data
    (Tag(0x4FFE, 0x0001), Assign::Remove, SIGNED), // MAC Parameters Sequence
];

/// Attributes outside the table, by VR: addresses for people, VRs, what is done, why. The first that has the VR counts;
/// VRs in none of them hold numbers, enumerated codes, tags or bulk data and are kept.
pub(crate) const BY_VR: &[(&[VR], Assign, &str)] = &[
    (&[VR::AE, VR::UR], Assign::Remove, "names of hosts and addresses outside Table E.1-1"),
    (&[VR::PN], Assign::Remove, "names of persons outside Table E.1-1"),
    (
        &[VR::LO, VR::SH, VR::ST, VR::LT, VR::UT, VR::UC],
        Assign::Remove,
        "text outside Table E.1-1, which nobody has looked through",
    ),
    (&[VR::DA, VR::DT], Assign::TruncDate, "dates outside Table E.1-1"),
    (&[VR::TM], Assign::Clear, "times outside Table E.1-1"),
    (&[VR::AS], Assign::Remove, "ages outside Table E.1-1"),
    (&[VR::UN], Assign::Remove, "bytes of unknown meaning"),
];

/// A UI Attribute outside the table.
pub(crate) const UID: &str = "UIDs are mapped, but for those that name a class or scheme";
/// A UI Attribute that names a class or scheme.
pub(crate) const CLASS: &str = "names a class or scheme";

/// Attributes that are kept even with `remove_safe_tags`: first and last tag, and what they are for.
pub(super) const NEEDED_RANGES: &[(u32, u32, &str)] = &[
    (0x0008_0005, 0x0008_0008, "character set and image type"),
    (0x0008_0016, 0x0008_001B, "SOP Class"),
    (0x0008_0060, 0x0008_0064, "modality"),
    (0x0008_0100, 0x0008_0124, "coded entries"),
    (0x0008_1110, 0x0008_1199, "references to other instances"),
    (0x0008_2112, 0x0008_2112, "source images"),
    (0x0012_0062, 0x0012_0064, "what was done to the file"),
    (0x0018_0050, 0x0018_0050, "slice thickness"),
    (0x0018_0088, 0x0018_0088, "spacing between slices"),
    (0x0018_1063, 0x0018_1065, "frame times"),
    (0x0018_1110, 0x0018_1120, "distances and tilt"),
    (0x0018_1164, 0x0018_1164, "imager pixel spacing"),
    (0x0018_5100, 0x0018_5100, "patient position"),
    (0x0018_6011, 0x0018_605A, "ultrasound regions and their calibration"),
    (0x0020_0000, 0x0020_FFFF, "geometry and order"),
    (0x0028_0000, 0x0028_FFFF, "pixel description"),
    (0x003A_0000, 0x003A_FFFF, "waveform description"),
    (0x0040_0710, 0x0040_07FF, "slide coordinates"),
    (0x0040_08EA, 0x0040_08EA, "units"),
    (0x0040_9000, 0x0040_9FFF, "real world values"),
    (0x0040_A000, 0x0040_DBFF, "structured reports"),
    (0x0042_0000, 0x0042_FFFF, "encapsulated documents"),
    (0x0048_0000, 0x0048_FFFF, "whole slide images"),
    (0x0054_0000, 0x0054_FFFF, "nuclear medicine frames and units"),
    (0x0060_0000, 0x0080_FFFF, "histograms, segments, surfaces, annotations, presentation"),
    (0x2050_0000, 0x2050_FFFF, "presentation LUT"),
    (0x3002_0000, 0x3010_FFFF, "radiotherapy"),
    (0x5200_0000, 0x6000_FFFF, "functional groups, waveforms, spectra, overlays"),
    (0x7FE0_0000, 0x7FE0_FFFF, "pixels"),
];

/// What `default` assigns to an Attribute with a row in the table.
///
/// PS3.15 Table E.1-1a: compound codes take their last alternative, the least destructive one, which is legal
/// whatever the Attribute's Type is.
pub(crate) fn listed(row: &Row, tag: Tag, vr: Option<VirtualVr>) -> Assignment {
    if let Some((_, assign, reason)) = EXCEPTIONS.iter().find(|(exception, ..)| *exception == tag) {
        return Assignment::new(*assign, reason);
    }
    let vr = match vr {
        Some(VirtualVr::Exact(vr)) => vr,
        _ => VR::UN,
    };
    let code = row.basic.rsplit('/').next().unwrap_or(row.basic);
    match (code, vr) {
        ("X", _) => Assignment::new(Assign::Remove, ""),
        ("U" | "U*", VR::SQ) => Assignment::new(Assign::Keep, ""),
        ("U" | "D", VR::UI) => Assignment::new(Assign::Uid, ""),
        ("D", VR::DA | VR::DT) => Assignment::new(Assign::TruncDate, DUMMY_YEAR),
        ("D", VR::TM) => Assignment::new(Assign::Clear, NO_TIME),
        ("Z", _) => Assignment::new(Assign::Clear, ""),
        _ => Assignment::new(Assign::Dummy, ""),
    }
}

/// What `default` assigns to an Attribute without a row; nothing to a retired one.
pub(crate) fn unlisted(known: &Known) -> Option<Assignment> {
    if known.retired {
        return None;
    }
    if let Some((_, assign, reason)) = UNLISTED.iter().find(|(tag, ..)| *tag == known.tag) {
        return Some(Assignment::new(*assign, reason));
    }
    let Some(VirtualVr::Exact(vr)) = known.vr else { return Some(kept(known.tag, Assign::KeepValid)) };
    Some(match BY_VR.iter().find(|(vrs, ..)| vrs.contains(&vr)) {
        Some((_, assign, reason)) => Assignment::new(*assign, reason),
        None if vr == VR::UI && names_class_or_scheme(known.tag) => Assignment::new(Assign::KeepValid, CLASS),
        None if vr == VR::UI => Assignment::new(Assign::Uid, UID),
        None if vr == VR::SQ => kept(known.tag, Assign::Keep),
        None => kept(known.tag, Assign::KeepValid),
    })
}

pub(super) fn kept(tag: Tag, assign: Assign) -> Assignment {
    let needed = NEEDED_RANGES.iter().any(|(first, last, _)| (*first..=*last).contains(&number(tag)));
    Assignment { assign, reason: if needed { NEEDED } else { SAFE }, safe: !needed }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::dictionary::dictionary;

    fn has_row(tag: Tag) -> bool {
        rows().iter().any(|row| row.scope == Scope::Attribute(tag))
    }

    #[test]
    fn lists_are_sorted_and_about_the_attributes_they_say() {
        assert!(EXCEPTIONS.is_sorted_by(|a, b| a.0 < b.0));
        assert!(UNLISTED.is_sorted_by(|a, b| a.0 < b.0));
        assert!(EXCEPTIONS.iter().all(|(tag, ..)| has_row(*tag)));
        for (tag, ..) in UNLISTED {
            let known = dictionary().get(*tag).expect("an Attribute of PS3.6");
            assert!(!has_row(*tag) && !known.retired, "{tag} {}", known.keyword);
        }
        assert!(NEEDED_RANGES.is_sorted_by(|a, b| a.1 < b.0) && NEEDED_RANGES.iter().all(|(a, b, _)| a <= b));
    }

    #[test]
    fn each_vr_has_one_rule() {
        let mut vrs: Vec<VR> = BY_VR.iter().flat_map(|(vrs, ..)| vrs.iter().copied()).collect();
        let count = vrs.len();
        vrs.sort();
        vrs.dedup();
        assert_eq!(vrs.len(), count);
    }

    /// Every row must be found by its tag, or the preset would not see it.
    #[test]
    fn the_dictionary_knows_every_row() {
        for row in rows() {
            if let Scope::Attribute(tag) | Scope::Repeating(tag) = row.scope {
                let known = dictionary().get(tag).map(|known| (known.tag, known.retired));
                assert_eq!(known, Some((tag, row.retired)), "{}", row.address);
            }
        }
    }
}
