//! The secret key: the command's randomness corner.

use crate::{Failure, Result};
use std::path::Path;

/// Where the key may stand if the command line has none (a mercure module gets its secrets so).
const VARIABLE: &str = "LETHE_KEY";

/// The key of the argument, else of the file that the settings name, else of the environment, else a random one, where that
/// will do.
pub(crate) fn read(argument: Option<&str>, of_settings: Option<&Path>, random_will_do: bool) -> Result<[u8; 32]> {
    let variable = std::env::var(VARIABLE).ok().filter(|text| !text.is_empty());
    match (argument, of_settings, variable) {
        (Some(text), ..) => from_text(text),
        (None, Some(file), _) => from_file(file, "key_file: the file cannot be read"),
        (None, None, Some(text)) => from_text(&text),
        (None, None, None) if random_will_do => random(),
        _ => Err(Failure::new("--resume needs the key of the run that it goes on with: give it with --key")),
    }
}

fn from_text(text: &str) -> Result<[u8; 32]> {
    match from_hex(text.as_bytes()) {
        Some(key) => Ok(key),
        None => from_file(Path::new(text), "the key is neither 64 hexadecimal digits nor a file that can be read"),
    }
}

fn from_file(file: &Path, unreadable: &str) -> Result<[u8; 32]> {
    let bytes = std::fs::read(file).map_err(|error| Failure::io(unreadable, &error))?;
    let raw = || <[u8; 32]>::try_from(bytes.as_slice()).ok();
    from_hex(bytes.trim_ascii())
        .or_else(raw)
        .ok_or_else(|| Failure::new("the key file must hold 32 bytes or 64 hexadecimal digits"))
}

fn from_hex(text: &[u8]) -> Option<[u8; 32]> {
    let (digits, []) = text.as_chunks::<2>() else { return None };
    let value = |digit: u8| char::from(digit).to_digit(16).map(|value| value as u8);
    let mut key = [0; 32];
    if digits.len() != key.len() {
        return None;
    }
    for (byte, [high, low]) in key.iter_mut().zip(digits) {
        *byte = value(*high)? << 4 | value(*low)?;
    }
    Some(key)
}

#[allow(clippy::disallowed_methods, reason = "the engine has no randomness; this is where the command gets a key")]
fn random() -> Result<[u8; 32]> {
    let mut key = [0; 32];
    getrandom::fill(&mut key).map_err(|_| Failure::new("the system gave no random key; give one with --key"))?;
    Ok(key)
}
