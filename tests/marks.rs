//! What files say about their own de-identification under the preset `ps3.15`: (0012,0062), (0012,0063), (0012,0064) and
//! (0028,0303), in every encoding, beside what they say already.

#![allow(clippy::print_stdout, reason = "what ran is counted by whoever runs the tests")]

mod planted;
mod support;

use dicom_core::{Tag, VR};
use planted::{Row, find, items, places, rows, survives};
use std::fmt::Write;
use support::{Form, Node, body, data_set, dictionary_vr, engine, file, parse, read, run};

/// Runs a Data Set under `ps3.15` with Options and entries, and compares the output in every encoding.
fn check(general: &str, input: &str, expected: &str) {
    let settings = format!("{{ \"general\": {{ \"preset\": \"ps3.15\"{general} }} }}");
    let image = "(0008,0060) CS CT\n";
    let (input, expected) = (format!("{image}{input}"), format!("{image}{expected}"));
    let engine = engine(&[&settings], None).expect("settings");
    for form in Form::all() {
        let (output, _) = run(&engine, &file(&parse(&input), form), || usize::MAX).expect("an output");
        let found = data_set(&read(&body(&output, form), form), form);
        assert_eq!(found, data_set(&parse(&expected), form), "{general} {form:?}");
    }
}

/// The text form of an Item with a code of CID 7050.
fn codes(list: &[(&str, &str)]) -> String {
    list.iter().fold("(0012,0064) SQ\n".to_owned(), |mut text, (code, meaning)| {
        let item = format!("  -\n    (0008,0100) SH {code}\n    (0008,0102) SH DCM\n    (0008,0104) LO {meaning}");
        writeln!(text, "{item}").expect("a text can be written");
        text
    })
}

const BASIC: (&str, &str) = ("113100", "Basic Application Confidentiality Profile");
const UIDS: (&str, &str) = ("113110", "Retain UIDs Option");
const GRAPHICS: (&str, &str) = ("113103", "Clean Graphics Option");
const METHOD: &str = "Lethe, PS3.15 2026c Basic Profile";

/// A file under the Basic Profile with nothing else in it.
fn basic(method: &str, list: &[(&str, &str)], dates: &str) -> String {
    format!("(0012,0062) CS YES\n(0012,0063) LO {method}\n{}(0028,0303) CS {dates}\n", codes(list))
}

#[test]
fn a_file_that_says_nothing_says_it_all() {
    check("", "(0010,4000) LT Doe\n", &basic(METHOD, &[BASIC], "REMOVED"));
    check(
        ", \"profile_options\": [\"retain_modified_dates\"]",
        "",
        &basic(
            &format!("{METHOD}\\Retain Modified Dates Option"),
            &[BASIC, ("113107", "Retain Longitudinal Temporal Information Modified Dates Option")],
            "MODIFIED",
        ),
    );
}

#[test]
fn every_option_has_its_code() {
    let all = ", \"profile_options\": [\"retain_uids\", \"retain_device_identity\", \"retain_institution_identity\", \
               \"retain_patient_characteristics\", \"retain_full_dates\"]";
    let method = "Retain UIDs Option\\Retain Device Identity Option\\Retain Institution Identity Option\\\
                  Retain Patient Characteristics Option\\Retain Full Dates Option";
    let list = [
        BASIC,
        UIDS,
        ("113109", "Retain Device Identity Option"),
        ("113112", "Retain Institution Identity Option"),
        ("113108", "Retain Patient Characteristics Option"),
        ("113106", "Retain Longitudinal Temporal Information Full Dates Option"),
    ];
    check(all, "", &basic(&format!("{METHOD}\\{method}"), &list, "UNMODIFIED"));
}

/// What was cleaned stays clean; what was retained before need not be any more. A code without a public scheme cannot
/// be checked, and neither can one that DCM does not have for this.
#[test]
fn what_stays_true_is_kept_and_added_to() {
    let foreign = "  -\n    (0008,0100) SH A1\n    (0008,0102) SH 99CLINIC\n    (0008,0104) LO Our own way\n  -\n    \
                   (0008,0100) SH 4711\n    (0008,0102) SH DCM\n    (0008,0104) LO Made up\n";
    let before = format!("(0012,0062) CS NO\n(0012,0063) LO CTP\\Defacer 2\n{}{foreign}", codes(&[GRAPHICS, UIDS]));
    let method = format!("CTP\\Defacer 2\\{METHOD}");
    check("", &before, &basic(&method, &[GRAPHICS, BASIC], "REMOVED"));
    // In UN, where its content is Implicit VR whatever the file is.
    let un = before.replace("(0012,0064) SQ", "(0012,0064) UN");
    check("", &un, &basic(&method, &[GRAPHICS, BASIC], "REMOVED").replace("(0012,0064) SQ", "(0012,0064) UN"));
    let retained = format!("{method}\\Retain UIDs Option");
    check(", \"profile_options\": [\"retain_uids\"]", &before, &basic(&retained, &[GRAPHICS, UIDS, BASIC], "REMOVED"));
}

#[test]
fn nothing_is_said_twice() {
    let once = basic(METHOD, &[BASIC], "REMOVED");
    check("", &once, &once);
    check("", "(0012,0064) SQ\n", &once);
    check("", "(0012,0063) LO\n(0012,0064) SQ\n  -\n    (0008,0100) SH x\n", &once);
}

#[test]
fn a_method_that_names_the_patient_or_is_too_long_goes() {
    let long = "z".repeat(65);
    let before = format!("(0010,0010) PN Okonkwo^Ada\n(0012,0063) LO by hand for OKONKWO\\{long}\\CTP\n");
    let after = format!("(0010,0010) PN\n{}", basic(&format!("CTP\\{METHOD}"), &[BASIC], "REMOVED"));
    check("", &before, &after);
}

#[test]
fn dates_that_were_removed_once_are_not_unmodified() {
    let full = ", \"profile_options\": [\"retain_full_dates\"]";
    let code = ("113106", "Retain Longitudinal Temporal Information Full Dates Option");
    let method = format!("{METHOD}\\Retain Full Dates Option");
    for (before, after) in [("REMOVED", "REMOVED"), ("MODIFIED", "MODIFIED"), ("UNMODIFIED", "UNMODIFIED")] {
        check(full, &format!("(0028,0303) CS {before}\n"), &basic(&method, &[BASIC, code], after));
    }
}

/// An entry that leaves more than the profile does takes its code away; one that leaves less does not.
#[test]
fn entries_of_the_settings_decide_what_is_true() {
    let exceptions = format!("{METHOD} with exceptions");
    let kept = |entry: &str| {
        check(&format!(", {entry}"), "", &basic(&exceptions, &[], "REMOVED").replace("(0012,0064) SQ\n", ""))
    };
    kept("\"(0010,0010)\": \"keep\"");
    kept("\"remove_overlays\": false");
    for entry in ["\"(0010,0010)\": \"remove\"", "\"(0018,0050)\": \"keep\"", "\"(0008,0070)\": \"remove\""] {
        check(&format!(", {entry}"), "", &basic(METHOD, &[BASIC], "REMOVED"));
    }
    // A date that stays although the others go: neither removed nor as they were.
    let modified = basic(&exceptions, &[], "MODIFIED").replace("(0012,0064) SQ\n", "");
    check(", \"(0008,0022)\": \"shiftdate\"", "", &modified);
}

/// 113110 is not said where an entry replaces a UID after all; and where other UIDs stay, neither is the Basic Profile,
/// which would have replaced them.
#[test]
fn an_option_that_an_entry_contradicts_is_not_claimed() {
    let exceptions = format!("{METHOD} with exceptions");
    let without = |settings: &str, dates| {
        check(settings, "", &basic(&exceptions, &[], dates).replace("(0012,0064) SQ\n", ""));
    };
    for tag in ["(0020,0052)", "(0008,0018)", "(0020,000D)", "(0020,000E)"] {
        for command in ["uid", "remove", "dummy"] {
            without(&format!(", \"profile_options\": [\"retain_uids\"], \"{tag}\": \"{command}\""), "REMOVED");
        }
    }
    without(", \"profile_options\": [\"retain_full_dates\"], \"(0008,0022)\": \"remove\"", "MODIFIED");
    without(", \"profile_options\": [\"retain_full_dates\"], \"(0014,0102)\": \"remove\"", "MODIFIED");
    without(", \"profile_options\": [\"retain_safe_private\"], \"(0019,xxxx)\": \"remove\"", "REMOVED");
    without(", \"profile_options\": [\"clean_structured_content\"], \"(0040,A160)\": \"keep\"", "REMOVED");
    without(", \"profile_options\": [\"clean_graphics\"], \"(60xx,3000)\": \"keep\"", "REMOVED");
    without(", \"profile_options\": [\"clean_graphics\"], \"(6002,3000)\": \"keep\"", "REMOVED");
    without(", \"profile_options\": [\"clean_graphics\"], \"(6002,xxxx)\": \"keep\"", "MODIFIED");
    // What is cleaned may as well go.
    let cleans = ", \"profile_options\": [\"clean_descriptors\"], \"(0008,1030)\": \"remove\"";
    let method = format!("{METHOD}\\Clean Descriptors Option");
    check(cleans, "", &basic(&method, &[BASIC, ("113105", "Clean Descriptors Option")], "REMOVED"));
}

/// The three UIDs that other rules follow are no exception, in any section.
#[test]
fn an_original_that_an_entry_leaves_is_claimed_by_none() {
    let exceptions = format!("{METHOD} with exceptions");
    let marks = |dates: &str| basic(&exceptions, &[], dates).replace("(0012,0064) SQ\n", "");
    for tag in ["(0008,0018)", "(0020,000D)", "(0020,000E)"] {
        check(&format!(", \"{tag}\": \"keep\""), "", &marks("REMOVED"));
        let own = format!("{{ \"general\": {{ \"preset\": \"ps3.15\" }}, \"own\": {{ \"{tag}\": \"keep\" }} }}");
        let engine = engine(&[&own], Some("own")).expect("settings");
        assert_eq!(engine.plan().method(), [exceptions.as_str()]);
    }
    // Copies leave what they copy; of what may stay anyway there may be copies.
    check(", \"(0028,3003)\": \"set(@value(0010,0010)@)\"", "", &format!("{}(0028,3003) LO\n", marks("REMOVED")));
    for tag in ["(0009,1001)", "(0008,0020)", "(0014,0102)"] {
        let copy = format!(", \"(0028,3003)\": \"set(@value{tag}@)\"");
        check(&copy, "", &format!("{}(0028,3003) LO\n", marks("MODIFIED")));
    }
    let harmless = ", \"(0028,3003)\": \"set(@value(0008,0060)@)\"";
    check(harmless, "", &format!("{}(0028,3003) LO CT\n", basic(METHOD, &[BASIC], "REMOVED")));
    // A date outside the table, and dates that nobody can know of.
    for entry in ["\"(0014,0102)\": \"keep\"", "\"(0019,100C)\": \"keep\"", "\"remove_unknown_tags\": false"] {
        check(&format!(", {entry}"), "", &marks("MODIFIED"));
    }
    // The Items of a Sequence that should go.
    check(", \"(0040,0275)\": \"dummy\"", "", &marks("REMOVED"));
}

/// What an output says of itself: its codes, and (0028,0303).
fn said(found: &[Node]) -> (Vec<String>, String) {
    let text = |node: Option<&Node>| node.map(|node| String::from_utf8_lossy(&node.trimmed()).into_owned());
    let codes = find(found, Tag(0x0012, 0x0064)).map_or(&[][..], |node| items(Some(node)));
    let codes = codes.iter().filter_map(|item| text(find(item, Tag(0x0008, 0x0100))));
    (codes.collect(), text(find(found, Tag(0x0028, 0x0303))).unwrap_or_default())
}

/// Commands of which each row has the first three, and the others in turn.
const ENTRIES: [&str; 9] =
    ["keep", "set(@value@)", "remove", "safe", "set(x@value@)", "clean", "truncdate", "dummy", "clear"];

/// Which places of a planted row still show the planted value.
fn left(row: &Row, input: &[Node], output: &[u8]) -> Vec<bool> {
    let original = |place: &[Node]| find(place, row.tag).cloned();
    let shows = |(at, node): (usize, Node)| {
        let form = if at == 2 { Form::named("implicit")[0] } else { Form::EXPLICIT };
        survives(&node, form, output)
    };
    places(input).iter().enumerate().filter_map(|(at, place)| Some((at, original(place)?))).map(shows).collect()
}

/// Settings with one entry for one row; how many of them were judged.
fn judged(option: &str, code: &str, column: Option<usize>) -> usize {
    let options = if option.is_empty() { String::new() } else { format!("\"{option}\"") };
    let general = format!("\"preset\": \"ps3.15\", \"risk_documents\": \"blank\", \"profile_options\": [{options}]");
    let plain = engine(&[&format!("{{ \"general\": {{ {general} }} }}")], None).expect("settings");
    let retained = |row: &&Row| column.is_none_or(|column| row.options.as_bytes()[column] == b'K');
    let rows = rows();
    let public = rows.iter().filter(|row| row.tag.group() >= 0x0008 && row.tag.group() % 2 == 0);
    let mut count = 0;
    for (number, row) in public.filter(retained).enumerate() {
        let input = planted::planted(row.tag);
        let bytes = file(&input, Form::EXPLICIT);
        let (untouched, _) = run(&plain, &bytes, || usize::MAX).expect("an output");
        for entry in ENTRIES[..3].iter().chain([&ENTRIES[3 + number % 6]]) {
            let settings = format!("{{ \"general\": {{ {general}, \"{}\": \"{entry}\" }} }}", row.tag);
            // Not every command suits every VR.
            let Ok(engine) = engine(&[&settings], None) else { continue };
            let Ok((output, _)) = run(&engine, &bytes, || usize::MAX) else { continue };
            let (before, after) = (left(row, &input, &untouched), left(row, &input, &output));
            let context = format!("{} {entry} {option}", row.address);
            judge(&before, &after, &said(&read(&body(&output, Form::EXPLICIT), Form::EXPLICIT)), (row, code), &context);
            let strict = entry == &"remove" || entry == &"clear";
            assert!(
                !strict || !option.is_empty() || output_claims(&output),
                "{context}: nothing is left that should go"
            );
            count += 1;
        }
    }
    count
}

fn output_claims(output: &[u8]) -> bool {
    output.windows(6).any(|window| window == b"113100")
}

/// Whether what is said is true of what comes out, beside what comes out without the entry.
fn judge(before: &[bool], after: &[bool], (codes, dates): &(Vec<String>, String), of: (&Row, &str), context: &str) {
    let (row, code) = of;
    let has = |code: &str| codes.iter().any(|own| own == code);
    let more = after.iter().zip(before).any(|(after, before)| *after && !before);
    let less = after.iter().zip(before).any(|(after, before)| !after && *before);
    assert!(!more || !has("113100"), "{context}: more is left than the profile leaves");
    assert!(!less || code.is_empty() || !has(code), "{context}: less is left than the Option says");
    assert!(code.is_empty() || has(code) || !has("113100"), "{context}: other rows are retained");
    let is_date = matches!(dictionary_vr(row.tag), VR::DA | VR::DT | VR::TM);
    assert!(!is_date || !more || dates == "MODIFIED", "{context}: {dates}");
    assert!(!is_date || !less || dates != "UNMODIFIED", "{context}: {dates}");
}

/// Every row, with entries of every kind: what the codes say holds for what comes out.
#[test]
fn codes_are_true_of_every_row_under_every_entry() {
    let checked = judged("", "", None);
    println!("# assertions {checked}");
    assert!(checked > 1800, "{checked}");
}

#[test]
fn codes_are_true_of_what_options_retain() {
    let checked = [("retain_uids", "113110", 1), ("retain_full_dates", "113106", 5)]
        .map(|(option, code, column)| judged(option, code, Some(column)));
    println!("# assertions {}", checked.iter().sum::<usize>());
    assert!(checked.iter().all(|count| *count > 100), "{checked:?}");
}

#[test]
fn a_code_says_what_the_standard_says() {
    let own = [("113100", "for Mary Jones"), ("113103", "Clean Graphics Option"), ("113110", "Bauer's UIDs")];
    check("", &codes(&own), &basic(METHOD, &[GRAPHICS, BASIC], "REMOVED"));
    let more = codes(&[GRAPHICS]) + "    (0008,0103) SH for Mary Jones\n";
    check("", &more, &basic(METHOD, &[GRAPHICS, BASIC], "REMOVED"));
    let scheme = codes(&[GRAPHICS]).replace("SH DCM", "SH SRT");
    check("", &scheme, &basic(METHOD, &[BASIC], "REMOVED"));
    check("", &(codes(&[GRAPHICS, GRAPHICS])), &basic(METHOD, &[GRAPHICS, BASIC], "REMOVED"));
    // What was retained before may be there still if not all of the profile is applied.
    let kept = ", \"(0020,0052)\": \"keep\"";
    let expected = basic(&format!("{METHOD} with exceptions"), &[BASIC, UIDS], "REMOVED");
    check(kept, &codes(&[BASIC, UIDS]), &expected);
    // Under the preset that makes no claims.
    let settings = "{ \"general\": { \"preset\": \"default\" } }";
    let engine = engine(&[settings], None).expect("settings");
    let input = parse(&codes(&[own[0], own[1], ("4711", "Mary Jones")]));
    let (output, _) = run(&engine, &file(&input, Form::EXPLICIT), || usize::MAX).expect("an output");
    let found = read(&body(&output, Form::EXPLICIT), Form::EXPLICIT);
    let bytes = |node: &Node| data_set(std::slice::from_ref(node), Form::EXPLICIT);
    let expected = parse(&codes(&[GRAPHICS, BASIC]));
    assert_eq!(find(&found, Tag(0x0012, 0x0064)).map(bytes), expected.first().map(bytes));
}

#[test]
fn entries_for_the_marks_themselves_win() {
    let settings = ", \"(0012,0063)\": \"set(by us)\", \"(0012,0064)\": \"remove\", \"(0028,0303)\": \"keep\"";
    let before = format!("{}(0028,0303) CS UNMODIFIED\n", codes(&[UIDS]));
    check(settings, &before, "(0012,0062) CS YES\n(0012,0063) LO by us\n(0028,0303) CS UNMODIFIED\n");
    check(", \"(0012,0064)\": \"keep\"", &codes(&[UIDS]), &basic(METHOD, &[UIDS], "REMOVED"));
}
