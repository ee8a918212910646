//! The command, through its binary: what it writes, says and returns.

#![cfg(feature = "cli")]

mod common;

use common::{Bytes, Ct, Lengths, Syntax};
use dicom_object::{OpenFileOptions, Tag};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicU32, Ordering};

const KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
const NOW: &str = "20260517101530123";

/// What must not appear in anything that is said or written but the crosswalk.
const IDENTITY: [&str; 8] = ["Secret", "Doe", "ID-", "9.7777", "ACC4711", "19610512", "20240517", "private-folder"];

/// A folder of its own for each test, removed afterwards.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("command-{}-{number}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Scratch(path.canonicalize().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The command with a fixed key and time.
fn lethe(arguments: &[&dyn AsRef<OsStr>]) -> Output {
    command(arguments).args(["--key", KEY, "--now", NOW]).output().unwrap()
}

fn command(arguments: &[&dyn AsRef<OsStr>]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lethe"));
    for variable in ["LETHE_KEY", "MERCURE_IN_DIR", "MERCURE_OUT_DIR"] {
        command.env_remove(variable);
    }
    command.args(arguments);
    command
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8([output.stdout.as_slice(), &output.stderr].concat()).unwrap()
}

/// All files below a folder, by name.
fn tree(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        let Ok(entries) = fs::read_dir(&next) else { continue };
        for entry in entries.flatten() {
            match entry.file_type().unwrap().is_dir() {
                true => folders.push(entry.path()),
                false => {
                    let name = entry.path().strip_prefix(folder).unwrap().to_string_lossy().into_owned();
                    files.insert(name, fs::read(entry.path()).unwrap());
                }
            }
        }
    }
    files
}

fn names(folder: &Path) -> Vec<String> {
    tree(folder).into_keys().collect()
}

fn value(file: &Path, tag: (u16, u16)) -> String {
    let object = OpenFileOptions::new().open_file(file).unwrap();
    let element = object.element(Tag(tag.0, tag.1)).unwrap();
    element.to_str().unwrap().trim_end_matches([' ', '\0']).to_owned()
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

#[track_caller]
fn assert_silent_about_identity(text: &str) {
    for secret in IDENTITY {
        assert!(!text.contains(secret), "{secret:?} in {text}");
    }
}

fn truncated() -> Vec<u8> {
    let mut file = Ct::new(Syntax::Explicit, "Doe", 1, 99).file();
    file.truncate(file.len() - 10);
    file
}

/// A folder with images of all encodings and files that have no output.
fn mixed(scratch: &Scratch) -> PathBuf {
    let syntaxes = [Syntax::Implicit, Syntax::Explicit, Syntax::BigEndian, Syntax::Deflated, Syntax::Jpeg];
    for (number, syntax) in (1..).zip(syntaxes) {
        let image = Ct::new(syntax, "Doe", 1, number);
        scratch.write(&format!("private-folder/Doe/{number}.dcm"), image.file());
    }
    scratch.write("private-folder/Doe/notes.txt", "about Doe, ID-Doe");
    scratch.write("private-folder/Doe/a-truncated.dcm", truncated());
    scratch.path("private-folder")
}

#[test]
fn a_batch_leaves_out_and_refuses_and_goes_on() {
    let scratch = Scratch::new();
    let (input, out, report) = (mixed(&scratch), scratch.path("out"), scratch.path("report.json"));
    let before = tree(&input);
    let output = lethe(&[&input, &out, &"--report", &report]);
    assert_eq!(code(&output), 2, "{}", said(&output));
    assert_eq!(names(&out).len(), 5);
    assert_eq!(tree(&input), before, "inputs stay as they are");

    // Sorted: 1.dcm … 5.dcm, a-truncated.dcm, notes.txt.
    let text = said(&output);
    assert!(text.contains("file 6: truncated: offset "), "{text}");
    assert!(text.contains("file 7: left out: not-dicom: "), "{text}");
    assert!(text.contains("7 files: 5 done, 1 left out, 1 refused"), "{text}");
    assert_silent_about_identity(&text);
    assert_silent_about_identity(&fs::read_to_string(&report).unwrap());
    for (name, bytes) in tree(&out) {
        assert_silent_about_identity(&name);
        assert_silent_about_identity(&String::from_utf8_lossy(&bytes));
    }
}

#[test]
fn the_report_says_what_was_done_to_each_file() {
    let scratch = Scratch::new();
    let (input, out, report) = (mixed(&scratch), scratch.path("out"), scratch.path("report.json"));
    lethe(&[&input, &out, &"--report", &report]);
    let report = json(&report);
    let files = report["files"].as_array().unwrap();
    assert_eq!(files.len(), 7);
    for (index, file) in files.iter().enumerate() {
        assert_eq!(file["index"], index + 1);
    }
    for (file, syntax) in files.iter().zip([Syntax::Implicit, Syntax::Explicit, Syntax::BigEndian]) {
        let output = out.join(file["name"].as_str().unwrap());
        assert_eq!(file["outputBytes"], fs::metadata(output).unwrap().len());
        assert_eq!(file["transferSyntax"], syntax.uid());
        assert!(file["counts"]["uids"].as_u64().unwrap() >= 4, "{file}");
    }
    assert_eq!(files[5]["error"]["code"], "truncated");
    assert!(files[5]["error"]["offset"].is_u64());
    assert!(files[5].get("leftOut").is_none());
    assert_eq!((&files[6]["error"]["code"], &files[6]["leftOut"]), (&"not-dicom".into(), &true.into()));
    let summary = &report["summary"];
    assert_eq!((&summary["inputs"], &summary["done"], &summary["refused"]), (&7.into(), &5.into(), &1.into()));
    let kept: u64 = files.iter().filter_map(|file| file["counts"]["kept"].as_u64()).sum();
    assert_eq!(summary["counts"]["kept"], kept);
    assert_eq!(report["engine"], env!("CARGO_PKG_VERSION"));
    assert_eq!(report["edition"], lethe::profile::EDITION);
}

#[test]
fn the_exit_status_tells_all_some_or_nothing() {
    let scratch = Scratch::new();
    let good = Ct::new(Syntax::Explicit, "Doe", 1, 1).file();
    scratch.write("fine/1.dcm", &good);
    scratch.write("fine/readme", "no image");
    scratch.write("junk/readme", "no image");
    scratch.write("bad/1.dcm", truncated());
    fs::create_dir(scratch.path("empty")).unwrap();
    for (folder, status) in [("fine", 0), ("fine/1.dcm", 0), ("junk", 1), ("bad", 1), ("empty", 1), ("absent", 1)] {
        let output = lethe(&[&scratch.path(folder), &scratch.path("out")]);
        assert_eq!(code(&output), status, "{folder}: {}", said(&output));
    }
    assert_eq!(names(&scratch.path("out")).len(), 1, "one image, and no trace of what was refused");
}

#[test]
fn the_number_of_jobs_and_the_layout_of_folders_change_nothing() {
    let scratch = Scratch::new();
    for number in 1..=40 {
        let image = Ct::new([Syntax::Implicit, Syntax::Deflated][number as usize % 2], "Doe", number % 3, number % 30);
        scratch.write(&format!("in/{number:02}.dcm"), image.file());
    }
    scratch.write("in/99.dcm", truncated());
    let mut results = Vec::new();
    for jobs in ["1", "4", "7"] {
        let (out, report) = (scratch.path(jobs), scratch.path("report.json"));
        let crosswalk = scratch.path(&format!("crosswalk-{jobs}"));
        let rest: [&dyn AsRef<OsStr>; 6] = [&"--jobs", &jobs, &"--report", &report, &"--crosswalk", &crosswalk];
        let output = lethe(&[&[&scratch.path("in") as &dyn AsRef<OsStr>, &out], rest.as_slice()].concat());
        assert_eq!(code(&output), 2);
        results.push((tree(&out), fs::read(&report).unwrap(), tree(&crosswalk), said(&output)));
    }
    assert!(results.iter().all(|result| *result == results[0]));

    for (number, (_, bytes)) in tree(&scratch.path("in")).into_iter().enumerate() {
        scratch.write(&format!("reversed/{}/{}.dcm", number % 4, 99 - number), bytes);
    }
    lethe(&[&scratch.path("reversed"), &scratch.path("again")]);
    assert_eq!(contents(&scratch.path("again")), contents(&scratch.path("1")));
}

fn contents(folder: &Path) -> BTreeSet<Vec<u8>> {
    tree(folder).into_values().collect()
}

#[test]
fn the_same_instance_twice_is_a_duplicate_or_gets_a_number() {
    let scratch = Scratch::new();
    let image = Ct::new(Syntax::Explicit, "Doe", 1, 1);
    scratch.write("in/1.dcm", image.file());
    scratch.write("in/2.dcm", image.file());
    scratch.write("in/3.dcm", Ct { pixels: vec![9; 64], ..image.clone() }.file());
    scratch.write("in/4.dcm", Ct { pixels: vec![8; 64], ..image }.file());
    let (out, report) = (scratch.path("out"), scratch.path("report.json"));
    let output = lethe(&[&scratch.path("in"), &out, &"--report", &report]);
    assert_eq!(code(&output), 0);
    let names = names(&out);
    assert_eq!(names.len(), 3);
    let stem = names[2].strip_suffix(".dcm").unwrap();
    assert_eq!(names, [format!("{stem}-2.dcm"), format!("{stem}-3.dcm"), format!("{stem}.dcm")]);
    assert!(fs::read(out.join(&names[0])).unwrap().ends_with(&[9; 64]), "numbers follow the order of the inputs");
    let report = json(&report);
    assert_eq!((&report["summary"]["done"], &report["summary"]["duplicates"]), (&3.into(), &1.into()));
    assert_eq!(
        (&report["files"][1]["duplicate"], &report["files"][1]["name"]),
        (&true.into(), &names[2].clone().into())
    );
}

#[test]
fn nothing_that_exists_is_overwritten() {
    let scratch = Scratch::new();
    scratch.write("in/1.dcm", Ct::new(Syntax::Explicit, "Doe", 1, 1).file());
    let (input, out) = (scratch.path("in"), scratch.path("in/clean"));
    let before = tree(&input);

    let output = lethe(&[&input, &input]);
    assert_eq!(code(&output), 1);
    assert!(said(&output).contains("the same folder"), "{}", said(&output));
    assert_eq!(tree(&input), before);

    // A folder inside the input is not read as input, this time and the next.
    assert_eq!(code(&lethe(&[&input, &out])), 0);
    let first = tree(&input);
    assert_eq!(first.len(), 2);
    let output = lethe(&[&input, &out]);
    assert!(said(&output).contains("1 files: 0 done, 1 duplicates"), "{}", said(&output));
    assert_eq!(tree(&input), first);

    // Another file with the output's name keeps it.
    let taken = names(&out).remove(0);
    fs::write(out.join(&taken), "something else").unwrap();
    assert_eq!(code(&lethe(&[&input, &out])), 0);
    assert_eq!(fs::read(out.join(&taken)).unwrap(), b"something else");
    assert_eq!(names(&out).len(), 2);

    let image = scratch.path("in/1.dcm");
    let output = lethe(&[&input, &scratch.path("out"), &"--report", &image]);
    assert_eq!(code(&output), 1);
    assert_eq!(fs::read(image).unwrap(), before["1.dcm"]);
}

#[cfg(unix)]
#[test]
fn links_are_not_followed() {
    let scratch = Scratch::new();
    let outside = scratch.write("outside/1.dcm", Ct::new(Syntax::Explicit, "Doe", 1, 1).file());
    scratch.write("in/2.dcm", Ct::new(Syntax::Explicit, "Doe", 1, 2).file());
    std::os::unix::fs::symlink(&outside, scratch.path("in/1.dcm")).unwrap();
    std::os::unix::fs::symlink(scratch.path("outside"), scratch.path("in/folder")).unwrap();
    std::os::unix::fs::symlink(scratch.path("in"), scratch.path("in/circle")).unwrap();
    let output = lethe(&[&scratch.path("in"), &scratch.path("out")]);
    assert_eq!(code(&output), 0);
    assert!(said(&output).contains("1 files: 1 done, 3 links not followed"), "{}", said(&output));
}

#[test]
fn pixel_data_of_every_size_arrives() {
    let scratch = Scratch::new();
    let sizes = [0, 2, 65_534, 65_536, 262_144, 262_146, 3_000_000];
    for (number, size) in (1..).zip(sizes) {
        let pixels = (0..size).map(|n: u32| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        let image = Ct { pixels, ..Ct::new(Syntax::Explicit, "Doe", 1, number) };
        let (input, out) = (scratch.write("in.dcm", image.file()), scratch.path(&format!("out-{size}")));
        assert_eq!(code(&lethe(&[&input, &out])), 0);
        let output = fs::read(out.join(&names(&out)[0])).unwrap();
        assert!(output.ends_with(&image.pixels), "{size} bytes");
    }
}

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
fn the_crosswalk_links_what_the_outputs_hold() {
    let scratch = Scratch::new();
    let one = Ct { id: "A,\"1\"".into(), ..Ct::new(Syntax::Explicit, "Doe", 1, 1) };
    let two = Ct::new(Syntax::Implicit, "Roe", 2, 2);
    scratch.write("in/Doe, \"Jane\".dcm", one.file());
    scratch.write("in/b.txt", "no image");
    scratch.write("in/c.dcm", two.file());
    let (input, out, crosswalk) = (scratch.path("in"), scratch.path("out"), scratch.path("crosswalk"));
    let output = lethe(&[&input, &out, &"--crosswalk", &crosswalk]);
    assert_eq!(code(&output), 0, "{}", said(&output));

    let files = records(&crosswalk.join("files.csv"));
    let sources: Vec<&str> = files.iter().map(|[source, _]| source.as_str()).collect();
    assert_eq!(sources, ["source", "Doe, \"Jane\".dcm", "b.txt", "c.dcm"]);
    assert_eq!((files[0][1].as_str(), files[2][1].as_str()), ("output", ""));
    assert_eq!(names(&out).into_iter().collect::<BTreeSet<_>>(), [files[1][1].clone(), files[3][1].clone()].into());

    let (patients, uids) = (records(&crosswalk.join("patients.csv")), records(&crosswalk.join("uids.csv")));
    assert_eq!(
        (patients[0].as_slice(), uids[0].as_slice()),
        (["id_old", "id_new"].map(String::from).as_slice(), ["id_old", "id_new"].map(String::from).as_slice())
    );
    for (image, file) in [(&one, &files[1][1]), (&two, &files[3][1])] {
        let file = out.join(file);
        assert!(patients.contains(&[image.id.clone(), value(&file, (0x0010, 0x0020))]), "{patients:?}");
        for (old, tag) in [(&image.study, 0x000D), (&image.series, 0x000E)] {
            assert!(uids.contains(&[old.clone(), value(&file, (0x0020, tag))]), "{uids:?}");
        }
        assert!(uids.contains(&[image.instance.clone(), value(&file, (0x0008, 0x0018))]), "{uids:?}");
    }
    let accessions = records(&crosswalk.join("accessions.csv"));
    assert_eq!(accessions[1][0], "ACC4711");
    assert_eq!(uids.len(), uids.iter().collect::<BTreeSet<_>>().len());
}

#[test]
fn a_crosswalk_is_neither_overwritten_nor_put_among_the_outputs() {
    let scratch = Scratch::new();
    scratch.write("in/1.dcm", Ct::new(Syntax::Explicit, "Doe", 1, 1).file());
    let (input, out, crosswalk) = (scratch.path("in"), scratch.path("out"), scratch.path("crosswalk"));
    assert_eq!(code(&lethe(&[&input, &out, &"--crosswalk", &crosswalk])), 0);
    let before = tree(&crosswalk);
    assert_eq!(code(&lethe(&[&input, &out, &"--crosswalk", &crosswalk])), 1);
    assert_eq!(tree(&crosswalk), before);
    assert_eq!(code(&lethe(&[&input, &out, &"--crosswalk", &out.join("crosswalk")])), 1);
    assert_eq!(names(&out).len(), 1);
    #[cfg(unix)]
    for name in before.keys() {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(crosswalk.join(name)).unwrap().permissions().mode() & 0o077, 0);
    }
}

/// Reads CSV as RFC 4180 has it.
fn records(path: &Path) -> Vec<[String; 2]> {
    let text = fs::read_to_string(path).unwrap();
    let (mut records, mut fields, mut field, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            '"' if quoted && chars.peek() == Some(&'"') => field.extend(chars.next()),
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(std::mem::take(&mut field)),
            '\r' if !quoted => {
                assert_eq!(chars.next(), Some('\n'));
                fields.push(std::mem::take(&mut field));
                records.push(std::mem::take(&mut fields).try_into().unwrap());
            }
            char => field.push(char),
        }
    }
    assert!(field.is_empty() && fields.is_empty(), "the last record ends");
    records
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
fn wrong_arguments_are_not_repeated() {
    for arguments in [
        &["private-folder/a", "private-folder/b", "private-folder/c"][..],
        &["private-folder/a"],
        &["--private-folder"],
        &["a", "b", "--jobs", "private-folder"],
        &["a", "b", "--now", "private-folder"],
        &["a", "b", "--unknown=private-folder"],
        &["private-folder/absent", "private-folder/out"],
        &[],
    ] {
        let arguments: Vec<&dyn AsRef<OsStr>> =
            arguments.iter().map(|argument| argument as &dyn AsRef<OsStr>).collect();
        let output = command(&arguments).output().unwrap();
        assert_eq!(code(&output), 1);
        let text = said(&output);
        assert!(text.starts_with("lethe: "), "{text}");
        assert!(!text.replace("--private-folder", "").contains("private-folder"), "{text}");
    }
    assert_eq!(code(&command(&[&"--help"]).output().unwrap()), 0);
    assert!(said(&command(&[&"--version"]).output().unwrap()).contains(env!("CARGO_PKG_VERSION")));
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
fn shared_pseudonyms_are_counted() {
    let scratch = Scratch::new();
    for (number, patient) in (1..).zip(["Doe", "Roe", "Poe", "Doe"]) {
        scratch.write(&format!("in/{number}.dcm"), Ct::new(Syntax::Explicit, patient, 1, number).file());
    }
    let (input, report) = (scratch.path("in"), scratch.path("report.json"));
    lethe(&[&input, &scratch.path("a"), &"--report", &report]);
    assert_eq!(json(&report)["summary"]["collisions"], 0);
    let same = scratch.write("same.json", r#"{"general": {"(0010,0020)": "set(ANON)"}}"#);
    lethe(&[&input, &scratch.path("b"), &"--report", &report, &"--config", &same]);
    assert_eq!(json(&report)["summary"]["collisions"], 3);
}

#[test]
fn real_files_come_out_the_same_however_many_at_a_time() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let places = [root.join("../shared/corpus"), root.join("target/corpus")];
    let Some(corpus) = places.iter().find(|folder| folder.is_dir()) else {
        panic!("no real files; run `cargo xtask corpus`")
    };
    let scratch = Scratch::new();
    let outputs = ["1", "3"].map(|jobs| {
        let (out, report) = (scratch.path(jobs), scratch.path("report.json"));
        let output = lethe(&[corpus, &out, &"--jobs", &jobs, &"--report", &report]);
        assert_eq!(code(&output), 2, "{}", said(&output));
        let summary = json(&report)["summary"].clone();
        assert_eq!(summary["done"].as_u64().unwrap(), names(&out).len() as u64);
        assert!(summary["done"].as_u64().unwrap() >= 150, "{summary}");
        (tree(&out), fs::read(&report).unwrap(), said(&output))
    });
    assert!(outputs[0] == outputs[1]);
}

/// A task folder as mercure writes it: the task and for each image a file with its tags.
struct TaskFolder<'a> {
    scratch: &'a Scratch,
    process: String,
    info: &'a str,
}

impl TaskFolder<'_> {
    fn write(&self) -> PathBuf {
        let info = format!(
            r#"{{"action": "both", "uid": "9.7777", "patient_name": "Secret^Doe", "mrn": "ID-Doe", {}}}"#,
            self.info
        );
        let task =
            format!(r#"{{"info": {info}, "id": "1", "dispatch": {{}}, "process": {}, "study": {{}}}}"#, self.process);
        self.scratch.write("in/task.json", task);
        self.scratch.path("in")
    }
}

fn step(settings: &str, retain: &str) -> String {
    format!(
        r#"{{"module_name": "lethe", "module_config": {{"settings": {{"general": {{"mode": "nonsense"}}}}}},
            "settings": {settings}, "retain_input_images": {retain}, "output": null}}"#
    )
}

fn write_received(scratch: &Scratch, image: &Ct, receiver: &str) {
    let name = format!("in/{}#{}", image.series, image.instance);
    scratch.write(&format!("{name}.dcm"), image.file());
    let tags = format!(r#"{{"PatientName": "{}", "SenderAET": "AZ_OTHER", "ReceiverAET": "{receiver}"}}"#, image.name);
    scratch.write(&format!("{name}.tags"), tags);
}

const SETTINGS: &str = r#"{"general": {"(0010,0010)": "set(GENERAL)"}, "myproject": {"prefix": "MP", "(0010,0010)": "set(@project_prefix@)"}}"#;

#[test]
fn a_study_task_of_mercure_is_processed_with_its_own_settings() {
    let scratch = Scratch::new();
    let images = [
        Ct::new(Syntax::Explicit, "Doe", 1, 1),
        Ct::new(Syntax::Jpeg, "Doe", 1, 2),
        Ct::new(Syntax::Implicit, "Doe", 2, 1),
        Ct { study: "1.2.826.0.1.3680043.9.7777.5".into(), ..Ct::new(Syntax::Explicit, "Roe", 3, 1) },
    ];
    for image in &images {
        write_received(&scratch, image, "az_MyProject");
    }
    let folder = TaskFolder { scratch: &scratch, process: step(SETTINGS, "false"), info: r#""receiver_aet": "OTHER""# };
    let (input, out) = (folder.write(), scratch.path("out"));
    let mut command = command(&[&"--key", &KEY]);
    let output = command.env("MERCURE_IN_DIR", &input).env("MERCURE_OUT_DIR", &out).output().unwrap();
    assert_eq!(code(&output), 0, "{}", said(&output));
    assert!(said(&output).contains("4 files: 4 done"), "{}", said(&output));
    assert_silent_about_identity(&said(&output));

    let names = names(&out);
    assert_eq!(names.len(), 4, "{names:?}");
    let mut series = BTreeSet::new();
    for name in &names {
        let file = out.join(name);
        let (series_uid, instance_uid) = (value(&file, (0x0020, 0x000E)), value(&file, (0x0008, 0x0018)));
        assert_eq!(*name, format!("{series_uid}#{instance_uid}.dcm"));
        assert_eq!(value(&file, (0x0010, 0x0010)), "MP", "the receiver in the .tags files selects the project");
        assert_silent_about_identity(name);
        series.insert(series_uid);
    }
    assert_eq!(series.len(), 3);
}

#[test]
fn the_receiver_comes_from_the_tags_else_from_the_task() {
    for (receiver, info, name) in [
        ("MISSING", r#""receiver_aet": "MYPROJECT""#, "MP"),
        ("", r#""receiver_aet": "az_myproject""#, "MP"),
        ("OTHER", r#""receiver_aet": "MYPROJECT""#, "GENERAL"),
        ("MISSING", r#""receiver_aet": "MISSING""#, "GENERAL"),
        ("MISSING", r#""receiver_aet": null"#, "GENERAL"),
        ("MISSING", r#""sender_address": "localhost""#, "GENERAL"),
    ] {
        let scratch = Scratch::new();
        write_received(&scratch, &Ct::new(Syntax::Explicit, "Doe", 1, 1), receiver);
        let folder = TaskFolder { scratch: &scratch, process: step(SETTINGS, "false"), info };
        let out = scratch.path("out");
        let output = lethe(&[&folder.write(), &out]);
        assert_eq!(code(&output), 0, "{}", said(&output));
        assert_eq!(value(&out.join(&names(&out)[0]), (0x0010, 0x0010)), name, "{receiver:?} {info}");
    }
}

#[test]
fn a_later_step_of_a_chain_has_no_tags() {
    let scratch = Scratch::new();
    // What an earlier module left: images under other names and its own result.
    scratch.write("in/slice001.dcm", Ct::new(Syntax::Explicit, "Doe", 1, 1).file());
    scratch.write("in/result.json", "{}");
    let info = r#""receiver_aet": "MYPROJECT""#;
    let (process, out) = (format!("[{}]", step(SETTINGS, "false")), scratch.path("out"));
    let output = lethe(&[&TaskFolder { scratch: &scratch, process, info }.write(), &out]);
    assert_eq!(code(&output), 0, "{}", said(&output));
    assert!(said(&output).contains("1 files: 1 done"), "{}", said(&output));
    assert_eq!(names(&out).len(), 1);
}

#[test]
fn a_task_that_cannot_be_done_as_meant_makes_no_output() {
    let two = format!("[{}, {}]", step(SETTINGS, "false"), step("{}", "false"));
    for (process, message) in [
        (step(SETTINGS, "true"), "retain_input_images"),
        (step(SETTINGS, "\"True\""), "retain_input_images"),
        (step(SETTINGS, "1"), "retain_input_images"),
        (format!("[{}]", step(SETTINGS, "true")), "retain_input_images"),
        (two, "process holds no single step"),
        ("[]".into(), "process holds no single step"),
        ("{}".into(), "process.settings is missing"),
        ("null".into(), "process must be the step"),
        ("\"Secret\"".into(), "process must be the step"),
        (step("\"Secret\"", "false"), "process.settings is missing or no JSON object"),
        (step(r#"{"general": {"(0010,0010)": "kep"}}"#, "false"), "task.json, process.settings: line 1, column "),
        ("{".into(), "task.json: a JSON object is expected: line 1, column "),
    ] {
        let scratch = Scratch::new();
        write_received(&scratch, &Ct::new(Syntax::Explicit, "Doe", 1, 1), "MYPROJECT");
        let out = scratch.path("out");
        let output = lethe(&[&TaskFolder { scratch: &scratch, process, info: "\"acc\": \"ACC4711\"" }.write(), &out]);
        assert_eq!(code(&output), 1, "{message}");
        assert!(said(&output).contains(message), "{}", said(&output));
        assert_silent_about_identity(&said(&output));
        assert!(names(&out).is_empty());
    }
}

#[test]
fn a_task_folder_needs_its_task_its_images_and_one_receiver() {
    let run = |scratch: &Scratch| {
        let mut command = command(&[]);
        command.env("MERCURE_IN_DIR", scratch.path("in")).env("MERCURE_OUT_DIR", scratch.path("out"));
        let output = command.output().unwrap();
        assert_eq!(code(&output), 1);
        assert_silent_about_identity(&said(&output));
        assert!(names(&scratch.path("out")).is_empty());
        said(&output)
    };
    let scratch = Scratch::new();
    write_received(&scratch, &Ct::new(Syntax::Explicit, "Doe", 1, 1), "A");
    assert!(run(&scratch).contains("task.json cannot be read"));
    // The same where the folders are named as well.
    let (input, out) = (scratch.path("in"), scratch.path("out"));
    let output = command(&[&input, &out]).env("MERCURE_IN_DIR", &input).output().unwrap();
    assert!(said(&output).contains("task.json cannot be read"), "{}", said(&output));
    scratch.write("in/task.json", "");
    assert!(run(&scratch).contains("task.json: a JSON object is expected"));

    TaskFolder { scratch: &scratch, process: step("{}", "false"), info: "\"acc\": \"\"" }.write();
    write_received(&scratch, &Ct::new(Syntax::Explicit, "Doe", 1, 2), "B");
    assert!(run(&scratch).contains("several receivers"));
    scratch.write("in/x.tags", "ReceiverAET Secret");
    assert!(run(&scratch).contains("a .tags file is no JSON object"));

    let scratch = Scratch::new();
    TaskFolder { scratch: &scratch, process: step("{}", "false"), info: "\"acc\": \"\"" }.write();
    assert!(run(&scratch).contains("0 files: 0 done"));
}

#[test]
fn a_refused_image_fails_the_task() {
    let scratch = Scratch::new();
    write_received(&scratch, &Ct::new(Syntax::Explicit, "Doe", 1, 1), "A");
    scratch.write("in/broken.dcm", truncated());
    let output = lethe(&[
        &TaskFolder { scratch: &scratch, process: step("{}", "false"), info: "\"acc\": \"\"" }.write(),
        &scratch.path("out"),
    ]);
    assert_eq!(code(&output), 2);
    assert!(said(&output).contains("file 2: truncated: "), "{}", said(&output));
}

#[test]
fn nested_identity_is_found_in_every_encoding() {
    let scratch = Scratch::new();
    for (number, syntax) in (1..).zip([Syntax::Implicit, Syntax::Explicit, Syntax::BigEndian]) {
        for lengths in [Lengths::Defined, Lengths::Undefined] {
            let name = |depth: u32| Bytes::new(syntax).text(0x0010_0010, "PN", &format!("Secret^{depth}"));
            let item = name(1).sequence(0x0040_0275, lengths, &[name(2), name(3)]);
            let data_set = Bytes::new(syntax).text(0x0008_0018, "UI", &format!("9.7777.{number}")).sequence(
                0x0008_1140,
                lengths,
                &[item],
            );
            let input = scratch.write("in.dcm", data_set.file(common::CT_IMAGE, "9.7777"));
            let out = scratch.path(&format!("{syntax:?}-{lengths:?}"));
            assert_eq!(code(&lethe(&[&input, &out])), 0);
            let file = out.join(&names(&out)[0]);
            assert_silent_about_identity(&String::from_utf8_lossy(&fs::read(&file).unwrap()));
            OpenFileOptions::new().open_file(&file).unwrap();
        }
    }
}
