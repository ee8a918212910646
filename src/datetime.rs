//! The time of processing, handed in by the caller: the engine has no clock.

/// A local date and time, to the millisecond.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DateTime {
    /// Year, four digits.
    pub year: u16,
    /// Month, 1 to 12.
    pub month: u8,
    /// Day, 1 to 31.
    pub day: u8,
    /// Hour, 0 to 23.
    pub hour: u8,
    /// Minute, 0 to 59.
    pub minute: u8,
    /// Second, 0 to 60.
    pub second: u8,
    /// Millisecond, 0 to 999.
    pub millisecond: u16,
}

impl DateTime {
    /// Reads `YYYYMMDDhhmmssmmm` (17 digits).
    ///
    /// ```
    /// let now = lethe::DateTime::parse("20260517101530123").unwrap();
    /// assert_eq!((now.year, now.millisecond), (2026, 123));
    /// assert!(lethe::DateTime::parse("2026-05-17").is_none());
    /// ```
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != 17 || !text.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let number = |range: std::ops::Range<usize>| text.get(range)?.parse::<u16>().ok();
        let small = |range| number(range).map(|n| n as u8);
        let now = DateTime {
            year: number(0..4)?,
            month: small(4..6)?,
            day: small(6..8)?,
            hour: small(8..10)?,
            minute: small(10..12)?,
            second: small(12..14)?,
            millisecond: number(14..17)?,
        };
        let legal = (1..=12).contains(&now.month)
            && (1..=31).contains(&now.day)
            && now.hour < 24
            && now.minute < 60
            && now.second <= 60;
        legal.then_some(now)
    }

    /// `MMddyyyy`, the form of the macro `@process_date@`.
    pub fn process_date(&self) -> String {
        format!("{:02}{:02}{:04}", self.month, self.day, self.year)
    }

    /// `hhmmsszzz`, the form of the macro `@process_time@`.
    pub fn process_time(&self) -> String {
        format!("{:02}{:02}{:02}{:03}", self.hour, self.minute, self.second, self.millisecond)
    }
}
