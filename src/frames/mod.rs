//! What no decoder of Pixel Data needs: bytes behind the frames, comments and application data in them.

mod encapsulated;
mod jpeg;
mod native;

pub(crate) use encapsulated::{Cleaned, Reader};

use crate::edit::Part;
use crate::element::{DataSet, Element, OPAQUE, SUPERSEDED, UNDEFINED_LENGTH};
use crate::{Tag, VR};
use dicom_dictionary_std::tags;

/// What becomes of a kept element.
pub(crate) enum Outcome {
    /// It stays.
    Same,
    /// It goes: a table of offsets that does not hold any more.
    Gone,
    /// It is made of these parts, header included.
    Parts(Vec<Part>),
}

/// What cleaning does to a top-level element that the rules keep.
pub(crate) fn outcome(data_set: &DataSet, element: &Element) -> Outcome {
    let cleaned = data_set.cleaned.as_ref();
    match element.tag {
        tags::EXTENDED_OFFSET_TABLE | tags::EXTENDED_OFFSET_TABLE_LENGTHS => match cleaned {
            Some(cleaned) if !cleaned.agrees(data_set, element) => Outcome::Gone,
            _ => Outcome::Same,
        },
        _ if !is_pixel_data(element.tag) || element.has(OPAQUE) => Outcome::Same,
        _ if element.has(UNDEFINED_LENGTH) => match cleaned {
            Some(Cleaned { parts: Some(parts), .. }) => Outcome::Parts(parts.clone()),
            _ => Outcome::Same,
        },
        _ => cut(data_set, element),
    }
}

/// Pixel Data whose fragments are to be read.
pub(crate) fn encapsulated(data_set: &DataSet) -> Option<Reader> {
    let mut top = data_set.children(u32::MAX);
    let (_, element) = top.find(|(_, e)| e.tag == tags::PIXEL_DATA && !e.has(SUPERSEDED))?;
    let fits = element.has(UNDEFINED_LENGTH) && !element.has(OPAQUE) && element.vr != VR::SQ;
    fits.then(|| Reader::new(*element, native::frames(data_set)))
}

fn is_pixel_data(tag: Tag) -> bool {
    matches!(tag, tags::PIXEL_DATA | tags::FLOAT_PIXEL_DATA | tags::DOUBLE_FLOAT_PIXEL_DATA)
}

fn cut(data_set: &DataSet, element: &Element) -> Outcome {
    let native = data_set.syntax.is_plain() || data_set.syntax.uid() == "1.2.840.10008.1.2.1.99";
    let Some(length) = native.then(|| native::length(data_set, element)).flatten() else { return Outcome::Same };
    let Ok(field) = u32::try_from(length) else { return Outcome::Same };
    let value = element.value_range();
    let mut header = Vec::with_capacity(12);
    // The length field is the header's last, of 32 bits in each VR that Pixel Data may have (PS3.5 7.1.2).
    if element.encoding().is_explicit() && !crate::syntax::has_long_header(element.vr) {
        return Outcome::Same;
    }
    element.encoding().push_header(&mut header, element.tag, element.vr, field);
    if header.len() != usize::from(element.header) {
        return Outcome::Same;
    }
    Outcome::Parts(vec![Part::Bytes(header), Part::Source(value.start..value.start + length)])
}
