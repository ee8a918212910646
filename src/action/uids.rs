//! UIDs and codes of private schemes: replaced, each by the same everywhere.

use super::{Effect, Scene};
use crate::element::{CONTAINER, Element, OPAQUE};
use crate::profile;
use crate::sorted::sort_by_key;
use crate::value;
use crate::{Tag, VR};
use dicom_dictionary_std::tags;

/// Stands for every Coding Scheme Designator that is not registered.
const PRIVATE_SCHEME: &[u8] = b"99LETHE";

impl<'a> Scene<'a> {
    /// Replaces each UID of the value but the well-known instances of PS3.6 Annex A.
    pub(crate) fn map_uids(&self, element: &Element, vr: VR) -> Effect {
        let Some(bytes) = self.data_set.value(element).filter(|_| !element.has(CONTAINER)) else {
            return if element.length == 0 { Effect::Keep } else { Effect::empty(vr) };
        };
        let parts = || bytes.split(|b| *b == b'\\').map(value::trim);
        if parts().all(|part| part.is_empty() || is_well_known(part)) {
            return self.keep_valid(element, vr);
        }
        let mut mapped = Vec::with_capacity(64);
        for (i, part) in parts().enumerate() {
            if i > 0 {
                mapped.push(b'\\');
            }
            if is_well_known(part) {
                mapped.extend_from_slice(part);
            } else {
                self.push_new_uid(part, &mut mapped);
            }
        }
        self.replace(vr, mapped)
    }

    /// Appends the UID that stands for one; for none, none.
    fn push_new_uid(&self, original: &[u8], to: &mut Vec<u8>) {
        if original.is_empty() {
            return;
        }
        let mut uids = self.uids.borrow_mut();
        if let Some(uid) = uids.get(original) {
            return to.extend_from_slice(uid.as_bytes());
        }
        let uid = self.pseudonyms.uid(&String::from_utf8_lossy(original));
        to.extend_from_slice(uid.as_bytes());
        uids.insert(original.to_vec(), uid);
    }

    /// Each UID of this file that was replaced, with its replacement.
    pub(crate) fn replaced_uids(&self) -> Vec<(String, String)> {
        let uids = self.uids.borrow();
        let pairs = uids.iter().map(|(old, new)| (crate::text::exact(old, b""), new.clone()));
        sort_by_key(pairs.collect())
    }

    /// What `@random_uid@` is a function of: the element's own UID, so that references to it keep
    /// resolving, else the instance and the path, which an absent element has at top level.
    pub(super) fn original_uid(&self, tag: Tag, at: Option<(u32, &Element)>) -> String {
        let own = at.and_then(|(_, element)| self.data_set.value(element)).map(value::ascii).unwrap_or_default();
        if !own.is_empty() && own.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
            return own;
        }
        let path = at.map_or_else(|| tag.to_string(), |(index, _)| self.data_set.path(index as usize));
        format!("{}\0{path}", self.identity.instance_uid)
    }

    /// PS3.3 8.8: a code of a registered public scheme says nothing about a person; in any other
    /// scheme code and meaning are free text.
    pub(super) fn coded(&self, element: &Element, vr: VR) -> Effect {
        let value = self.data_set.value(element).map(value::trim).unwrap_or_default();
        if self.is_public(element, value) || (element.length == 0 && !element.has(OPAQUE)) {
            return self.keep_valid(element, vr);
        }
        let (scheme, _) = self.scheme_of(element.parent);
        match element.tag {
            tags::CODING_SCHEME_DESIGNATOR => self.replace(vr, PRIVATE_SCHEME.to_vec()),
            // Only where the designator does not suffice (Type 1C), and never empty.
            tags::CODING_SCHEME_VERSION => Effect::Remove(None),
            tags::CODE_MEANING => self.replace(vr, value::dummy(vr).to_vec()),
            _ => self.replace(vr, self.new_code(scheme, value)),
        }
    }

    /// Whether a code says nothing about a person. A label that is a small number does not.
    pub(crate) fn is_public(&self, element: &Element, value: &[u8]) -> bool {
        let is_label = || element.tag.group() != 0x0008 && value.len() <= 4 && value::is_numeral(value);
        self.scheme_of(element.parent).1 || is_label()
    }

    /// The Coding Scheme Designator of the Item that an element stands in.
    pub(crate) fn scheme(&self, element: &Element) -> &'a [u8] {
        self.scheme_of(element.parent).0
    }

    /// The Coding Scheme Designator of an Item, and whether it is that of a registered public scheme. Elements of one Item
    /// follow each other, and most Items of a file have few schemes.
    fn scheme_of(&self, item: u32) -> (&'a [u8], bool) {
        let (last, scheme, registered) = self.scheme.get();
        if last == item && item != u32::MAX {
            return (scheme, registered);
        }
        let sibling = self.data_set.child(item, tags::CODING_SCHEME_DESIGNATOR);
        let own = sibling.and_then(|(_, e)| self.data_set.value(e)).map(value::trim).unwrap_or_default();
        let registered =
            if own == scheme { registered } else { std::str::from_utf8(own).is_ok_and(profile::is_registered_scheme) };
        self.scheme.set((item, own, registered));
        (own, registered)
    }

    pub(super) fn new_code(&self, scheme: &[u8], value: &[u8]) -> Vec<u8> {
        let original = [&scheme.len().to_le_bytes()[..], scheme, value].concat();
        let mut codes = self.codes.borrow_mut();
        if let Some(code) = codes.get(&original) {
            return code.as_bytes().to_vec();
        }
        let code = self.pseudonyms.code(scheme, value);
        codes.insert(original, code.clone());
        code.into_bytes()
    }
}

fn is_well_known(uid: &[u8]) -> bool {
    uid.starts_with(b"1.2.840.10008.") && std::str::from_utf8(uid).is_ok_and(profile::is_well_known_instance)
}
