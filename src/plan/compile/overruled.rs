//! The entries of the settings held against what the profile does without them: what files may say then.

use super::{Rules, Settings, address, is_single, listed_vr};
use crate::clean::concerns;
use crate::config::{Address, Command, Extent, ProfileOption, ProfileOptions};
use crate::plan::claims::{Claims, Overruled, Temporal};
use crate::plan::layer::Layer;
use crate::plan::{Action, Attribute, structure};
use crate::profile::dictionary::dictionary;
use crate::profile::rows;
use crate::risk::{Policy, Risk};
use crate::{Tag, VR};
use dicom_core::dictionary::VirtualVr;

impl Settings<'_> {
    /// What the files may say, as long as no entry contradicts `profile`, which has none.
    pub(super) fn claims(&self, mut profile: Self, rules: &Rules, layers: &[Layer], unassigned: u16) -> Claims {
        let overlays = self.remove_overlays || self.cleans_graphics();
        let documents = matches!(self.risks[Risk::Documents as usize], Policy::Warn | Policy::Pass);
        let mut claims = Claims::new(self.options, self.remove_curves && overlays && !documents);
        let rule = |rule: u16| &rules.rules[usize::from(rule)].0;
        claims.overrule(&Overruled::default(), rule(unassigned));
        let entries = layers.get(..self.sections.len()).unwrap_or_default();
        let of_entry = |tag| entries.iter().find_map(|layer| layer.find(Attribute { tag, creator: None }));
        let cleans = self.entries.iter().any(|(_, entry)| entry.command == Command::Clean);
        for known in dictionary().all().iter().filter(|known| structure(known.tag).is_none()) {
            let own = of_entry(known.tag).map(|own| rule(own).clone());
            if let Some(own) = own.or_else(|| Some(cleans.then(|| self.cleaned(known))??.0)) {
                claims.overrule(&profile.overruled(known.tag), &own);
            }
        }
        // What no dictionary has goes, but for what the Retain Safe Private Option keeps.
        for (address, own) in entries.iter().flat_map(Layer::rules) {
            let safe = self.options.has(ProfileOption::RetainSafePrivate) && listed_vr(address).is_some();
            match address {
                Address::Tag(tag) if structure(*tag).is_some() || dictionary().find(*tag).is_some_and(is_single) => {}
                Address::Tag(tag) | Address::Many { extent: Extent::Groups, first: tag } => {
                    claims.overrule(&profile.overruled(*tag), rule(*own));
                }
                Address::Many { first, .. } => claims.overrule(&unknown(*first), rule(*own)),
                Address::Private { .. } if safe => {}
                Address::Private { .. } => claims.overrule(&Overruled::default(), rule(*own)),
            }
            if address.is_private() {
                claims.overrule_private(rule(*own));
            }
        }
        // What is copied to another place stays, whatever becomes of the original.
        self.referenced().0.into_iter().for_each(|tag| claims.overrule(&profile.overruled(tag), &Action::Keep));
        claims
    }

    /// What the profile does with an Attribute, and which Options have a say in it.
    fn overruled(&mut self, tag: Tag) -> Overruled {
        let all = self.options;
        let Some(known) = dictionary().get(tag) else { return unknown(tag) };
        let row = rows().iter().find(|row| address(row) == Some(known.tag));
        let codes = row.map(|row| row.options.as_bytes()).unwrap_or_default();
        let mut under = |options| {
            self.options = options;
            self.preset(known, row).0
        };
        let (basic, action) = (under(ProfileOptions::default()), under(all));
        let text = ProfileOptions::default().with(ProfileOption::CleanDescriptors);
        let mut options = if action == Action::CleanText { text } else { ProfileOptions::default() };
        for option in all.iter().filter(|_| action != basic) {
            let named = codes.get(option as usize).is_some_and(|code| *code != b'.');
            if named || under(all.without(option)) != action {
                options = options.with(option);
            }
        }
        self.options = all;
        let vr = known.vr.map(VirtualVr::relaxed);
        let is_date = codes.get(ProfileOption::RetainFullDates as usize) == Some(&b'K');
        let dates = if is_date || matches!(vr, Some(VR::DA | VR::DT | VR::TM)) { Temporal::Yes } else { Temporal::No };
        Overruled { action, is_listed: row.is_some(), is_sequence: vr == Some(VR::SQ), dates, options }
    }

    /// The same without what the user says of single Attributes.
    pub(super) fn without_entries(self) -> Self {
        Settings { sections: Vec::new(), entries: Vec::new(), remove_unknown: true, remove_safe: false, ..self }
    }
}

/// What the profile does with what no dictionary has. Of an overlay all is graphics.
fn unknown(tag: Tag) -> Overruled {
    let graphics = ProfileOptions::default().with(ProfileOption::CleanGraphics);
    let options = if concerns::is_overlay(tag) { graphics } else { ProfileOptions::default() };
    Overruled { options, ..Overruled::default() }
}
