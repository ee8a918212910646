//! Risky content is never silent: each class under each policy. The files are text in `tests/cases/risks/files.txt`.
#![allow(clippy::print_stdout, reason = "what ran is counted by whoever runs the tests")]

mod support;

use lethe::{Code, Error, Place, Rewrite, Risk};
use support::{Form, Node, body, engine, file, parse, run};

const FILES: &str = include_str!("cases/risks/files.txt");

/// What the presets say about each class where the settings say nothing: `default`, `none`.
const DEFAULTS: [(Risk, &str, &str); 9] = [
    (Risk::Documents, "refuse", "warn"),
    (Risk::SlideLabel, "refuse", "warn"),
    (Risk::BurnedIn, "refuse", "warn"),
    (Risk::SecondaryCapture, "warn", "warn"),
    (Risk::ScreenSave, "warn", "warn"),
    (Risk::Ultrasound, "warn", "warn"),
    (Risk::Faces, "warn", "warn"),
    (Risk::Unstated, "warn", "warn"),
    (Risk::UnstatedSlices, "pass", "pass"),
];

struct Case {
    title: &'static str,
    /// Each class and the path of the Attribute that shows it.
    risks: Vec<(Risk, &'static str)>,
    input: Vec<Node>,
}

fn cases() -> Vec<Case> {
    let case = |text: &'static str| {
        let (title, rest) = text.split_once('\n').expect("a title");
        let (notes, elements): (Vec<&str>, Vec<&str>) = rest.lines().partition(|line| line.starts_with("-- "));
        let risk = |line: &'static str| {
            let (class, path) = line[3..].split_once(' ').expect("a class and a path");
            let risk = Risk::ALL.into_iter().find(|risk| risk.class() == class);
            (risk.unwrap_or_else(|| panic!("no such class: {class}")), path)
        };
        let input = elements.join("\n").replace("PICTURE", "(7FE0,0010) OW hex: 01 02 03 04");
        Case { title, risks: notes.into_iter().map(risk).collect(), input: parse(&input) }
    };
    FILES.split("\n== ").skip(1).map(case).collect()
}

/// The outcome under some options, in every encoding: they must agree.
fn outcome(case: &Case, preset: &str, options: &[(&str, &str)]) -> Result<Rewrite, Error> {
    let mut general = serde_json::json!({ "preset": preset });
    options.iter().for_each(|(option, policy)| general[option] = (*policy).into());
    let engine = engine(&[&serde_json::json!({ "general": general }).to_string()], None).unwrap();
    let all =
        Form::all().into_iter().map(|form| run(&engine, &file(&case.input, form), || 64).map(|(_, rewrite)| rewrite));
    let mut all = all.collect::<Vec<_>>();
    let told =
        |outcome: &Result<Rewrite, Error>| outcome.as_ref().map(|r| r.report.risks.clone()).map_err(Error::clone);
    assert!(all.iter().all(|one| told(one) == told(&all[0])), "{}: encodings differ", case.title);
    all.remove(0)
}

/// Holds an outcome against what the policies of the classes in the file come to.
fn assert_outcome(case: &Case, found: Result<Rewrite, Error>, policy: impl Fn(Risk) -> &'static str) {
    let refused = case.risks.iter().find(|(risk, _)| policy(*risk) == "refuse");
    match (found, refused) {
        (Err(error), Some((risk, path))) => {
            assert_eq!(
                (error.code(), error.place()),
                (Code::Risk(*risk), &Place::Path((*path).into())),
                "{}",
                case.title
            );
            assert_eq!(error.code().as_str(), format!("risk-{}", risk.class()));
            assert!(error.message().contains(risk.option()), "the message names the setting: {error}");
            assert!(!error.is_left_out());
        }
        (Ok(rewrite), None) => {
            let told = rewrite.report.risks.iter().map(|note| (note.class, note.policy, note.path.as_str()));
            let expected = case.risks.iter().map(|(risk, path)| (risk.class(), policy(*risk), *path));
            assert_eq!(told.collect::<Vec<_>>(), expected.collect::<Vec<_>>(), "{}", case.title);
        }
        (found, _) => panic!("{}: {:?}", case.title, found.map(|rewrite| rewrite.report.risks)),
    }
}

#[test]
fn every_class_is_found_and_nothing_else() {
    let cases = cases();
    for case in &cases {
        let pass: Vec<(&str, &str)> = Risk::ALL.iter().map(|risk| (risk.option(), "pass")).collect();
        for preset in ["default", "none"] {
            assert_outcome(case, outcome(case, preset, &pass), |_| "pass");
        }
    }
    for risk in Risk::ALL {
        assert!(cases.iter().any(|case| case.risks.iter().any(|(found, _)| *found == risk)), "{risk:?} has no case");
    }
    println!("# inputs {}", cases.len());
    assert!(cases.len() >= 55, "{}", cases.len());
}

#[test]
fn every_class_obeys_every_policy() {
    let mut runs = 0;
    for case in cases() {
        for (risk, _) in &case.risks {
            for policy in ["refuse", "warn", "pass"] {
                let options: Vec<(&str, &str)> =
                    Risk::ALL.iter().map(|one| (one.option(), if one == risk { policy } else { "pass" })).collect();
                assert_outcome(
                    &case,
                    outcome(&case, "default", &options),
                    |one| if one == *risk { policy } else { "pass" },
                );
                runs += 1;
            }
        }
    }
    assert!(runs >= 100, "{runs}");
}

#[test]
fn without_an_option_the_preset_decides() {
    let policy = |risk: Risk| DEFAULTS.iter().find(|(one, ..)| *one == risk).expect("a default");
    assert!(Risk::ALL.iter().all(|risk| policy(*risk).0 == *risk));
    for case in cases() {
        assert_outcome(&case, outcome(&case, "default", &[]), |risk| policy(risk).1);
        assert_outcome(&case, outcome(&case, "none", &[]), |risk| policy(risk).2);
    }
}

fn document() -> Vec<Node> {
    cases().remove(0).input
}

/// The payload of the output under some settings, and the policy in the report.
fn payload(settings: &str) -> Result<(Option<Vec<u8>>, String), Error> {
    let engine = engine(&[settings], None).unwrap();
    let (output, rewrite) = run(&engine, &file(&document(), Form::EXPLICIT), || 64)?;
    let output = body(&output, Form::EXPLICIT);
    let at = output.windows(6).position(|window| window == b"\x42\x00\x11\x00OB");
    let value = at.map(|at| {
        let length = u32::from_le_bytes(output[at + 8..at + 12].try_into().unwrap()) as usize;
        output[at + 12..at + 12 + length].to_vec()
    });
    Ok((value, rewrite.report.risks.first().map(|note| note.policy.to_owned()).unwrap_or_default()))
}

#[test]
fn a_document_is_refused_blanked_or_left_as_it_is() {
    let original = || Some(b"%PDF-1".to_vec());
    let cases = [
        (r#"{"general": {"risk_documents": "blank"}}"#, Some(vec![0, 0]), "blank"),
        (r#"{"general": {"risk_documents": "warn"}}"#, original(), "warn"),
        (r#"{"general": {"risk_documents": "pass"}}"#, original(), "pass"),
        (r#"{"general": {"preset": "none"}}"#, original(), "warn"),
        (r#"{"general": {"preset": "none", "risk_documents": "blank"}}"#, Some(vec![0, 0]), "blank"),
        // Whoever takes the payload out by an entry has asked for it.
        (r#"{"general": {"(0042,0011)": "clear"}}"#, Some(vec![]), "blank"),
        (r#"{"general": {"(0042,0011)": "remove"}}"#, None, "blank"),
        (r#"{"general": {"preset": "none", "mode": "whitelist", "(0008,0016)": "keep"}}"#, None, "blank"),
        // An entry is stronger than the option, and the report says what was done.
        (r#"{"general": {"risk_documents": "blank", "(0042,0011)": "keep"}}"#, original(), "warn"),
    ];
    for (settings, value, policy) in cases {
        assert_eq!(payload(settings).unwrap(), (value, policy.to_owned()), "{settings}");
    }
    // Keeping the payload is no reason to take the file.
    for settings in [
        "{}",
        r#"{"general": {"(0042,0011)": "keep"}}"#,
        r#"{"general": {"preset": "none", "risk_documents": "refuse"}}"#,
    ] {
        assert_eq!(payload(settings).unwrap_err().code(), Code::Risk(Risk::Documents), "{settings}");
    }
}

#[test]
fn a_blank_document_is_no_risk_when_it_comes_again() {
    let blank = engine(&[r#"{"general": {"risk_documents": "blank"}}"#], None).unwrap();
    let (output, _) = run(&blank, &file(&document(), Form::EXPLICIT), || 64).unwrap();
    let (_, again) = run(&engine(&["{}"], None).unwrap(), &output, || 64).unwrap();
    assert!(again.report.risks.is_empty(), "{:?}", again.report.risks);
}

#[test]
fn pictures_that_do_not_stay_are_no_risk() {
    for case in cases().iter().filter(|case| case.risks.iter().any(|(risk, _)| *risk != Risk::Documents)) {
        let engine = engine(&[r#"{"general": {"(7FE0,0010)": "remove"}}"#], None).unwrap();
        let (_, rewrite) = run(&engine, &file(&case.input, Form::EXPLICIT), || 64).unwrap();
        assert!(rewrite.report.risks.is_empty(), "{}", case.title);
    }
}

#[test]
fn burned_in_annotation_stays_as_it_is() {
    let text = "(0008,0060) CS US\n(0028,0301) CS YES\n(7FE0,0010) OW hex: 01 02";
    let engine = engine(&[r#"{"general": {"risk_burned_in": "warn"}}"#], None).unwrap();
    let (output, _) = run(&engine, &file(&parse(text), Form::EXPLICIT), || 64).unwrap();
    assert!(output.windows(12).any(|window| window == b"\x28\x00\x01\x03CS\x04\x00YES "));
}

#[test]
fn the_sop_class_of_the_file_meta_information_counts_where_there_is_no_other() {
    let nodes = parse("(0028,0301) CS NO\n(7FE0,0010) OW hex: 01 02");
    let mut input = vec![0; 128];
    input.extend(b"DICM\x02\0\x02\0UI\x1A\x001.2.840.10008.5.1.4.1.1.7\0\x02\0\x10\0UI\x14\x001.2.840.10008.1.2.1\0");
    input.extend(support::data_set(&nodes, Form::EXPLICIT));
    let (_, rewrite) = run(&engine(&["{}"], None).unwrap(), &input, || 64).unwrap();
    assert_eq!(rewrite.report.risks.first().map(|note| note.class), Some("secondary-capture"));
}

#[test]
fn a_projects_policy_goes_before_the_general_one() {
    let settings = r#"{"general": {"risk_ultrasound": "refuse"}, "trial": {"risk_ultrasound": "pass"}}"#;
    let input = file(&parse("(0008,0060) CS US\n(7FE0,0010) OW hex: 01 02"), Form::EXPLICIT);
    assert!(run(&engine(&[settings], None).unwrap(), &input, || 64).is_err());
    let (_, rewrite) = run(&engine(&[settings], Some("trial")).unwrap(), &input, || 64).unwrap();
    assert_eq!(rewrite.report.risks[0].policy, "pass");
}
