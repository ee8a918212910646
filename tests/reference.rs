//! The examples of docs/CONFIG.md do what stands below them.
//!
//! Settings (a block `json lethe`) can be followed by a block `text lethe` with a line for each element, `TAG VR before → after`,
//! or by one `text lethe refused` with what is in a file that has no output. A block `csv lethe` is the table of the next settings.

#![allow(clippy::print_stdout, reason = "what ran is counted by whoever runs the tests")]

mod support;

use dicom_core::Tag;
use lethe::{Code, Config};
use support::{Form, body, engine_with, file, parse, read, run, tag};

const ABSENT: &str = "(absent)";
const GONE: &str = "(gone)";
const EMPTY: &str = "(empty)";
const CT: &str = "1.2.840.10008.5.1.4.1.1.2";
/// Every command and macro of the reference stands in an example that is run.
const COVERED: [&str; 26] = [
    "keep",
    "safe",
    "remove",
    "clear",
    "set(",
    "truncdate",
    "truncdate(month)",
    "shiftdate",
    "clean",
    "dummy",
    "uid",
    "hash",
    "hash(12)",
    "age",
    "refuse",
    "@project_name@",
    "@project_owner@",
    "@project_prefix@",
    "@process_date@",
    "@process_time@",
    "@random_uid@",
    "@fake_name@",
    "@fake_mrn@",
    "@fake_acc@",
    "@hash_acc@",
    "@lookup(",
];

/// Settings and what is said about a file.
struct Example {
    settings: String,
    table: Option<String>,
    lines: String,
    is_refused: bool,
}

#[test]
fn examples_of_the_reference_do_what_they_say() {
    let reference =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/CONFIG.md")).expect("docs/CONFIG.md");
    let examples = examples(&reference);
    let compared: usize = examples.iter().map(check).sum();
    println!("{} examples of docs/CONFIG.md, {compared} elements", examples.len());
    println!("# inputs {}\n# assertions {compared}", examples.len());
    let settings: String = examples.iter().map(|example| example.settings.as_str()).collect();
    for word in COVERED {
        assert!(settings.contains(word), "{word} stands in no example that is run");
    }
    assert!(settings.contains("@value@") && settings.contains("@value(0"));
}

/// The blocks of the reference, put together.
fn examples(reference: &str) -> Vec<Example> {
    let (mut settings, mut table, mut examples) = (String::new(), None, Vec::new());
    let blocks = reference.split("\n```").skip(1).step_by(2);
    for (kind, content) in blocks.map(|block| block.split_once('\n').expect("a block has lines")) {
        match kind {
            "json lethe" => settings = content.to_owned(),
            "csv lethe" => table = Some(content.to_owned()),
            "text lethe" | "text lethe refused" => examples.push(Example {
                settings: settings.clone(),
                table: table.clone(),
                lines: content.to_owned(),
                is_refused: kind.ends_with("refused"),
            }),
            _ => {}
        }
    }
    examples
}

/// How many elements are as the example says; the project's section applies if there is one.
fn check(example: &Example) -> usize {
    let config = Config::parse(&example.settings).expect("settings");
    let project = config.projects.keys().next().map(String::as_str);
    let engine = engine_with(&[&example.settings], project, example.table.as_deref()).expect("settings");
    let lines: Vec<(Tag, &str, &str)> = example.lines.lines().map(line).collect();
    let input: String =
        example.lines.lines().zip(&lines).filter(|(_, (.., before))| *before != ABSENT).map(input_line).collect();
    let input = file(&parse(&format!("(0008,0016) UI {CT}\n{input}")), Form::EXPLICIT);
    let output = match (run(&engine, &input, || usize::MAX), example.is_refused) {
        (Err(error), true) => {
            assert!(matches!(error.code(), Code::Refused | Code::Settings), "{error}: {}", example.lines);
            return 1;
        }
        (outcome, true) => panic!("not refused: {outcome:?}: {}", example.lines),
        (outcome, false) => outcome.unwrap_or_else(|error| panic!("{error}: {}", example.lines)).0,
    };
    let nodes = read(&body(&output, Form::EXPLICIT), Form::EXPLICIT);
    for (tag, after, _) in &lines {
        let found = nodes.iter().find(|node| node.tag == *tag).map(|node| node.trimmed());
        let found = found.map_or(GONE.into(), |value| String::from_utf8(value).expect("UTF-8"));
        assert_eq!(if found.is_empty() { EMPTY } else { &found }, *after, "{tag} in\n{}", example.settings);
    }
    lines.len()
}

/// The tag, what becomes of the value, and what it was.
fn line(text: &str) -> (Tag, &str, &str) {
    let (before, after) = text.split_once(" → ").unwrap_or((text, ""));
    let mut words = before.splitn(3, ' ');
    let (address, _vr) = (words.next().expect("a tag"), words.next());
    (tag(address), after, words.next().unwrap_or_default())
}

fn input_line((text, _): (&str, &(Tag, &str, &str))) -> String {
    format!("{}\n", text.split(" → ").next().unwrap_or_default().replace(EMPTY, ""))
}
