//! The settings language, held by the files of `examples/configs` and the examples in `docs/CONFIG.md`.
//!
//! `valid/NAME.json` must parse to what `NAME.expected.txt` tells, `invalid/NAME.json` must fail with
//! the text in `NAME.expected.txt`, and `NAME.module.json` under `NAME.rule.json` must merge to
//! `NAME.merged.txt`. Adding a case is adding a file; `LETHE_BLESS=1` writes the expected texts, to
//! be read before they are committed.
#![allow(clippy::print_stdout)]

use lethe::config::{Config, ProfileOption, SCHEMA, Section};
use lethe::{Code, Error, Place, Plan, Risk};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs};

/// No fewer files than these may be found: a test that finds nothing must not pass.
const VALID_FLOOR: usize = 40;
const INVALID_FLOOR: usize = 100;
const MERGED_FLOOR: usize = 3;
const DOCUMENTED_FLOOR: usize = 45;

/// Invalid examples that the schema cannot reject: what is no JSON, what stands twice, what has a keyword, what would
/// have to be reckoned.
const BEYOND_SCHEMA: [&str; 22] = [
    "comment",
    "empty",
    "general-twice-by-case",
    "creator-twice-by-padding",
    "date-shift-reversed",
    "key-twice",
    "keyword-and-tag",
    "keyword-command",
    "lone-surrogate",
    "missing-comma",
    "no-json",
    "not-closed",
    "only-space",
    "project-twice-by-case",
    "raw-line-break",
    "section-twice",
    "single-quotes",
    "tag-twice-by-case",
    "trailing-comma",
    "two-documents",
    "unknown-key-twice",
    "windows-comment",
];

#[test]
fn valid_examples_mean_what_they_say() {
    let files = examples("valid");
    for path in &files {
        let config = Config::parse(&read(path)).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        expect(&path.with_extension("expected.txt"), &told(&config));
    }
    println!("{} valid settings", files.len());
    assert!(files.len() >= VALID_FLOOR);
}

#[test]
fn valid_examples_make_a_plan_for_every_project() {
    for path in examples("valid") {
        let config = Config::parse(&read(&path)).unwrap();
        for project in std::iter::once(None).chain(config.projects.keys().map(|name| Some(name.as_str()))) {
            Plan::compile(&config, project).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        }
    }
}

#[test]
fn invalid_examples_are_refused_with_their_error() {
    let files = examples("invalid");
    for path in &files {
        let text = read(path);
        let Err(error) = Config::parse(&text) else { panic!("{} was accepted", path.display()) };
        assert_eq!(error.code(), Code::Settings, "{}", path.display());
        assert_inside(&text, &error);
        expect(&path.with_extension("expected.txt"), &format!("{error}\n"));
    }
    println!("{} invalid settings", files.len());
    assert!(files.len() >= INVALID_FLOOR);
}

#[test]
fn the_rule_wins_entry_by_entry() {
    let rules: Vec<PathBuf> =
        examples("valid").into_iter().filter(|path| path.to_string_lossy().ends_with(".rule.json")).collect();
    for rule in &rules {
        let stem = rule.to_string_lossy().replace(".rule.json", "");
        let module = Config::parse(&read(Path::new(&format!("{stem}.module.json")))).unwrap();
        let merged = module.merge(Config::parse(&read(rule)).unwrap());
        expect(Path::new(&format!("{stem}.merged.txt")), &told(&merged));
    }
    println!("{} merged pairs", rules.len());
    assert!(rules.len() >= MERGED_FLOOR);
}

#[test]
fn the_schema_agrees_with_the_parser() {
    let schema = serde_json::from_str(SCHEMA).unwrap();
    jsonschema::draft7::meta::validate(&schema).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let accepts = |path: &Path| serde_json::from_str(&read(path)).is_ok_and(|value| validator.is_valid(&value));

    let (valid, invalid) = (examples("valid"), examples("invalid"));
    for path in &valid {
        // JSON proper knows no byte order mark; the parser forgives it.
        let text = read(path);
        let value = serde_json::from_str(text.trim_start_matches('\u{FEFF}')).unwrap();
        let errors: Vec<String> = validator.iter_errors(&value).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{}: {errors:?}", path.display());
    }
    for path in &invalid {
        let name = path.file_stem().unwrap().to_string_lossy();
        let beyond = BEYOND_SCHEMA.contains(&name.as_ref());
        let is_json = serde_json::from_str::<serde_json::Value>(&read(path)).is_ok();
        assert_eq!(accepts(path) || !is_json, beyond, "{name}: the schema and BEYOND_SCHEMA do not agree");
    }
    println!("{} settings against the schema", valid.len() + invalid.len());
    assert!(valid.len() >= VALID_FLOOR && invalid.len() >= INVALID_FLOOR);
}

#[test]
fn commands_print_as_they_are_written() {
    let mut commands = 0;
    for path in examples("valid") {
        let config = Config::parse(&read(&path)).unwrap();
        for section in std::iter::once(&config.general).chain(config.projects.values()) {
            for (tag, entry) in &section.entries {
                let printed = entry.command.to_string();
                let text = serde_json::json!({ "general": { entry.key.as_str(): printed } }).to_string();
                let again = Config::parse(&text).unwrap();
                assert_eq!(again.general.entries[tag].command, entry.command, "{printed}");
                commands += 1;
            }
        }
    }
    println!("{commands} commands printed and read again");
    assert!(commands >= 75);
}

#[test]
fn a_project_is_found_by_its_application_entity_title() {
    let config = Config::parse(r#"{ "MyProject": {}, "az_own": {}, "own": { "name": "x" }, "az_": {} }"#).unwrap();
    let found = |aet| config.project(aet).map(|(name, _)| name);
    for aet in ["myproject", "MYPROJECT", "az_myproject", "AZ_MyProject", " MyProject "] {
        assert_eq!(found(aet), Some("myproject"), "{aet}");
    }
    // The title as it is comes before the title without its prefix.
    assert_eq!(found("az_own"), Some("az_own"));
    assert_eq!(found("own"), Some("own"));
    assert_eq!(found("az_az_own"), Some("az_own"));
    assert_eq!(found("az_"), Some("az_"));
    for aet in ["", "general", "az_general", "my", "myproject2", "az-myproject"] {
        assert_eq!(found(aet), None, "{aet}");
    }
}

#[test]
fn messages_never_repeat_a_value() {
    let secret = "Marie-Curie-1867";
    for value in [secret, &format!("set({secret}"), &format!("set(@{secret}@)"), &format!("keep {secret}")] {
        for key in ["(0010,0010)", "preset", "mode", "remove_curves"] {
            let error = Config::parse(&serde_json::json!({ "general": { key: value } }).to_string()).unwrap_err();
            assert!(!error.to_string().contains("Curie"), "{error}");
        }
    }
    let config = Config::parse(&serde_json::json!({ "general": { "note": secret } }).to_string()).unwrap();
    assert!(!config.warnings[0].message.contains("Curie"));
}

#[test]
fn a_deep_or_long_text_is_an_answer_not_a_crash() {
    let deep = format!("{{\"general\": {}{} }}", "[".repeat(500_000), "]".repeat(500_000));
    assert!(Config::parse(&deep).is_err());
    let unknown_deep = format!("{{\"general\": {{\"note\": {}{} }} }}", "[".repeat(500_000), "]".repeat(500_000));
    assert_eq!(Config::parse(&unknown_deep).unwrap().warnings.len(), 1);
    let long_key = format!("{{\"general\": {{ \"{}\": 1 }} }}", "k".repeat(1 << 20));
    assert!(Config::parse(&long_key).unwrap().warnings[0].message.len() < 200);
    // One line of 50,000 entries: measuring columns from the line's start each time would take minutes.
    let many: Vec<String> =
        (0..50_000).map(|i| format!("\"({:04X},{:04X})\":\"keep\"", 9 + i / 250, i % 250)).collect();
    let config = Config::parse(&format!("{{\"general\":{{{}}}}}", many.join(","))).unwrap();
    assert_eq!(config.general.entries.len(), 50_000);
}

#[test]
fn damaged_settings_never_panic_and_errors_stay_inside_the_text() {
    const ROUNDS: usize = 300;
    let files: Vec<Vec<u8>> =
        ["valid", "invalid"].iter().flat_map(|kind| examples(kind)).map(|path| read(&path).into_bytes()).collect();
    let mut random = XorShift(0x9E37_79B9_7F4A_7C15);
    let validator = jsonschema::validator_for(&serde_json::from_str(SCHEMA).unwrap()).unwrap();
    let (mut inputs, mut refused, mut compared) = (0, 0, 0);
    for file in &files {
        for _ in 0..ROUNDS {
            let mut bytes = file.clone();
            for _ in 0..=random.below(3) {
                mutate(&mut bytes, &mut random);
            }
            let text = String::from_utf8_lossy(&bytes);
            inputs += 1;
            match Config::parse(&text) {
                Ok(config) => config.warnings.iter().for_each(|w| assert_position(&text, w.line, w.column)),
                Err(error) => {
                    refused += 1;
                    assert_inside(&text, &error);
                }
            }
            // A schema cannot see what stands twice: as a `Value` the same key does not. Nor does it know the keywords, or
            // which of two numbers is the smaller one.
            let Ok(value) = serde_json::from_str::<serde_json::Value>(&text) else { continue };
            let once = Config::parse(&value.to_string());
            let beyond = |error: &Error| {
                let message = error.message();
                message.contains("stands twice") || message.contains("smaller number first") || is_about_keyword(error)
            };
            if once.as_ref().is_err_and(beyond) {
                continue;
            }
            compared += 1;
            assert_eq!(validator.is_valid(&value), once.is_ok(), "schema and parser differ: {once:?} in\n{text}");
        }
    }
    println!("{inputs} damaged settings, {refused} refused, {compared} compared with the schema");
    assert!(inputs >= 20_000 && refused > inputs / 4 && refused < inputs && compared > inputs / 10);
}

#[test]
fn examples_of_the_reference_are_legal() {
    let reference = read(&root().join("docs/CONFIG.md"));
    let blocks: Vec<&str> = reference
        .split("\n```json lethe\n")
        .skip(1)
        .map(|rest| rest.split("\n```").next().unwrap_or_default())
        .collect();
    for block in &blocks {
        let config = Config::parse(block).unwrap_or_else(|error| panic!("{error} in\n{block}"));
        assert!(config.warnings.is_empty(), "{:?} in\n{block}", config.warnings);
        for project in std::iter::once(None).chain(config.projects.keys().map(|name| Some(name.as_str()))) {
            Plan::compile(&config, project).unwrap_or_else(|error| panic!("{error} in\n{block}"));
        }
    }
    println!("{} settings of docs/CONFIG.md", blocks.len());
    assert!(blocks.len() >= DOCUMENTED_FLOOR);
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The JSON files of a folder of examples, by name.
fn examples(kind: &str) -> Vec<PathBuf> {
    let folder = fs::read_dir(root().join("examples/configs").join(kind)).unwrap();
    let mut files: Vec<PathBuf> = folder.map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    files
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Compares with the expected text; writes it when told to.
fn expect(path: &Path, actual: &str) {
    if env::var_os("LETHE_BLESS").is_some() {
        fs::write(path, actual).unwrap();
    }
    assert_eq!(actual, read(path), "{}", path.display());
}

/// The settings as lines of text.
fn told(config: &Config) -> String {
    let mut text = told_section("general", &config.general);
    for (name, section) in &config.projects {
        text += &told_section(name, section);
    }
    for warning in &config.warnings {
        writeln!(text, "warning: line {}, column {}: {}", warning.line, warning.column, warning.message).unwrap();
    }
    text
}

fn told_section(name: &str, section: &Section) -> String {
    let mut text = format!("[{name}]\n");
    let Section { name, owner, prefix, preset, mode, entries, .. } = section;
    for (key, value) in [("name", name), ("owner", owner), ("prefix", prefix)] {
        value.iter().for_each(|value| writeln!(text, "{key} = {value:?}").unwrap());
    }
    preset.iter().for_each(|preset| writeln!(text, "preset = {preset:?}").unwrap());
    mode.iter().for_each(|mode| writeln!(text, "mode = {mode:?}").unwrap());
    for (key, value) in [
        ("remove_unknown_tags", section.remove_unknown_tags),
        ("remove_safe_tags", section.remove_safe_tags),
        ("remove_curves", section.remove_curves),
        ("remove_overlays", section.remove_overlays),
        ("verify", section.verify),
        ("clean_frames", section.clean_frames),
        ("print_assignment", section.print_assignment),
    ] {
        value.iter().for_each(|value| writeln!(text, "{key} = {value}").unwrap());
    }
    section.key_file.iter().for_each(|file| writeln!(text, "key_file = {file:?}").unwrap());
    section.lookup_key.iter().for_each(|key| writeln!(text, "lookup_key = {key:?}").unwrap());
    section.lookup_missing.iter().for_each(|missing| writeln!(text, "lookup_missing = {missing:?}").unwrap());
    section.unused_bits.iter().for_each(|bits| writeln!(text, "unused_bits = {bits:?}").unwrap());
    if let Some(asked) = &section.profile_options {
        let names: Vec<&str> = asked.options.iter().map(ProfileOption::name).collect();
        writeln!(text, "profile_options = {}, at {}:{}", names.join(", "), asked.line, asked.column).unwrap();
    }
    section.ages_over_89.iter().for_each(|ages| writeln!(text, "ages_over_89 = {ages:?}").unwrap());
    section.uid_root.iter().for_each(|root| writeln!(text, "uid_root = {root:?}").unwrap());
    section.date_shift.iter().for_each(|shift| writeln!(text, "date_shift_days = {shift:?}").unwrap());
    for (risk, policy) in Risk::ALL.iter().zip(section.risks) {
        policy.iter().for_each(|policy| writeln!(text, "{} = {}", risk.option(), policy.as_str()).unwrap());
    }
    for (tag, entry) in entries {
        writeln!(text, "{tag} = {:?}, from {:?} at {}:{}", entry.command, entry.key, entry.line, entry.column).unwrap();
    }
    text
}

fn assert_inside(text: &str, error: &Error) {
    let Place::Text { line, column } = *error.place() else { panic!("{error} has no line") };
    assert_position(text, line, column);
}

fn assert_position(text: &str, line: u32, column: u32) {
    let line_text = text.split('\n').nth(line.checked_sub(1).expect("lines count from 1") as usize);
    let width = line_text.unwrap_or_else(|| panic!("no line {line} in\n{text}")).chars().count();
    assert!((1..=width + 1).contains(&(column as usize)), "no column {column} in line {line} of\n{text}");
}

/// Whether an error is about an entry that has a keyword for a key.
fn is_about_keyword(error: &Error) -> bool {
    error.message().split('"').nth(1).is_some_and(|key| lethe::profile::tag_of(key).is_some())
}

/// Marsaglia's xorshift: the same damage on every machine.
struct XorShift(u64);

impl XorShift {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % end.max(1) as u64) as usize
    }
}

/// Cuts, overwrites, inserts or doubles something.
fn mutate(bytes: &mut Vec<u8>, random: &mut XorShift) {
    const TELLING: [&[u8]; 14] = [
        b"\"",
        b"{",
        b"}",
        b"(",
        b")",
        b"@",
        b"\\",
        b"\\u0040",
        b"\\ud800",
        b"set(",
        b",",
        "é".as_bytes(),
        b"\n",
        b"\xFF",
    ];
    let at = random.below(bytes.len() + 1);
    let end = (at + random.below(12)).min(bytes.len());
    match random.below(5) {
        0 => drop(bytes.drain(at..end)),
        1 => bytes.truncate(at),
        2 => drop(bytes.splice(at..at, TELLING[random.below(TELLING.len())].iter().copied())),
        3 => drop(bytes.splice(at..end, TELLING[random.below(TELLING.len())].iter().copied())),
        _ => {
            let doubled = bytes[at..end].to_vec();
            drop(bytes.splice(at..at, doubled));
        }
    }
}
