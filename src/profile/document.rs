//! `docs/DEFAULT-PRESET.md` and `docs/CONFORMANCE.md` are written from the data by these tests, so that they cannot drift:
//! `LETHE_BLESS=1 cargo test document` writes them anew.

use super::dictionary::dictionary;
use super::preset::{Assign, BY_VR, NEEDED, NEEDED_RANGES, SAFE, UNLISTED, listed};
use super::{EDITION, OPTIONS, Scope, confidentiality, keyword, rows, vr_text};
use crate::config::{ProfileOption, ProfileOptions};
use crate::plan::command;
use crate::{Tag, VR, value};
use dicom_core::dictionary::VirtualVr;
use std::fmt::Write;

#[test]
fn default_preset_document_is_up_to_date() {
    check("DEFAULT-PRESET.md", &document());
}

#[test]
fn conformance_document_is_up_to_date() {
    check("CONFORMANCE.md", &conformance());
}

fn check(name: &str, text: &str) {
    let file = format!("{}/docs/{name}", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("LETHE_BLESS").is_some() {
        std::fs::write(&file, text).expect("the document can be written");
    }
    let committed = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(committed == text, "docs/{name} is stale; run LETHE_BLESS=1 cargo test document");
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

/// The text of `conformance.md`, with the tables that its lines `{NAME}` stand for.
fn conformance() -> String {
    let tables = [("{OPTIONS}", options()), ("{OUTSIDE}", outside()), ("{DUMMIES}", dummies()), ("{ROWS}", table())];
    let text = include_str!("conformance.md").replace("{EDITION}", EDITION);
    tables.into_iter().fold(text, |text, (name, table)| text.replace(name, table.trim_end()))
}

fn options() -> String {
    let mut text =
        "| Option | in `profile_options` | Code Value (CID 7050) | supported |\n|---|---|---|---|\n".to_owned();
    for option in ProfileOption::all() {
        let (name, code) = (option.name(), option.code());
        let _ = writeln!(text, "| {} | `{name}` | {code} | yes |", OPTIONS[option as usize]);
    }
    text += "| Clean Pixel Data | `clean_pixel_data` | 113101 | not yet: an error |\n";
    text + "| Clean Recognizable Visual Features | `clean_recognizable_visual_features` | 113102 | not yet: an error |\n"
}

/// Current Attributes without a row, by VR: how many, and what becomes of them under the Basic Profile.
fn outside() -> String {
    let listed =
        |tag| rows().iter().any(|row| row.scope == Scope::Attribute(tag) || row.scope == Scope::Repeating(tag));
    let mut groups: Vec<(String, String, Vec<&str>, usize)> = Vec::new();
    for known in dictionary().all().iter().filter(|known| known.tag.0 > 7 && !listed(known.tag)) {
        let Some(rule) = confidentiality::unlisted(known, ProfileOptions::default()) else { continue };
        let (action, vr) = (command(&rule.assign.action()), vr_text(known.vr));
        let reason = if [NEEDED, SAFE].contains(&rule.reason) { "kept if valid for the VR" } else { rule.reason };
        let group = groups.iter_mut().find(|(own, why, ..)| *own == action && why == reason);
        match group {
            Some((.., vrs, count)) => {
                *count += 1;
                if !vrs.contains(&vr) {
                    vrs.push(vr);
                }
            }
            None => groups.push((action, reason.to_owned(), vec![vr], 1)),
        }
    }
    let mut text = "| VR | Attributes | action | why |\n|---|---|---|---|\n".to_owned();
    for (action, reason, mut vrs, count) in groups {
        vrs.sort_unstable();
        let _ = writeln!(text, "| {} | {count} | {action} | {reason} |", vrs.join(", "));
    }
    text
}

fn dummies() -> String {
    use VR::*;
    let mut text = "| VR | dummy |\n|---|---|\n".to_owned();
    for vrs in [
        &[AE, CS, LO, LT, PN, SH, ST, UC, UT][..],
        &[AS],
        &[DA],
        &[DT],
        &[TM],
        &[DS, IS],
        &[UR],
        &[US, SS, OB, OW, UN],
        &[AT, FL, SL, UL, OF, OL],
        &[FD, SV, UV, OD, OV],
    ] {
        let dummy = value::dummy(vrs[0]);
        assert!(vrs.iter().all(|vr| value::dummy(*vr) == dummy));
        let zeros = dummy.iter().all(|byte| *byte == 0);
        let shown = if zeros { format!("{} zero bytes", dummy.len()) } else { String::from_utf8_lossy(dummy).into() };
        let names: Vec<&str> = vrs.iter().map(|vr| VR::to_string(*vr)).collect();
        let _ = writeln!(text, "| {} | `{shown}` |", names.join(", "));
    }
    text + "| UI | a new UID, as U gives it |\n| SQ | the Items stay, each element in them by its own rule |\n"
}

/// Every row of the table, with its codes.
fn table() -> String {
    let names = ["SP", "UID", "dev", "inst", "pat", "full", "mod", "desc", "struct", "graph"];
    let mut text = format!(
        "| Attribute | keyword | VR | Basic | {} |\n|---|---|---|---|{}\n",
        names.join(" | "),
        "---|".repeat(10)
    );
    for row in rows() {
        let (name, vr) = match row.scope {
            Scope::Attribute(tag) | Scope::Repeating(tag) => (keyword(tag), super::dictionary_vr(tag)),
            _ => ("", None::<VirtualVr>),
        };
        let name = if name.is_empty() { dictionary_name(row.scope) } else { name };
        let codes: Vec<String> = row.options.chars().map(|code| code.to_string().replace('.', "")).collect();
        let _ = writeln!(
            text,
            "| ({}) | {name} | {} | {} | {} |",
            row.address,
            vr_text(vr),
            row.basic.replace('*', "\\*"),
            codes.join(" | ")
        );
    }
    text
}

fn dictionary_name(scope: Scope) -> &'static str {
    match scope {
        Scope::Private => "private Attributes",
        Scope::Group(_) => "curve data",
        _ => "",
    }
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
