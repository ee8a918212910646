//! Terms of the Standard: values of coded Attributes that say nothing about a person, whoever has that name.

use crate::Tag;
use crate::value::trim;

/// Attributes whose values are among these, with a bar between two; of some of them every other value goes.
const TERMS: &[(Tag, bool, &str)] = &[
    // PS3.3 C.12.1.1.2
    (
        Tag(0x0008, 0x0005),
        true,
        "ISO_IR 6|ISO_IR 13|ISO_IR 100|ISO_IR 101|ISO_IR 109|ISO_IR 110|ISO_IR 126|ISO_IR 127|ISO_IR 138|ISO_IR 144|\
         ISO_IR 148|ISO_IR 166|ISO_IR 192|ISO_IR 203|ISO 2022 IR 6|ISO 2022 IR 13|ISO 2022 IR 58|ISO 2022 IR 87|\
         ISO 2022 IR 100|ISO 2022 IR 101|ISO 2022 IR 109|ISO 2022 IR 110|ISO 2022 IR 126|ISO 2022 IR 127|\
         ISO 2022 IR 138|ISO 2022 IR 144|ISO 2022 IR 148|ISO 2022 IR 149|ISO 2022 IR 159|ISO 2022 IR 166|\
         ISO 2022 IR 203|GB18030|GBK",
    ),
    (Tag(0x0008, 0x0008), false, "ORIGINAL|DERIVED|PRIMARY|SECONDARY|MIXED"),
    // PS3.3 C.7.3.1.1.1: names have three letters.
    (
        Tag(0x0008, 0x0060),
        false,
        "ANN|ASMT|BDUS|BMD|CFM|CTPROTOCOL|DMS|DOC|ECG|EEG|EMG|EOG|EPS|FID|IOL|IVOCT|IVUS|KER|M3D|OAM|OCT|OPM|OPT|OPTBSV|\
         OPTENF|OPV|OSS|PLAN|POS|REG|RESP|RTDOSE|RTIMAGE|RTINTENT|RTPLAN|RTRAD|RTRECORD|RTSEGANN|RTSTRUCT|SEG|SMR|SRF|\
         STAIN|TEXTUREMAP|XAPROTOCOL",
    ),
    (Tag(0x0018, 0x5100), false, "HFP|HFS|HFDR|HFDL|FFDR|FFDL|FFP|FFS|LFP|LFS|RFP|RFS|AFDR|AFDL|PFDR|PFDL"),
    (
        Tag(0x0028, 0x0004),
        false,
        "MONOCHROME1|MONOCHROME2|PALETTE COLOR|RGB|HSV|ARGB|CMYK|YBR_FULL|YBR_FULL_422|YBR_PARTIAL_422|YBR_PARTIAL_420|\
         YBR_ICT|YBR_RCT|XYB",
    ),
    // PS3.3 C.11.1.1.2, and units that nuclear medicine writes (C.8.9.1)
    (Tag(0x0028, 0x1054), true, UNITS),
    (Tag(0x0028, 0x3004), true, UNITS),
    // PS3.3 C.17.3.2.1, C.17.3.2.4, C.18.8
    (
        Tag(0x0040, 0xA010),
        false,
        "CONTAINS|HAS OBS CONTEXT|HAS CONCEPT MOD|HAS PROPERTIES|HAS ACQ CONTEXT|INFERRED FROM|SELECTED FROM",
    ),
    (
        Tag(0x0040, 0xA040),
        false,
        "CONTAINER|TEXT|NUM|CODE|DATETIME|DATE|TIME|UIDREF|PNAME|COMPOSITE|IMAGE|WAVEFORM|SCOORD|SCOORD3D|TCOORD|TABLE",
    ),
    (Tag(0x0042, 0x0012), true, MEDIA),
    (Tag(0x0042, 0x0014), true, MEDIA),
];
const UNITS: &str = "OD|OD REL|HU|US|MGML|Z_EFF|ED|EDW|HU_MOD|PCT|CNTS|NONE|CM2|PCNT|CPS|BQML|MGMINML|UMOLMINML|MLMING|MLG|1CM|\
                     UMOLML|PROPCNTS|PROPCPS|MLMINML|MLML|GML|STDDEV|SUV|normalized";
const MEDIA: &str = "application/pdf|text/XML|text/xml|application/sla|model/stl|model/obj|model/mtl|application/dicom|\
                     application/octet-stream|image/jpeg|image/png|image/tiff|image/gif|text/plain|text/html|video/mp4";

/// Whether an Attribute may have the value: others than its terms are free text.
pub(crate) fn are_legal(tag: Tag, value: &[u8]) -> bool {
    find(tag).is_none_or(|(_, closed, terms)| !closed || known(terms, value))
}

/// Whether all values are terms of the Attribute.
pub(crate) fn are_known(tag: Tag, value: &[u8]) -> bool {
    find(tag).is_some_and(|(.., terms)| known(terms, value))
}

fn find(tag: Tag) -> Option<&'static (Tag, bool, &'static str)> {
    TERMS.iter().find(|(own, ..)| *own == tag)
}

fn known(terms: &str, value: &[u8]) -> bool {
    let mut parts = value.split(|byte| *byte == b'\\').map(trim);
    parts.all(|part| part.is_empty() || terms.split('|').any(|term| term.as_bytes() == part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_values_than_terms_are_told() {
        assert!(are_legal(Tag(0x0008, 0x0005), b"ISO_IR 100 ") && are_legal(Tag(0x0008, 0x0005), b"\\ISO 2022 IR 87"));
        assert!(!are_legal(Tag(0x0008, 0x0005), b"ISO_IR 100\\SMITH") && !are_legal(Tag(0x0028, 0x1054), b"SMITH"));
        assert!(are_legal(Tag(0x0028, 0x0004), b"SMITH") && !are_known(Tag(0x0028, 0x0004), b"SMITH"));
        assert!(are_known(Tag(0x0008, 0x0060), b"DOC ") && !are_known(Tag(0x0008, 0x0061), b"DOC"));
    }
}
