//! Lethe: DICOM de-identification by editing bytes.
//!
//! A de-identified file is the original plus a sorted list of byte edits: a [`Walker`] indexes
//! the file's Data Elements, a [`Plan`] decides for each one, and a [`Rewrite`] describes the
//! output as parts: new bytes and ranges of the input. Pixel Data is a range that is never read.
//!
//! The engine does no input or output and has no clock, randomness, thread or log: the key and
//! the time of processing are arguments (see `docs/ARCHITECTURE.md`).

pub mod config;
pub mod profile;

mod action;
mod blocks;
mod clean;
mod datetime;
mod deflate;
mod deidentify;
mod display;
mod edit;
mod element;
mod error;
mod frames;
mod icc;
mod identifiers;
mod identity;
mod large;
mod lookup;
mod marks;
mod meta;
mod name;
mod pass;
mod plan;
mod pseudonym;
mod report;
mod risk;
mod session;
mod shift;
mod sorted;
mod spare;
mod syntax;
mod text;
mod value;
mod verify;
mod walk;

#[cfg(not(target_arch = "wasm32"))]
pub mod native;
#[cfg(target_arch = "wasm32")]
mod wasm;

pub use config::Config;
pub use datetime::DateTime;
pub use deidentify::{Deidentifier, Rewrite};
pub use dicom_core::{Tag, VR};
pub use edit::Part;
pub use element::{DataSet, Element};
pub use error::{Code, Error, Place};
pub use lookup::Lookup;
pub use plan::{Action, Attribute, Decision, Plan, Project, Rule, Source};
pub use pseudonym::Pseudonymizer;
pub use report::{Change, Counts, FileReport, Link, LinkKind, RiskNote, Warning};
pub use risk::{Policy, Risk};
pub use session::Session;
pub use syntax::TransferSyntax;
pub use walk::Walker;
