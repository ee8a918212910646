//! What no decoder of Pixel Data needs: bytes behind the frames, comments and application data in them, bits beside the
//! pixels.

mod boxes;
mod encapsulated;
mod j2k;
mod jpeg;
mod mask;
mod native;
mod rebuild;
mod rle;
mod scan;
mod search;
mod table;

pub(crate) use encapsulated::Reader;
pub(crate) use mask::{Masked, Unused, unused};

use crate::edit::Part;
use crate::element::{DataSet, Element, OPAQUE, SUPERSEDED, UNDEFINED_LENGTH};
use crate::{Tag, VR};
use dicom_dictionary_std::tags;
use scan::Start;
use std::borrow::Cow;

/// What reading the fragments led to.
#[derive(Clone, Debug)]
pub(crate) struct Cleaned {
    /// The whole element, where it changed.
    parts: Option<Vec<Part>>,
    /// Images that could not be read to their end stay as they are.
    unchecked: bool,
    /// What stands behind a codestream cannot be told from it.
    open_ended: bool,
    /// Offset and length of each frame's fragment, where each frame has one.
    frames: Vec<(u64, u64)>,
}

/// What becomes of a kept element.
pub(crate) enum Outcome<'a> {
    /// It stays.
    Same,
    /// It goes: a table of offsets that does not hold any more.
    Gone,
    /// It is made of these parts, header included.
    Parts(Cow<'a, [Part]>),
}

/// What cleaning does to an element that the rules keep.
pub(crate) fn outcome<'a>(data_set: &'a DataSet, element: &Element) -> Outcome<'a> {
    let cleaned = data_set.cleaned.as_ref();
    match element.tag {
        tags::EXTENDED_OFFSET_TABLE | tags::EXTENDED_OFFSET_TABLE_LENGTHS => match cleaned {
            Some(cleaned) => table::extended(data_set, element, cleaned),
            None => Outcome::Same,
        },
        _ if !has_pixels(element.tag) || element.has(OPAQUE) => Outcome::Same,
        _ if element.has(UNDEFINED_LENGTH) => match cleaned {
            Some(Cleaned { parts: Some(parts), .. }) => Outcome::Parts(Cow::Borrowed(parts)),
            _ => Outcome::Same,
        },
        _ => cut(data_set, element),
    }
}

/// Code and message where kept Pixel Data holds images that were not read from start to end, or bytes behind its frames
/// cannot be told from them.
pub(crate) fn doubt(data_set: &DataSet, element: &Element) -> Option<(&'static str, &'static str)> {
    if !element.has(UNDEFINED_LENGTH) {
        let uncertain = has_pixels(element.tag) && element.length > 0 && needed(data_set, element).is_none();
        let message =
            "how long Pixel Data or an overlay is cannot be told from its Attributes; bytes behind it may stay";
        return uncertain.then_some(("frames-not-checked", message));
    }
    if element.tag != tags::PIXEL_DATA {
        return None;
    }
    // One that was not read at all stands in a deflated Data Set.
    let unchecked = data_set.cleaned.as_ref().is_none_or(|cleaned| cleaned.unchecked);
    let open_ended = data_set.cleaned.as_ref().is_some_and(|cleaned| cleaned.open_ended);
    // MPEG-2, MPEG-4 and HEVC (PS3.6 Table A-1).
    let video = data_set.syntax.uid().starts_with("1.2.840.10008.1.2.4.10");
    Some(match (unchecked, video) {
        (true, true) => {
            ("video-metadata-not-checked", "the video was not searched for titles, comments and other text in it")
        }
        (true, false) => {
            ("frames-not-checked", "the compressed images were not searched for comments and other text in them")
        }
        (false, _) if open_ended => {
            ("frames-not-checked", "bytes behind the codestream of a JPEG XL image cannot be told from it")
        }
        _ => return None,
    })
}

/// Pixel Data whose fragments are to be read.
pub(crate) fn encapsulated(data_set: &DataSet) -> Option<Reader> {
    let mut top = data_set.children(u32::MAX);
    let (entry, element) = top.find(|(_, e)| e.tag == tags::PIXEL_DATA && !e.has(SUPERSEDED))?;
    let fits = element.has(UNDEFINED_LENGTH) && !element.has(OPAQUE) && element.vr != VR::SQ;
    let frame = || native::frame(data_set, element).unwrap_or_default().div_ceil(8);
    let start = match data_set.syntax.uid() {
        "1.2.840.10008.1.2.5" => Start::Rle(native::plane(data_set).unwrap_or_default()),
        "1.2.840.10008.1.2.8.1" => Start::Deflated(frame()),
        "1.2.840.10008.1.2.1.98" => Start::Plain(frame()),
        _ => Start::Magic,
    };
    fits.then(|| Reader::new(entry, *element, native::frames(data_set), start))
}

/// Whether an element is Pixel Data or Overlay Data.
pub(crate) fn has_pixels(tag: Tag) -> bool {
    matches!(tag, tags::PIXEL_DATA | tags::FLOAT_PIXEL_DATA | tags::DOUBLE_FLOAT_PIXEL_DATA) || is_overlay(tag)
}

fn is_overlay(Tag(group, element): Tag) -> bool {
    (0x6000..=0x60FE).contains(&group) && group % 2 == 0 && element == 0x3000
}

/// Whether the Pixel Data of a file that is not encapsulated is laid out as its Attributes say.
fn is_native(data_set: &DataSet, element: &Element) -> bool {
    let syntax = &data_set.syntax;
    !element.has(UNDEFINED_LENGTH | OPAQUE) && (syntax.is_plain() || syntax.uid() == "1.2.840.10008.1.2.1.99")
}

/// How many bytes of a value that is not compressed are pixels, where that can be told.
fn needed(data_set: &DataSet, element: &Element) -> Option<u64> {
    // The length field is the header's last, of 32 bits in each VR that Pixel Data may have (PS3.5 7.1.2).
    if element.encoding().is_explicit() && !crate::syntax::has_long_header(element.vr) {
        return None;
    }
    match is_overlay(element.tag) {
        true => native::overlay(data_set, element),
        false => is_native(data_set, element).then(|| native::length(data_set, element)).flatten(),
    }
}

fn cut(data_set: &DataSet, element: &Element) -> Outcome<'static> {
    let less = needed(data_set, element).filter(|length| *length < element.length);
    let Some(length) = less else { return Outcome::Same };
    let Ok(field) = u32::try_from(length) else { return Outcome::Same };
    let value = element.value_range();
    let mut header = Vec::with_capacity(12);
    element.encoding().push_header(&mut header, element.tag, element.vr, field);
    if header.len() != usize::from(element.header) {
        return Outcome::Same;
    }
    Outcome::Parts(vec![Part::Bytes(header), Part::Source(value.start..value.start + length)].into())
}
