//! The preset `ps3.15`: the Basic Application Level Confidentiality Profile and its Options (PS3.15 Annex E), as Table
//! E.1-1 has them, and what is done to the Attributes that the table does not name.

use super::dictionary::Known;
use super::preset::{Assign, Assignment, CLASS, DEFINED, PAYLOAD, SIGNED, UID, UNLISTED, kept};
use super::table::Row;
use super::types::Type;
use super::uids::names_class_or_scheme;
use crate::clean::can_clean;
use crate::clean::concerns::{Cleaning, concerned};
use crate::config::{Ages, ProfileOption, ProfileOptions};
use crate::plan::Action;
use crate::{Tag, VR};
use ProfileOption::*;
use dicom_core::dictionary::VirtualVr;

const HOST_OR_NAME: &str = "names of persons and hosts outside Table E.1-1";
const DATE: &str = "dates and times outside Table E.1-1: a dummy";
const DATE_KEPT: &str = "dates and times outside Table E.1-1: kept with the Full Dates Option";
const DATE_SHIFTED: &str = "dates and times outside Table E.1-1: moved with the Modified Dates Option";
const UID_KEPT: &str = "UIDs outside Table E.1-1: kept with the Retain UIDs Option";
/// Cleaned, and a dummy inside a Sequence whose row says D.
pub(crate) const TEXT: &str = "current text outside Table E.1-1: cleaned; in a Sequence that D applies to a dummy";
const CONTENT: &str = "values of Content Items: cleaned with the Clean Structured Content Option";
const GRAPHICS: &str = "text beside graphics: cleaned with the Clean Graphics Option";
/// What many Attributes share.
pub(crate) const SHARED: [&str; 6] = [HOST_OR_NAME, DATE, DATE_KEPT, DATE_SHIFTED, UID_KEPT, TEXT];

/// The Options that clean, each with what it means and the reason for what it does outside the table.
const CLEANING: [(ProfileOption, Cleaning, &str); 3] = [
    (CleanStructuredContent, Cleaning::StructuredContent, CONTENT),
    (CleanGraphics, Cleaning::Graphics, GRAPHICS),
    (CleanDescriptors, Cleaning::Descriptors, TEXT),
];

/// The action of a row, and the Option that makes it differ from the Basic Profile.
pub(crate) fn listed(
    row: &Row,
    vr: Option<VirtualVr>,
    options: ProfileOptions,
    ages: Ages,
) -> (Assign, Option<ProfileOption>) {
    let vr = exact(vr);
    let chosen = options.iter().filter_map(|option| Some((option, optional(row, vr, option, ages)?)));
    // A date that the Modified Dates Option moves must not stay because another Option would keep it, and what one
    // keeps is not cleaned.
    let order = |option, assign| if option == RetainModifiedDates { 0 } else { 1 + u8::from(assign == Assign::Clean) };
    match chosen.min_by_key(|(option, assign)| order(*option, *assign)) {
        Some((option, assign)) => (assign, Some(option)),
        None => (basic(row.basic, vr), None),
    }
}

/// The Basic Profile's action (Table E.1-1a).
fn basic(code: &'static str, vr: VR) -> Assign {
    match (code, vr) {
        ("X", _) => Assign::Remove,
        ("Z", _) => Assign::Clear,
        ("U", _) => Assign::Uid,
        ("D", _) => Assign::Dummy,
        (compound, _) => Assign::ByType(compound),
    }
}

/// What an Option does instead, if it says something about the row.
fn optional(row: &Row, vr: VR, option: ProfileOption, ages: Ages) -> Option<Assign> {
    let is_date = matches!(vr, VR::DA | VR::DT | VR::TM);
    match (row.options.as_bytes().get(option as usize)?, option) {
        (b'K', _) if vr == VR::AS && ages == Ages::Cap => Some(Assign::CapAge),
        (b'K', _) => Some(Assign::KeepValid),
        (b'C', RetainModifiedDates) if is_date => Some(Assign::ShiftDate),
        // The offset of a zone is no date, and without it the times that stay would mean something else.
        (b'C', RetainModifiedDates) if vr == VR::SH => Some(Assign::KeepValid),
        (b'C', RetainModifiedDates) => None,
        (b'C', _) if vr == VR::SQ || can_clean(vr) => Some(Assign::Clean),
        // An AE title is a name, of which nothing is left without the name.
        _ => None,
    }
}

/// What the profile does to an Attribute without a row; nothing to a retired one.
pub(crate) fn unlisted(known: &Known, options: ProfileOptions) -> Option<Assignment> {
    if known.retired {
        return None;
    }
    let tag = known.tag;
    if let Some(cleaned) = cleaned(known, options) {
        return Some(cleaned);
    }
    let rule = |assign, reason| Some(Assignment::new(assign, reason));
    if let Some((_, assign, reason)) = UNLISTED.iter().find(|(own, ..)| *own == tag)
        && (*assign == Assign::Coded || [SIGNED, PAYLOAD, DEFINED].contains(reason))
    {
        return rule(*assign, reason);
    }
    match exact(known.vr) {
        VR::CS if tag == LABEL => rule(Assign::CleanText, TEXT),
        VR::PN | VR::AE | VR::UR => rule(Assign::Remove, HOST_OR_NAME),
        VR::DA | VR::DT | VR::TM if options.has(RetainFullDates) => rule(Assign::KeepValid, DATE_KEPT),
        VR::DA | VR::DT | VR::TM if options.has(RetainModifiedDates) => rule(Assign::ShiftDate, DATE_SHIFTED),
        VR::DA | VR::DT | VR::TM => rule(Assign::Dummy, DATE),
        VR::UI if names_class_or_scheme(tag) => rule(Assign::KeepValid, CLASS),
        VR::UI if options.has(RetainUids) => rule(Assign::KeepValid, UID_KEPT),
        VR::UI => rule(Assign::Uid, UID),
        VR::LO | VR::SH | VR::ST | VR::LT | VR::UT | VR::UC if tag != METHOD => {
            Some(Assignment { safe: kept(tag, Assign::CleanText).safe, ..Assignment::new(Assign::CleanText, TEXT) })
        }
        VR::SQ => Some(kept(tag, Assign::Keep)),
        _ => Some(kept(tag, Assign::KeepValid)),
    }
}

/// What an Option that cleans does outside the table.
fn cleaned(known: &Known, options: ProfileOptions) -> Option<Assignment> {
    let asked = CLEANING.into_iter().filter(|(option, ..)| options.has(*option));
    asked.filter(|_| known.tag != METHOD).find_map(|(option, cleaning, reason)| {
        let assign = match concerned(cleaning, known.tag, known.vr)? {
            Action::Coded => Assign::Coded,
            Action::Uid if options.has(RetainUids) => return None,
            Action::Uid => Assign::Uid,
            Action::Clean if option == CleanDescriptors => Assign::CleanText,
            Action::Clean => Assign::Clean,
            _ => return None,
        };
        Some(Assignment::new(assign, reason))
    })
}

/// De-identification Method, which is written anew.
const METHOD: Tag = Tag(0x0012, 0x0063);
/// Content Label: a code by its VR, and what somebody typed.
const LABEL: Tag = Tag(0x0070, 0x0080);

fn exact(vr: Option<VirtualVr>) -> VR {
    match vr {
        Some(VirtualVr::Exact(vr)) => vr,
        _ => VR::UN,
    }
}

/// The alternative of a compound code that an Attribute's Type asks for (Table E.1-1a): the most that can go while the
/// file stays what its IOD says. Without a known Type it is the last one, which is legal in every file.
///
/// Z lets a dummy stand (Table E.1-1a), so that X/Z leaves one where a value must be (Type 1).
pub(crate) fn alternative(code: &'static str, kind: Option<Type>) -> &'static str {
    let (first, last) = (code.split('/').next().unwrap_or(code), code.rsplit('/').next().unwrap_or(code));
    match kind {
        None => last,
        Some(Type::Three) => first,
        Some(Type::Two) => "Z",
        Some(Type::One) if last == "U*" => last,
        Some(Type::One) => "D",
    }
}
