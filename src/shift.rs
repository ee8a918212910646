//! Dates moved by whole days: order and intervals stay, the dates themselves do not.

use crate::config::DateShift;
use crate::pseudonym::Pseudonymizer;
use crate::value::{date, number, trim};

/// How many days the dates of a patient move; less than nothing is back in time.
pub(crate) fn days(shift: DateShift, pseudonyms: &Pseudonymizer, patient: &[u8]) -> i32 {
    match shift {
        DateShift::Fixed(days) => days,
        DateShift::Back { least, most } => {
            let days = pseudonyms.days(patient, least, most);
            i32::try_from(days).map_or(0, |days| -days)
        }
    }
}

/// The dates of a DA or DT value, moved; what is no date becomes empty. Says whether all were dates.
pub(crate) fn dates(value: &[u8], days: i32) -> (Vec<u8>, bool) {
    let mut all = true;
    let mut moved = Vec::with_capacity(value.len());
    for (index, part) in trim(value).split(|b| *b == b'\\').enumerate() {
        if index > 0 {
            moved.push(b'\\');
        }
        let part = trim(part);
        match date(part).map_or_else(|| date_time(part, days), |date| shifted(date, days).map(text)) {
            Some(text) => moved.extend_from_slice(&text),
            None => all &= part.is_empty(),
        }
    }
    (moved, all)
}

/// A DT value (PS3.5 6.2): its date moves, and time, fraction and zone stay. A date without its day or month moves as
/// the first day it can mean and keeps its precision, so that the order of dates is never turned round.
fn date_time(value: &[u8], days: i32) -> Option<Vec<u8>> {
    let digits = value.iter().take_while(|b| b.is_ascii_digit()).count();
    let (numerals, rest) = value.split_at_checked(digits)?;
    if !is_rest(digits, rest) || !is_time(numerals.get(8..).unwrap_or_default()) {
        return None;
    }
    let part = |range| numerals.get(range).map_or(Some(1), number);
    let moved = text(shifted((number(numerals.get(..4)?)?, part(4..6)?, part(6..8)?), days)?);
    let mut out = moved.get(..digits.min(8))?.to_vec();
    out.extend_from_slice(numerals.get(8..).unwrap_or_default());
    out.extend_from_slice(rest);
    Some(out)
}

/// Fraction and zone behind so many digits: only seconds have a fraction.
fn is_rest(digits: usize, rest: &[u8]) -> bool {
    let zone = rest.iter().position(|b| b"+-".contains(b)).unwrap_or(rest.len());
    let (fraction, zone) = rest.split_at(zone);
    let legal_fraction = match fraction {
        [] => true,
        [b'.', numerals @ ..] => digits == 14 && numerals.len() <= 6 && number(numerals).is_some(),
        _ => false,
    };
    let legal_zone = zone.is_empty() || (zone.len() == 5 && zone.get(1..).and_then(number).is_some());
    matches!(digits, 4 | 6 | 8 | 10 | 12 | 14) && legal_fraction && legal_zone
}

/// Hours, minutes, seconds as far as they go.
fn is_time(numerals: &[u8]) -> bool {
    numerals.chunks(2).zip([23, 59, 60]).all(|(part, most)| number(part).is_some_and(|number| number <= most))
}

fn text((year, month, day): (i32, i32, i32)) -> Vec<u8> {
    format!("{year:04}{month:02}{day:02}").into_bytes()
}

/// A date moved by days; nothing if it is in no calendar or leaves the years 1 to 9999.
fn shifted((year, month, day): (u32, u32, u32), days: i32) -> Option<(i32, i32, i32)> {
    let date = (i32::try_from(year).ok()?, i32::try_from(month).ok()?, i32::try_from(day).ok()?);
    let number = day_number(date);
    // A day such as February 30th has the number of another one.
    let moved = (date_of(number) == date).then(|| date_of(number.saturating_add(days)))?;
    (1..=9999).contains(&moved.0).then_some(moved)
}

/// Days of 400 years of the Gregorian calendar.
const ERA: i32 = 146_097;

/// The number of a day, counted from March 1st of the year 0: years that begin in March end with their leap day.
fn day_number((year, month, day): (i32, i32, i32)) -> i32 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let (era, year) = (year.div_euclid(400), year.rem_euclid(400));
    era * ERA + year * 365 + year / 4 - year / 100 + (month * 153 + 2) / 5 + day - 1
}

/// The day of a number.
fn date_of(number: i32) -> (i32, i32, i32) {
    let (era, day) = (number.div_euclid(ERA), number.rem_euclid(ERA));
    // Leap days before this day, taken out, leave years of 365 days.
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (year * 365 + year / 4 - year / 100);
    let month = (day * 5 + 2) / 153;
    let day = day - (month * 153 + 2) / 5 + 1;
    let (year, month) = if month < 10 { (year, month + 3) } else { (year + 1, month - 9) };
    (era * 400 + year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_has_one_number_and_follows_the_one_before() {
        let mut last = day_number((1, 1, 1)) - 1;
        for year in 1..=9999 {
            let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
            for (month, length) in (1..).zip([31, 28 + i32::from(leap), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]) {
                for day in 1..=length {
                    last += 1;
                    assert_eq!(day_number((year, month, day)), last);
                    assert_eq!(date_of(last), (year, month, day));
                }
            }
        }
    }

    #[test]
    fn a_date_without_day_or_month_never_overtakes() {
        let values: [&[u8]; 9] =
            [b"2019", b"201901", b"20190101", b"20191231", b"2020", b"202002", b"20200229", b"202003", b"2021"];
        for days in [-1, -28, -365, -366, -3652, 100] {
            let moved: Vec<_> = values.iter().map(|value| dates(value, days)).collect();
            assert!(moved.iter().zip(values).all(|((text, legal), value)| *legal && text.len() == value.len()));
            for pair in moved.windows(2) {
                let shared = pair[0].0.len().min(pair[1].0.len());
                assert!(pair[0].0[..shared] <= pair[1].0[..shared], "{days}");
            }
        }
    }

    #[test]
    fn what_is_no_date_becomes_empty_and_is_told() {
        for bad in ["20190229", "2019022", "20191301", "2024051725", "2024+01", "20240517.5", "unknown", "00010101"] {
            assert_eq!(dates(bad.as_bytes(), -1), (Vec::new(), false), "{bad}");
        }
        assert_eq!(dates(b"", -1), (Vec::new(), true));
        assert_eq!(dates(b"20240301\\x\\20240101 ", -1), (b"20240229\\\\20231231".to_vec(), false));
    }
}
