//! Verification: what stays is searched for the file's own identifiers before it is left in place.

use crate::action::Effect;
use crate::element::{CONTAINER, DataSet, Element, known_vr};
use crate::error::{Code, Error, Place};
use crate::identifiers::Identifiers;
use crate::value;
use crate::{Tag, VR};
use dicom_dictionary_std::tags;

/// The warning's code where a value that would have stayed held an identifier.
pub(crate) const FOUND: &str = "identifier-found";
/// The warning's code where it still does, since the file is of no use without the value.
pub(crate) const STAYS: &str = "identifier-stays";

/// Values without which a reader cannot tell what the file is (PS3.3 Type 1, and those that text is read by).
const STRUCTURAL: [Tag; 3] = [tags::SPECIFIC_CHARACTER_SET, tags::SOP_CLASS_UID, tags::MODALITY];

/// What a search of a value that stays comes to.
pub(crate) enum Finding {
    /// It holds none.
    Clean,
    /// It goes, or what is left of it stays.
    Changed(Effect),
    /// It must stay.
    Reported,
}

/// Searches a value that would stay.
///
/// # Errors
/// [`Code::Residual`] where a binary value holds an identifier: it can neither be cleaned nor emptied.
pub(crate) fn search(own: &Identifiers, data_set: &DataSet, index: u32, element: &Element) -> Result<Finding, Error> {
    if element.has(CONTAINER) || element.tag == tags::PIXEL_DATA {
        return Ok(Finding::Clean);
    }
    let vr = known_vr(element.tag).filter(|_| element.vr == VR::UN).unwrap_or(element.vr);
    let Some(value) = data_set.value(element).filter(|value| own.stand_in(vr, value)) else {
        return Ok(Finding::Clean);
    };
    if STRUCTURAL.contains(&element.tag) || element.tag.group() == 0x0028 && value::is_text(vr) {
        return Ok(Finding::Reported);
    }
    if !value::is_text(vr) {
        let message =
            "a binary value holds an identifier of this file; remove the element with an entry of the settings";
        return Err(Error::new(Code::Residual, message).at(Place::Path(data_set.path(index as usize))));
    }
    let value = match element.tag {
        tags::IMAGE_TYPE => match image_type(own, value) {
            Some(value) => value,
            None => return Ok(Finding::Reported),
        },
        _ => Vec::new(),
    };
    Ok(Finding::Changed(Effect::Replace { vr, value, warning: Some(FOUND) }))
}

/// Image Type keeps its first two values, which are Type 1 (PS3.3 C.7.6.1.1.2); others are emptied by themselves.
/// `None` if one of the first two is the one.
fn image_type(own: &Identifiers, value: &[u8]) -> Option<Vec<u8>> {
    let mut parts: Vec<&[u8]> = value.split(|b| *b == b'\\').collect();
    for (at, part) in parts.iter_mut().enumerate() {
        if own.stand_in(VR::CS, part) {
            if at < 2 {
                return None;
            }
            *part = b"";
        }
    }
    let cleaned = parts.join(&b'\\');
    (!own.stand_in(VR::CS, &cleaned)).then_some(cleaned)
}
