//! The secret key: the command's randomness corner.

use crate::{Failure, Result};

/// Where the key may stand if the command line has none (a mercure module gets its secrets so).
const VARIABLE: &str = "LETHE_KEY";

/// The key of the argument, else of the environment, else a random one, where that will do.
pub(crate) fn read(argument: Option<&str>, random_will_do: bool) -> Result<[u8; 32]> {
    let variable = std::env::var(VARIABLE).ok().filter(|text| !text.is_empty());
    match argument.map(str::to_owned).or(variable) {
        Some(text) => from_text(&text),
        None if random_will_do => random(),
        None => Err(Failure::new("--resume needs the key of the run that it goes on with: give it with --key")),
    }
}

fn from_text(text: &str) -> Result<[u8; 32]> {
    if let Some(key) = from_hex(text.as_bytes()) {
        return Ok(key);
    }
    let bytes = std::fs::read(text)
        .map_err(|error| Failure::io("the key is neither 64 hexadecimal digits nor a file that can be read", &error))?;
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
