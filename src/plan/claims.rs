//! What files may say about their own de-identification under `ps3.15`: only what the settings leave true.

use super::Action;
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

/// Whether the values of an Attribute are dates or times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Temporal {
    No,
    Yes,
    /// Its VR is not known.
    Perhaps,
}

/// What the profile does with an Attribute where no entry says otherwise.
pub(super) struct Overruled {
    pub(super) action: Action,
    /// Whether the table has a row for it.
    pub(super) is_listed: bool,
    pub(super) is_sequence: bool,
    pub(super) dates: Temporal,
    /// The Options in force that have a say in it.
    pub(super) options: ProfileOptions,
}

impl Default for Overruled {
    /// Of an Attribute that no dictionary has.
    fn default() -> Self {
        let (action, options) = (Action::Remove, ProfileOptions::default());
        Overruled { action, is_listed: false, is_sequence: false, dates: Temporal::Perhaps, options }
    }
}

impl Overruled {
    /// Whether an action can leave something of the original value. (What a template copies from elsewhere is held
    /// against the rule of where it comes from.)
    fn leaves_original(&self, action: &Action) -> bool {
        match action {
            Action::Remove | Action::Clear | Action::Uid => false,
            // The Items of a Sequence stay.
            Action::Dummy => self.is_sequence,
            Action::Set(Template(segments)) => segments.contains(&Segment::Macro(Macro::Value(None))),
            _ => true,
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

    /// An entry of the settings takes the place of what the profile does.
    pub(super) fn overrule(&mut self, profile: &Overruled, action: &Action) {
        let before = &profile.action;
        let cleaned = matches!((before, action), (Action::Clean | Action::CleanText, Action::Clean));
        if before == action || keeps(before) && keeps(action) || cleaned {
            return;
        }
        let leaves = profile.leaves_original(action);
        // Text outside the table is cleaned beyond what the profile asks for.
        let beyond = *before == Action::CleanText && !profile.is_listed;
        self.basic &= keeps(before) || !leaves || beyond;
        for option in profile.options.iter() {
            // What is cleaned may as well go; what is retained must stay.
            if leaves || !option.cleans() {
                self.contradict(option);
            }
        }
        let was_all = self.dates == Dates::Unmodified && profile.dates == Temporal::Yes;
        if was_all || leaves && self.dates == Dates::Removed && profile.dates != Temporal::No {
            self.dates = Dates::Modified;
        }
    }

    /// An entry about private elements, of which an Option keeps the safe ones.
    pub(super) fn overrule_private(&mut self, action: &Action) {
        if !keeps(action) {
            self.contradict(ProfileOption::RetainSafePrivate);
        }
    }

    /// An Option is not what was done. What it leaves elsewhere is more than the profile alone does.
    fn contradict(&mut self, option: ProfileOption) {
        self.basic &= !self.options.has(option);
        self.options = self.options.without(option);
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
