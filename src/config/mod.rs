//! The settings language: JSON text → [`Config`].

use crate::Tag;
use crate::error::Error;
use std::collections::BTreeMap;

/// Settings as the user wrote them: checked, but not yet compiled into a [`crate::Plan`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Config {
    /// The section that applies to every file.
    pub general: Section,
    /// The sections of projects, by name in lower case.
    pub projects: BTreeMap<String, Section>,
    /// Things that are legal but probably not meant: unknown keys and the like.
    pub warnings: Vec<SettingsWarning>,
}

/// One section: what describes a project, its options and its tag entries.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Section {
    /// Name of the project.
    pub name: Option<String>,
    /// Owner of the project.
    pub owner: Option<String>,
    /// Prefix of the project.
    pub prefix: Option<String>,
    /// Which preset to start from.
    pub preset: Option<Preset>,
    /// Whether unassigned elements stay or only assigned ones.
    pub mode: Option<Mode>,
    /// `remove_unknown_tags`.
    pub remove_unknown_tags: Option<bool>,
    /// `remove_safe_tags`.
    pub remove_safe_tags: Option<bool>,
    /// `remove_curves`.
    pub remove_curves: Option<bool>,
    /// `remove_overlays`.
    pub remove_overlays: Option<bool>,
    /// `print_assignment` (general section only).
    pub print_assignment: Option<bool>,
    /// Tag entries, by tag: the last of two sources that name a tag wins.
    pub entries: BTreeMap<Tag, Entry>,
}

/// A tag entry of the settings.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The command.
    pub command: Command,
    /// The key as it was written, for explanations.
    pub key: String,
    /// Line of the entry in its settings text, from 1.
    pub line: u32,
    /// Column of the entry in characters, from 1.
    pub column: u32,
}

/// What an entry does with an element.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// `keep`
    Keep,
    /// `safe`
    Safe,
    /// `remove`
    Remove,
    /// `clear`
    Clear,
    /// `set(value)`
    Set(Template),
    /// `truncdate`
    TruncDate,
}

/// The parameter of `set`: literal text and macros.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Template(pub Vec<Segment>);

/// A piece of a [`Template`].
#[derive(Clone, Debug, PartialEq)]
pub enum Segment {
    /// Text that stands for itself.
    Text(String),
    /// A macro that is replaced file by file.
    Macro(Macro),
}

/// The macros of `set`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Macro {
    /// `@project_name@`
    ProjectName,
    /// `@project_owner@`
    ProjectOwner,
    /// `@project_prefix@`
    ProjectPrefix,
    /// `@process_date@`
    ProcessDate,
    /// `@process_time@`
    ProcessTime,
    /// `@random_uid@`
    RandomUid,
    /// `@fake_name@`
    FakeName,
    /// `@fake_mrn@`
    FakeMrn,
    /// `@fake_acc@`
    FakeAcc,
    /// `@hash_acc@`
    HashAcc,
    /// `@value@` (`None`: this element) and `@value(gggg,eeee)@`
    Value(Option<Tag>),
}

/// Where assignments start from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preset {
    /// Everything known to hold identity is handled, unknown elements go.
    Default,
    /// Nothing is assigned but the UIDs.
    None,
}

/// What happens to elements without an assignment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// They follow `remove_unknown_tags`.
    Blacklist,
    /// They go.
    Whitelist,
}

/// Something in the settings that is legal but probably not meant.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct SettingsWarning {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// What is odd and what was probably meant.
    pub message: String,
}

impl Config {
    /// Reads settings in JSON.
    ///
    /// # Errors
    /// [`crate::Code::Settings`] with line and column, the key and what was expected.
    pub fn parse(json: &str) -> Result<Config, Error> {
        let _ = json;
        Ok(Config::default())
    }

    /// These settings (the module's) under more specific ones (the rule's): entry by entry within
    /// each section, the rule's entry wins.
    pub fn merge(self, rule: Config) -> Config {
        let _ = rule;
        self
    }
}
