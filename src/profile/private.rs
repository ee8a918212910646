//! PS3.15 Table E.3.10-1, Safe Private Attributes, read from `data/safe_private.txt`.

use crate::VR;
use std::fmt;
use std::sync::OnceLock;

/// A row of Table E.3.10-1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SafePrivate {
    /// The group.
    pub group: u16,
    /// The Private Creator.
    pub creator: &'static str,
    /// The last two digits of the element, which stands in whatever block the creator has reserved.
    pub element: u8,
    /// The VR; for OW or OB it is OW. None where the table states none: no value can be held against it then.
    pub vr: Option<VR>,
    /// The edition of the Standard that the row is from.
    pub edition: &'static str,
}

/// The rows of Table E.3.10-1, by group, creator and element.
pub fn safe_private() -> &'static [SafePrivate] {
    static ROWS: OnceLock<Vec<SafePrivate>> = OnceLock::new();
    ROWS.get_or_init(|| super::data::SAFE_PRIVATE.lines().flat_map(block).collect())
}

/// The rows of one line: `0019 SIEMENS MR HEADER|0cIS 0dCS`.
fn block(line: &'static str) -> impl Iterator<Item = SafePrivate> {
    let (block, elements) = line.split_once('|').unwrap_or_default();
    let (group, creator) = block.split_once(' ').unwrap_or_default();
    let group = u16::from_str_radix(group, 16).unwrap_or_default();
    elements.split(' ').filter_map(move |row| {
        let (element, vr) = row.split_at_checked(2)?;
        let edition = if vr.ends_with('*') { "2020" } else { "2025b" };
        let vr = match vr.get(..2)? {
            "OX" => Some(VR::OW),
            stated => stated.parse().ok(),
        };
        Some(SafePrivate { group, creator, element: u8::from_str_radix(element, 16).ok()?, vr, edition })
    })
}

impl fmt::Display for SafePrivate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let SafePrivate { group, creator, element, edition, .. } = self;
        write!(f, "PS3.15 {edition} Table E.3.10-1 ({group:04x},\"{creator}\",{element:02x})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_well_formed_and_in_order() {
        let rows = safe_private();
        assert_eq!(rows.len(), 466);
        assert!(rows.is_sorted_by(|a, b| (a.group, a.creator, a.element) < (b.group, b.creator, b.element)));
        assert!(rows.iter().all(|row| row.group & 1 == 1 && row.group > 8 && row.creator.trim() == row.creator));
        assert_eq!(rows.iter().filter(|row| row.vr.is_none()).count(), 5);
        // A row with a date would need a rule of its own in the plan.
        assert!(!rows.iter().any(|row| matches!(row.vr, Some(VR::DA | VR::DT | VR::TM | VR::PN | VR::UN))));
    }

    #[test]
    fn every_row_is_the_standards() {
        let facts = crate::profile::standard("safe_private.tsv");
        assert_eq!(facts.len(), safe_private().len());
        for (row, fact) in safe_private().iter().zip(&facts) {
            let (group, element) = (format!("{:04x}", row.group), format!("{:02x}", row.element));
            assert_eq!([&group, row.creator, &element], [&*fact[0], &*fact[1], &*fact[2]]);
            let vr = fact[3].split('/').next().filter(|vr| !vr.is_empty());
            assert_eq!(row.vr.map(VR::to_string), vr, "{row}");
            assert_eq!(row.edition == "2020", fact[4] == "2020", "{row}");
        }
    }
}
