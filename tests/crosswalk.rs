//! The crosswalk of the command: it links what went in with what came out.

#![cfg(feature = "cli")]

mod common;

use common::command::{KEY, NOW, Scratch, code, command, lethe, names, said, tree, value};
use common::{Ct, Syntax};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Output;

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
    let studies = records(&crosswalk.join("studies.csv"));
    assert_eq!(studies.len(), 2, "both files are of one study");
    assert!(studies[1..].iter().all(|study| uids.contains(study)));
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
    let text = text.strip_prefix('\u{FEFF}').expect("spreadsheets need a byte order mark");
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
fn old_values_lead_back_to_their_bytes_and_are_no_formulas() {
    let scratch = Scratch::new();
    for (name, id) in [("1", "=1+1"), ("2", "0042;7"), ("3", "@x"), ("4", "-5"), ("5", "+\\")] {
        scratch.write(&format!("in/{name}.dcm"), Ct { id: id.into(), ..Ct::new(Syntax::Explicit, "Doe", 1, 1) }.file());
    }
    let (input, out, crosswalk) = (scratch.path("in"), scratch.path("out"), scratch.path("crosswalk"));
    assert_eq!(code(&lethe(&[&input, &out, &"--crosswalk", &crosswalk])), 0);
    let patients = records(&crosswalk.join("patients.csv"));
    let olds: Vec<&str> = patients.iter().map(|[old, _]| old.as_str()).collect();
    assert_eq!(olds, ["id_old", r"\x2B\x5C", r"\x2D5", "0042;7", r"\x3D1+1", r"\x40x"]);

    // The table is one that new values can be taken from, exactly.
    let settings = r#"{"general": {"lookup_key": "id_new", "PatientID": "set(@lookup(id_old)@)"}}"#;
    let (settings, back) = (scratch.write("settings.json", settings), scratch.path("back"));
    let table = crosswalk.join("patients.csv");
    assert_eq!(code(&lethe(&[&out, &back, &"--config", &settings, &"--lookup", &table])), 0);
    let ids: BTreeSet<String> = names(&back).iter().map(|name| value(&back.join(name), (0x0010, 0x0020))).collect();
    assert_eq!(ids, ["+\\", "-5", "0042;7", "=1+1", "@x"].map(String::from).into());

    // And the other way round: the originals find the pseudonyms.
    let settings = r#"{"general": {"PatientID": "set(@lookup(id_new)@)"}}"#;
    let (settings, again) = (scratch.write("settings.json", settings), scratch.path("again"));
    assert_eq!(code(&lethe(&[&input, &again, &"--config", &settings, &"--lookup", &table])), 0);
    let ids = |folder: &Path| -> BTreeSet<String> {
        names(folder).iter().map(|name| value(&folder.join(name), (0x0010, 0x0020))).collect()
    };
    assert_eq!(ids(&again), ids(&out));
}

#[test]
fn with_a_passphrase_the_crosswalk_is_encrypted() {
    let scratch = Scratch::new();
    scratch.write("in/1.dcm", Ct::new(Syntax::Explicit, "Doe", 1, 1).file());
    let passphrase = scratch.write("passphrase", "correct horse\r\n");
    let (input, out) = (scratch.path("in"), scratch.path("out"));
    let (plain, sealed, resumed) = (scratch.path("plain"), scratch.path("sealed"), scratch.path("resumed"));
    assert_eq!(code(&lethe(&[&input, &out, &"--crosswalk", &plain])), 0);
    assert_eq!(code(&lethe(&[&input, &out, &"--crosswalk", &sealed, &"--passphrase", &passphrase])), 0);
    assert_eq!(code(&lethe(&[&input, &out, &"--crosswalk", &sealed])), 1, "a crosswalk is there");

    // As a kill leaves it: what is whole is made anew, with the passphrase out of the environment.
    fs::create_dir(&resumed).unwrap();
    fs::copy(sealed.join("files.csv.lethe"), resumed.join("files.csv.lethe")).unwrap();
    fs::write(resumed.join("patients.part"), "LETHE").unwrap();
    let resume = || command(&[&input, &out, &"--crosswalk", &resumed, &"--key", &KEY, &"--now", &NOW, &"--resume"]);
    assert_eq!(code(&resume().env("LETHE_PASSPHRASE", "correct horse").output().unwrap()), 0);
    assert_eq!(code(&resume().env("LETHE_PASSPHRASE", "correct horse").output().unwrap()), 1, "it is whole now");

    for (folder, name) in [(&sealed, "files.csv"), (&sealed, "uids.csv"), (&resumed, "patients.csv")] {
        let content = fs::read(plain.join(name)).unwrap();
        let file = folder.join(format!("{name}.lethe"));
        let bytes = fs::read(&file).unwrap();
        assert_eq!((&bytes[..9], bytes.len()), (&b"LETHEENC\x01"[..], content.len() + 57));
        let opened = scratch.path(name);
        assert_eq!(code(&decrypt(&file, &opened, &passphrase)), 0);
        assert_eq!(fs::read(opened).unwrap(), content);
    }
    assert_eq!((tree(&sealed).len(), tree(&resumed).len()), (5, 5), "nothing lies beside them");
}

#[test]
fn what_another_program_has_encrypted_is_opened_and_nothing_else() {
    let scratch = Scratch::new();
    let case: serde_json::Value = serde_json::from_str(include_str!("cases/crosswalk/sealed.json")).unwrap();
    let text = |name: &str| case[name].as_str().unwrap();
    let hex = text("sealed").as_bytes().chunks(2);
    let sealed: Vec<u8> = hex.map(|two| u8::from_str_radix(std::str::from_utf8(two).unwrap(), 16).unwrap()).collect();
    let passphrase = scratch.write("passphrase", text("passphrase"));
    let (file, out) = (scratch.write("sealed", &sealed), scratch.path("out"));
    assert_eq!(code(&decrypt(&file, &out, &passphrase)), 0);
    assert_eq!(fs::read_to_string(&out).unwrap(), text("plain"));
    assert_eq!(code(&decrypt(&file, &out, &passphrase)), 1, "OUT is there");

    let other = scratch.path("other");
    let refused = |bytes: &[u8], passphrase: &str| {
        let (file, passphrase) = (scratch.write("bad", bytes), scratch.write("word", passphrase));
        let output = decrypt(&file, &other, &passphrase);
        assert_eq!(code(&output), 1);
        assert!(!other.exists());
        said(&output)
    };
    assert!(refused(&sealed, "another").contains("another passphrase"));
    assert!(refused(&sealed, "\n").contains("the passphrase is empty"));
    // Magic, version and the number of iterations, which no file may make too large.
    for (at, byte) in [(0, b'l'), (8, 2), (9, 1), (10, 0xFF)] {
        let changed = [&sealed[..at], &[byte], &sealed[at + 1..]].concat();
        assert!(refused(&changed, text("passphrase")).contains("not one that Lethe has encrypted"), "{at}");
    }
    for len in [0, 8, 9, 13, 28, 40] {
        assert!(refused(&sealed[..len], text("passphrase")).contains("not one that Lethe has encrypted"), "{len}");
    }
    for at in [29, sealed.len() - 1] {
        let changed = [&sealed[..at], &[sealed[at] ^ 1], &sealed[at + 1..]].concat();
        assert!(refused(&changed, text("passphrase")).contains("or the file was changed"), "{at}");
    }
}

#[test]
fn patients_that_share_a_pseudonym_or_have_two_are_counted() {
    let scratch = Scratch::new();
    for (number, patient) in [(1, 1), (2, 1), (3, 2)] {
        let id = format!("ID-{patient}");
        scratch
            .write(&format!("in/{number}.dcm"), Ct { id, ..Ct::new(Syntax::Explicit, "Doe", number, number) }.file());
    }
    let (input, report) = (scratch.path("in"), scratch.path("report.json"));
    for (number, (entry, said_so, counts)) in [
        ("set(A)", "2 patients share a pseudonym", (2, 0)),
        ("set(@value(0008,0018)@)", "1 patients have several pseudonyms", (0, 1)),
    ]
    .into_iter()
    .enumerate()
    {
        let settings = format!(r#"{{"general": {{"preset": "default", "PatientID": "{entry}"}}}}"#);
        let (settings, out) = (scratch.write("settings.json", settings), scratch.path(&format!("out-{number}")));
        let output = lethe(&[&input, &out, &"--config", &settings, &"--report", &report]);
        assert_eq!(code(&output), 0, "{}", said(&output));
        assert!(said(&output).contains(said_so), "{}", said(&output));
        let report: serde_json::Value = serde_json::from_str(&fs::read_to_string(&report).unwrap()).unwrap();
        assert_eq!(
            (report["summary"]["collisions"].clone(), report["summary"]["splits"].clone()),
            (counts.0.into(), counts.1.into())
        );
    }
}

fn decrypt(file: &Path, out: &Path, passphrase: &Path) -> Output {
    command(&[&"decrypt", &file, &out, &"--passphrase", &passphrase]).output().unwrap()
}
