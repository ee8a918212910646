//! Whether a value may be kept: it is what its Attribute says it is, where it may stand.

use crate::element::{DataSet, Element, UNDEFINED_LENGTH, virtual_vr};
use crate::profile;
use crate::profile::dictionary::Known;
use crate::syntax::Encoding;
use crate::value;
use crate::{Tag, VR};
use dicom_core::dictionary::VirtualVr;
use dicom_dictionary_std::tags;

/// Pixel Data below the top level (icons have it, and they go), offsets of fragments where there are none, and fragments
/// anywhere else.
pub(super) fn is_misplaced(data_set: &DataSet, element: &Element) -> bool {
    let has_fragments = |(_, pixels): (u32, &Element)| pixels.has(UNDEFINED_LENGTH);
    match element.tag {
        tags::EXTENDED_OFFSET_TABLE | tags::EXTENDED_OFFSET_TABLE_LENGTHS => {
            element.depth > 0 || !data_set.child(u32::MAX, tags::PIXEL_DATA).is_some_and(has_fragments)
        }
        Tag(0x7FE0, _) => element.depth > 0,
        _ => element.has(UNDEFINED_LENGTH),
    }
}

/// Whether the bytes are what the Attribute's VR, number of values and terms allow, whatever VR the file states.
pub(super) fn is_legal(element: &Element, known: Option<&Known>, vr: VR, bytes: &[u8]) -> bool {
    let vr = virtual_vr(element.tag, known).map_or(vr, VirtualVr::relaxed);
    let stated = if element.vr == VR::UN { vr } else { element.vr };
    // Numbers of another size may be what they should be, and bytes may be words; other values not.
    let any_layout = value::number_size(stated).is_some() || value::is_bulk(vr);
    if !value::is_valid(stated, bytes) || !any_layout && vr != stated && !value::is_valid(vr, bytes) {
        return false;
    }
    if vr == VR::AT && bytes.len() > 4 && !are_attributes(element.encoding(), bytes) {
        return false;
    }
    match value::number_size(vr).map(|size| value::number_size(stated).unwrap_or(size)) {
        // One value is what every Attribute has at least.
        Some(size) => {
            bytes.len() <= size || bytes.len() <= size.saturating_mul(known.map_or(usize::MAX, |known| known.most))
        }
        None => profile::terms::are_legal(element.tag, bytes),
    }
}

/// Tags that point at elements of the file: others than those of PS3.6 are gone.
fn are_attributes(encoding: Encoding, bytes: &[u8]) -> bool {
    bytes.chunks_exact(4).all(|tag| match *tag {
        [a, b, c, d] => profile::dictionary_vr(Tag(encoding.u16([a, b]), encoding.u16([c, d]))).is_some(),
        _ => false,
    })
}

/// Whether a value of one VR reads the same under another: writers mix these up, and the
/// dictionary itself leaves some open (US or SS, OB or OW).
pub(super) fn same_family(dictionary: VR, stated: VR) -> bool {
    use VR::*;
    let family = |vr| match vr {
        OB | OW | OF | OD | OL | OV | US | SS => 1,
        UL | SL => 2,
        DS | IS => 3,
        LO | SH | ST | LT | UT | UC | CS | PN => 4,
        _ => 100 + vr as u32,
    };
    family(dictionary) == family(stated) || (number_like(dictionary) && number_like(stated))
}

fn number_like(vr: VR) -> bool {
    value::number_size(vr).is_some() && vr != VR::AT
}
