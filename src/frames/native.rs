//! Native Pixel Data and overlays: how many bytes their geometry asks for (PS3.3 C.7.6.3, C.9.2, PS3.5 8.1).

use crate::element::{DataSet, Element};
use crate::{Tag, VR};
use dicom_dictionary_std::tags;

/// How many bytes of a native value are frames, padding included; nothing if that is not certain.
pub(super) fn length(data_set: &DataSet, element: &Element) -> Option<u64> {
    let even = |bits: u64| Some(bits.checked_mul(frames(data_set)?)?.div_ceil(8).next_multiple_of(2));
    match frame(data_set, element) {
        Some(bits) => even(bits),
        // Some writers say that they subsample and do not: three samples for each pixel are no bytes behind the frames.
        None => even(subsampled(data_set)?).filter(|length| element.length < length / 2 * 3),
    }
}

/// Bits of a frame with two samples for each pixel (PS3.3 C.7.6.3.1.2).
fn subsampled(data_set: &DataSet) -> Option<u64> {
    let photometric = data_set.top(tags::PHOTOMETRIC_INTERPRETATION)?;
    let known = matches!(photometric, b"YBR_FULL_422" | b"YBR_PARTIAL_422")
        && number(data_set, tags::SAMPLES_PER_PIXEL) == Some(3)
        && number(data_set, tags::BITS_ALLOCATED) == Some(8)
        && number(data_set, tags::PLANAR_CONFIGURATION) != Some(1)
        && number(data_set, tags::COLUMNS)? % 2 == 0;
    area(data_set)?.checked_mul(16).filter(|_| known)
}

/// How many bytes of Overlay Data are its planes, each of which may begin with a new byte.
pub(super) fn overlay(data_set: &DataSet, element: &Element) -> Option<u64> {
    let own = |number| data_set.child(element.parent, Tag(element.tag.0, number)).map(|(_, own)| own);
    let value = |own| data_set.value(own).filter(|value| !value.is_empty());
    let frames = own(0x0015).and_then(value).map_or(Some(1), text)?;
    let of = |number| own(number).and_then(|own| short(data_set, own));
    let known = of(0x0100).is_none_or(|bits| bits == 1);
    let plane = (of(0x0010)? * of(0x0011)?).div_ceil(8);
    plane.checked_mul(frames).filter(|bytes| known && *bytes > 0).map(|bytes| bytes.next_multiple_of(2))
}

/// Bits of a frame that is not compressed.
pub(super) fn frame(data_set: &DataSet, element: &Element) -> Option<u64> {
    let allocated = match element.tag {
        tags::FLOAT_PIXEL_DATA => 32,
        tags::DOUBLE_FLOAT_PIXEL_DATA => 64,
        _ => number(data_set, tags::BITS_ALLOCATED).filter(|bits| *bits == 1 || (bits % 8 == 0 && *bits <= 64))?,
    };
    let photometric = data_set.top(tags::PHOTOMETRIC_INTERPRETATION).unwrap_or_default();
    // Chrominance is subsampled, in ways that writers do not agree on.
    if photometric.starts_with(b"YBR_") && photometric != b"YBR_FULL" {
        return None;
    }
    let samples = number(data_set, tags::SAMPLES_PER_PIXEL).filter(|samples| (1..=4).contains(samples))?;
    area(data_set)?.checked_mul(samples * allocated)
}

/// Pixels of a frame.
fn area(data_set: &DataSet) -> Option<u64> {
    let area = number(data_set, tags::ROWS)? * number(data_set, tags::COLUMNS)?;
    (area > 0).then_some(area)
}

/// Bytes that a segment of an RLE frame decodes to (PS3.5 G.2).
pub(super) fn plane(data_set: &DataSet) -> Option<u64> {
    let area = area(data_set)?;
    Some(if number(data_set, tags::BITS_ALLOCATED) == Some(1) { area.div_ceil(8) } else { area })
}

/// Number of Frames, 1 where it is absent (PS3.3 C.7.6.6).
pub(super) fn frames(data_set: &DataSet) -> Option<u64> {
    match data_set.top(tags::NUMBER_OF_FRAMES) {
        None | Some([]) => Some(1),
        Some(value) => text(value),
    }
}

/// A number of frames.
fn text(value: &[u8]) -> Option<u64> {
    std::str::from_utf8(value).ok()?.trim().parse().ok().filter(|frames| (1..=1 << 32).contains(frames))
}

/// The value of a top-level Attribute of VR US.
pub(super) fn number(data_set: &DataSet, tag: Tag) -> Option<u64> {
    let (_, element) = data_set.child(u32::MAX, tag)?;
    short(data_set, element)
}

fn short(data_set: &DataSet, element: &Element) -> Option<u64> {
    let bytes: [u8; 2] = data_set.value(element)?.try_into().ok()?;
    let known = matches!(element.vr, VR::US | VR::SS | VR::UN);
    known.then(|| u64::from(element.encoding().u16(bytes)))
}
