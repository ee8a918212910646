//! What entries look up in the table that is given beside the settings.

use crate::Tag;
use crate::config::{Missing, Quoted};
use crate::error::{Code, Error, Place};
use crate::lookup::{Index, Lookup};
use crate::profile;
use dicom_dictionary_std::tags;
use std::sync::Arc;

/// Names of the column with the Patient ID, where the settings name none.
const PATIENT_COLUMNS: [&str; 3] = ["PatientID", "patient_id", "id_old"];

/// The columns that entries name, and the table, once there is one.
#[derive(Clone, Debug)]
pub(crate) struct Lookups {
    /// Each column with the key, line and column of its entry.
    pub(super) columns: Vec<(String, String, (u32, u32))>,
    /// The column by which rows are found.
    pub(super) key: Option<String>,
    /// What is done for a file without a row.
    pub(crate) missing: Missing,
    /// The table, and the Attribute whose value finds a row.
    pub(super) table: Option<(Tag, Arc<Index>)>,
}

impl Lookups {
    /// Takes the table; everything that entries name must be in it.
    pub(super) fn take(&mut self, table: Option<Lookup>) -> Result<(), Error> {
        let Some(((_, _, first), table)) = self.columns.first().zip(table) else {
            return match self.columns.first() {
                Some((_, key, at)) => Err(error(key, *at, "@lookup(column)@ needs a table, which was not given")),
                None => Ok(()),
            };
        };
        for (column, key, at) in &self.columns {
            if table.column(column).is_none() {
                return Err(error(key, *at, "the lookup table has no column of this name, or two"));
            }
        }
        let names: Vec<&str> = self.key.as_deref().map_or(PATIENT_COLUMNS.to_vec(), |key| vec![key]);
        let Some((name, column)) = names.iter().find_map(|name| Some((name, table.column(name)?))) else {
            let message = "the lookup table has no column for the key: name one in lookup_key, or call it PatientID";
            return Err(error("lookup_key", *first, message));
        };
        // A column that is called like an Attribute holds values of it.
        let attribute = profile::tag_of(name).unwrap_or(tags::PATIENT_ID);
        let mut named: Vec<&str> = Vec::new();
        for (column, ..) in &self.columns {
            if !named.contains(&column.as_str()) {
                named.push(column);
            }
        }
        self.table = Some((attribute, Arc::new(table.by(column, &named)?)));
        Ok(())
    }

    /// The Attribute whose value finds a row; none without a table.
    pub(crate) fn attribute(&self) -> Option<Tag> {
        self.table.as_ref().map(|(tag, _)| *tag)
    }

    /// The cell in a column, for a value of that Attribute.
    pub(crate) fn get(&self, key: &str, column: &str) -> Option<String> {
        self.table.as_ref()?.1.get(key, column)
    }
}

fn error(key: &str, (line, column): (u32, u32), message: &str) -> Error {
    Error::new(Code::Settings, format!("{}: {message}", Quoted(key))).at(Place::Text { line, column })
}
