//! Every row of PS3.15 Table E.1-1 under the preset `ps3.15`: with the Basic Profile, with each Option, and with the
//! combinations that people use; and every row with a compound code by the Type that the Attribute has in an IOD. What
//! must become of a planted value is worked out here, from the table and from the Types.

#![allow(clippy::print_stdout, reason = "what ran is counted by whoever runs the tests")]

mod planted;
mod support;

use dicom_core::{Tag, VR};
use lethe::Deidentifier;
use planted::{OUTER, Row, find, items, places, plant, planted, pseudonym, rows, standard, survives};
use support::{Form, Node, Value, body, data_set, dictionary_vr, engine, file, read, run, trim};

/// The Options by the columns of the table.
const COLUMNS: [&str; 10] = [
    "retain_safe_private",
    "retain_uids",
    "retain_device_identity",
    "retain_institution_identity",
    "retain_patient_characteristics",
    "retain_full_dates",
    "retain_modified_dates",
    "clean_descriptors",
    "clean_structured_content",
    "clean_graphics",
];
const UIDS: usize = 1;
const MODIFIED_DATES: usize = 6;
const DESCRIPTORS: usize = 7;

/// Combinations beside the Basic Profile and each Option alone.
const COMBINATIONS: [&[usize]; 6] =
    [&[1, 6], &[4, 6, 7], &[0, 2, 6], &[0, 1, 2, 3, 4, 5], &[1, 2, 3, 4, 6], &[0, 4, 6, 7, 8, 9]];

/// Fewer rows, files of Types than this mean that the facts were not read.
const FLOOR_ROWS: usize = 640;
const FLOOR_TYPES: usize = 300;

/// What must become of a planted value.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fate {
    Absent,
    Empty,
    /// Any legal value but the original.
    Dummy,
    /// The pseudonym of the UID.
    Uid,
    /// Byte by byte.
    Same,
    /// A hundred days earlier.
    Shifted,
    /// Items stay, each element by itself; free text is a dummy if the Sequence's row says D.
    Items {
        dummy: bool,
    },
}

/// A choice of Options, and the engine for it.
struct Choice {
    columns: Vec<usize>,
    engine: Deidentifier,
}

impl Choice {
    fn of(columns: &[usize]) -> Self {
        let names: Vec<&str> = columns.iter().map(|column| COLUMNS[*column]).collect();
        let general = serde_json::json!({ "preset": "ps3.15", "profile_options": names, "date_shift_days": "-100",
            "risk_documents": "blank" });
        let settings = serde_json::json!({ "general": general }).to_string();
        Choice { columns: columns.to_vec(), engine: engine(&[&settings], None).expect("the preset") }
    }

    fn has(&self, column: usize) -> bool {
        self.columns.contains(&column)
    }
}

fn choices() -> Vec<Choice> {
    let choices = std::iter::once(Vec::new()).chain((0..COLUMNS.len()).map(|column| vec![column]));
    choices.chain(COMBINATIONS.iter().map(|columns| columns.to_vec())).map(|columns| Choice::of(&columns)).collect()
}

/// What Table E.1-1 says of a row, for the Type that the Attribute has (`None`: the SOP Class is unknown).
fn fate(row: &Row, choice: &Choice, kind: Option<char>) -> Fate {
    // Not copied whatever the table says: these groups do not belong in a Data Set.
    if row.tag.group() < 0x0008 {
        return Fate::Absent;
    }
    let vr = dictionary_vr(row.tag);
    let codes = row.options.as_bytes();
    let is_date = matches!(vr, VR::DA | VR::DT | VR::TM);
    if choice.has(MODIFIED_DATES) && codes[MODIFIED_DATES] == b'C' {
        match vr {
            VR::DA | VR::DT => return Fate::Shifted,
            // Whole days leave the time of day, and its zone.
            VR::TM | VR::SH => return Fate::Same,
            _ => {}
        }
    }
    let moves = is_date && choice.has(MODIFIED_DATES);
    if choice.columns.iter().any(|column| codes[*column] == b'K') && !(moves && codes[MODIFIED_DATES] == b'C') {
        return if vr == VR::SQ { Fate::Items { dummy: false } } else { Fate::Same };
    }
    let cleans = |column: &usize| *column != 0 && *column != MODIFIED_DATES && codes[*column] == b'C';
    if row.address != "50xx,xxxx" && choice.columns.iter().any(cleans) {
        match vr {
            // An overlay whose type nobody says may be writing.
            _ if row.tag.group() & 0xFF00 == 0x6000 => return Fate::Absent,
            VR::SQ => return Fate::Items { dummy: false },
            // No word of what is planted is known, and a value must stand where D is an alternative.
            VR::LO | VR::SH | VR::ST | VR::LT | VR::UT | VR::UC | VR::CS if row.code.contains('D') => {
                return Fate::Dummy;
            }
            VR::LO | VR::SH | VR::ST | VR::LT | VR::UT | VR::UC | VR::CS => return Fate::Empty,
            // Nothing is left of a name or of bytes if it is cleaned.
            VR::AE | VR::OB => {}
            other => panic!("{} has VR {other}", row.address),
        }
    }
    basic(&row.code, vr, kind)
}

/// Table E.1-1a: the code, or the alternative of it that the Type asks for.
fn basic(code: &str, vr: VR, kind: Option<char>) -> Fate {
    let alternatives: Vec<&str> = code.split('/').collect();
    let (first, last) = (alternatives[0], alternatives[alternatives.len() - 1]);
    let action = match kind {
        _ if alternatives.len() == 1 => first,
        None => last,
        Some('3') => first,
        Some('2') => "Z",
        Some('1') if last == "U*" => last,
        Some('1') => "D",
        other => panic!("no Type: {other:?}"),
    };
    match (action, vr) {
        ("X", _) => Fate::Absent,
        ("Z", _) => Fate::Empty,
        ("D", VR::SQ) => Fate::Items { dummy: true },
        ("U*", VR::SQ) => Fate::Items { dummy: false },
        ("D" | "U", VR::UI) => Fate::Uid,
        ("D", _) => Fate::Dummy,
        other => panic!("{other:?}"),
    }
}

/// Checks one place; returns the number of assertions.
fn check(fate: Fate, choice: &Choice, original: &Node, found: Option<&Node>, form: Form, context: &str) -> usize {
    if fate == Fate::Absent {
        assert_eq!(found, None, "{context}");
        return 1;
    }
    let found = found.unwrap_or_else(|| panic!("{context}: gone instead of {fate:?}"));
    if let Fate::Items { dummy } = fate {
        return check_items(choice, dummy, original, found, context);
    }
    if fate == Fate::Same {
        let bytes = |node: &Node| data_set(std::slice::from_ref(node), form);
        assert_eq!(bytes(found), bytes(original), "{context}");
        return 1;
    }
    let Value::Bytes(bytes) = &found.value else {
        assert!(fate == Fate::Empty && items(Some(found)).is_empty(), "{context}: Items instead of {fate:?}");
        return 1;
    };
    match fate {
        Fate::Empty => assert!(bytes.is_empty(), "{context}"),
        Fate::Uid => assert_eq!(trim(bytes), pseudonym(&original.trimmed()).as_bytes(), "{context}"),
        Fate::Shifted => assert_eq!(trim(bytes), shifted(&original.trimmed()), "{context}"),
        _ => check_dummy(found, original, context),
    }
    1
}

/// The planted dates, a hundred days earlier (1977 was no leap year).
fn shifted(original: &[u8]) -> Vec<u8> {
    let moved = match &original[..8] {
        b"19770317" => b"19761207",
        b"19770417" => b"19770107",
        b"19770517" => b"19770206",
        other => panic!("{other:?} was not planted"),
    };
    [moved, &original[8..]].concat()
}

/// A dummy has a value, which is legal and not the original.
fn check_dummy(found: &Node, original: &Node, context: &str) {
    let Value::Bytes(bytes) = &found.value else { panic!("{context}: no value") };
    assert!(!bytes.is_empty(), "{context}: empty instead of a dummy");
    if let Value::Bytes(original) = &original.value {
        assert_ne!(trim(bytes), trim(original), "{context}");
    }
    let text = trim(bytes);
    let digits = |count| text.len() == count && text.iter().all(u8::is_ascii_digit);
    let legal = match dictionary_vr(found.tag) {
        VR::DA => digits(8),
        VR::DT => digits(14),
        VR::TM => digits(6),
        VR::AS => text == b"000Y",
        VR::DS | VR::IS => digits(1),
        VR::CS | VR::AE | VR::SH => text.len() <= 16 && text.iter().all(u8::is_ascii_uppercase),
        VR::UR => text.starts_with(b"http://") && text.ends_with(b".invalid"),
        VR::OB | VR::OW | VR::UN => text.is_empty(),
        _ => text == b"ANONYMIZED",
    };
    assert!(legal, "{context}: {text:?} is no legal dummy");
}

/// Items stay; the comment in them goes, the reference follows its own row, the number stays, a meaning is free text.
fn check_items(choice: &Choice, dummy: bool, original: &Node, found: &Node, context: &str) -> usize {
    let (original, found) = (items(Some(original)), items(Some(found)));
    assert_eq!(found.len(), original.len(), "{context}");
    for (original, found) in original.iter().zip(found) {
        let uid = original[0].trimmed();
        let expected = if choice.has(UIDS) { uid } else { pseudonym(&uid).into_bytes() };
        // The comment is a descriptor of the table, and the text one outside of it.
        let (comments, found): (Vec<&Node>, Vec<&Node>) = found.iter().partition(|node| node.tag == original[1].tag);
        assert!(comments.len() == usize::from(choice.has(DESCRIPTORS)), "{context}");
        assert!(comments.iter().all(|comment| comment.trimmed().is_empty()), "{context}");
        assert_eq!(
            found.iter().map(|node| node.tag).collect::<Vec<_>>(),
            [original[0].tag, original[2].tag, TEXT],
            "{context}"
        );
        assert_eq!(found[0].trimmed(), expected, "{context}");
        assert_eq!(found[1].trimmed(), b"1.5", "{context}");
        // A word of radiology stays, cleaned with or without the Option.
        let text: &[u8] = if dummy { b"ANONYMIZED" } else { b"CHEST" };
        assert_eq!(found[2].trimmed(), text, "{context}");
    }
    4 * found.len()
}

/// Text that the table does not list: Segment Description.
const TEXT: Tag = Tag(0x0062, 0x0006);

/// Adds text to the Items of a planted Sequence.
fn with_text(mut nodes: Vec<Node>, tag: Tag) -> Vec<Node> {
    for node in &mut nodes {
        let Value::Items(items) = &mut node.value else { continue };
        for item in items {
            if node.tag == tag {
                item.push(Node::text(TEXT, VR::ST, "CHEST"));
            }
            *item = with_text(std::mem::take(item), tag);
        }
    }
    nodes
}

#[test]
fn every_row_is_handled_as_it_says_under_every_choice_of_options() {
    let (rows, forms, choices) = (rows(), Form::named("explicit implicit big"), choices());
    let (mut plants, mut assertions, mut failed) = (0, 0, Vec::new());
    for (number, row) in rows.iter().enumerate() {
        for (turn, choice) in choices.iter().enumerate() {
            // Every form with every row, and every choice with every row.
            let form = forms[(number + turn) % forms.len()];
            match std::panic::catch_unwind(|| check_row(choice, row, form)) {
                Ok((planted, checked)) => {
                    plants += planted;
                    assertions += checked;
                }
                Err(_) => failed.push(format!("{} with {:?} ({form:?})", row.address, choice.columns)),
            }
        }
    }
    println!("profile: {} rows, {} choices, {plants} planted values", rows.len(), choices.len());
    println!("# inputs {plants}\n# assertions {assertions}");
    assert!(failed.is_empty(), "{} failed:\n{}", failed.len(), failed.join("\n"));
    assert!(rows.len() >= FLOOR_ROWS && choices.len() >= 12, "{} rows, {} choices", rows.len(), choices.len());
}

fn check_row(choice: &Choice, row: &Row, form: Form) -> (usize, usize) {
    let input = with_text(planted(row.tag), row.tag);
    let (output, _) = run(&choice.engine, &file(&input, form), || usize::MAX).expect("an output");
    let found = read(&body(&output, form), form);
    let fate = fate(row, choice, None);
    let (mut plants, mut assertions) = (0, 0);
    for (place, (before, after)) in places(&input).iter().zip(places(&found)).enumerate() {
        let Some(original) = find(before, row.tag) else { continue };
        let context = format!("{} with {:?} at place {place} ({form:?})", row.address, choice.columns);
        // In UN everything is Implicit VR Little Endian.
        let inner = if place == 2 { Form::named("implicit")[0] } else { form };
        assertions += check(fate, choice, original, find(after, row.tag), inner, &context);
        let stays = fate == Fate::Same || (choice.has(UIDS) && matches!(fate, Fate::Items { .. }));
        assert!(stays || !survives(&without_text(original), inner, &output), "{context}: the value survives");
        plants += 1;
        assertions += 1;
    }
    (plants, assertions)
}

/// The planted value without the text that may stay.
fn without_text(node: &Node) -> Node {
    let mut node = node.clone();
    if let Value::Items(items) = &mut node.value {
        items.iter_mut().for_each(|item| item.retain(|inner| inner.tag != TEXT));
    }
    node
}

// --- Types --------------------------------------------------------------------------------------

/// An Attribute in a place of an IOD, and its Type.
struct Typed {
    row: Row,
    class: String,
    path: Vec<Tag>,
    kind: char,
}

/// Every SOP Class that the facts name for an Attribute and place.
fn types() -> Vec<Typed> {
    let rows = rows();
    let mut all = Vec::new();
    for cells in standard("iod_types.tsv") {
        let row = rows.iter().find(|row| row.address == cells[0]).expect("a row");
        let path: Vec<Tag> = cells[1].split('/').filter_map(lethe::profile::tag_of).collect();
        let kinds = cells[2].replace('~', "1.2.840.10008.5.1.4.");
        for (kind, classes) in kinds.split(';').filter_map(|part| part.split_once('=')) {
            // Of a class that several parts name the strictest counts: others. `*` is every class that none names.
            let named = |class: &str| kinds.split(';').filter(|part| part.contains(class)).count();
            let classes = classes.split(',').filter_map(|class| match class {
                "*" => Some("1.2.840.10008.5.1.4.1.1.481.5").filter(|other| named(other) == 0),
                class => Some(class).filter(|class| named(class) == 1),
            });
            for class in classes {
                let row =
                    Row { address: row.address.clone(), code: row.code.clone(), options: row.options.clone(), ..*row };
                all.push(Typed {
                    row,
                    class: class.to_owned(),
                    path: path.clone(),
                    kind: kind.chars().next().unwrap(),
                });
            }
        }
    }
    all
}

/// The Attribute planted in its place, which the Sequences around it keep.
fn typed_input(typed: &Typed) -> Vec<Node> {
    let mut nodes = vec![plant(typed.row.tag, dictionary_vr(typed.row.tag), 0)];
    for sequence in typed.path.iter().rev() {
        nodes = vec![Node::items(*sequence, VR::SQ, vec![nodes])];
    }
    nodes.push(Node::text(Tag(0x0008, 0x0016), VR::UI, &typed.class));
    nodes.sort_by_key(|node| node.tag);
    with_text(nodes, typed.row.tag)
}

/// With the Basic Profile alone, and with Options in turn: an Option that speaks of a row goes before its Type, and the
/// others leave the Type alone.
#[test]
fn compound_codes_follow_the_type_in_the_iod() {
    let (rows, types, choices) = (rows(), types(), choices());
    let (alone, others) = choices.split_first().expect("the Basic Profile");
    let (mut assertions, mut with_options) = (0, 0);
    for (number, typed) in types.iter().enumerate() {
        assertions += check_typed(&rows, typed, alone, &Form::named("explicit implicit"));
        with_options += check_typed(&rows, typed, &others[number % others.len()], &Form::named("explicit")[..1]);
    }
    assertions += with_options;
    println!("profile: {} Attributes by Type, {with_options} with Options", types.len());
    println!("# inputs {}\n# assertions {assertions}", types.len());
    // Without the collected facts there is nothing to hold the code against.
    let enough = types.len() >= FLOOR_TYPES && assertions >= FLOOR_TYPES && with_options >= FLOOR_TYPES / 2;
    assert!(types.is_empty() || enough, "{assertions}, {with_options} with Options");
}

fn check_typed(rows: &[Row], typed: &Typed, choice: &Choice, forms: &[Form]) -> usize {
    let input = typed_input(typed);
    let mut assertions = 0;
    for form in forms.iter().copied() {
        let (output, _) = run(&choice.engine, &file(&input, form), || usize::MAX).expect("an output");
        let found = read(&body(&output, form), form);
        let Typed { row, class, path, kind } = typed;
        let context = format!("{} in {class} at {path:?} with {:?}", row.address, choice.columns);
        let Some(after) = within(&found, path) else { continue };
        let original = find(within(&input, path).expect("it was planted"), row.tag).unwrap();
        let fate = inside(rows, path, choice, fate(row, choice, Some(*kind)));
        assertions += check(fate, choice, original, find(after, row.tag), form, &context);
    }
    assertions
}

/// What is in a Sequence that D applies to becomes a dummy with it.
fn inside(rows: &[Row], path: &[Tag], choice: &Choice, fate: Fate) -> Fate {
    let row = |sequence: &Tag| rows.iter().find(|row| row.tag == *sequence);
    let is_dummy = |row: &Row| self::fate(row, choice, None) == Fate::Items { dummy: true };
    match fate {
        Fate::Items { dummy } => Fate::Items { dummy: dummy || path.iter().filter_map(row).any(is_dummy) },
        other => other,
    }
}

/// The elements inside Sequences, if all of these are kept.
fn within<'a>(nodes: &'a [Node], path: &[Tag]) -> Option<&'a [Node]> {
    path.iter().try_fold(nodes, |nodes, sequence| Some(items(Some(find(nodes, *sequence)?)).first()?.as_slice()))
}

/// A place that no IOD has, in a known SOP Class: Type 3.
#[test]
fn an_unlisted_place_of_a_known_class_has_type_3() {
    let choice = Choice::of(&[]);
    let mut checked = 0;
    for row in rows().iter().filter(|row| row.code.contains('/')) {
        let mut input = with_text(planted(row.tag), row.tag);
        input.push(Node::text(Tag(0x0008, 0x0016), VR::UI, "1.2.840.10008.5.1.4.1.1.2"));
        input.sort_by_key(|node| node.tag);
        for form in Form::named("explicit") {
            let (output, _) = run(&choice.engine, &file(&input, form), || usize::MAX).expect("an output");
            let found = read(&body(&output, form), form);
            for place in [1, 2] {
                let original = find(places(&input)[place], row.tag).unwrap();
                let fate = fate(row, &choice, Some('3'));
                let inner = if place == 2 { Form::named("implicit")[0] } else { form };
                checked += check(fate, &choice, original, find(places(&found)[place], row.tag), inner, &row.address);
            }
        }
    }
    println!("# assertions {checked}");
    assert!(checked >= 190, "{checked}");
    assert_eq!(OUTER.len(), 2);
}
