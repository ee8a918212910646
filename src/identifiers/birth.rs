//! A birth date in the spellings in which dates stand in text.

use crate::value::{self, number};

/// The names of the months in English and German, as they are compared.
const MONTHS: [&str; 12] = [
    "jan january januar",
    "feb february februar",
    "mar march marz maerz",
    "apr april",
    "may mai",
    "jun june juni",
    "jul july juli",
    "aug august",
    "sep sept september",
    "oct october okt oktober",
    "nov november",
    "dec december dez dezember",
];

/// Somebody's birth date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Birth {
    year: u32,
    month: u32,
    day: u32,
}

impl Birth {
    /// A value of Patient's Birth Date. January 1st is what a date looks like that was shortened before.
    pub(super) fn of(value: &[u8]) -> Option<Self> {
        let (year, month, day) = value::date(value)?;
        ((month, day) != (1, 1)).then_some(Birth { year, month, day })
    }

    /// What the spellings begin with: two bytes, of which letters are in lower case.
    pub(super) fn beginnings(self) -> Vec<[u8; 2]> {
        let mut found = vec![two_digits(self.year / 100), two_digits(self.year % 100)];
        for number in [self.day, self.month] {
            let digits @ [_, last] = two_digits(number);
            found.push(digits);
            found.extend(b" -./,".iter().filter(|_| number < 10).map(|separator| [last, *separator]));
        }
        found.extend(self.month_names().filter_map(|name| name.as_bytes().first_chunk().copied()));
        found
    }

    fn month_names(self) -> impl Iterator<Item = &'static str> {
        MONTHS.get(self.month as usize - 1).into_iter().flat_map(|names| names.split(' '))
    }

    /// The length of a spelling at the beginning of a text; 0 if there is none. In what is no prose, numbers are in full.
    pub(super) fn length_at(self, text: &[u8], prose: bool) -> usize {
        let (first, rest) = part(text);
        if first.len() == 8 {
            return if self.is_compact(first) { first.len() } else { 0 };
        }
        let (second, rest) = part(behind_separators(rest));
        let (third, rest) = part(behind_separators(rest));
        let year = |part: &[u8]| {
            let short = prose && part.len() == 2 && number(part) == Some(self.year % 100);
            short || (part.len() == 4 && number(part) == Some(self.year))
        };
        let least = if prose { 1 } else { 2 };
        let day_or_month = |part: &[u8], wanted| (least..=2).contains(&part.len()) && number(part) == Some(wanted);
        let day = |part| day_or_month(part, self.day);
        let named = |part: &[u8]| self.month_names().any(|name| name.as_bytes().eq_ignore_ascii_case(part));
        let month = |part| day_or_month(part, self.month) || named(part);
        let found = (year(first) && month(second) && day(third))
            || (year(third) && ((day(first) && month(second)) || (month(first) && day(second))));
        if found { text.len() - rest.len() } else { 0 }
    }

    /// Whether eight digits are the date with its parts in any usual order.
    fn is_compact(self, digits: &[u8]) -> bool {
        let is = |range: std::ops::Range<usize>, wanted| digits.get(range).and_then(number) == Some(wanted);
        let day_and_month = |at: usize, one, other| is(at..at + 2, one) && is(at + 2..at + 4, other);
        (is(0..4, self.year) && day_and_month(4, self.month, self.day))
            || (is(4..8, self.year)
                && (day_and_month(0, self.day, self.month) || day_and_month(0, self.month, self.day)))
    }
}

fn two_digits(number: u32) -> [u8; 2] {
    [b'0' + (number / 10 % 10) as u8, b'0' + (number % 10) as u8]
}

/// The digits or letters that a text begins with, and what is behind them.
fn part(text: &[u8]) -> (&[u8], &[u8]) {
    let digits = text.first().is_some_and(u8::is_ascii_digit);
    let same = |byte: &u8| if digits { byte.is_ascii_digit() } else { byte.is_ascii_alphabetic() };
    text.split_at(text.iter().position(|byte| !same(byte)).unwrap_or(text.len()))
}

/// A text without at most two separators of a date's parts.
fn behind_separators(text: &[u8]) -> &[u8] {
    let separators = text.iter().take(2).take_while(|byte| b" -./,".contains(byte)).count();
    text.get(separators..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usual_spellings_are_found() {
        let birth = Birth::of(b"19610324").unwrap();
        for text in [
            "19610324",
            "24031961",
            "03241961",
            "1961-03-24",
            "1961/03/24",
            "24.03.1961",
            "24.3.1961",
            "24.03.61",
            "24.3.61",
            "24. 3. 1961",
            "3/24/1961",
            "03/24/61",
            "24 Mar 1961",
            "24-MAR-1961",
            "24-MAR-61",
            "24MAR1961",
            "24. March 1961",
            "March 24, 1961",
            "Mar 24 1961",
            "1961 Mar 24",
        ] {
            assert_eq!(birth.length_at(text.as_bytes(), true), text.len(), "{text}");
            let begins = text.to_ascii_lowercase();
            assert!(birth.beginnings().iter().any(|two| begins.as_bytes().starts_with(two)), "{text}");
        }
        for text in [
            "19610325",
            "24.03.1962",
            "24.04.61",
            "1961",
            "24 May 1961",
            "24.03.19611",
            "240361",
            "Mar 1961",
            "",
            "24.3",
        ] {
            assert_eq!(birth.length_at(text.as_bytes(), true), 0, "{text}");
        }
        assert_eq!(birth.length_at(b"24.03.1961 and more", false), 10);
        assert_eq!(birth.length_at(b"24.3.61", false), 0);
        assert_eq!(Birth::of(b"19700101"), None);
    }
}
