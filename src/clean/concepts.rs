//! Content Items whose Concept Name says that their value identifies somebody (PS3.16).

use crate::Tag;
use crate::element::{DataSet, Element};
use crate::value;
use dicom_dictionary_std::tags;

/// Where a Content Item has its value (PS3.3 C.17.3): DATETIME, DATE, TIME, PNAME, TEXT, NUM. References are replaced
/// like all others, whatever they are called.
const VALUES: &[Tag] = &[
    Tag(0x0040, 0xA120),
    Tag(0x0040, 0xA121),
    Tag(0x0040, 0xA122),
    Tag(0x0040, 0xA123),
    Tag(0x0040, 0xA160),
    Tag(0x0040, 0xA30A),
];

/// Codes of the scheme DCM (PS3.16 Annex D), sorted.
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
    b"121031", // Subject Birth Date (TID 1007)
    b"121033", // Subject Age (TID 1007)
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

/// Whether an element is the value of a Content Item that identifies by what it is called.
pub(crate) fn identifies(data_set: &DataSet, element: &Element) -> bool {
    VALUES.contains(&element.tag) && is_listed(data_set, element).unwrap_or(false)
}

fn is_listed(data_set: &DataSet, element: &Element) -> Option<bool> {
    // A number stands in the Measured Value Sequence of its Content Item.
    let enclosing = |entry: u32| data_set.element(entry).map(|entry| entry.parent);
    let owner = match element.tag {
        tags::NUMERIC_VALUE => enclosing(enclosing(element.parent)?)?,
        _ => element.parent,
    };
    let (name, _) = data_set.child(owner, tags::CONCEPT_NAME_CODE_SEQUENCE)?;
    let (item, _) = data_set.children(name).next()?;
    let text = |tag| data_set.child(item, tag).and_then(|(_, element)| data_set.value(element)).map(value::trim);
    let code = text(tags::CODE_VALUE)?;
    Some(text(tags::CODING_SCHEME_DESIGNATOR)? == b"DCM" && DCM.binary_search(&code).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_codes_are_in_order() {
        assert!(DCM.is_sorted() && VALUES.is_sorted());
    }
}
