//! The parameter of `set`: literal text with macros in it.

use super::address;
use super::command::Fault;
use super::nearest::nearest;
use crate::Tag;
use std::fmt;

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
    /// `@lookup(column)@`: the cell in a column of the table that is given beside the settings.
    Lookup(String),
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

/// Takes the name of a column.
const LOOKUP: &str = "lookup";

/// The other macros by name. `value` also takes a tag.
const MACROS: [(&str, Macro); 11] = [
    ("project_name", Macro::ProjectName),
    ("project_owner", Macro::ProjectOwner),
    ("project_prefix", Macro::ProjectPrefix),
    ("process_date", Macro::ProcessDate),
    ("process_time", Macro::ProcessTime),
    ("random_uid", Macro::RandomUid),
    ("fake_name", Macro::FakeName),
    ("fake_mrn", Macro::FakeMrn),
    ("fake_acc", Macro::FakeAcc),
    ("hash_acc", Macro::HashAcc),
    ("value", Macro::Value(None)),
];

impl Template {
    /// Reads text with macros. An `@` that opens no macro is literal, as in an e-mail address; one
    /// that looks like a macro but is none is an error, for it would be written into the files.
    pub(super) fn parse(text: &str) -> Result<Template, Fault> {
        let mut template = Template::default();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('@') {
            template.push_text(before);
            match macro_at(after) {
                Ok(Some((found, behind))) => {
                    template.0.push(found);
                    rest = behind;
                }
                Ok(None) => {
                    template.push_text("@");
                    rest = after;
                }
                Err(message) => return Err(Fault { at: text.len() - after.len() - 1, message }),
            }
        }
        template.push_text(rest);
        Ok(template)
    }

    fn push_text(&mut self, text: &str) {
        match self.0.last_mut() {
            _ if text.is_empty() => {}
            Some(Segment::Text(last)) => last.push_str(text),
            _ => self.0.push(Segment::Text(text.to_owned())),
        }
    }
}

/// The macro whose `@` stands before a text, and what stands behind it; nothing if the `@` is literal.
fn macro_at(text: &str) -> Result<Option<(Segment, &str)>, String> {
    let after = text.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    let word = text.strip_suffix(after).unwrap_or_default();
    let known = MACROS.iter().find(|(name, _)| *name == word).map(|(_, found)| *found);
    match (known, after.chars().next()) {
        (Some(found), Some('@')) => Ok(after.strip_prefix('@').map(|behind| (Segment::Macro(found), behind))),
        (None, Some('(' | '@')) if word == LOOKUP => lookup(after).map(Some),
        (Some(Macro::Value(_)), Some('(')) => value_of(after).map(Some),
        // `value` is a word of its own, as in `user@value.org`; the others are not.
        (Some(found), _) if found != Macro::Value(None) => Err(format!("a macro ends with @: expected @{word}@")),
        (_, Some('@' | '(')) if !word.is_empty() => Err(unknown(word)),
        _ => Ok(None),
    }
}

/// `@value(gggg,eeee)@` from its bracket on.
fn value_of(bracket: &str) -> Result<(Segment, &str), String> {
    let (address, behind) = bracket.split_once('@').unwrap_or_default();
    match address::tag(address) {
        Some(tag) => Ok((Segment::Macro(Macro::Value(Some(tag))), behind)),
        _ => Err(format!("expected @value{}@ with hexadecimal digits", address::FORM)),
    }
}

/// `@lookup(column)@` from its bracket on.
fn lookup(bracket: &str) -> Result<(Segment, &str), String> {
    let (bracketed, behind) = bracket.split_once('@').unwrap_or_default();
    let column = bracketed.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
    match column.filter(|column| !column.is_empty() && !column.contains(['(', ')'])) {
        Some(column) => Ok((Segment::Lookup(column.to_owned()), behind)),
        None => Err("expected @lookup(column)@ with the name of a column, without brackets and @".to_owned()),
    }
}

fn unknown(word: &str) -> String {
    let names: Vec<&str> = MACROS.iter().map(|(name, _)| *name).chain([LOOKUP]).collect();
    format!("unknown macro; the nearest known one is @{}@", nearest(&word.to_ascii_lowercase(), &names))
}

impl fmt::Display for Template {
    /// The text as it is written in settings.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|segment| match segment {
            Segment::Text(text) => f.write_str(text),
            Segment::Macro(found) => write!(f, "{found}"),
            Segment::Lookup(column) => write!(f, "@{LOOKUP}({column})@"),
        })
    }
}

impl fmt::Display for Macro {
    /// The macro as it is written in settings.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Macro::Value(Some(tag)) => write!(f, "@value({:04X},{:04X})@", tag.group(), tag.element()),
            other => {
                let name = MACROS.iter().find(|(_, found)| found == other).map_or("", |(name, _)| name);
                write!(f, "@{name}@")
            }
        }
    }
}
