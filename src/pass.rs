//! One way through the elements of a file: each decided, edited, verified, counted.

mod account;
mod finish;
mod renewed;
mod repeats;
#[cfg(test)]
mod support;
mod usual;

use crate::action::{Effect, Scene};
use crate::blocks::Blocks;
use crate::config::{Macro, Segment};
use crate::edit::Edits;
use crate::element::{CONTAINER, DataSet, Element, SUPERSEDED, UNDEFINED_LENGTH, known_vr};
use crate::error::{Code, Error, Place};
use crate::frames::{self, Outcome, Unused};
use crate::identifiers::{Accents, Identifiers, folded, has_double_space};
use crate::large::Large;
use crate::marks::{CODES, Marks};
use crate::plan::{Action, Attribute, Decision, Plan, Source, UsualTable};
use crate::profile;
use crate::report::{Change, Counts, Warning};
use crate::value;
use crate::verify::{Verdict, value_vr, verify};
use crate::{Tag, VR};
use account::oddities;
use dicom_dictionary_std::tags;

/// Most warnings of one file; more of the same help nobody.
const MAX_WARNINGS: usize = 100;

/// The file's own identifiers, without those that entries of the settings or Options of the profile keep or copy elsewhere.
fn identifiers(scene: &Scene<'_>) -> Identifiers {
    let stays = |tag| {
        let (action, because) = decide(scene.plan, tag);
        let copied = match action {
            Action::Keep => true,
            Action::KeepValid => matches!(because, Source::Row { option: Some(_), .. }),
            Action::Set(template) => template.0.contains(&Segment::Macro(Macro::Value(None))),
            _ => false,
        };
        // Other UIDs than the three that all settings decide about stay under `none`.
        let keeps_uid = matches!(action, Action::Keep | Action::KeepValid) && known_vr(tag) == Some(VR::UI);
        keeps_uid
            || (copied && matches!(because, Source::Entry { .. } | Source::Row { .. }))
            || scene.plan.referenced_values().contains(&tag)
    };
    Identifiers::of(scene.data_set, stays, |element, value| scene.decoded(element, value))
}

/// One way through the elements of a file.
pub(crate) struct Pass<'a> {
    scene: &'a Scene<'a>,
    edits: Edits<'a>,
    /// Who reserved private blocks, where the plan asks for it.
    blocks: Blocks,
    counts: Counts,
    warnings: Vec<Warning>,
    unchecked: Vec<&'static str>,
    pub(crate) changes: Option<Vec<Change>>,
    /// Originals of this file's own UIDs that are replaced.
    own_uids: Vec<&'a str>,
    /// What identifies the file, if values that stay are to be searched for it.
    identifiers: Option<Identifiers>,
    /// Values that stay and are searched when they are read.
    large: Vec<Large>,
    /// Texts that stayed, by their Attribute: most are there many times.
    stayed: usual::Stayed<'a>,
    /// Elements that were replaced.
    renewed: renewed::Renewed<'a>,
    /// Sequences in which all was plain.
    repeats: repeats::Repeats,
    /// What the file says about its de-identification.
    marks: Marks,
    /// New values of top-level elements that the output's name and head are made of.
    written: Written,
}

/// What became of the top-level elements that name the output: `None` if the element stays or is absent.
#[derive(Default)]
struct Written {
    patient_id: Option<Vec<u8>>,
    accession: Option<Vec<u8>>,
    study_uid: Option<Vec<u8>>,
    series_uid: Option<Vec<u8>>,
    instance_uid: Option<Vec<u8>>,
    sop_class: Option<Vec<u8>>,
    instance_number: Option<Vec<u8>>,
}

/// Whether the output's name or head is made of an Attribute.
pub(crate) fn names_the_output(tag: Tag) -> bool {
    Written::default().slot(tag).is_some()
}

impl Written {
    fn slot(&mut self, tag: Tag) -> Option<&mut Option<Vec<u8>>> {
        Some(match tag {
            tags::PATIENT_ID => &mut self.patient_id,
            tags::ACCESSION_NUMBER => &mut self.accession,
            tags::STUDY_INSTANCE_UID => &mut self.study_uid,
            tags::SERIES_INSTANCE_UID => &mut self.series_uid,
            tags::SOP_INSTANCE_UID => &mut self.instance_uid,
            tags::SOP_CLASS_UID => &mut self.sop_class,
            tags::INSTANCE_NUMBER => &mut self.instance_number,
            _ => return None,
        })
    }
}

impl<'a> Pass<'a> {
    pub(crate) fn new(scene: &'a Scene<'a>, changes: Option<Vec<Change>>) -> Self {
        let identity = &scene.identity;
        let own = [
            (tags::STUDY_INSTANCE_UID, &identity.study_uid),
            (tags::SERIES_INSTANCE_UID, &identity.series_uid),
            (tags::SOP_INSTANCE_UID, &identity.instance_uid),
        ];
        let own_uids = own
            .into_iter()
            .filter(|(tag, uid)| !uid.is_empty() && *decide(scene.plan, *tag).0 == Action::Uid)
            .map(|(_, uid)| uid.as_str())
            .collect();
        let identifiers = scene.plan.verifies().then(|| identifiers(scene));
        let mut marks = Marks::of(scene.data_set, scene.plan, identifiers.as_ref());
        if matches!(decide(scene.plan, CODES).1, Source::Entry { .. }) {
            marks.untrue.clear();
        }
        Pass {
            scene,
            marks,
            edits: Edits::new(scene.data_set),
            blocks: Blocks::default(),
            counts: Counts::default(),
            warnings: oddities(&scene.data_set.oddities),
            unchecked: Vec::new(),
            changes,
            own_uids,
            identifiers,
            large: Vec::new(),
            stayed: usual::Stayed::new(),
            renewed: renewed::Renewed::default(),
            repeats: repeats::Repeats::new(),
            written: Written::default(),
        }
    }

    /// Goes through all elements; with a table of those that are usual the short way, which leaves no notes of what stays.
    pub(crate) fn run(&mut self, usual: Option<&UsualTable>) -> Result<(), Error> {
        let scene = self.scene;
        let mut at = 0;
        let mut patterns = match usual {
            Some(_) if scene.data_set.is_contiguous() => scene.data_set.patterns.as_slice(),
            _ => &[],
        };
        while let Some(element) = scene.data_set.element(at) {
            self.leave_patterns(at);
            if let [pattern, rest @ ..] = patterns
                && pattern.index <= at
            {
                patterns = rest;
                // What stands before is in a Sequence that went, or was gone past.
                if pattern.index == at && self.is_repeated(*pattern, element)? {
                    at = element.next;
                }
                continue;
            }
            if element.is_item() && !self.marks.untrue.contains(&at) {
                at += 1;
                continue;
            }
            if usual.is_some_and(|table| self.is_usual(table, element)) {
                debug_assert!(self.would_keep(at, element), "the long way leads elsewhere: {element:?}");
                self.counts.kept += 1;
                at += 1;
                continue;
            }
            if usual.is_some() && self.is_renewed(at, element)? {
                at += 1;
                continue;
            }
            self.reach_private(at, element);
            at = if element.is_item() || element.has(SUPERSEDED) {
                self.repeats.spoil();
                self.edits.remove(at, element)?;
                element.next
            } else {
                self.visit(at, element)?
            };
        }
        self.insert_missing()?;
        self.mark()
    }

    /// What the whole of the rules says of a usual element: every test of a build with debug assertions asks.
    fn would_keep(&mut self, index: u32, element: &Element) -> bool {
        let Decision { action, because, .. } = self.decide(element);
        let action = self.scene.of_concept(element, action, matches!(because, Source::Entry { .. }));
        let noted = self.warnings.len() + self.large.len();
        let stays = matches!(self.effect(index, element, action, because), Ok(Effect::Keep));
        stays && self.warnings.len() + self.large.len() == noted
    }

    /// Before the first private element of a group: who reserved its blocks, and what of them stays.
    fn reach_private(&mut self, index: u32, element: &Element) {
        let scene = self.scene;
        if is_private(element.tag) && scene.plan.names_private() {
            self.blocks.reach(scene.data_set, index, |index, element, creator| {
                let decision = scene.plan.decide(Attribute { tag: element.tag, creator });
                !matches!(scene.apply(index, element, decision.action), Ok(Effect::Remove(_)))
            });
        }
    }

    fn decide(&self, element: &Element) -> Decision<'a> {
        let Scene { plan, data_set, .. } = self.scene;
        let tag = element.tag;
        if !is_private(tag) || !plan.names_private() {
            return plan.decide_found(Attribute { tag, creator: None }, self.scene.look_up(tag));
        }
        if matches!(tag.1, 0x10..=0xFF)
            && let Some(stays) = self.blocks.stays(element)
        {
            return plan.decide_creator(tag, stays);
        }
        plan.decide(Attribute { tag, creator: self.blocks.creator(data_set, element) })
    }

    /// Decides and edits one element; returns the index of the next one to visit.
    fn visit(&mut self, index: u32, element: &Element) -> Result<u32, Error> {
        let Decision { action, because, .. } = self.decide(element);
        let explicit = matches!(because, Source::Entry { .. });
        let action = self.scene.of_concept(element, action, explicit);
        let effect = self.effect(index, element, action, because)?;
        if element.tag == CODES && element.depth == 0 && !explicit {
            let effect = self.with_codes(index, element, effect);
            let next = self.edit(index, element, effect, action, because)?;
            if next == index + 1 && element.next > next {
                self.append_codes(index)?;
            }
            return Ok(next);
        }
        let is_image = element.tag.group() == 0x7FE0 || frames::has_pixels(element.tag);
        if is_image && matches!(effect, Effect::Keep) {
            match self.clean_frames(element) {
                Outcome::Same => {}
                Outcome::Gone => return self.edit(index, element, Effect::Remove(None), action, because),
                Outcome::Parts(parts) => {
                    self.repeats.spoil();
                    self.note(index, element, &effect, action, because);
                    self.edits.splice(index, element, parts)?;
                    return Ok(element.next);
                }
            }
        }
        self.edit(index, element, effect, action, because)
    }

    /// What becomes of an element whose action is known.
    fn effect(
        &mut self,
        index: u32,
        element: &Element,
        action: &'a Action,
        because: &'a Source,
    ) -> Result<Effect, Error> {
        if matches!(because, Source::Entry { .. }) {
            return self.scene.apply(index, element, action);
        }
        if let Some((vr, value)) = self.marks.value(element) {
            return Ok(Effect::Replace { vr, value: value.to_vec(), warning: None });
        }
        match self.scene.apply(index, element, action)? {
            Effect::Keep => match self.follow_own_uids(element) {
                Effect::Keep => self.verified(index, element, action, because),
                follows => Ok(follows),
            },
            other => Ok(other),
        }
    }

    /// Counts what becomes of an element, and whatever else is kept of it.
    #[inline(always)]
    fn note(&mut self, index: u32, element: &Element, effect: &Effect, action: &Action, because: &Source) {
        self.record(index, element, effect, because);
        self.count(index, element, effect, action);
        if let (0, Some(slot)) = (element.depth, self.written.slot(element.tag)) {
            *slot = match effect {
                Effect::Keep => None,
                Effect::Remove(_) => Some(Vec::new()),
                Effect::Replace { value, .. } => Some(value.clone()),
            };
        }
    }

    /// Edits one element; returns the index of the next one to visit.
    fn edit(
        &mut self,
        index: u32,
        element: &Element,
        effect: Effect,
        action: &Action,
        because: &Source,
    ) -> Result<u32, Error> {
        let renewable = self.is_renewable(element, &effect, action, because);
        if !renewable {
            self.repeats.spoil();
        }
        let (start, uids) = (self.edits.new_bytes().len(), self.counts.uids);
        self.note(index, element, &effect, action, because);
        match effect {
            Effect::Keep => return Ok(index + 1),
            Effect::Remove(_) => self.edits.remove(index, element)?,
            Effect::Replace { vr, value, .. } => self.edits.replace(index, element, vr, &value)?,
        }
        if renewable {
            self.remember(element, action, start, self.counts.uids - uids);
        }
        Ok(element.next)
    }

    /// Kept Pixel Data loses what no decoder needs.
    fn clean_frames(&mut self, element: &Element) -> Outcome<'a> {
        let data_set = self.scene.data_set;
        let icon = element.depth > 0 && element.tag.group() == 0x7FE0;
        if icon || !self.scene.plan.cleans_frames() {
            return Outcome::Same;
        }
        if let Some((code, message)) = frames::doubt(data_set, element) {
            self.warnings.push(Warning { code, path: None, message });
        }
        if element.tag == tags::PIXEL_DATA {
            self.clean_unused_bits();
        }
        frames::outcome(data_set, element)
    }

    fn clean_unused_bits(&mut self) {
        match unused_bits(self.scene.plan, self.scene.data_set) {
            Unused::Nothing => {}
            Unused::Unknown => self.unchecked.push("unused-bits"),
            Unused::Masked(masked) => self.edits.mask(masked),
            Unused::Fixed => {
                let message = "bits beside the pixels may hold an overlay, and could not be cleared";
                self.warnings.push(Warning { code: "unused-bits-not-checked", path: None, message });
            }
        }
    }

    /// Where one of this file's own UIDs is replaced, every mention of it follows.
    fn follow_own_uids(&self, element: &Element) -> Effect {
        let is_uid = element.vr == VR::UI && known_vr(element.tag).is_none_or(|vr| vr == VR::UI);
        if !is_uid || self.own_uids.is_empty() || profile::names_class_or_scheme(element.tag) {
            return Effect::Keep;
        }
        let value = self.scene.data_set.value(element).unwrap_or_default();
        let own = value
            .split(|b| *b == b'\\')
            .any(|part| self.own_uids.iter().any(|uid| uid.as_bytes() == value::trim(part)));
        if own { self.scene.map_uids(element, VR::UI) } else { Effect::Keep }
    }

    /// What becomes of a value that would stay, after a look at what it holds.
    fn verified(&mut self, index: u32, element: &Element, action: &Action, because: &Source) -> Result<Effect, Error> {
        let Some(identifiers) = self.identifiers.as_ref().filter(|_| !element.has(CONTAINER)) else {
            return Ok(Effect::Keep);
        };
        let data_set = self.scene.data_set;
        let path = || data_set.path(index as usize);
        // Of fragments some may be held, as the windows were.
        let value = data_set.value(element).filter(|_| !element.has(UNDEFINED_LENGTH));
        if value.is_none() && !data_set.searched {
            self.large.extend(Large::of(element, value_vr(element, action)));
        }
        let verdict = match verify(identifiers, element, value, action, because) {
            Verdict::Clean => self.verified_folded(identifiers, element, action, because),
            other => other,
        };
        Ok(match verdict {
            Verdict::Clean => Effect::Keep,
            Verdict::Replace(value) => {
                let vr = value_vr(element, action);
                Effect::Replace { vr, value, warning: Some("identifier-found") }
            }
            Verdict::Map => self.scene.map_uids(element, VR::UI),
            Verdict::Report => {
                let message =
                    "stays, since the file cannot be read without it, but reads like an identifier of this file";
                if self.warnings.len() < MAX_WARNINGS {
                    self.warnings.push(Warning { code: "identifier-kept", path: Some(path()), message });
                }
                Effect::Keep
            }
            Verdict::Refuse => {
                let message = "an identifier of this file stands in a value that would stay; remove the Attribute by an \
                               entry of the settings";
                return Err(Error::new(Code::Refused, message).at(Place::Path(path())));
            }
        })
    }

    /// The same name in another character set, or written otherwise.
    fn verified_folded(
        &self,
        identifiers: &Identifiers,
        element: &Element,
        action: &Action,
        because: &Source,
    ) -> Verdict {
        let value = self.scene.data_set.value(element).filter(|_| value::is_localised(value_vr(element, action)));
        let Some(value) = value.filter(|value| !value.is_ascii() || has_double_space(value)) else {
            return Verdict::Clean;
        };
        let decoded = self.scene.decoded(element, value);
        let spellings = [Accents::Dropped, Accents::Spelled].map(|accents| folded(&decoded, accents));
        let verdicts =
            spellings.iter().map(|text| verify(identifiers, element, Some(text.as_bytes()), action, because));
        verdicts.into_iter().find(|verdict| *verdict != Verdict::Clean).unwrap_or(Verdict::Clean)
    }

    /// Entries of the settings insert what is absent, at top level only.
    fn insert_missing(&mut self) -> Result<(), Error> {
        let scene = self.scene;
        for (tag, action, because) in scene.plan.insertions() {
            if scene.data_set.child(u32::MAX, tag).is_some() {
                continue;
            }
            let vr = known_vr(tag).unwrap_or(VR::UN);
            let value = match action {
                Action::Set(template) => {
                    let path = || Place::Path(format!("({:04X},{:04X})", tag.group(), tag.element()));
                    let text = scene.expand(template, tag, None, vr).map_err(|error| error.or_at(path))?;
                    scene.encode(tag, vr, scene.data_set.syntax.encoding, &text)?
                }
                _ => Vec::new(),
            };
            self.insert(tag, vr, value, &because.to_string())?;
        }
        Ok(())
    }

    fn insert(&mut self, tag: Tag, vr: VR, value: Vec<u8>, because: &str) -> Result<(), Error> {
        self.edits.insert(tag, vr, &value)?;
        self.counts.inserted += 1;
        if let Some(changes) = &mut self.changes {
            changes.push(Change {
                path: format!("({:04X},{:04X})", tag.group(), tag.element()),
                keyword: profile::keyword(tag).to_owned(),
                vr: vr.to_string().to_owned(),
                action: "inserted",
                because: because.to_owned(),
                before: String::new(),
                after: crate::display::shown(vr, self.scene.data_set.syntax.encoding, &value, b""),
            });
        }
        if let Some(slot) = self.written.slot(tag) {
            *slot = Some(value);
        }
        Ok(())
    }

    /// A (0012,0064) without Items that could stay is written anew.
    fn with_codes(&self, index: u32, element: &Element, effect: Effect) -> Effect {
        let value = self.marks.items(element.encoding());
        if value.is_empty() || (effect == Effect::Keep && element.next > index + 1) {
            return effect;
        }
        Effect::Replace { vr: VR::SQ, value, warning: None }
    }

    /// Items go behind those that are there, in their encoding.
    fn append_codes(&mut self, sequence: u32) -> Result<(), Error> {
        let first = self.scene.data_set.element(sequence + 1);
        let items = first.map(|item| self.marks.items(item.encoding())).unwrap_or_default();
        if !items.is_empty() {
            self.edits.append(sequence, items)?;
            self.counts.inserted += 1;
        }
        Ok(())
    }

    /// Says in the file that it was de-identified, where it does not say so yet (PS3.15 E.1).
    fn mark(&mut self) -> Result<(), Error> {
        let data_set = self.scene.data_set;
        let mut values = self.marks.values.clone();
        let codes = self.marks.items(data_set.syntax.encoding);
        if !codes.is_empty() {
            values.push((CODES, VR::SQ, codes));
        }
        for (tag, vr, value) in values {
            let explicit = matches!(decide(self.scene.plan, tag).1, Source::Entry { .. });
            if !explicit && data_set.child(u32::MAX, tag).is_none() {
                self.insert(tag, vr, value, "the file says that it was de-identified")?;
            }
        }
        Ok(())
    }
}

fn is_private(tag: Tag) -> bool {
    tag.0 & 1 == 1
}

fn decide(plan: &Plan, tag: Tag) -> (&Action, &Source) {
    let decision = plan.decide(Attribute { tag, creator: None });
    (decision.action, decision.because)
}

/// What becomes of bits beside the pixels: overlays that the rules remove do not stay there.
pub(crate) fn unused_bits(plan: &Plan, data_set: &DataSet) -> Unused {
    let goes = |tag| !matches!(decide(plan, tag).0, Action::Keep | Action::KeepValid);
    frames::unused(data_set, goes, plan.clears_unused_bits())
}
