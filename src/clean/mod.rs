//! Text that stays after everything is taken out of it that could identify (Action Code C of PS3.15 Table E.1-1).
//!
//! Nothing is looked for: what stays is what is known. A word stays if the vocabulary of radiology has it, a number if it
//! can be a technique's; this file's own identifiers, dates, times, addresses and all else go. Words that are names too,
//! and small numbers, stay only where nothing beside them went: `LONG AXIS` does, in `JOHN LONG` it goes with the other.

pub(crate) mod concepts;
pub(crate) mod concerns;
mod context;
mod shapes;
mod tokens;
mod vocabulary;

use crate::VR;
use crate::identifiers::Identifiers;
use crate::value;
use context::judge;
use tokens::{Token, tokens};
use vocabulary::{List, has};

/// Longer texts are not read: nothing of them stays.
const LONGEST: usize = 256 << 10;

/// Whether a VR has text that can be cleaned. CS is written like text, and what is left of it is legal again.
pub(crate) fn can_clean(vr: VR) -> bool {
    matches!(vr, VR::LO | VR::SH | VR::ST | VR::LT | VR::UT | VR::UC | VR::CS)
}

/// Whether a word in lower case is one of radiology, or one that institutions and addresses have in common.
pub(crate) fn is_known_word(word: &[u8]) -> bool {
    has(List::Words, word) || has(List::Places, word)
}

/// What is left of a value; nothing if all of it may stay as it is.
pub(crate) fn clean(vr: VR, bytes: &[u8], character_set: &[u8], own: &Identifiers) -> Option<Vec<u8>> {
    let text = value::trim(bytes);
    if text.len() > LONGEST {
        return Some(Vec::new());
    }
    let mut tokens = tokens(text, character_set);
    let fits = value::is_within_limit(vr, text);
    judge(text, character_set, &mut tokens, own);
    let paragraphs = matches!(vr, VR::ST | VR::LT | VR::UT);
    let legal = |byte: &u8| (0x20..0x7F).contains(byte) || (paragraphs && b"\t\n\x0C\r".contains(byte));
    let separators_are_legal = gaps(text, &tokens).all(|gap| gap.iter().all(legal));
    if fits && separators_are_legal && tokens.iter().all(|token| token.stays) {
        return None;
    }
    let mut out = joined(text, &tokens, legal);
    shorten(vr, &mut out);
    Some(out)
}

/// What stands between, before and behind tokens.
fn gaps<'a>(text: &'a [u8], tokens: &'a [Token]) -> impl Iterator<Item = &'a [u8]> {
    let starts = tokens.iter().map(|token| token.start).chain([text.len()]);
    let ends = [0].into_iter().chain(tokens.iter().map(|token| token.end));
    ends.zip(starts).map(|(from, to)| text.get(from..to).unwrap_or_default())
}

/// The tokens that stay. What stands between two of them stays too, but where something between them went it becomes
/// one separator, the first one that was there; a value of several that lost all its words goes as a whole.
fn joined(text: &[u8], tokens: &[Token], legal: impl Fn(&u8) -> bool) -> Vec<u8> {
    let mut out: Vec<u8> = Vec::new();
    let (mut went, mut breaks) = (false, None);
    for (token, gap) in tokens.iter().zip(gaps(text, tokens)) {
        let strongest = [b'\\', b'\r', b'\n'].into_iter().find(|byte| gap.contains(byte) && legal(byte));
        breaks = stronger(breaks, strongest.or(gap.first().copied().filter(|byte| b" _-/^,.".contains(byte))));
        if !token.stays {
            went = true;
            continue;
        }
        if !went && gap.iter().all(&legal) {
            out.extend_from_slice(gap);
        } else if !out.is_empty() {
            match breaks {
                // PS3.5 6.1.3: lines end with both.
                Some(b'\r') => out.extend_from_slice(b"\r\n"),
                other => out.push(other.unwrap_or(b' ')),
            }
        }
        out.extend_from_slice(text.get(token.start..token.end).unwrap_or_default());
        (went, breaks) = (false, None);
    }
    let tail = text.get(tokens.last().map_or(0, |token| token.end)..).unwrap_or_default();
    if !went && !out.is_empty() && tail.iter().all(legal) {
        out.extend_from_slice(tail);
    }
    out
}

/// A value's end is stronger than a line's, and that stronger than anything else; of equal ones the first counts.
fn stronger(before: Option<u8>, now: Option<u8>) -> Option<u8> {
    let rank = |separator: Option<u8>| match separator {
        Some(b'\\') => 3,
        Some(b'\n' | b'\r') => 2,
        Some(_) => 1,
        None => 0,
    };
    if rank(now) > rank(before) { now } else { before }
}

/// Words at the end go until the value is as long as its VR allows.
fn shorten(vr: VR, out: &mut Vec<u8>) {
    while !out.is_empty() && !value::is_within_limit(vr, out) {
        let cut = out.iter().rposition(|byte| b" _-/^,.\\\n\r".contains(byte)).unwrap_or(0);
        out.truncate(cut);
    }
}

#[cfg(test)]
mod tests;
