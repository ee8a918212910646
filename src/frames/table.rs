//! Basic and Extended Offset Tables (PS3.5 A.4, PS3.3 C.7.6.3.1.8): made of where the fragments really are.

use super::rebuild::Placed;
use super::{Cleaned, Outcome};
use crate::edit::Part;
use crate::element::{DataSet, Element};
use dicom_dictionary_std::tags;

/// The Basic Offset Table: where each frame begins now, empty where that is not certain.
pub(super) fn basic(old: &[u8], placed: &[Placed], frames: Option<u64>) -> Vec<u8> {
    let frames = frames.unwrap_or(0);
    let entries = old.chunks(4).map(|entry| entry.try_into().map_or(u64::MAX, |e| u64::from(u32::from_le_bytes(e))));
    let found: Option<Vec<u64>> = entries
        .map(|entry| placed.binary_search_by_key(&entry, |place| place.0).ok())
        .map(|index| placed.get(index?).map(|place| place.1))
        .collect();
    let ascends = |new: &Vec<u64>| new.first() == Some(&0) && new.is_sorted_by(|a, b| a < b);
    let found = found.filter(|new| new.len() as u64 == frames && ascends(new));
    let one_each = placed.len() as u64 == frames;
    let new = found.or_else(|| one_each.then(|| placed.iter().map(|place| place.1).collect()));
    let fields = new.unwrap_or_default().into_iter().map(u32::try_from).collect::<Result<Vec<_>, _>>();
    fields.unwrap_or_default().into_iter().flat_map(u32::to_le_bytes).collect()
}

/// What becomes of an Extended Offset Table or its lengths: what each frame's fragment says, else they go.
pub(super) fn extended(data_set: &DataSet, element: &Element, cleaned: &Cleaned) -> Outcome<'static> {
    let offsets = element.tag == tags::EXTENDED_OFFSET_TABLE;
    let values = cleaned.frames.iter().map(|(offset, length)| if offsets { *offset } else { *length });
    let value: Vec<u8> = values.flat_map(u64::to_le_bytes).collect();
    if value.is_empty() {
        return Outcome::Gone;
    }
    if data_set.value(element) == Some(value.as_slice()) {
        return Outcome::Same;
    }
    let mut bytes = Vec::with_capacity(12 + value.len());
    match u32::try_from(value.len()) {
        Ok(length) if element.encoding().push_header(&mut bytes, element.tag, element.vr, length) => {
            bytes.extend(value);
            Outcome::Parts(vec![Part::Bytes(bytes)].into())
        }
        _ => Outcome::Gone,
    }
}
