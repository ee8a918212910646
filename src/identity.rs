//! Whose file it is: what pseudonyms of a file are functions of.

use crate::Tag;
use crate::element::DataSet;
use crate::value::{ascii, trim};

pub(crate) const SOP_CLASS_UID: Tag = Tag(0x0008, 0x0016);
pub(crate) const SOP_INSTANCE_UID: Tag = Tag(0x0008, 0x0018);
pub(crate) const STUDY_INSTANCE_UID: Tag = Tag(0x0020, 0x000D);
pub(crate) const SERIES_INSTANCE_UID: Tag = Tag(0x0020, 0x000E);
pub(crate) const ACCESSION_NUMBER: Tag = Tag(0x0008, 0x0050);
pub(crate) const PATIENT_ID: Tag = Tag(0x0010, 0x0020);
pub(crate) const CHARACTER_SET: Tag = Tag(0x0008, 0x0005);
const ISSUER_OF_PATIENT_ID: Tag = Tag(0x0010, 0x0021);
const PATIENT_NAME: Tag = Tag(0x0010, 0x0010);
const BIRTH_DATE: Tag = Tag(0x0010, 0x0030);
/// Dates that say when the study was, best first.
const STUDY_DATES: [Tag; 4] = [Tag(0x08, 0x20), Tag(0x08, 0x21), Tag(0x08, 0x22), Tag(0x08, 0x23)];

/// The originals that stand for the patient, the study and the instance.
#[derive(Clone, Debug)]
pub(crate) struct Identity {
    /// Patient ID and its issuer; else name and birth date; else the study.
    pub(crate) patient: Vec<u8>,
    /// Accession Number; else Study Instance UID.
    pub(crate) study: Vec<u8>,
    pub(crate) study_uid: String,
    pub(crate) series_uid: String,
    pub(crate) instance_uid: String,
    /// Year, month and day of the study, where the file has one.
    pub(crate) study_date: Option<(u32, u32, u32)>,
}

impl Identity {
    pub(crate) fn of(data_set: &DataSet) -> Self {
        let top = |tag| data_set.top(tag).unwrap_or_default();
        let uid = |tag| ascii(top(tag));
        let study_uid = uid(STUDY_INSTANCE_UID);
        let mut instance_uid = uid(SOP_INSTANCE_UID);
        if instance_uid.is_empty() {
            instance_uid.clone_from(&data_set.meta.sop_instance);
        }
        let accession = trim(top(ACCESSION_NUMBER)).to_vec();
        let last_resort = if study_uid.is_empty() { &instance_uid } else { &study_uid };
        let patient = [
            (&b"id"[..], top(PATIENT_ID), top(ISSUER_OF_PATIENT_ID)),
            (b"name", top(PATIENT_NAME), top(BIRTH_DATE)),
            (b"study", last_resort.as_bytes(), b""),
        ];
        let (kind, first, second) =
            patient.into_iter().find(|(_, first, _)| !first.is_empty()).unwrap_or((b"none", b"", b""));
        let study = if accession.is_empty() { last_resort.as_bytes().to_vec() } else { accession };
        let study_date = STUDY_DATES.iter().find_map(|tag| crate::value::date(top(*tag)));
        Identity {
            patient: [kind, first, second].join(&0),
            study,
            series_uid: uid(SERIES_INSTANCE_UID),
            study_uid,
            instance_uid,
            study_date,
        }
    }
}
