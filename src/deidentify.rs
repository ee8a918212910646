//! The pipeline: index → decisions → edits → parts, and the session that drives it over one file.

use crate::action::{Effect, Scene};
use crate::config::{Macro, Segment};
use crate::datetime::DateTime;
use crate::edit::{Edits, Part};
use crate::element::{DataSet, Element, Oddity, SUPERSEDED, known_vr};
use crate::error::{Code, Error, Place};
use crate::frames::{self, Outcome};
use crate::identifiers::Identifiers;
use crate::meta;
use crate::name;
use crate::plan::{Action, Attribute, Plan, Source};
use crate::profile;
use crate::pseudonym::Pseudonymizer;
use crate::report::{Change, Counts, FileReport, Link, LinkKind, Warning};
use crate::value;
use crate::verify::{Verdict, verify};
use crate::{Tag, VR};
use dicom_dictionary_std::tags;
use std::sync::Arc;

/// Most warnings of one file; more of the same help nobody.
const MAX_WARNINGS: usize = 100;

/// The engine for one set of settings: immutable, `Send + Sync`, cheap to clone.
#[derive(Clone)]
pub struct Deidentifier(Arc<Inner>);

#[derive(Clone)]
struct Inner {
    plan: Plan,
    pseudonyms: Pseudonymizer,
    now: DateTime,
    crosswalk: bool,
}

/// The description of an output and what was done.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Rewrite {
    /// The output, part by part (empty for a deflated file, which the session writes itself).
    pub parts: Vec<Part>,
    /// What was done; holds no identity.
    pub report: FileReport,
    /// Old and new identifiers, if they were asked for.
    pub links: Vec<Link>,
    /// The output's Series Instance UID.
    pub series_uid: String,
    /// The output's SOP Instance UID.
    pub instance_uid: String,
    /// How many bytes of the parts are preamble and File Meta Information.
    pub(crate) head: usize,
}

impl Deidentifier {
    /// An engine with compiled settings, a secret key and the time that counts as now.
    pub fn new(plan: Plan, key: [u8; 32], now: DateTime) -> Self {
        Deidentifier(Arc::new(Inner { plan, pseudonyms: Pseudonymizer::new(key), now, crosswalk: false }))
    }

    /// The same engine, which also lists old and new identifiers in [`Rewrite::links`].
    pub fn with_crosswalk(self) -> Self {
        Deidentifier(Arc::new(Inner { crosswalk: true, ..(*self.0).clone() }))
    }

    /// The compiled settings.
    pub fn plan(&self) -> &Plan {
        &self.0.plan
    }

    /// Describes the de-identified file.
    ///
    /// # Errors
    /// When a replacement does not fit; nothing of the file may be used then.
    pub fn rewrite(&self, data_set: &DataSet) -> Result<Rewrite, Error> {
        let scene = self.scene(data_set);
        let mut pass = Pass::new(&scene, None);
        pass.run()?;
        pass.finish(self.0.crosswalk)
    }

    /// What happens to every element, with values: for the screen of the one who holds the file.
    ///
    /// # Errors
    /// As for [`rewrite`](Self::rewrite).
    pub fn inspect(&self, data_set: &DataSet) -> Result<Vec<Change>, Error> {
        let scene = self.scene(data_set);
        let mut pass = Pass::new(&scene, Some(Vec::new()));
        pass.run()?;
        Ok(pass.changes.unwrap_or_default())
    }

    fn scene<'a>(&'a self, data_set: &'a DataSet) -> Scene<'a> {
        Scene::new(data_set, &self.0.plan, &self.0.pseudonyms, &self.0.now)
    }
}

/// The file's own identifiers, without those that entries of the settings keep or copy elsewhere.
fn identifiers(scene: &Scene<'_>) -> Identifiers {
    let stays = |tag| {
        let (action, because) = decide(scene.plan, tag);
        let copied = match action {
            Action::Keep => true,
            Action::Set(template) => template.0.contains(&Segment::Macro(Macro::Value(None))),
            _ => false,
        };
        (copied && matches!(because, Source::Entry { .. })) || scene.plan.referenced_values().contains(&tag)
    };
    Identifiers::of(scene.data_set, stays, |element, value| scene.decoded(element, value))
}

/// One way through the elements of a file.
struct Pass<'a> {
    scene: &'a Scene<'a>,
    edits: Edits<'a>,
    counts: Counts,
    warnings: Vec<Warning>,
    changes: Option<Vec<Change>>,
    /// Originals of this file's own UIDs that are replaced.
    own_uids: Vec<&'a str>,
    /// What identifies the file, if values that stay are to be searched for it.
    identifiers: Option<Identifiers>,
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
    instance_number: Option<Vec<u8>>,
}

impl Written {
    fn slot(&mut self, tag: Tag) -> Option<&mut Option<Vec<u8>>> {
        Some(match tag {
            tags::PATIENT_ID => &mut self.patient_id,
            tags::ACCESSION_NUMBER => &mut self.accession,
            tags::STUDY_INSTANCE_UID => &mut self.study_uid,
            tags::SERIES_INSTANCE_UID => &mut self.series_uid,
            tags::SOP_INSTANCE_UID => &mut self.instance_uid,
            tags::INSTANCE_NUMBER => &mut self.instance_number,
            _ => return None,
        })
    }
}

impl<'a> Pass<'a> {
    fn new(scene: &'a Scene<'a>, changes: Option<Vec<Change>>) -> Self {
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
        Pass {
            scene,
            edits: Edits::new(scene.data_set),
            counts: Counts::default(),
            warnings: oddities(&scene.data_set.oddities),
            changes,
            own_uids,
            identifiers: scene.plan.verifies().then(|| identifiers(scene)),
            written: Written::default(),
        }
    }

    fn run(&mut self) -> Result<(), Error> {
        let scene = self.scene;
        let mut at = 0;
        while let Some(element) = scene.data_set.element(at) {
            self.edits.reach(at)?;
            at = if element.is_item() {
                self.edits.enter(at);
                at + 1
            } else if element.has(SUPERSEDED) {
                self.edits.remove(at, element);
                element.next
            } else {
                self.visit(at, element)?
            };
        }
        self.edits.reach(at)?;
        self.insert_missing()?;
        self.mark()
    }

    /// Decides and edits one element; returns the index of the next one to visit.
    fn visit(&mut self, index: u32, element: &Element) -> Result<u32, Error> {
        let (action, because) = decide(self.scene.plan, element.tag);
        let effect = match self.marker(element) {
            Some(value) if !matches!(because, Source::Entry { .. }) => {
                Effect::Replace { vr: element.vr, value, warning: None }
            }
            _ => self.scene.apply(index, element, action)?,
        };
        let explicit = matches!(because, Source::Entry { .. });
        let effect = if effect == Effect::Keep && !explicit { self.follow_own_uids(element) } else { effect };
        let effect =
            if effect == Effect::Keep && !explicit { self.verified(index, element, action, because)? } else { effect };
        let outcome = match effect {
            Effect::Keep if element.tag.group() == 0x7FE0 => self.clean_frames(element),
            _ => Outcome::Same,
        };
        let effect = if matches!(outcome, Outcome::Gone) { Effect::Remove(None) } else { effect };
        self.record(index, element, &effect, because);
        self.count(index, element, &effect, action);
        if let (0, Some(slot)) = (element.depth, self.written.slot(element.tag)) {
            *slot = match &effect {
                Effect::Keep => None,
                Effect::Remove(_) => Some(Vec::new()),
                Effect::Replace { value, .. } => Some(value.clone()),
            };
        }
        if let Outcome::Parts(parts) = outcome {
            self.edits.splice(index, element, parts);
            return Ok(element.next);
        }
        match effect {
            Effect::Keep if element.next > index + 1 => {
                self.edits.enter(index);
                Ok(index + 1)
            }
            Effect::Keep => Ok(element.next),
            Effect::Remove(_) => {
                self.edits.remove(index, element);
                Ok(element.next)
            }
            Effect::Replace { vr, value, .. } => {
                self.edits.replace(index, element, vr, &value)?;
                Ok(element.next)
            }
        }
    }

    /// Kept Pixel Data loses what no decoder needs.
    fn clean_frames(&mut self, element: &Element) -> Outcome {
        let data_set = self.scene.data_set;
        if element.depth > 0 || !self.scene.plan.cleans_frames() {
            return Outcome::Same;
        }
        if element.tag == tags::PIXEL_DATA && data_set.cleaned.as_ref().is_some_and(|cleaned| cleaned.unchecked) {
            let message = "the compressed images were not searched for comments and other text in them";
            self.warnings.push(Warning { code: "frames-not-checked", path: None, message });
        }
        frames::outcome(data_set, element)
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
        let Some(identifiers) = &self.identifiers else { return Ok(Effect::Keep) };
        let data_set = self.scene.data_set;
        let path = || data_set.path(index as usize);
        let value = data_set.value(element);
        let verdict = match verify(identifiers, element, value, action, because) {
            // The same name in another character set.
            Verdict::Clean => match value.filter(|value| value::is_localised(element.vr) && !value.is_ascii()) {
                Some(value) => {
                    let decoded = self.scene.decoded(element, value);
                    verify(identifiers, element, Some(decoded.as_bytes()), action, because)
                }
                None => Verdict::Clean,
            },
            other => other,
        };
        Ok(match verdict {
            Verdict::Clean => Effect::Keep,
            Verdict::Replace(value) => {
                let vr = known_vr(element.tag).filter(|_| element.vr == VR::UN).unwrap_or(element.vr);
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
                    let text = scene.expand(template, None, vr).map_err(|error| error.or_at(path))?;
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

    /// What the preset writes to say that the file was de-identified (PS3.15 E.1).
    fn markers(&self) -> Vec<(Tag, VR, Vec<u8>)> {
        let Some(method) = self.scene.plan.method() else { return Vec::new() };
        vec![
            (tags::PATIENT_IDENTITY_REMOVED, VR::CS, b"YES".to_vec()),
            (tags::DEIDENTIFICATION_METHOD, VR::LO, method.as_bytes().to_vec()),
        ]
    }

    fn marker(&self, element: &Element) -> Option<Vec<u8>> {
        if element.depth > 0 || element.tag.group() != 0x0012 {
            return None;
        }
        self.markers().into_iter().find(|(tag, ..)| *tag == element.tag).map(|(.., value)| value)
    }

    fn mark(&mut self) -> Result<(), Error> {
        for (tag, vr, value) in self.markers() {
            let explicit = matches!(decide(self.scene.plan, tag).1, Source::Entry { .. });
            if !explicit && self.scene.data_set.child(u32::MAX, tag).is_none() {
                self.insert(tag, vr, value, "the file says that it was de-identified")?;
            }
        }
        Ok(())
    }

    fn count(&mut self, index: u32, element: &Element, effect: &Effect, action: &Action) {
        match effect {
            Effect::Keep => self.counts.kept += 1,
            Effect::Remove(_) => self.counts.removed += 1,
            Effect::Replace { value, .. } if value.is_empty() => self.counts.emptied += 1,
            Effect::Replace { value, .. } => {
                self.counts.replaced += 1;
                if *action == Action::Uid {
                    self.counts.uids += value.split(|b| *b == b'\\').count() as u32;
                }
            }
        }
        if element.tag == tags::SPECIFIC_CHARACTER_SET && *effect != Effect::Keep {
            let message = "the Specific Character Set was changed; kept text that is not ASCII may be misread";
            let path = Some(self.scene.data_set.path(index as usize));
            self.warnings.push(Warning { code: "character-set-changed", path, message });
        }
        let (Effect::Remove(Some(code)) | Effect::Replace { warning: Some(code), .. }) = effect else { return };
        if self.warnings.len() < MAX_WARNINGS {
            let message = match *code {
                "opaque" => "removed because its structure is not understood",
                "identifier-found" => "replaced because it held an identifier of this file",
                _ if element.vr == VR::SQ => "removed because its VR is not the Attribute's",
                _ => "emptied because the value is not valid for the Attribute's VR",
            };
            self.warnings.push(Warning { code, path: Some(self.scene.data_set.path(index as usize)), message });
        }
    }

    fn record(&mut self, index: u32, element: &Element, effect: &Effect, because: &Source) {
        let Some(changes) = &mut self.changes else { return };
        let data_set = self.scene.data_set;
        let show = |vr, bytes: &[u8]| {
            crate::display::shown(vr, element.encoding(), bytes, self.scene.character_set(element.parent))
        };
        let before = match data_set.value(element) {
            Some(bytes) if !element.is_sequence() => show(element.vr, bytes),
            _ => crate::display::size(element),
        };
        let (action, after) = match effect {
            Effect::Keep => ("kept", before.clone()),
            Effect::Remove(_) => ("removed", String::new()),
            Effect::Replace { value, .. } if value.is_empty() => ("emptied", String::new()),
            Effect::Replace { vr, value, .. } => ("replaced", show(*vr, value)),
        };
        changes.push(Change {
            path: data_set.path(index as usize),
            keyword: profile::keyword(element.tag).to_owned(),
            vr: element.vr.to_string().to_owned(),
            action,
            because: because.to_string(),
            before,
            after,
        });
    }

    fn finish(self, crosswalk: bool) -> Result<Rewrite, Error> {
        let Scene { data_set, pseudonyms, identity, .. } = self.scene;
        let text = |bytes: &Option<Vec<u8>>| bytes.as_deref().map(value::ascii).filter(|text| !text.is_empty());
        let pseudonym =
            |original: &str| pseudonyms.uid(if original.is_empty() { &identity.instance_uid } else { original });
        let fallback = || pseudonyms.uid(&pseudonyms.code(&fingerprint(data_set), &identity.patient));
        let instance_pseudonym =
            if identity.instance_uid.is_empty() { fallback() } else { pseudonym(&identity.instance_uid) };

        // (0002,0003) equals (0008,0018) (PS3.10 7.1), also where that one stays.
        let stays = self.written.instance_uid.is_none()
            && !value::ascii(data_set.top(tags::SOP_INSTANCE_UID).unwrap_or_default()).is_empty();
        let instance_uid = match text(&self.written.instance_uid) {
            Some(new) => new,
            None if stays => identity.instance_uid.clone(),
            None => instance_pseudonym.clone(),
        };
        let series_uid = text(&self.written.series_uid).unwrap_or_else(|| pseudonym(&identity.series_uid));
        let kept_series = self.written.series_uid.is_none() && !identity.series_uid.is_empty();

        let name = name::output(&name::Parts {
            patient: text(&self.written.patient_id).unwrap_or_else(|| pseudonyms.fake_mrn(&identity.patient)),
            study: text(&self.written.study_uid).unwrap_or_else(|| pseudonym(&identity.study_uid)),
            series: series_uid.clone(),
            number: match &self.written.instance_number {
                Some(new) => value::ascii(new),
                None => value::ascii(data_set.top(tags::INSTANCE_NUMBER).unwrap_or_default()),
            },
            instance: text(&self.written.instance_uid).unwrap_or(instance_pseudonym),
        });

        let mut links = Vec::new();
        if crosswalk {
            links = self.links();
        }
        let head = meta::head(&sop_class(data_set), &instance_uid, data_set.syntax.uid());
        let head_len = head.len();
        let parts = self.edits.into_parts(head)?;
        let report = FileReport {
            name,
            patient: pseudonyms.code(b"patient", &identity.patient),
            sop_class: Some(sop_class(data_set)).filter(|uid| is_registered(uid)).unwrap_or_default(),
            transfer_syntax: data_set.syntax.uid().to_owned(),
            input_bytes: data_set.file_len,
            output_bytes: parts.iter().map(Part::byte_len).sum(),
            counts: self.counts,
            warnings: self.warnings,
        };
        let series_uid = if kept_series { identity.series_uid.clone() } else { series_uid };
        Ok(Rewrite { parts, report, links, series_uid, instance_uid, head: head_len })
    }

    fn links(&self) -> Vec<Link> {
        let data_set = self.scene.data_set;
        let uids = self.scene.replaced_uids().into_iter().map(|(old, new)| Link { kind: LinkKind::Uid, old, new });
        let ids = [
            (LinkKind::Patient, tags::PATIENT_ID, &self.written.patient_id),
            (LinkKind::Accession, tags::ACCESSION_NUMBER, &self.written.accession),
        ];
        let ids = ids.into_iter().filter_map(|(kind, tag, new)| {
            let old = data_set.top(tag).filter(|old| !old.is_empty())?;
            let old = crate::text::decode(old, self.scene.character_set(u32::MAX));
            let new = new.as_deref().map_or_else(|| old.clone(), value::ascii);
            Some(Link { kind, old, new })
        });
        ids.chain(uids).collect()
    }
}

fn decide(plan: &Plan, tag: Tag) -> (&Action, &Source) {
    let decision = plan.decide(Attribute { tag, creator: None });
    (decision.action, decision.because)
}

/// What a file without any UID is told apart by: its small values, which are held however it was read.
fn fingerprint(data_set: &DataSet) -> Vec<u8> {
    let values = data_set.children(u32::MAX).filter(|(_, element)| element.length <= 1 << 10);
    values.filter_map(|(_, element)| data_set.value(element)).take(100).collect::<Vec<_>>().join(&0)
}

/// The SOP Class of the Data Set, else of the File Meta Information; classes name no person.
fn sop_class(data_set: &DataSet) -> String {
    let own = data_set.top(tags::SOP_CLASS_UID).unwrap_or_default();
    let class = if own.is_empty() { data_set.meta.sop_class.clone() } else { value::ascii(own) };
    if value::is_valid(VR::UI, class.as_bytes()) { class } else { String::new() }
}

/// UIDs under DICOM's own root are registered (PS3.5 9): they say nothing about who made a file.
fn is_registered(uid: &str) -> bool {
    uid.starts_with("1.2.840.10008.")
}

fn oddities(found: &[Oddity]) -> Vec<Warning> {
    let mut found: Vec<&Oddity> = found.iter().collect();
    found.dedup();
    let warning = |oddity: &&Oddity| {
        let (code, message) = match oddity {
            Oddity::TrailingBytes => ("trailing-bytes", "bytes behind the last element were dropped"),
            Oddity::StrayDelimiter => ("stray-delimiter", "a delimiter without a Sequence was dropped"),
            Oddity::Duplicate => ("duplicate", "of elements with the same tag the last was taken"),
            Oddity::OutOfOrder => ("out-of-order", "elements were put in ascending order"),
            Oddity::WrongTransferSyntax => (
                "wrong-transfer-syntax",
                "the headers are not encoded as the Transfer Syntax that the file states wants it",
            ),
        };
        Warning { code, path: None, message }
    };
    found.iter().map(warning).collect()
}
