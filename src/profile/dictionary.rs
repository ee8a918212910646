//! The data dictionary as one table that is asked for every element: VR, keyword and whether an Attribute is retired.

use crate::Tag;
use crate::VR;
use dicom_core::dictionary::VirtualVr;
use std::sync::OnceLock;

/// `attributes.txt` as `build.rs` packs it.
macro_rules! packed {
    ($include:ident $name:literal) => {
        $include!(concat!(env!("OUT_DIR"), "/", $name))
    };
}
const WORDS: &str = packed!(include_str "words.txt");
const KEYWORDS: &[u8] = packed!(include_bytes "keywords.bin");
const KINDS: &str = packed!(include_str "kinds.txt");
const KIND_CODES: &[u8] = packed!(include_bytes "kinds.bin");
const TAGS: &[u8] = packed!(include_bytes "tags.bin");

/// How many words have a code of one byte, and the code of the first.
const FREQUENT: usize = 239;
const FIRST: u8 = 8;
/// The code of a word that comes for the first time; lower ones begin a keyword.
const NEW: u8 = 6;

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
    slots: Slots,
}

/// The dictionary, built on first use.
pub(crate) fn dictionary() -> &'static Dictionary {
    static DICTIONARY: OnceLock<Dictionary> = OnceLock::new();
    DICTIONARY.get_or_init(Dictionary::new)
}

impl Dictionary {
    fn new() -> Self {
        let known = unpack();
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
    #[inline]
    pub(crate) fn find(&self, tag: Tag) -> Option<u16> {
        self.slots.get(tag).or_else(|| self.find_repeating(tag))
    }

    /// The Attribute that a tag belongs to.
    #[inline]
    pub(crate) fn get(&self, tag: Tag) -> Option<&Known> {
        self.find(tag).map(|index| &self.known[usize::from(index)])
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

/// The list of Attributes.
fn unpack() -> Vec<Known> {
    let kinds: Vec<&str> = KINDS.split(' ').collect();
    let kind = |code: &u8| kinds.get(usize::from(*code)).copied().unwrap_or_default();
    let attribute = |((tag, kind), keyword): ((Tag, &str), &'static str)| Known {
        tag,
        vr: kind.get(..2).and_then(virtual_vr),
        keyword,
        most: most_values(kind),
        retired: kind.contains('-'),
        repeating: kind.ends_with('x'),
    };
    tags().zip(KIND_CODES.iter().map(kind)).zip(keywords()).map(attribute).collect()
}

/// The tags, each as far from the one before as the bytes say, seven bits in each.
fn tags() -> impl Iterator<Item = Tag> {
    let mut tag = 0u32;
    TAGS.split_inclusive(|byte| *byte < 0x80).map(move |step| {
        tag += step.iter().rev().fold(0, |step, byte| step << 7 | u32::from(byte & 0x7F));
        Tag((tag >> 16) as u16, tag as u16)
    })
}

/// The keywords: each is as many words of the one before as its first code says, then those of its other codes.
fn keywords() -> Vec<&'static str> {
    let words: Vec<&str> = WORDS.split('\n').collect();
    let mut new = FREQUENT..;
    let (mut text, mut lengths) = (String::new(), Vec::new());
    let mut keyword: Vec<&str> = Vec::new();
    let mut codes = KEYWORDS.iter().copied().peekable();
    while let Some(shared) = codes.next() {
        keyword.truncate(shared.into());
        while let Some(code) = codes.next_if(|code| *code >= NEW) {
            let word = match usize::from(code.saturating_sub(FIRST)) {
                _ if code == NEW => new.next().unwrap_or_default(),
                frequent if frequent < FREQUENT => frequent,
                _ => FREQUENT + usize::from(u8::MAX - code) * 256 + usize::from(codes.next().unwrap_or_default()),
            };
            keyword.extend(words.get(word));
        }
        lengths.push(keyword.iter().map(|word| word.len()).sum());
        text.extend(keyword.iter().copied());
    }
    // Once in a process: the dictionary is never dropped.
    let mut rest: &'static str = text.leak();
    let mut cut = |len: usize| {
        let (keyword, behind) = rest.split_at_checked(len).unwrap_or_default();
        rest = behind;
        keyword
    };
    lengths.into_iter().map(&mut cut).collect()
}

/// Behind the VR: a digit, `n` for any number, nothing for one.
fn most_values(kind: &str) -> usize {
    match kind.as_bytes().get(2) {
        Some(digit @ b'2'..=b'9') => usize::from(digit - b'0'),
        // Of retired ones nothing is listed.
        Some(b'n' | b'-') => usize::MAX,
        _ => 1,
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

/// Tags to small numbers: open addressing, at most half full, so that a look-up is one or two comparisons.
#[derive(Clone, Debug, Default)]
pub(crate) struct Slots {
    /// A power of two, or none at all.
    slots: Vec<Option<(Tag, u16)>>,
}

impl Slots {
    pub(crate) fn with_room_for(count: usize) -> Self {
        let room = if count == 0 { 0 } else { (count * 2).next_power_of_two() };
        Slots { slots: vec![None; room] }
    }

    /// Adds a tag. There must be room: see [`Slots::with_room_for`].
    pub(crate) fn insert(&mut self, tag: Tag, value: u16) {
        let mut at = self.start(tag);
        while self.slots[at].is_some_and(|(other, _)| other != tag) {
            at = (at + 1) & (self.slots.len() - 1);
        }
        self.slots[at] = Some((tag, value));
    }

    #[inline]
    pub(crate) fn get(&self, tag: Tag) -> Option<u16> {
        if self.slots.is_empty() {
            return None;
        }
        let mut at = self.start(tag);
        while let Some((other, value)) = self.slots[at] {
            if other == tag {
                return Some(value);
            }
            at = (at + 1) & (self.slots.len() - 1);
        }
        None
    }

    /// Every tag with its number, in no order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Tag, u16)> {
        self.slots.iter().copied().flatten()
    }

    #[inline]
    fn start(&self, tag: Tag) -> usize {
        // Fibonacci hashing: the product's upper bits depend on all bits of the tag.
        let tag = u32::from(tag.0) << 16 | u32::from(tag.1);
        (tag.wrapping_mul(0x9E37_79B9) >> 12) as usize & (self.slots.len() - 1)
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
