//! Values by VR (PS3.5 6.2): trimming, padding, limits, validity, dates.

use crate::config::MOST_HASH;
use crate::syntax::Encoding;
use crate::{Tag, VR};

/// The value without leading and trailing spaces and trailing NULs (PS3.5 6.2: padding has no meaning).
pub(crate) fn trim(bytes: &[u8]) -> &[u8] {
    let start = bytes.iter().position(|b| *b != b' ').unwrap_or(bytes.len());
    let end = bytes.iter().rposition(|b| !matches!(b, b' ' | 0)).map_or(start, |last| last + 1);
    bytes.get(start..end).unwrap_or_default()
}

/// Whether two values are the same: most are short, and a call that compares them takes longer.
#[inline(always)]
pub(crate) fn same(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let ((many_of_a, few_of_a), (many_of_b, few_of_b)) = (a.as_chunks::<8>(), b.as_chunks::<8>());
    many_of_a.iter().zip(many_of_b).all(|(a, b)| u64::from_ne_bytes(*a) == u64::from_ne_bytes(*b))
        && few_of_a.iter().zip(few_of_b).all(|(a, b)| a == b)
}

/// The trimmed value as text if it is printable ASCII, else nothing.
pub(crate) fn ascii(bytes: &[u8]) -> String {
    let text = trim(bytes);
    let is_printable = text.iter().all(|b| (0x20..0x7F).contains(b));
    String::from_utf8(if is_printable { text.to_vec() } else { Vec::new() }).unwrap_or_default()
}

/// The byte that makes a value of odd length even (PS3.5 6.2).
pub(crate) fn padding(vr: VR) -> u8 {
    if is_text(vr) && vr != VR::UI { b' ' } else { 0 }
}

/// Whether values of the VR are text.
pub(crate) fn is_text(vr: VR) -> bool {
    use VR::*;
    matches!(vr, AE | AS | CS | DA | DS | DT | IS | LO | LT | PN | SH | ST | TM | UC | UI | UR | UT)
}

/// Whether the VR's text is written in the Specific Character Set (PS3.5 6.1.2.3).
pub(crate) fn is_localised(vr: VR) -> bool {
    use VR::*;
    matches!(vr, LO | LT | PN | SH | ST | UC | UT)
}

/// Bytes of one number, for binary VRs of fixed size.
pub(crate) fn number_size(vr: VR) -> Option<usize> {
    use VR::*;
    match vr {
        US | SS => Some(2),
        AT | FL | SL | UL => Some(4),
        FD | SV | UV => Some(8),
        _ => None,
    }
}

/// Most characters of one value (PS3.5 Table 6.2-1), of one component group for PN.
fn most_characters(vr: VR) -> Option<usize> {
    use VR::*;
    Some(match vr {
        AS => 4,
        DA => 8,
        IS => 12,
        AE | CS | DS | SH | TM => 16,
        DT => 26,
        LO | PN | UI => 64,
        ST => 1024,
        LT => 10_240,
        _ => return None,
    })
}

/// Most characters that a hash can have as a value of the VR; 0 if it can be none.
pub(crate) fn most_hash(vr: VR) -> u8 {
    use VR::*;
    match vr {
        LO | LT | PN | ST | UC | UT => MOST_HASH,
        AE | CS | DS | SH => 16,
        // PS3.5 6.2: below 2^31.
        IS => 9,
        _ => 0,
    }
}

/// Whether each value of a replacement is within its VR's limit.
pub(crate) fn is_within_limit(vr: VR, value: &[u8]) -> bool {
    let Some(most) = most_characters(vr) else { return true };
    // In UTF-8 a character counts once; in the other sets this counts bytes, which is never less.
    let characters = |part: &[u8]| part.iter().filter(|b| **b & 0xC0 != 0x80).count();
    match vr {
        VR::ST | VR::LT => characters(value) <= most,
        VR::PN => value.split(|b| *b == b'\\').all(|name| {
            let groups: Vec<_> = name.split(|b| *b == b'=').collect();
            groups.len() <= 3 && groups.iter().all(|group| characters(group) <= most)
        }),
        _ => value.split(|b| *b == b'\\').all(|part| characters(part) <= most),
    }
}

/// Whether values of the VR are bytes or numbers in any number.
pub(crate) fn is_bulk(vr: VR) -> bool {
    matches!(vr, VR::OB | VR::OD | VR::OF | VR::OL | VR::OV | VR::OW | VR::UN)
}

/// Whether the bytes can be a value of the VR. Lengths are not held against it, as many writers
/// exceed them without harm; characters and sizes are.
pub(crate) fn is_valid(vr: VR, bytes: &[u8]) -> bool {
    use VR::*;
    if let Some(size) = number_size(vr) {
        return bytes.len().is_multiple_of(size);
    }
    match vr {
        OB | UN | SQ => return true,
        OW => return bytes.len().is_multiple_of(2),
        OF | OL => return bytes.len().is_multiple_of(4),
        OD | OV => return bytes.len().is_multiple_of(8),
        ST | LT | UT | UC | LO | SH | PN => return is_clean_text(vr, bytes),
        _ => {}
    }
    trim(bytes).split(|b| *b == b'\\').all(|part| is_valid_code(vr, trim(part)))
}

// What a byte may be part of.
const DIGIT: u8 = 1;
pub(crate) const CODE: u8 = 2;
const TIME: u8 = 4;
const DATE_TIME: u8 = 8;
const PRINTABLE: u8 = 16;
pub(crate) const TEXT: u8 = 32;
pub(crate) const PARAGRAPHS: u8 = 64;

/// The classes of each byte: values are looked at byte by byte, and most of a file is values.
static CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut at = 0;
    while at < 256 {
        classes[at] = classes_of(at as u8);
        at += 1;
    }
    classes
};

const fn classes_of(byte: u8) -> u8 {
    let digit = if byte.is_ascii_digit() { DIGIT | CODE | TIME | DATE_TIME } else { 0 };
    let code = if matches!(byte, b'A'..=b'Z' | b' ' | b'_' | b'-' | b'.' | b'/' | b'+') { CODE } else { 0 };
    let time = if matches!(byte, b'.' | b':') { TIME } else { 0 };
    let date_time = if matches!(byte, b'.' | b'+' | b'-') { DATE_TIME } else { 0 };
    let printable = if matches!(byte, 0x20..0x7F) { PRINTABLE } else { 0 };
    let text = match byte {
        b'\t' | b'\n' | 0x0C | b'\r' => PARAGRAPHS,
        0x1B => TEXT | PARAGRAPHS,
        0..0x20 | 0x7F => 0,
        _ => TEXT | PARAGRAPHS,
    };
    digit | code | time | date_time | printable | text
}

/// The classes of a byte.
#[inline(always)]
pub(crate) fn class(byte: u8) -> u8 {
    CLASSES[usize::from(byte)]
}

#[inline]
fn all_are(class: u8, text: &[u8]) -> bool {
    text.iter().all(|byte| CLASSES[usize::from(*byte)] & class != 0)
}

/// Free text: no control characters but those that PS3.5 6.1.3 and 6.2 allow.
fn is_clean_text(vr: VR, bytes: &[u8]) -> bool {
    all_are(if matches!(vr, VR::ST | VR::LT | VR::UT) { PARAGRAPHS } else { TEXT }, trim(bytes))
}

fn is_valid_code(vr: VR, text: &[u8]) -> bool {
    use VR::*;
    if text.is_empty() {
        return true;
    }
    match vr {
        CS => text.len() <= 16 && all_are(CODE, text),
        DS => text.len() <= 64 && is_decimal(text),
        IS => text.len() <= 16 && all_digits(Some(unsigned(text))),
        UI => text.len() <= 64 && text.iter().all(|b| b.is_ascii_digit() || *b == b'.'),
        AS => text.len() == 4 && all_digits(text.get(..3)) && text.last().is_some_and(|unit| b"DWMY".contains(unit)),
        DA => date(text).is_some(),
        TM => text.len() <= 16 && all_are(TIME, text),
        DT => text.len() <= 26 && all_are(DATE_TIME, text) && all_digits(text.get(..4)),
        AE => text.len() <= 16 && all_are(PRINTABLE, text),
        UR => all_are(PRINTABLE, text),
        _ => false,
    }
}

/// A number without its sign.
fn unsigned(text: &[u8]) -> &[u8] {
    match text {
        [b'+' | b'-', rest @ ..] => rest,
        _ => text,
    }
}

/// PS3.5 6.2, DS: digits with or without a point, and an exponent.
fn is_decimal(text: &[u8]) -> bool {
    let (mut digits, mut points) = (false, false);
    for (at, byte) in unsigned(text).iter().enumerate() {
        match byte {
            b'0'..=b'9' => digits = true,
            b'.' if !points => points = true,
            b'e' | b'E' => return digits && all_digits(unsigned(text).get(at + 1..).map(unsigned)),
            _ => return false,
        }
    }
    digits
}

fn all_digits(text: Option<&[u8]>) -> bool {
    text.is_some_and(|text| !text.is_empty() && text.iter().all(u8::is_ascii_digit))
}

/// Whether a value is digits alone.
pub(crate) fn is_numeral(bytes: &[u8]) -> bool {
    all_digits(Some(trim(bytes)))
}

/// A number of at most nine digits.
pub(crate) fn number(text: &[u8]) -> Option<u32> {
    if !all_digits(Some(text)) || text.len() > 9 {
        return None;
    }
    Some(text.iter().fold(0, |n, digit| n * 10 + u32::from(digit - b'0')))
}

/// Year, month and day of a DA value `YYYYMMDD`, or `YYYY.MM.DD` as before 1993.
pub(crate) fn date(text: &[u8]) -> Option<(u32, u32, u32)> {
    let (year, month, day) = match text {
        [y @ .., b'.', m1, m2, b'.', d1, d2] if y.len() == 4 => {
            (number(y)?, number(&[*m1, *m2])?, number(&[*d1, *d2])?)
        }
        _ if text.len() == 8 => (number(text.get(..4)?)?, number(text.get(4..6)?)?, number(text.get(6..)?)?),
        _ => return None,
    };
    ((1..=12).contains(&month) && (1..=31).contains(&day)).then_some((year, month, day))
}

/// The year of a DT value: a date to any precision, a time, a fraction, a zone (PS3.5 6.2).
fn year_of_datetime(text: &[u8]) -> Option<u32> {
    let digits = text.iter().take_while(|b| b.is_ascii_digit()).count();
    let even = digits >= 4 && digits % 2 == 0 && digits <= 14;
    let rest = text.get(digits..)?;
    let zone = rest.iter().position(|b| b"+-".contains(b)).unwrap_or(rest.len());
    let (fraction, zone) = rest.split_at_checked(zone)?;
    let legal_fraction = fraction.is_empty() || (fraction.starts_with(b".") && all_digits(fraction.get(1..)));
    let legal_zone = zone.is_empty() || (zone.len() == 5 && all_digits(zone.get(1..)));
    let legal_month = digits < 6 || (1..=12).contains(&number(text.get(4..6)?)?);
    (even && legal_fraction && legal_zone && legal_month).then(|| number(text.get(..4)?)).flatten()
}

/// The first day of the month of each date of a DA or DT value; what is no date becomes empty.
pub(crate) fn truncate_to_month(value: &[u8]) -> Vec<u8> {
    let parts = trim(value).split(|b| *b == b'\\').map(|part| {
        let part = trim(part);
        let month = || part.get(4..6).and_then(number).unwrap_or(1);
        let first = date(part).map(|(year, month, _)| (year, month));
        let first = first.or_else(|| year_of_datetime(part).map(|year| (year, month())));
        first.map(|(year, month)| format!("{year:04}{month:02}01").into_bytes()).unwrap_or_default()
    });
    parts.collect::<Vec<Vec<u8>>>().join(&b'\\')
}

/// January 1st of the year of each date of a DA or DT value; what is no date becomes empty.
pub(crate) fn truncate_dates(value: &[u8]) -> Vec<u8> {
    let parts = trim(value).split(|b| *b == b'\\').map(|part| {
        let part = trim(part);
        let year = date(part).map(|(year, ..)| year).or_else(|| year_of_datetime(part));
        year.map(|year| format!("{year:04}0101").into_bytes()).unwrap_or_default()
    });
    parts.collect::<Vec<Vec<u8>>>().join(&b'\\')
}

/// The ages of an AS value (PS3.5 6.2), of which those over 89 years become 90 years; what is no age becomes empty. Says whether
/// all were ages.
pub(crate) fn cap_ages(value: &[u8]) -> (Vec<u8>, bool) {
    let (mut ages, mut all) = (Vec::with_capacity(value.len()), true);
    for (at, part) in trim(value).split(|b| *b == b'\\').enumerate() {
        if at > 0 {
            ages.push(b'\\');
        }
        let part = trim(part);
        match years(part) {
            Some(90..) => ages.extend_from_slice(b"090Y"),
            _ if is_valid(VR::AS, part) => ages.extend_from_slice(part),
            _ => all = false,
        }
    }
    (ages, all)
}

/// Whole years of an age in years, months, weeks or days.
fn years(age: &[u8]) -> Option<u32> {
    let (unit, count) = age.split_last()?;
    let in_year = match unit {
        b'Y' => 1,
        b'M' => 12,
        b'W' => 52,
        b'D' => 365,
        _ => return None,
    };
    Some(number(count)? / in_year)
}

/// Whole years from one date to another.
pub(crate) fn years_between(from: (u32, u32, u32), to: (u32, u32, u32)) -> u32 {
    let (years, before_birthday) = (to.0.saturating_sub(from.0), (to.1, to.2) < (from.1, from.2));
    years.saturating_sub(u32::from(before_birthday))
}

/// Text as a value of the VR: numerals become binary numbers for binary VRs, multiple values stand
/// between backslashes. `None` if it is no number of that VR.
pub(crate) fn encode(vr: VR, encoding: Encoding, text: &[u8]) -> Option<Vec<u8>> {
    if number_size(vr).is_none() {
        let numeric = !matches!(vr, VR::DS | VR::IS) || is_valid(vr, text);
        return numeric.then(|| text.to_vec());
    }
    let text = std::str::from_utf8(text).ok()?.trim();
    let mut out = Vec::new();
    if text.is_empty() {
        return Some(out);
    }
    for part in text.split('\\') {
        push_number(vr, encoding, part.trim(), &mut out)?;
    }
    Some(out)
}

fn push_number(vr: VR, encoding: Encoding, text: &str, out: &mut Vec<u8>) -> Option<()> {
    let little = match vr {
        VR::US => text.parse::<u16>().ok()?.to_le_bytes().to_vec(),
        VR::SS => text.parse::<i16>().ok()?.to_le_bytes().to_vec(),
        VR::UL => text.parse::<u32>().ok()?.to_le_bytes().to_vec(),
        VR::SL => text.parse::<i32>().ok()?.to_le_bytes().to_vec(),
        VR::UV => text.parse::<u64>().ok()?.to_le_bytes().to_vec(),
        VR::SV => text.parse::<i64>().ok()?.to_le_bytes().to_vec(),
        // One conversion is linked, not two. What the two roundings may differ in is the last bit of a number written with
        // more digits than an FL has.
        VR::FL => (float(text)? as f32).to_le_bytes().to_vec(),
        VR::FD => float(text)?.to_le_bytes().to_vec(),
        VR::AT => {
            let digits: String = text.chars().filter(|c| !matches!(c, '(' | ',' | ')')).collect();
            let tag = u32::from_str_radix(&digits, 16).ok().filter(|_| digits.len() == 8)?;
            encoding.push_tag(out, Tag((tag >> 16) as u16, tag as u16));
            return Some(());
        }
        _ => return None,
    };
    if encoding.is_big() {
        out.extend(little.iter().rev())
    } else {
        out.extend(little)
    }
    Some(())
}

/// Binary numbers as decimal text, other values as they are; `None` for values that are no text.
pub(crate) fn to_text(vr: VR, encoding: Encoding, bytes: &[u8]) -> Option<Vec<u8>> {
    if is_text(vr) {
        return Some(trim(bytes).to_vec());
    }
    let size = number_size(vr)?;
    let numbers = bytes.chunks_exact(size).map(|chunk| number_text(vr, encoding, chunk).map(String::into_bytes));
    Some(numbers.collect::<Option<Vec<_>>>()?.join(&b'\\'))
}

fn number_text(vr: VR, encoding: Encoding, chunk: &[u8]) -> Option<String> {
    let mut little = [0; 8];
    for (i, byte) in chunk.iter().enumerate() {
        let at = if encoding.is_big() { chunk.len() - 1 - i } else { i };
        *little.get_mut(at)? = *byte;
    }
    let [a, b, c, d, ..] = little;
    let long = u64::from_le_bytes(little);
    Some(match vr {
        VR::US => u16::from_le_bytes([a, b]).to_string(),
        VR::SS => i16::from_le_bytes([a, b]).to_string(),
        VR::UL => (long as u32).to_string(),
        VR::SL => (long as i32).to_string(),
        VR::UV => long.to_string(),
        VR::SV => (long as i64).to_string(),
        VR::FL => float_text(f32::from_le_bytes([a, b, c, d])),
        VR::FD => float_text(f64::from_le_bytes(little)),
        VR::AT => {
            let half = |bytes: &[u8]| Some(encoding.u16([*bytes.first()?, *bytes.get(1)?]));
            format!("({:04X},{:04X})", half(chunk)?, half(chunk.get(2..)?)?)
        }
        _ => return None,
    })
}

/// A decimal number, infinity or no number ("nan"). What is taken is decided here, for all platforms; what is between the
/// two numbers next to it is then rounded by the platform, and correct rounding has one result.
pub(crate) fn float(text: &str) -> Option<f64> {
    let magnitude = match unsigned(text.as_bytes()) {
        name if name.eq_ignore_ascii_case(b"nan") => f64::NAN,
        name if name.eq_ignore_ascii_case(b"inf") || name.eq_ignore_ascii_case(b"infinity") => f64::INFINITY,
        _ => return is_decimal(text.as_bytes()).then(|| nearest(text)),
    };
    Some(if text.starts_with('-') { -magnitude } else { magnitude })
}

#[cfg(target_arch = "wasm32")]
use crate::wasm::nearest;

/// The number nearest to what [`is_decimal`] takes.
#[cfg(not(target_arch = "wasm32"))]
fn nearest(text: &str) -> f64 {
    text.parse().unwrap_or(f64::NAN)
}

/// A decimal number that reads back as the same bits. (lexical-core is compact; the standard library's is not.)
fn float_text<T: lexical_core::ToLexical>(number: T) -> String {
    let mut buffer = [0; lexical_core::BUFFER_SIZE];
    let text = String::from_utf8_lossy(lexical_core::write(number, &mut buffer));
    text.strip_suffix(".0").unwrap_or(&text).to_owned()
}

/// A value that is legal for the VR and obviously no real one; empty where there is no such thing.
pub(crate) fn dummy(vr: VR) -> &'static [u8] {
    use VR::*;
    match vr {
        AE | CS | LO | LT | PN | SH | ST | UC | UT => b"ANONYMIZED",
        AS => b"000Y",
        DA => b"19000101",
        DT => b"19000101000000",
        TM => b"000000",
        DS | IS => b"0",
        UR => b"http://anonymized.invalid",
        US | SS | OB | OW | UN => &[0; 2],
        AT | FL | SL | UL | OF | OL => &[0; 4],
        FD | SV | UV | OD | OV => &[0; 8],
        UI | SQ => b"",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_truncated_to_january_first() {
        let cases: [(&[u8], &[u8]); 10] = [
            (b"20240517", b"20240101"),
            (b"20240517101530.123456+0100", b"20240101"),
            (b"2024", b"20240101"),
            (b"2024.05.17", b"20240101"),
            (b"20240517\\19991231 ", b"20240101\\19990101"),
            (b"20240517\\SMITH", b"20240101\\"),
            (b"20241399", b""),
            (b"17 May 2024", b""),
            (b"20240517-20240601", b""),
            (b"", b""),
        ];
        for (value, expected) in cases {
            assert_eq!(truncate_dates(value), expected, "{}", String::from_utf8_lossy(value));
        }
    }

    #[test]
    fn ages_count_birthdays() {
        assert_eq!(years_between((1930, 6, 1), (2020, 5, 31)), 89);
        assert_eq!(years_between((1930, 6, 1), (2020, 6, 1)), 90);
        assert_eq!(years_between((2030, 6, 1), (2020, 6, 1)), 0);
    }

    #[test]
    fn names_in_coded_vrs_are_invalid() {
        assert!(is_valid(VR::DS, b"1.5\\-2e3 "));
        assert!(!is_valid(VR::DS, b"SMITH"));
        assert!(!is_valid(VR::IS, b"1 SMITH"));
        assert!(!is_valid(VR::CS, b"M\xFCller"));
        assert!(!is_valid(VR::UI, b"1.2.SMITH\0"));
        assert!(!is_valid(VR::DA, b"19701301"));
        assert!(!is_valid(VR::US, b"abc"));
        assert!(is_valid(VR::CS, b"ORIGINAL\\PRIMARY "));
        assert!(!is_valid(VR::LO, b"two\nlines"));
    }

    #[test]
    fn limits_count_per_value_and_component_group() {
        assert!(is_within_limit(VR::SH, b"0123456789abcdef\\0123456789abcdef"));
        assert!(!is_within_limit(VR::SH, b"0123456789abcdefg"));
        assert!(is_within_limit(VR::SH, "ÄÖÜÄÖÜÄÖÜÄÖÜÄÖÜÄ".as_bytes()));
        assert!(!is_within_limit(VR::PN, b"a=b=c=d"));
    }

    #[test]
    fn floating_point_numbers_read_back_as_the_same_bits() {
        let mut state = 0x9E37_79B9_7F4A_7C15u64;
        for _ in 0..20_000 {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            let number = f64::from_bits(state);
            if number.is_finite() {
                let text = float_text(number);
                assert_eq!(text.parse::<f64>().map(f64::to_bits), Ok(state), "{text}");
                assert_eq!(float(&text).map(f64::to_bits), Some(state), "{text}");
            }
        }
        assert_eq!(
            (float_text(5f32), float_text(-0.25), float_text(1e21)),
            ("5".into(), "-0.25".into(), "1.0e21".into())
        );
    }

    /// The standard library's grammar, and so that of the native command; JavaScript's takes more and less.
    #[test]
    fn the_grammar_of_numbers_is_ours() {
        let pieces =
            ["", "-", "+", ".", "e", "E", "0", "17", "9007199254740993", "inf", "Infinity", "NaN", " ", "x", "_"];
        let texts = pieces.iter().flat_map(|a| pieces.iter().map(move |b| format!("{a}{b}")));
        let texts: Vec<String> = texts.collect();
        for text in texts.iter().flat_map(|a| texts.iter().map(move |b| format!("{a}{b}"))) {
            assert_eq!(float(&text).map(f64::to_bits), text.parse().ok().map(f64::to_bits), "{text:?}");
        }
        assert_eq!((float("1e999"), float("-1e-999")), (Some(f64::INFINITY), Some(-0.0)));
    }

    #[test]
    fn numbers_survive_both_byte_orders() {
        for encoding in [Encoding::ExplicitLittle, Encoding::ExplicitBig] {
            for (vr, text) in [(VR::US, "1\\65535"), (VR::SL, "-7"), (VR::FD, "0.25"), (VR::AT, "(0010,0020)")] {
                let bytes = encode(vr, encoding, text.as_bytes()).unwrap();
                assert_eq!(to_text(vr, encoding, &bytes).unwrap(), text.as_bytes());
            }
        }
        assert_eq!(encode(VR::US, Encoding::ExplicitLittle, b"abc"), None);
        assert_eq!(encode(VR::IS, Encoding::ExplicitLittle, b"abc"), None);
    }
}
