//! The command on a task folder of mercure.

#![cfg(feature = "cli")]

mod common;

use common::command::{
    KEY, Scratch, assert_silent_about_identity, code, command, lethe, names, program, said, truncated, value,
};
use common::{Ct, Syntax};
use std::collections::BTreeSet;
use std::path::PathBuf;

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

/// As mercure starts a module: no network, no capability, a user that is nobody here, nothing to write to but OUT.
#[cfg(target_os = "linux")]
#[test]
#[ignore = "needs root, or sudo without a password: cargo xtask test image"]
fn the_module_needs_no_rights() {
    use std::os::unix::fs::PermissionsExt;
    const NOBODY: &str = "65432";
    // Folders of the build may not be open to others.
    let scratch = Scratch::within(&std::env::temp_dir());
    let open = |path: &std::path::Path, mode| std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
    open(&scratch.path(""), 0o755);
    let own = scratch.path("lethe");
    std::fs::copy(program(), &own).unwrap();
    open(&own, 0o755);
    write_received(&scratch, &Ct::new(Syntax::Explicit, "Doe", 1, 1), "A");
    let input = TaskFolder { scratch: &scratch, process: step("{}", "false"), info: "\"acc\": \"\"" }.write();
    let out = scratch.path("out");
    std::fs::create_dir(&out).unwrap();
    open(&out, 0o777);

    let is_root = std::fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0);
    let mut words = if is_root { Vec::new() } else { vec!["sudo", "-n"] };
    words.extend(["unshare", "--net", "setpriv", "--reuid", NOBODY, "--regid", NOBODY, "--clear-groups"]);
    words.extend(["--no-new-privs", "--bounding-set=-all", "--inh-caps=-all", "env", "-i"]);
    let mut module = std::process::Command::new(words[0]);
    module.args(&words[1..]).arg(format!("LETHE_KEY={KEY}"));
    module.arg(format!("MERCURE_IN_DIR={}", input.display())).arg(format!("MERCURE_OUT_DIR={}", out.display()));
    let output = module.arg(&own).current_dir("/").output().unwrap();
    assert_eq!(code(&output), 0, "{}", said(&output));
    assert_eq!(names(&out).len(), 1);
    assert_eq!(names(&scratch.path("in")).len(), 3, "the task's folder is as it was");
}

/// Tasks on many machines share nothing but the key.
#[test]
fn tasks_side_by_side_agree_on_pseudonyms() {
    let secret = Scratch::new();
    let settings = serde_json::json!({ "general": { "key_file": secret.write("lethe.key", KEY) } }).to_string();
    let task = |series, settings: &str, variable| {
        let scratch = Scratch::new();
        write_received(&scratch, &Ct::new(Syntax::Explicit, "Doe", series, 1), "A");
        let folder = TaskFolder { scratch: &scratch, process: step(settings, "false"), info: "\"acc\": \"\"" };
        let out = scratch.path("out");
        let mut command = command(&[]);
        command.env("MERCURE_IN_DIR", folder.write()).env("MERCURE_OUT_DIR", &out).env("LETHE_KEY", variable);
        assert_eq!(code(&command.output().unwrap()), 0);
        let file = out.join(&names(&out)[0]);
        [(0x0010, 0x0010), (0x0010, 0x0020), (0x0020, 0x000D), (0x0020, 0x000E)].map(|tag| value(&file, tag))
    };
    // The key of the environment, or of the file that the task's settings name.
    let [one, other] = [task(1, "{}", KEY), task(2, &settings, "")];
    assert_eq!(one[..3], other[..3], "the same patient and study");
    assert_ne!(one[3], other[3], "another series");
}
