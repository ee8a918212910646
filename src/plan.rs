//! [`Config`] + profile → [`Plan`]: a decision for every Attribute, each with its source.

mod claims;
mod codec;
mod compile;
mod explain;
mod layer;
mod literal;
mod lookups;
mod suited;
mod usual;

use crate::config::{Address, Config, DateShift, Extent, Preset, ProfileOption, Template};
use crate::error::Error;
use crate::lookup::Lookup;
use crate::profile::dictionary::{Known, dictionary};
use crate::profile::{EDITION, OPTIONS, SafePrivate};
use crate::risk::{Policy, Risk};
use crate::{Tag, VR};
use dicom_core::dictionary::VirtualVr;
use layer::Layer;
use lookups::Lookups;
use std::borrow::Cow;
use std::fmt;

pub(crate) use claims::{Claims, Dates};
#[cfg(test)]
pub(crate) use explain::command;
pub(crate) use usual::{Content, Usual, UsualTable};

/// What identifies an Attribute for a decision (PS3.5 7.8.1: a private one needs its creator).
#[derive(Clone, Copy, Debug)]
pub struct Attribute<'a> {
    /// The tag.
    pub tag: Tag,
    /// The Private Creator of a private tag, trimmed, where the Data Set has one.
    pub creator: Option<&'a str>,
}

/// What is done with an element.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Action {
    /// The value stays, byte by byte. A Sequence stays; what is in its Items is decided by itself.
    Keep,
    /// Like `Keep`, if the value is valid for the dictionary's VR; else it is emptied and reported.
    KeepValid,
    /// Like `KeepValid`, for a private Attribute, whose VR the dictionary does not have.
    KeepAs(VR),
    /// The element goes, a Sequence with all that is in it.
    Remove,
    /// The element stays with an empty value.
    Clear,
    /// The value becomes the expanded template.
    Set(Template),
    /// Dates become January 1st of their year; what is no date becomes empty.
    TruncDate,
    /// Dates become the first day of their month; what is no date becomes empty.
    TruncMonth,
    /// Dates move by the patient's days ([`Plan::date_shift`]), times of day stay; what is no date becomes empty.
    ShiftDate,
    /// Like `TruncDate`, but empty if the patient is over 89 at the study.
    BirthDate,
    /// Each UID of the value is replaced consistently, but for the well-known instances.
    Uid,
    /// Each value becomes so many characters of its keyed hash, or as many as the VR takes.
    Hash(Option<u8>),
    /// Ages over 89 years become 90 years; what is no age becomes empty.
    Age,
    /// A file in which the element has a value is refused.
    Refuse,
    /// A dummy that is legal for the VR. Items of a Sequence stay, decided one by one.
    Dummy,
    /// Text loses all that could identify (PS3.15 Table E.1-1a, C). Items of a Sequence stay, decided one by one.
    Clean,
    /// Part of a coded entry: stays if the Item's Coding Scheme Designator is a registered public
    /// one, else becomes a pseudonym (PS3.3 8.8).
    Coded,
    /// What a compound code of PS3.15 Table E.1-1, such as `X/Z/D`, asks for by the Attribute's Type in this file's IOD.
    ByType(&'static str),
    /// Like `Clean`; inside a Sequence that [`Action::Dummy`] or its like has made a dummy, a dummy.
    CleanText,
    /// Like `KeepValid`, but an age over 89 becomes 90.
    CapAge,
}

/// Which rule made a decision.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Source {
    /// An entry of the settings: section and key.
    Entry {
        /// `general` or the project's section.
        section: String,
        /// The key as written.
        key: String,
    },
    /// A row of PS3.15 Table E.1-1 as the preset reads it.
    Row {
        /// The Attribute or range, such as `0010,0010` or `60xx,3000`.
        row: Cow<'static, str>,
        /// The code that counts: the Basic Profile's, such as `X/Z/D`, or the Option's.
        code: Cow<'static, str>,
        /// The Option of the profile whose code it is.
        option: Option<ProfileOption>,
    },
    /// A row of PS3.15 Table E.3.10-1.
    SafePrivate(&'static SafePrivate),
    /// A rule of the preset that is no row of the table.
    Preset(Cow<'static, str>),
    /// An option and its value, such as `remove_unknown_tags = true`.
    Option(Cow<'static, str>),
    /// The structure is never copied (invariant 4), such as group lengths.
    Structure(&'static str),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Entry { section, key } => write!(f, "{section} {key}"),
            Source::Row { row, code, option } => {
                write!(f, "PS3.15 {EDITION} Table E.1-1 ({row}) {code}")?;
                option.map_or(Ok(()), |option| write!(f, ", {} Option", OPTIONS[option as usize]))
            }
            Source::SafePrivate(row) => row.fmt(f),
            Source::Preset(rule) => write!(f, "preset: {rule}"),
            Source::Option(option) => write!(f, "option {option}"),
            Source::Structure(what) => write!(f, "never copied: {what}"),
        }
    }
}

/// An action and the rule it comes from.
#[derive(Clone, Copy, Debug)]
pub struct Decision<'a> {
    /// What is done.
    pub action: &'a Action,
    /// Which rule says so.
    pub because: &'a Source,
    /// The VR of the Attribute in the data dictionary, which came along with the look-up.
    pub vr: Option<VirtualVr>,
}

/// A line of [`Plan::explain`].
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Rule {
    /// Tag, range or class of Attributes, such as `(0010,0010)`, `(60xx,xxxx)`, `private`.
    pub address: String,
    /// Keyword, where the dictionary has one.
    pub keyword: String,
    /// VR, where the dictionary has one.
    pub vr: String,
    /// The command as it would be written in settings.
    pub action: String,
    /// The rule's source as text.
    pub because: String,
}

/// The project's description, for macros.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Project {
    /// `@project_name@`
    pub name: String,
    /// `@project_owner@`
    pub owner: String,
    /// `@project_prefix@`
    pub prefix: String,
}

/// Compiled settings: total, immutable, every decision with its source.
///
/// ```
/// use lethe::{Action, Attribute, Config, Plan, Tag};
/// let plan = Plan::compile(&Config::default(), None).unwrap();
/// let decision = plan.decide(Attribute { tag: Tag(0x0010, 0x0032), creator: None });
/// assert_eq!(decision.action, &Action::Remove);
/// assert_eq!(decision.because.to_string(), "PS3.15 2026c Table E.1-1 (0010,0032) X");
/// ```
#[derive(Clone, Debug)]
pub struct Plan {
    preset: Preset,
    date_shift: DateShift,
    uid_root: Option<String>,
    verifies: bool,
    clean_frames: bool,
    clear_unused_bits: bool,
    risks: [Policy; Risk::ALL.len()],
    /// What files say about their de-identification; nothing unless the preset is `ps3.15`.
    claims: Option<Claims>,
    cleans_content: bool,
    caps_ages: bool,
    project: Project,
    /// What can be decided; the tables below point into it.
    rules: Vec<(Action, Source)>,
    /// The rule of every Attribute of the dictionary, in its order.
    by_attribute: Vec<u16>,
    /// Rules for what the dictionary does not have as such (private elements, members of repeating groups), the
    /// strongest layer first: those of the project, of `general`, of the table of Safe Private Attributes.
    layers: Vec<Layer>,
    /// Whether any of them is about private elements.
    names_private: bool,
    fallback: Fallback,
    /// Tags of `set` and `clear` entries, in order, with their rule.
    insertions: Vec<(Tag, u16)>,
    referenced: Vec<Tag>,
    /// What should not be left without a value, in order.
    wants_value: Vec<Tag>,
    lookup: Lookups,
}

/// The rules of what has no rule of its own.
#[derive(Clone, Copy, Debug, Default)]
struct Fallback {
    curves: u16,
    overlays: u16,
    unassigned: u16,
    /// Private Creators of blocks of which something stays, and of which nothing does.
    creators: [u16; 2],
    structures: [u16; STRUCTURES.len()],
}

/// Structures that are never copied, whatever the settings say.
const STRUCTURES: [&str; 5] = [
    "group length",
    "groups 0000 to 0007 do not belong in a Data Set",
    "group FFFF is illegal",
    "Data Set Trailing Padding",
    "item and delimiter tags are written anew",
];

/// Which of [`STRUCTURES`] a tag belongs to.
#[inline(always)]
fn structure(tag: Tag) -> Option<usize> {
    match tag {
        Tag(0x0000..=0x0007, _) => Some(1), // also the illegal odd groups 0001, 0003, 0005, 0007 (PS3.5 7.8)
        Tag(_, 0x0000) => Some(0),
        Tag(0xFFFF, _) => Some(2),
        Tag(0xFFFC, 0xFFFC) => Some(3),
        Tag(0xFFFE, _) => Some(4),
        _ => None,
    }
}

/// Whether all that an address stands for is never copied.
pub(crate) fn is_never_copied(address: &Address) -> bool {
    let tag = match address {
        Address::Tag(tag) => *tag,
        Address::Private { group, .. } => Tag(*group, 0x1000),
        // Of a whole group any element but the first.
        Address::Many { extent: Extent::Elements | Extent::Group, first } => Tag(first.0, first.1 | 1),
        // Group lengths.
        Address::Many { extent: Extent::Groups, first } => return first.1 == 0,
        Address::Many { .. } => return false,
    };
    structure(tag).is_some()
}

/// The curve and overlay groups. The settings language names 5000–501E and 6000–601E; the Standard's repeating groups
/// reach to FE, and a group beyond is no less an overlay.
#[inline]
fn repeating_group(tag: Tag) -> Option<Repeating> {
    match tag.0 {
        group if group & 1 == 1 => None,
        0x5000..=0x50FE => Some(Repeating::Curves),
        0x6000..=0x60FE => Some(Repeating::Overlays),
        _ => None,
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Repeating {
    Curves,
    Overlays,
}

impl Plan {
    /// Compiles settings for a project (an Application Entity Title, or none).
    ///
    /// The project's section is found without regard to case, after a leading `az_` is dropped; a project without a
    /// section uses the general one alone.
    ///
    /// # Errors
    /// [`crate::Code::Settings`] with line and column where an entry cannot work, such as `set` on a Sequence.
    pub fn compile(config: &Config, project: Option<&str>) -> Result<Plan, Error> {
        crate::profile::data::complete()?;
        compile::compile(config, project)
    }

    /// The plan as bytes, for another instance of the same version of this crate: [`Plan::from_bytes`] takes them.
    pub fn to_bytes(&self) -> Vec<u8> {
        codec::encode(self)
    }

    /// The plan that [`Plan::to_bytes`] has written; whoever gets it need not know how settings are read.
    ///
    /// # Errors
    /// [`crate::Code::Internal`] if the bytes are damaged, or another version has written them.
    pub fn from_bytes(bytes: &[u8]) -> Result<Plan, Error> {
        crate::profile::data::complete()?;
        codec::decode(bytes)
    }

    /// What to do with an Attribute at any depth. Total: every tag has an answer. (What becomes of a Private Creator
    /// depends on the elements of its block: see [`Plan::decide_creator`].)
    #[inline]
    pub fn decide(&self, attribute: Attribute<'_>) -> Decision<'_> {
        self.decide_found(attribute, dictionary().look_up(attribute.tag))
    }

    /// The same for an Attribute that was looked up in the dictionary.
    pub(crate) fn decide_found(&self, attribute: Attribute<'_>, found: Option<(u16, &Known)>) -> Decision<'_> {
        self.decision(self.rule(attribute, found), found.and_then(|(_, known)| known.vr))
    }

    #[inline(always)]
    fn rule(&self, attribute: Attribute<'_>, found: Option<(u16, &Known)>) -> u16 {
        let tag = attribute.tag;
        if let Some(structure) = structure(tag) {
            return self.fallback.structures[structure];
        }
        if let Some((index, _)) = found.filter(|(_, known)| !known.repeating) {
            return self.by_attribute[usize::from(index)];
        }
        if let Some(rule) = self.layers.iter().find_map(|layer| layer.find(attribute)) {
            return rule;
        }
        match (found, repeating_group(tag)) {
            (Some((index, _)), _) => self.by_attribute[usize::from(index)],
            (None, Some(Repeating::Curves)) => self.fallback.curves,
            (None, Some(Repeating::Overlays)) => self.fallback.overlays,
            (None, None) => self.fallback.unassigned,
        }
    }

    /// What to do with the Private Creator of a block (PS3.5 7.8.1): it stays as long as an element of the block does,
    /// or the element would lose its meaning, and no longer, unless an entry names it.
    pub fn decide_creator(&self, tag: Tag, block_stays: bool) -> Decision<'_> {
        let own = self.layers.iter().find_map(|layer| layer.of_tag(tag)).filter(|_| structure(tag).is_none());
        self.decision(own.unwrap_or(self.fallback.creators[usize::from(!block_stays)]), None)
    }

    #[inline(always)]
    fn decision(&self, rule: u16, vr: Option<VirtualVr>) -> Decision<'_> {
        let (action, because) = &self.rules[usize::from(rule)];
        Decision { action, because, vr }
    }

    /// Whether it matters who reserved the block of a private element, or which elements of it stay.
    pub(crate) fn names_private(&self) -> bool {
        self.names_private
    }

    /// Gives the plan the table that `@lookup(column)@` takes its values from; none is given where there is none.
    ///
    /// # Errors
    /// [`crate::Code::Settings`] with line and column of an entry that needs a table or a column that is not there, or
    /// with the line of the table where it has a key twice.
    pub fn with_lookup(mut self, table: Option<Lookup>) -> Result<Plan, Error> {
        self.lookup.take(table)?;
        Ok(self)
    }

    /// What `@lookup(column)@` finds.
    pub(crate) fn lookup(&self) -> &Lookups {
        &self.lookup
    }

    /// The rules in force, as data (`print_assignment`): entries, rows and special rules one by one, the rest by class.
    pub fn explain(&self) -> Vec<Rule> {
        explain::explain(self)
    }

    /// The project that the macros speak of.
    pub fn project(&self) -> &Project {
        &self.project
    }

    /// Whether kept Pixel Data loses what no decoder needs (`clean_frames`).
    pub fn cleans_frames(&self) -> bool {
        self.clean_frames
    }

    /// Whether bits that belong to no pixel are cleared (`unused_bits`).
    pub fn clears_unused_bits(&self) -> bool {
        self.clear_unused_bits
    }

    /// What becomes of files with a class of risky content (options `risk_…`).
    pub fn policy(&self, risk: Risk) -> Policy {
        self.risks[risk as usize]
    }

    /// The preset in force.
    pub fn preset(&self) -> Preset {
        self.preset
    }

    /// How far [`Action::ShiftDate`] moves dates.
    pub fn date_shift(&self) -> DateShift {
        self.date_shift
    }

    /// What new UIDs begin with; if nothing, `2.25`.
    pub fn uid_root(&self) -> Option<&str> {
        self.uid_root.as_deref()
    }

    /// Whether values of Content Items go where their concept says that they identify: if the Content Sequence is cleaned.
    pub(crate) fn cleans_content(&self) -> bool {
        self.cleans_content
    }

    /// Whether ages over 89 years in Content Items become 90 (option `ages_over_89`).
    pub(crate) fn caps_ages(&self) -> bool {
        self.caps_ages
    }

    /// Whether values that stay are searched for the file's own identifiers (option `verify`).
    pub fn verifies(&self) -> bool {
        self.verifies
    }

    /// What `set` and `clear` entries of the settings add to the top level where it is missing, by tag.
    pub fn insertions(&self) -> impl Iterator<Item = (Tag, &Action, &Source)> {
        self.insertions.iter().map(|(tag, rule)| {
            let (action, because) = &self.rules[usize::from(*rule)];
            (*tag, action, because)
        })
    }

    /// The tags of all macros `@value(gggg,eeee)@`, sorted: their original values must be at hand.
    pub fn referenced_values(&self) -> &[Tag] {
        &self.referenced
    }

    /// Whether an Attribute should not be left without a value, whatever is done with it.
    pub(crate) fn wants_value(&self, tag: Tag) -> bool {
        self.wants_value.binary_search(&tag).is_ok()
    }

    /// What to write into De-identification Method (0012,0063), beside YES in (0012,0062): values of at most 64
    /// characters; none with preset `none`, which promises nothing. Entries of the settings for these tags go before it.
    pub fn method(&self) -> Vec<String> {
        match (self.preset, &self.claims) {
            (Preset::Default, _) => vec![format!("Lethe, preset default, PS3.15 {EDITION} Table E.1-1")],
            (_, Some(claims)) => claims.method(),
            _ => Vec::new(),
        }
    }

    /// What files say about the profile and its Options; nothing unless the preset is `ps3.15`.
    pub(crate) fn claims(&self) -> Option<&Claims> {
        self.claims.as_ref()
    }
}

#[cfg(test)]
mod safe_private_tests;
#[cfg(test)]
mod tests;
