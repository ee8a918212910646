//! Which Attributes outside Table E.1-1 the Options that clean are about (PS3.15 E.3.4, E.3.5, E.3.6). The table marks
//! the Attributes that it lists itself with C, often only the Sequence that encloses what is to be cleaned.

use crate::plan::Action;
use crate::profile::preset::{Assign, UNLISTED};
use crate::{Tag, VR};
use dicom_core::dictionary::VirtualVr;

/// An Option that cleans.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cleaning {
    /// Clean Descriptors.
    Descriptors,
    /// Clean Structured Content.
    StructuredContent,
    /// Clean Graphics.
    Graphics,
}

/// Sequences that the table marks C, and the Option: `clean` on one of them brings the Attributes below with it.
const LEADERS: &[(Tag, Cleaning)] = &[
    (Tag(0x0040, 0x0555), Cleaning::StructuredContent), // Acquisition Context Sequence
    (Tag(0x0040, 0x0610), Cleaning::StructuredContent), // Specimen Preparation Sequence
    (Tag(0x0040, 0xA730), Cleaning::StructuredContent), // Content Sequence
    (Tag(0x0040, 0xB020), Cleaning::StructuredContent), // Waveform Annotation Sequence
    (Tag(0x0070, 0x0001), Cleaning::Graphics),          // Graphic Annotation Sequence
];

/// Values of Content Items (PS3.3 C.17.3). Numbers, coordinates and references other than UIDs are not in the list:
/// they stay. Dates and times are dummies unless an Option or an entry for dates says otherwise.
const STRUCTURED_CONTENT: &[(Tag, Action)] = &[
    (Tag(0x0008, 0x0100), Action::Coded), // Code Value
    (Tag(0x0008, 0x0102), Action::Coded), // Coding Scheme Designator
    (Tag(0x0008, 0x0103), Action::Coded), // Coding Scheme Version
    (Tag(0x0008, 0x0104), Action::Coded), // Code Meaning
    (Tag(0x0008, 0x0119), Action::Coded), // Long Code Value
    (Tag(0x0008, 0x0120), Action::Coded), // URN Code Value
    (Tag(0x0040, 0xA120), Action::Dummy), // DateTime
    (Tag(0x0040, 0xA121), Action::Dummy), // Date
    (Tag(0x0040, 0xA122), Action::Dummy), // Time
    (Tag(0x0040, 0xA123), Action::Dummy), // Person Name
    (Tag(0x0040, 0xA124), Action::Uid),   // UID
    (Tag(0x0040, 0xA160), Action::Clean), // Text Value
    (Tag(0x0070, 0x0006), Action::Clean), // Unformatted Text Value, of annotated waveforms
];

/// Text beside graphics (PS3.3 C.10.5): what is drawn and where stays.
const GRAPHICS: &[(Tag, Action)] = &[
    (Tag(0x0070, 0x0006), Action::Clean), // Unformatted Text Value
    (Tag(0x0070, 0x0068), Action::Clean), // Graphic Layer Description
    (Tag(0x0070, 0x0207), Action::Clean), // Graphic Group Label
    (Tag(0x0070, 0x0208), Action::Clean), // Graphic Group Description
    (Tag(0x0070, 0x0289), Action::Clean), // Tick Label
];

/// What an Option does with an Attribute that the table does not list, or lists with another action than its Sequence
/// needs; nothing if the Option is not about it.
///
/// Clean Descriptors is about all text, but for what the preset knows to hold defined terms, links and codes. Clean
/// Graphics takes the overlay groups: see [`is_overlay`].
pub(crate) fn concerned(option: Cleaning, tag: Tag, vr: Option<VirtualVr>) -> Option<Action> {
    let listed = |list: &[(Tag, Action)]| list.iter().find(|(own, _)| *own == tag).map(|(_, action)| action.clone());
    match option {
        Cleaning::Descriptors => {
            let text = matches!(vr, Some(VirtualVr::Exact(vr)) if super::can_clean(vr) && vr != VR::CS);
            let known = UNLISTED.iter().find(|(own, ..)| *own == tag).map(|(_, assign, _)| *assign);
            let exempt = matches!(known, Some(Assign::KeepValid | Assign::Coded | Assign::Remove));
            (text && !exempt && !is_overlay(tag)).then_some(Action::Clean)
        }
        Cleaning::StructuredContent => listed(STRUCTURED_CONTENT),
        Cleaning::Graphics if is_overlay(tag) => Some(Action::Clean),
        Cleaning::Graphics => listed(GRAPHICS),
    }
}

/// Whether a tag belongs to an overlay: `Action::Clean` on all of a group keeps an overlay that marks a region
/// (Overlay Type R), without its texts, and removes one of graphics (G), whose bits may be writing.
pub(crate) fn is_overlay(tag: Tag) -> bool {
    (0x6000..=0x60FE).contains(&tag.0) && tag.0 & 1 == 0
}

/// The Option that a Sequence stands for.
pub(crate) fn led_by(tag: Tag) -> Option<Cleaning> {
    LEADERS.iter().find(|(own, _)| *own == tag).map(|(_, option)| *option)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::dictionary::dictionary;
    use crate::profile::{OPTIONS, Scope, rows};

    #[test]
    fn leaders_are_the_sequences_that_the_table_marks() {
        let column = |name| OPTIONS.iter().position(|option| *option == name).unwrap();
        for (name, option) in
            [("Clean Structured Content", Cleaning::StructuredContent), ("Clean Graphics", Cleaning::Graphics)]
        {
            let marked = rows().iter().filter(|row| row.options.as_bytes()[column(name)] == b'C');
            let sequences: Vec<Tag> = marked
                .filter_map(|row| match row.scope {
                    Scope::Attribute(tag) => Some(tag),
                    _ => None,
                })
                .collect();
            let leaders: Vec<Tag> = LEADERS.iter().filter(|(_, own)| *own == option).map(|(tag, _)| *tag).collect();
            assert_eq!(leaders, sequences, "{name}");
        }
    }

    #[test]
    fn the_lists_are_sorted_and_name_current_attributes() {
        for list in [STRUCTURED_CONTENT, GRAPHICS] {
            assert!(list.is_sorted_by(|a, b| a.0 < b.0));
            for (tag, action) in list {
                let known = dictionary().get(*tag).expect("an Attribute of PS3.6");
                let cleanable = matches!(known.vr, Some(VirtualVr::Exact(vr)) if super::super::can_clean(vr));
                assert!(!known.retired && (*action != Action::Clean || cleanable), "{tag}");
            }
        }
    }

    #[test]
    fn descriptors_are_texts_that_are_no_codes_and_links() {
        let text = |tag| concerned(Cleaning::Descriptors, tag, dictionary().get(tag).and_then(|known| known.vr));
        for tag in [Tag(0x0062, 0x0005), Tag(0x0070, 0x0081), Tag(0x3002, 0x0002)] {
            assert_eq!(text(tag), Some(Action::Clean), "{tag}");
        }
        for tag in [Tag(0x0008, 0x0104), Tag(0x0048, 0x0106), Tag(0x0008, 0x0060), Tag(0x6000, 0x0022)] {
            assert_eq!(text(tag), None, "{tag}");
        }
    }
}
