//! Birth dates and ages over 89 years stay under no Option, wherever they stand: in dates that an Option retains, and in
//! Content Items that are called so.

mod support;

use support::{Form, body, engine, file, parse, read, run};

/// What stands in an output, in one text, and the codes of its warnings.
fn output(settings: &str, input: &str) -> (String, Vec<&'static str>) {
    let engine = engine(&[settings], None).expect("settings");
    let form = Form::EXPLICIT;
    let (output, rewrite) = run(&engine, &file(&parse(input), form), || usize::MAX).expect("an output");
    let warnings = rewrite.report.warnings.iter().map(|warning| warning.code).collect();
    (format!("{:?}", read(&body(&output, form), form)), warnings)
}

fn options(list: &str) -> String {
    format!("{{ \"general\": {{ \"preset\": \"ps3.15\", \"profile_options\": [{list}] }} }}")
}

/// A report with one Content Item.
fn report(kind: &str, scheme: &str, code: &str, value: &str) -> String {
    format!(
        "(0008,0016) UI 1.2.840.10008.5.1.4.1.1.88.33\n(0008,0020) DA 20240517\n(0040,A730) SQ\n  -\n    \
         (0040,A040) CS {kind}\n    (0040,A043) SQ\n      -\n        (0008,0100) SH {code}\n        (0008,0102) SH {scheme}\n{value}"
    )
}

/// Whether the output holds a text, in the bytes of its values as they are printed.
fn holds(output: &str, text: &str) -> bool {
    let bytes: Vec<String> = text.bytes().map(|byte| byte.to_string()).collect();
    output.contains(&bytes.join(", "))
}

#[test]
fn content_items_hold_no_birth_date_under_any_option() {
    for list in [
        "",
        "\"retain_full_dates\"",
        "\"retain_full_dates\", \"clean_structured_content\"",
        "\"retain_modified_dates\"",
    ] {
        for (scheme, code) in [("DCM", "121031"), ("LN", "21112-8")] {
            for value in ["    (0040,A121) DA 19610324", "    (0040,A120) DT 19610324101500"] {
                let input = report("DATE", scheme, code, value);
                let (output, _) = output(&options(list), &input);
                assert!(!holds(&output, "196103"), "{list} {code}");
                assert!(!list.contains("retain") || holds(&output, "19000101"), "{list} {code}: {output}");
            }
        }
    }
    // Another date stays.
    let (output, _) =
        output(&options("\"retain_full_dates\""), &report("DATE", "DCM", "111060", "    (0040,A121) DA 19610324"));
    assert!(holds(&output, "19610324"));
}

#[test]
fn retained_dates_that_are_the_birth_date_become_dummies() {
    let dates = |study: &str, other: &str| {
        format!("(0008,0020) DA {study}\n(0008,0021) DA {other}\n(0008,002A) DT {other}101500\n(0010,0030) DA 19610324")
    };
    let settings = options("\"retain_full_dates\"");
    let (found, warnings) = output(&settings, &dates("20240517", "19610324"));
    assert!(!holds(&found, "19610324") && holds(&found, "20240517"), "{found}");
    assert_eq!(warnings, ["identifier-found", "identifier-found"]);
    // The patient was born on the day of the study, as its date says.
    let (found, warnings) = output(&settings, &dates("19610324", "19610324"));
    assert!(holds(&found, "19610324") && warnings.is_empty(), "{found}");
}

#[test]
fn ages_in_content_items_are_capped() {
    let age = |unit: &str, number: &str| {
        format!(
            "    (0040,A300) SQ\n      -\n        (0040,08EA) SQ\n          -\n            (0008,0100) SH {unit}\n            \
             (0008,0102) SH UCUM\n        (0040,A161) FD 95.5\n        (0040,A30A) DS {number}"
        )
    };
    for settings in [r#"{"general": {}}"#.to_owned(), options("")] {
        for (scheme, code) in [("DCM", "121033"), ("LN", "30525-0")] {
            for (unit, number, left) in [
                ("a", "95", "90"),
                ("a", "95.5", "90"),
                ("a", "89", "89"),
                ("mo", "1150", "1080"),
                ("mo", "95", "95"),
                ("d", "40000", "32873"),
            ] {
                let (output, _) = output(&settings, &report("NUM", scheme, code, &age(unit, number)));
                assert!(holds(&output, left), "{settings} {code} {number} {unit}: {output}");
                assert!(left == number || !holds(&output, number), "{settings} {code} {number} {unit}");
            }
        }
        // Another number of 95 is none of them.
        let (output, _) = output(&settings, &report("NUM", "DCM", "121206", &age("a", "95")));
        assert!(holds(&output, "95"));
    }
    let keep = r#"{"general": {"ages_over_89": "keep"}}"#;
    let (output, _) = output(keep, &report("NUM", "DCM", "121033", &age("a", "95")));
    assert!(holds(&output, "95"));
}
