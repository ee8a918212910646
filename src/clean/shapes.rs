//! What a single word or number looks like.

use super::vocabulary::{List, has};

/// What a token is by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// Known, and nobody's name.
    Known,
    /// Known, and a name too; or a letter. Stays where nothing beside it goes.
    Doubtful,
    /// A number: how many digits stand before its point.
    Number { digits: usize, whole: bool },
    /// A month.
    Month,
    /// Not known.
    Unknown,
}

/// Most digits of a number with a unit, or behind a word such as `b` or `TE`.
pub(super) const TECHNIQUE: usize = 4;
/// Most digits of a number that says nothing about itself.
pub(super) const BARE: usize = 2;

/// The shape of a word in lower case.
pub(super) fn shape(word: &[u8]) -> Shape {
    if let Some(number) = number(word) {
        return number;
    }
    if has(List::Months, word) {
        return Shape::Month;
    }
    if has(List::Words, word) || is_technique(word) {
        return Shape::Known;
    }
    if has(List::Names, word) || word.len() == 1 {
        return Shape::Doubtful;
    }
    if is_plural(word) {
        return Shape::Known;
    }
    numbered(word)
}

/// A word of the list and an s: those that are names are on the other list.
fn is_plural(word: &[u8]) -> bool {
    word.len() > 4 && word.strip_suffix(b"s").is_some_and(|singular| has(List::Words, singular))
}

/// Digits with at most one point between them.
fn number(word: &[u8]) -> Option<Shape> {
    let digits = leading_digits(word);
    let rest = word.get(digits..).unwrap_or_default();
    match rest {
        _ if digits == 0 => None,
        [] => Some(Shape::Number { digits, whole: true }),
        [b'.' | b',', fraction @ ..] if fraction.iter().all(u8::is_ascii_digit) => {
            let legal = digits <= 3 && fraction.len() <= 3 && !is_day_and_month(word.get(..digits)?, fraction);
            Some(if legal { Shape::Number { digits, whole: false } } else { Shape::Unknown })
        }
        _ if rest.iter().all(|byte| byte.is_ascii_digit() || b".,".contains(byte)) => Some(Shape::Unknown),
        _ => None,
    }
}

pub(super) fn leading_digits(word: &[u8]) -> usize {
    word.iter().take_while(|byte| byte.is_ascii_digit()).count()
}

/// `17` and `05`, as in a date without its year.
pub(super) fn is_day_and_month(one: &[u8], other: &[u8]) -> bool {
    let within = |text: &[u8], most: u32| crate::value::number(text).is_some_and(|n| (1..=most).contains(&n));
    let either = (within(one, 31) && within(other, 12)) || (within(one, 12) && within(other, 31));
    one.len() == 2 && other.len() == 2 && either
}

/// A word with a number before or behind it.
fn numbered(word: &[u8]) -> Shape {
    let digits = leading_digits(word);
    let (number, unit) = word.split_at(digits);
    if digits > 0 {
        let few = number.len() <= BARE && has(List::Words, unit);
        let known = few || (number.len() <= TECHNIQUE && has(List::Units, unit));
        return if known { Shape::Known } else { Shape::Unknown };
    }
    let behind = word.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let (head, number) = word.split_at(word.len() - behind);
    match number.len() {
        0 => Shape::Unknown,
        len if len <= TECHNIQUE && has(List::BeforeNumbers, head) => Shape::Known,
        len if len <= BARE && has(List::Words, head) => Shape::Known,
        len if len <= BARE && has(List::Names, head) => Shape::Doubtful,
        _ => Shape::Unknown,
    }
}

/// Vertebrae, leads, kernels, matrices, decimal numbers with a unit.
fn is_technique(word: &[u8]) -> bool {
    is_level(word) || is_kernel(word) || is_matrix(word) || is_measured(word)
}

/// `C3`, `T12`, `L5`, `S1`; `V6` of an electrocardiogram.
fn is_level(word: &[u8]) -> bool {
    let Some((letter, number)) = word.split_first() else { return false };
    let most = match letter {
        b'c' => 8,
        b't' | b'd' => 12,
        b'l' => 6,
        b's' => 5,
        b'v' => 9,
        _ => return false,
    };
    !number.starts_with(b"0") && crate::value::number(number).is_some_and(|number| (1..=most).contains(&number))
}

/// Convolution kernels of CT: `B30f`, `H60s`, `Br59`, `Bv40d`, `FC13`.
fn is_kernel(word: &[u8]) -> bool {
    const FAMILIES: &[&str] = &[
        "bf", "bl", "br", "bv", "fc", "fl", "fr", "hc", "hf", "hp", "hr", "hv", "qf", "qr", "sa", "sb", "sd", "uf",
        "ur",
    ];
    let letters = word.iter().take_while(|byte| byte.is_ascii_lowercase()).count();
    let (family, rest) = word.split_at(letters);
    match (family, rest) {
        ([one], [d1, d2, last]) => {
            b"bhutsdij".contains(one) && d1.is_ascii_digit() && d2.is_ascii_digit() && b"fshmudra".contains(last)
        }
        ([_, _], [d1, d2, last @ ..]) if last.len() < 2 => {
            let known = std::str::from_utf8(family).is_ok_and(|family| FAMILIES.contains(&family));
            known && d1.is_ascii_digit() && d2.is_ascii_digit() && last.iter().all(|byte| b"fshmudran".contains(byte))
        }
        _ => false,
    }
}

/// `512x512`, `1.5x1.5x5mm`.
fn is_matrix(word: &[u8]) -> bool {
    let mut sides = 0;
    let legal = word.split(|byte| *byte == b'x').all(|side| {
        sides += 1;
        matches!(number(side), Some(Shape::Number { digits: ..=TECHNIQUE, .. })) || (sides > 1 && is_measured(side))
    });
    legal && (2..=4).contains(&sides)
}

/// A number of few digits and its unit: `2.5mm`, `120kv`.
fn is_measured(word: &[u8]) -> bool {
    let unit = word.iter().position(|byte| !byte.is_ascii_digit() && !b".,".contains(byte)).unwrap_or(word.len());
    let (amount, unit) = word.split_at(unit);
    matches!(number(amount), Some(Shape::Number { digits: ..=TECHNIQUE, .. })) && has(List::Units, unit)
}
