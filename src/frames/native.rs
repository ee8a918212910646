//! Native Pixel Data: how many bytes its geometry asks for (PS3.3 C.7.6.3, PS3.5 8.1).

use crate::element::{DataSet, Element};
use crate::{Tag, VR};
use dicom_dictionary_std::tags;

/// How many bytes of a native value are frames, padding included, where there are more; nothing if the geometry is
/// not certain or asks for no less.
pub(super) fn length(data_set: &DataSet, element: &Element) -> Option<u64> {
    let bits = frame(data_set, element)?.checked_mul(frames(data_set)?)?;
    let bytes = bits.div_ceil(8);
    let even = bytes + bytes % 2;
    (even < element.length).then_some(even)
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
        Some(text) => std::str::from_utf8(text).ok()?.trim().parse().ok().filter(|frames| *frames > 0),
    }
}

/// The value of a top-level Attribute of VR US.
pub(super) fn number(data_set: &DataSet, tag: Tag) -> Option<u64> {
    let (_, element) = data_set.child(u32::MAX, tag)?;
    let bytes: [u8; 2] = data_set.value(element)?.try_into().ok()?;
    let known = matches!(element.vr, VR::US | VR::SS | VR::UN);
    known.then(|| u64::from(element.encoding().u16(bytes)))
}
