//! What an entry's key addresses: a tag, written `(gggg,eeee)`.

use crate::Tag;
use crate::profile;

/// The form of an address, for messages.
pub(super) const FORM: &str = "(gggg,eeee)";

/// The tag of `(gggg,eeee)`: hexadecimal in any case, no spaces.
pub(super) fn tag(address: &str) -> Option<Tag> {
    let (group, element) = address.strip_prefix('(')?.strip_suffix(')')?.split_once(',')?;
    Some(Tag(hex(group)?, hex(element)?))
}

/// The tag that a key without brackets probably means: `0010,0010`, `00100010`, `0x00100010` or
/// the keyword `PatientName`.
pub(super) fn guess(key: &str) -> Option<Tag> {
    let key = key.trim();
    let digits: String =
        key.strip_prefix("0x").unwrap_or(key).chars().filter(|c| !matches!(c, ',' | ' ' | ':' | '-')).collect();
    if let (8, Some((group, element))) = (digits.len(), digits.split_at_checked(4)) {
        return Some(Tag(hex(group)?, hex(element)?));
    }
    profile::tag_of(key)
}

/// Exactly four hexadecimal digits (`from_str_radix` alone would take a sign).
fn hex(digits: &str) -> Option<u16> {
    let four = digits.len() == 4 && digits.bytes().all(|b| b.is_ascii_hexdigit());
    four.then(|| u16::from_str_radix(digits, 16).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_exact_form_is_an_address() {
        assert_eq!(tag("(0008,103e)"), Some(Tag(0x0008, 0x103E)));
        assert_eq!(tag("(0008,103E)"), tag("(0008,103e)"));
        for bad in ["0010,0010", "(0010,00100)", "(0010, 0010)", "(+010,0010)", "(60xx,3000)", "()", "(", "(0010)"] {
            assert_eq!(tag(bad), None, "{bad}");
        }
    }

    #[test]
    fn other_spellings_are_guessed_for_warnings() {
        for spelling in ["0010,0010", "00100010", "0x00100010", "0010 0010", "PatientName"] {
            assert_eq!(guess(spelling), Some(Tag(0x0010, 0x0010)), "{spelling}");
        }
        for other in ["remark", "00100", "ééüé", ""] {
            assert_eq!(guess(other), None, "{other}");
        }
    }
}
