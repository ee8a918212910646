//! Which Attributes say who somebody is, and how.

use crate::Tag;
use crate::syntax::number;
use Kind::{Birth, Id, Label, Name, Number, Place, Reference, Uid};

/// What kind of identifier an Attribute holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// The name of a person: each part of it.
    Name,
    /// A number of the patient or the study: however short it is.
    Id,
    /// A number of something else that leads to them: telephones, devices, orders.
    Number,
    /// A number or label that is a word of everyday use in many a hospital.
    Label,
    /// An institution, a department, an address: lines, parts and the words that are nothing but names.
    Place,
    /// The UID of the study, the series or the instance.
    Uid,
    /// Another UID, which can be the beginning of one that stays: in text only.
    Reference,
    /// A birth date.
    Birth,
}

/// Attributes of PS3.15 Table E.1-1 that name a person, a place or an instance, and the parts of entities that they are
/// named by (PS3.3 10.1, 10.14, 10.17). Other values of VR PN are names as well, and other UIDs of the top level UIDs.
const LISTED: &[(Tag, Kind)] = &[
    (Tag(0x0008, 0x0018), Uid),       // SOP Instance UID
    (Tag(0x0008, 0x0050), Id),        // Accession Number
    (Tag(0x0008, 0x0080), Place),     // Institution Name
    (Tag(0x0008, 0x0081), Place),     // Institution Address
    (Tag(0x0008, 0x0090), Name),      // Referring Physician's Name
    (Tag(0x0008, 0x0092), Place),     // Referring Physician's Address
    (Tag(0x0008, 0x0094), Number),    // Referring Physician's Telephone Numbers
    (Tag(0x0008, 0x009C), Name),      // Consulting Physician's Name
    (Tag(0x0008, 0x1010), Number),    // Station Name
    (Tag(0x0008, 0x1040), Place),     // Institutional Department Name
    (Tag(0x0008, 0x1048), Name),      // Physician(s) of Record
    (Tag(0x0008, 0x1050), Name),      // Performing Physician's Name
    (Tag(0x0008, 0x1060), Name),      // Name of Physician(s) Reading Study
    (Tag(0x0008, 0x1070), Name),      // Operators' Name
    (Tag(0x0008, 0x1155), Reference), // Referenced SOP Instance UID
    (Tag(0x0010, 0x0010), Name),      // Patient's Name
    (Tag(0x0010, 0x0012), Name),      // Name to Use
    (Tag(0x0010, 0x0020), Id),        // Patient ID
    (Tag(0x0010, 0x0021), Place),     // Issuer of Patient ID
    (Tag(0x0010, 0x0030), Birth),     // Patient's Birth Date
    (Tag(0x0010, 0x0033), Number),    // Patient's Birth Date in Alternative Calendar
    (Tag(0x0010, 0x1000), Id),        // Other Patient IDs
    (Tag(0x0010, 0x1001), Name),      // Other Patient Names
    (Tag(0x0010, 0x1005), Name),      // Patient's Birth Name
    (Tag(0x0010, 0x1040), Place),     // Patient's Address
    (Tag(0x0010, 0x1050), Number),    // Insurance Plan Identification
    (Tag(0x0010, 0x1060), Name),      // Patient's Mother's Birth Name
    (Tag(0x0010, 0x1090), Number),    // Medical Record Locator
    (Tag(0x0010, 0x2152), Place),     // Region of Residence
    (Tag(0x0010, 0x2154), Number),    // Patient's Telephone Numbers
    (Tag(0x0010, 0x2155), Number),    // Patient's Telecom Information
    (Tag(0x0010, 0x2297), Name),      // Responsible Person
    (Tag(0x0010, 0x2299), Place),     // Responsible Organization
    (Tag(0x0012, 0x0010), Place),     // Clinical Trial Sponsor Name
    (Tag(0x0012, 0x0020), Label),     // Clinical Trial Protocol ID
    (Tag(0x0012, 0x0030), Label),     // Clinical Trial Site ID
    (Tag(0x0012, 0x0031), Place),     // Clinical Trial Site Name
    (Tag(0x0012, 0x0032), Place),     // Issuer of Clinical Trial Site ID
    (Tag(0x0012, 0x0040), Id),        // Clinical Trial Subject ID
    (Tag(0x0012, 0x0041), Place),     // Issuer of Clinical Trial Subject ID
    (Tag(0x0012, 0x0042), Label),     // Clinical Trial Subject Reading ID
    (Tag(0x0012, 0x0060), Place),     // Clinical Trial Coordinating Center Name
    (Tag(0x0012, 0x0081), Place),     // Clinical Trial Protocol Ethics Committee Name
    (Tag(0x0012, 0x0082), Label),     // Clinical Trial Protocol Ethics Committee Approval Number
    (Tag(0x0016, 0x004D), Name),      // Camera Owner Name
    (Tag(0x0016, 0x0051), Label),     // Lens Serial Number
    (Tag(0x0018, 0x1000), Number),    // Device Serial Number
    (Tag(0x0020, 0x000D), Uid),       // Study Instance UID
    (Tag(0x0020, 0x000E), Uid),       // Series Instance UID
    (Tag(0x0020, 0x0010), Number),    // Study ID
    (Tag(0x0020, 0x0052), Reference), // Frame of Reference UID
    (Tag(0x0032, 0x0012), Place),     // Study ID Issuer
    (Tag(0x0032, 0x1020), Place),     // Scheduled Study Location
    (Tag(0x0032, 0x1032), Name),      // Requesting Physician
    (Tag(0x0032, 0x1033), Place),     // Requesting Service
    (Tag(0x0038, 0x0010), Number),    // Admission ID
    (Tag(0x0038, 0x0011), Place),     // Issuer of Admission ID
    (Tag(0x0038, 0x001E), Place),     // Scheduled Patient Institution Residence
    (Tag(0x0038, 0x0060), Number),    // Service Episode ID
    (Tag(0x0038, 0x0061), Place),     // Issuer of Service Episode ID
    (Tag(0x0038, 0x0300), Place),     // Current Patient Location
    (Tag(0x0038, 0x0400), Place),     // Patient's Institution Residence
    (Tag(0x0040, 0x0006), Name),      // Scheduled Performing Physician's Name
    (Tag(0x0040, 0x0009), Label),     // Scheduled Procedure Step ID
    (Tag(0x0040, 0x0010), Label),     // Scheduled Station Name
    (Tag(0x0040, 0x0011), Place),     // Scheduled Procedure Step Location
    (Tag(0x0040, 0x0031), Place),     // Local Namespace Entity ID
    (Tag(0x0040, 0x0032), Label),     // Universal Entity ID
    (Tag(0x0040, 0x0242), Label),     // Performed Station Name
    (Tag(0x0040, 0x0243), Place),     // Performed Location
    (Tag(0x0040, 0x0253), Label),     // Performed Procedure Step ID
    (Tag(0x0040, 0x050A), Label),     // Specimen Accession Number
    (Tag(0x0040, 0x0512), Label),     // Container Identifier
    (Tag(0x0040, 0x0551), Label),     // Specimen Identifier
    (Tag(0x0040, 0x06FA), Label),     // Slide Identifier
    (Tag(0x0040, 0x1001), Number),    // Requested Procedure ID
    (Tag(0x0040, 0x1005), Place),     // Requested Procedure Location
    (Tag(0x0040, 0x1010), Name),      // Names of Intended Recipients of Results
    (Tag(0x0040, 0x1102), Place),     // Person's Address
    (Tag(0x0040, 0x1103), Number),    // Person's Telephone Numbers
    (Tag(0x0040, 0x1104), Number),    // Person's Telecom Information
    (Tag(0x0040, 0x2008), Name),      // Order Entered By
    (Tag(0x0040, 0x2009), Place),     // Order Enterer's Location
    (Tag(0x0040, 0x2010), Number),    // Order Callback Phone Number
    (Tag(0x0040, 0x2011), Number),    // Order Callback Telecom Information
    (Tag(0x0040, 0x2016), Number),    // Placer Order Number / Imaging Service Request
    (Tag(0x0040, 0x2017), Number),    // Filler Order Number / Imaging Service Request
    (Tag(0x0040, 0x4036), Place),     // Human Performer's Organization
    (Tag(0x0040, 0x4037), Name),      // Human Performer's Name
    (Tag(0x0040, 0xA027), Place),     // Verifying Organization
    (Tag(0x0040, 0xA075), Name),      // Verifying Observer Name
    (Tag(0x0040, 0xA123), Name),      // Person Name
    (Tag(0x0040, 0xA307), Name),      // Current Observer (Trial)
    (Tag(0x0040, 0xA352), Name),      // Verbal Source (Trial)
    (Tag(0x0040, 0xA353), Place),     // Address (Trial)
    (Tag(0x0040, 0xA354), Number),    // Telephone Number (Trial)
    (Tag(0x2200, 0x0005), Label),     // Barcode Value
    (Tag(0x3006, 0x0024), Reference), // Referenced Frame of Reference UID
    (Tag(0x4008, 0x0040), Label),     // Results ID
    (Tag(0x4008, 0x0042), Place),     // Results ID Issuer
    (Tag(0x4008, 0x011A), Place),     // Distribution Address
    (Tag(0x4008, 0x0200), Label),     // Interpretation ID
    (Tag(0x4008, 0x0202), Place),     // Interpretation ID Issuer
];

/// The kind of an Attribute, if it is listed.
#[inline]
pub(super) fn kind(tag: Tag) -> Option<Kind> {
    // Most of the many elements of a file are not.
    if !may_be_listed(tag) {
        return None;
    }
    let at = LISTED.binary_search_by(|(own, _)| own.cmp(&tag)).ok()?;
    LISTED.get(at).map(|(_, kind)| *kind)
}

#[inline(always)]
pub(super) fn may_be_listed(tag: Tag) -> bool {
    let place = place(tag);
    PLACES[place >> 5] >> (place & 31) & 1 == 1
}

/// Which of [`PLACES`] the listed Attributes have.
static PLACES: [u32; 64] = {
    let mut places = [0; 64];
    let mut at = 0;
    while at < LISTED.len() {
        let place = place(LISTED[at].0);
        places[place >> 5] |= 1 << (place & 31);
        at += 1;
    }
    places
};

/// One of 2048 numbers, by which a tag is told from most others: the upper bits of a product depend on all bits of the tag. With
/// this factor hardly any Attribute that enhanced images, contours or reports repeat shares its number with a listed one.
const fn place(tag: Tag) -> usize {
    (number(tag).wrapping_mul(0x01BF_57B9) >> 21) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::VR;
    use crate::profile::dictionary::dictionary;
    use crate::profile::{Scope, rows};
    use dicom_core::dictionary::VirtualVr;

    #[test]
    fn the_list_is_in_order_and_whole() {
        assert!(LISTED.is_sorted_by(|a, b| a.0 < b.0));
        assert!(LISTED.iter().all(|(tag, own)| kind(*tag) == Some(*own)));
    }

    /// Words in keywords of the table that speak of persons and places. What has them and is not listed is no such thing.
    #[test]
    fn persons_and_places_of_the_table_are_listed() {
        const TOLD: [&str; 13] = [
            "Address",
            "Telephone",
            "Phone",
            "Telecom",
            "Institution",
            "Organization",
            "Location",
            "Residence",
            "PatientID",
            "AccessionNumber",
            "SubjectID",
            "OrderNumber",
            "Issuer",
        ];
        // Instructions, codes, trials, what the vendor says.
        const NONE: [&str; 6] = [
            "CountryOfResidence",
            "TemplateExtension",
            "ClinicalTrialProtocolID",
            "ReadingID",
            "TimePointID",
            "ClinicalTrialSeriesID",
        ];
        let mut named = 0;
        for row in rows() {
            let Scope::Attribute(tag) = row.scope else { continue };
            let Some(known) = dictionary().get(tag) else { continue };
            let Some(VirtualVr::Exact(vr)) = known.vr else { continue };
            let text = matches!(vr, VR::LO | VR::SH | VR::ST | VR::LT | VR::UT | VR::UC);
            let told = TOLD.iter().any(|word| known.keyword.contains(word));
            if text && told && !NONE.iter().any(|word| known.keyword.contains(word)) {
                assert!(kind(tag).is_some(), "{tag} {}", known.keyword);
                named += 1;
            }
        }
        assert!(named > 40, "{named}");
    }
}
