//! [`Config`] + profile → [`Plan`]: a decision for every Attribute, each with its source.

use crate::Tag;
use crate::config::{Config, Template};
use crate::error::Error;

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
    /// The element goes, a Sequence with all that is in it.
    Remove,
    /// The element stays with an empty value.
    Clear,
    /// The value becomes the expanded template.
    Set(Template),
    /// Dates become January 1st of their year; what is no date becomes empty.
    TruncDate,
    /// Like `TruncDate`, but empty if the patient is over 89 at the study.
    BirthDate,
    /// Each UID of the value is replaced consistently, but for the well-known instances.
    Uid,
    /// A dummy that is legal for the VR. Items of a Sequence stay, decided one by one.
    Dummy,
    /// Part of a coded entry: stays if the Item's Coding Scheme Designator is a registered public
    /// one, else becomes a pseudonym (PS3.3 8.8).
    Coded,
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
        row: String,
        /// The row's Basic Profile code, such as `X/Z/D`.
        code: &'static str,
    },
    /// A rule of the preset that is no row of the table.
    Preset(&'static str),
    /// An option, such as `remove_unknown_tags`.
    Option(&'static str),
    /// The structure is never copied (invariant 4), such as group lengths.
    Structure(&'static str),
}

/// An action and the rule it comes from.
#[derive(Clone, Copy, Debug)]
pub struct Decision<'a> {
    /// What is done.
    pub action: &'a Action,
    /// Which rule says so.
    pub because: &'a Source,
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
#[derive(Clone, Debug)]
pub struct Plan {}

impl Plan {
    /// Compiles settings for a project (an Application Entity Title, or none).
    ///
    /// # Errors
    /// [`crate::Code::Settings`] where an entry cannot work, such as `set` on a Sequence.
    pub fn compile(config: &Config, project: Option<&str>) -> Result<Plan, Error> {
        let _ = (config, project);
        Ok(Plan {})
    }
}
