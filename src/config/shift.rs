//! `date_shift_days`: how far `shiftdate` moves dates.

/// Most days that dates can move, 27 years: four digits.
pub const MOST_SHIFT_DAYS: u16 = 9999;

/// How far `shiftdate` moves dates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateShift {
    /// Back in time, by a number of days within these that the key and the patient decide.
    Back {
        /// Fewest days, at least 1.
        least: u16,
        /// Most days.
        most: u16,
    },
    /// By the same days for all; less than nothing is back in time.
    Fixed(i32),
}

impl Default for DateShift {
    /// One day to ten years.
    fn default() -> Self {
        DateShift::Back { least: 1, most: 3652 }
    }
}

impl DateShift {
    /// Reads `1-3652`, a range, or `-100` or `+100`, a fixed number of days.
    pub(super) fn parse(text: &str) -> Option<DateShift> {
        let text = text.trim();
        if let Some(days) = text.strip_prefix('-') {
            return Some(DateShift::Fixed(-i32::from(number(days)?)));
        }
        if let Some(days) = text.strip_prefix('+') {
            return Some(DateShift::Fixed(i32::from(number(days)?)));
        }
        let (least, most) = text.split_once('-')?;
        let (least, most) = (number(least)?, number(most)?);
        (least <= most).then_some(DateShift::Back { least, most })
    }
}

/// A number of days without sign and leading zeros.
fn number(digits: &str) -> Option<u16> {
    let plain = !digits.starts_with('0') && digits.bytes().all(|b| b.is_ascii_digit());
    let number = plain.then(|| digits.parse().ok())??;
    (number <= MOST_SHIFT_DAYS).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_and_offsets() {
        let back = |least, most| Some(DateShift::Back { least, most });
        assert_eq!(DateShift::parse(" 1-3650 "), back(1, 3650));
        assert_eq!(DateShift::parse("7-7"), back(7, 7));
        assert_eq!(DateShift::parse("-100"), Some(DateShift::Fixed(-100)));
        assert_eq!(DateShift::parse("+9999"), Some(DateShift::Fixed(9999)));
        for bad in [
            "", "0", "100", "-0", "+0", "0-10", "01-10", "1-10000", "10-1", "-99999", "--1", "1--2", "+-1", "1 - 2",
            "a-b",
        ] {
            assert_eq!(DateShift::parse(bad), None, "{bad}");
        }
    }
}
