//! Sections: what describes a project, its options and its tag entries.

use super::address::{self, Address};
use super::command::{Command, Fault};
use super::json::{Item, Text};
use super::nearest::nearest;
use super::options::{self, Asked};
use super::root::is_root;
use super::shift::{DateShift, MOST_SHIFT_DAYS};
use super::{GENERAL, SettingsWarning, Sorted};
use crate::error::Error;
use crate::plan::is_never_copied;
use crate::risk::{Policy, Risk};
use std::collections::HashSet;

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
    /// `verify`.
    pub verify: Option<bool>,
    /// `clean_frames`.
    pub clean_frames: Option<bool>,
    /// `unused_bits`.
    pub unused_bits: Option<UnusedBits>,
    /// `print_assignment` (general section only).
    pub print_assignment: Option<bool>,
    /// `key_file` (general section only): where the command finds its key.
    pub key_file: Option<String>,
    /// `date_shift_days`.
    pub date_shift: Option<DateShift>,
    /// `uid_root`: what new UIDs begin with.
    pub uid_root: Option<String>,
    /// `risk_…`, in the order of [`Risk::ALL`].
    pub risks: [Option<Policy>; Risk::ALL.len()],
    /// `lookup_key`: the column by which rows of the table are found.
    pub lookup_key: Option<String>,
    /// `lookup_missing`.
    pub lookup_missing: Option<Missing>,
    /// `profile_options`.
    pub profile_options: Option<Asked>,
    /// `ages_over_89`.
    pub ages_over_89: Option<Ages>,
    /// Tag entries, by address: the last of two sources that have the same one wins.
    pub entries: Sorted<Address, Entry>,
}

/// Of an option that concerns the whole run.
const NOT_GENERAL: &str = "without effect here; it belongs in the section \"general\"";

/// What `uid_root` must be.
const EXPECTED_ROOT: &str =
    "expected a UID of your own, such as \"1.2.826.0.1.3680043.10.543\", with at most 32 characters";

/// A tag entry of the settings.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The command.
    pub command: Command,
    /// The key as it was written, for explanations.
    pub key: String,
    /// Line of the key in its text, from 1.
    pub line: u32,
    /// Column of the key in its text, in characters, from 1.
    pub column: u32,
}

/// Where assignments start from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preset {
    /// Everything known to hold identity is handled, unknown elements go.
    Default,
    /// The Application Level Confidentiality Profile of PS3.15, with `profile_options`.
    Profile,
    /// Nothing is assigned but the UIDs.
    None,
}

/// What `@lookup(column)@` does if the table has no row for a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Missing {
    /// The file is refused.
    #[default]
    Refuse,
    /// The generated pseudonym stands instead.
    Pseudonym,
}

/// What happens to an age over 89 that would stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ages {
    /// It becomes 90.
    Cap,
    /// It stays.
    Keep,
}

/// What happens to elements without an assignment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// They follow `remove_unknown_tags`.
    Blacklist,
    /// They go.
    Whitelist,
}

/// What becomes of bits of native Pixel Data that belong to no pixel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnusedBits {
    /// The report says that they were not looked at.
    Flag,
    /// They are cleared.
    Mask,
}

/// The keys that are no tag.
const KEYS: [&str; 29] = [
    "name",
    "owner",
    "prefix",
    "preset",
    "mode",
    "remove_unknown_tags",
    "remove_safe_tags",
    "remove_curves",
    "remove_overlays",
    "verify",
    "clean_frames",
    "unused_bits",
    "print_assignment",
    "key_file",
    "date_shift_days",
    "uid_root",
    "risk_documents",
    "risk_slide_label",
    "risk_burned_in",
    "risk_secondary_capture",
    "risk_screen_save",
    "risk_ultrasound",
    "risk_faces",
    "risk_unstated",
    "risk_unstated_slices",
    "lookup_key",
    "lookup_missing",
    "profile_options",
    "ages_over_89",
];

/// Reads the section that is an item's value.
pub(super) fn parse(item: &Item<'_>, general: bool, warnings: &mut Vec<SettingsWarning>) -> Result<Section, Error> {
    let entries = item.object(&if KEYS.contains(&item.key) || item.key.starts_with('(') {
        format!("expected a section (an object); options and tags stand inside one, such as \"{GENERAL}\"")
    } else {
        "expected a section (an object of options and tags)".to_owned()
    })?;
    let mut section = Section::default();
    let mut keys = HashSet::new();
    let mut addresses = HashSet::new();
    let mut tagged = Vec::new();
    for item in entries.items() {
        if !keys.insert(item.key.to_owned()) {
            return Err(item.error_at_key("the key stands twice in its section; keep one"));
        }
        if section.read(&item, general, warnings)? {
            continue;
        }
        let Some((address, entry)) = read_tag(&item, warnings)? else { continue };
        // `(0008,103E)` and `(0008,103e)`, `(0010,0010)` and `PatientName`.
        if !addresses.insert(address.to_string()) {
            return Err(item.error_at_key("the tag stands twice in its section; keep one"));
        }
        tagged.push((address, entry));
    }
    section.entries = tagged.into_iter().collect();
    Ok(section)
}

impl Section {
    /// Reads an option; false if the key names none.
    fn read(&mut self, item: &Item<'_>, general: bool, warnings: &mut Vec<SettingsWarning>) -> Result<bool, Error> {
        match item.key {
            "name" => self.name = Some(item.text()?.content.into_owned()),
            "owner" => self.owner = Some(item.text()?.content.into_owned()),
            "prefix" => self.prefix = Some(item.text()?.content.into_owned()),
            "preset" => {
                self.preset = Some(choice(
                    item,
                    [("default", Preset::Default), ("ps3.15", Preset::Profile), ("none", Preset::None)],
                )?)
            }
            "mode" => self.mode = Some(choice(item, [("blacklist", Mode::Blacklist), ("whitelist", Mode::Whitelist)])?),
            "remove_unknown_tags" => self.remove_unknown_tags = Some(flag(item)?),
            "remove_safe_tags" => self.remove_safe_tags = Some(flag(item)?),
            "remove_curves" => self.remove_curves = Some(flag(item)?),
            "remove_overlays" => self.remove_overlays = Some(flag(item)?),
            "lookup_key" => self.lookup_key = Some(item.text()?.content.trim().to_owned()),
            "lookup_missing" => {
                self.lookup_missing =
                    Some(choice(item, [("refuse", Missing::Refuse), ("pseudonym", Missing::Pseudonym)])?)
            }
            "uid_root" => self.uid_root = Some(uid_root(item)?),
            "date_shift_days" => self.date_shift = Some(date_shift(item)?),
            "verify" => self.verify = Some(flag(item)?),
            "clean_frames" => self.clean_frames = Some(flag(item)?),
            "unused_bits" => {
                self.unused_bits = Some(choice(item, [("flag", UnusedBits::Flag), ("mask", UnusedBits::Mask)])?)
            }
            "print_assignment" => {
                self.print_assignment = Some(flag(item)?).filter(|_| general);
                warnings.extend((!general).then(|| item.warning(NOT_GENERAL)));
            }
            "key_file" => {
                self.key_file = Some(item.text()?.content.into_owned()).filter(|_| general);
                let without_effect = match general {
                    false => Some(NOT_GENERAL),
                    // Pages open no file of their own, and the package is given its key.
                    true => cfg!(target_arch = "wasm32").then_some("without effect here; only the command opens it"),
                };
                warnings.extend(without_effect.map(|message| item.warning(message)));
            }
            "profile_options" => self.profile_options = Some(options::read(item)?),
            "ages_over_89" => self.ages_over_89 = Some(choice(item, [("cap", Ages::Cap), ("keep", Ages::Keep)])?),
            key => match Risk::of_option(key) {
                Some(risk) => self.risks[risk as usize] = Some(policy(item, risk)?),
                None => return Ok(false),
            },
        }
        Ok(true)
    }

    /// Lays another section over this one: what it says wins.
    pub(super) fn merge(&mut self, over: Section) {
        fn lay<T>(under: &mut Option<T>, over: Option<T>) {
            if over.is_some() {
                *under = over;
            }
        }
        lay(&mut self.name, over.name);
        lay(&mut self.owner, over.owner);
        lay(&mut self.prefix, over.prefix);
        lay(&mut self.preset, over.preset);
        lay(&mut self.mode, over.mode);
        lay(&mut self.remove_unknown_tags, over.remove_unknown_tags);
        lay(&mut self.remove_safe_tags, over.remove_safe_tags);
        lay(&mut self.remove_curves, over.remove_curves);
        lay(&mut self.remove_overlays, over.remove_overlays);
        lay(&mut self.verify, over.verify);
        lay(&mut self.clean_frames, over.clean_frames);
        lay(&mut self.unused_bits, over.unused_bits);
        lay(&mut self.print_assignment, over.print_assignment);
        lay(&mut self.key_file, over.key_file);
        lay(&mut self.date_shift, over.date_shift);
        lay(&mut self.uid_root, over.uid_root);
        self.risks.iter_mut().zip(over.risks).for_each(|(under, over)| lay(under, over));
        lay(&mut self.lookup_key, over.lookup_key);
        lay(&mut self.lookup_missing, over.lookup_missing);
        lay(&mut self.profile_options, over.profile_options);
        lay(&mut self.ages_over_89, over.ages_over_89);
        self.entries.extend(over.entries);
    }
}

/// What a key that begins with a bracket must be.
const EXPECTED_ADDRESS: &str = "expected a tag as (gggg,eeee) with eight hexadecimal digits and no spaces, of which the \
                                last can be xx as in (60xx,3000), or (gggg,\"creator\",ee) with an odd group";

/// Reads a tag entry; nothing, with a warning, if the key is no tag.
fn read_tag(item: &Item<'_>, warnings: &mut Vec<SettingsWarning>) -> Result<Option<(Address, Entry)>, Error> {
    let Some(address) = Address::parse(item.key) else {
        if item.key.trim_start().starts_with('(') {
            return Err(item.error_at_key(EXPECTED_ADDRESS));
        }
        warnings.push(item.warning(unknown(item.key)));
        return Ok(None);
    };
    let text = item.text()?;
    let command = Command::parse(&text.content).map_err(|Fault { at, message }| item.error_in(&text, at, message))?;
    if is_never_copied(&address) && !matches!(command, Command::Set(_)) {
        warnings.push(item.warning("without effect: what it is about is never copied, whatever the settings say"));
    }
    let (line, column) = item.position();
    Ok(Some((address, Entry { command, key: item.key.to_owned(), line, column })))
}

/// `true` or `false`, as JSON or as text in any case.
fn flag(item: &Item<'_>) -> Result<bool, Error> {
    const EXPECTED: &str = "expected true or false";
    let text;
    let value = match item.literal() {
        Some(literal) => literal,
        None => {
            text = item.text()?;
            text.content.trim()
        }
    };
    match value {
        _ if value.eq_ignore_ascii_case("true") => Ok(true),
        _ if value.eq_ignore_ascii_case("false") => Ok(false),
        _ => Err(item.error(EXPECTED)),
    }
}

/// One of a few words, each with what it stands for; an error names them all.
fn choice<T: Copy, const N: usize>(item: &Item<'_>, choices: [(&str, T); N]) -> Result<T, Error> {
    let at = position(item, &choices.map(|(word, _)| word))?;
    Ok(choices[at].1)
}

/// What becomes of files with a class of risky content.
fn policy(item: &Item<'_>, risk: Risk) -> Result<Policy, Error> {
    let policies = Policy::of(risk);
    let words: Vec<&str> = policies.iter().map(|policy| policy.as_str()).collect();
    Ok(policies[position(item, &words)?])
}

/// Which of the words the value is, blanks around it aside.
fn position(item: &Item<'_>, words: &[&str]) -> Result<usize, Error> {
    let text = item.text().ok();
    let known = text.and_then(|text| words.iter().position(|word| *word == text.content.trim()));
    known.ok_or_else(|| item.error(expected(words)))
}

/// `expected "a", "b" or "c"`.
fn expected(words: &[&str]) -> String {
    let mut message = String::from("expected ");
    for (at, word) in words.iter().enumerate() {
        let before = match at {
            0 => "",
            _ if at + 1 == words.len() => " or ",
            _ => ", ",
        };
        message.extend([before, "\"", word, "\""]);
    }
    message
}

fn date_shift(item: &Item<'_>) -> Result<DateShift, Error> {
    let expected = || {
        let most = MOST_SHIFT_DAYS;
        item.error(format!(
            "expected a range of days such as \"1-3652\", the smaller number first, or a fixed offset such as \"-100\", up \
             to {most}"
        ))
    };
    let Text { content, .. } = item.text().map_err(|_| expected())?;
    DateShift::parse(&content).ok_or_else(expected)
}

fn uid_root(item: &Item<'_>) -> Result<String, Error> {
    let root = item.text().ok().filter(|text| is_root(&text.content));
    root.map(|text| text.content.into_owned()).ok_or_else(|| item.error(EXPECTED_ROOT))
}

/// The warning about a key that is neither option nor address.
fn unknown(key: &str) -> String {
    const UNKNOWN: &str = "unknown key, without effect";
    if let Some(tag) = address::guess(key) {
        return format!("{UNKNOWN}; a tag is written {tag}");
    }
    let near = address::near_keyword(key);
    let nearest = near.unwrap_or_else(|| nearest(&key.to_ascii_lowercase(), &KEYS).to_owned());
    format!("{UNKNOWN}; the nearest known one is \"{nearest}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_those_of_the_schema() {
        let schema: serde_json::Value =
            serde_json::from_str(include_str!("settings.schema.json")).expect("the schema is JSON");
        let properties = schema["definitions"]["section"]["properties"].as_object().expect("an object");
        let mut keys = KEYS.to_vec();
        keys.sort_unstable();
        let mut expected: Vec<&str> = properties.keys().map(String::as_str).collect();
        expected.sort_unstable();
        assert_eq!(keys, expected);
    }
}
