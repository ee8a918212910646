//! Pseudonyms: keyed and stateless.
//!
//! A pseudonym is a function of the key, its kind and the original, and of nothing else: every worker, batch and
//! order of files gives the same one, and without the key nobody can go back or try originals out.

mod recent;

use hmac::{Hmac, KeyInit, Mac};
use recent::Recent;
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
    /// What new UIDs begin with.
    root: String,
    recent: Recent,
}

impl Pseudonymizer {
    /// A pseudonymizer with a 256-bit secret key.
    pub fn new(key: [u8; 32]) -> Self {
        let keyed = Hmac::new_from_slice(&key).expect("HMAC takes a key of any length");
        Pseudonymizer { keyed, root: "2.25".to_owned(), recent: Recent::default() }
    }

    /// The same, with new UIDs under a root of at most 32 characters instead of `2.25`.
    #[must_use]
    pub fn with_root(self, root: &str) -> Self {
        Pseudonymizer { root: root.to_owned(), ..self }
    }

    /// The UID that stands for `original`: root and 128 bits in decimal (PS3.5 B.2), of which the last digits are taken where
    /// all would not fit into 64 characters.
    pub fn uid(&self, original: &str) -> String {
        let digits = self.number("uid", &[original.as_bytes()]).forty_digits();
        let room = 63usize.saturating_sub(self.root.len()).min(digits.len());
        let text = digits.get(digits.len() - room..).unwrap_or_default().trim_start_matches('0');
        [self.root.as_str(), ".", if text.is_empty() { "0" } else { text }].concat()
    }

    /// A name of Greek letters and digits, such as `Gamma4821^Rho0937`, out of more than 2^36.
    pub fn fake_name(&self, patient: &[u8]) -> String {
        let mut number = self.number("name", &[patient]);
        let mut part = || {
            let letter = LETTERS[number.divide(32) as usize];
            format!("{letter}{:04}", number.divide(10_000))
        };
        let family = part();
        format!("{family}^{}", part())
    }

    /// A Patient ID of 16 decimal digits.
    pub fn fake_mrn(&self, patient: &[u8]) -> String {
        self.number("mrn", &[patient]).digits(16)
    }

    /// An Accession Number of 16 decimal digits.
    pub fn fake_acc(&self, study: &[u8]) -> String {
        self.number("acc", &[study]).digits(16)
    }

    /// A hash of project and Accession Number, 16 upper-case hexadecimal digits.
    pub fn hash_acc(&self, project: &str, accession: &[u8]) -> String {
        self.number("hash_acc", &[project.as_bytes(), accession]).hex(2)
    }

    /// So many characters of a hash of any value, at most 32: upper-case hexadecimal digits, or decimal ones.
    pub fn hash(&self, original: &[u8], length: usize, decimal: bool) -> String {
        let (number, length) = (self.number("hash", &[original]), length.min(32));
        if decimal {
            let mut text = number.forty_digits();
            return text.split_off(text.len() - length);
        }
        let mut text = number.hex(4);
        text.truncate(length);
        text
    }

    /// What stands for a code of a scheme that is no registered public one, 16 upper-case hexadecimal digits.
    pub fn code(&self, scheme: &[u8], value: &[u8]) -> String {
        self.number("code", &[scheme, value]).hex(2)
    }

    /// By how many days the dates of a patient move: from `least` to `most`.
    pub fn days(&self, patient: &[u8], least: u16, most: u16) -> u32 {
        let span = u32::from(most.saturating_sub(least)) + 1;
        u32::from(least) + self.number("days", &[patient]).divide(span)
    }

    /// The first 128 bits of the MAC. Kind and parts go in with their lengths: no two inputs run into each other.
    fn number(&self, kind: &str, parts: &[&[u8]]) -> Number {
        let mut message = Vec::with_capacity(128);
        let mut add = |part: &[u8]| {
            message.extend((part.len() as u64).to_be_bytes());
            message.extend_from_slice(part);
        };
        add(kind.as_bytes());
        parts.iter().for_each(|part| add(trim(part)));
        Number(self.recent.get(message, |message| self.mac(message)))
    }

    /// The first 128 bits of a MAC, the highest first.
    fn mac(&self, message: &[u8]) -> [u32; 4] {
        let tag = self.keyed.clone().chain_update(message).finalize().into_bytes();
        let mut digits = [0; 4];
        for (digit, bytes) in digits.iter_mut().zip(tag.chunks(4)) {
            *digit = bytes.iter().fold(0, |digit, byte| digit << 8 | u32::from(*byte));
        }
        digits
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

/// 128 bits, the highest first. (`u128` brings division and printing of its own, three times as large.)
struct Number([u32; 4]);

impl Number {
    /// Divides, rounding down; returns the remainder.
    fn divide(&mut self, by: u32) -> u32 {
        let mut rest = 0;
        for digit in &mut self.0 {
            let whole = rest << 32 | u64::from(*digit);
            *digit = (whole / u64::from(by)) as u32;
            rest = whole % u64::from(by);
        }
        rest as u32
    }

    /// All of it in decimal, with zeros in front: it has 39 digits at most.
    fn forty_digits(self) -> String {
        self.digits(40)
    }

    /// So many of the last decimal digits, eight by eight.
    fn digits(mut self, count: usize) -> String {
        let mut text = vec![b'0'; count];
        for group in text.rchunks_mut(8) {
            let mut rest = self.divide(100_000_000);
            for digit in group.iter_mut().rev() {
                *digit += (rest % 10) as u8;
                rest /= 10;
            }
        }
        String::from_utf8(text).unwrap_or_default()
    }

    /// The first so many times 32 bits.
    fn hex(self, count: usize) -> String {
        let bytes = self.0.iter().take(count).flat_map(|digit| digit.to_be_bytes());
        let digits =
            bytes.flat_map(|byte| [byte >> 4, byte & 15]).filter_map(|digit| char::from_digit(digit.into(), 16));
        digits.map(|digit| digit.to_ascii_uppercase()).collect()
    }
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
    fn numbers_are_printed_as_a_u128_is() {
        for bits in [0, 1, 99_999_999, 100_000_000, u64::MAX.into(), 1 << 96, 10u128.pow(38), u128::MAX] {
            let number = || Number(std::array::from_fn(|i| (bits >> (96 - 32 * i)) as u32));
            assert_eq!(number().forty_digits(), format!("{bits:040}"));
            assert_eq!(number().digits(16), format!("{:016}", bits % 10u128.pow(16)));
            assert_eq!(number().hex(2), format!("{:016X}", bits >> 64));
        }
    }

    /// The same number under any root, as much of it as there is room for.
    #[test]
    fn uids_stand_under_a_root() {
        let uid = |root: &str| pseudonyms().with_root(root).uid("1.2.840.113619.2.55");
        assert_eq!(uid("2.25"), pseudonyms().uid("1.2.840.113619.2.55"));
        assert_eq!(uid("1.2.826.0.1.3680043.9.12"), "1.2.826.0.1.3680043.9.12.142732418652166113991409445514655094889");
        let long = "1.2.826.0.1.3680043.10.543.11.22";
        assert_eq!((long.len(), uid(long)), (32, format!("{long}.{}", "8652166113991409445514655094889")));
        assert_eq!(uid(long).len(), 64);
    }

    #[test]
    fn debug_tells_nothing() {
        assert_eq!(format!("{:?}", pseudonyms()), "Pseudonymizer { .. }");
    }
}
