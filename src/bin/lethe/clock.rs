//! The time of processing: the command's clock corner.

use crate::{Failure, Result};
use lethe::DateTime;
use std::time::{SystemTime, UNIX_EPOCH};

/// The time given by the user, else the clock's, in UTC.
pub(crate) fn now(given: Option<&str>) -> Result<DateTime> {
    match given {
        Some(text) => DateTime::parse(text)
            .ok_or_else(|| Failure::new("--now: 17 digits of a date and time are expected: YYYYMMDDhhmmssmmm")),
        None => Ok(from_clock()),
    }
}

fn from_clock() -> DateTime {
    #[allow(clippy::disallowed_methods, reason = "the engine has no clock; this is where the command reads one")]
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let seconds = since.as_secs();
    let (year, month, day) = civil(seconds / 86_400);
    DateTime {
        year,
        month,
        day,
        hour: (seconds / 3600 % 24) as u8,
        minute: (seconds / 60 % 60) as u8,
        second: (seconds % 60) as u8,
        millisecond: since.subsec_millis() as u16,
    }
}

/// The date that is a number of days after 1970-01-01.
fn civil(mut days: u64) -> (u16, u8, u8) {
    let is_leap = |year: u16| year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let mut year = 1970;
    while days >= 365 + u64::from(is_leap(year)) {
        days -= 365 + u64::from(is_leap(year));
        year += 1;
    }
    let february = 28 + u64::from(is_leap(year));
    let mut month = 1;
    for length in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
        if days < length {
            break;
        }
        days -= length;
        month += 1;
    }
    (year, month, days as u8 + 1)
}

#[cfg(test)]
mod tests {
    use super::civil;

    #[test]
    fn days_become_dates() {
        for (days, date) in [
            (0, (1970, 1, 1)),
            (58, (1970, 2, 28)),
            (59, (1970, 3, 1)),
            (789, (1972, 2, 29)),
            (11_016, (2000, 2, 29)),
            (19_722, (2023, 12, 31)),
            (19_723, (2024, 1, 1)),
            (47_540, (2100, 2, 28)),
            (47_541, (2100, 3, 1)),
        ] {
            assert_eq!(civil(days), date, "day {days}");
        }
    }
}
