//! Commands: what an entry does with an element.

use super::nearest::nearest;
use super::template::Template;
use std::fmt;

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
    /// `truncdate`, `truncdate(year)`
    TruncDate,
    /// `truncdate(month)`
    TruncMonth,
    /// `shiftdate`
    ShiftDate,
    /// `clean`
    Clean,
    /// `dummy`
    Dummy,
    /// `uid`
    Uid,
}

/// The commands, for messages.
const KNOWN: [&str; 11] = [
    "keep",
    "safe",
    "remove",
    "clear",
    "set(value)",
    "truncdate",
    "truncdate(month)",
    "shiftdate",
    "clean",
    "dummy",
    "uid",
];

/// Commands that a later version brings.
const PLANNED: [&str; 2] = ["hash", "refuse"];

/// What is wrong with a value: where (byte in the value), and what was expected.
#[derive(Debug, PartialEq)]
pub(super) struct Fault {
    pub(super) at: usize,
    pub(super) message: String,
}

impl Command {
    /// Reads a command; it is the whole text, but for white space around it.
    pub(super) fn parse(text: &str) -> Result<Command, Fault> {
        let start = text.len() - text.trim_start().len();
        let fault = |message| Fault { at: start, message };
        match text.trim() {
            "keep" => Ok(Command::Keep),
            "safe" => Ok(Command::Safe),
            "remove" => Ok(Command::Remove),
            "clear" => Ok(Command::Clear),
            "truncdate" | "truncdate(year)" => Ok(Command::TruncDate),
            "truncdate(month)" => Ok(Command::TruncMonth),
            "shiftdate" => Ok(Command::ShiftDate),
            "clean" => Ok(Command::Clean),
            "dummy" => Ok(Command::Dummy),
            "uid" => Ok(Command::Uid),
            set if set.starts_with("set(") => {
                let parameter = set["set(".len()..].strip_suffix(')');
                let parameter =
                    parameter.ok_or_else(|| fault("expected set(value), which ends with a bracket".into()))?;
                let shifted = |fault: Fault| Fault { at: fault.at + start + "set(".len(), ..fault };
                Template::parse(parameter).map(Command::Set).map_err(shifted)
            }
            other => Err(fault(unknown(other))),
        }
    }
}

/// The message about an unknown command. It does not repeat the value, which may be any text.
fn unknown(command: &str) -> String {
    let name = command.split('(').next().unwrap_or_default();
    if PLANNED.contains(&name) {
        return format!("{name} is not supported yet; expected {}", list());
    }
    format!("unknown command; expected {}; the nearest is {}", list(), nearest(&command.to_ascii_lowercase(), &KNOWN))
}

fn list() -> String {
    let (last, first) = KNOWN.split_last().unwrap_or((&"", &[]));
    format!("{} or {last}", first.join(", "))
}

impl fmt::Display for Command {
    /// The command as it is written in settings.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Command::Keep => f.write_str("keep"),
            Command::Safe => f.write_str("safe"),
            Command::Remove => f.write_str("remove"),
            Command::Clear => f.write_str("clear"),
            Command::TruncDate => f.write_str("truncdate"),
            Command::TruncMonth => f.write_str("truncdate(month)"),
            Command::ShiftDate => f.write_str("shiftdate"),
            Command::Clean => f.write_str("clean"),
            Command::Dummy => f.write_str("dummy"),
            Command::Uid => f.write_str("uid"),
            Command::Set(template) => write!(f, "set({template})"),
        }
    }
}
