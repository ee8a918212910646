//! The short way through elements that are replaced: most codes and references of a large file are there many times, and become
//! the same each time.

use super::{Pass, is_private};
use crate::action::Effect;
use crate::clean::concepts;
use crate::edit::encode;
use crate::element::{BIG, Element, IMPLICIT};
use crate::error::Error;
use crate::plan::{Action, Decision, Source};
use crate::syntax::number;
use crate::value;
use crate::{Tag, VR};
use std::ops::Range;

/// How many are remembered: a power of two.
const PLACES: usize = 128;

/// Elements that were replaced lately, each in the one place that it can have.
#[derive(Default)]
pub(super) struct Renewed<'a>(Vec<Option<Renewal<'a>>>);

/// What all that is decided of an element below the top level goes by, and what became of it.
#[derive(Clone)]
struct Renewal<'a> {
    tag: Tag,
    vr: VR,
    flags: u8,
    value: &'a [u8],
    /// Of a code, the scheme that its Item names.
    scheme: Option<&'a [u8]>,
    /// Where the whole new element stands in what is new.
    new: Range<usize>,
    /// How many UIDs were replaced with it.
    uids: u32,
}

impl<'a> Renewed<'a> {
    fn get(&self, element: &Element, value: &[u8]) -> Option<&Renewal<'a>> {
        let known = self.0.get(place(element.tag, value))?.as_ref()?;
        let same = known.tag == element.tag && known.vr == element.vr && known.flags == element.flags;
        (same && value::same(known.value, value)).then_some(known)
    }

    fn keep(&mut self, renewal: Renewal<'a>) {
        self.0.resize(PLACES, None);
        if let Some(place) = self.0.get_mut(place(renewal.tag, renewal.value)) {
            *place = Some(renewal);
        }
    }
}

/// By the tag, the length and the end of the value: UIDs differ there.
fn place(tag: Tag, value: &[u8]) -> usize {
    let end = value.last_chunk().map_or(0, |end| u32::from_le_bytes(*end));
    let mixed = (number(tag) ^ end.rotate_left(16) ^ value.len() as u32).wrapping_mul(0x9E37_79B9);
    (mixed >> 16) as usize % PLACES
}

impl<'a> Pass<'a> {
    /// Whether an element was replaced as one just like it was.
    pub(super) fn is_renewed(&mut self, index: u32, element: &Element) -> Result<bool, Error> {
        if element.depth == 0 || element.flags & !(IMPLICIT | BIG) != 0 {
            return Ok(false);
        }
        let Some(value) = self.scene.data_set.value(element) else { return Ok(false) };
        let Some(known) = self.renewed.get(element, value) else { return Ok(false) };
        if known.scheme.is_some_and(|scheme| scheme != self.scene.scheme(element)) {
            return Ok(false);
        }
        let (new, uids) = (known.new.clone(), known.uids);
        debug_assert!(self.would_become(index, element, &new), "the long way leads elsewhere: {element:?}");
        self.edits.repeat(index, element, new)?;
        self.counts.replaced += 1;
        self.counts.uids += uids;
        Ok(true)
    }

    /// What the whole of the rules makes of a renewed element: every test of a build with debug assertions asks.
    pub(super) fn would_become(&mut self, index: u32, element: &Element, new: &Range<usize>) -> bool {
        let Decision { action, because, .. } = self.decide(element);
        match self.effect(index, element, action, because) {
            Ok(Effect::Replace { vr, value, warning: None }) => {
                let whole = encode(element.encoding(), element.tag, vr, &value);
                whole.as_deref() == self.edits.new_bytes().get(new.clone())
            }
            _ => false,
        }
    }

    /// Whether one just like the element would become the same: nothing is asked about it but what a [`Renewal`] has, and
    /// nothing is said of it.
    pub(super) fn is_renewable(&self, element: &Element, effect: &Effect, action: &Action, because: &Source) -> bool {
        let is_plain = element.depth > 0 && element.flags & !(IMPLICIT | BIG) == 0 && !is_private(element.tag);
        let by_value = matches!(action, Action::Uid | Action::Coded) && !concepts::is_value(element.tag);
        let replaced = matches!(effect, Effect::Replace { value, warning: None, .. } if !value.is_empty());
        let chosen = matches!(because, Source::Entry { .. });
        is_plain && by_value && replaced && !chosen && self.changes.is_none()
    }

    /// Remembers an element, the new one at the end of what is new from `start` on.
    pub(super) fn remember(&mut self, element: &Element, action: &Action, start: usize, uids: u32) {
        let scene = self.scene;
        let Some(value) = scene.data_set.value(element) else { return };
        let scheme = matches!(action, Action::Coded).then(|| scene.scheme(element));
        let new = start..self.edits.new_bytes().len();
        let (tag, vr, flags) = (element.tag, element.vr, element.flags);
        self.renewed.keep(Renewal { tag, vr, flags, value, scheme, new, uids });
    }
}

#[cfg(test)]
mod tests {
    use crate::VR;
    use crate::pass::support::{code, deidentified, element, item, values};
    use dicom_dictionary_std::tags;

    #[test]
    fn codes_become_the_same_only_under_the_same_scheme() {
        let schemes = ["99WARD", "99WARD", "99HOME", "DCM", "99WARD"];
        let codes = schemes.map(|scheme| code("X17", scheme)).concat();
        let (output, report) = deidentified(&element(tags::CONCEPT_NAME_CODE_SEQUENCE, VR::SQ, &codes));
        let codes = values(&output, tags::CODE_VALUE);
        assert_eq!([&codes[1], &codes[4]], [&codes[0]; 2]);
        assert!(codes[2] != codes[0] && codes[0] != "X17" && codes[3] == "X17", "{codes:?}");
        assert_eq!(values(&output, tags::CODING_SCHEME_DESIGNATOR).iter().filter(|own| *own == "DCM").count(), 1);
        assert_eq!(report.counts.replaced, 4 * 3);
    }

    #[test]
    fn uids_become_the_same_and_are_all_counted() {
        let reference = |uid: &str| item(&[element(tags::REFERENCED_SOP_INSTANCE_UID, VR::UI, uid.as_bytes())]);
        let items = ["1.2.3.40", "1.2.3.41", "1.2.3.40", "1.2.3.40\\1.2.3.41", "1.2.3.40\\1.2.3.41"].map(reference);
        let (output, report) = deidentified(&element(tags::REFERENCED_IMAGE_SEQUENCE, VR::SQ, &items.concat()));
        let uids = values(&output, tags::REFERENCED_SOP_INSTANCE_UID);
        let both = format!("{}\\{}", uids[0].trim_end_matches('\0'), uids[1].trim_end_matches('\0'));
        assert_eq!([&uids[2], &uids[3].trim_end_matches('\0').to_owned(), &uids[4]], [&uids[0], &both, &uids[3]]);
        assert_eq!((report.counts.replaced, report.counts.uids), (5, 7));
    }
}
