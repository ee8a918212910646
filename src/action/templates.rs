//! The parameter of `set`: macros expanded, text in the character set that holds, numerals as numbers.

use super::Scene;
use crate::config::{Macro, Missing, Segment, Template};
use crate::element::{CONTAINER, Element, known_vr};
use crate::error::{Code, Error, Place};
use crate::syntax::Encoding;
use crate::value;
use crate::{Tag, VR};
use dicom_dictionary_std::tags;
use std::borrow::Cow;

impl Scene<'_> {
    /// Expands a template for an element, or for one that is to be inserted at top level.
    pub(crate) fn expand(
        &self,
        template: &Template,
        tag: Tag,
        at: Option<(u32, &Element)>,
        vr: VR,
    ) -> Result<Vec<u8>, Error> {
        let mut text = Vec::new();
        for segment in &template.0 {
            let piece: Cow<'_, [u8]> = match segment {
                Segment::Text(literal) if literal.is_ascii() => literal.as_bytes().into(),
                Segment::Text(literal) => self.in_character_set(literal, at, vr)?.into(),
                Segment::Macro(Macro::Value(None)) => self.text_of(at.map(|(_, element)| element), at)?,
                Segment::Macro(Macro::Value(Some(tag))) => self.text_of(self.data_set.find(*tag), at)?,
                Segment::Macro(name) => self.expand_macro(*name, tag, at, vr)?.into(),
                Segment::Lookup(column) => self.looked_up(column, tag, at, vr)?.into(),
            };
            text.extend_from_slice(&piece);
        }
        Ok(text)
    }

    /// The cell of the table that is given beside the settings, in the row of this file.
    pub(super) fn looked_up(
        &self,
        column: &str,
        tag: Tag,
        at: Option<(u32, &Element)>,
        vr: VR,
    ) -> Result<Vec<u8>, Error> {
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
            (Missing::Pseudonym, VR::PN) => self.expand_macro(Macro::FakeName, tag, at, vr),
            (Missing::Pseudonym, VR::UI) => self.expand_macro(Macro::RandomUid, tag, at, vr),
            (Missing::Pseudonym, _) => {
                let accession = lookup.attribute() == Some(tags::ACCESSION_NUMBER);
                self.expand_macro(if accession { Macro::FakeAcc } else { Macro::FakeMrn }, tag, at, vr)
            }
            (Missing::Refuse, _) => Err(Error::new(Code::Refused, "the lookup table has no row for this file")),
        }
    }

    pub(super) fn expand_macro(
        &self,
        name: Macro,
        tag: Tag,
        at: Option<(u32, &Element)>,
        vr: VR,
    ) -> Result<Vec<u8>, Error> {
        let (identity, pseudonyms, project) = (&self.identity, self.pseudonyms, self.plan.project());
        let text = match name {
            Macro::ProjectName => return self.in_character_set(&project.name, at, vr),
            Macro::ProjectOwner => return self.in_character_set(&project.owner, at, vr),
            Macro::ProjectPrefix => return self.in_character_set(&project.prefix, at, vr),
            Macro::ProcessDate => self.now.process_date(),
            Macro::ProcessTime => self.now.process_time(),
            Macro::RandomUid => pseudonyms.uid(&self.original_uid(tag, at)),
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
    pub(super) fn text_of(
        &self,
        source: Option<&Element>,
        at: Option<(u32, &Element)>,
    ) -> Result<Cow<'_, [u8]>, Error> {
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

    pub(super) fn path_of(&self, element: &Element) -> String {
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
    pub(super) fn in_character_set(&self, text: &str, at: Option<(u32, &Element)>, vr: VR) -> Result<Vec<u8>, Error> {
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
