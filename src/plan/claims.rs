//! What files may say about their own de-identification under `ps3.15`: only what the settings leave true.

use super::{Action, Source};
use crate::config::{Macro, ProfileOption, ProfileOptions, Segment, Template};
use crate::profile::{EDITION, OPTIONS};

/// (0028,0303) Longitudinal Temporal Information Modified (PS3.3 C.12.1.1.9); what comes later stays true of a file that
/// goes through it again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Dates {
    Unmodified,
    Modified,
    Removed,
}

impl Dates {
    /// The Enumerated Value.
    pub(crate) fn text(self) -> &'static str {
        match self {
            Dates::Unmodified => "UNMODIFIED",
            Dates::Modified => "MODIFIED",
            Dates::Removed => "REMOVED",
        }
    }
}

/// The claims of all files under one plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Claims {
    /// The Basic Profile was applied, and no entry or option leaves more than it does.
    pub(crate) basic: bool,
    /// The Options that were applied, and that no entry contradicts.
    pub(crate) options: ProfileOptions,
    /// What became of dates.
    pub(crate) dates: Dates,
}

impl Claims {
    pub(super) fn new(options: ProfileOptions, whole: bool) -> Self {
        let dates = match () {
            () if options.has(ProfileOption::RetainFullDates) => Dates::Unmodified,
            () if options.has(ProfileOption::RetainModifiedDates) => Dates::Modified,
            () => Dates::Removed,
        };
        Claims { basic: whole, options, dates }
    }

    /// An entry of the settings takes the place of a rule.
    pub(super) fn overrule(&mut self, (before, because): &(Action, Source), action: &Action) {
        let leaves = leaves_original(action);
        // Text outside the table is cleaned beyond what the profile asks for.
        let is_unlisted = *before == Action::CleanText && matches!(because, Source::Preset(_));
        if is_unlisted || keeps(before) && keeps(action) {
            return;
        }
        let cleaned = matches!((before, action), (Action::Clean | Action::CleanText, Action::Clean));
        self.basic &= keeps(before) || !leaves || before == action || cleaned;
        if cleaned {
            return;
        }
        let Source::Row { row, option, .. } = because else { return };
        if let Some(option) = option {
            self.options = self.options.without(*option);
        }
        if is_temporal(row) && (leaves || self.dates == Dates::Unmodified) {
            self.dates = Dates::Modified;
        }
    }

    /// An entry about private elements, of which an Option keeps the safe ones.
    pub(super) fn overrule_private(&mut self, action: &Action) {
        if !keeps(action) {
            self.options = self.options.without(ProfileOption::RetainSafePrivate);
        }
    }

    /// The values of De-identification Method (0012,0063).
    pub(crate) fn method(&self) -> Vec<String> {
        let basic = if self.basic { "Basic Profile" } else { "Basic Profile with exceptions" };
        let options = self.options.iter().map(|option| {
            let name = OPTIONS[option as usize];
            // The longest has 71 characters, and a value 64.
            match name.strip_prefix("Retain Longitudinal Temporal Information ") {
                Some(dates) => format!("Retain {dates} Option"),
                None => format!("{name} Option"),
            }
        });
        std::iter::once(format!("Lethe, PS3.15 {EDITION} {basic}")).chain(options).collect()
    }
}

fn keeps(action: &Action) -> bool {
    matches!(action, Action::Keep | Action::KeepValid | Action::KeepAs(_))
}

/// Whether an action can leave something of the original value.
fn leaves_original(action: &Action) -> bool {
    match action {
        Action::Remove | Action::Clear | Action::Dummy | Action::Uid => false,
        Action::Set(Template(segments)) => {
            segments.iter().any(|segment| matches!(segment, Segment::Macro(Macro::Value(_))))
        }
        _ => true,
    }
}

/// Whether the Options for dates speak of a row.
fn is_temporal(address: &str) -> bool {
    let row = crate::profile::rows().iter().find(|row| row.address == address);
    row.is_some_and(|row| row.options.as_bytes().get(ProfileOption::RetainFullDates as usize) == Some(&b'K'))
}
