//! `docs/DEFAULT-PRESET.md` is written from the data by this test, so that it cannot drift:
//! `LETHE_BLESS=1 cargo test default_preset_document` writes it anew.

use super::preset::{Assign, BY_VR, NEEDED_RANGES, UNLISTED, listed};
use super::{EDITION, Scope, keyword, rows, vr_text};
use crate::plan::command;
use crate::{Tag, VR};
use std::fmt::Write;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/DEFAULT-PRESET.md");

#[test]
fn default_preset_document_is_up_to_date() {
    let text = document();
    if std::env::var_os("LETHE_BLESS").is_some() {
        std::fs::write(FILE, &text).expect("the document can be written");
    }
    let committed = std::fs::read_to_string(FILE).unwrap_or_default();
    assert!(committed == text, "docs/DEFAULT-PRESET.md is stale; run LETHE_BLESS=1 cargo test default_preset_document");
}

fn document() -> String {
    let mut text = INTRODUCTION.replace("EDITION", EDITION);
    text += "## Rows of the table that are handled in a way of their own\n\n";
    text += "| Attribute | keyword | Basic Profile | `default` | why |\n|---|---|---|---|---|\n";
    for row in rows() {
        let Scope::Attribute(tag) = row.scope else { continue };
        let assignment = listed(row, tag, super::dictionary_vr(tag));
        if !assignment.reason.is_empty() {
            let keeps = assignment.assign == Assign::Keep;
            let action = if keeps { "keep".to_owned() } else { command(&assignment.assign.action()) };
            let _ = writeln!(text, "| {tag} | {} | {} | {action} | {} |", keyword(tag), row.basic, assignment.reason);
        }
    }
    text += "\n## Attributes outside the table, one by one\n\n";
    text += "| Attribute | keyword | VR | `default` | why |\n|---|---|---|---|---|\n";
    for (tag, assign, reason) in UNLISTED {
        let vr = vr_text(super::dictionary_vr(*tag));
        let _ = writeln!(text, "| {tag} | {} | {vr} | {} | {reason} |", keyword(*tag), command(&assign.action()));
    }
    text += "\n## All other current Attributes outside the table, by VR\n\n| VR | `default` | why |\n|---|---|---|\n";
    for (vrs, assign, reason) in BY_VR {
        let vrs: Vec<&str> = vrs.iter().map(|vr| VR::to_string(*vr)).collect();
        let _ = writeln!(text, "| {} | {} | {reason} |", vrs.join(", "), command(&assign.action()));
    }
    text += OTHERS;
    text += "\n## What `remove_safe_tags` leaves\n\n| from | to | what |\n|---|---|---|\n";
    for (first, last, what) in NEEDED_RANGES {
        let tag = |number: &u32| Tag((number >> 16) as u16, *number as u16);
        let _ = writeln!(text, "| {} | {} | {what} |", tag(first), tag(last));
    }
    text
}

const INTRODUCTION: &str = "\
# The preset `default`, Attribute by Attribute

Written from the code by a test; change `src/profile/preset.rs`, not this file.

`default` starts from the Basic Application Level Confidentiality Profile of PS3.15 EDITION, Table E.1-1, and handles each of
its rows at every depth. It is not that profile: it claims YES in Patient Identity Removed (0012,0062) and says what was
done in De-identification Method (0012,0063), but writes no code 113100.

Where nothing else is said below, the row's Action Code is taken as it stands: X removes, Z empties, D writes a dummy, U
replaces UIDs consistently. Compound codes take their last alternative, which is legal whatever Type the Attribute has:
X/D is D, X/Z is Z, X/Z/D and Z/D are D. X/Z/U\\* on a Sequence keeps it, with the UIDs in its Items mapped. D on a Sequence
keeps its Items, whose elements are decided one by one. Retired, private and unknown Attributes without a row go with
`remove_unknown_tags`; curves and overlays are ruled by their options. Overlay Data stays if the settings say
`remove_overlays` false; curves are retired, so they stay only if `remove_curves` and `remove_unknown_tags` are both false.

";

const OTHERS: &str = "\
| UI | uid | UIDs are mapped; those that name a class or scheme are kept |
| SQ | keep | Items are decided element by element |
| CS, DS, IS, US, SS, UL, SL, UV, SV, FL, FD, AT, OB, OW, OF, OD, OL, OV | safe | numbers, enumerated codes, tags, bulk data; kept if valid for the VR |
";
