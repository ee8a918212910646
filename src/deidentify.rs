//! The engine for one set of settings, and what it makes of a file.

use crate::action::Scene;
use crate::datetime::DateTime;
use crate::edit::Part;
use crate::element::DataSet;
use crate::error::{Code, Error};
use crate::frames::{Masked, Unused};
use crate::large::{Search, UNCHECKED};
use crate::pass::{Pass, unused_bits};
use crate::plan::{Plan, UsualTable};
use crate::pseudonym::Pseudonymizer;
use crate::report::{Change, FileReport, Link};
use crate::risk;
use crate::spare::Spare;
use std::sync::Arc;

/// The engine for one set of settings: immutable, `Send + Sync`, cheap to clone.
#[derive(Clone)]
pub struct Deidentifier(Arc<Inner>);

#[derive(Clone)]
struct Inner {
    plan: Plan,
    usual: UsualTable,
    pseudonyms: Pseudonymizer,
    now: DateTime,
    crosswalk: bool,
    spare: Arc<Spare>,
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
    /// Pixel Data in which bits change.
    pub(crate) masked: Option<Masked>,
    /// Values that stay, are not held and are to be searched.
    pub(crate) search: Option<Box<Search>>,
    /// How many bytes of the parts are preamble and File Meta Information.
    pub(crate) head: usize,
}

impl Deidentifier {
    /// An engine with compiled settings, a secret key and the time that counts as now.
    pub fn new(plan: Plan, key: [u8; 32], now: DateTime) -> Self {
        let mut pseudonyms = Pseudonymizer::new(key);
        if let Some(root) = plan.uid_root() {
            pseudonyms = pseudonyms.with_root(root);
        }
        let usual = UsualTable::of(&plan);
        Deidentifier(Arc::new(Inner { plan, usual, pseudonyms, now, crosswalk: false, spare: Arc::default() }))
    }

    /// The same engine, which also lists old and new identifiers in [`Rewrite::links`].
    pub fn with_crosswalk(self) -> Self {
        Deidentifier(Arc::new(Inner { crosswalk: true, ..(*self.0).clone() }))
    }

    /// The compiled settings.
    pub fn plan(&self) -> &Plan {
        &self.0.plan
    }

    /// Memory of files that are done.
    pub(crate) fn spare(&self) -> &Spare {
        &self.0.spare
    }

    /// Describes the de-identified file.
    ///
    /// # Errors
    /// When a replacement does not fit, when the settings refuse what is risky in the file, or when pixels have bits to be
    /// cleared, which only a [`Session`](crate::Session) does; nothing of the file may be used then. Only a session searches
    /// values that are not held, too; here the report says that they were not.
    pub fn rewrite(&self, data_set: &DataSet) -> Result<Rewrite, Error> {
        let mut rewrite = self.describe(data_set)?;
        rewrite.report.unchecked.extend(rewrite.search.take().map(|_| UNCHECKED));
        match rewrite.masked {
            None => Ok(rewrite),
            Some(_) => Err(Error::new(Code::Internal, "bits of pixels are to be cleared; use a session")),
        }
    }

    /// Whether bits of native Pixel Data may have to be cleared.
    pub(crate) fn masks(&self, data_set: &DataSet) -> bool {
        matches!(unused_bits(&self.0.plan, data_set), Unused::Masked(_))
    }

    /// The description, where a mask may be part of it.
    pub(crate) fn describe(&self, data_set: &DataSet) -> Result<Rewrite, Error> {
        let risks = risk::assess(data_set, &self.0.plan)?;
        let scene = self.scene(data_set);
        let mut pass = Pass::new(&scene, None);
        pass.run(Some(&self.0.usual))?;
        pass.finish(self.0.crosswalk, risks)
    }

    /// What happens to every element, with values: for the screen of the one who holds the file.
    ///
    /// # Errors
    /// As for [`rewrite`](Self::rewrite), but risky content is no reason not to look.
    pub fn inspect(&self, data_set: &DataSet) -> Result<Vec<Change>, Error> {
        let scene = self.scene(data_set);
        let mut pass = Pass::new(&scene, Some(Vec::new()));
        pass.run(None)?;
        Ok(pass.changes.unwrap_or_default())
    }

    fn scene<'a>(&'a self, data_set: &'a DataSet) -> Scene<'a> {
        Scene::new(data_set, &self.0.plan, &self.0.pseudonyms, &self.0.now)
    }
}
