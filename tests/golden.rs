//! Golden tests of the settings language: each case is text in `tests/cases/golden/*.txt`.
//!
//! ```text
//! == what the case shows
//! -- settings                 JSON; a second block is the rule's settings, laid over the module's
//! -- project NAME
//! -- lookup                   the table for @lookup(column)@, in CSV
//! -- encodings explicit big   default: explicit implicit big deflated
//! -- pseudonyms               NAME = function(arguments) -> value: what $NAME stands for in `output`; the values are
//!                             checked by `tests/oracle/pseudonyms.py`, which computes them anew
//! -- input                    a Data Set (see tests/support)
//! -- output                   the Data Set that must come out, byte for byte
//! -- error CODE PLACE         instead of an output
//! -- warnings                 what the report must hold: CODE PATH, one a line
//! -- explain                  lines that must be in the printed assignment: address, action, source between bars
//! ```
//!
//! Each case runs in every encoding, with defined and undefined lengths, in one piece and in random windows. The
//! output is compared byte by byte, then read by dicom-object and compared again.

#![allow(clippy::print_stdout, reason = "what ran is counted by whoever runs the tests")]

mod support;

use lethe::{Error, Place, Rewrite};
use std::path::Path;
use support::{Form, Node, Random, body, compare, data_set, engine_with, file, is_readable, parse, run};

#[derive(Default)]
struct Case {
    title: String,
    settings: Vec<String>,
    project: Option<String>,
    lookup: Option<String>,
    encodings: Option<String>,
    pseudonyms: String,
    input: String,
    output: Option<String>,
    error: Option<String>,
    warnings: Option<String>,
    explain: String,
}

/// Fewer than this means that cases were lost.
const FLOOR_CASES: usize = 250;
const FLOOR_VALUES: usize = 4900;

#[test]
fn every_case_gives_what_it_says() {
    let (mut cases, mut runs, mut values, mut failed) = (0, 0, 0, Vec::new());
    for case in read_cases() {
        let forms = case.encodings.as_deref().map_or_else(Form::all, Form::named);
        for form in forms {
            // Go on after a failure: its message is printed, and all that fail are listed.
            match std::panic::catch_unwind(|| check(&case, form)) {
                Ok(compared) => values += compared,
                Err(_) => failed.push(format!("{} ({form:?})", case.title)),
            }
            runs += 1;
        }
        cases += 1;
    }
    println!("golden: {cases} cases, {runs} runs, {values} values read back");
    println!("# inputs {runs}\n# assertions {values}");
    assert!(failed.is_empty(), "{} runs failed:\n{}", failed.len(), failed.join("\n"));
    assert!(cases >= FLOOR_CASES && values >= FLOOR_VALUES, "{cases} cases, {values} values");
}

fn check(case: &Case, form: Form) -> usize {
    let context = format!("{} ({form:?})", case.title);
    let settings: Vec<&str> = case.settings.iter().map(String::as_str).collect();
    let engine = match engine_with(&settings, case.project.as_deref(), case.lookup.as_deref()) {
        Ok(engine) => engine,
        Err(error) => return check_error(case, &error, &context),
    };
    check_explain(case, &engine, &context);
    let input = file(&parse(&case.input), form);
    let outcome = run(&engine, &input, || usize::MAX);
    let mut random = Random(0x9E37_79B9_7F4A_7C15 ^ input.len() as u64);
    for _ in 0..3 {
        let cut = run(&engine, &input, || random.below(60 + input.len() / 100));
        assert_eq!(plain(&outcome), plain(&cut), "{context}: windows matter");
    }
    match outcome {
        Err(error) => check_error(case, &error, &context),
        Ok((output, rewrite)) => {
            check_warnings(case, &rewrite, &context);
            check_output(case, &output, form, &context)
        }
    }
}

fn plain(outcome: &Result<(Vec<u8>, Rewrite), Error>) -> Result<&[u8], String> {
    outcome.as_ref().map(|(output, _)| output.as_slice()).map_err(|error| format!("{:?} {error}", error.code()))
}

fn check_error(case: &Case, error: &Error, context: &str) -> usize {
    let place = match error.place() {
        Place::Nowhere => String::new(),
        Place::Offset(offset) => format!(" offset {offset}"),
        Place::Path(path) => format!(" {path}"),
        Place::Table(line) => format!(" table line {line}"),
        Place::Text { line, column } => format!(" line {line} column {column}"),
    };
    let found = format!("{}{place}", error.code().as_str());
    assert_eq!(case.error.as_deref(), Some(found.as_str()), "{context}: {error}");
    1
}

fn check_output(case: &Case, output: &[u8], form: Form, context: &str) -> usize {
    let expected = case.output.as_deref().unwrap_or_else(|| panic!("{context}: gives an output"));
    let expected = parse(&substitute(expected, &case.pseudonyms));
    let found = body(output, form);
    if found != data_set(&expected, form) {
        panic!("{context}:\nexpected\n{}found\n{}", shown(&data_set(&expected, form)), shown(&found));
    }
    if !is_readable(&expected, form) {
        return 0;
    }
    let object = dicom_object::from_reader(output).unwrap_or_else(|error| panic!("{context}: {error}"));
    let meta = object.meta();
    assert_eq!(meta.transfer_syntax().trim_end_matches('\0'), form.transfer_syntax());
    if let Some(instance) = expected.iter().find(|node| node.tag == dicom_core::Tag(8, 0x18)) {
        let same = meta.media_storage_sop_instance_uid().as_bytes() == instance.trimmed();
        assert!(same, "{context}: (0002,0003) is not (0008,0018)");
    }
    assert!(meta.source_application_entity_title.is_none(), "{context}: original group 0002");
    compare(&object, &expected, form)
}

fn check_warnings(case: &Case, rewrite: &Rewrite, context: &str) {
    let Some(expected) = &case.warnings else { return };
    let found: Vec<String> = rewrite
        .report
        .warnings
        .iter()
        .map(|w| format!("{} {}", w.code, w.path.as_deref().unwrap_or_default()).trim().to_owned())
        .collect();
    let expected: Vec<&str> = expected.lines().filter(|line| !line.is_empty()).collect();
    assert_eq!(found, expected, "{context}");
}

fn check_explain(case: &Case, engine: &lethe::Deidentifier, context: &str) {
    let rules = engine.plan().explain();
    let lines: Vec<String> =
        rules.iter().map(|rule| format!("{} | {} | {}", rule.address, rule.action, rule.because)).collect();
    for expected in case.explain.lines().filter(|line| !line.is_empty()) {
        assert!(lines.iter().any(|line| line == expected), "{context}: no line {expected}\n{lines:#?}");
    }
}

fn shown(bytes: &[u8]) -> String {
    let lines = bytes.chunks(32).map(|chunk| {
        let hex: String = chunk.iter().map(|byte| format!("{byte:02X}")).collect();
        let text: String = chunk.iter().map(|b| if (0x20..0x7F).contains(b) { *b as char } else { '.' }).collect();
        format!("  {hex:64} {text}\n")
    });
    lines.collect()
}

/// `$NAME` stands for the value of a line of `pseudonyms`, `@markers` for what `default` writes into group 0012.
fn substitute(output: &str, pseudonyms: &str) -> String {
    let method = format!("Lethe, preset default, PS3.15 {} Table E.1-1", lethe::profile::EDITION);
    let markers = format!("(0012,0062) CS YES\n(0012,0063) LO {method}");
    let mut output = output.replace("@markers", &markers);
    for line in pseudonyms.lines().filter(|line| !line.is_empty()) {
        let (name, value) = pseudonym(line).unwrap_or_else(|| panic!("NAME = function(…) -> value: {line}"));
        output = output.replace(&format!("${name}"), value);
    }
    assert!(!output.contains('$'), "a name without a pseudonym: {output}");
    output
}

fn pseudonym(line: &str) -> Option<(&str, &str)> {
    Some((line.split_once(" = ")?.0, line.split_once(" -> ")?.1))
}

// --- reading the cases --------------------------------------------------------------------------

fn read_cases() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/golden");
    let mut files: Vec<_> = std::fs::read_dir(folder).expect("the cases").flatten().map(|entry| entry.path()).collect();
    files.sort();
    files.iter().flat_map(|path| read_file(&std::fs::read_to_string(path).expect("text"))).collect()
}

fn read_file(text: &str) -> Vec<Case> {
    let cases = text.split("\n== ").skip(1);
    let cases: Vec<Case> = cases.map(read_case).collect();
    assert!(!cases.is_empty(), "a file of cases without a case");
    cases
}

fn read_case(text: &str) -> Case {
    let (title, rest) = text.split_once('\n').expect("a case has a title and sections");
    let mut case = Case { title: title.to_owned(), ..Case::default() };
    for section in format!("\n{rest}").split("\n-- ").skip(1) {
        let (head, content) = section.split_once('\n').unwrap_or((section, ""));
        let (name, argument) = head.split_once(' ').unwrap_or((head, ""));
        let (argument, content) = (argument.to_owned(), content.to_owned());
        match name {
            "settings" => case.settings.push(content),
            "project" => case.project = Some(argument),
            "lookup" => case.lookup = Some(content),
            "encodings" => case.encodings = Some(argument),
            "pseudonyms" => case.pseudonyms = content,
            "input" => case.input = content,
            "output" => case.output = Some(content),
            "error" => case.error = Some(argument),
            "warnings" => case.warnings = Some(content),
            "explain" => case.explain = content,
            _ => panic!("{title}: no such section: {name}"),
        }
    }
    assert!(case.output.is_some() != case.error.is_some(), "{title}: an output or an error");
    case
}

/// The harness itself must be able to fail.
#[test]
#[should_panic(expected = "expected\n")]
fn a_wrong_expectation_fails() {
    let text = "wrong\n-- settings\n{\"general\": {\"preset\": \"none\"}}\n-- input\n(0010,0010) PN A\n-- output\n(0010,0010) PN B\n";
    check(&read_case(text), Form::EXPLICIT);
}

#[test]
fn a_file_in_text_is_the_file_in_bytes() {
    let nodes: Vec<Node> = parse("(0008,0018) UI 1.2\n(0040,0275) SQ\n  -\n    (0028,0010) US 258\n");
    let big = Form::named("big")[0];
    let expected = b"\x00\x08\x00\x18UI\x00\x041.2\0\x00\x40\x02\x75SQ\0\0\0\0\0\x12\
                     \xFF\xFE\xE0\x00\0\0\0\x0A\x00\x28\x00\x10US\x00\x02\x01\x02";
    assert_eq!(data_set(&nodes, big), expected);
}
