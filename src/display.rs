//! Values as text for the screen of the one who holds the file.

use crate::VR;
use crate::element::Element;
use crate::syntax::Encoding;
use crate::{text, value};

/// Most characters of a value that are shown.
const SHOWN: usize = 200;

/// A value as text, shortened.
pub(crate) fn shown(vr: VR, encoding: Encoding, bytes: &[u8], character_set: &[u8]) -> String {
    match value::to_text(vr, encoding, bytes) {
        Some(bytes) => text::decode(&bytes, character_set).chars().take(SHOWN).collect(),
        None if bytes.is_empty() => String::new(),
        None => format!("{} bytes", bytes.len()),
    }
}

/// How large a value is that is not shown.
pub(crate) fn size(element: &Element) -> String {
    if element.is_sequence() { String::new() } else { format!("{} bytes", element.length) }
}
