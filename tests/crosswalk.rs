//! The crosswalk of the command: it links what went in with what came out.

#![cfg(feature = "cli")]

mod common;

use common::command::{Scratch, code, lethe, names, said, tree, value};
use common::{Ct, Syntax};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

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
