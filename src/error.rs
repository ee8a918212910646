//! One opaque error: what was wrong, where, what to do; never a value, file name or path.

use crate::risk::Risk;
use std::borrow::Cow;
use std::fmt;

/// What kind of thing went wrong. Its text ([`Code::as_str`]) is stable: reports and scripts use it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Code {
    /// The settings are malformed.
    Settings,
    /// The file is no DICOM file; it is left out.
    NotDicom,
    /// The file is a DICOMDIR; it is left out.
    Dicomdir,
    /// A declared length runs past the end of the file.
    Truncated,
    /// The structure cannot be understood.
    Malformed,
    /// Sequences are nested deeper than 64 levels.
    TooDeep,
    /// More than four million elements.
    TooManyElements,
    /// A value or an inflated Data Set is larger than what can be handled.
    TooLarge,
    /// The Transfer Syntax is not known and the content does not show what it is.
    TransferSyntax,
    /// A replacement does not fit its VR or a 16-bit length field.
    Overflow,
    /// A replacement cannot be written in the file's Specific Character Set.
    CharacterSet,
    /// The deflated stream is damaged.
    Inflate,
    /// A rule refuses the file.
    Refused,
    /// The file holds something risky, and the settings refuse such files.
    Risk(Risk),
    /// Reading the input failed or it changed while it was read.
    Read,
    /// Writing the output failed.
    Write,
    /// The output would not have been consistent; nothing was written.
    Internal,
}

impl Code {
    /// The stable text of the code.
    pub fn as_str(self) -> &'static str {
        match self {
            Code::Settings => "settings",
            Code::NotDicom => "not-dicom",
            Code::Dicomdir => "dicomdir",
            Code::Truncated => "truncated",
            Code::Malformed => "malformed",
            Code::TooDeep => "too-deep",
            Code::TooManyElements => "too-many-elements",
            Code::TooLarge => "too-large",
            Code::TransferSyntax => "transfer-syntax",
            Code::Overflow => "overflow",
            Code::CharacterSet => "character-set",
            Code::Inflate => "inflate",
            Code::Refused => "refused",
            Code::Risk(risk) => risk.code(),
            Code::Read => "read",
            Code::Write => "write",
            Code::Internal => "internal",
        }
    }
}

/// Where it went wrong.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum Place {
    /// Nowhere in particular.
    #[default]
    Nowhere,
    /// Byte offset in the file (in the inflated Data Set, for a deflated file).
    Offset(u64),
    /// Path of an element, such as `(0040,0275)[0].(0008,0050)`.
    Path(String),
    /// Line (from 1) of the table that is given beside the settings.
    Table(u32),
    /// Line and column (both from 1; column in characters) of a settings text.
    Text {
        /// Line, from 1.
        line: u32,
        /// Column in characters, from 1.
        column: u32,
    },
}

/// The error of every fallible function of this crate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error(Box<Inner>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Inner {
    code: Code,
    place: Place,
    message: Cow<'static, str>,
}

impl Error {
    /// An error with a message in lower case, without full stop and without any value of the file.
    pub(crate) fn new(code: Code, message: impl Into<Cow<'static, str>>) -> Self {
        Error(Box::new(Inner { code, place: Place::Nowhere, message: message.into() }))
    }

    /// The same error, with a place.
    pub(crate) fn at(mut self, place: Place) -> Self {
        self.0.place = place;
        self
    }

    /// The same error, at a place if it has none yet.
    pub(crate) fn or_at(self, place: impl FnOnce() -> Place) -> Self {
        if self.0.place == Place::Nowhere { self.at(place()) } else { self }
    }

    /// The same error, at a byte offset.
    pub(crate) fn at_offset(self, offset: u64) -> Self {
        self.at(Place::Offset(offset))
    }

    /// What kind of error it is.
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// Where it happened.
    pub fn place(&self) -> &Place {
        &self.0.place
    }

    /// What was wrong and what to do, without the place.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// True for files that are no image to process (no DICOM, DICOMDIR): they are left out with a
    /// note, which is no failure of the batch.
    pub fn is_left_out(&self) -> bool {
        matches!(self.0.code, Code::NotDicom | Code::Dicomdir)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.place {
            Place::Nowhere => {}
            Place::Offset(offset) => write!(f, "offset {offset}: ")?,
            Place::Path(path) => write!(f, "{path}: ")?,
            Place::Table(line) => write!(f, "lookup table, line {line}: ")?,
            Place::Text { line, column } => write!(f, "line {line}, column {column}: ")?,
        }
        f.write_str(&self.0.message)
    }
}

impl std::error::Error for Error {}
