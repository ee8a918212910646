//! The settings language: JSON text → [`Config`]. `docs/CONFIG.md` is its reference.

mod address;
mod command;
mod json;
mod nearest;
mod options;
mod root;
mod section;
mod shift;
mod template;

pub use address::{Address, Extent};
pub use command::{Command, MOST_HASH};
pub use options::{Asked, ProfileOption, ProfileOptions};
pub use root::MOST_ROOT;
pub use section::{Ages, Entry, Missing, Mode, Preset, Section, UnusedBits};
pub use shift::{DateShift, MOST_SHIFT_DAYS};
pub use template::{Macro, Segment, Template};

pub use crate::sorted::Sorted;
pub(crate) use json::Quoted;

use crate::error::Error;
use json::Entries;
use std::collections::HashSet;

/// The JSON Schema of the settings language (draft 07), for editors and for checks outside Rust.
pub const SCHEMA: &str = include_str!("settings.schema.json");

/// The section that applies to every file.
const GENERAL: &str = "general";

/// Settings as the user wrote them: checked, but not yet compiled into a [`crate::Plan`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Config {
    /// The section that applies to every file.
    pub general: Section,
    /// The sections of projects, by name in lower case (ASCII, as Application Entity Titles are).
    pub projects: Sorted<String, Section>,
    /// Things that are legal but probably not meant: unknown keys and the like.
    pub warnings: Vec<SettingsWarning>,
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
    /// Reads settings in JSON: an object whose entries are sections, `general` or a project's.
    ///
    /// ```
    /// let config = lethe::Config::parse(r#"{ "general": { "(0008,1030)": "keep" } }"#).unwrap();
    /// assert_eq!(config.general.entries.len(), 1);
    ///
    /// let error = lethe::Config::parse(r#"{ "general": { "(0008,1030)": "keepall" } }"#).unwrap_err();
    /// assert!(error.to_string().starts_with("line 1, column 32: \"(0008,1030)\": unknown command"));
    /// ```
    ///
    /// # Errors
    /// [`crate::Code::Settings`] with line and column, the key and what was expected.
    pub fn parse(json: &str) -> Result<Config, Error> {
        // Editors on Windows write a byte order mark; RFC 8259 8.1 allows to ignore it.
        let text = json.strip_prefix('\u{FEFF}').unwrap_or(json);
        let mut config = Config::default();
        let mut names = HashSet::new();
        let mut projects = Vec::new();
        let top = Entries::of_text(text)?;
        for item in top.items() {
            if item.key == "$schema" {
                item.text()?;
                continue;
            }
            let name = item.key.to_ascii_lowercase();
            if !names.insert(name.clone()) {
                return Err(item.error_at_key("the section stands twice (names are compared in lower case); keep one"));
            }
            if nearest::distance(&name, GENERAL) == 1 {
                let message = "taken as a project's section; did you mean \"general\"?";
                config.warnings.push(item.warning(message));
            }
            let is_general = name == GENERAL;
            let section = section::parse(&item, is_general, &mut config.warnings)?;
            if is_general {
                config.general = section;
            } else {
                projects.push((name, section));
            }
        }
        config.projects = projects.into_iter().collect();
        Ok(config)
    }

    /// These settings (the module's) under more specific ones (the rule's): entry by entry within
    /// each section, options too, the rule's entry wins.
    pub fn merge(mut self, rule: Config) -> Config {
        self.general.merge(rule.general);
        let mut others = Vec::new();
        for (name, section) in rule.projects {
            match self.projects.get_mut(&name) {
                Some(own) => own.merge(section),
                None => others.push((name, section)),
            }
        }
        self.projects.extend(others);
        self.warnings.extend(rule.warnings);
        self
    }

    /// The section of a project, with its name: the receiving Application Entity Title, compared in
    /// lower case, first as it is, then without a leading `az_`.
    ///
    /// ```
    /// let config = lethe::Config::parse(r#"{ "MyProject": { "name": "My Project" } }"#).unwrap();
    /// assert_eq!(config.project("AZ_MYPROJECT").unwrap().0, "myproject");
    /// assert!(config.project("other").is_none());
    /// ```
    pub fn project(&self, aet: &str) -> Option<(&str, &Section)> {
        let aet = aet.trim().to_ascii_lowercase();
        let find = |name: &str| self.projects.get_key_value(name);
        let (name, section) = find(&aet).or_else(|| find(aet.strip_prefix("az_")?))?;
        Some((name, section))
    }
}
