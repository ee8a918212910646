//! Settings → [`Plan`].

use super::layer::Layer;
use super::lookups::Lookups;
use super::{
    Action, Attribute, Fallback, Plan, Project, Repeating, STRUCTURES, Source, literal, repeating_group, structure,
    suited,
};
use crate::config::{
    Address, Command, Config, DateShift, Entry, Macro, Mode, Preset, Section, Segment, Template, UnusedBits,
};
use crate::error::{Code, Error, Place};
use crate::profile::dictionary::{Known, Slots, dictionary};
use crate::profile::preset::{self, Assignment};
use crate::profile::{Referent, Row, SafePrivate, Scope, referent, rows, safe_private};
use crate::risk::{Policy, Risk};
use crate::sorted::Sorted;
use crate::{Tag, VR};
use std::collections::HashMap;

const STUDY: Tag = Tag(0x0020, 0x000D);
const SERIES: Tag = Tag(0x0020, 0x000E);
const INSTANCE: Tag = Tag(0x0008, 0x0018);
const DOCUMENT: Tag = Tag(0x0042, 0x0011);
const CHARACTER_SET: Tag = Tag(0x0008, 0x0005);

const UIDS: Source = Source::Preset("Study, Series and SOP Instance UIDs are replaced unless the settings keep them");
const REFERENCES: Source = Source::Preset("references follow the UIDs they refer to");
const TEXT_NEEDS_IT: Source = Source::Preset("kept text cannot be read without it");
const CREATOR_STAYS: Source = Source::Preset("the Private Creator of an element that stays");
const CREATOR_GOES: Source = Source::Preset("the Private Creator of a block of which nothing stays");
const NO_SAFE: Source = Source::Option("remove_safe_tags = true");
const KEEP_OVERLAYS: Source = Source::Option("remove_overlays = false");

pub(super) fn compile(config: &Config, project: Option<&str>) -> Result<Plan, Error> {
    Settings::new(config, project).compile()
}

/// As [`compile`], with the Retain Safe Private Option.
#[cfg(test)]
pub(super) fn retaining_safe_private(config: &Config, project: Option<&str>) -> Result<Plan, Error> {
    Settings { retain_safe_private: true, ..Settings::new(config, project) }.compile()
}

/// The rules, each once.
#[derive(Default)]
struct Rules {
    rules: Vec<(Action, Source)>,
    /// Where a source's rules are; a rule of the preset can have two actions, `Keep` for Sequences among them.
    by_source: HashMap<Source, Vec<u16>>,
}

impl Rules {
    fn add(&mut self, action: Action, source: Source) -> u16 {
        let same = self.by_source.entry(source.clone()).or_default();
        if let Some(&rule) = same.iter().find(|rule| self.rules[usize::from(**rule)].0 == action) {
            return rule;
        }
        let rule = u16::try_from(self.rules.len()).expect("fewer rules than 65536: entries are limited");
        same.push(rule);
        self.rules.push((action, source));
        rule
    }
}

/// The settings in force for one project.
struct Settings<'a> {
    preset: Preset,
    date_shift: DateShift,
    project: Project,
    whitelist: bool,
    remove_unknown: bool,
    remove_safe: bool,
    remove_curves: bool,
    remove_overlays: bool,
    verifies: bool,
    clean_frames: bool,
    clear_unused_bits: bool,
    /// The Retain Safe Private Option: what Table E.3.10-1 lists stays.
    retain_safe_private: bool,
    risks: [Policy; Risk::ALL.len()],
    /// The sections with their names, the project's before the general one: its entries go before those.
    sections: Vec<(&'a str, &'a Section)>,
    /// Every entry but those that the project's section has for the same address.
    entries: Vec<(&'a Address, &'a Entry)>,
    /// The entry that keeps a base UID, if any.
    kept: [(Tag, Option<Source>); 3],
}

impl<'a> Settings<'a> {
    fn new(config: &'a Config, project: Option<&str>) -> Self {
        let found = project.and_then(|title| config.project(title));
        let sections = || found.map(|(_, section)| section).into_iter().chain([&config.general]);
        let preset = sections().find_map(|s| s.preset).unwrap_or(Preset::Default);
        let cautious = preset == Preset::Default;
        let flag = |get: fn(&Section) -> Option<bool>, default| sections().find_map(get).unwrap_or(default);
        let text = |get: fn(&Section) -> Option<&String>, default: &str| {
            sections().find_map(get).map_or_else(|| default.to_owned(), String::clone)
        };
        Settings {
            preset,
            date_shift: sections().find_map(|s| s.date_shift).unwrap_or_default(),
            project: Project {
                name: text(|s| s.name.as_ref(), "Undefined"),
                owner: text(|s| s.owner.as_ref(), "Unknown"),
                prefix: text(|s| s.prefix.as_ref(), ""),
            },
            whitelist: sections().find_map(|s| s.mode) == Some(Mode::Whitelist),
            remove_unknown: flag(|s| s.remove_unknown_tags, cautious),
            remove_safe: flag(|s| s.remove_safe_tags, false),
            remove_curves: flag(|s| s.remove_curves, cautious),
            remove_overlays: flag(|s| s.remove_overlays, cautious),
            verifies: flag(|s| s.verify, cautious),
            clean_frames: flag(|s| s.clean_frames, true),
            clear_unused_bits: sections().find_map(|s| s.unused_bits) == Some(UnusedBits::Mask),
            retain_safe_private: false,
            risks: Risk::ALL.map(|risk| {
                let set = sections().find_map(|s| s.risks[risk as usize]);
                set.unwrap_or_else(|| risk.default_policy(preset != Preset::None))
            }),
            entries: entries(found.map(|(_, section)| section), &config.general),
            sections: found.into_iter().chain([("general", &config.general)]).collect(),
            kept: [(STUDY, None), (SERIES, None), (INSTANCE, None)],
        }
    }

    fn compile(mut self) -> Result<Plan, Error> {
        self.check()?;
        let mut rules = Rules::default();
        let layers = self.layers(&mut rules);
        let ruled = |tag| layers.iter().find_map(|layer| layer.find(Attribute { tag, creator: None }));
        for (base, kept) in &mut self.kept {
            *kept = ruled(*base).and_then(|rule| kept_by(&rules.rules[usize::from(rule)]));
        }
        let mut by_attribute: Vec<u16> =
            self.presets().into_iter().map(|(action, source)| rules.add(action, source)).collect();
        for (known, rule) in dictionary().all().iter().zip(&mut by_attribute).filter(|(known, _)| !known.repeating) {
            *rule = ruled(known.tag).unwrap_or(*rule);
        }
        let insertions = self.insertions(&layers, &rules);
        let (referenced, lookup) = self.referenced();
        Ok(Plan {
            names_private: layers.iter().any(Layer::names_private),
            fallback: self.fallback(&mut rules),
            preset: self.preset,
            date_shift: self.date_shift,
            verifies: self.verifies,
            clean_frames: self.clean_frames,
            clear_unused_bits: self.clear_unused_bits,
            risks: self.risks,
            referenced,
            lookup,
            project: self.project,
            rules: rules.rules,
            by_attribute,
            layers,
            insertions,
        })
    }

    /// The rules of the sections and tables, the strongest first.
    fn layers(&self, rules: &mut Rules) -> Vec<Layer> {
        let mut layers = Vec::new();
        for (name, section) in &self.sections {
            let mut layer = Layer::default();
            for (address, entry) in &section.entries {
                layer.push(address.clone(), rules.add(self.action(address, entry), source(name, entry)));
            }
            layers.push(layer);
        }
        if self.retain_safe_private {
            let mut layer = Layer::default();
            safe_private().iter().for_each(|row| safe(row, rules, &mut layer));
            layers.push(layer);
        }
        layers
    }

    /// Entries that cannot work are errors now, not when the first file is open.
    fn check(&self) -> Result<(), Error> {
        if self.entries.len() > usize::from(u16::MAX / 2) {
            return Err(Error::new(Code::Settings, "more than 32767 tag entries; use options for whole groups"));
        }
        for (address, entry) in &self.entries {
            let checked = match &entry.command {
                Command::Set(template) => literal::check(address, template, &self.project),
                command => suited::check(address, command),
            };
            checked.map_err(|error| error.at(Place::Text { line: entry.line, column: entry.column }))?;
        }
        Ok(())
    }

    fn action(&self, address: &Address, entry: &Entry) -> Action {
        match &entry.command {
            Command::Keep => Action::Keep,
            Command::Safe if self.remove_safe => Action::Remove,
            Command::Safe => listed_vr(address).map_or(Action::KeepValid, Action::KeepAs),
            Command::Remove => Action::Remove,
            Command::Clear => Action::Clear,
            Command::Set(template) => Action::Set(template.clone()),
            Command::TruncDate => Action::TruncDate,
            Command::TruncMonth => Action::TruncMonth,
            Command::ShiftDate => Action::ShiftDate,
            Command::Dummy => Action::Dummy,
            Command::Uid => Action::Uid,
            Command::Hash(length) => Action::Hash(*length),
            Command::Age => Action::Age,
            Command::Refuse => Action::Refuse,
        }
    }

    /// What entries insert where it is missing: only what names a tag does, not what stands for many, and only public
    /// Attributes with a VR can be written.
    fn insertions(&self, layers: &[Layer], rules: &Rules) -> Vec<(Tag, u16)> {
        let mut insertions = Sorted::default();
        for (address, _) in &self.entries {
            let Address::Tag(tag) = **address else { continue };
            let writable = dictionary().get(tag).is_some_and(|known| known.vr.is_some());
            if tag.0 & 1 == 1 || structure(tag).is_some() || !writable {
                continue;
            }
            let named = layers.iter().find(|layer| layer.find(Attribute { tag, creator: None }).is_some());
            if let Some(rule) = named.and_then(|layer| layer.of_tag(tag))
                && matches!(rules.rules[usize::from(rule)].0, Action::Set(_) | Action::Clear)
            {
                insertions.insert(tag, rule);
            }
        }
        insertions.into_iter().collect()
    }

    /// The macros that need something at hand: tags of `@value(gggg,eeee)@`, in order, and columns of the table.
    fn referenced(&self) -> (Vec<Tag>, Lookups) {
        let (mut tags, mut columns) = (Sorted::default(), Vec::new());
        for (_, entry) in &self.entries {
            let Command::Set(Template(segments)) = &entry.command else { continue };
            for segment in segments {
                match segment {
                    Segment::Macro(Macro::Value(Some(tag))) => drop(tags.insert(*tag, ())),
                    Segment::Lookup(column) => {
                        columns.push((column.clone(), entry.key.clone(), (entry.line, entry.column)));
                    }
                    _ => {}
                }
            }
        }
        let (mut key, mut missing) = (None, None);
        for (_, section) in &self.sections {
            key = key.or_else(|| section.lookup_key.clone());
            missing = missing.or(section.lookup_missing);
        }
        let lookups = Lookups { columns, key, missing: missing.unwrap_or_default(), table: None };
        (tags.into_iter().map(|(tag, ())| tag).collect(), lookups)
    }

    /// What every Attribute of the dictionary gets where no entry names it.
    fn presets(&self) -> Vec<(Action, Source)> {
        let mut by_tag = Slots::with_room_for(rows().len());
        for (row, index) in rows().iter().zip(0..) {
            address(row).into_iter().for_each(|tag| by_tag.insert(tag, index));
        }
        let row = |tag| by_tag.get(tag).and_then(|index| rows().get(usize::from(index)));
        dictionary().all().iter().map(|known| self.preset(known, row(known.tag))).collect()
    }

    fn preset(&self, known: &Known, row: Option<&'static Row>) -> (Action, Source) {
        self.group(known)
            .or_else(|| self.document(known.tag))
            .or_else(|| self.uid(known.tag))
            .or_else(|| self.assigned(known, row))
            .or_else(|| self.followed(known.tag))
            .unwrap_or_else(|| match known.tag {
                CHARACTER_SET => (Action::Keep, TEXT_NEEDS_IT),
                _ => self.unassigned(),
            })
    }

    /// Curves and overlays, as the options say. Overlays that are asked for keep their data in spite of the table.
    fn group(&self, known: &Known) -> Option<(Action, Source)> {
        match repeating_group(known.tag).filter(|_| known.repeating)? {
            group if self.removes(group) => Some((Action::Remove, removed(group))),
            Repeating::Overlays if known.tag.1 == 0x3000 && self.preset == Preset::Default => {
                Some((Action::KeepValid, KEEP_OVERLAYS))
            }
            _ => None,
        }
    }

    /// The payload of an encapsulated document: blank, or as it is in spite of the table, if the settings say so.
    fn document(&self, tag: Tag) -> Option<(Action, Source)> {
        match self.risks[Risk::Documents as usize] {
            _ if tag != DOCUMENT => None,
            Policy::Blank => Some((Action::Dummy, Source::Option("risk_documents = blank"))),
            Policy::Warn if self.preset != Preset::None => {
                Some((Action::Keep, Source::Option("risk_documents = warn")))
            }
            Policy::Pass if self.preset != Preset::None => {
                Some((Action::Keep, Source::Option("risk_documents = pass")))
            }
            _ => None,
        }
    }

    fn removes(&self, group: Repeating) -> bool {
        match group {
            Repeating::Curves => self.remove_curves,
            Repeating::Overlays => self.remove_overlays,
        }
    }

    /// A reference to a UID that the settings keep is kept, because of the same entry.
    fn uid(&self, tag: Tag) -> Option<(Action, Source)> {
        match bases(referent(tag)?) {
            [base] => Some((Action::Keep, self.kept_by(*base)?.clone())),
            // What may refer to any of them is mapped as long as one of them is.
            _ => None,
        }
    }

    /// The entry that keeps a base UID.
    fn kept_by(&self, base: Tag) -> Option<&Source> {
        self.kept.iter().find(|(tag, _)| *tag == base)?.1.as_ref()
    }

    /// With no preset's word on it, a UID that may refer to a replaced one is replaced too.
    fn followed(&self, tag: Tag) -> Option<(Action, Source)> {
        let bases = bases(referent(tag)?);
        if bases.iter().all(|base| self.kept_by(*base).is_some()) {
            return None;
        }
        Some((Action::Uid, if bases == [tag] { UIDS } else { REFERENCES }))
    }

    /// What the preset assigns.
    fn assigned(&self, known: &Known, row: Option<&'static Row>) -> Option<(Action, Source)> {
        if self.preset == Preset::None {
            return None;
        }
        if let Some(row) = row {
            let assignment = preset::listed(row, known.tag, known.vr);
            return Some((assignment.assign.action(), Source::Row { row: row.address, code: row.basic }));
        }
        let Assignment { assign, reason, safe } = preset::unlisted(known)?;
        if safe && self.remove_safe {
            return Some((Action::Remove, NO_SAFE));
        }
        Some((assign.action(), Source::Preset(reason)))
    }

    fn unassigned(&self) -> (Action, Source) {
        match (self.whitelist, self.remove_unknown) {
            (true, _) => (Action::Remove, Source::Option("mode = whitelist")),
            (_, true) => (Action::Remove, Source::Option("remove_unknown_tags = true")),
            (_, false) => (Action::Keep, Source::Option("remove_unknown_tags = false")),
        }
    }

    fn fallback(&self, rules: &mut Rules) -> Fallback {
        let mut add = |(action, source)| rules.add(action, source);
        let unassigned = self.unassigned();
        let group = |group| if self.removes(group) { (Action::Remove, removed(group)) } else { unassigned.clone() };
        Fallback {
            curves: add(group(Repeating::Curves)),
            overlays: add(group(Repeating::Overlays)),
            unassigned: add(unassigned.clone()),
            creators: [add((Action::KeepValid, CREATOR_STAYS)), add((Action::Remove, CREATOR_GOES))],
            structures: STRUCTURES.map(|what| add((Action::Remove, Source::Structure(what)))),
        }
    }
}

/// The rule of a row of the table of Safe Private Attributes: values must be what the table says they are. UIDs in
/// them are replaced as all others are; what is text is searched for the file's own identifiers.
fn safe(row: &'static SafePrivate, rules: &mut Rules, layer: &mut Layer) {
    let SafePrivate { group, creator, element, vr: Some(vr), .. } = *row else { return };
    let action = if vr == VR::UI { Action::Uid } else { Action::KeepAs(vr) };
    let address = Address::Private { group, creator: creator.to_owned(), element };
    layer.push(address, rules.add(action, Source::SafePrivate(row)));
}

/// The VR of a private element in the table of Safe Private Attributes.
fn listed_vr(address: &Address) -> Option<VR> {
    let Address::Private { group, creator, element } = address else { return None };
    let own = (*group, creator.as_str(), *element);
    let at = safe_private().partition_point(|row| (row.group, row.creator, row.element) < own);
    safe_private().get(at).filter(|row| (row.group, row.creator, row.element) == own)?.vr
}

/// The source of a rule that keeps a value.
fn kept_by((action, source): &(Action, Source)) -> Option<Source> {
    matches!(action, Action::Keep | Action::KeepValid).then(|| source.clone())
}

/// The entries of both sections without those of the general one for an address that the project's has too.
fn entries<'a>(project: Option<&'a Section>, general: &'a Section) -> Vec<(&'a Address, &'a Entry)> {
    let mut entries = Vec::new();
    for section in project.into_iter().chain([general]) {
        for (address, entry) in &section.entries {
            let hidden =
                std::ptr::eq(section, general) && project.is_some_and(|own| own.entries.get(address).is_some());
            if !hidden {
                entries.push((address, entry));
            }
        }
    }
    entries
}

fn source(section: &str, entry: &Entry) -> Source {
    Source::Entry { section: section.to_owned(), key: entry.key.clone() }
}

fn removed(group: Repeating) -> Source {
    Source::Option(match group {
        Repeating::Curves => "remove_curves = true",
        Repeating::Overlays => "remove_overlays = true",
    })
}

/// The base Attributes that decide about what a UID refers to.
fn bases(referent: Referent) -> &'static [Tag] {
    match referent {
        Referent::Study => &[STUDY],
        Referent::Series => &[SERIES],
        Referent::Instance => &[INSTANCE],
        Referent::Any => &[STUDY, SERIES, INSTANCE],
    }
}

/// The tag under which the dictionary has a row's Attribute.
fn address(row: &Row) -> Option<Tag> {
    match row.scope {
        Scope::Attribute(tag) | Scope::Repeating(tag) => Some(tag),
        Scope::Group(_) | Scope::Private => None,
    }
}
