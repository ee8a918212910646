//! The end of the way: head, name, report and crosswalk of the output.

use super::{Pass, decide};
use crate::VR;
use crate::action::Scene;
use crate::deidentify::Rewrite;
use crate::edit::Part;
use crate::element::{CONTAINER, DataSet, Element, UNDEFINED_LENGTH};
use crate::error::{Code, Error};
use crate::identity::sop_class;
use crate::large::Search;
use crate::meta;
use crate::name;
use crate::plan::Action;
use crate::report::{FileReport, Link, LinkKind, RiskNote};
use crate::value;
use crate::verify::stands_in_uids;
use dicom_dictionary_std::tags;

impl Pass<'_> {
    pub(crate) fn finish(self, crosswalk: bool, risks: Vec<RiskNote>) -> Result<Rewrite, Error> {
        let Scene { data_set, pseudonyms, identity, .. } = self.scene;
        let text = |bytes: &Option<Vec<u8>>| bytes.as_deref().map(value::ascii).filter(|text| !text.is_empty());
        let pseudonym =
            |original: &str| pseudonyms.uid(if original.is_empty() { &identity.instance_uid } else { original });
        let fallback = || pseudonyms.uid(&pseudonyms.code(&fingerprint(data_set), &identity.patient));
        let instance_pseudonym =
            if identity.instance_uid.is_empty() { fallback() } else { pseudonym(&identity.instance_uid) };

        // (0002,0003) equals (0008,0018) (PS3.10 7.1), also where that one stays. Where the Data Set has none, settings that
        // keep it keep the one that the File Meta Information states.
        let own = value::ascii(data_set.top(tags::SOP_INSTANCE_UID).unwrap_or_default());
        let keeps = *decide(self.scene.plan, tags::SOP_INSTANCE_UID).0 == Action::Keep;
        let stated = keeps && value::is_valid(VR::UI, identity.instance_uid.as_bytes());
        let stays =
            self.written.instance_uid.is_none() && !identity.instance_uid.is_empty() && (!own.is_empty() || stated);
        let instance_uid = match text(&self.written.instance_uid) {
            Some(new) => new,
            None if stays => identity.instance_uid.clone(),
            None => instance_pseudonym.clone(),
        };
        let series_uid = text(&self.written.series_uid).unwrap_or_else(|| pseudonym(&identity.series_uid));
        let kept_series = self.written.series_uid.is_none() && !identity.series_uid.is_empty();

        let name = name::output(&name::Parts {
            patient: text(&self.written.patient_id).unwrap_or_else(|| pseudonyms.fake_mrn(&identity.patient)),
            study: text(&self.written.study_uid).unwrap_or_else(|| pseudonym(&identity.study_uid)),
            series: series_uid.clone(),
            number: match &self.written.instance_number {
                Some(new) => value::ascii(new),
                None => value::ascii(data_set.top(tags::INSTANCE_NUMBER).unwrap_or_default()),
            },
            instance: text(&self.written.instance_uid).unwrap_or(instance_pseudonym),
        });

        let mut links = Vec::new();
        if crosswalk {
            links = self.links();
        }
        let class = self.head_class();
        let head = meta::head(&class, &instance_uid, data_set.syntax.uid());
        let head_len = head.len();
        let masked = self.edits.masked();
        let parts = self.edits.into_parts(head)?;
        let output_bytes: u64 = parts.iter().map(Part::byte_len).sum();
        if output_bytes == head_len as u64 {
            return Err(Error::new(
                Code::Refused,
                "nothing of the file would be left; the settings remove every element",
            ));
        }
        let report = FileReport {
            name,
            patient: pseudonyms.code(b"patient", &identity.patient),
            sop_class: Some(class).filter(|uid| is_registered(uid)).unwrap_or_default(),
            transfer_syntax: data_set.syntax.uid().to_owned(),
            input_bytes: data_set.file_len,
            output_bytes,
            counts: self.counts,
            warnings: self.warnings,
            risks,
            unchecked: self.unchecked,
        };
        let series_uid = if kept_series { identity.series_uid.clone() } else { series_uid };
        let identifiers = self.identifiers.filter(|_| !self.large.is_empty());
        let search = identifiers.map(|identifiers| Box::new(Search::new(identifiers, self.large)));
        Ok(Rewrite { parts, report, links, series_uid, instance_uid, masked, search, head: head_len })
    }

    /// The SOP Class that the head states: what the Data Set now has (PS3.10 7.1), else what the input stated, which no rule
    /// has looked at yet.
    fn head_class(&self) -> String {
        let new = self.written.sop_class.as_deref().map(value::ascii).unwrap_or_default();
        if value::is_valid(VR::UI, new.as_bytes()) && !new.is_empty() {
            return new;
        }
        let class = sop_class(self.scene.data_set);
        let holds = |identifiers| stands_in_uids(identifiers, class.as_bytes());
        match self.identifiers.as_ref().is_some_and(holds) {
            true => self.scene.pseudonyms.uid(&class),
            false => class,
        }
    }

    fn links(&self) -> Vec<Link> {
        let data_set = self.scene.data_set;
        let uids = self.scene.replaced_uids().into_iter().map(|(old, new)| Link { kind: LinkKind::Uid, old, new });
        let ids = [
            (LinkKind::Patient, tags::PATIENT_ID, &self.written.patient_id),
            (LinkKind::Study, tags::STUDY_INSTANCE_UID, &self.written.study_uid),
            (LinkKind::Accession, tags::ACCESSION_NUMBER, &self.written.accession),
        ];
        let ids = ids.into_iter().filter_map(|(kind, tag, new)| {
            let old = data_set.top(tag).filter(|old| !old.is_empty())?;
            let exact = |bytes| crate::text::exact(bytes, self.scene.character_set(u32::MAX));
            let new = exact(new.as_deref().map_or(old, value::trim));
            let old = exact(old);
            Some(Link { kind, old, new })
        });
        ids.chain(uids).collect()
    }
}

/// What a file without any UID is told apart by: its small values, which are held however it was read. (Of Fragments and
/// what may have some in it that depends on the windows.)
fn fingerprint(data_set: &DataSet) -> Vec<u8> {
    let is_held =
        |element: &Element| element.length <= 1 << 10 && !element.has(UNDEFINED_LENGTH) && !element.has(CONTAINER);
    let values = data_set.children(u32::MAX).filter(|(_, element)| is_held(element));
    values.filter_map(|(_, element)| data_set.value(element)).take(100).collect::<Vec<_>>().join(&0)
}

/// UIDs under DICOM's own root are registered (PS3.5 9): they say nothing about who made a file.
fn is_registered(uid: &str) -> bool {
    uid.starts_with("1.2.840.10008.")
}
