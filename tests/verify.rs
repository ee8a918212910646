//! Verification: a file's own identifiers that stand in values which would stay.

mod support;

use lethe::{Code, Rewrite};
use support::{Form, engine, file, parse, run};

const FILE: &str = "\
(0008,0008) CS ORIGINAL\\PRIMARY\\QUERNHEIM
(0008,0016) UI 1.2.840.10008.5.1.4.1.1.2
(0008,0018) UI 1.2.3.4.7
(0008,0050) SH AC-99120
(0008,0060) CS CT
(0008,0090) PN Zobelmann^Ute
(0010,0010) PN Quernheim^Gustava^^Dr.
(0010,0020) LO 4711042
(0010,0030) DA 19580423
(0018,0015) CS HEAD
(0018,5100) CS QUERNHEIM
(0020,000D) UI 1.2.3.4.5
(0020,000E) UI 1.2.3.4.6
(0020,0011) IS 4711042
(0020,0013) IS 12
";

const QUIET: &str = r#"{"general": {"verify": false}}"#;

fn out(settings: &str, text: &str, form: Form) -> (Vec<u8>, Rewrite) {
    let (bytes, rewrite) = run(&engine(&[settings], None).unwrap(), &file(&parse(text), form), || 1 << 16).unwrap();
    // A deflated output is searched as what it inflates to.
    (support::body(&bytes, form), rewrite)
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window.eq_ignore_ascii_case(text.as_bytes()))
}

fn warned(rewrite: &Rewrite, code: &str) -> Vec<String> {
    let found = rewrite.report.warnings.iter().filter(|warning| warning.code == code);
    found.map(|warning| warning.path.clone().unwrap()).collect()
}

#[test]
fn kept_values_that_hold_an_identifier_are_emptied_and_reported() {
    for form in Form::all() {
        let (bytes, rewrite) = out("{}", FILE, form);
        for planted in ["QUERNHEIM", "4711042"] {
            assert!(!holds(&bytes, planted), "{planted} {form:?}");
        }
        assert!(holds(&bytes, "ORIGINAL\\PRIMARY\\") && holds(&bytes, "HEAD"), "{form:?}");
        assert_eq!(warned(&rewrite, "identifier-found"), ["(0008,0008)", "(0018,5100)", "(0020,0011)"], "{form:?}");
        let report = serde_json::to_string(&rewrite.report).unwrap();
        assert!(!holds(report.as_bytes(), "quernheim") && !report.contains("4711042"));
    }
}

#[test]
fn without_verification_they_stay() {
    for form in Form::all() {
        let (bytes, rewrite) = out(QUIET, FILE, form);
        assert!(holds(&bytes, "QUERNHEIM") && holds(&bytes, "4711042"), "{form:?}");
        assert!(warned(&rewrite, "identifier-found").is_empty());
    }
}

#[test]
fn values_in_items_are_searched() {
    let text = format!("{FILE}(0070,0001) SQ\n  -\n    (0070,0002) CS GUSTAVA\n");
    let (bytes, rewrite) = out("{}", &text, Form::EXPLICIT);
    assert!(!holds(&bytes, "GUSTAVA"));
    assert!(warned(&rewrite, "identifier-found").contains(&"(0070,0001)[0].(0070,0002)".to_owned()));
    assert!(holds(&out(QUIET, &text, Form::EXPLICIT).0, "GUSTAVA"));
}

#[test]
fn a_structural_value_stays_and_is_reported() {
    let text = FILE.replace("ORIGINAL\\", "QUERNHEIM\\");
    let (_, rewrite) = out("{}", &text, Form::EXPLICIT);
    assert_eq!(warned(&rewrite, "identifier-stays"), ["(0008,0008)"]);
}

#[test]
fn a_binary_value_with_an_identifier_refuses_the_file() {
    let text = format!("{FILE}(0028,2000) OB hex: 00 01 20 51 55 45 52 4E 48 45 49 4D 20 00\n");
    for form in Form::all() {
        let bytes = file(&parse(&text), form);
        let error = run(&engine(&["{}"], None).unwrap(), &bytes, || 1 << 16).unwrap_err();
        assert_eq!(error.code(), Code::Residual, "{error}");
        assert!(error.to_string().starts_with("(0028,2000): ") && !holds(error.to_string().as_bytes(), "quernheim"));
        assert!(run(&engine(&[QUIET], None).unwrap(), &bytes, || 1 << 16).is_ok());
    }
}

#[test]
fn what_the_settings_keep_is_no_identifier() {
    let keep = r#"{"general": {"(0010,0020)": "keep", "(0018,5100)": "keep"}}"#;
    let (bytes, rewrite) = out(keep, FILE, Form::EXPLICIT);
    assert_eq!(warned(&rewrite, "identifier-found"), ["(0008,0008)"]);
    assert!(holds(&bytes, "4711042") && holds(&bytes, "QUERNHEIM"));
    let copied = r#"{"general": {"(0010,0020)": "set(A-@value@)"}}"#;
    assert_eq!(warned(&out(copied, FILE, Form::EXPLICIT).1, "identifier-found"), ["(0008,0008)", "(0018,5100)"]);
}

#[test]
fn preset_none_verifies_only_if_asked() {
    let (bytes, _) = out(r#"{"general": {"preset": "none"}}"#, FILE, Form::EXPLICIT);
    assert!(holds(&bytes, "QUERNHEIM"));
    let asked = r#"{"general": {"preset": "none", "(0010,0010)": "clear", "verify": true}}"#;
    let (bytes, rewrite) = out(asked, FILE, Form::EXPLICIT);
    assert!(!holds(&bytes, "QUERNHEIM"));
    assert!(warned(&rewrite, "identifier-found").contains(&"(0018,5100)".to_owned()));
}

#[test]
fn short_numbers_and_common_words_do_no_harm() {
    let text = FILE
        .replace("LO 4711042", "LO 512")
        .replace("IS 4711042", "IS 512")
        .replace("PN Quernheim^Gustava", "PN HEAD^Test")
        .replace("IS 12\n", "IS 12\n(0028,0010) US 512\n(0028,1050) DS 512\n");
    let (bytes, rewrite) = out("{}", &text, Form::EXPLICIT);
    assert!(warned(&rewrite, "identifier-found").is_empty(), "{:?}", rewrite.report.warnings);
    assert!(holds(&bytes, "HEAD") && holds(&bytes, "512"));
}
