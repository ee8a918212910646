//! Terms of the Standard: values of coded Attributes that say nothing about a person, whoever has that name; read from
//! `data/terms.txt`.

use super::data::TERMS;
use crate::Tag;
use crate::value::trim;
use std::sync::OnceLock;

/// An Attribute, whether every other value of it goes, and its terms with a bar between two.
type Line = (Tag, bool, &'static str);

fn lines() -> &'static [Line] {
    static LINES: OnceLock<Vec<Line>> = OnceLock::new();
    LINES.get_or_init(|| TERMS.lines().filter_map(line).collect())
}

fn line(text: &'static str) -> Option<Line> {
    let (attribute, terms) = text.split_once(' ')?;
    let tag = attribute.trim_end_matches('!');
    Some((super::parse_tag(tag)?, tag != attribute, terms))
}

/// Whether an Attribute may have the value: others than its terms are free text.
pub(crate) fn are_legal(tag: Tag, value: &[u8]) -> bool {
    find(tag).is_none_or(|(_, closed, terms)| !closed || known(terms, value))
}

/// Whether an Attribute has no other values than its terms.
pub(crate) fn are_closed(tag: Tag) -> bool {
    find(tag).is_some_and(|(_, closed, _)| *closed)
}

/// Whether all values are terms of the Attribute.
pub(crate) fn are_known(tag: Tag, value: &[u8]) -> bool {
    find(tag).is_some_and(|(.., terms)| known(terms, value))
}

fn find(tag: Tag) -> Option<&'static Line> {
    let lines = lines();
    lines.get(lines.binary_search_by(|(own, ..)| own.cmp(&tag)).ok()?)
}

fn known(terms: &str, value: &[u8]) -> bool {
    let mut parts = value.split(|byte| *byte == b'\\').map(trim);
    parts.all(|part| part.is_empty() || terms.split('|').any(|term| term.as_bytes() == part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_values_than_terms_are_told() {
        assert!(are_legal(Tag(0x0008, 0x0005), b"ISO_IR 100 ") && are_legal(Tag(0x0008, 0x0005), b"\\ISO 2022 IR 87"));
        assert!(!are_legal(Tag(0x0008, 0x0005), b"ISO_IR 100\\SMITH") && !are_legal(Tag(0x0028, 0x1054), b"SMITH"));
        assert!(are_legal(Tag(0x0028, 0x0004), b"SMITH") && !are_known(Tag(0x0028, 0x0004), b"SMITH"));
        assert!(are_legal(Tag(0x0042, 0x0012), b"image/png") && !are_legal(Tag(0x0042, 0x0014), b"image/png\\SMITH"));
        assert!(are_known(Tag(0x0008, 0x0060), b"DOC ") && !are_known(Tag(0x0008, 0x0061), b"DOC"));
    }

    #[test]
    fn every_line_is_read_and_about_another_attribute() {
        assert_eq!(lines().len(), TERMS.lines().count());
        assert!(lines().is_sorted_by(|a, b| a.0 < b.0));
    }
}
