//! Decision × element → what becomes of the element.

use crate::clean::{self, concerns};
use crate::config::{Macro, Missing, Segment, Template};
use crate::datetime::DateTime;
use crate::element::{CONTAINER, DataSet, Element, OPAQUE, UNDEFINED_LENGTH, known_virtual_vr, known_vr};
use crate::error::{Code, Error, Place};
use crate::icc;
use crate::identifiers::Identifiers;
use crate::identity::{Identity, sop_class};
use crate::plan::{Action, Plan};
use crate::profile::confidentiality::alternative;
use crate::profile::preset::wants_value;
use crate::profile::{self, Iod};
use crate::pseudonym::Pseudonymizer;
use crate::shift;
use crate::sorted::sort_by_key;
use crate::syntax::Encoding;
use crate::value;
use crate::{Tag, VR};
use dicom_core::dictionary::VirtualVr;
use dicom_dictionary_std::tags;
use std::borrow::Cow;
use std::cell::{Cell, OnceCell, RefCell};
use std::collections::HashMap;

/// Stands for every Coding Scheme Designator that is not registered.
const PRIVATE_SCHEME: &[u8] = b"99LETHE";

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
        let (uids, codes, identifiers) = (RefCell::default(), RefCell::default(), OnceCell::new());
        Scene { data_set, plan, pseudonyms, now, identity, iod, dummies_until, uids, codes, overlay, identifiers }
    }

    /// What an action makes of the element at an index.
    ///
    /// # Errors
    /// When a replacement cannot be written: too long for its VR, not in the file's characters.
    pub(crate) fn apply(&self, index: u32, element: &Element, action: &Action) -> Result<Effect, Error> {
        let vr = written_vr(element);
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
            Action::CapAge => self.cap_age(element, vr),
            Action::Clean if concerns::is_overlay(element.tag) => self.clean_overlay(element, vr),
            Action::Clean if element.has(CONTAINER) => self.keep_valid(element, vr),
            Action::Clean => self.clean(index, element, vr),
            Action::Set(template) => {
                let path = || Place::Path(self.data_set.path(index as usize));
                let text = self.expand(template, Some((index, element)), vr).map_err(|error| error.or_at(path))?;
                let value = self.encode(element.tag, vr, element.encoding(), &text).map_err(|e| self.at(e, index))?;
                self.replace(vr, value)
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
            Some(bytes) => is_legal(element, vr, bytes),
            None => value::is_bulk(vr),
        };
        match (vr, layout_fits && valid) {
            (VR::SQ, _) if element.length > 0 => Effect::Remove(Some("invalid-value")),
            (_, true) => Effect::Keep,
            (_, false) => self.invalid(vr),
        }
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
                let uid = self.pseudonyms.uid(&self.original_uid(Some((index, element))));
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

    // --- text ----------------------------------------------------------------------------------

    /// What is left of a text; where nothing is and a value is needed, a dummy. What is no text has nothing to clean.
    fn clean(&self, index: u32, element: &Element, vr: VR) -> Effect {
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

    fn clean_text(&self, element: &Element, vr: VR) -> Effect {
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
        if value.is_empty() && wants_value(element.tag) {
            value = value::dummy(vr).to_vec();
        }
        Effect::Replace { vr, value, warning: Some("cleaned") }
    }

    /// An overlay that marks a region stays without its texts; one of graphics may be writing (PS3.3 C.9.2.1.1).
    fn clean_overlay(&self, element: &Element, vr: VR) -> Effect {
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

    /// What is done with the value of a Content Item whose name says that it identifies, where content is cleaned.
    pub(crate) fn of_concept<'b>(&self, element: &Element, action: &'b Action, explicit: bool) -> &'b Action {
        let decided = matches!(action, Action::Remove | Action::Clear | Action::Dummy);
        let chosen = explicit && matches!(action, Action::Keep | Action::Set(_));
        let cleans = !decided && !chosen && self.plan.cleans_content();
        if cleans && clean::concepts::identifies(self.data_set, element) { &Action::Dummy } else { action }
    }

    // --- UIDs ----------------------------------------------------------------------------------

    /// Replaces each UID of the value but the well-known instances of PS3.6 Annex A.
    pub(crate) fn map_uids(&self, element: &Element, vr: VR) -> Effect {
        let Some(bytes) = self.data_set.value(element).filter(|_| !element.has(CONTAINER)) else {
            return if element.length == 0 { Effect::Keep } else { Effect::empty(vr) };
        };
        let parts: Vec<&[u8]> = bytes.split(|b| *b == b'\\').map(value::trim).collect();
        if parts.iter().all(|part| part.is_empty() || is_well_known(part)) {
            return self.keep_valid(element, vr);
        }
        let mut mapped = Vec::with_capacity(bytes.len());
        for (i, part) in parts.iter().enumerate() {
            if i > 0 {
                mapped.push(b'\\');
            }
            mapped.extend_from_slice(
                if is_well_known(part) { Cow::Borrowed(*part) } else { self.new_uid(part) }.as_ref(),
            );
        }
        self.replace(vr, mapped)
    }

    fn new_uid(&self, original: &[u8]) -> Cow<'static, [u8]> {
        if original.is_empty() {
            return Cow::Borrowed(b"");
        }
        let mut uids = self.uids.borrow_mut();
        if let Some(uid) = uids.get(original) {
            return Cow::Owned(uid.as_bytes().to_vec());
        }
        let uid = self.pseudonyms.uid(&String::from_utf8_lossy(original));
        uids.insert(original.to_vec(), uid.clone());
        Cow::Owned(uid.into_bytes())
    }

    /// Each UID of this file that was replaced, with its replacement.
    pub(crate) fn replaced_uids(&self) -> Vec<(String, String)> {
        let uids = self.uids.borrow();
        let pairs = uids.iter().map(|(old, new)| (crate::text::exact(old, b""), new.clone()));
        sort_by_key(pairs.collect())
    }

    /// What `@random_uid@` is a function of: the element's own UID, so that references to it keep
    /// resolving, else the instance and the path.
    fn original_uid(&self, at: Option<(u32, &Element)>) -> String {
        let own = at.and_then(|(_, element)| self.data_set.value(element)).map(value::ascii).unwrap_or_default();
        if !own.is_empty() && own.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
            return own;
        }
        let path = at.map(|(index, _)| self.data_set.path(index as usize)).unwrap_or_default();
        format!("{}\0{path}", self.identity.instance_uid)
    }

    // --- coded entries -------------------------------------------------------------------------

    /// PS3.3 8.8: a code of a registered public scheme says nothing about a person; in any other
    /// scheme code and meaning are free text.
    fn coded(&self, element: &Element, vr: VR) -> Effect {
        let sibling = self.data_set.child(element.parent, tags::CODING_SCHEME_DESIGNATOR);
        let scheme = sibling.and_then(|(_, e)| self.data_set.value(e)).map(value::trim).unwrap_or_default();
        let value = self.data_set.value(element).map(value::trim).unwrap_or_default();
        let registered = std::str::from_utf8(scheme).is_ok_and(profile::is_registered_scheme);
        // A label that is a small number says nothing.
        let is_label = element.tag.group() != 0x0008 && value.len() <= 4 && value::is_numeral(value);
        if registered || is_label || (element.length == 0 && !element.has(OPAQUE)) {
            return self.keep_valid(element, vr);
        }
        match element.tag {
            tags::CODING_SCHEME_DESIGNATOR => self.replace(vr, PRIVATE_SCHEME.to_vec()),
            // Only where the designator does not suffice (Type 1C), and never empty.
            tags::CODING_SCHEME_VERSION => Effect::Remove(None),
            tags::CODE_MEANING => self.replace(vr, value::dummy(vr).to_vec()),
            _ => self.replace(vr, self.new_code(scheme, value)),
        }
    }

    fn new_code(&self, scheme: &[u8], value: &[u8]) -> Vec<u8> {
        let original = [&scheme.len().to_le_bytes()[..], scheme, value].concat();
        let mut codes = self.codes.borrow_mut();
        if let Some(code) = codes.get(&original) {
            return code.as_bytes().to_vec();
        }
        let code = self.pseudonyms.code(scheme, value);
        codes.insert(original, code.clone());
        code.into_bytes()
    }

    // --- templates -----------------------------------------------------------------------------

    /// Expands a template for an element, or for one that is to be inserted.
    pub(crate) fn expand(&self, template: &Template, at: Option<(u32, &Element)>, vr: VR) -> Result<Vec<u8>, Error> {
        let mut text = Vec::new();
        for segment in &template.0 {
            let piece: Cow<'_, [u8]> = match segment {
                Segment::Text(literal) if literal.is_ascii() => literal.as_bytes().into(),
                Segment::Text(literal) => self.in_character_set(literal, at, vr)?.into(),
                Segment::Macro(Macro::Value(None)) => self.text_of(at.map(|(_, element)| element), at)?,
                Segment::Macro(Macro::Value(Some(tag))) => self.text_of(self.data_set.find(*tag), at)?,
                Segment::Macro(name) => self.expand_macro(*name, at, vr)?.into(),
                Segment::Lookup(column) => self.looked_up(column, at, vr)?.into(),
            };
            text.extend_from_slice(&piece);
        }
        Ok(text)
    }

    /// The cell of the table that is given beside the settings, in the row of this file.
    fn looked_up(&self, column: &str, at: Option<(u32, &Element)>, vr: VR) -> Result<Vec<u8>, Error> {
        let lookup = self.plan.lookup();
        let key = lookup.attribute().and_then(|tag| self.data_set.top(tag)).unwrap_or_default();
        // As a crosswalk has it, or as it was typed.
        let keys = [crate::text::exact, crate::text::decode].map(|text| text(key, self.character_set(u32::MAX)));
        if let Some(cell) = keys.iter().find_map(|key| lookup.get(key.trim(), column)) {
            let text = self.in_character_set(&cell, at, vr)?;
            let message = "the value in the lookup table is not legal for the VR";
            let legal = !value::is_text(vr) || value::is_valid(vr, &text);
            return if legal { Ok(text) } else { Err(Error::new(Code::Overflow, message)) };
        }
        match (lookup.missing, vr) {
            (Missing::Pseudonym, VR::PN) => self.expand_macro(Macro::FakeName, at, vr),
            (Missing::Pseudonym, VR::UI) => self.expand_macro(Macro::RandomUid, at, vr),
            (Missing::Pseudonym, _) => {
                let accession = lookup.attribute() == Some(tags::ACCESSION_NUMBER);
                self.expand_macro(if accession { Macro::FakeAcc } else { Macro::FakeMrn }, at, vr)
            }
            (Missing::Refuse, _) => Err(Error::new(Code::Refused, "the lookup table has no row for this file")),
        }
    }

    fn expand_macro(&self, name: Macro, at: Option<(u32, &Element)>, vr: VR) -> Result<Vec<u8>, Error> {
        let (identity, pseudonyms, project) = (&self.identity, self.pseudonyms, self.plan.project());
        let text = match name {
            Macro::ProjectName => return self.in_character_set(&project.name, at, vr),
            Macro::ProjectOwner => return self.in_character_set(&project.owner, at, vr),
            Macro::ProjectPrefix => return self.in_character_set(&project.prefix, at, vr),
            Macro::ProcessDate => self.now.process_date(),
            Macro::ProcessTime => self.now.process_time(),
            Macro::RandomUid => pseudonyms.uid(&self.original_uid(at)),
            Macro::FakeName => pseudonyms.fake_name(&identity.patient),
            Macro::FakeMrn => pseudonyms.fake_mrn(&identity.patient),
            Macro::FakeAcc => pseudonyms.fake_acc(&identity.study),
            Macro::HashAcc => pseudonyms.hash_acc(&project.name, &identity.study),
            Macro::Value(_) => String::new(),
        };
        Ok(text.into_bytes())
    }

    /// An original value as text, for `@value@`: the file's own bytes, which are only legal where
    /// the same character set holds.
    fn text_of(&self, source: Option<&Element>, at: Option<(u32, &Element)>) -> Result<Cow<'_, [u8]>, Error> {
        let Some(element) = source.filter(|element| !element.has(CONTAINER)) else { return Ok(Cow::Borrowed(b"")) };
        let vr = known_vr(element.tag).filter(|_| element.vr == VR::UN).unwrap_or(element.vr);
        let Some(bytes) = self.data_set.value(element).or((element.length == 0).then_some(b"")) else {
            let path = self.path_of(element);
            return Err(Error::new(Code::TooLarge, "the original value is too large for @value@").at(Place::Path(path)));
        };
        let Some(text) = value::to_text(vr, element.encoding(), bytes) else {
            let path = self.path_of(element);
            return Err(Error::new(Code::Settings, "@value@ of a binary value has no text").at(Place::Path(path)));
        };
        let target = at.map_or(u32::MAX, |(_, target)| target.parent);
        let same = text.is_ascii() || self.character_set(element.parent) == self.character_set(target);
        if !same {
            let message = "the original value is in another character set than the element it is copied to";
            return Err(Error::new(Code::CharacterSet, message).at(Place::Path(self.path_of(element))));
        }
        Ok(text.into())
    }

    fn path_of(&self, element: &Element) -> String {
        format!("({:04X},{:04X})", element.tag.group(), element.tag.element())
    }

    /// The Specific Character Set that holds among the children of an entry (PS3.5 6.1.2.3: that of
    /// the Item, else of what encloses it).
    pub(crate) fn character_set(&self, parent: u32) -> &[u8] {
        let mut at = parent;
        loop {
            let entry = self.data_set.element(at);
            // A Sequence has Items only, and may have a million of them.
            let own = match entry {
                Some(entry) if !entry.is_item() => None,
                _ => self.data_set.child(at, tags::SPECIFIC_CHARACTER_SET),
            };
            match (own, entry) {
                (Some((_, element)), _) => return self.data_set.value(element).map(value::trim).unwrap_or_default(),
                (None, Some(entry)) => at = entry.parent,
                (None, None) => return b"",
            }
        }
    }

    /// A value's text, in UTF-8.
    pub(crate) fn decoded(&self, element: &Element, value: &[u8]) -> String {
        crate::text::decode(value, self.character_set(element.parent))
    }

    /// Text of the settings in the character set that holds at an element.
    fn in_character_set(&self, text: &str, at: Option<(u32, &Element)>, vr: VR) -> Result<Vec<u8>, Error> {
        if text.is_ascii() {
            return Ok(text.as_bytes().to_vec());
        }
        let set = self.character_set(at.map_or(u32::MAX, |(_, element)| element.parent));
        let message = "the text of the settings cannot be written in the file's character set; use ASCII";
        let encoded = crate::text::encode(text, set).filter(|_| value::is_localised(vr));
        encoded.ok_or_else(|| Error::new(Code::CharacterSet, message))
    }

    /// Checks text against its VR and turns numerals into numbers.
    pub(crate) fn encode(&self, tag: Tag, vr: VR, encoding: Encoding, text: &[u8]) -> Result<Vec<u8>, Error> {
        let place = Place::Path(format!("({:04X},{:04X})", tag.group(), tag.element()));
        let fail = |message| Error::new(Code::Overflow, message).at(place);
        let Some(bytes) = value::encode(vr, encoding, text) else {
            return Err(fail("the new value is no number that the VR can hold"));
        };
        if !value::is_within_limit(vr, &bytes) {
            return Err(fail("the new value is longer than its VR allows; shorten the text of the settings"));
        }
        Ok(bytes)
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

/// Pixel Data below the top level (icons have it, and they go), offsets of fragments where there are none, and fragments
/// anywhere else.
fn is_misplaced(data_set: &DataSet, element: &Element) -> bool {
    let has_fragments = |(_, pixels): (u32, &Element)| pixels.has(UNDEFINED_LENGTH);
    match element.tag {
        tags::EXTENDED_OFFSET_TABLE | tags::EXTENDED_OFFSET_TABLE_LENGTHS => {
            element.depth > 0 || !data_set.child(u32::MAX, tags::PIXEL_DATA).is_some_and(has_fragments)
        }
        Tag(0x7FE0, _) => element.depth > 0,
        _ => element.has(UNDEFINED_LENGTH),
    }
}

/// Whether the bytes are what the Attribute's VR, number of values and terms allow, whatever VR the file states.
fn is_legal(element: &Element, vr: VR, bytes: &[u8]) -> bool {
    let vr = known_vr(element.tag).unwrap_or(vr);
    let stated = if element.vr == VR::UN { vr } else { element.vr };
    // Numbers of another size may be what they should be, and bytes may be words; other values not.
    let any_layout = value::number_size(stated).is_some() || value::is_bulk(vr);
    if !value::is_valid(stated, bytes) || !any_layout && !value::is_valid(vr, bytes) {
        return false;
    }
    if vr == VR::AT && bytes.len() > 4 && !are_attributes(element.encoding(), bytes) {
        return false;
    }
    match value::number_size(vr).map(|size| value::number_size(stated).unwrap_or(size)) {
        // One value is what every Attribute has at least.
        Some(size) => bytes.len() <= size || bytes.len() <= size.saturating_mul(profile::most_values(element.tag)),
        None => profile::terms::are_legal(element.tag, bytes),
    }
}

/// Tags that point at elements of the file: others than those of PS3.6 are gone.
fn are_attributes(encoding: Encoding, bytes: &[u8]) -> bool {
    bytes.chunks_exact(4).all(|tag| match *tag {
        [a, b, c, d] => profile::dictionary_vr(Tag(encoding.u16([a, b]), encoding.u16([c, d]))).is_some(),
        _ => false,
    })
}

fn is_well_known(uid: &[u8]) -> bool {
    uid.starts_with(b"1.2.840.10008.") && std::str::from_utf8(uid).is_ok_and(profile::is_well_known_instance)
}

/// Whether a value of one VR reads the same under another: writers mix these up, and the
/// dictionary itself leaves some open (US or SS, OB or OW).
fn same_family(dictionary: VR, stated: VR) -> bool {
    use VR::*;
    let family = |vr| match vr {
        OB | OW | OF | OD | OL | OV | US | SS => 1,
        UL | SL => 2,
        DS | IS => 3,
        LO | SH | ST | LT | UT | UC | CS | PN => 4,
        _ => 100 + vr as u32,
    };
    family(dictionary) == family(stated) || (number_like(dictionary) && number_like(stated))
}

/// The VR in which a replacement is written: the dictionary's; where that leaves it open, the file's.
fn written_vr(element: &Element) -> VR {
    match known_virtual_vr(element.tag) {
        Some(VirtualVr::Exact(vr)) => vr,
        // US or SS, OB or OW.
        Some(open) if same_family(open.relaxed(), element.vr) => element.vr,
        Some(open) => open.relaxed(),
        None => element.vr,
    }
}

fn number_like(vr: VR) -> bool {
    value::number_size(vr).is_some() && vr != VR::AT
}
