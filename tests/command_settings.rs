//! What the command is told: settings, projects, keys, `explain`.

#![cfg(feature = "cli")]

mod common;

use common::command::{KEY, Scratch, assert_silent_about_identity, code, command, lethe, names, said, value};
use common::{Ct, Syntax};
use serde_json::Value;
use std::ffi::OsStr;
use std::path::Path;

#[test]
fn settings_are_checked_before_any_file_is_opened() {
    let scratch = Scratch::new();
    scratch.write("in/1.dcm", Ct::new(Syntax::Explicit, "Doe", 1, 1).file());
    let fine = scratch.write("private-folder/fine.json", r#"{"general": {}}"#);
    for (settings, message) in [
        ("{\"general\": {\n  \"(0010,0010)\": \"kep\"}}", "--config 2: line 2, column "),
        ("{\"general\": {", "--config 2: line 1, column "),
        ("[]", "--config 2: line 1, column 1: "),
        ("\u{fffd}", "--config 2: line 1, column 1: "),
    ] {
        let broken = scratch.write("private-folder/broken.json", settings);
        let out = scratch.path("out");
        let output = lethe(&[&scratch.path("in"), &out, &"--config", &fine, &"--config", &broken]);
        assert_eq!(code(&output), 1);
        assert!(said(&output).contains(message), "{}", said(&output));
        assert_silent_about_identity(&said(&output));
        assert!(!out.exists());
        let output = command(&[&"explain", &"--config", &broken]).output().unwrap();
        assert_eq!(code(&output), 1);
    }
    let broken = scratch.write("private-folder/broken.json", [0xFF, 0xFE, b'{', 0]);
    let output = lethe(&[&scratch.path("in"), &scratch.path("out"), &"--config", &broken]);
    assert!(said(&output).contains("--config 1: the text is not UTF-8"), "{}", said(&output));
    let output = lethe(&[&scratch.path("in"), &scratch.path("out"), &"--config", &scratch.path("private-folder/none")]);
    assert_eq!(code(&output), 1);
    assert_silent_about_identity(&said(&output));
}

#[test]
fn later_settings_win_and_the_project_wins_over_general() {
    let scratch = Scratch::new();
    let input = scratch.write("in/1.dcm", Ct::new(Syntax::Explicit, "Doe", 1, 1).file());
    let a = scratch.write("a.json", r#"{"general": {"(0010,0010)": "set(A)", "(0010,4000)": "set(A)"}, "study": {}}"#);
    let b = scratch.write("b.json", r#"{"general": {"(0010,0010)": "set(B)"}, "study": {"(0010,4000)": "set(P)"}}"#);
    let run = |out: &str, rest: &[&dyn AsRef<OsStr>]| {
        let out = scratch.path(out);
        let output = lethe(&[&[&input as &dyn AsRef<OsStr>, &out, &"--config", &a, &"--config", &b], rest].concat());
        assert_eq!(code(&output), 0, "{}", said(&output));
        let file = out.join(&names(&out)[0]);
        (value(&file, (0x0010, 0x0010)), value(&file, (0x0010, 0x4000)))
    };
    assert_eq!(run("out-1", &[]), ("B".into(), "A".into()));
    assert_eq!(run("out-2", &[&"--project", &"az_STUDY"]), ("B".into(), "P".into()));
}

#[test]
fn warnings_about_settings_are_said_unless_quiet() {
    let scratch = Scratch::new();
    scratch.write("in/1.dcm", Ct::new(Syntax::Explicit, "Doe", 1, 1).file());
    let odd = scratch.write("odd.json", "{\"general\": {\n \"remove_unknown_tag\": \"true\"}}");
    let output = lethe(&[&scratch.path("in"), &scratch.path("a"), &"--config", &odd]);
    assert!(said(&output).contains("--config 1: line 2, column "), "{}", said(&output));
    assert!(said(&output).contains("remove_unknown_tags"), "{}", said(&output));
    let output = lethe(&[&scratch.path("in"), &scratch.path("b"), &"--config", &odd, &"--quiet"]);
    assert_eq!((code(&output), said(&output).as_str()), (0, ""));
}

#[test]
fn the_key_may_be_given_in_four_ways() {
    let scratch = Scratch::new();
    scratch.write("in/1.dcm", Ct::new(Syntax::Explicit, "Doe", 1, 1).file());
    let raw = scratch.write("raw.key", (0..32).collect::<Vec<u8>>());
    let hex = scratch.write("hex.key", format!("{}\n", KEY.to_uppercase()));
    let run = |out: &str, key: Option<&dyn AsRef<OsStr>>, variable: &str| {
        let out = scratch.path(out);
        let mut command = command(&[&scratch.path("in"), &out]);
        command.env("LETHE_KEY", variable).args(key.map(|_| "--key")).args(key);
        assert_eq!(code(&command.output().unwrap()), 0);
        names(&out)
    };
    let expected = run("a", Some(&KEY), "");
    assert_eq!(run("b", Some(&raw), ""), expected);
    assert_eq!(run("c", Some(&hex), ""), expected);
    assert_eq!(run("d", None, KEY), expected);
    assert_eq!(run("e", Some(&KEY), &"ff".repeat(32)), expected, "the command line goes before the environment");
    let random = run("f", None, "");
    assert_ne!(random, expected);
    assert_ne!(run("g", None, ""), random);

    for wrong in ["private-folder", &KEY[1..], &format!("{KEY}00")] {
        let output = command(&[&scratch.path("in"), &scratch.path("out"), &"--key", &wrong]).output().unwrap();
        assert_eq!(code(&output), 1);
        assert!(!said(&output).contains(wrong), "{}", said(&output));
    }
}

#[test]
fn settings_may_name_the_file_of_the_key() {
    let scratch = Scratch::new();
    scratch.write("in/1.dcm", Ct::new(Syntax::Explicit, "Doe", 1, 1).file());
    let settings = |name: &str, file: &Path| {
        scratch.write(name, serde_json::json!({ "general": { "key_file": file } }).to_string())
    };
    let named = settings("named.json", &scratch.write("hex.key", KEY));
    let run = |out: &str, settings: &dyn AsRef<OsStr>, more: &[&str]| {
        let out = scratch.path(out);
        let mut command = command(&[&scratch.path("in"), &out, &"--config", settings]);
        let output = command.args(more).env("LETHE_KEY", "ee".repeat(32)).output().unwrap();
        (code(&output), if out.exists() { names(&out) } else { Default::default() }, said(&output))
    };
    let by_argument = |out: &str, key: &str| run(out, &scratch.write("empty.json", "{}"), &["--key", key]).1;
    let expected = by_argument("a", KEY);
    assert_eq!(run("b", &named, &[]).1, expected, "before the environment");
    let other = "ff".repeat(32);
    assert_eq!(run("c", &named, &["--key", &other]).1, by_argument("d", &other), "behind the command line");
    let missing = settings("missing.json", &scratch.path("private-folder/no.key"));
    let (code, outputs, said) = run("e", &missing, &[]);
    assert_eq!((code, outputs.len()), (1, 0));
    assert!(said.contains("key_file") && !said.contains("private-folder"), "{said}");
}

#[test]
fn explain_shows_the_final_assignment() {
    let scratch = Scratch::new();
    let settings = r#"{"general": {"print_assignment": true, "(0010,0010)": "set(@project_prefix@)"}, "p": {"(0010,0020)": "keep"}}"#;
    let config = scratch.write("settings.json", settings);
    let output = command(&[&"explain", &"--config", &config, &"--project", &"P"]).output().unwrap();
    assert_eq!((code(&output), output.stderr.len()), (0, 0));
    let table = said(&output);
    assert!(table.starts_with("address"), "{table}");
    let row = |address: &str| table.lines().find(|line| line.starts_with(address)).unwrap().to_owned();
    assert!(row("(0010,0010)").contains("PatientName"), "{table}");
    assert!(row("(0010,0010)").contains("set(@project_prefix@)"));
    assert!(row("(0010,0020)").contains("keep"));

    let output = command(&[&"explain", &"--config", &config, &"--project", &"P", &"--json"]).output().unwrap();
    let rules: Value = serde_json::from_slice(&output.stdout).unwrap();
    let rule = rules.as_array().unwrap().iter().find(|rule| rule["address"] == "(0010,0020)").unwrap();
    assert_eq!((&rule["keyword"], &rule["action"]), (&"PatientID".into(), &"keep".into()));
    assert_eq!(rules.as_array().unwrap().len() + 1, table.lines().count());

    // `print_assignment` shows the same before processing.
    scratch.write("in/1.dcm", Ct::new(Syntax::Explicit, "Doe", 1, 1).file());
    let output = lethe(&[&scratch.path("in"), &scratch.path("out"), &"--config", &config, &"--project", &"P"]);
    assert!(String::from_utf8(output.stderr).unwrap().starts_with(&table));
}

#[test]
fn values_come_from_a_table_that_no_message_and_no_report_repeats() {
    let scratch = Scratch::new();
    let input = scratch.write("in/1.dcm", Ct::new(Syntax::Explicit, "Doe", 1, 1).file());
    let id = value(&input, (0x0010, 0x0020));
    let config = scratch.write("c.json", r#"{"general": {"PatientID": "set(@lookup(new)@)"}}"#);
    let report = scratch.path("report.json");
    let run = |out: &str, table: &str| {
        let (table, out) = (scratch.write("private-folder/table.csv", table), scratch.path(out));
        let arguments: [&dyn AsRef<OsStr>; 8] =
            [&scratch.path("in"), &out, &"--config", &config, &"--lookup", &table, &"--report", &report];
        (lethe(&arguments), out)
    };
    let (output, out) = run("out-1", &format!("\u{feff}new;id_old\r\nSubject 7;{id}\r\n"));
    assert_eq!(code(&output), 0, "{}", said(&output));
    assert_eq!(value(&out.join(&names(&out)[0]), (0x0010, 0x0020)), "Subject 7");
    assert!(!std::fs::read_to_string(&report).unwrap().contains(&id));
    for (table, exit, message) in [
        (
            "id_old,new\nnobody,Subject 8\n".to_owned(),
            1,
            "refused: (0010,0020): the lookup table has no row for this file",
        ),
        (
            format!("id_old,new\n{id},Subject 7\n{id},Subject 8\n"),
            1,
            "settings: lookup table, line 3: the row has the same",
        ),
        (
            format!("id_old,new\n{id},\"Subject 7\n"),
            1,
            "settings: lookup table, line 2: a quotation mark is not closed",
        ),
        (
            format!("id_old,old\n{id},Subject 7\n"),
            1,
            "settings: line 1, column 14: \"PatientID\": the lookup table has no column",
        ),
        (format!("id,new\n{id},Subject 7\n"), 1, "\"lookup_key\": the lookup table has no column for the key"),
    ] {
        let (output, out) = run("out-2", &table);
        assert_eq!(code(&output), exit, "{}", said(&output));
        assert!(said(&output).contains(message), "{}", said(&output));
        assert!(!said(&output).contains(&id) && !said(&output).contains("Subject"), "{}", said(&output));
        assert!(!out.exists() || names(&out).is_empty());
        assert_silent_about_identity(&said(&output));
    }
    let output = lethe(&[&scratch.path("in"), &scratch.path("out-3"), &"--config", &config]);
    assert!(said(&output).contains("needs a table, which was not given"), "{}", said(&output));
    let none = scratch.path("private-folder/none.csv");
    let output = lethe(&[&scratch.path("in"), &scratch.path("out-3"), &"--config", &config, &"--lookup", &none]);
    assert!(code(&output) == 1 && said(&output).contains("--lookup: "), "{}", said(&output));
    assert_silent_about_identity(&said(&output));
}
