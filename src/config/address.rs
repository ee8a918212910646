//! What an entry's key addresses: a tag, a keyword, a private element by its creator, or many tags at once.

use crate::Tag;
use crate::profile;
use std::fmt;

/// The form of a tag, for messages.
pub(super) const FORM: &str = "(gggg,eeee)";

/// What an entry of the settings is about. Ordered by how exact it is: of two that match, the lesser one wins.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Address {
    /// `(gggg,"CREATOR",ee)`: an element of whichever block the creator has reserved (PS3.5 7.8.1).
    Private {
        /// The group, which is odd.
        group: u16,
        /// The Private Creator, without padding.
        creator: String,
        /// The last two digits of the element.
        element: u8,
    },
    /// `(gggg,eeee)`, or a keyword.
    Tag(Tag),
    /// A tag with `xx`.
    Many {
        /// Which digits are open.
        extent: Extent,
        /// The least of its tags.
        first: Tag,
    },
}

/// Which digits of a tag are open. Open digits of a group stand for even groups: odd ones are private (PS3.5 7.6, 7.8).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Extent {
    /// `(gggg,eexx)`
    Elements,
    /// `(ggxx,eeee)`
    Groups,
    /// `(gggg,xxxx)`
    Group,
    /// `(ggxx,eexx)`
    GroupsElements,
    /// `(ggxx,xxxx)`
    WholeGroups,
}

impl Extent {
    /// All of them, the most exact first.
    pub const ALL: [Extent; 5] =
        [Extent::Elements, Extent::Groups, Extent::Group, Extent::GroupsElements, Extent::WholeGroups];

    /// The digits that are not open.
    const fn mask(self) -> Tag {
        match self {
            Extent::Elements => Tag(0xFFFF, 0xFF00),
            Extent::Groups => Tag(0xFF00, 0xFFFF),
            Extent::Group => Tag(0xFFFF, 0),
            Extent::GroupsElements => Tag(0xFF00, 0xFF00),
            Extent::WholeGroups => Tag(0xFF00, 0),
        }
    }

    /// The first tag of the one address of this extent that can match a tag; none for a private tag if groups are open.
    #[inline]
    pub(crate) fn first(self, tag: Tag) -> Option<Tag> {
        let Tag(group, element) = self.mask();
        (group == 0xFFFF || tag.0 & 1 == 0).then_some(Tag(tag.0 & group, tag.1 & element))
    }

    /// Whether Attributes of different VRs can be meant.
    pub(crate) fn is_wide(self) -> bool {
        self.mask().1 == 0
    }
}

impl Address {
    /// Reads a key; nothing if it is no address.
    pub(super) fn parse(key: &str) -> Option<Address> {
        let Some(inner) = key.strip_prefix('(') else { return profile::tag_of(key).map(Address::Tag) };
        let (group, element) = inner.strip_suffix(')')?.split_once(',')?;
        match element.strip_prefix('"') {
            Some(rest) => private(group, rest),
            None => public(group, element),
        }
    }

    /// Whether it is about private elements.
    pub(crate) fn is_private(&self) -> bool {
        match self {
            Address::Private { .. } => true,
            Address::Tag(tag) | Address::Many { first: tag, .. } => tag.0 & 1 == 1,
        }
    }

    /// The tag, if it is just one.
    pub(crate) fn tag(&self) -> Option<Tag> {
        match self {
            Address::Tag(tag) => Some(*tag),
            _ => None,
        }
    }
}

/// `(gggg,"CREATOR",ee)` from its creator on. A creator is LO of the default repertoire (PS3.5 7.8.1), compared
/// without padding.
fn private(group: &str, rest: &str) -> Option<Address> {
    let (creator, element) = rest.rsplit_once('"')?;
    let element = element.strip_prefix(',')?;
    let creator = creator.trim_matches(' ');
    let legal = |byte: u8| (0x20..0x7F).contains(&byte) && byte != b'\\';
    let group = hex(group, 4).filter(|group| group & 1 == 1)?;
    let element = u8::try_from(hex(element, 2)?).ok()?;
    let is_creator = (1..=64).contains(&creator.len()) && creator.bytes().all(legal);
    is_creator.then(|| Address::Private { group, creator: creator.to_owned(), element })
}

/// `gggg,eeee`, of which `xx` can be the last digits of the group, and the last or all of the element.
fn public(group: &str, element: &str) -> Option<Address> {
    let ((group, open), (element, open_too)) = (half(group)?, half(element)?);
    let first = Tag(group, element);
    let extent = match (open, open_too) {
        (0, 0) => return Some(Address::Tag(first)),
        (0, 2) => Extent::Elements,
        (2, 0) => Extent::Groups,
        (0, 4) => Extent::Group,
        (2, 2) => Extent::GroupsElements,
        (2, 4) => Extent::WholeGroups,
        _ => return None,
    };
    (first.0 & 1 == 0 || open == 0).then_some(Address::Many { extent, first })
}

/// A number of four digits, and how many at its end are open.
fn half(digits: &str) -> Option<(u16, usize)> {
    let known = digits.trim_end_matches(['x', 'X']);
    let open = digits.len() - known.len();
    let number = if known.is_empty() { 0 } else { u32::from(hex(known, 4usize.checked_sub(open)?)?) << (4 * open) };
    (digits.len() == 4).then_some((u16::try_from(number).ok()?, open))
}

/// The tag of `(gggg,eeee)`: hexadecimal in any case, no spaces.
pub(super) fn tag(address: &str) -> Option<Tag> {
    Address::parse(address).filter(|_| address.starts_with('('))?.tag()
}

/// The tag that a key without brackets probably means: `0010,0010`, `00100010`, `0x00100010`.
pub(super) fn guess(key: &str) -> Option<Tag> {
    let key = key.trim();
    let key = key.strip_prefix("0x").unwrap_or(key);
    let digits: String = key.chars().filter(|c| !matches!(c, ',' | ' ' | ':' | '-')).take(9).collect();
    Some(Tag(hex(digits.get(..4)?, 4)?, hex(digits.get(4..)?, 4)?))
}

/// The keyword that a key becomes in capitals and without what keywords lack, or without one letter too many:
/// `patient_name`, `Patient's Name`, `PatientNamee`.
pub(super) fn near_keyword(key: &str) -> Option<String> {
    let mut capital = true;
    let mut letters = Vec::new();
    for c in without_possessive(key).chars().take(64) {
        if c.is_ascii_alphanumeric() {
            letters.push(if capital { c.to_ascii_uppercase() } else { c });
        }
        capital = !c.is_ascii_alphanumeric();
    }
    for left_out in (0..=letters.len()).rev() {
        let mut keyword: String = letters.iter().take(left_out).collect();
        keyword.extend(letters.iter().skip(left_out + 1));
        if profile::tag_of(&keyword).is_some() {
            return Some(keyword);
        }
    }
    None
}

/// A text without `'s`. (Here and elsewhere a search for one character does: that for a text is linked nowhere else.)
fn without_possessive(text: &str) -> String {
    let mut parts = text.split('\'');
    let mut without = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.strip_prefix('s') {
            Some(rest) => without.push_str(rest),
            None => without.extend(["'", part]),
        }
    }
    without
}

/// Exactly so many hexadecimal digits (`from_str_radix` alone would take a sign).
fn hex(digits: &str, count: usize) -> Option<u16> {
    let exact = digits.len() == count && digits.bytes().all(|b| b.is_ascii_hexdigit());
    exact.then(|| u16::from_str_radix(digits, 16).ok())?
}

impl fmt::Display for Address {
    /// The address as it is written in settings.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Address::Private { group, creator, element } => write!(f, "({group:04X},\"{creator}\",{element:02X})"),
            Address::Tag(tag) => tag.fmt(f),
            Address::Many { extent, first: Tag(group, element) } => match extent {
                Extent::Elements => write!(f, "({group:04X},{:02X}xx)", element >> 8),
                Extent::Groups => write!(f, "({:02X}xx,{element:04X})", group >> 8),
                Extent::Group => write!(f, "({group:04X},xxxx)"),
                Extent::GroupsElements => write!(f, "({:02X}xx,{:02X}xx)", group >> 8, element >> 8),
                Extent::WholeGroups => write!(f, "({:02X}xx,xxxx)", group >> 8),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_exact_form_is_a_tag() {
        assert_eq!(tag("(0008,103e)"), Some(Tag(0x0008, 0x103E)));
        assert_eq!(tag("(0008,103E)"), tag("(0008,103e)"));
        for bad in ["0010,0010", "(0010,00100)", "(0010, 0010)", "(+010,0010)", "(60xx,3000)", "()", "(", "(0010)"] {
            assert_eq!(tag(bad), None, "{bad}");
        }
    }

    #[test]
    fn addresses_are_read_and_printed() {
        for (key, printed) in [
            ("(0008,103e)", "(0008,103E)"),
            ("PatientName", "(0010,0010)"),
            ("(60xx,3000)", "(60xx,3000)"),
            ("(60XX,XXXX)", "(60xx,xxxx)"),
            ("(0020,31Xx)", "(0020,31xx)"),
            ("(0019,xxxx)", "(0019,xxxx)"),
            ("(50xx,00xx)", "(50xx,00xx)"),
            ("(0019,\"SIEMENS MR HEADER \",0c)", "(0019,\"SIEMENS MR HEADER\",0C)"),
            ("(0019,\"a \",\"b\",FF)", "(0019,\"a \",\"b\",FF)"),
        ] {
            let address = Address::parse(key).unwrap_or_else(|| panic!("{key}"));
            assert_eq!(address.to_string(), printed);
            assert_eq!(Address::parse(printed), Some(address));
        }
        for bad in [
            "(xxxx,3000)",
            "(60xx,30x0)",
            "(60xx,300x)",
            "(6xxx,3000)",
            "(60xx,xxx)",
            "(60xx,éx)",
            "(0019,\"\",0C)",
            "(0019,\"  \",0C)",
            "(0019,\"A\\B\",0C)",
            "(0019,\"A\u{7f}\",0C)",
            "(0019,\"\u{e9}\",0C)",
            "(0018,\"A\",0C)",
            "(0019,\"A\",100C)",
            "(0019,\"A\", 0C)",
            "(0019,'A',0C)",
            "(PatientName)",
            "patientname",
            "OverlayData",
            "",
        ] {
            assert_eq!(Address::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn an_extent_matches_the_tags_it_says() {
        let matches = |key: &str, tag| match Address::parse(key) {
            Some(Address::Many { extent, first }) => extent.first(tag) == Some(first),
            _ => panic!("{key}"),
        };
        for (key, tag, expected) in [
            ("(60xx,3000)", Tag(0x60FE, 0x3000), true),
            ("(60xx,3000)", Tag(0x6001, 0x3000), false),
            ("(60xx,3000)", Tag(0x6000, 0x3001), false),
            ("(50xx,xxxx)", Tag(0x5022, 0x1234), true),
            ("(0020,31xx)", Tag(0x0020, 0x3145), true),
            ("(0019,xxxx)", Tag(0x0019, 0x100C), true),
            ("(0019,10xx)", Tag(0x0019, 0x110C), false),
            ("(50xx,00xx)", Tag(0x5002, 0x00FF), true),
        ] {
            assert_eq!(matches(key, tag), expected, "{key} {tag}");
        }
    }

    #[test]
    fn other_spellings_are_guessed_for_warnings() {
        for spelling in ["0010,0010", "00100010", "0x00100010", "0010 0010"] {
            assert_eq!(guess(spelling), Some(Tag(0x0010, 0x0010)), "{spelling}");
        }
        for spelling in
            ["patient_name", "Patient's Name", "patientName", "PatientsName", "PatientNamee", "PPatientName"]
        {
            assert_eq!(near_keyword(spelling).as_deref(), Some("PatientName"), "{spelling}");
        }
        for other in ["remark", "00100", "001000100", "ééüé", "", "no_such_word"] {
            assert_eq!((guess(other), near_keyword(other)), (None, None), "{other}");
        }
    }
}
