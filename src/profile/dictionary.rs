//! The data dictionary as one table that is asked for every element: VR, keyword and whether an Attribute is retired.

use super::data;
use crate::syntax::number;
use crate::{Tag, VR};
use dicom_core::dictionary::VirtualVr;
use std::sync::OnceLock;

/// What PS3.6 says of an Attribute.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known {
    /// The tag; of a repeating group or element, the first one.
    pub(crate) tag: Tag,
    /// The VR, where the dictionary has one.
    pub(crate) vr: Option<VirtualVr>,
    /// The keyword, empty if the dictionary has none.
    pub(crate) keyword: &'static str,
    /// Most values, where it is a binary number (PS3.6 VM).
    pub(crate) most: usize,
    /// Retired in PS3.6.
    pub(crate) retired: bool,
    /// Stands for all groups of the form ggxx or all elements of the form eexx.
    pub(crate) repeating: bool,
}

/// All of PS3.6, found by tag with one look in the usual case.
pub(crate) struct Dictionary {
    known: Vec<Known>,
    slots: Slots<u16>,
}

/// The dictionary, built on first use.
pub(crate) fn dictionary() -> &'static Dictionary {
    static DICTIONARY: OnceLock<Dictionary> = OnceLock::new();
    DICTIONARY.get_or_init(Dictionary::new)
}

impl Dictionary {
    fn new() -> Self {
        let known = read();
        let mut slots = Slots::with_room_for(known.len());
        for (index, attribute) in known.iter().enumerate() {
            slots.insert(attribute.tag, index as u16);
        }
        Dictionary { known, slots }
    }

    /// Every Attribute, by tag; repeating groups by their first one.
    pub(crate) fn all(&self) -> &[Known] {
        &self.known
    }

    /// The index in [`Dictionary::all`] of the Attribute that a tag belongs to.
    #[inline(always)] // into look_up, for every element
    pub(crate) fn find(&self, tag: Tag) -> Option<u16> {
        self.slots.get(tag).or_else(|| self.find_repeating(tag))
    }

    /// The Attribute that a tag belongs to.
    #[inline]
    pub(crate) fn get(&self, tag: Tag) -> Option<&Known> {
        Some(self.look_up(tag)?.1)
    }

    /// The same, with its index in [`Dictionary::all`].
    pub(crate) fn look_up(&self, tag: Tag) -> Option<(u16, &Known)> {
        self.find(tag).map(|index| (index, &self.known[usize::from(index)]))
    }

    #[cold]
    fn find_repeating(&self, tag: Tag) -> Option<u16> {
        let base = match (tag.0, tag.1) {
            // PS3.5 7.6: only even groups repeat, odd ones are private.
            (0x5000..=0x50FF | 0x6000..=0x60FF | 0x7F00..=0x7FFF, element) if tag.0 & 1 == 0 => {
                Tag(tag.0 & 0xFF00, element)
            }
            (0x0020, 0x3100..=0x31FF) => Tag(0x0020, 0x3100),
            _ => return None,
        };
        self.slots.get(base).filter(|index| self.known[usize::from(*index)].repeating)
    }
}

/// The lines of the list: a group, and its elements.
fn read() -> Vec<Known> {
    let mut all = Vec::with_capacity(5500);
    for line in data::ATTRIBUTES.lines() {
        let (group, elements) = line.split_once(' ').unwrap_or_default();
        all.extend(elements.split(' ').filter_map(|element| known(group, element)));
    }
    all
}

/// `eeeeVRKeyword`, with the most values between VR and keyword where there may be several, and `-` if it is retired; `xx`
/// in group or element if they repeat.
fn known(group: &str, element: &'static str) -> Option<Known> {
    let (number, rest) = element.split_at_checked(4)?;
    let (vr, keyword) = rest.split_at_checked(2)?;
    let current = keyword.strip_suffix('-');
    let (most, keyword) = most_values(current.unwrap_or(keyword), current.is_some());
    let (group, element) = (half(group)?, half(number)?);
    Some(Known {
        tag: Tag(group.0, element.0),
        vr: virtual_vr(vr),
        keyword,
        most,
        retired: current.is_some(),
        repeating: group.1 || element.1,
    })
}

/// Half a tag, and whether it repeats.
fn half(digits: &str) -> Option<(u16, bool)> {
    match digits.strip_suffix("xx") {
        Some(first) => Some((u16::from_str_radix(first, 16).ok()? << 8, true)),
        None => Some((u16::from_str_radix(digits, 16).ok()?, false)),
    }
}

/// What stands before a keyword, which begins with a capital letter: a digit, `n` for any number, nothing for one. Of
/// retired Attributes nothing is listed.
fn most_values(keyword: &'static str, retired: bool) -> (usize, &'static str) {
    let rest = || keyword.get(1..).unwrap_or_default();
    match keyword.as_bytes().first() {
        Some(digit @ b'2'..=b'9') => (usize::from(digit - b'0'), rest()),
        Some(b'n') => (usize::MAX, rest()),
        _ if retired => (usize::MAX, keyword),
        _ => (1, keyword),
    }
}

fn virtual_vr(code: &str) -> Option<VirtualVr> {
    match code {
        "xs" => Some(VirtualVr::Xs),
        "ox" => Some(VirtualVr::Ox),
        "px" => Some(VirtualVr::Px),
        "lt" => Some(VirtualVr::Lt),
        exact => exact.parse::<VR>().ok().map(VirtualVr::Exact),
    }
}

/// Tags to small values: open addressing, at most half full, so that a look-up is one or two comparisons.
#[derive(Clone, Debug, Default)]
pub(crate) struct Slots<V> {
    /// A power of two, or none at all.
    slots: Vec<Option<(u32, V)>>,
}

impl<V: Copy> Slots<V> {
    pub(crate) fn with_room_for(count: usize) -> Self {
        let room = if count == 0 { 0 } else { (count * 2).next_power_of_two() };
        Slots { slots: vec![None; room] }
    }

    /// Adds a tag. There must be room: see [`Slots::with_room_for`].
    pub(crate) fn insert(&mut self, tag: Tag, value: V) {
        let tag = number(tag);
        let mut at = self.start(tag);
        while self.slots[at].is_some_and(|(other, _)| other != tag) {
            at = (at + 1) & (self.slots.len() - 1);
        }
        self.slots[at] = Some((tag, value));
    }

    #[inline(always)]
    pub(crate) fn get(&self, tag: Tag) -> Option<V> {
        let tag = number(tag);
        let mut at = self.start(tag);
        while let Some((other, value)) = *self.slots.get(at)? {
            if other == tag {
                return Some(value);
            }
            at = (at + 1) & (self.slots.len() - 1);
        }
        None
    }

    #[inline(always)]
    fn start(&self, tag: u32) -> usize {
        // Fibonacci hashing: the product's upper bits depend on all bits of the tag.
        (tag.wrapping_mul(0x9E37_79B9) >> 12) as usize & self.slots.len().wrapping_sub(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dicom_core::dictionary::{DataDictionary, DataDictionaryEntry};
    use dicom_dictionary_std::StandardDataDictionary;

    #[test]
    fn every_attribute_is_found_and_agrees_with_the_data_dictionary() {
        let dictionary = dictionary();
        assert!(dictionary.all().len() > 5300);
        for known in dictionary.all() {
            assert_eq!(dictionary.get(known.tag).map(|found| found.tag), Some(known.tag));
            let nameless = known.keyword.is_empty();
            assert!(!nameless || known.retired, "{} is current and has no keyword", known.tag);
        }
    }

    /// The list stands here and not in the dictionary crate's tables because those, with their maps by name, are
    /// twice as large in the download and are built anew by every worker.
    #[test]
    fn vr_and_keyword_are_those_of_the_data_dictionary() {
        let mut compared = 0;
        for known in dictionary().all() {
            let Some(entry) = StandardDataDictionary.by_tag(known.tag) else { continue };
            assert_eq!((known.vr, known.keyword), (Some(entry.vr()), entry.alias), "{}", known.tag);
            compared += 1;
        }
        assert!(compared > 5200, "{compared}");
    }

    #[test]
    fn numbers_have_as_many_values_as_the_standard_says() {
        let most = |group, element| dictionary().get(Tag(group, element)).map(|known| known.most);
        assert_eq!((most(0x0028, 0x0010), most(0x0028, 0x1101)), (Some(1), Some(3)));
        assert_eq!((most(0x0018, 0x9089), most(0x0028, 0x0009)), (Some(3), Some(usize::MAX)));
        assert_eq!((most(0x6000, 0x0050), most(0x6002, 0x0010)), (Some(2), Some(1)));
    }

    #[test]
    fn the_list_is_sorted_and_has_no_tag_twice() {
        assert!(dictionary().all().is_sorted_by(|a, b| a.tag < b.tag));
    }

    #[test]
    fn repeating_groups_and_elements() {
        let keyword = |group, element| dictionary().get(Tag(group, element)).map_or("", |known| known.keyword);
        assert_eq!(keyword(0x6002, 0x3000), "OverlayData");
        assert_eq!(keyword(0x60FE, 0x3000), "OverlayData");
        assert_eq!(keyword(0x6001, 0x3000), "");
        assert_eq!(keyword(0x5002, 0x3000), "CurveData");
        assert_eq!(keyword(0x0020, 0x3145), "SourceImageIDs");
        assert_eq!(keyword(0x7FE0, 0x0010), "PixelData");
    }

    #[test]
    fn retired_and_current() {
        let retired = |group, element| dictionary().get(Tag(group, element)).map(|known| known.retired);
        assert_eq!(retired(0x0008, 0x0024), Some(true));
        assert_eq!(retired(0x0010, 0x2160), Some(true));
        assert_eq!(retired(0x0010, 0x0010), Some(false));
        assert_eq!(retired(0x0010, 0xFFFE), None);
    }
}
