//! Content that rules for Attributes do not reach: documents, pictures that may show names, faces.
//!
//! What a file is, it says itself: SOP Class, Modality, Image Type, Burned In Annotation (0028,0301) and a few more.
//! The settings say for each class what becomes of such files; whatever they say is written in the file's report.

use crate::element::{DataSet, Element};
use crate::error::{Code, Error, Place};
use crate::identity::sop_class;
use crate::plan::{Action, Attribute, Plan, Source};
use crate::report::RiskNote;
use crate::{Tag, VR, value};
use dicom_dictionary_std::tags;

/// A class of risky content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Risk {
    /// An encapsulated document: PDF, CDA, STL, OBJ, MTL.
    Documents,
    /// The label of a microscope slide.
    SlideLabel,
    /// Burned In Annotation (0028,0301) is YES.
    BurnedIn,
    /// Secondary Capture, and images that were digitized.
    SecondaryCapture,
    /// Saved screens and dose reports.
    ScreenSave,
    /// Ultrasound that does not say that nothing is burned in.
    Ultrasound,
    /// Faces, and heads in CT, MR and PET.
    Faces,
    /// Another image that does not say that nothing is burned in.
    Unstated,
    /// The same, for the grey images of CT, MR, PET and nuclear medicine, which hardly ever show text.
    UnstatedSlices,
}

/// What becomes of files with risky content. The strictest of all that apply to a file wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Policy {
    /// They have no output.
    Refuse,
    /// Someone should look at them before they are passed on.
    Warn,
    /// They are noted in the report.
    Pass,
    /// Their document is replaced by a blank one.
    Blank,
}

/// What is known of a class: its option, its error code, and why it is one.
struct About {
    option: &'static str,
    code: &'static str,
    why: &'static str,
}

const fn about(option: &'static str, code: &'static str, why: &'static str) -> About {
    About { option, code, why }
}

const UNSTATED: &str = "the file does not say that no text is burned into the picture";

/// In the order of [`Risk::ALL`].
const ABOUT: [About; Risk::ALL.len()] = [
    about("risk_documents", "risk-documents", "a document such as a PDF can hold names anywhere in it"),
    about("risk_slide_label", "risk-slide-label", "the picture shows the slide's label"),
    about("risk_burned_in", "risk-burned-in", "the file says that text is burned into the picture"),
    about("risk_secondary_capture", "risk-secondary-capture", "a captured or scanned picture can show names"),
    about("risk_screen_save", "risk-screen-save", "a saved screen or dose report mostly shows names"),
    about(
        "risk_ultrasound",
        "risk-ultrasound",
        "an ultrasound picture often shows names, and the file does not deny it",
    ),
    about("risk_faces", "risk-faces", "a face can be made out from pictures of a head"),
    about("risk_unstated", "risk-unstated", UNSTATED),
    about("risk_unstated_slices", "risk-unstated-slices", UNSTATED),
];

impl Risk {
    /// Every class, the gravest first.
    pub const ALL: [Risk; 9] = [
        Risk::Documents,
        Risk::SlideLabel,
        Risk::BurnedIn,
        Risk::SecondaryCapture,
        Risk::ScreenSave,
        Risk::Ultrasound,
        Risk::Faces,
        Risk::Unstated,
        Risk::UnstatedSlices,
    ];

    fn about(self) -> &'static About {
        &ABOUT[self as usize]
    }

    /// The option of the settings that rules it, such as `risk_documents`.
    pub fn option(self) -> &'static str {
        self.about().option
    }

    /// The code of the error when such a file is refused, such as `risk-documents`.
    pub fn code(self) -> &'static str {
        self.about().code
    }

    /// Its name in reports, such as `documents`.
    pub fn class(self) -> &'static str {
        self.code().strip_prefix("risk-").unwrap_or_default()
    }

    /// Why it is a risk, in a sentence.
    pub fn why(self) -> &'static str {
        self.about().why
    }

    /// The class that an option rules.
    pub(crate) fn of_option(key: &str) -> Option<Risk> {
        Risk::ALL.into_iter().find(|risk| risk.option() == key)
    }

    /// The policy where the settings have none. The preset `none` refuses nothing, as it promises nothing.
    pub(crate) fn default_policy(self, cautious: bool) -> Policy {
        match self {
            Risk::Documents | Risk::SlideLabel | Risk::BurnedIn if cautious => Policy::Refuse,
            Risk::UnstatedSlices => Policy::Pass,
            _ => Policy::Warn,
        }
    }
}

impl Policy {
    /// The policy as the settings and reports write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Policy::Refuse => "refuse",
            Policy::Warn => "warn",
            Policy::Pass => "pass",
            Policy::Blank => "blank",
        }
    }

    /// The policies that a class can have, the strictest first.
    pub(crate) fn of(risk: Risk) -> &'static [Policy] {
        match risk {
            Risk::Documents => &[Policy::Refuse, Policy::Blank, Policy::Warn, Policy::Pass],
            _ => &[Policy::Refuse, Policy::Warn, Policy::Pass],
        }
    }
}

/// What is risky in a file, with the policy for it.
///
/// # Errors
/// [`Code::Risk`] if the settings refuse such files.
pub(crate) fn assess(data_set: &DataSet, plan: &Plan) -> Result<Vec<RiskNote>, Error> {
    let found = Look { data_set, plan }.found();
    let note = |(risk, tag): (Risk, Tag)| {
        let policy = if risk == Risk::Documents { document_policy(plan) } else { plan.policy(risk) };
        let path = format!("({:04X},{:04X})", tag.group(), tag.element());
        match policy {
            Policy::Refuse => Err(refusal(risk).at(Place::Path(path))),
            _ => Ok(RiskNote { class: risk.class(), policy: policy.as_str(), path, message: risk.why() }),
        }
    };
    found.into_iter().map(note).collect()
}

fn refusal(risk: Risk) -> Error {
    let blank = if risk == Risk::Documents { "blank, " } else { "" };
    Error::new(
        Code::Risk(risk),
        format!("{}; to take such files, set {} to {blank}warn or pass", risk.why(), risk.option()),
    )
}

/// The payload goes by the policy, by an entry of the settings, or with all that is unknown; what an entry keeps is not
/// blank, whatever the policy says.
fn document_policy(plan: &Plan) -> Policy {
    let (action, because) = decide(plan, tags::ENCAPSULATED_DOCUMENT);
    match plan.policy(Risk::Documents) {
        _ if !stays(action) && matches!(because, Source::Entry { .. } | Source::Option(_)) => Policy::Blank,
        Policy::Blank => Policy::Warn,
        policy => policy,
    }
}

#[inline(never)] // as for `Look::element`
fn decide(plan: &Plan, tag: Tag) -> (&Action, &Source) {
    let decision = plan.decide(Attribute { tag, creator: None });
    (decision.action, decision.because)
}

fn stays(action: &Action) -> bool {
    matches!(action, Action::Keep | Action::KeepValid)
}

/// What a SOP Class and Modality say about the pictures.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Taken from a screen, a video or paper.
    Capture,
    Ultrasound,
    Slide,
    /// CT, MR, PET, nuclear medicine.
    Slices,
    /// Numbers that no one sees as they are: segments, doses, maps.
    Data,
    Other,
}

/// Storage SOP Classes below `1.2.840.10008.5.1.4.1.1.` (PS3.4 B.5), by the kind of their pictures.
const KINDS: [(Kind, &str); 5] = [
    (Kind::Capture, "7 7.1 7.2 7.3 7.4"),
    (Kind::Ultrasound, "3 3.1 6 6.1 6.2 6.3"),
    (Kind::Slide, "77.1.6"),
    (Kind::Slices, "2 2.1 2.2 4 4.1 4.4 5 20 128 128.1 130"),
    (Kind::Data, "4.2 30 66 66.4 66.7 481.2"),
];
/// Modalities, for files without a SOP Class that is registered.
const MODALITIES: [(Kind, &str); 4] =
    [(Kind::Ultrasound, "US IVUS"), (Kind::Slide, "SM"), (Kind::Slices, "CT MR PT NM"), (Kind::Data, "SEG RTDOSE")];
/// Conversion Types (PS3.3 C.8.6.1) of what was paper, film or video before.
const DIGITIZED: &str = "DF DV SD SI";
/// What Image Type and Series Description of saved screens say; `CT_SOM5 PROT` is the protocol of a Siemens scanner.
const SCREENS: Starts =
    Starts::of("SCREEN SAV|SCREENSAV|SCREEN CAP|SCREENSHOT|DOSE REPORT|DOSE INFO|PATIENT PROT|PROT ");
/// How words for the head and its parts begin.
const HEADS: Starts = Starts::of(
    "HEAD|BRAIN|SKULL|FACE|FACIAL|CRANI|NEURO|CEREB|SINUS|ORBIT|EYE|NASAL|JAW|MANDIB|MAXILL|DENTAL|TMJ|\
     PITUIT|KOPF|TETE|CABE|HOOFD",
);
/// SNOMED CT and SRT codes of the same: head, brain, face, skull, head and neck, orbit, paranasal sinus.
const HEAD_CODES: &str =
    "69536005 12738006 89545001 89546000 774007 363654007 2095001 T-D1100 T-A0100 T-D1200 T-11100 T-D1000";

/// Whether a word is one of a list.
fn is_one_of(list: &str, word: &[u8]) -> bool {
    list.as_bytes().split(|byte| *byte == b' ').any(|known| known == word)
}

/// How words begin, `|` between them.
struct Starts {
    list: &'static [u8],
    /// By the five lower bits: the letters that any of them begins with.
    initials: u32,
}

impl Starts {
    const fn of(list: &'static str) -> Self {
        let list = list.as_bytes();
        let (mut initials, mut at) = (0, 0);
        while at < list.len() {
            if at == 0 || list[at - 1] == b'|' {
                initials |= 1 << (list[at] & 31);
            }
            at += 1;
        }
        Starts { list, initials }
    }

    /// Whether a word in a text begins like one of them; words stand behind single spaces.
    fn begin_in(&self, words: &[u8]) -> bool {
        let begins = |rest: &[u8]| {
            let may = rest.first().is_some_and(|letter| self.initials >> (letter & 31) & 1 == 1);
            may && self.list.split(|byte| *byte == b'|').any(|start| rest.starts_with(start))
        };
        words.iter().enumerate().any(|(at, byte)| *byte == b' ' && words.get(at + 1..).is_some_and(begins))
    }
}

/// A look at a file that may hold something risky.
struct Look<'a> {
    data_set: &'a DataSet,
    plan: &'a Plan,
}

impl Look<'_> {
    /// Each class with the Attribute that shows it, the gravest first.
    fn found(&self) -> Vec<(Risk, Tag)> {
        let mut found = Vec::new();
        if self.has_document() {
            found.push((Risk::Documents, tags::ENCAPSULATED_DOCUMENT));
        }
        let pixels = [tags::PIXEL_DATA, tags::FLOAT_PIXEL_DATA, tags::DOUBLE_FLOAT_PIXEL_DATA];
        if pixels.into_iter().any(|tag| self.has_value(tag) && stays(decide(self.plan, tag).0)) {
            self.look_at_picture(&mut found);
        }
        found
    }

    fn look_at_picture(&self, found: &mut Vec<(Risk, Tag)>) {
        let kind = self.kind();
        let stated = self.value(tags::BURNED_IN_ANNOTATION);
        let is_denied = stated == b"NO";
        let unstated = (!is_denied).then_some(tags::BURNED_IN_ANNOTATION);
        let ultrasound = unstated.filter(|_| kind == Kind::Ultrasound);
        // Y, YES\NO: what begins to say it says it.
        let says_so = stated.split(|byte| *byte == b'\\').any(|part| value::trim(part).starts_with(b"Y"));
        let burned_in = says_so.then_some(tags::BURNED_IN_ANNOTATION);
        for (risk, tag) in [
            (Risk::SlideLabel, self.slide_label(kind)),
            (Risk::BurnedIn, burned_in),
            (Risk::SecondaryCapture, self.capture(kind)),
            (Risk::ScreenSave, self.screen()),
            (Risk::Ultrasound, ultrasound),
        ] {
            found.extend(tag.map(|tag| (risk, tag)));
        }
        let unstated = unstated.filter(|_| found.is_empty() && kind != Kind::Data);
        let risk = if kind == Kind::Slices && self.is_grey() { Risk::UnstatedSlices } else { Risk::Unstated };
        found.extend(self.face(kind).map(|tag| (Risk::Faces, tag)));
        found.extend(unstated.map(|tag| (risk, tag)));
    }

    /// Of what kind the pictures are: by the SOP Class, by the Modality where it has none that is registered.
    fn kind(&self) -> Kind {
        let sop_class = sop_class(self.data_set);
        let modality = self.value(tags::MODALITY);
        let named = |list: &[(Kind, &str)], name: &[u8]| {
            list.iter().find(|(_, names)| is_one_of(names, name)).map(|(kind, _)| *kind)
        };
        match sop_class.strip_prefix("1.2.840.10008.5.1.4.1.1.") {
            Some(storage) => named(&KINDS, storage.as_bytes()).or_else(|| named(&MODALITIES[..1], &modality)),
            None => named(&MODALITIES, &modality),
        }
        .unwrap_or(Kind::Other)
    }

    /// PS3.3 C.8.12.4.1.1: Image Type says which picture of a slide it is; (0048,0010), whether its label is in it.
    fn slide_label(&self, kind: Kind) -> Option<Tag> {
        let in_image = self.value(tags::SPECIMEN_LABEL_IN_IMAGE);
        let image_type = self.value(tags::IMAGE_TYPE);
        let labelled = if in_image == b"NO" { "LABEL OVERVIEW" } else { "LABEL OVERVIEW THUMBNAIL" };
        let shows = |image_type: &[u8]| {
            let mut parts = image_type.split(|byte| *byte == b'\\').skip(2);
            kind == Kind::Slide && parts.any(|part| is_one_of(labelled, value::trim(part)))
        };
        if shows(&image_type) {
            return Some(tags::IMAGE_TYPE);
        }
        if self.frame_types().any(|frame_type| shows(&frame_type)) {
            return Some(tags::FRAME_TYPE);
        }
        (in_image == b"YES").then_some(tags::SPECIMEN_LABEL_IN_IMAGE)
    }

    /// PS3.3 C.8.12.9: functional groups say of frames what Image Type says of all.
    fn frame_types(&self) -> impl Iterator<Item = Vec<u8>> {
        let of_slide = |element: &&Element| {
            let around = || self.data_set.enclosing(element).next();
            element.tag == tags::FRAME_TYPE && around() == Some(tags::WHOLE_SLIDE_MICROSCOPY_IMAGE_FRAME_TYPE_SEQUENCE)
        };
        let values =
            self.data_set.elements().iter().filter(of_slide).filter_map(|element| self.data_set.value(element));
        values.map(<[u8]>::to_ascii_uppercase)
    }

    fn capture(&self, kind: Kind) -> Option<Tag> {
        if kind == Kind::Capture {
            return Some(tags::SOP_CLASS_UID);
        }
        let (conversion, image_type) = (self.value(tags::CONVERSION_TYPE), self.value(tags::IMAGE_TYPE));
        let is_secondary = image_type.split(|byte| *byte == b'\\').nth(1).map(value::trim) == Some(b"SECONDARY");
        let is_capture = is_one_of(DIGITIZED, &conversion) || is_secondary && !conversion.is_empty();
        is_capture.then_some(tags::CONVERSION_TYPE)
    }

    fn screen(&self) -> Option<Tag> {
        [tags::IMAGE_TYPE, tags::SERIES_DESCRIPTION].into_iter().find(|tag| self.names(&SCREENS, u32::MAX, *tag))
    }

    /// PS3.3 C.7.6.1.1.7 lets a file say it. Else a head in a volume counts: by its body part, without one by what the
    /// study, series and protocol are called.
    fn face(&self, kind: Kind) -> Option<Tag> {
        let stated = self.value(tags::RECOGNIZABLE_VISUAL_FEATURES);
        if stated == b"YES" {
            return Some(tags::RECOGNIZABLE_VISUAL_FEATURES);
        }
        let modality = self.value(tags::MODALITY);
        let is_volume = is_one_of("CT MR PT", &modality) || modality.is_empty() && kind == Kind::Slices;
        if !is_volume || stated == b"NO" {
            return None;
        }
        let is_head = |tag: &Tag| self.names(&HEADS, u32::MAX, *tag);
        if self.has_value(tags::BODY_PART_EXAMINED) || self.has_value(tags::ANATOMIC_REGION_SEQUENCE) {
            let part = Some(tags::BODY_PART_EXAMINED).filter(is_head);
            return part.or_else(|| self.region_is_head().then_some(tags::ANATOMIC_REGION_SEQUENCE));
        }
        [tags::STUDY_DESCRIPTION, tags::SERIES_DESCRIPTION, tags::PROTOCOL_NAME].into_iter().find(is_head)
    }

    fn region_is_head(&self) -> bool {
        let Some((sequence, _)) = self.data_set.child(u32::MAX, tags::ANATOMIC_REGION_SEQUENCE) else { return false };
        self.data_set.children(sequence).take(8).any(|(item, _)| {
            let code = value::trim(self.bytes(item, tags::CODE_VALUE));
            is_one_of(HEAD_CODES, code) || self.names(&HEADS, item, tags::CODE_MEANING)
        })
    }

    /// A payload other than the blank one.
    fn has_document(&self) -> bool {
        let document = self.bytes(u32::MAX, tags::ENCAPSULATED_DOCUMENT);
        self.has_value(tags::ENCAPSULATED_DOCUMENT) && document != value::dummy(VR::OB)
    }

    fn has_value(&self, tag: Tag) -> bool {
        self.element(u32::MAX, tag).is_some_and(|element| element.length > 0)
    }

    fn is_grey(&self) -> bool {
        let photometric = self.value(tags::PHOTOMETRIC_INTERPRETATION);
        photometric.is_empty() || photometric.starts_with(b"MONOCHROME")
    }

    /// What an element among the children of an entry holds; nothing if it is not there.
    fn bytes(&self, parent: u32, tag: Tag) -> &[u8] {
        self.element(parent, tag).and_then(|element| self.data_set.value(element)).unwrap_or_default()
    }

    #[inline(never)] // one look-up in the wasm, not one at each call
    fn element(&self, parent: u32, tag: Tag) -> Option<&Element> {
        self.data_set.child(parent, tag).map(|(_, element)| element)
    }

    /// A top-level value of codes, trimmed, in upper case.
    fn value(&self, tag: Tag) -> Vec<u8> {
        value::trim(self.bytes(u32::MAX, tag)).to_ascii_uppercase()
    }

    /// Whether a word in a text begins like one of a list. What is no letter or digit stands between words.
    fn names(&self, starts: &Starts, parent: u32, tag: Tag) -> bool {
        let text = self.bytes(parent, tag);
        let mut words = Vec::with_capacity(text.len() + 2);
        words.push(b' ');
        for byte in text.iter().chain(b" ") {
            let byte = if byte.is_ascii_alphanumeric() { byte.to_ascii_uppercase() } else { b' ' };
            if byte != b' ' || words.last() != Some(&b' ') {
                words.push(byte);
            }
        }
        starts.begin_in(&words)
    }
}
