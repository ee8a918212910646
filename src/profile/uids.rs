//! Attributes of VR UI: which name a class or scheme, which refer to what; and the instances that everybody knows.

use crate::Tag;

/// What a UID refers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Referent {
    /// A study: follows Study Instance UID (0020,000D).
    Study,
    /// A series: follows Series Instance UID (0020,000E).
    Series,
    /// A SOP Instance: follows SOP Instance UID (0008,0018).
    Instance,
    /// Any of the three, or something else: only what stands around it tells.
    Any,
}

/// UI Attributes whose values name a class, a syntax or a scheme that many files share: never mapped.
///
/// All UI Attributes of PS3.6 were gone through. Not here, though their names sound alike, because they identify a
/// site, a device or a file: Context Group Extension Creator UID (0008,010D), Creator-Version UID (0008,9123),
/// Manufacturer's Device Class UID (0018,100B), Repository Unique ID (0040,E030), Home Community ID (0040,E031),
/// Template Extension Organization and Creator UID (0040,DB0C and DB0D), Segmentation Template UID (3010,001F).
const CLASS_OR_SCHEME: [Tag; 26] = [
    Tag(0x0000, 0x0002), // Affected SOP Class UID
    Tag(0x0000, 0x0003), // Requested SOP Class UID
    Tag(0x0002, 0x0002), // Media Storage SOP Class UID
    Tag(0x0002, 0x0010), // Transfer Syntax UID
    Tag(0x0002, 0x0012), // Implementation Class UID
    Tag(0x0002, 0x0032), // RTV Communication SOP Class UID
    Tag(0x0004, 0x1432), // Private Record UID: the type of a record
    Tag(0x0004, 0x1510), // Referenced SOP Class UID in File
    Tag(0x0004, 0x1512), // Referenced Transfer Syntax UID in File
    Tag(0x0004, 0x151A), // Referenced Related General SOP Class UID in File
    Tag(0x0008, 0x0016), // SOP Class UID
    Tag(0x0008, 0x001A), // Related General SOP Class UID
    Tag(0x0008, 0x001B), // Original Specialized SOP Class UID
    Tag(0x0008, 0x0062), // SOP Classes in Study
    Tag(0x0008, 0x010C), // Coding Scheme UID
    Tag(0x0008, 0x0117), // Context UID
    Tag(0x0008, 0x0118), // Mapping Resource UID
    Tag(0x0008, 0x040E), // Stored Instance Transfer Syntax UID
    Tag(0x0008, 0x1150), // Referenced SOP Class UID
    Tag(0x0008, 0x115A), // SOP Classes Supported
    Tag(0x0008, 0x3002), // Available Transfer Syntax UID
    Tag(0x0034, 0x0003), // Flow Transfer Syntax UID
    Tag(0x0400, 0x0010), // MAC Calculation Transfer Syntax UID
    Tag(0x0400, 0x0510), // Encrypted Content Transfer Syntax UID
    Tag(0x3010, 0x0052), // Pertinent SOP Classes in Study
    Tag(0x3010, 0x0053), // Pertinent SOP Classes in Series
];

/// UI Attributes that refer to a study, a series or a SOP Instance, the three base Attributes among them.
///
/// Referenced SOP Instance UID (0008,1155) counts as an instance's, though in Referenced Study Sequence (0008,1110) it
/// is a study's: both are mapped by the same function. References to series use (0020,000E) itself.
const REFERENTS: [(Tag, Referent); 15] = [
    (Tag(0x0000, 0x1000), Referent::Instance), // Affected SOP Instance UID
    (Tag(0x0000, 0x1001), Referent::Instance), // Requested SOP Instance UID
    (Tag(0x0002, 0x0003), Referent::Instance), // Media Storage SOP Instance UID
    (Tag(0x0002, 0x0033), Referent::Instance), // RTV Communication SOP Instance UID
    (Tag(0x0004, 0x1511), Referent::Instance), // Referenced SOP Instance UID in File
    (Tag(0x0008, 0x0018), Referent::Instance), // SOP Instance UID
    (Tag(0x0008, 0x0058), Referent::Instance), // Failed SOP Instance UID List
    (Tag(0x0008, 0x1155), Referent::Instance), // Referenced SOP Instance UID
    (Tag(0x0008, 0x1167), Referent::Instance), // Multi-frame Source SOP Instance UID
    (Tag(0x0020, 0x000D), Referent::Study),    // Study Instance UID
    (Tag(0x0020, 0x000E), Referent::Series),   // Series Instance UID
    (Tag(0x0020, 0x0242), Referent::Instance), // SOP Instance UID of Concatenation Source
    (Tag(0x0028, 0x0304), Referent::Instance), // Referenced Color Palette Instance UID
    (Tag(0x0040, 0xA124), Referent::Any),      // UID of an SR Content Item
    (Tag(0x0072, 0x007F), Referent::Any),      // Selector UI Value
];

/// Whether an Attribute of VR UI names a class, a syntax or a scheme: such a UID is never mapped.
pub fn names_class_or_scheme(tag: Tag) -> bool {
    CLASS_OR_SCHEME.contains(&tag)
}

/// What an Attribute refers to, if it is one of those that refer to studies, series or instances.
pub fn referent(tag: Tag) -> Option<Referent> {
    REFERENTS.iter().find(|(attribute, _)| *attribute == tag).map(|(_, referent)| *referent)
}

/// UIDs of PS3.6 Annex A that stand for one thing everywhere, below the DICOM root `1.2.840.10008.`.
const WELL_KNOWN: [&str; 20] = [
    "1.5.1",             // colour palettes: Hot Iron, PET, Hot Metal Blue, PET 20 Step, Spring, Summer, Fall, Winter
    "1.5.2",             //
    "1.5.3",             //
    "1.5.4",             //
    "1.5.5",             //
    "1.5.6",             //
    "1.5.7",             //
    "1.5.8",             //
    "1.20.1.1",          // Storage Commitment Push Model
    "1.20.2.1",          // Storage Commitment Pull Model, retired
    "1.40.1",            // Procedural Event Logging
    "1.42.1",            // Substance Administration Logging
    "5.1.1.17",          // Printer
    "5.1.1.17.376",      // Printer Configuration Retrieval
    "5.1.1.25",          // Print Queue, retired
    "5.1.1.40.1",        // Display System
    "5.1.4.1.1.201.1.1", // Storage Management
    "5.1.4.34.5",        // UPS Global Subscription
    "5.1.4.34.5.1",      // UPS Filtered Global Subscription
    "15.1.1",            // Universal Coordinated Time, a Synchronization Frame of Reference
];

/// Well-known Frames of Reference, below `1.2.840.10008.1.4.`: an atlas family and how many members it has.
const FRAMES_OF_REFERENCE: [(&str, u8); 6] = [
    ("1", 18), // Talairach, SPM2
    ("2", 2),  // ICBM
    ("3", 3),  // IEC 61217 fixed and table top, standard robotic arm
    ("4", 1),  // SRI24
    ("5", 1),  // Colin27
    ("6", 3),  // LPBA40
];

/// Whether a UID is a well-known SOP Instance, Frame of Reference or colour palette of PS3.6 Annex A: the same in all
/// the world, so mapping it would hide nothing and break its meaning. Padding does not count.
///
/// ```
/// use lethe::profile::is_well_known_instance;
/// assert!(is_well_known_instance("1.2.840.10008.1.4.1.1"));
/// assert!(!is_well_known_instance("1.2.840.10008.5.1.4.1.1.2"));
/// ```
pub fn is_well_known_instance(uid: &str) -> bool {
    let Some(rest) = uid.trim_matches([' ', '\0']).strip_prefix("1.2.840.10008.") else { return false };
    WELL_KNOWN.contains(&rest) || rest.strip_prefix("1.4.").is_some_and(is_frame_of_reference)
}

fn is_frame_of_reference(rest: &str) -> bool {
    let Some((family, member)) = rest.split_once('.') else { return false };
    let count = FRAMES_OF_REFERENCE.iter().find(|(known, _)| *known == family).map_or(0, |(_, count)| *count);
    (1..=count).any(|number| number.to_string() == member)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::dictionary::dictionary;
    use dicom_core::{VR, dictionary::VirtualVr};

    #[test]
    fn both_lists_hold_ui_attributes_and_nothing_twice() {
        let listed = CLASS_OR_SCHEME.iter().copied().chain(REFERENTS.iter().map(|(tag, _)| *tag));
        let mut seen = std::collections::BTreeSet::new();
        for tag in listed {
            assert!(seen.insert(tag), "{tag} is listed twice");
            let vr = dictionary().get(tag).and_then(|known| known.vr);
            assert_eq!(vr, Some(VirtualVr::Exact(VR::UI)), "{tag}");
        }
    }

    /// A UI Attribute whose name speaks of a class, a syntax or a scheme is on the list, or excused in its doc comment.
    #[test]
    fn names_and_list_agree() {
        for known in dictionary().all().iter().filter(|known| known.vr == Some(VirtualVr::Exact(VR::UI))) {
            let names_class = ["SOPClass", "TransferSyntax", "CodingScheme", "ImplementationClass"]
                .iter()
                .any(|word| known.keyword.contains(word));
            assert!(!names_class || names_class_or_scheme(known.tag), "{} {}", known.tag, known.keyword);
            let names_instance = known.keyword.contains("SOPInstance");
            assert!(!names_instance || referent(known.tag) == Some(Referent::Instance), "{}", known.keyword);
        }
    }

    #[test]
    fn well_known_instances() {
        for uid in ["1.2.840.10008.1.5.8", "1.2.840.10008.15.1.1\0", "1.2.840.10008.1.4.1.18", "1.2.840.10008.1.4.6.3"]
        {
            assert!(is_well_known_instance(uid), "{uid}");
        }
        for uid in [
            "",
            "1.2.840.10008.1.4.1.19",
            "1.2.840.10008.1.4.1.01",
            "1.2.840.10008.1.5.9",
            "1.2.840.10008.1.2.1",
            "15.1.1",
        ] {
            assert!(!is_well_known_instance(uid), "{uid}");
        }
    }
}
