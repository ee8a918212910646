//! The short way through Sequences that were there before.
//!
//! What becomes of one is remembered if all in it stays by the [`UsualTable`](crate::plan::UsualTable) or is replaced as
//! [`is_renewable`](Pass::is_renewable) says: then nothing but its own bytes was asked about, and the next one with the same bytes
//! becomes the same.

use super::Pass;
use crate::element::{Element, Repeat};
use crate::error::Error;
use crate::report::Counts;
use std::ops::Range;

/// What became of the Sequences that are there more than once.
pub(super) struct Repeats {
    /// By the number of the pattern.
    outcomes: Vec<Option<Outcome>>,
    /// Those that are gone through, from the outermost on.
    open: Vec<Open>,
    /// Where the innermost of them ends; `u32::MAX` if there is none.
    end: u32,
    /// What Sequences became.
    new: Vec<u8>,
}

struct Open {
    repeat: Repeat,
    end: u32,
    /// What was counted before it.
    before: Counts,
}

#[derive(Clone)]
struct Outcome {
    /// The Sequence that was gone through.
    index: u32,
    /// What was counted in it.
    kept: u32,
    replaced: u32,
    uids: u32,
    /// Where that stands which it became, once it was needed.
    new: Option<Range<usize>>,
}

impl Repeats {
    pub(super) fn new() -> Self {
        Repeats { outcomes: Vec::new(), open: Vec::new(), end: u32::MAX, new: Vec::new() }
    }

    /// More was asked about an element than its own bytes: nothing around it need become the same again.
    pub(super) fn spoil(&mut self) {
        self.open.clear();
        self.end = u32::MAX;
    }
}

impl Pass<'_> {
    /// Goes past a Sequence that was gone through before, if it becomes the same; else begins to remember what it becomes.
    pub(super) fn is_repeated(&mut self, repeat: Repeat, element: &Element) -> Result<bool, Error> {
        let pattern = repeat.pattern as usize;
        if let Some(Some(outcome)) = self.repeats.outcomes.get_mut(pattern) {
            if outcome.replaced > 0 {
                let new = match &outcome.new {
                    Some(new) => new.clone(),
                    None => {
                        let start = self.repeats.new.len();
                        self.edits.push_renewed(outcome.index, repeat.index, &mut self.repeats.new)?;
                        outcome.new.insert(start..self.repeats.new.len()).clone()
                    }
                };
                self.edits.put(repeat.index, element, self.repeats.new.get(new).unwrap_or_default())?;
            }
            self.counts.kept += outcome.kept;
            self.counts.replaced += outcome.replaced;
            self.counts.uids += outcome.uids;
            let first = outcome.index;
            debug_assert!(self.would_repeat(first, repeat.index, element), "the long way leads elsewhere: {element:?}");
            return Ok(true);
        }
        self.repeats.open.push(Open { repeat, end: element.next, before: self.counts });
        self.repeats.end = element.next;
        Ok(false)
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
        if let Some(Open { repeat: Repeat { index, pattern }, before, .. }) = repeats.open.pop() {
            let kept = counts.kept - before.kept;
            let (replaced, uids) = (counts.replaced - before.replaced, counts.uids - before.uids);
            let pattern = pattern as usize;
            repeats.outcomes.resize(repeats.outcomes.len().max(pattern + 1), None);
            if let Some(place) = repeats.outcomes.get_mut(pattern) {
                *place = Some(Outcome { index, kept, replaced, uids, new: None });
            }
        }
        repeats.end = repeats.open.last().map_or(u32::MAX, |open| open.end);
    }

    /// Whether the whole of the rules makes of each entry of a Sequence what they made of those of another: every test of a build
    /// with debug assertions asks.
    fn would_repeat(&mut self, first: u32, index: u32, element: &Element) -> bool {
        let scene = self.scene;
        (index..element.next).zip(first..).all(|(entry, like)| match scene.data_set.element(entry) {
            Some(element) => match self.edits.new_of(like) {
                Some(new) => self.would_become(entry, element, &new),
                None => element.is_item() || self.would_keep(entry, element),
            },
            None => false,
        })
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
