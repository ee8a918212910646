//! A plan that was written and read decides the same; what was not written so is refused.

use super::*;
use crate::config::ProfileOption;
use crate::profile::{data, safe_private};

/// The plans of every preset, of every Option, and of each section of the examples.
fn plans() -> Vec<Plan> {
    let mut configs: Vec<Config> = [Preset::Default, Preset::Profile, Preset::None]
        .map(|preset| Config { general: section(preset, []), ..Config::default() })
        .into();
    configs.extend(ProfileOption::all().map(|option| {
        let general = format!(r#"{{"general": {{"preset": "ps3.15", "profile_options": ["{}"]}}}}"#, option.name());
        Config::parse(&general).expect("settings")
    }));
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/configs/valid");
    let files = std::fs::read_dir(folder).expect("the examples").map(|entry| entry.expect("an entry").path());
    let texts = files.filter(|path| path.extension().is_some_and(|end| end == "json"));
    configs.extend(texts.map(|path| {
        let text = std::fs::read_to_string(&path).expect("text");
        Config::parse(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }));
    let of_config = |config: Config| {
        let projects = std::iter::once(None).chain(config.projects.iter().map(|(name, _)| Some(name.clone())));
        projects.map(|project| Plan::compile(&config, project.as_deref()).expect("it compiles")).collect::<Vec<_>>()
    };
    let mut plans: Vec<Plan> = configs.into_iter().flat_map(of_config).collect();
    plans.push(with_table());
    plans
}

fn with_table() -> Plan {
    let settings = r#"{"general": {"PatientID": "set(S@lookup(new)@)", "PatientName": "set(@lookup(id_new)@@value@)",
        "AccessionNumber": "set(@lookup(new)@)", "lookup_key": "id_old", "lookup_missing": "pseudonym"}}"#;
    let table = Lookup::parse("id_old,id_new,new,other\n\\x2D1,\\x3D7,a,x\n4711,\\xFC,,y\n,z,z,z\n").expect("a table");
    let plan = Plan::compile(&Config::parse(settings).expect("settings"), None).expect("it compiles");
    plan.with_lookup(Some(table)).expect("the table has all")
}

/// Attributes of every kind: those of the dictionary, members of what repeats, private and unknown ones.
fn attributes() -> Vec<Attribute<'static>> {
    let public = |tag| Attribute { tag, creator: None };
    let mut all: Vec<Attribute<'static>> = dictionary().all().iter().map(|known| public(known.tag)).collect();
    all.extend(
        [0x5002, 0x6002, 0x60FE]
            .into_iter()
            .flat_map(|group| [0, 0x10, 0x22, 0x3000].map(|element| public(Tag(group, element)))),
    );
    all.extend(
        [(0x0010, 0xFFFE), (0x0009, 0x0010), (0x0019, 0x100C), (0xFFFC, 0xFFFC), (0xFFFE, 0xE000), (0x0001, 1)]
            .map(|(group, element)| public(Tag(group, element))),
    );
    all.extend(
        safe_private()
            .iter()
            .map(|row| Attribute { tag: Tag(row.group, 0x1000 | u16::from(row.element)), creator: Some(row.creator) }),
    );
    all.extend(
        ["SIEMENS MR HEADER", "NOBODY"].map(|creator| Attribute { tag: Tag(0x0019, 0x1001), creator: Some(creator) }),
    );
    all
}

#[test]
fn what_was_written_and_read_decides_the_same() {
    let attributes = attributes();
    let plans = plans();
    assert!(plans.len() > 30, "{}", plans.len());
    for plan in plans {
        let read = Plan::from_bytes(&plan.to_bytes()).expect("it was just written");
        for attribute in &attributes {
            let (own, other) = (plan.decide(*attribute), read.decide(*attribute));
            assert_eq!((own.action, own.because, own.vr), (other.action, other.because, other.vr), "{attribute:?}");
            assert_eq!(own.because.to_string(), other.because.to_string());
            let creators =
                [false, true].map(|stays| [&plan, &read].map(|plan| plan.decide_creator(attribute.tag, stays).action));
            assert!(creators.iter().all(|[own, other]| own == other));
        }
        assert_eq!(format!("{plan:?}"), format!("{read:?}"));
        assert_eq!(plan.explain(), read.explain());
        assert_eq!(plan.lookup.table, read.lookup.table);
        assert_eq!(plan.to_bytes(), read.to_bytes());
    }
}

#[test]
fn a_table_goes_along() {
    let plan = Plan::from_bytes(&with_table().to_bytes()).expect("it was just written");
    let lookup = plan.lookup();
    assert_eq!((lookup.get("-1", "id_new").as_deref(), lookup.get("-1", "new").as_deref()), (Some("=7"), Some("a")));
    assert_eq!((lookup.get("4711", "id_new"), lookup.get("4711", "new").as_deref()), (None, Some("")));
    assert_eq!((lookup.get("", "new"), lookup.get("-1", "other")), (None, None));
}

/// Every compound code of the table can be written.
#[test]
fn all_that_a_row_can_ask_for_is_written() {
    for row in rows().iter().filter(|row| row.basic.contains('/')) {
        let mut plan = default_plan();
        plan.rules.push((Action::ByType(row.basic), Source::Preset(row.basic.into())));
        let read = Plan::from_bytes(&plan.to_bytes()).expect("it was just written");
        assert_eq!(read.rules.last(), plan.rules.last());
    }
}

/// Pseudorandom numbers (xorshift).
fn random(state: &mut u64, below: usize) -> usize {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    usize::try_from(*state % below as u64).expect("it is below")
}

/// The bytes with a checksum that is right, so that what stands behind it is looked at.
fn summed(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.truncate(bytes.len().saturating_sub(8));
    let sum = data::checksum(&bytes);
    bytes.extend_from_slice(&sum.to_le_bytes());
    bytes
}

#[test]
fn damaged_bytes_are_an_error_and_never_a_panic() {
    let whole = with_table().to_bytes();
    let mut state = 0x5EED_0000_0001_u64;
    let (mut refused, mut others) = (0, 0);
    for _ in 0..4000 {
        let mut bytes = whole.clone();
        let at = random(&mut state, bytes.len());
        match random(&mut state, 4) {
            0 => bytes.truncate(at),
            1 => drop(bytes.drain(at..(at + 3).min(whole.len()))),
            2 => bytes.insert(at, 7),
            _ => bytes[at] ^= 1 << random(&mut state, 8),
        }
        assert_eq!(Plan::from_bytes(&bytes).map_err(|error| error.code()).err(), Some(Code::Internal));
        // With a checksum that is right it is another plan, or none; whatever it is, it has an answer for everything.
        match Plan::from_bytes(&summed(bytes)) {
            Err(error) => {
                assert_eq!(error.code(), Code::Internal);
                refused += 1;
            }
            Ok(plan) => {
                let tag = Tag(random(&mut state, 1 << 16) as u16, random(&mut state, 1 << 16) as u16);
                let _ = plan.decide(Attribute { tag, creator: Some("NOBODY") }).because.to_string();
                dictionary().all().iter().step_by(97).for_each(|known| {
                    drop(plan.decide(Attribute { tag: known.tag, creator: None }).because.to_string());
                });
                others += 1;
            }
        }
    }
    assert!(refused > 1000 && others > 100, "{refused} {others}");
    for length in 0..whole.len().min(400) {
        assert!(Plan::from_bytes(&whole[..length]).is_err(), "{length}");
        assert!(Plan::from_bytes(&summed(whole[..length].to_vec())).is_err(), "{length}");
    }
}

#[test]
fn another_version_is_told_from_damage() {
    let mut bytes = default_plan().to_bytes();
    bytes[12] ^= 1;
    let error = Plan::from_bytes(&bytes).expect_err("another version");
    assert_eq!(error.message(), "the compiled settings are of another version than the engine; reload");
    let mut bytes = default_plan().to_bytes();
    bytes.push(0);
    assert_eq!(Plan::from_bytes(&bytes).expect_err("damaged").message(), "the compiled settings are damaged");
}
