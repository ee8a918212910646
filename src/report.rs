//! What happened to a file, without any of its values.

use serde::Serialize;

/// How many elements were handled how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Stayed as they were.
    pub kept: u32,
    /// Went (elements inside a removed Sequence are not counted).
    pub removed: u32,
    /// Stayed with an empty value.
    pub emptied: u32,
    /// Got another value.
    pub replaced: u32,
    /// UIDs that were mapped (values, not elements).
    pub uids: u32,
    /// Were added.
    pub inserted: u32,
}

/// Something the reader of the report should know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Warning {
    /// Stable text, such as `invalid-value`.
    pub code: &'static str,
    /// Path of the element, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// What happened, in a sentence.
    pub message: &'static str,
}

/// Something risky that no rule for an Attribute reaches, in a file that has an output.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RiskNote {
    /// Its class, such as `ultrasound` ([`crate::Risk::class`]).
    pub class: &'static str,
    /// What the settings say about the class: `warn`, `pass`, or `blank` for a document that was blanked.
    pub policy: &'static str,
    /// The Attribute that shows it.
    pub path: String,
    /// Why it is a risk, in a sentence.
    pub message: &'static str,
}

/// What happened to one file. It holds no Attribute value, file name or path of the user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FileReport {
    /// The output's name, a function of its new identifiers alone, with `/` between folders.
    pub name: String,
    /// A keyed token of the patient: equal for files of one patient, of no use without the key. Two
    /// tokens under one name are a collision of pseudonyms.
    pub patient: String,
    /// UID of the SOP Class, if it is a registered one.
    pub sop_class: String,
    /// UID of the Transfer Syntax, if it is a registered one.
    pub transfer_syntax: String,
    /// Length of the input in bytes.
    pub input_bytes: u64,
    /// Length of the output in bytes (0 while a deflated file is not written yet).
    pub output_bytes: u64,
    /// How many elements were handled how.
    pub counts: Counts,
    /// What the reader should know.
    pub warnings: Vec<Warning>,
    /// Risky content, the gravest first, and the policy for it.
    pub risks: Vec<RiskNote>,
    /// What was not looked at, though nothing says that there is anything: `unused-bits`; of a rewrite without a
    /// [`Session`](crate::Session) `large-values-not-searched`, too.
    pub unchecked: Vec<&'static str>,
}

/// One element that changed, with its values: for the screen of the one who holds the original, never stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// Path, such as `(0040,0275)[0].(0008,0050)`.
    pub path: String,
    /// Keyword of the Attribute, empty if unknown.
    pub keyword: String,
    /// VR.
    pub vr: String,
    /// `kept`, `removed`, `emptied`, `replaced`, `inserted`.
    pub action: &'static str,
    /// The rule's source as text.
    pub because: String,
    /// The value before, as text, shortened.
    pub before: String,
    /// The value after, as text, shortened.
    pub after: String,
}

/// What an entry of the crosswalk links.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LinkKind {
    /// Patient IDs.
    Patient,
    /// Study Instance UIDs.
    Study,
    /// UIDs.
    Uid,
    /// Accession Numbers.
    Accession,
}

/// An entry of the crosswalk: identity, asked for explicitly and kept apart from the report.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct Link {
    /// What it links.
    pub kind: LinkKind,
    /// The original, as text that leads back to its bytes (docs/CROSSWALK.md).
    pub old: String,
    /// What replaced it, in the same form; the original where it stays.
    pub new: String,
}
