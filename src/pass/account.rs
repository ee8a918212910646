//! What is counted, warned of and shown of an element.

use super::{MAX_WARNINGS, Pass};
use crate::VR;
use crate::action::Effect;
use crate::element::{Element, Oddity};
use crate::plan::{Action, Source};
use crate::profile;
use crate::report::{Change, Warning};
use dicom_dictionary_std::tags;

impl Pass<'_> {
    pub(super) fn count(&mut self, index: u32, element: &Element, effect: &Effect, action: &Action) {
        match effect {
            Effect::Keep => self.counts.kept += 1,
            Effect::Remove(_) => self.counts.removed += 1,
            Effect::Replace { value, .. } if value.is_empty() => self.counts.emptied += 1,
            Effect::Replace { value, .. } => {
                self.counts.replaced += 1;
                if matches!(action, Action::Uid) {
                    self.counts.uids += value.split(|b| *b == b'\\').count() as u32;
                }
            }
        }
        if element.tag == tags::SPECIFIC_CHARACTER_SET && *effect != Effect::Keep {
            let message = "the Specific Character Set was changed; kept text that is not ASCII may be misread";
            let path = Some(self.scene.data_set.path(index as usize));
            self.warnings.push(Warning { code: "character-set-changed", path, message });
        }
        let (Effect::Remove(Some(code)) | Effect::Replace { warning: Some(code), .. }) = effect else { return };
        if self.warnings.len() < MAX_WARNINGS {
            let message = match *code {
                "opaque" => "removed because its structure is not understood",
                "cleaned" => "lost words and numbers that are not known to be harmless",
                "identifier-found" => "replaced because it held an identifier of this file",
                _ if element.vr == VR::SQ => "removed because its VR is not the Attribute's",
                _ => "emptied because the value is not valid for the Attribute's VR",
            };
            self.warnings.push(Warning { code, path: Some(self.scene.data_set.path(index as usize)), message });
        }
    }

    pub(super) fn record(&mut self, index: u32, element: &Element, effect: &Effect, because: &Source) {
        let Some(changes) = &mut self.changes else { return };
        let data_set = self.scene.data_set;
        let show = |vr, bytes: &[u8]| {
            crate::display::shown(vr, element.encoding(), bytes, self.scene.character_set(element.parent))
        };
        let before = match data_set.value(element) {
            Some(bytes) if !element.is_sequence() => show(element.vr, bytes),
            _ => crate::display::size(element),
        };
        let (action, after) = match effect {
            Effect::Keep => ("kept", before.clone()),
            Effect::Remove(_) => ("removed", String::new()),
            Effect::Replace { value, .. } if value.is_empty() => ("emptied", String::new()),
            Effect::Replace { vr, value, .. } => ("replaced", show(*vr, value)),
        };
        changes.push(Change {
            path: data_set.path(index as usize),
            keyword: profile::keyword(element.tag).to_owned(),
            vr: element.vr.to_string().to_owned(),
            action,
            because: because.to_string(),
            before,
            after,
        });
    }
}

pub(super) fn oddities(found: &[Oddity]) -> Vec<Warning> {
    let mut found: Vec<&Oddity> = found.iter().collect();
    found.dedup();
    let warning = |oddity: &&Oddity| {
        let (code, message) = match oddity {
            Oddity::TrailingBytes => ("trailing-bytes", "bytes behind the last element were dropped"),
            Oddity::StrayDelimiter => ("stray-delimiter", "a delimiter without a Sequence was dropped"),
            Oddity::Duplicate => ("duplicate", "of elements with the same tag the last was taken"),
            Oddity::OutOfOrder => ("out-of-order", "elements were put in ascending order"),
            Oddity::WrongTransferSyntax => (
                "wrong-transfer-syntax",
                "the headers are not encoded as the Transfer Syntax that the file states wants it",
            ),
        };
        Warning { code, path: None, message }
    };
    found.iter().map(warning).collect()
}
