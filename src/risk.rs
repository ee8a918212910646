//! Content that rules for Attributes do not reach: documents, pictures that may show names, faces.
//!
//! What a file is, it says itself: SOP Class, Modality, Image Type, Burned In Annotation (0028,0301) and a few more.
//! The settings say for each class what becomes of such files; whatever they say is written in the file's report.

use crate::element::DataSet;
use crate::error::{Code, Error, Place};
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
        self.code().trim_start_matches("risk-")
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

    /// The policies that a class can have.
    pub(crate) fn of(risk: Risk) -> &'static [Policy] {
        let all = &[Policy::Refuse, Policy::Warn, Policy::Pass, Policy::Blank];
        if risk == Risk::Documents { all } else { &all[..3] }
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

/// Of what kind a file's pictures are: by the SOP Class (PS3.4 B.5), by the Modality where it has none that is registered.
fn kind(sop_class: &str, modality: &str) -> Kind {
    let storage = sop_class.strip_prefix("1.2.840.10008.5.1.4.1.1.");
    match (storage, modality) {
        (Some("7" | "7.1" | "7.2" | "7.3" | "7.4"), _) => Kind::Capture,
        (Some("3" | "3.1" | "6" | "6.1" | "6.2" | "6.3"), _) | (_, "US" | "IVUS") => Kind::Ultrasound,
        (Some("77.1.6"), _) | (None, "SM") => Kind::Slide,
        (Some("2" | "2.1" | "2.2" | "4" | "4.1" | "4.4" | "5" | "20" | "128" | "128.1" | "130"), _) => Kind::Slices,
        (None, "CT" | "MR" | "PT" | "NM") => Kind::Slices,
        (Some("4.2" | "30" | "66" | "66.4" | "66.7" | "481.2"), _) | (None, "SEG" | "RTDOSE") => Kind::Data,
        _ => Kind::Other,
    }
}

/// Conversion Types (PS3.3 C.8.6.1) of what was paper, film or video before.
const DIGITIZED: [&str; 4] = ["DF", "DV", "SD", "SI"];
/// What Image Type and Series Description of saved screens say.
const SCREENS: [&str; 7] =
    [" SCREEN SAV", " SCREENSAV", " SCREEN CAP", " SCREENSHOT", " DOSE REPORT", " DOSE INFO", " PATIENT PROT"];
/// How words for the head and its parts begin.
const HEADS: [&str; 22] = [
    " HEAD", " BRAIN", " SKULL", " FACE", " FACIAL", " CRANI", " NEURO", " CEREB", " SINUS", " ORBIT", " EYE",
    " NASAL", " JAW", " MANDIB", " MAXILL", " DENTAL", " TMJ", " PITUIT", " KOPF", " TETE", " CABE", " HOOFD",
];
/// SNOMED CT and SRT codes of the same: head, brain, face, skull, head and neck, orbit, paranasal sinus.
const HEAD_CODES: [&str; 12] = [
    "69536005",
    "12738006",
    "89545001",
    "89546000",
    "774007",
    "363654007",
    "2095001",
    "T-D1100",
    "T-A0100",
    "T-D1200",
    "T-11100",
    "T-D1000",
];

fn names_head(words: &str) -> bool {
    HEADS.iter().any(|head| words.contains(head))
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
        let kind = kind(&self.value(tags::SOP_CLASS_UID), &self.value(tags::MODALITY));
        let stated = self.value(tags::BURNED_IN_ANNOTATION);
        let is_denied = stated == "NO";
        let mut note = |risk, tag: Option<Tag>| found.extend(tag.map(|tag| (risk, tag)));
        note(Risk::SlideLabel, self.slide_label(kind));
        note(Risk::BurnedIn, (stated == "YES").then_some(tags::BURNED_IN_ANNOTATION));
        note(Risk::SecondaryCapture, self.capture(kind));
        note(Risk::ScreenSave, self.screen());
        note(Risk::Ultrasound, (kind == Kind::Ultrasound && !is_denied).then_some(tags::BURNED_IN_ANNOTATION));
        if found.is_empty() && !is_denied && kind != Kind::Data {
            let risk = if kind == Kind::Slices && self.is_grey() { Risk::UnstatedSlices } else { Risk::Unstated };
            found.push((risk, tags::BURNED_IN_ANNOTATION));
        }
        let face = self.face(kind).map(|tag| (Risk::Faces, tag));
        // Faces come before what is merely not stated.
        let at = found.iter().take_while(|(risk, _)| *risk < Risk::Faces).count();
        found.splice(at..at, face);
    }

    /// PS3.3 C.8.12.4.1.1: Image Type says which picture of a slide it is; (0048,0010), whether its label is in it.
    fn slide_label(&self, kind: Kind) -> Option<Tag> {
        let in_image = self.value(tags::SPECIMEN_LABEL_IN_IMAGE);
        let image_type = self.value(tags::IMAGE_TYPE);
        let is = |what: &str| kind == Kind::Slide && image_type.split('\\').skip(2).any(|part| part == what);
        let shows = is("LABEL") || is("OVERVIEW") || is("THUMBNAIL") && in_image != "NO";
        if shows {
            return Some(tags::IMAGE_TYPE);
        }
        (in_image == "YES").then_some(tags::SPECIMEN_LABEL_IN_IMAGE)
    }

    fn capture(&self, kind: Kind) -> Option<Tag> {
        if kind == Kind::Capture {
            return Some(tags::SOP_CLASS_UID);
        }
        let conversion = self.value(tags::CONVERSION_TYPE);
        let is_secondary = self.value(tags::IMAGE_TYPE).split('\\').nth(1) == Some("SECONDARY");
        let is_capture = DIGITIZED.contains(&conversion.as_str()) || is_secondary && !conversion.is_empty();
        is_capture.then_some(tags::CONVERSION_TYPE)
    }

    fn screen(&self) -> Option<Tag> {
        [tags::IMAGE_TYPE, tags::SERIES_DESCRIPTION].into_iter().find(|tag| {
            let words = self.words(u32::MAX, *tag);
            // `CT_SOM5 PROT`: the patient protocol of Siemens scanners.
            SCREENS.iter().any(|screen| words.contains(screen)) || *tag == tags::IMAGE_TYPE && words.contains(" PROT ")
        })
    }

    /// PS3.3 C.7.6.1.1.7 lets a file say it. Else a head in a volume counts: by its body part, without one by what the
    /// study, series and protocol are called.
    fn face(&self, kind: Kind) -> Option<Tag> {
        if self.value(tags::RECOGNIZABLE_VISUAL_FEATURES) == "YES" {
            return Some(tags::RECOGNIZABLE_VISUAL_FEATURES);
        }
        let modality = self.value(tags::MODALITY);
        let is_volume = matches!(modality.as_str(), "CT" | "MR" | "PT") || modality.is_empty() && kind == Kind::Slices;
        if !is_volume || self.value(tags::RECOGNIZABLE_VISUAL_FEATURES) == "NO" {
            return None;
        }
        let names_head = |tag: &Tag| names_head(&self.words(u32::MAX, *tag));
        if self.has_value(tags::BODY_PART_EXAMINED) || self.has_value(tags::ANATOMIC_REGION_SEQUENCE) {
            let part = Some(tags::BODY_PART_EXAMINED).filter(names_head);
            return part.or_else(|| self.region_is_head().then_some(tags::ANATOMIC_REGION_SEQUENCE));
        }
        [tags::STUDY_DESCRIPTION, tags::SERIES_DESCRIPTION, tags::PROTOCOL_NAME].into_iter().find(names_head)
    }

    fn region_is_head(&self) -> bool {
        let Some((sequence, _)) = self.data_set.child(u32::MAX, tags::ANATOMIC_REGION_SEQUENCE) else { return false };
        self.data_set.children(sequence).take(8).any(|(item, _)| {
            let meaning = self.words(item, tags::CODE_MEANING);
            let code = self.data_set.child(item, tags::CODE_VALUE).and_then(|(_, code)| self.data_set.value(code));
            let code = code.map(value::ascii).unwrap_or_default();
            HEAD_CODES.contains(&code.as_str()) || names_head(&meaning)
        })
    }

    /// A payload other than the blank one.
    fn has_document(&self) -> bool {
        let document = self.data_set.child(u32::MAX, tags::ENCAPSULATED_DOCUMENT);
        document.is_some_and(|(_, e)| e.length > 0 && self.data_set.value(e) != Some(value::dummy(VR::OB)))
    }

    fn has_value(&self, tag: Tag) -> bool {
        self.data_set.child(u32::MAX, tag).is_some_and(|(_, element)| element.length > 0)
    }

    fn is_grey(&self) -> bool {
        let photometric = self.value(tags::PHOTOMETRIC_INTERPRETATION);
        photometric.is_empty() || photometric.starts_with("MONOCHROME")
    }

    /// A top-level value of codes, in upper case, without padding around each of them.
    fn value(&self, tag: Tag) -> String {
        let text = value::ascii(self.data_set.top(tag).unwrap_or_default());
        text.split('\\').map(str::trim).collect::<Vec<_>>().join("\\").to_ascii_uppercase()
    }

    /// A text in upper case, its words between single spaces.
    fn words(&self, parent: u32, tag: Tag) -> String {
        let element = self.data_set.child(parent, tag);
        let bytes = element.and_then(|(_, element)| self.data_set.value(element)).unwrap_or_default();
        let mut words = String::from(" ");
        for byte in bytes.iter().map(u8::to_ascii_uppercase).chain([b' ']) {
            match byte {
                b'A'..=b'Z' | b'0'..=b'9' => words.push(char::from(byte)),
                _ if !words.ends_with(' ') => words.push(' '),
                _ => {}
            }
        }
        words
    }
}
