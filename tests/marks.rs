//! What files say about their own de-identification under the preset `ps3.15`: (0012,0062), (0012,0063), (0012,0064) and
//! (0028,0303), in every encoding, beside what they say already.

mod support;

use std::fmt::Write;
use support::{Form, body, data_set, engine, file, parse, read, run};

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
    kept("\"(0019,100C)\": \"keep\"");
    kept("\"remove_unknown_tags\": false");
    kept("\"remove_overlays\": false");
    for entry in ["\"(0010,0010)\": \"remove\"", "\"(0018,0050)\": \"keep\"", "\"(0008,0070)\": \"remove\""] {
        check(&format!(", {entry}"), "", &basic(METHOD, &[BASIC], "REMOVED"));
    }
    // A date that stays although the others go: neither removed nor as they were.
    let modified = basic(&exceptions, &[], "MODIFIED").replace("(0012,0064) SQ\n", "");
    check(", \"(0008,0022)\": \"shiftdate\"", "", &modified);
}

/// 113110 is not said where an entry replaces a UID after all.
#[test]
fn an_option_that_an_entry_contradicts_is_not_claimed() {
    let settings = ", \"profile_options\": [\"retain_uids\"], \"(0020,0052)\": \"uid\"";
    check(settings, "", &basic(METHOD, &[BASIC], "REMOVED"));
    let settings = ", \"profile_options\": [\"retain_full_dates\"], \"(0008,0022)\": \"remove\"";
    check(settings, "", &basic(METHOD, &[BASIC], "MODIFIED"));
}

#[test]
fn entries_for_the_marks_themselves_win() {
    let settings = ", \"(0012,0063)\": \"set(by us)\", \"(0012,0064)\": \"remove\", \"(0028,0303)\": \"keep\"";
    let before = format!("{}(0028,0303) CS UNMODIFIED\n", codes(&[UIDS]));
    check(settings, &before, "(0012,0062) CS YES\n(0012,0063) LO by us\n(0028,0303) CS UNMODIFIED\n");
    check(", \"(0012,0064)\": \"keep\"", &codes(&[UIDS]), &basic(METHOD, &[UIDS], "REMOVED"));
}
