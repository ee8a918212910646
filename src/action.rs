//! Decision × element → what becomes of the element.

mod legal;
mod templates;
mod texts;
mod uids;

use crate::clean::concerns;
use crate::datetime::DateTime;
use crate::element::{CONTAINER, DataSet, Element, OPAQUE, virtual_vr};
use crate::error::{Code, Error, Place};
use crate::icc;
use crate::identifiers::Identifiers;
use crate::identity::{Identity, sop_class};
use crate::plan::{Action, Plan};
use crate::profile::Iod;
use crate::profile::confidentiality::alternative;
use crate::profile::dictionary::{Known, dictionary};
use crate::pseudonym::Pseudonymizer;
use crate::shift;
use crate::syntax::ITEM;
use crate::value;
use crate::{Tag, VR};
use dicom_core::dictionary::VirtualVr;
use dicom_dictionary_std::tags;
use legal::{is_legal, is_misplaced, same_family};
use std::cell::{Cell, OnceCell, RefCell};
use std::collections::HashMap;

/// What becomes of an element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// Stays as it is; a Sequence's Items are decided one by one.
    Keep,
    /// Goes, with a warning's code where that should be known.
    Remove(Option<&'static str>),
    /// Has another value, in the dictionary's VR.
    Replace { vr: VR, value: Vec<u8>, warning: Option<&'static str> },
}

impl Effect {
    fn empty(vr: VR) -> Self {
        Effect::Replace { vr, value: Vec::new(), warning: None }
    }
}

/// Everything that actions on one file look at.
pub(crate) struct Scene<'a> {
    pub(crate) data_set: &'a DataSet,
    pub(crate) plan: &'a Plan,
    pub(crate) pseudonyms: &'a Pseudonymizer,
    pub(crate) now: &'a DateTime,
    pub(crate) identity: Identity,
    /// What Types depend on; unknown unless the preset is `ps3.15`.
    iod: Iod,
    /// Index of the first entry behind the Sequence that was last made a dummy.
    dummies_until: Cell<u32>,
    /// The Attribute that was looked up last.
    found: Cell<(Tag, Option<(u16, &'static Known)>)>,
    /// The Item of a coded entry that was looked at last, with its scheme, and whether that is a registered public one.
    scheme: Cell<(u32, &'a [u8], bool)>,
    uids: RefCell<HashMap<Vec<u8>, String>>,
    /// What stands for codes of private schemes, by scheme and code.
    codes: RefCell<HashMap<Vec<u8>, String>>,
    /// Entry and group of the overlay that was looked at last, and whether it marks a region.
    overlay: Cell<Option<(u32, u16, bool)>>,
    /// What is taken out of texts that are cleaned.
    identifiers: OnceCell<Identifiers>,
}

impl<'a> Scene<'a> {
    pub(crate) fn new(data_set: &'a DataSet, plan: &'a Plan, pseudonyms: &'a Pseudonymizer, now: &'a DateTime) -> Self {
        let identity = Identity::of(data_set);
        let class = plan.claims().map(|_| sop_class(data_set)).unwrap_or_default();
        let (iod, dummies_until, overlay) = (Iod::of(&class), Cell::new(0), Cell::new(None));
        let (found, scheme) = (Cell::new((ITEM, None)), Cell::new((u32::MAX, &[][..], false)));
        let (uids, codes, identifiers) = (RefCell::default(), RefCell::default(), OnceCell::new());
        Scene {
            data_set,
            plan,
            pseudonyms,
            now,
            identity,
            iod,
            dummies_until,
            found,
            scheme,
            uids,
            codes,
            overlay,
            identifiers,
        }
    }

    /// The Attribute of a tag in the dictionary, with its index. One element asks for it several times.
    pub(crate) fn look_up(&self, tag: Tag) -> Option<(u16, &'static Known)> {
        match self.found.get() {
            (last, found) if last == tag => found,
            _ => {
                let found = dictionary().look_up(tag);
                self.found.set((tag, found));
                found
            }
        }
    }

    /// The VR in which a replacement is written: the dictionary's; where that leaves it open, the file's.
    fn written_vr(&self, element: &Element) -> VR {
        match virtual_vr(element.tag, self.look_up(element.tag).map(|(_, known)| known)) {
            Some(VirtualVr::Exact(vr)) => vr,
            // US or SS, OB or OW.
            Some(open) if same_family(open.relaxed(), element.vr) => element.vr,
            Some(open) => open.relaxed(),
            None => element.vr,
        }
    }

    /// What an action makes of the element at an index.
    ///
    /// # Errors
    /// When a replacement cannot be written: too long for its VR, not in the file's characters.
    pub(crate) fn apply(&self, index: u32, element: &Element, action: &Action) -> Result<Effect, Error> {
        let vr = self.written_vr(element);
        let value = || self.data_set.value(element).unwrap_or_default();
        Ok(match action {
            Action::Keep if element.has(OPAQUE) => Effect::Remove(Some("opaque")),
            Action::Keep => Effect::Keep,
            Action::KeepValid => self.keep_valid(element, vr),
            // Free text is legal in more VRs than the one that the Attribute has.
            Action::KeepAs(vr) if value::is_text(*vr) && !element.has(CONTAINER) && !value::is_valid(*vr, value()) => {
                self.invalid(*vr)
            }
            Action::KeepAs(vr) => self.keep_valid(element, *vr),
            Action::Remove => Effect::Remove(None),
            Action::Clear if element.length == 0 && !element.has(OPAQUE) => Effect::Keep,
            Action::Clear => Effect::empty(vr),
            Action::Dummy if element.has(CONTAINER) && vr == VR::SQ => {
                self.dummies_until.set(self.dummies_until.get().max(element.next));
                Effect::Keep
            }
            Action::Dummy => self.dummy(index, element, vr),
            Action::TruncDate => self.replace(vr, value::truncate_dates(value())),
            Action::TruncMonth => self.replace(vr, value::truncate_to_month(value())),
            Action::ShiftDate => self.shift_date(element, vr),
            Action::BirthDate => self.birth_date(element, vr),
            Action::Uid => self.map_uids(element, vr),
            Action::Hash(length) => self.hash(element, vr, *length),
            Action::Age => self.age(element, vr),
            Action::Refuse => return self.refuse(index, element, vr),
            Action::Coded => self.coded(element, vr),
            Action::ByType(code) => self.apply(index, element, &self.by_type(element, code))?,
            Action::CleanText if self.is_in_dummy(index, element) => self.dummy(index, element, vr),
            Action::CleanText => dummy_if_empty(self.clean(index, element, vr)),
            Action::CapAge if vr != VR::AS => self.cap_measured_age(element, vr),
            Action::CapAge => self.cap_age(element, vr),
            Action::Clean if concerns::is_overlay(element.tag) => self.clean_overlay(element, vr),
            Action::Clean if element.has(CONTAINER) => self.keep_valid(element, vr),
            Action::Clean => self.clean(index, element, vr),
            Action::Set(_) if is_private(element) && !value::is_text(vr) => self.unsettable(element, vr),
            Action::Set(template) => {
                let path = || Place::Path(self.data_set.path(index as usize));
                let text = self
                    .expand(template, element.tag, Some((index, element)), vr)
                    .map_err(|error| error.or_at(path))?;
                let value = self.encode(element.tag, vr, element.encoding(), &text).map_err(|e| self.at(e, index))?;
                let legal = !is_private(element) || value::is_valid(vr, &value);
                if legal { self.replace(vr, value) } else { self.invalid(vr) }
            }
        })
    }

    /// What a compound code means for an element of this file (PS3.15 Table E.1-1a).
    fn by_type(&self, element: &Element, code: &'static str) -> Action {
        let kind = self.iod.attribute_type(element.tag, self.data_set.enclosing(element));
        match alternative(code, kind) {
            "X" => Action::Remove,
            "Z" => Action::Clear,
            "D" => Action::Dummy,
            // U*: the Items stay, and the UIDs in them have rows of their own.
            _ => Action::KeepValid,
        }
    }

    /// Whether an element with a value stands in a Sequence whose content became a dummy.
    fn is_in_dummy(&self, index: u32, element: &Element) -> bool {
        index < self.dummies_until.get() && (element.length > 0 || element.has(OPAQUE))
    }

    fn at(&self, error: Error, index: u32) -> Error {
        error.at(Place::Path(self.data_set.path(index as usize)))
    }

    fn replace(&self, vr: VR, value: Vec<u8>) -> Effect {
        Effect::Replace { vr, value, warning: None }
    }

    /// PS3.15 E.1: what is kept must be what its Attribute says it is.
    fn keep_valid(&self, element: &Element, vr: VR) -> Effect {
        if element.has(OPAQUE) {
            return Effect::Remove(Some("opaque"));
        }
        if element.has(CONTAINER) {
            return if vr == VR::SQ { Effect::Keep } else { Effect::Remove(Some("invalid-value")) };
        }
        if is_misplaced(self.data_set, element) {
            return Effect::Remove(Some("opaque"));
        }
        if element.tag == tags::ICC_PROFILE {
            return self.icc_profile(element, vr);
        }
        let layout_fits = vr == element.vr || element.vr == VR::UN || same_family(vr, element.vr);
        // A value that is not held is bulk data: only binary VRs may be that large unread.
        let valid = match self.data_set.value(element) {
            Some(bytes) => is_legal(element, self.look_up(element.tag).map(|(_, known)| known), vr, bytes),
            None => value::is_bulk(vr),
        };
        match (vr, layout_fits && valid) {
            (VR::SQ, _) if element.length > 0 => Effect::Remove(Some("invalid-value")),
            (_, true) => Effect::Keep,
            // Type 1 in many IODs, and the Standard has a term for what is not known (PS3.3 C.11.1.1.2).
            (_, false) if matches!(element.tag, tags::RESCALE_TYPE | tags::MODALITY_LUT_TYPE) => {
                Effect::Replace { vr, value: b"US".to_vec(), warning: Some("invalid-value") }
            }
            (_, false) => self.invalid(vr),
        }
    }

    /// What no text can be written into has nothing left of its value.
    fn unsettable(&self, element: &Element, vr: VR) -> Effect {
        if element.has(CONTAINER) { Effect::Remove(Some("invalid-value")) } else { self.invalid(vr) }
    }

    fn invalid(&self, vr: VR) -> Effect {
        Effect::Replace { vr, value: Vec::new(), warning: Some("invalid-value") }
    }

    /// The text in a profile of colours goes, and a profile that cannot be read.
    fn icc_profile(&self, element: &Element, vr: VR) -> Effect {
        let original = self.data_set.value(element).unwrap_or_default();
        match icc::clean(original) {
            _ if element.length == 0 => Effect::Keep,
            Some(clean) if clean == original => Effect::Keep,
            Some(clean) => self.replace(vr, clean),
            None => self.invalid(vr),
        }
    }

    fn dummy(&self, index: u32, element: &Element, vr: VR) -> Effect {
        match vr {
            VR::UI => {
                let uid = self.pseudonyms.uid(&self.original_uid(element.tag, Some((index, element))));
                Effect::Replace { vr, value: uid.into_bytes(), warning: None }
            }
            VR::SQ => Effect::empty(vr),
            _ => self.replace(vr, value::dummy(vr).to_vec()),
        }
    }

    /// Whole days leave a time of day as it is, so it stays if it is one.
    fn shift_date(&self, element: &Element, vr: VR) -> Effect {
        let invalid = Some("invalid-value");
        if vr == VR::TM {
            return self.keep_valid(element, vr);
        }
        let Some(original) = self.data_set.value(element).filter(|_| !element.has(CONTAINER)) else {
            return self.unless_empty(element, vr);
        };
        let days = shift::days(self.plan.date_shift(), self.pseudonyms, &self.identity.patient);
        let (value, all) = shift::dates(original, days);
        Effect::Replace { vr, value, warning: invalid.filter(|_| !all) }
    }

    /// Who is older than 89 is one of few (45 CFR 164.514).
    fn cap_age(&self, element: &Element, vr: VR) -> Effect {
        let kept = self.keep_valid(element, vr);
        let original = self.data_set.value(element).unwrap_or_default();
        let (capped, _) = value::cap_ages(original);
        if kept == Effect::Keep && capped != value::trim(original) { self.replace(vr, capped) } else { kept }
    }

    /// A birth date that shows an age over 89 at the study identifies (leak channel 30).
    fn birth_date(&self, element: &Element, vr: VR) -> Effect {
        let original = self.data_set.value(element).map(value::trim).unwrap_or_default();
        let now = (u32::from(self.now.year), u32::from(self.now.month), u32::from(self.now.day));
        let studied = self.identity.study_date.unwrap_or(now);
        match value::date(original) {
            Some(born) if value::years_between(born, studied) <= 89 => {
                self.replace(vr, value::truncate_dates(original))
            }
            _ => Effect::empty(vr),
        }
    }

    /// Each value becomes a hash of it, in what characters its VR has. (PS3.5 6.2: ST, LT and UT have one value.)
    fn hash(&self, element: &Element, vr: VR, length: Option<u8>) -> Effect {
        let most = value::most_hash(vr);
        let original = self.data_set.value(element).filter(|_| most > 0 && !element.has(CONTAINER));
        let Some(original) = original else { return self.unless_empty(element, vr) };
        let length = usize::from(length.unwrap_or(16).min(most));
        let decimal = matches!(vr, VR::DS | VR::IS);
        let single = matches!(vr, VR::ST | VR::LT | VR::UT);
        let mut hashes = Vec::new();
        for (at, part) in original.split(|b| *b == b'\\' && !single).enumerate() {
            if at > 0 {
                hashes.push(b'\\');
            }
            if !value::trim(part).is_empty() {
                hashes.extend(self.pseudonyms.hash(part, length, decimal).into_bytes());
            }
        }
        self.replace(vr, hashes)
    }

    fn age(&self, element: &Element, vr: VR) -> Effect {
        let original = self.data_set.value(element).filter(|_| !element.has(CONTAINER));
        let Some(original) = original else { return self.unless_empty(element, vr) };
        match value::cap_ages(original) {
            (ages, true) if ages == value::trim(original) => Effect::Keep,
            (value, all) => Effect::Replace { vr, value, warning: Some("invalid-value").filter(|_| !all) },
        }
    }

    /// What cannot be what its command is for: nothing is left of it.
    fn unless_empty(&self, element: &Element, vr: VR) -> Effect {
        if element.length == 0 { Effect::Keep } else { self.invalid(vr) }
    }

    fn refuse(&self, index: u32, element: &Element, vr: VR) -> Result<Effect, Error> {
        let padding = |value| value::is_text(vr) && value::trim(value).is_empty();
        if element.length == 0 || self.data_set.value(element).is_some_and(padding) {
            return Ok(Effect::Keep);
        }
        let message = "the settings refuse files in which this Attribute has a value";
        Err(self.at(Error::new(Code::Refused, message), index))
    }
}

/// Text may be what the Standard wants a value of (Type 1): what cannot stay leaves a dummy.
fn dummy_if_empty(effect: Effect) -> Effect {
    match effect {
        Effect::Replace { vr, value, warning } if value.is_empty() => {
            Effect::Replace { vr, value: value::dummy(vr).to_vec(), warning }
        }
        other => other,
    }
}

/// Whether the file alone says what VR an element has, and the settings could not be held against it.
fn is_private(element: &Element) -> bool {
    element.tag.0 & 1 == 1
}
