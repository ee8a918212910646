//! The short way through most elements: what stays and has nothing odd about it needs no more than a look at its value.

use super::Pass;
use crate::element::{BIG, CONTAINER, Element, IMPLICIT, OPAQUE, SUPERSEDED};
use crate::identifiers::{SHORTEST_ID, Searched, has_double_space};
use crate::plan::{Content, Usual, UsualTable};
use crate::syntax::number;
use crate::value;
use crate::verify;
use crate::{Tag, VR};

/// The last text that stayed of each Attribute, or of another one that has the same place: most texts of a large file are
/// there many times.
pub(super) struct Stayed<'a>([(Tag, &'a [u8]); 32]);

impl<'a> Stayed<'a> {
    pub(super) fn new() -> Self {
        Stayed([(Tag(0, 0), &[]); 32])
    }

    fn place(&mut self, tag: Tag) -> Option<&mut (Tag, &'a [u8])> {
        self.0.get_mut((number(tag).wrapping_mul(0x9E37_79B9) >> 27) as usize)
    }

    fn has(&mut self, tag: Tag, text: &[u8]) -> bool {
        self.place(tag).is_some_and(|stayed| stayed.0 == tag && value::same(stayed.1, text))
    }

    fn keep(&mut self, tag: Tag, text: &'a [u8]) {
        self.place(tag).into_iter().for_each(|stayed| *stayed = (tag, text));
    }
}

impl Pass<'_> {
    /// Whether the element stays as it is, and all rules would say so. If not, they have to be asked.
    #[inline(always)] // for every element
    pub(super) fn is_usual(&mut self, table: &UsualTable, element: &Element) -> bool {
        let Some(Usual { vr, content }) = table.get(element.tag) else { return false };
        if element.vr != vr {
            return false;
        }
        if content == Content::Items {
            return element.flags & (CONTAINER | OPAQUE | SUPERSEDED) == CONTAINER;
        }
        if element.flags & !(IMPLICIT | BIG) != 0 {
            return false;
        }
        let Some(bytes) = self.scene.data_set.windows.get(element.value_range()) else { return false };
        match content {
            Content::Numbers { size, most } => {
                let (size, most) = (usize::from(size), usize::from(most));
                let fits = most == usize::from(u8::MAX) || bytes.len() <= size * most;
                let holds = |own| bytes.len() >= SHORTEST_ID && verify::stands_in(own, bytes, Searched::Bytes);
                fits && bytes.len() & (size - 1) == 0 && !self.identifiers.as_ref().is_some_and(holds)
            }
            Content::Coded if !self.scene.is_public(element, bytes) => false,
            _ if matches!(vr, VR::DS | VR::IS) => self.is_plain_text(vr, bytes),
            _ if self.stayed.has(element.tag, bytes) => true,
            _ if self.is_plain_text(vr, bytes) => {
                self.stayed.keep(element.tag, bytes);
                true
            }
            _ => false,
        }
    }

    /// Whether a text is valid and holds no identifier, in whatever characters it is written.
    fn is_plain_text(&self, vr: VR, bytes: &[u8]) -> bool {
        let Some(identifiers) = &self.identifiers else { return value::is_valid(vr, bytes) };
        if identifiers.is_plain(vr, bytes) {
            return true;
        }
        let Some(how) = Searched::of(vr).filter(|_| value::is_valid(vr, bytes)) else { return false };
        let holds = match vr {
            VR::UI => verify::stands_in_uids(identifiers, bytes),
            _ => identifiers.stands_in(bytes, how),
        };
        // These are compared in another spelling, too.
        !(holds || value::is_localised(vr) && (!bytes.is_ascii() || has_double_space(bytes)))
    }
}
