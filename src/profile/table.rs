//! PS3.15 Table E.1-1, read from `data/table_e1_1.txt`.

use super::data::TABLE_E1_1;
use crate::Tag;
use std::sync::OnceLock;

/// A row of Table E.1-1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// The Attribute as the table writes it: `0010,0010`, `60xx,3000`, `gggg,eeee`.
    pub address: &'static str,
    /// What the row stands for.
    pub scope: Scope,
    /// The Action Code of the Basic Profile, such as `X/Z/D`.
    pub basic: &'static str,
    /// The Action Codes of the Options, one character each in the order of [`OPTIONS`]; `.` where none applies.
    pub options: &'static str,
    /// Retired in PS3.6.
    pub retired: bool,
}

/// What a row of Table E.1-1 stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// One Attribute.
    Attribute(Tag),
    /// One element of a repeating group; the tag is the first group's.
    Repeating(Tag),
    /// A whole repeating group, by its first group number.
    Group(u16),
    /// Private Attributes.
    Private,
}

/// The Options of Table E.1-1, in the order of [`Row::options`].
pub const OPTIONS: [&str; 10] = [
    "Retain Safe Private",
    "Retain UIDs",
    "Retain Device Identity",
    "Retain Institution Identity",
    "Retain Patient Characteristics",
    "Retain Longitudinal Temporal Information Full Dates",
    "Retain Longitudinal Temporal Information Modified Dates",
    "Clean Descriptors",
    "Clean Structured Content",
    "Clean Graphics",
];

/// The rows of Table E.1-1, in the table's order.
pub fn rows() -> &'static [Row] {
    static ROWS: OnceLock<Vec<Row>> = OnceLock::new();
    ROWS.get_or_init(|| TABLE_E1_1.lines().map(row).collect())
}

fn row(line: &'static str) -> Row {
    let mut words = line.split(' ');
    let mut word = || words.next().expect("a row has an Attribute, a code and Options");
    let (address, basic, options) = (word(), word(), word());
    Row { address, scope: scope(address), basic, options, retired: words.next().is_some() }
}

fn scope(address: &str) -> Scope {
    let (group, element) = address.split_once(',').expect("a tag has a comma");
    let number = |text: &str| u16::from_str_radix(text, 16).expect("a tag is hexadecimal");
    match (group.strip_suffix("xx"), element) {
        (Some(group), "xxxx") => Scope::Group(number(group) << 8),
        (Some(group), element) => Scope::Repeating(Tag(number(group) << 8, number(element))),
        (None, "eeee") => Scope::Private,
        (None, element) => Scope::Attribute(Tag(number(group), number(element))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn rows_are_well_formed() {
        assert_eq!(rows().len(), 656);
        let text = TABLE_E1_1.text().expect("natively it is linked");
        let title = format!("# DICOM PS3.15 Annex E, Table E.1-1, edition {}:", crate::profile::EDITION);
        assert!(text.starts_with(&title));
        for row in rows() {
            assert_eq!(row.options.len(), OPTIONS.len(), "{}", row.address);
            assert!(row.options.bytes().all(|code| b".KC".contains(&code)), "{}", row.address);
            assert!(row.basic.split('/').all(|code| ["X", "Z", "D", "U", "U*"].contains(&code)), "{}", row.address);
        }
        let by_address: BTreeMap<_, _> = rows().iter().map(|row| (row.address, row)).collect();
        assert_eq!(by_address.len(), rows().len());
        assert_eq!(by_address["60xx,3000"].scope, Scope::Repeating(Tag(0x6000, 0x3000)));
        assert_eq!(by_address["50xx,xxxx"].scope, Scope::Group(0x5000));
    }

    #[test]
    fn every_row_is_the_standards() {
        let facts = crate::profile::standard("table_e1_1.tsv");
        assert_eq!(facts.len(), rows().len());
        for (row, fact) in rows().iter().zip(&facts) {
            assert_eq!([row.address, row.basic, row.options], [&*fact[0], &*fact[1], &*fact[2]]);
            assert_eq!(row.retired, fact.get(3).is_some_and(|cell| cell == "retired"), "{}", row.address);
        }
    }
}
