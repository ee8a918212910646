//! `profile_options`: the Options of the Application Level Confidentiality Profile (PS3.15 E.3).

use super::json::Item;
use super::nearest::nearest;
use crate::error::Error;

/// An Option of the profile, in the order of the columns of PS3.15 Table E.1-1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum ProfileOption {
    /// `retain_safe_private` (E.3.10)
    RetainSafePrivate,
    /// `retain_uids` (E.3.9)
    RetainUids,
    /// `retain_device_identity` (E.3.8)
    RetainDeviceIdentity,
    /// `retain_institution_identity` (E.3.11)
    RetainInstitutionIdentity,
    /// `retain_patient_characteristics` (E.3.7)
    RetainPatientCharacteristics,
    /// `retain_full_dates` (E.3.6)
    RetainFullDates,
    /// `retain_modified_dates` (E.3.6)
    RetainModifiedDates,
    /// `clean_descriptors` (E.3.5)
    CleanDescriptors,
    /// `clean_structured_content` (E.3.4)
    CleanStructuredContent,
    /// `clean_graphics` (E.3.3)
    CleanGraphics,
}

use ProfileOption::*;

/// Name and code (PS3.16 CID 7050) of each Option.
const NAMES: [(&str, &str, ProfileOption); 10] = [
    ("retain_safe_private", "113111", RetainSafePrivate),
    ("retain_uids", "113110", RetainUids),
    ("retain_device_identity", "113109", RetainDeviceIdentity),
    ("retain_institution_identity", "113112", RetainInstitutionIdentity),
    ("retain_patient_characteristics", "113108", RetainPatientCharacteristics),
    ("retain_full_dates", "113106", RetainFullDates),
    ("retain_modified_dates", "113107", RetainModifiedDates),
    ("clean_descriptors", "113105", CleanDescriptors),
    ("clean_structured_content", "113104", CleanStructuredContent),
    ("clean_graphics", "113103", CleanGraphics),
];

/// Options that need the pixels to be looked at.
const PIXELS: [&str; 2] = ["clean_pixel_data", "clean_recognizable_visual_features"];

impl ProfileOption {
    /// Every Option, in the order of the columns of Table E.1-1.
    pub fn all() -> impl Iterator<Item = ProfileOption> {
        NAMES.iter().map(|(.., option)| *option)
    }

    /// The name in settings.
    pub fn name(self) -> &'static str {
        NAMES[self as usize].0
    }

    /// Whether it lets cleaned values stay; the others retain what they are about.
    pub(crate) fn cleans(self) -> bool {
        matches!(self, CleanDescriptors | CleanStructuredContent | CleanGraphics)
    }

    /// The Code Value in PS3.16 CID 7050.
    pub fn code(self) -> &'static str {
        NAMES[self as usize].1
    }
}

/// A set of Options.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ProfileOptions(u16);

impl ProfileOptions {
    /// Whether an Option is in the set.
    pub fn has(self, option: ProfileOption) -> bool {
        self.0 >> option as u8 & 1 == 1
    }

    /// The Options in the set, in the order of the table's columns.
    pub fn iter(self) -> impl Iterator<Item = ProfileOption> {
        ProfileOption::all().filter(move |option| self.has(*option))
    }

    /// The set with an Option.
    #[must_use]
    pub fn with(self, option: ProfileOption) -> Self {
        ProfileOptions(self.0 | 1 << option as u8)
    }

    /// The set without an Option.
    #[must_use]
    pub fn without(self, option: ProfileOption) -> Self {
        ProfileOptions(self.0 & !(1 << option as u8))
    }
}

/// `profile_options` as a section has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The Options.
    pub options: ProfileOptions,
    /// Line of the key in its text, from 1.
    pub line: u32,
    /// Column of the key in its text, in characters, from 1.
    pub column: u32,
}

/// Reads the list.
pub(super) fn read(item: &Item<'_>) -> Result<Asked, Error> {
    let mut options = ProfileOptions::default();
    for item in item.list("expected a list of Options, such as [\"retain_uids\"]")? {
        let option = named(&item)?;
        if options.has(option) {
            return Err(item.error("the Option stands twice; keep one"));
        }
        options = options.with(option);
        // E.3.6: dates are kept as they are, or modified.
        if options.has(RetainFullDates) && options.has(RetainModifiedDates) {
            return Err(item.error("retain_full_dates and retain_modified_dates exclude each other; keep one"));
        }
    }
    let (line, column) = item.position();
    Ok(Asked { options, line, column })
}

fn named(item: &Item<'_>) -> Result<ProfileOption, Error> {
    let text = item.text()?.content;
    let name = text.as_ref();
    if let Some((.., option)) = NAMES.iter().find(|(known, ..)| *known == name) {
        return Ok(*option);
    }
    if let Some(known) = PIXELS.iter().find(|known| **known == name) {
        return Err(item.error(format!("{known} is not supported yet: pixels are not changed; take it out")));
    }
    let known: Vec<&str> = NAMES.iter().map(|(name, ..)| *name).chain(PIXELS).collect();
    Err(item.error(format!("unknown Option; the nearest is {}", nearest(&name.to_ascii_lowercase(), &known))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::OPTIONS;

    #[test]
    fn options_stand_in_the_order_of_the_tables_columns() {
        assert_eq!(NAMES.len(), OPTIONS.len());
        for (at, option) in ProfileOption::all().enumerate() {
            assert_eq!(option as usize, at);
            let all = ProfileOption::all().fold(ProfileOptions::default(), ProfileOptions::with);
            assert!(all.has(option) && !all.without(option).has(option));
        }
    }

    #[test]
    fn codes_and_meanings_are_those_of_cid_7050() {
        let facts = crate::profile::standard("cid_7050.tsv");
        for option in ProfileOption::all() {
            let meaning = format!("{} Option", OPTIONS[option as usize]);
            assert!(facts.contains(&vec![option.code().to_owned(), meaning]), "{}", option.name());
        }
    }
}
