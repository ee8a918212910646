//! The short way through Sequences that were there before.
//!
//! What becomes of one is remembered if all in it stays by the [`UsualTable`](crate::plan::UsualTable) or is replaced as
//! [`is_renewable`](Pass::is_renewable) says: then nothing but its own bytes was asked about, and the next one with the same bytes
//! becomes the same.

use super::Pass;
use crate::element::{Element, Pattern};
use crate::error::Error;
use crate::report::Counts;
use std::ops::Range;

/// What became of small Sequences.
pub(super) struct Repeats {
    /// By the number of the pattern.
    outcomes: Vec<Outcome>,
    /// Those that are gone through, from the outermost on.
    open: Vec<Open>,
    /// Where the innermost of them ends; `u32::MAX` if there is none.
    end: u32,
}

struct Open {
    pattern: Pattern,
    end: u32,
    /// What was counted before it.
    before: Counts,
}

#[derive(Clone)]
enum Outcome {
    Unknown,
    /// More was asked about than its own bytes.
    Varies,
    Same(Became),
}

#[derive(Clone)]
struct Became {
    /// The Sequence that was gone through.
    index: u32,
    /// What was counted in it.
    kept: u32,
    replaced: u32,
    uids: u32,
    /// Where in what is new that stands which it became, once another became the same.
    new: Option<Range<usize>>,
}

impl Repeats {
    pub(super) fn new() -> Self {
        Repeats { outcomes: Vec::new(), open: Vec::new(), end: u32::MAX }
    }

    /// More was asked about an element than its own bytes: nothing around it need become the same again.
    pub(super) fn spoil(&mut self) {
        for open in self.open.drain(..) {
            set(&mut self.outcomes, open.pattern, Outcome::Varies);
        }
        self.end = u32::MAX;
    }
}

fn set(outcomes: &mut Vec<Outcome>, pattern: Pattern, outcome: Outcome) {
    let number = pattern.number as usize;
    outcomes.resize(outcomes.len().max(number + 1), Outcome::Unknown);
    if let Some(place) = outcomes.get_mut(number) {
        *place = outcome;
    }
}

impl Pass<'_> {
    /// Goes past a Sequence that becomes what one like it became; else begins to see what it becomes.
    pub(super) fn is_repeated(&mut self, pattern: Pattern, element: &Element) -> Result<bool, Error> {
        let became = match self.repeats.outcomes.get_mut(pattern.number as usize) {
            Some(Outcome::Same(became)) => became,
            Some(Outcome::Varies) => return Ok(false),
            _ => {
                self.repeats.open.push(Open { pattern, end: element.next, before: self.counts });
                self.repeats.end = element.next;
                return Ok(false);
            }
        };
        match &became.new {
            _ if became.replaced == 0 => {}
            Some(new) => self.edits.repeat(pattern.index, element, new.clone())?,
            None => became.new = Some(self.edits.imitate(pattern.index, element, became.index)?),
        }
        self.counts.kept += became.kept;
        self.counts.replaced += became.replaced;
        self.counts.uids += became.uids;
        let like = became.index;
        debug_assert!(self.would_repeat(like, pattern.index, element), "the long way leads elsewhere: {element:?}");
        Ok(true)
    }

    /// Remembers what became of the Sequences that end before an index.
    #[inline(always)] // for every element
    pub(super) fn leave_patterns(&mut self, index: u32) {
        while self.repeats.end == index {
            self.leave_pattern();
        }
    }

    fn leave_pattern(&mut self) {
        let (repeats, counts) = (&mut self.repeats, &self.counts);
        if let Some(Open { pattern, before, .. }) = repeats.open.pop() {
            let kept = counts.kept - before.kept;
            let (replaced, uids) = (counts.replaced - before.replaced, counts.uids - before.uids);
            let became = Became { index: pattern.index, kept, replaced, uids, new: None };
            set(&mut repeats.outcomes, pattern, Outcome::Same(became));
        }
        repeats.end = repeats.open.last().map_or(u32::MAX, |open| open.end);
    }

    /// Whether the whole of the rules makes of each entry of a Sequence what they made of those of another: every test of a build
    /// with debug assertions asks.
    fn would_repeat(&mut self, like: u32, index: u32, element: &Element) -> bool {
        let scene = self.scene;
        let mut at = index;
        while let Some(entry) = scene.data_set.element(at).filter(|_| at < element.next) {
            let next = match self.edits.new_of(like + (at - index)) {
                // One that was gone past itself.
                Some(_) if entry.is_sequence() => entry.next,
                Some(new) if self.would_become(at, entry, &new) => entry.next,
                None if entry.is_item() || self.would_keep(at, entry) => at + 1,
                _ => return false,
            };
            at = next;
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use crate::pass::support::{code, deidentified, element, item, values};
    use crate::{Tag, VR};
    use dicom_dictionary_std::tags;

    fn sequence(tag: Tag, items: &[Vec<u8>]) -> Vec<u8> {
        element(tag, VR::SQ, &items.concat())
    }

    fn named(code: Vec<u8>, content: &[Vec<u8>]) -> Vec<u8> {
        item(&[&[sequence(tags::CONCEPT_NAME_CODE_SEQUENCE, &[code])], content].concat())
    }

    #[test]
    fn a_sequence_becomes_the_same_each_time() {
        let ward = || named(code("X17", "99WARD"), &[]);
        let known = || named(code("121072", "DCM"), &[]);
        let items = [ward(), known(), ward(), ward(), known(), ward(), known(), known()];
        let (output, report) = deidentified(&sequence(tags::CONTENT_SEQUENCE, &items));
        let schemes = values(&output, tags::CODING_SCHEME_DESIGNATOR);
        let own = |scheme: &&String| *scheme == "99LETHE";
        assert_eq!((schemes.len(), schemes.iter().filter(own).count()), (8, 4), "{schemes:?}");
        let codes = values(&output, tags::CODE_VALUE);
        assert!(codes[0] != "X17" && [2, 3, 5].iter().all(|at| codes[*at] == codes[0]), "{codes:?}");
        assert!([1, 4, 6, 7].iter().all(|at| codes[*at] == "121072"), "{codes:?}");
        assert_eq!((report.counts.replaced, report.counts.kept), (4 * 3, 1 + 8 + 4 * 3));
    }

    #[test]
    fn what_stands_around_a_sequence_is_asked_about() {
        // The same number of years under three names: only an age is one.
        let years = || {
            let units = sequence(tags::MEASUREMENT_UNITS_CODE_SEQUENCE, &[code("a", "UCUM")]);
            let number = element(tags::NUMERIC_VALUE, VR::DS, b"95");
            sequence(tags::MEASURED_VALUE_SEQUENCE, &[item(&[units, number])])
        };
        let named = |name| named(code(name, "DCM"), &[years()]);
        let items = ["122111", "122111", "122111", "121033", "121033", "122111"].map(named);
        let (output, _) = deidentified(&sequence(tags::CONTENT_SEQUENCE, &items));
        let numbers = values(&output, tags::NUMERIC_VALUE);
        assert_eq!(numbers, ["95", "95", "95", "90", "90", "95"]);
    }

    #[test]
    fn what_went_says_nothing_of_what_comes() {
        let ward = || named(code("X17", "99WARD"), &[]);
        let gone = sequence(tags::REQUEST_ATTRIBUTES_SEQUENCE, &[ward(), ward(), ward()]);
        let stays = sequence(tags::CONTENT_SEQUENCE, &[ward(), ward(), ward(), ward()]);
        let (output, report) = deidentified(&[gone, stays].concat());
        let schemes = values(&output, tags::CODING_SCHEME_DESIGNATOR);
        assert_eq!(schemes, ["99LETHE"; 4]);
        assert_eq!((report.counts.replaced, report.counts.removed), (4 * 3, 1));
    }
}
