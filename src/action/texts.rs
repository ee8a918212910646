//! Cleaning (PS3.15 Table E.1-1a, C): text, overlays, the values of Content Items.

use super::{Effect, Scene};
use crate::clean;
use crate::clean::concepts::{self, Concept};
use crate::config::Preset;
use crate::element::{Element, OPAQUE};
use crate::identifiers::Identifiers;
use crate::plan::Action;
use crate::value;
use crate::{Tag, VR};
use dicom_dictionary_std::tags;

impl Scene<'_> {
    /// What is left of a text; where nothing is and a value is needed, a dummy. What is no text has nothing to clean.
    pub(super) fn clean(&self, index: u32, element: &Element, vr: VR) -> Effect {
        if element.length == 0 || element.has(OPAQUE) {
            return self.keep_valid(element, vr);
        }
        match vr {
            _ if clean::can_clean(vr) => self.clean_text(element, vr),
            VR::SQ => self.keep_valid(element, vr),
            VR::UI => self.map_uids(element, vr),
            VR::UN | VR::OB | VR::OW | VR::OD | VR::OF | VR::OL | VR::OV => Effect::empty(vr),
            _ => self.dummy(index, element, vr),
        }
    }

    pub(super) fn clean_text(&self, element: &Element, vr: VR) -> Effect {
        let own = self
            .identifiers
            .get_or_init(|| Identifiers::every(self.data_set, |element, value| self.decoded(element, value)));
        let left = match self.data_set.value(element) {
            Some(text) => clean::clean(vr, text, self.character_set(element.parent), own),
            None => Some(Vec::new()),
        };
        let Some(mut value) = left.map(|left| if value::is_valid(vr, &left) { left } else { Vec::new() }) else {
            return self.keep_valid(element, vr);
        };
        if value.is_empty() && self.plan.wants_value(element.tag) {
            value = value::dummy(vr).to_vec();
        }
        Effect::Replace { vr, value, warning: Some("cleaned") }
    }

    /// An overlay that marks a region stays without its texts; one of graphics may be writing (PS3.3 C.9.2.1.1).
    pub(super) fn clean_overlay(&self, element: &Element, vr: VR) -> Effect {
        let (parent, group) = (element.parent, element.tag.0);
        let region = match self.overlay.get() {
            Some((entry, of, region)) if (entry, of) == (parent, group) => region,
            _ => {
                let kind =
                    self.data_set.child(parent, Tag(group, 0x0040)).and_then(|(_, kind)| self.data_set.value(kind));
                kind.map(value::trim) == Some(b"R")
            }
        };
        self.overlay.set(Some((parent, group, region)));
        let stays = region && !value::is_localised(vr);
        if stays { self.keep_valid(element, vr) } else { Effect::Remove(None) }
    }

    /// What is done with the value of a Content Item whose name says that it identifies.
    pub(crate) fn of_concept<'b>(&self, element: &Element, action: &'b Action, explicit: bool) -> &'b Action {
        let decided = matches!(action, Action::Remove | Action::Clear | Action::Dummy);
        let chosen = explicit && matches!(action, Action::Keep | Action::Set(_));
        let (cleans, preset) = (self.plan.cleans_content(), self.plan.preset() != Preset::None);
        if decided || chosen || !(cleans || preset) {
            return action;
        }
        match concepts::concept(self.data_set, element) {
            Some(Concept::Birth) => &Action::Dummy,
            Some(_) if cleans => &Action::Dummy,
            Some(Concept::Age) if self.plan.caps_ages() && !explicit && concepts::is_number(element.tag) => {
                &Action::CapAge
            }
            _ => action,
        }
    }

    /// An age in a Content Item. Other forms of the number go: who is older than 89 years is one of few.
    pub(super) fn cap_measured_age(&self, element: &Element, vr: VR) -> Effect {
        if element.tag != tags::NUMERIC_VALUE {
            return Effect::Remove(None);
        }
        let value = self.data_set.value(element).map(value::trim).unwrap_or_default();
        let age = std::str::from_utf8(value).ok().and_then(value::float);
        let (limit, limit_text) = match concepts::unit(self.data_set, element) {
            Some(b"mo") => (1080, "1080"),
            Some(b"wk") => (4696, "4696"),
            Some(b"d") => (32_873, "32873"),
            _ => (90, "90"),
        };
        match self.keep_valid(element, vr) {
            Effect::Keep if age.is_some_and(|age| age >= f64::from(limit)) => self.replace(vr, limit_text.into()),
            kept => kept,
        }
    }
}
