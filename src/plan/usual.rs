//! Attributes of which nearly every element stays as it is: what its value must be for that, found by tag with one look.
//!
//! Most of a large file is such elements. What this table does not have, or what is odd about an element, is decided by the
//! whole of the rules; the table only leaves out what cannot come of them.

use super::{Action, Attribute, Plan, Source};
use crate::clean::concepts;
use crate::frames;
use crate::marks;
use crate::profile::dictionary::{Known, Slots, dictionary};
use crate::profile::{names_class_or_scheme, terms};
use crate::{Tag, VR, value};
use dicom_core::dictionary::VirtualVr;
use dicom_dictionary_std::tags;

/// What the value of a usual element is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    /// Items, decided one by one.
    Items,
    /// So many numbers of so many bytes, which are a power of two, at most; 255 is any number.
    Numbers { size: u8, most: u8 },
    /// Text that is searched as its VR is.
    Text,
    /// The same, if the Item's coding scheme is a registered one.
    Coded,
}

/// A usual element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Usual {
    pub(crate) vr: VR,
    pub(crate) content: Content,
}

/// The usual elements of one plan.
#[derive(Clone, Debug)]
pub(crate) struct UsualTable(Slots<Usual>);

impl UsualTable {
    pub(crate) fn of(plan: &Plan) -> Self {
        let all = dictionary().all();
        let mut slots = Slots::with_room_for(all.len());
        for (known, index) in all.iter().zip(0..) {
            if let Some(usual) = usual(plan, index, known) {
                slots.insert(known.tag, usual);
            }
        }
        UsualTable(slots)
    }

    #[inline(always)] // for every element
    pub(crate) fn get(&self, tag: Tag) -> Option<Usual> {
        self.0.get(tag)
    }
}

fn usual(plan: &Plan, index: u16, known: &Known) -> Option<Usual> {
    let tag = known.tag;
    let decision = plan.decide_found(Attribute { tag, creator: None }, Some((index, known)));
    let coded = match decision.action {
        Action::KeepValid => false,
        Action::Coded => true,
        _ => return None,
    };
    // What entries and Options keep is looked at otherwise, or not at all.
    let chosen = matches!(decision.because, Source::Entry { .. } | Source::Row { option: Some(_), .. });
    let Some(VirtualVr::Exact(vr)) = known.vr.filter(|_| !chosen && !known.repeating && !is_special(tag)) else {
        return None;
    };
    let content = match (vr, value::number_size(vr)) {
        (VR::AT | VR::UI, _) if !names_class_or_scheme(tag) => return None,
        (VR::SQ, _) if !coded => Content::Items,
        (_, Some(size)) if !coded => {
            Content::Numbers { size: size as u8, most: u8::try_from(known.most.max(1)).unwrap_or(u8::MAX) }
        }
        _ if value::is_text(vr) => {
            if coded {
                Content::Coded
            } else {
                Content::Text
            }
        }
        _ => return None,
    };
    Some(Usual { vr, content })
}

/// Whether more is asked about the elements of an Attribute than its rule.
fn is_special(tag: Tag) -> bool {
    tag.group() == 0x7FE0
        || matches!(tag, tags::ICC_PROFILE | tags::SPECIFIC_CHARACTER_SET)
        || frames::has_pixels(tag)
        || concepts::is_value(tag)
        || marks::is_mark(tag)
        || crate::pass::names_the_output(tag)
        || terms::are_closed(tag)
}
