//! Pseudonyms: keyed and stateless.
//!
//! A pseudonym is a function of the key, its kind and the original, and of nothing else: every worker, batch and
//! order of files gives the same one, and without the key nobody can go back or try originals out.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::fmt;

/// Greek letters, with the archaic ones: 32 of them make five bits.
const LETTERS: [&str; 32] = [
    "Alpha", "Beta", "Gamma", "Delta", "Epsilon", "Zeta", "Eta", "Theta", "Iota", "Kappa", "Lambda", "Mu", "Nu", "Xi",
    "Omicron", "Pi", "Rho", "Sigma", "Tau", "Upsilon", "Phi", "Chi", "Psi", "Omega", "Digamma", "Heta", "San", "Sampi",
    "Koppa", "Stigma", "Sho", "Yot",
];

/// Makes pseudonyms from originals under a secret key: HMAC-SHA-256(key, kind, original).
///
/// Originals are trimmed of padding (spaces and NUL) first, so that the same identifier gives the same pseudonym
/// however it was padded.
///
/// ```
/// let pseudonyms = lethe::Pseudonymizer::new([7; 32]);
/// assert_eq!(pseudonyms.uid("1.2.3"), pseudonyms.uid("1.2.3\0"));
/// assert_ne!(pseudonyms.uid("1.2.3"), pseudonyms.uid("1.2.4"));
/// ```
#[derive(Clone)]
pub struct Pseudonymizer {
    /// The state after the key; cloned per pseudonym, which saves hashing the key's two blocks again.
    keyed: Hmac<Sha256>,
}

impl Pseudonymizer {
    /// A pseudonymizer with a 256-bit secret key.
    pub fn new(key: [u8; 32]) -> Self {
        Pseudonymizer { keyed: Hmac::new_from_slice(&key).expect("HMAC takes a key of any length") }
    }

    /// The UID that stands for `original`: `2.25.` and 128 bits in decimal, at most 44 characters (PS3.5 B.2).
    pub fn uid(&self, original: &str) -> String {
        format!("2.25.{}", self.number("uid", &[original.as_bytes()]))
    }

    /// A name of Greek letters and digits, such as `Gamma4821^Rho0937`, out of more than 2^36.
    pub fn fake_name(&self, patient: &[u8]) -> String {
        let number = self.number("name", &[patient]);
        let (family, rest) = name_part(number);
        let (given, _) = name_part(rest);
        format!("{family}^{given}")
    }

    /// A Patient ID of 16 decimal digits.
    pub fn fake_mrn(&self, patient: &[u8]) -> String {
        digits(self.number("mrn", &[patient]))
    }

    /// An Accession Number of 16 decimal digits.
    pub fn fake_acc(&self, study: &[u8]) -> String {
        digits(self.number("acc", &[study]))
    }

    /// A hash of project and Accession Number, 16 upper-case hexadecimal digits.
    pub fn hash_acc(&self, project: &str, accession: &[u8]) -> String {
        hex(self.number("hash_acc", &[project.as_bytes(), accession]))
    }

    /// So many characters of a hash of any value, at most 32: upper-case hexadecimal digits, or decimal ones.
    pub fn hash(&self, original: &[u8], length: usize, decimal: bool) -> String {
        let number = self.number("hash", &[original]);
        let length = length.min(32);
        if decimal {
            return format!("{:0length$}", number % 10u128.pow(length as u32));
        }
        let mut text = format!("{number:032X}");
        text.truncate(length);
        text
    }

    /// What stands for a code of a scheme that is no registered public one, 16 upper-case hexadecimal digits.
    pub fn code(&self, scheme: &[u8], value: &[u8]) -> String {
        hex(self.number("code", &[scheme, value]))
    }

    /// By how many days the dates of a patient move: from `least` to `most`.
    pub fn days(&self, patient: &[u8], least: u16, most: u16) -> u32 {
        let span = u128::from(most.saturating_sub(least)) + 1;
        u32::from(least) + u32::try_from(self.number("days", &[patient]) % span).unwrap_or_default()
    }

    /// The first 128 bits of the MAC. Kind and parts go in with their lengths: no two inputs run into each other.
    fn number(&self, kind: &str, parts: &[&[u8]]) -> u128 {
        let mut mac = self.keyed.clone();
        let mut add = |part: &[u8]| {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        };
        add(kind.as_bytes());
        parts.iter().for_each(|part| add(trim(part)));
        let tag = mac.finalize().into_bytes();
        tag.iter().take(16).fold(0, |number, byte| number << 8 | u128::from(*byte))
    }
}

impl fmt::Debug for Pseudonymizer {
    /// Says nothing of the key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pseudonymizer").finish_non_exhaustive()
    }
}

fn trim(original: &[u8]) -> &[u8] {
    let padding = |byte: &u8| matches!(byte, b' ' | 0);
    let Some(start) = original.iter().position(|byte| !padding(byte)) else { return &[] };
    let end = original.iter().rposition(|byte| !padding(byte)).map_or(start, |last| last + 1);
    &original[start..end]
}

fn name_part(number: u128) -> (String, u128) {
    let (rest, letter) = (number / 32, (number % 32) as usize);
    (format!("{}{:04}", LETTERS[letter], rest % 10_000), rest / 10_000)
}

fn digits(number: u128) -> String {
    format!("{:016}", number % 10u128.pow(16))
}

fn hex(number: u128) -> String {
    format!("{:016X}", number >> 64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pseudonyms() -> Pseudonymizer {
        Pseudonymizer::new(std::array::from_fn(|i| i as u8))
    }

    /// Computed by another program: Python's hmac, lengths as big-endian 64-bit numbers.
    #[test]
    fn golden_vectors() {
        let p = pseudonyms();
        assert_eq!(p.uid("1.2.840.113619.2.55"), "2.25.142732418652166113991409445514655094889");
        assert_eq!(p.uid(""), "2.25.244987454107654683561017930503105197053");
        assert_eq!(p.fake_name(b"4711"), "Alpha5266^Eta8168");
        assert_eq!(p.fake_mrn(b"4711"), "3917345678401290");
        assert_eq!(p.fake_acc(b"1.2.3"), "4205843867312202");
        assert_eq!(p.hash_acc("My Project", b"A100"), "DCDE54F196178072");
        assert_eq!(p.code(b"99LOCAL", b"X1"), "EBB3D288D8C92C71");
        assert_eq!((p.days(b"4711", 1, 3652), p.days(b"4712", 1, 3652)), (3109, 378));
        assert_eq!(p.days(b"4711", 7, 7), 7);
    }

    #[test]
    fn padding_does_not_count_and_inner_spaces_do() {
        let p = pseudonyms();
        assert_eq!(p.uid("1.2.3\0"), p.uid("1.2.3"));
        assert_eq!(p.fake_mrn(b" A 1 \0"), p.fake_mrn(b"A 1"));
        assert_ne!(p.fake_mrn(b"A 1"), p.fake_mrn(b"A1"));
    }

    #[test]
    fn kinds_keys_and_the_place_of_a_part_matter() {
        let p = pseudonyms();
        assert_ne!(p.fake_mrn(b"1"), p.fake_acc(b"1"));
        assert_ne!(p.fake_mrn(b"1"), Pseudonymizer::new([0; 32]).fake_mrn(b"1"));
        assert_ne!(p.code(b"AB", b"C"), p.code(b"A", b"BC"));
    }

    #[test]
    fn forms_hold_for_many_originals() {
        let p = pseudonyms();
        for i in 0..1000u32 {
            let original = i.to_be_bytes();
            assert!(p.uid(&i.to_string()).len() <= 64);
            for number in [p.fake_mrn(&original), p.fake_acc(&original)] {
                assert!(number.len() == 16 && number.bytes().all(|b| b.is_ascii_digit()));
            }
            let name = p.fake_name(&original);
            let parts: Vec<_> = name.split('^').collect();
            assert_eq!(parts.len(), 2, "{name}");
            for part in parts {
                let (letter, number) = part.split_at(part.len() - 4);
                assert!(LETTERS.contains(&letter) && number.bytes().all(|b| b.is_ascii_digit()), "{name}");
            }
        }
    }

    #[test]
    fn debug_tells_nothing() {
        assert_eq!(format!("{:?}", pseudonyms()), "Pseudonymizer { .. }");
    }
}
