//! Settings → [`Plan`].

use super::{
    Action, Fallback, Plan, Project, Repeating, STRUCTURES, Source, literal, repeating_group, structure, suited,
};
use crate::Tag;
use crate::clean::concerns;
use crate::config::{Command, Config, DateShift, Entry, Macro, Mode, Preset, Section, Segment, Template};
use crate::error::{Code, Error, Place};
use crate::profile::dictionary::{Known, Slots, dictionary};
use crate::profile::preset::{self, Assignment};
use crate::profile::{Referent, Row, Scope, referent, rows};
use crate::sorted::Sorted;
use std::collections::HashMap;

const STUDY: Tag = Tag(0x0020, 0x000D);
const SERIES: Tag = Tag(0x0020, 0x000E);
const INSTANCE: Tag = Tag(0x0008, 0x0018);
const CONTENT: Tag = Tag(0x0040, 0xA730);
const CHARACTER_SET: Tag = Tag(0x0008, 0x0005);

const UIDS: Source = Source::Preset("Study, Series and SOP Instance UIDs are replaced unless the settings keep them");
const REFERENCES: Source = Source::Preset("references follow the UIDs they refer to");
const TEXT_NEEDS_IT: Source = Source::Preset("kept text cannot be read without it");
const NO_SAFE: Source = Source::Option("remove_safe_tags = true");
const KEEP_OVERLAYS: Source = Source::Option("remove_overlays = false");

pub(super) fn compile(config: &Config, project: Option<&str>) -> Result<Plan, Error> {
    let settings = Settings::new(config, project);
    settings.check()?;
    let mut rules = Rules::default();
    let mut by_attribute: Vec<u16> =
        settings.presets().into_iter().map(|(action, source)| rules.add(action, source)).collect();
    let fallback = settings.fallback(&mut rules);
    // One for each entry, and one for the creator of each private one.
    let mut by_tag = Slots::with_room_for(2 * settings.entries.len());
    let mut insertions = Vec::new();
    for &(tag, (section, entry)) in &settings.entries {
        let rule = rules.add(settings.action(entry), source(section, entry));
        match dictionary().find(tag) {
            Some(index) if !dictionary().all()[usize::from(index)].repeating => by_attribute[usize::from(index)] = rule,
            _ => by_tag.insert(tag, rule),
        }
        if settings.inserts(tag, entry) {
            insertions.push((tag, rule));
        }
    }
    settings.add_creators(&mut rules, &mut by_tag);
    let is_cleaned = |tag| {
        let rule = dictionary().find(tag).and_then(|index| by_attribute.get(usize::from(index)));
        rule.is_some_and(|rule| rules.rules[usize::from(*rule)].0 == Action::Clean)
    };
    Ok(Plan {
        cleans_content: is_cleaned(CONTENT),
        preset: settings.preset,
        date_shift: settings.date_shift,
        verifies: settings.verifies,
        clean_frames: settings.clean_frames,
        referenced: settings.referenced(),
        project: settings.project,
        rules: rules.rules,
        by_attribute,
        by_tag,
        fallback,
        insertions,
    })
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
    /// Section and entry, by tag: the project's entries replace the general ones.
    entries: Sorted<Tag, (&'a str, &'a Entry)>,
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
        let own = found.into_iter().flat_map(|(name, section)| section.entries.iter().map(move |e| (name, e)));
        let entries = config.general.entries.iter().map(|entry| ("general", entry)).chain(own);
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
            entries: entries.map(|(section, (tag, entry))| (*tag, (section, entry))).collect(),
        }
    }

    /// Entries that cannot work are errors now, not when the first file is open.
    fn check(&self) -> Result<(), Error> {
        if self.entries.len() > usize::from(u16::MAX / 2) {
            return Err(Error::new(Code::Settings, "more than 32767 tag entries; use options for whole groups"));
        }
        for &(tag, (_, entry)) in &self.entries {
            let checked = match &entry.command {
                Command::Set(template) => literal::check(tag, template, &self.project),
                command => suited::check(tag, command),
            };
            checked.map_err(|error| error.at(Place::Text { line: entry.line, column: entry.column }))?;
        }
        Ok(())
    }

    fn action(&self, entry: &Entry) -> Action {
        match &entry.command {
            Command::Keep => Action::Keep,
            Command::Safe if self.remove_safe => Action::Remove,
            Command::Safe => Action::KeepValid,
            Command::Remove => Action::Remove,
            Command::Clear => Action::Clear,
            Command::Set(template) => Action::Set(template.clone()),
            Command::TruncDate => Action::TruncDate,
            Command::TruncMonth => Action::TruncMonth,
            Command::ShiftDate => Action::ShiftDate,
            Command::Clean => Action::Clean,
            Command::Dummy => Action::Dummy,
            Command::Uid => Action::Uid,
        }
    }

    /// Only public Attributes with a VR can be written where they are missing.
    fn inserts(&self, tag: Tag, entry: &Entry) -> bool {
        matches!(entry.command, Command::Set(_) | Command::Clear)
            && tag.0 & 1 == 0
            && structure(tag).is_none()
            && dictionary().get(tag).is_some_and(|known| known.vr.is_some())
    }

    /// A private element that stays keeps its creator, or it would lose its meaning (PS3.5 7.8.1).
    fn add_creators(&self, rules: &mut Rules, by_tag: &mut Slots) {
        for (tag, (section, entry)) in &self.entries {
            let private = tag.0 & 1 == 1 && tag.1 >= 0x1000;
            let creator = Tag(tag.0, tag.1 >> 8);
            if private && self.action(entry) != Action::Remove && by_tag.get(creator).is_none() {
                by_tag.insert(creator, rules.add(Action::Keep, source(section, entry)));
            }
        }
    }

    fn referenced(&self) -> Vec<Tag> {
        let templates = self.entries.values().filter_map(|(_, entry)| match &entry.command {
            Command::Set(Template(segments)) => Some(segments),
            _ => None,
        });
        let tags: Sorted<Tag, ()> = templates
            .flatten()
            .filter_map(|segment| match segment {
                Segment::Macro(Macro::Value(Some(tag))) => Some((*tag, ())),
                _ => None,
            })
            .collect();
        tags.keys().copied().collect()
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
        self.cleaned(known)
            .or_else(|| self.group(known))
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
        let cleaning = self.entries.iter().filter(|(_, (_, entry))| entry.command == Command::Clean);
        cleaning.filter_map(|(tag, found)| Some((concerns::led_by(*tag)?, found))).find_map(|(option, found)| {
            let (section, entry) = found;
            Some((concerns::concerned(option, known.tag, known.vr)?, source(section, entry)))
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

    fn removes(&self, group: Repeating) -> bool {
        match group {
            Repeating::Curves => self.remove_curves,
            Repeating::Overlays => self.remove_overlays,
        }
    }

    /// A reference to a UID that the settings keep is kept, because of the same entry.
    fn uid(&self, tag: Tag) -> Option<(Action, Source)> {
        let bases: &[Tag] = bases(referent(tag)?);
        // What may refer to any of them is mapped as long as one of them is.
        let kept = bases.iter().map(|base| self.kept_by(*base)).collect::<Option<Vec<_>>>()?;
        match kept[..] {
            [(section, entry)] => Some((Action::Keep, source(section, entry))),
            _ => None,
        }
    }

    /// The entry that keeps a base UID.
    fn kept_by(&self, base: Tag) -> Option<(&'a str, &'a Entry)> {
        let (section, entry) = self.entries.get(&base)?;
        matches!(self.action(entry), Action::Keep | Action::KeepValid).then_some((*section, *entry))
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
            structures: STRUCTURES.map(|what| add((Action::Remove, Source::Structure(what)))),
        }
    }
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
