//! Settings → [`Plan`].

mod overruled;

use super::layer::Layer;
use super::lookups::Lookups;
use super::{
    Action, Attribute, Fallback, Plan, Project, Repeating, STRUCTURES, Source, literal, repeating_group, structure,
    suited,
};
use crate::clean::concerns;
use crate::config::{
    Address, Ages, Command, Config, DateShift, Entry, Macro, Mode, Preset, ProfileOption, ProfileOptions, Section,
    Segment, Template, UnusedBits,
};
use crate::error::{Code, Error, Place};
use crate::profile::confidentiality;
use crate::profile::dictionary::{Known, Slots, dictionary};
use crate::profile::preset::{self, Assignment};
use crate::profile::{Referent, Row, SafePrivate, Scope, referent, rows, safe_private};
use crate::risk::{Policy, Risk};
use crate::sorted::Sorted;
use crate::{Tag, VR};
use std::borrow::Cow;
use std::collections::HashMap;

const STUDY: Tag = Tag(0x0020, 0x000D);
const SERIES: Tag = Tag(0x0020, 0x000E);
const INSTANCE: Tag = Tag(0x0008, 0x0018);
const DOCUMENT: Tag = Tag(0x0042, 0x0011);
const CONTENT: Tag = Tag(0x0040, 0xA730);
const CHARACTER_SET: Tag = Tag(0x0008, 0x0005);

/// Base UIDs that no entry names.
const BASES: [(Tag, Option<(Action, Source)>); 3] = [(STUDY, None), (SERIES, None), (INSTANCE, None)];

const UIDS: Source =
    Source::Preset(Cow::Borrowed("Study, Series and SOP Instance UIDs are replaced unless the settings keep them"));
const REFERENCES: Source = Source::Preset(Cow::Borrowed("references follow the UIDs they refer to"));
const TEXT_NEEDS_IT: Source = Source::Preset(Cow::Borrowed("kept text cannot be read without it"));
const CREATOR_STAYS: Source = Source::Preset(Cow::Borrowed("the Private Creator of an element that stays"));
const CREATOR_GOES: Source = Source::Preset(Cow::Borrowed("the Private Creator of a block of which nothing stays"));
const NO_SAFE: Source = Source::Option(Cow::Borrowed("remove_safe_tags = true"));
const CLEAN_OVERLAYS: Source = Source::Preset(Cow::Borrowed("overlays: cleaned with the Clean Graphics Option"));
const KEEP_OVERLAYS: Source = Source::Option(Cow::Borrowed("remove_overlays = false"));

pub(super) fn compile(config: &Config, project: Option<&str>) -> Result<Plan, Error> {
    let settings = || Settings::new(config, project);
    settings()?.compile(settings()?.without_entries())
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
    uid_root: Option<String>,
    options: ProfileOptions,
    ages: Ages,
    project: Project,
    whitelist: bool,
    remove_unknown: bool,
    remove_safe: bool,
    remove_curves: bool,
    remove_overlays: bool,
    verifies: bool,
    clean_frames: bool,
    clear_unused_bits: bool,
    risks: [Policy; Risk::ALL.len()],
    /// The sections with their names, the project's before the general one: its entries go before those.
    sections: Vec<(&'a str, &'a Section)>,
    /// Every entry but those that the project's section has for the same address.
    entries: Vec<(&'a Address, &'a Entry)>,
    /// The rule that the entries have for a base UID, if any.
    bases: [(Tag, Option<(Action, Source)>); 3],
}

impl<'a> Settings<'a> {
    fn new(config: &'a Config, project: Option<&str>) -> Result<Self, Error> {
        let general = &config.general;
        let found = project.and_then(|title| config.project(title));
        let section = found.map_or(general, |(_, section)| section);
        let preset = section.preset.or(general.preset).unwrap_or(Preset::Default);
        let cautious = preset != Preset::None;
        let flag = |get: fn(&Section) -> Option<bool>, default| get(section).or(get(general)).unwrap_or(default);
        let text = |get: fn(&Section) -> Option<&String>, default: &str| {
            get(section).or(get(general)).map_or_else(|| default.to_owned(), String::clone)
        };
        let options = options(preset, [section, general])?;
        // Overlays that are cleaned are not removed unless somebody says so.
        let overlays = cautious && !options.has(ProfileOption::CleanGraphics);
        Ok(Settings {
            preset,
            options,
            ages: section.ages_over_89.or(general.ages_over_89).unwrap_or(Ages::Cap),
            date_shift: section.date_shift.or(general.date_shift).unwrap_or_default(),
            uid_root: section.uid_root.as_ref().or(general.uid_root.as_ref()).cloned(),
            project: Project {
                name: text(|s| s.name.as_ref(), "Undefined"),
                owner: text(|s| s.owner.as_ref(), "Unknown"),
                prefix: text(|s| s.prefix.as_ref(), ""),
            },
            whitelist: section.mode.or(general.mode) == Some(Mode::Whitelist),
            remove_unknown: flag(|s| s.remove_unknown_tags, cautious),
            remove_safe: flag(|s| s.remove_safe_tags, false),
            remove_curves: flag(|s| s.remove_curves, cautious),
            remove_overlays: flag(|s| s.remove_overlays, overlays),
            verifies: flag(|s| s.verify, cautious),
            clean_frames: flag(|s| s.clean_frames, true),
            clear_unused_bits: section.unused_bits.or(general.unused_bits) == Some(UnusedBits::Mask),
            risks: Risk::ALL.map(|risk| {
                let set = section.risks[risk as usize].or(general.risks[risk as usize]);
                set.unwrap_or_else(|| risk.default_policy(cautious))
            }),
            entries: entries(found.map(|(_, section)| section), general),
            sections: found.into_iter().chain([("general", general)]).collect(),
            bases: BASES,
        })
    }

    fn compile(mut self, profile: Self) -> Result<Plan, Error> {
        self.check()?;
        let mut rules = Rules::default();
        let layers = self.layers(&mut rules);
        let ruled = |tag| layers.iter().find_map(|layer| layer.find(Attribute { tag, creator: None }));
        for (base, own) in &mut self.bases {
            *own = ruled(*base).map(|rule| rules.rules[usize::from(rule)].clone());
        }
        let mut by_attribute: Vec<u16> =
            self.presets().into_iter().map(|(action, source)| rules.add(action, source)).collect();
        let fallback = self.fallback(&mut rules);
        let claims =
            (self.preset == Preset::Profile).then(|| self.claims(profile, &rules, &layers, fallback.unassigned));
        for (known, rule) in dictionary().all().iter().zip(&mut by_attribute).filter(|(known, _)| !known.repeating) {
            *rule = ruled(known.tag).unwrap_or(*rule);
        }
        let insertions = self.insertions(&layers, &rules);
        let (referenced, lookup) = self.referenced();
        let is_cleaned = |tag| {
            let rule = dictionary().find(tag).and_then(|index| by_attribute.get(usize::from(index)));
            rule.is_some_and(|rule| rules.rules[usize::from(*rule)].0 == Action::Clean)
        };
        Ok(Plan {
            cleans_content: is_cleaned(CONTENT),
            caps_ages: self.preset != Preset::None && self.ages == Ages::Cap,
            names_private: layers.iter().any(Layer::names_private),
            fallback,
            claims,
            preset: self.preset,
            date_shift: self.date_shift,
            uid_root: self.uid_root,
            verifies: self.verifies,
            clean_frames: self.clean_frames,
            clear_unused_bits: self.clear_unused_bits,
            risks: self.risks,
            referenced,
            wants_value: preset::wants_value(),
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
        if self.options.has(ProfileOption::RetainSafePrivate) {
            let mut layer = Layer::default();
            for row in safe_private() {
                if let Some((address, rule)) = self.safe(row, rules) {
                    layer.push(address, rule);
                }
            }
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
            Command::Clean => Action::Clean,
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
        let mut by_tag = Slots::<u16>::with_room_for(rows().len());
        for (row, index) in rows().iter().zip(0..) {
            address(row).into_iter().for_each(|tag| by_tag.insert(tag, index));
        }
        let row = |tag| by_tag.get(tag).and_then(|index| rows().get(usize::from(index)));
        dictionary().all().iter().map(|known| self.preset(known, row(known.tag))).collect()
    }

    fn preset(&self, known: &Known, row: Option<&'static Row>) -> (Action, Source) {
        self.cleaned(known)
            .or_else(|| self.group(known))
            .or_else(|| self.document(known.tag))
            .or_else(|| self.uid(known.tag))
            .or_else(|| self.assigned(known, row))
            .or_else(|| self.followed(known.tag))
            .unwrap_or_else(|| match known.tag {
                CHARACTER_SET => (Action::Keep, TEXT_NEEDS_IT),
                _ => self.unassigned(),
            })
    }

    /// What an entry that cleans a Sequence does with what is in it.
    fn cleaned(&self, known: &Known) -> Option<(Action, Source)> {
        let sections = self.sections.iter();
        let entries = sections.flat_map(|(name, section)| section.entries.iter().map(move |entry| (name, entry)));
        let cleaning = entries.filter(|(_, (_, entry))| entry.command == Command::Clean);
        cleaning.filter_map(|(name, (address, entry))| Some((name, concerns::led_by(address.tag()?)?, entry))).find_map(
            |(name, option, entry)| Some((concerns::concerned(option, known.tag, known.vr)?, source(name, entry))),
        )
    }

    /// Curves and overlays, as the options say. Overlays that are asked for keep their data in spite of the table.
    fn group(&self, known: &Known) -> Option<(Action, Source)> {
        match repeating_group(known.tag).filter(|_| known.repeating)? {
            group if self.removes(group) => Some((Action::Remove, removed(group))),
            Repeating::Overlays if self.cleans_graphics() => Some((Action::Clean, CLEAN_OVERLAYS)),
            Repeating::Overlays if known.tag.1 == 0x3000 && self.preset != Preset::None => {
                Some((Action::KeepValid, KEEP_OVERLAYS))
            }
            _ => None,
        }
    }

    fn cleans_graphics(&self) -> bool {
        self.options.has(ProfileOption::CleanGraphics)
    }

    /// The payload of an encapsulated document: blank, or as it is in spite of the table, if the settings say so.
    fn document(&self, tag: Tag) -> Option<(Action, Source)> {
        match self.risks[Risk::Documents as usize] {
            _ if tag != DOCUMENT => None,
            Policy::Blank => Some((Action::Dummy, Source::Option(Cow::Borrowed("risk_documents = blank")))),
            Policy::Warn if self.preset != Preset::None => {
                Some((Action::Keep, Source::Option(Cow::Borrowed("risk_documents = warn"))))
            }
            Policy::Pass if self.preset != Preset::None => {
                Some((Action::Keep, Source::Option(Cow::Borrowed("risk_documents = pass"))))
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
        let (action, source) = self.bases.iter().find(|(tag, _)| *tag == base)?.1.as_ref()?;
        matches!(action, Action::Keep | Action::KeepValid).then_some(source)
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
        let unlisted = match (self.preset, row) {
            (Preset::None, _) => None,
            (Preset::Default, None) => preset::unlisted(known),
            (Preset::Profile, None) => confidentiality::unlisted(known, self.options),
            (Preset::Default, Some(row)) => {
                let assign = preset::listed(row, known.tag, known.vr).assign;
                return Some((assign.action(), row_source(row, row.basic, None)));
            }
            (Preset::Profile, Some(row)) => return Some(self.profile(known, row)),
        };
        let Assignment { assign, reason, safe } = unlisted?;
        if safe && self.remove_safe {
            return Some((Action::Remove, NO_SAFE));
        }
        Some((assign.action(), Source::Preset(reason.into())))
    }

    /// What the profile says of a row.
    fn profile(&self, known: &Known, row: &'static Row) -> (Action, Source) {
        let (assign, option) = confidentiality::listed(row, known.vr, self.options, self.ages);
        if option == Some(ProfileOption::RetainUids) && self.replaces_referent(known.tag) {
            return (Action::Uid, REFERENCES);
        }
        let code = match option {
            Some(option) => row.options.get(option as usize..=option as usize).unwrap_or_default(),
            None => row.basic,
        };
        (assign.action(), row_source(row, code, option))
    }

    /// Whether an entry replaces a UID that the Attribute may refer to.
    fn replaces_referent(&self, tag: Tag) -> bool {
        let bases = referent(tag).map_or(&[][..], bases);
        let replaced = |base: &Tag| self.bases.iter().any(|(tag, own)| tag == base && own.is_some());
        bases.iter().any(|base| replaced(base) && self.kept_by(*base).is_none())
    }

    /// The rule of a row of the table of Safe Private Attributes: values must be what the table says they are. UIDs in
    /// them are replaced as all others are; what is text is searched for the file's own identifiers.
    fn safe(&self, row: &'static SafePrivate, rules: &mut Rules) -> Option<(Address, u16)> {
        let action = match row.vr? {
            VR::UI if !self.options.has(ProfileOption::RetainUids) => Action::Uid,
            vr => Action::KeepAs(vr),
        };
        let SafePrivate { group, creator, element, .. } = *row;
        let address = Address::Private { group, creator: creator.to_owned(), element };
        Some((address, rules.add(action, Source::SafePrivate(row))))
    }

    fn unassigned(&self) -> (Action, Source) {
        match (self.whitelist, self.remove_unknown) {
            (true, _) => (Action::Remove, Source::Option(Cow::Borrowed("mode = whitelist"))),
            (_, true) => (Action::Remove, Source::Option(Cow::Borrowed("remove_unknown_tags = true"))),
            (_, false) => (Action::Keep, Source::Option(Cow::Borrowed("remove_unknown_tags = false"))),
        }
    }

    fn fallback(&self, rules: &mut Rules) -> Fallback {
        let mut add = |(action, source)| rules.add(action, source);
        let unassigned = self.unassigned();
        let group = |group| match group {
            group if self.removes(group) => (Action::Remove, removed(group)),
            Repeating::Overlays if self.cleans_graphics() => (Action::Clean, CLEAN_OVERLAYS),
            _ => unassigned.clone(),
        };
        Fallback {
            curves: add(group(Repeating::Curves)),
            overlays: add(group(Repeating::Overlays)),
            unassigned: add(unassigned.clone()),
            creators: [add((Action::KeepValid, CREATOR_STAYS)), add((Action::Remove, CREATOR_GOES))],
            structures: STRUCTURES.map(|what| add((Action::Remove, Source::Structure(what)))),
        }
    }
}

/// The Options in force. They mean nothing without the preset that they belong to.
fn options(preset: Preset, sections: [&Section; 2]) -> Result<ProfileOptions, Error> {
    for section in sections {
        let Some(asked) = section.profile_options else {
            // Options of the general section belong to its preset, not to the project's.
            if section.preset.is_some_and(|own| own != Preset::Profile) {
                break;
            }
            continue;
        };
        if preset == Preset::Profile || asked.options == ProfileOptions::default() {
            return Ok(asked.options);
        }
        let message = "\"profile_options\": they belong to the preset \"ps3.15\"; set it or take them out";
        let place = Place::Text { line: asked.line, column: asked.column };
        return Err(Error::new(Code::Settings, message).at(place));
    }
    Ok(ProfileOptions::default())
}

/// The VR of a private element in the table of Safe Private Attributes.
fn listed_vr(address: &Address) -> Option<VR> {
    let Address::Private { group, creator, element } = address else { return None };
    let own = (*group, creator.as_str(), *element);
    let at = safe_private().partition_point(|row| (row.group, row.creator, row.element) < own);
    safe_private().get(at).filter(|row| (row.group, row.creator, row.element) == own)?.vr
}

/// Whether an Attribute of the dictionary is one tag.
fn is_single(index: u16) -> bool {
    !dictionary().all()[usize::from(index)].repeating
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

fn row_source(row: &'static Row, code: &'static str, option: Option<ProfileOption>) -> Source {
    Source::Row { row: row.address.into(), code: code.into(), option }
}

fn source(section: &str, entry: &Entry) -> Source {
    Source::Entry { section: section.to_owned(), key: entry.key.clone() }
}

fn removed(group: Repeating) -> Source {
    Source::Option(Cow::Borrowed(match group {
        Repeating::Curves => "remove_curves = true",
        Repeating::Overlays => "remove_overlays = true",
    }))
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
