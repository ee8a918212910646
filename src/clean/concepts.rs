//! Content Items whose Concept Name says that their value identifies somebody (PS3.16).
//!
//! A birth date identifies under every Option, and an age of more than 89 years does (PS3.15 E.3.6); other values only
//! where content is cleaned.

use crate::Tag;
use crate::element::{DataSet, Element};
use crate::value;
use dicom_dictionary_std::tags;

/// Where a Content Item has its value (PS3.3 C.17.3): DATETIME, DATE, TIME, PNAME, TEXT, NUM in all forms. References are replaced
/// like all others, whatever they are called.
const VALUES: &[Tag] = &[
    Tag(0x0040, 0xA120),
    Tag(0x0040, 0xA121),
    Tag(0x0040, 0xA122),
    Tag(0x0040, 0xA123),
    Tag(0x0040, 0xA160),
    Tag(0x0040, 0xA161),
    Tag(0x0040, 0xA162),
    Tag(0x0040, 0xA163),
    Tag(0x0040, 0xA30A),
];

/// Other codes of the scheme DCM (PS3.16 Annex D), sorted.
const DCM: &[&[u8]] = &[
    b"110190", // Issuer of Identifier (TID 8001)
    b"111700", // Specimen Container Identifier (TID 8001)
    b"111705", // Parent Specimen Identifier (TID 8001)
    b"111706", // Issuer of Parent Specimen Identifier (TID 8001)
    b"111724", // Issuer of Specimen Identifier (TID 8001)
    b"113511", // Radiopharmaceutical Dispense Unit Identifier (TID 10022)
    b"113512", // Radiopharmaceutical Lot Identifier (TID 10022)
    b"113513", // Reagent Vial Identifier (TID 10022)
    b"113514", // Radionuclide Vial Identifier (TID 10022)
    b"113516", // Prescription Identifier (TID 10022)
    b"113870", // Person Name (TID 1020)
    b"113871", // Person ID (TID 1020)
    b"113872", // Person ID Issuer (TID 1020)
    b"113873", // Organization Name (TID 1020)
    b"113877", // Device Name (TID 1021)
    b"113880", // Device Serial Number (TID 1021)
    b"121000", // Unique Device Identifiers
    b"121008", // Person Observer Name (TID 1003)
    b"121009", // Person Observer's Organization Name (TID 1003)
    b"121013", // Device Observer Name (TID 1004)
    b"121016", // Device Observer Serial Number (TID 1004)
    b"121017", // Device Observer Physical Location During Observation (TID 1004)
    b"121020", // Placer Number (TID 1005)
    b"121021", // Filler Number (TID 1005)
    b"121022", // Accession Number (TID 1005)
    b"121029", // Subject Name (TID 1007)
    b"121030", // Subject ID (TID 1007)
    b"121036", // Mother of fetus (TID 1008)
    b"121040", // Specimen Accession Number (TID 1009)
    b"121041", // Specimen Identifier (TID 1009)
    b"121043", // Slide Identifier (TID 1009)
    b"121114", // Performing Physician
    b"121148", // Unit Serial Identifier
    b"121149", // Lot Identifier
    b"121193", // Device Subject Name (TID 1010)
    b"121196", // Device Subject Serial Number (TID 1010)
    b"121197", // Device Subject Physical Location During Observation (TID 1010)
    b"121434", // Service Delivery Location
    b"121435", // Service Performer
    b"128774", // Person Observer's Login Name (TID 1003)
    b"128775", // Identifier within Person Observer's Role (TID 1003)
];

/// What the Concept Name of a Content Item says of its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Concept {
    /// It is a birth date.
    Birth,
    /// It is an age.
    Age,
    /// It identifies somebody otherwise.
    Other,
}

/// Codes for the birth date and the age of who is examined, by scheme (PS3.16 TID 1007, TID 3602, CID 3627).
const BIRTHS: [(&[u8], &[u8]); 2] = [(b"DCM", b"121031"), (b"LN", b"21112-8")];
const AGES: [(&[u8], &[u8]); 2] = [(b"DCM", b"121033"), (b"LN", b"30525-0")];

/// What is said of an element, if it is the value of a Content Item.
pub(crate) fn concept(data_set: &DataSet, element: &Element) -> Option<Concept> {
    if element.tag.0 != 0x0040 || !is_value(element.tag) {
        return None;
    }
    let (scheme, code) = concept_name(data_set, element)?;
    match (scheme, code) {
        named if BIRTHS.contains(&named) => Some(Concept::Birth),
        named if AGES.contains(&named) => Some(Concept::Age),
        (b"DCM", code) => DCM.binary_search(&code).is_ok().then_some(Concept::Other),
        _ => None,
    }
}

/// Whether an Attribute is the value of a Content Item.
pub(crate) fn is_value(tag: Tag) -> bool {
    VALUES.contains(&tag)
}

/// Whether an Attribute is a form of the number of a Content Item.
pub(crate) fn is_number(tag: Tag) -> bool {
    matches!(tag, Tag(0x0040, 0xA161..=0xA163 | 0xA30A))
}

/// The code of the unit of a number.
pub(crate) fn unit<'a>(data_set: &'a DataSet, element: &Element) -> Option<&'a [u8]> {
    let (units, _) = data_set.child(element.parent, tags::MEASUREMENT_UNITS_CODE_SEQUENCE)?;
    Some(code(data_set, units)?.1)
}

/// Scheme and code of the Concept Name.
fn concept_name<'a>(data_set: &'a DataSet, element: &Element) -> Option<(&'a [u8], &'a [u8])> {
    // A number stands in the Measured Value Sequence of its Content Item.
    let enclosing = |entry: u32| data_set.element(entry).map(|entry| entry.parent);
    let owner = match element.tag {
        tag if is_number(tag) => enclosing(enclosing(element.parent)?)?,
        _ => element.parent,
    };
    let (name, _) = data_set.child(owner, tags::CONCEPT_NAME_CODE_SEQUENCE)?;
    code(data_set, name)
}

/// Scheme and code in the first Item of a Sequence.
fn code(data_set: &DataSet, sequence: u32) -> Option<(&[u8], &[u8])> {
    let (item, _) = data_set.children(sequence).next()?;
    let text = |tag| data_set.child(item, tag).and_then(|(_, element)| data_set.value(element)).map(value::trim);
    Some((text(tags::CODING_SCHEME_DESIGNATOR)?, text(tags::CODE_VALUE)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_codes_are_in_order() {
        assert!(DCM.is_sorted() && VALUES.is_sorted());
    }
}
