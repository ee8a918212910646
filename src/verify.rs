//! The last look at values that stay: none may hold what identifies this very file.
//!
//! Rules decide by Attribute, and cannot know that a code which is legal anywhere spells this patient's name. Values
//! that the settings themselves keep are not looked at: whoever wrote the settings has decided.

use crate::element::{CONTAINER, Element, known_vr};
use crate::identifiers::{Identifiers, ROOT, Searched};
use crate::plan::{Action, Source};
use crate::profile::preset::NEEDED;
use crate::profile::terms;
use crate::value;
use crate::{Tag, VR};
use dicom_dictionary_std::tags;

/// Numbers of a series, an acquisition and an instance: 1, 2 or 3 is their Type, as the IOD has it.
const NUMBERS: [Tag; 3] = [tags::SERIES_NUMBER, tags::ACQUISITION_NUMBER, tags::INSTANCE_NUMBER];

/// What verification says about a value that would stay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It holds no identifier.
    Clean,
    /// It holds one and can do without: this takes its place.
    Replace(Vec<u8>),
    /// It holds one, and the file cannot be read without it: the user must know.
    Report,
    /// It is a UID that holds one: it is replaced as others are.
    Map,
    /// It holds one, and nobody knows what the bytes around it mean.
    Refuse,
}

/// Looks at a value that would stay.
pub(crate) fn verify(
    identifiers: &Identifiers,
    element: &Element,
    bytes: Option<&[u8]>,
    action: &Action,
    because: &Source,
) -> Verdict {
    let vr = value_vr(element, action);
    let (Some(how), Some(bytes)) = (Searched::of(vr), bytes) else { return Verdict::Clean };
    // An Option of the profile keeps dates and ages, but no birth date (PS3.15 E.3.6), wherever it stands.
    if how == Searched::Codes && matches!(because, Source::Row { option: Some(_), .. }) {
        let born = matches!(vr, VR::DA | VR::DT) && identifiers.is_birth_date(bytes);
        return if born { Verdict::Replace(value::dummy(vr).to_vec()) } else { Verdict::Clean };
    }
    let is_pixels = element.tag.group() == 0x7FE0;
    if is_pixels || element.has(CONTAINER) {
        return Verdict::Clean;
    }
    let holds = match vr {
        VR::UI => stands_in_uids(identifiers, bytes),
        _ => stands_in(identifiers, bytes, how),
    };
    if !holds {
        return Verdict::Clean;
    }
    match how {
        _ if matches!(element.tag, tags::IMAGE_TYPE | tags::FRAME_TYPE) => image_type(identifiers, bytes),
        _ if vr == VR::UI => Verdict::Map,
        _ if *action == Action::CleanText || element.tag == tags::CODE_MEANING => {
            Verdict::Replace(value::dummy(vr).to_vec())
        }
        Searched::Bytes => Verdict::Refuse,
        // Numbers are codes and IDs by chance, too.
        _ if *action == Action::Coded && value::is_numeral(bytes) => Verdict::Report,
        _ if *action == Action::Coded => Verdict::Replace(value::dummy(vr).to_vec()),
        // Legal under each Type, and in no output's way.
        Searched::Numerals if NUMBERS.contains(&element.tag) => Verdict::Replace(value::dummy(vr).to_vec()),
        Searched::Numerals if is_needed(because) => Verdict::Report,
        _ if terms::are_known(element.tag, bytes) => Verdict::Clean,
        _ => Verdict::Replace(Vec::new()),
    }
}

/// What a value is read as: the VR that the file states, and where that is UN, what the Attribute is known to have.
pub(crate) fn value_vr(element: &Element, action: &Action) -> VR {
    match action {
        _ if element.vr != VR::UN => element.vr,
        Action::KeepAs(vr) => *vr,
        _ => known_vr(element.tag).unwrap_or(VR::UN),
    }
}

/// Whether an identifier stands in a value; in numbers, in either order of their bytes.
pub(crate) fn stands_in(identifiers: &Identifiers, bytes: &[u8], how: Searched) -> bool {
    identifiers.stands_in(bytes, how)
        || how == Searched::Bytes && bytes.len() > 4 && stands_in_swapped(identifiers, bytes)
}

/// Whether an identifier stands in UIDs. DICOM's own root is none, even of a patient whose ID is 10008.
pub(crate) fn stands_in_uids(identifiers: &Identifiers, bytes: &[u8]) -> bool {
    bytes.split(|byte| *byte == b'\\').any(|uid| {
        let uid = value::trim(uid);
        identifiers.stands_in(uid.strip_prefix(ROOT).unwrap_or(uid), Searched::Codes)
    })
}

fn stands_in_swapped(identifiers: &Identifiers, bytes: &[u8]) -> bool {
    let search = |swapped: &mut [u8]| {
        swapped.chunks_exact_mut(2).for_each(<[u8]>::reverse);
        identifiers.stands_in(swapped, Searched::Bytes)
    };
    // Without an odd byte at the end, and most values have one number.
    let words = bytes.get(..bytes.len() & !1).unwrap_or_default();
    let mut few = [0; 16];
    match few.get_mut(..words.len()) {
        Some(few) => {
            few.copy_from_slice(words);
            search(few)
        }
        None => search(&mut words.to_vec()),
    }
}

/// Whether the file cannot be read without the Attribute.
fn is_needed(because: &Source) -> bool {
    matches!(because, Source::Preset(reason) if *reason == NEEDED)
}

/// PS3.3 C.7.6.1.1.2 and C.8.16.1: values from the third on are free; the first two are enumerated and Type 1.
fn image_type(identifiers: &Identifiers, bytes: &[u8]) -> Verdict {
    let parts: Vec<&[u8]> = bytes.split(|byte| *byte == b'\\').map(value::trim).collect();
    let holds = |part: &[u8]| identifiers.stands_in(part, Searched::Codes);
    let instead = [&b"DERIVED"[..], b"SECONDARY"];
    let keep = |(at, part): (usize, &[u8])| match instead.get(at) {
        _ if !holds(part) => part.to_vec(),
        Some(_) if terms::are_known(tags::IMAGE_TYPE, part) => part.to_vec(),
        other => other.copied().unwrap_or_default().to_vec(),
    };
    let kept: Vec<Vec<u8>> = parts.into_iter().enumerate().map(keep).collect();
    Verdict::Replace(kept.join(&b'\\'))
}
