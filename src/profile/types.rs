//! Types of Attributes (PS3.3, PS3.5 7.4) where PS3.15 Table E.1-1 decides by them, read from `data/iod_types.txt`.

use super::data::IOD_TYPES;
use super::parse_tag;
use crate::Tag;
use std::sync::OnceLock;

const ROOT: &str = "1.2.840.10008.";

/// The Type of an Attribute; a condition (1C, 2C) makes no difference to what de-identification must leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// Must have a value: a dummy is left.
    One,
    /// Must be there: an empty value is left.
    Two,
    /// May be absent.
    Three,
}

/// The known SOP Classes, and one line for each Attribute and place, by Attribute.
fn table() -> &'static (Vec<&'static str>, Vec<Line>) {
    static PARSED: OnceLock<(Vec<&str>, Vec<Line>)> = OnceLock::new();
    PARSED.get_or_init(|| {
        let mut lines = IOD_TYPES.lines();
        (lines.next().unwrap_or_default().split(' ').collect(), lines.filter_map(line).collect())
    })
}

/// What the Types of an Attribute are in one place.
struct Line {
    tag: Tag,
    /// The enclosing Sequences, innermost first.
    place: Vec<Tag>,
    types: &'static str,
}

fn line(text: &'static str) -> Option<Line> {
    let mut words = text.split(' ');
    let (tag, place, types) = (parse_tag(words.next()?)?, words.next()?, words.next()?);
    Some(Line { tag, place: place.rsplit('/').filter_map(parse_tag).collect(), types })
}

/// The Information Object Definition of a file, as far as Types are known.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Iod(Option<usize>);

impl Iod {
    /// That of a SOP Class.
    pub(crate) fn of(sop_class: &str) -> Self {
        Iod(sop_class.strip_prefix(ROOT).and_then(|suffix| table().0.iter().position(|known| *known == suffix)))
    }

    /// The Type of an Attribute with a compound Action Code inside these Sequences, innermost first. A place that is
    /// not listed has Type 3; nothing for a SOP Class that the table does not know.
    pub(crate) fn attribute_type(self, tag: Tag, place: impl Iterator<Item = Tag> + Clone) -> Option<Type> {
        let class = self.0?;
        let lines = &table().1;
        let first = lines.partition_point(|line| line.tag < tag);
        let lines = lines.iter().skip(first).take_while(|line| line.tag == tag);
        // An Attribute can have several lines for a place; the strictest one that names the SOP Class counts.
        let (mut named, mut others) = (None, None);
        for line in lines.filter(|line| place.clone().eq(line.place.iter().copied())) {
            for (kind, set) in line.types.split(';').filter_map(|part| part.split_once('=')) {
                let slot = if set == "*" { &mut others } else { &mut named };
                if set == "*" || holds(set, class) {
                    *slot = stricter(*slot, kind);
                }
            }
        }
        Some(named.or(others).unwrap_or(Type::Three))
    }
}

/// The Type of an Attribute with a compound Action Code in the IOD of a SOP Class, inside these Sequences (outermost
/// first). A place that is not listed has Type 3; `None` for a SOP Class that the table does not know.
///
/// ```
/// use lethe::{Tag, profile::{Type, attribute_type}};
/// let series_date = attribute_type("1.2.840.10008.5.1.4.1.1.128", Tag(0x0008, 0x0021), &[]);
/// assert_eq!(series_date, Some(Type::One));
/// assert_eq!(attribute_type("1.2.3", Tag(0x0008, 0x0021), &[]), None);
/// ```
pub fn attribute_type(sop_class: &str, tag: Tag, path: &[Tag]) -> Option<Type> {
    Iod::of(sop_class).attribute_type(tag, path.iter().rev().copied())
}

fn stricter(found: Option<Type>, kind: &str) -> Option<Type> {
    Some(match (found, kind.as_bytes().first()) {
        (Some(Type::One), _) | (_, Some(b'1')) => Type::One,
        (Some(Type::Two), _) | (_, Some(b'2')) => Type::Two,
        _ => Type::Three,
    })
}

/// Whether a set such as `3-5,9` holds a number.
fn holds(set: &str, number: usize) -> bool {
    set.split(',').any(|range| {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        first.parse().is_ok_and(|first: usize| first <= number) && last.parse().is_ok_and(|last: usize| number <= last)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::{Scope, is_sequence, rows};

    #[test]
    fn every_line_is_about_a_compound_row_and_sequences() {
        let (classes, lines) = table();
        assert!(classes.len() >= 170 && lines.len() >= 200, "{} {}", classes.len(), lines.len());
        assert!(lines.is_sorted_by_key(|line| line.tag));
        for Line { tag, place, types } in lines {
            let row = rows().iter().find(|row| row.scope == Scope::Attribute(*tag)).expect("a row");
            assert!(row.basic.contains('/') && types.contains('='), "{tag} {types}");
            assert!(place.iter().copied().all(is_sequence), "{tag} {place:?}");
        }
        assert_eq!(lines.len(), IOD_TYPES.lines().count() - 1);
    }

    #[test]
    fn types_are_the_standards() {
        let mut checked = 0;
        for cells in crate::profile::standard("iod_types.tsv") {
            let tag = parse_tag(&cells[0].replace(',', "")).expect("a tag");
            let path: Vec<Tag> = cells[1].split('/').filter_map(crate::profile::tag_of).collect();
            let kinds = cells[2].replace('~', "1.2.840.10008.5.1.4.");
            for (kind, classes) in kinds.split(';').filter_map(|part| part.split_once('=')) {
                for class in classes.split(',').filter(|class| *class != "*") {
                    let expected = stricter(None, kind);
                    assert_eq!(attribute_type(class, tag, &path), expected, "{class} {cells:?}");
                    checked += 1;
                }
            }
        }
        assert_eq!(checked, 382);
    }

    #[test]
    fn unlisted_places_have_type_3() {
        let (ct, date) = ("1.2.840.10008.5.1.4.1.1.2", Tag(0x0008, 0x0021));
        assert_eq!(attribute_type(ct, date, &[Tag(0x5200, 0x9229)]), Some(Type::Three));
    }
}
