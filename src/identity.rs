//! Whose file it is: what pseudonyms of a file are functions of.

use crate::element::DataSet;
use crate::value::{self, ascii, trim};
use crate::{Tag, VR};
use dicom_dictionary_std::tags;

/// Dates that say when the study was, best first.
const STUDY_DATES: [Tag; 4] = [tags::STUDY_DATE, tags::SERIES_DATE, tags::ACQUISITION_DATE, tags::CONTENT_DATE];

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
        let study_uid = uid(tags::STUDY_INSTANCE_UID);
        let mut instance_uid = uid(tags::SOP_INSTANCE_UID);
        if instance_uid.is_empty() {
            instance_uid.clone_from(&data_set.meta.sop_instance);
        }
        let accession = trim(top(tags::ACCESSION_NUMBER)).to_vec();
        let last_resort = if study_uid.is_empty() { &instance_uid } else { &study_uid };
        let patient = [
            (&b"id"[..], top(tags::PATIENT_ID), top(tags::ISSUER_OF_PATIENT_ID)),
            (b"name", top(tags::PATIENT_NAME), top(tags::PATIENT_BIRTH_DATE)),
            (b"study", last_resort.as_bytes(), b""),
        ];
        let (kind, first, second) =
            patient.into_iter().find(|(_, first, _)| !first.is_empty()).unwrap_or((b"none", b"", b""));
        let study = if accession.is_empty() { last_resort.as_bytes().to_vec() } else { accession };
        let study_date = STUDY_DATES.iter().find_map(|tag| crate::value::date(top(*tag)));
        Identity {
            patient: [kind, first, second].join(&0),
            study,
            series_uid: uid(tags::SERIES_INSTANCE_UID),
            study_uid,
            instance_uid,
            study_date,
        }
    }
}

/// The SOP Class of the Data Set, else of the File Meta Information; classes name no person.
pub(crate) fn sop_class(data_set: &DataSet) -> String {
    let own = data_set.top(tags::SOP_CLASS_UID).unwrap_or_default();
    let class = if own.is_empty() { data_set.meta.sop_class.clone() } else { ascii(own) };
    if value::is_valid(VR::UI, class.as_bytes()) { class } else { String::new() }
}
