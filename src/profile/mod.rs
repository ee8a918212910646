//! PS3.15 Annex E as data.
