//! The Standard as data: PS3.15 Tables E.1-1 and E.3.10-1, the data dictionary, coding schemes, well-known UIDs, and the
//! presets `default` and `ps3.15` that are made of them.

pub(crate) mod confidentiality;
pub(crate) mod data;
pub(crate) mod dictionary;
#[cfg(test)]
mod document;
pub(crate) mod preset;
mod private;
mod schemes;
mod table;
pub(crate) mod terms;
mod types;
mod uids;

use crate::{Tag, VR};
use dicom_core::dictionary::VirtualVr;

pub use private::{SafePrivate, safe_private};
pub use schemes::is_registered_scheme;
pub use table::{OPTIONS, Row, Scope, rows};
pub(crate) use types::Iod;
pub use types::{Type, attribute_type};
pub use uids::{Referent, is_well_known_instance, names_class_or_scheme, referent};

/// The edition of the Standard that [`rows`] was taken from.
pub const EDITION: &str = "2026c";

/// The VR of an Attribute in the data dictionary (PS3.6); for some it depends on the Data Set, see [`VirtualVr`].
/// One table look-up; repeating groups and elements are found too.
pub fn dictionary_vr(tag: Tag) -> Option<VirtualVr> {
    dictionary::dictionary().get(tag)?.vr
}

/// Whether an Attribute is a Sequence of Items in the data dictionary.
pub fn is_sequence(tag: Tag) -> bool {
    dictionary_vr(tag) == Some(VirtualVr::Exact(VR::SQ))
}

/// The keyword of an Attribute (PS3.6), empty if it has none.
pub fn keyword(tag: Tag) -> &'static str {
    dictionary::dictionary().get(tag).map_or("", |known| known.keyword)
}

/// The Attribute with a keyword (PS3.6); none for repeating groups.
pub fn tag_of(keyword: &str) -> Option<Tag> {
    let found = dictionary::dictionary().all().iter().find(|known| !keyword.is_empty() && known.keyword == keyword)?;
    (!found.repeating).then_some(found.tag)
}

/// Whether PS3.6 has retired an Attribute; `None` if it does not know it.
pub fn is_retired(tag: Tag) -> Option<bool> {
    Some(dictionary::dictionary().get(tag)?.retired)
}

/// A tag of a data file, as eight hexadecimal digits.
fn parse_tag(text: &str) -> Option<Tag> {
    let number = u32::from_str_radix(text, 16).ok()?;
    Some(Tag((number >> 16) as u16, number as u16))
}

/// The VR as text: `PN`, `OB or OW`.
pub(crate) fn vr_text(vr: Option<VirtualVr>) -> &'static str {
    match vr {
        Some(VirtualVr::Exact(vr)) => vr.to_string(),
        Some(VirtualVr::Xs) => "US or SS",
        Some(VirtualVr::Ox | VirtualVr::Px) => "OB or OW",
        Some(VirtualVr::Lt) => "US or OW",
        _ => "",
    }
}

/// A table of the Standard as the tests have it, which is no part of the program: cells by line.
#[cfg(test)]
pub(crate) fn standard(name: &str) -> Vec<Vec<String>> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/standard").join(name);
    let text = std::fs::read_to_string(path).expect("a table of tests/standard");
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| line.split('\t').map(str::to_owned).collect()).collect()
}
