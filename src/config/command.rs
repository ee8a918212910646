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
    /// `hash`, `hash(n)`: how many characters, where it says so
    Hash(Option<u8>),
    /// `age`
    Age,
    /// `refuse`
    Refuse,
}

/// Most characters of `hash(n)`: all of its 128 bits.
pub const MOST_HASH: u8 = 32;

/// The commands, for messages.
const KNOWN: [&str; 15] = [
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
    "hash",
    "hash(n)",
    "age",
    "refuse",
];

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
            "hash" => Ok(Command::Hash(None)),
            "age" => Ok(Command::Age),
            "refuse" => Ok(Command::Refuse),
            other => {
                if other.starts_with("hash(") {
                    let expected = || fault(format!("expected hash(n) with 1 to {MOST_HASH} characters"));
                    return length(other).ok_or_else(expected).map(|most| Command::Hash(Some(most)));
                }
                let Some(parameter) = other.strip_prefix("set(") else { return Err(fault(unknown(other))) };
                let parameter = parameter.strip_suffix(')');
                let parameter =
                    parameter.ok_or_else(|| fault("expected set(value), which ends with a bracket".into()))?;
                let shifted = |fault: Fault| Fault { at: fault.at + start + "set(".len(), ..fault };
                Template::parse(parameter).map(Command::Set).map_err(shifted)
            }
        }
    }
}

/// The number of `hash(n)`, without sign and leading zeros.
fn length(hash: &str) -> Option<u8> {
    let digits = hash.strip_prefix("hash(")?.strip_suffix(')')?;
    let plain = !digits.starts_with('0') && digits.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| digits.parse().ok())?.filter(|length| *length <= MOST_HASH)
}

/// The message about an unknown command. It does not repeat the value, which may be any text.
fn unknown(command: &str) -> String {
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
            Command::Hash(None) => f.write_str("hash"),
            Command::Hash(Some(length)) => write!(f, "hash({length})"),
            Command::Age => f.write_str("age"),
            Command::Refuse => f.write_str("refuse"),
            Command::Set(template) => write!(f, "set({template})"),
        }
    }
}
