//! What a word or number may be beside others: rules that look further than one token.

use super::shapes::{BARE, Shape, TECHNIQUE, is_day_and_month, shape};
use super::tokens::{Spelling, Token};
use super::vocabulary::{List, has};
use crate::identifiers::Identifiers;

/// Words before a name, when they are not written in capitals: `MR` is a modality too.
const TITLES: &[&[u8]] = &[
    b"dhr", b"dr", b"fr", b"frau", b"herr", b"hr", b"md", b"mevr", b"miss", b"mlle", b"mme", b"mr", b"mrs", b"ms",
    b"prof", b"sr", b"sra",
];
/// Words beside a number that is an age. (Months and weeks are told of intervals more often than of ages.)
const YEARS: &[&[u8]] = &[
    b"ans", b"aos", b"j", b"jaar", b"jahr", b"jahre", b"jahren", b"old", b"y", b"year", b"years", b"yo", b"yr", b"yrs",
];
/// Words before a number that makes it an identifier, however short it is.
const NUMBERED: &[&[u8]] = &[
    b"acc", b"bed", b"case", b"id", b"mrn", b"nb", b"no", b"nr", b"num", b"number", b"pat", b"patient", b"pin", b"room",
];

/// Decides which tokens stay.
pub(super) fn judge(text: &[u8], character_set: &[u8], tokens: &mut [Token], own: &Identifiers) {
    let shapes = tokens.iter().map(|token| shape(Spelling::of(token, text, character_set).as_bytes())).collect();
    let mut line = Line { text, tokens, shapes };
    line.techniques();
    line.dates();
    line.numbers();
    line.titles();
    line.addresses();
    line.settle();
    line.identifiers(own);
    line.spread();
}

struct Line<'a> {
    text: &'a [u8],
    tokens: &'a mut [Token],
    shapes: Vec<Shape>,
}

impl Line<'_> {
    fn shape(&self, at: usize) -> Shape {
        self.shapes.get(at).copied().unwrap_or(Shape::Unknown)
    }

    fn mark(&mut self, at: usize, shape: Shape) {
        self.shapes.get_mut(at).into_iter().for_each(|own| *own = shape);
    }

    /// The bytes of a token.
    fn word(&self, at: usize) -> &[u8] {
        self.tokens.get(at).and_then(|token| self.text.get(token.start..token.end)).unwrap_or_default()
    }

    fn is_one_of(&self, at: usize, words: &[&[u8]]) -> bool {
        words.iter().any(|word| word.eq_ignore_ascii_case(self.word(at)))
    }

    fn is_in(&self, at: usize, list: List) -> bool {
        has(list, &self.word(at).to_ascii_lowercase())
    }

    /// What stands before a token, up to the one before it.
    fn gap(&self, at: usize) -> &[u8] {
        let from = at.checked_sub(1).and_then(|before| self.tokens.get(before)).map_or(0, |token| token.end);
        self.tokens.get(at).and_then(|token| self.text.get(from..token.start)).unwrap_or_default()
    }

    /// Whether a token and the one before it are of one line.
    fn is_joined(&self, at: usize) -> bool {
        at > 0 && at < self.tokens.len() && !self.gap(at).iter().any(|byte| b"\\\r\n\x0C".contains(byte))
    }

    fn is_number(&self, at: usize) -> bool {
        matches!(self.shape(at), Shape::Number { .. })
    }

    fn digits(&self, at: usize) -> usize {
        match self.shape(at) {
            Shape::Number { digits, .. } => digits,
            _ => 0,
        }
    }

    // --- numbers that a technique has ----------------------------------------------------------

    fn techniques(&mut self) {
        for at in 0..self.tokens.len() {
            if self.is_number(at) && (self.has_unit(at) || self.is_named(at) || self.goes_on(at)) {
                self.mark(at, Shape::Known);
            }
        }
    }

    /// `5 mm`, `80 kV`, `30%`; the last of several numbers is not known to be a technique's.
    fn has_unit(&mut self, at: usize) -> bool {
        if self.is_joined(at) && at.checked_sub(1).is_some_and(|before| self.is_number(before)) {
            return false;
        }
        let behind = self.tokens.get(at).and_then(|token| self.text.get(token.end));
        if behind == Some(&b'%') {
            return self.digits(at) <= 3;
        }
        let near = matches!(self.gap(at + 1), [b' ' | b'-' | b'_']) && self.word(at + 1).len() > 1;
        let unit = near && self.digits(at) <= 3 && self.is_in(at + 1, List::Units);
        if unit {
            self.mark(at + 1, Shape::Known);
        }
        unit
    }

    /// `b = 1000`, `TE 35`: with a space alone only what is set by hand, in steps.
    fn is_named(&self, at: usize) -> bool {
        if !self.is_joined(at) || !at.checked_sub(1).is_some_and(|before| self.is_in(before, List::BeforeNumbers)) {
            return false;
        }
        let said = self.gap(at).iter().any(|byte| b"=:_".contains(byte));
        let round = match self.digits(at) {
            ..=2 => said,
            3 => self.word(at).ends_with(b"0") || self.word(at).ends_with(b"5") || self.word(at).contains(&b'.'),
            _ => self.word(at).ends_with(b"00"),
        };
        self.digits(at) <= TECHNIQUE && round && self.gap(at).iter().all(|byte| b" =:_".contains(byte))
    }

    /// `b0_500_1000`: a list that begins with a technique's number.
    fn goes_on(&self, at: usize) -> bool {
        let close = matches!(self.gap(at), [b'_' | b',' | b'/'] | [b',', b' ']);
        let before = at.saturating_sub(1);
        let listed = self.word(before).last().is_some_and(u8::is_ascii_digit) && self.shape(before) == Shape::Known;
        let round = self.digits(at) <= BARE || self.word(at).ends_with(b"00") || self.word(at).ends_with(b"50");
        close && listed && round && self.digits(at) <= TECHNIQUE
    }

    // --- numbers that a person has -------------------------------------------------------------

    fn dates(&mut self) {
        for at in 0..self.tokens.len() {
            let next = at + 1;
            if !self.is_joined(next) {
                continue;
            }
            let month = [self.shape(at), self.shape(next)].contains(&Shape::Month);
            let number = [at, next].into_iter().find(|at| self.word(*at).first().is_some_and(u8::is_ascii_digit));
            if let (true, Some(number)) = (month, number) {
                self.mark(number, Shape::Unknown);
            } else if self.is_date(at) {
                (at..=next).for_each(|at| self.mark(at, Shape::Unknown));
            }
        }
    }

    /// `17/05`, `10:30`, `3.4-24`: the number at an index and those that hang on it.
    fn is_date(&self, at: usize) -> bool {
        let (one, two) = (self.word(at), self.word(at + 1));
        if !self.is_numeral(at) || !self.is_numeral(at + 1) {
            return false;
        }
        match self.gap(at + 1) {
            [b':'] => one.len() <= 2 && two.len() == 2,
            [between @ (b'/' | b'-' | b'.')] => {
                let three = self.gap(at + 2) == [*between] && self.is_numeral(at + 2);
                let last_of_three =
                    self.gap(at) == [*between] && at.checked_sub(1).is_some_and(|at| self.is_numeral(at));
                three || last_of_three || is_day_and_month(one, two)
            }
            _ => false,
        }
    }

    fn is_numeral(&self, at: usize) -> bool {
        !self.word(at).is_empty() && self.word(at).iter().all(u8::is_ascii_digit) && self.shape(at) != Shape::Known
    }

    /// Telephone numbers, ages, numbers of rooms and cases.
    fn numbers(&mut self) {
        let mut at = 0;
        while at < self.tokens.len() {
            let mut end = at;
            let mut digits = 0;
            while self.is_number(end) && (end == at || self.is_joined(end)) {
                digits += self.digits(end);
                end += 1;
            }
            let run = end - at;
            if run > 2 || (run == 2 && digits > 3) || (run > 0 && self.belongs_to_someone(at, end)) {
                (at..end).for_each(|at| self.mark(at, Shape::Unknown));
            }
            at = end.max(at + 1);
        }
    }

    /// Whether the word before or behind some numbers says that they are no technique's.
    fn belongs_to_someone(&self, from: usize, to: usize) -> bool {
        let before = from.checked_sub(1).filter(|_| self.is_joined(from));
        let numbered = before.is_some_and(|before| self.is_one_of(before, NUMBERED));
        let aged = self.is_joined(to) && self.is_one_of(to, YEARS);
        numbered || aged || self.gap(from).ends_with(b"#")
    }

    /// `Dr. Long`.
    fn titles(&mut self) {
        for at in 0..self.tokens.len() {
            let capitals = self.word(at).iter().all(|byte| !byte.is_ascii_lowercase());
            let before_name =
                self.is_joined(at + 1) && self.shape(at + 1) == Shape::Doubtful && self.word(at + 1).len() > 1;
            let title = self.is_one_of(at, TITLES) && (!capitals || self.gap(at + 1).starts_with(b"."));
            if title || (before_name && self.word(at) == b"DR") {
                self.mark(at, Shape::Unknown);
            }
        }
    }

    /// What has an `@` or a scheme in it goes up to the next white space.
    fn addresses(&mut self) {
        let is_space = |byte: &u8| b" \t\r\n\\<>,;".contains(byte);
        let mut from = 0;
        for chunk in self.text.split_inclusive(is_space) {
            let to = from + chunk.len();
            let address = chunk.contains(&b'@') || chunk.windows(3).any(|three| three == b"://");
            if address || chunk.get(..4).is_some_and(|www| www.eq_ignore_ascii_case(b"www.")) {
                let first = self.tokens.partition_point(|token| token.end <= from);
                let last = self.tokens.partition_point(|token| token.start < to);
                (first..last).for_each(|at| self.mark(at, Shape::Unknown));
            }
            from = to;
        }
    }

    // --- the verdict ---------------------------------------------------------------------------

    fn settle(&mut self) {
        for at in 0..self.tokens.len() {
            let shape = match self.shape(at) {
                Shape::Number { digits, whole } if digits > BARE && (whole || digits > 3) => Shape::Unknown,
                Shape::Number { .. } => Shape::Doubtful,
                Shape::Month if self.is_in(at, List::Names) => Shape::Doubtful,
                Shape::Month => Shape::Unknown,
                other => other,
            };
            self.mark(at, shape);
        }
    }

    /// This file's own identifiers go, whatever they look like.
    fn identifiers(&mut self, own: &Identifiers) {
        for at in 0..self.tokens.len() {
            let Some(start) = self.tokens.get(at).map(|token| token.start) else { continue };
            let len = own.longest_at(self.text, start);
            let inside = |token: &&Token| token.start < start + len;
            let count = self.tokens.get(at..).unwrap_or_default().iter().take_while(inside).count();
            (at..at + count).for_each(|at| self.mark(at, Shape::Unknown));
        }
    }

    /// What is doubtful goes with what goes beside it, in both directions, and a short word with the number it hangs on.
    fn spread(&mut self) {
        for at in 1..self.tokens.len() {
            self.spread_from(at - 1, at);
        }
        for at in (1..self.tokens.len()).rev() {
            // A title is no part of what stands before it.
            if !self.is_one_of(at, TITLES) {
                self.spread_from(at, at - 1);
            }
        }
        for (token, shape) in self.tokens.iter_mut().zip(&self.shapes) {
            token.stays = *shape != Shape::Unknown;
        }
    }

    fn spread_from(&mut self, from: usize, to: usize) {
        let near = self.is_joined(from.max(to)) && self.shape(from) == Shape::Unknown;
        let numbered = from > to && self.word(from).first().is_some_and(u8::is_ascii_digit);
        let hangs = numbered && self.word(to).len() < 4 && matches!(self.gap(from), [b'-' | b'/' | b':' | b'#' | b'.']);
        if near && (self.shape(to) == Shape::Doubtful || hangs) {
            self.mark(to, Shape::Unknown);
        }
    }
}
