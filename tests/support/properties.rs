//! What holds for any bytes: held by the tests on stable for files of their own making, and by the fuzzer (`fuzz/`).

use super::engine::{Random, engine, run, with};
use lethe::{Action, Attribute, Code, Config, DataSet, Deidentifier, Error, Plan, VR, Walker};
use std::collections::HashMap;
use std::io::Read;

/// Settings that change nothing.
pub const KEEP: &str = r#"{"general": {"preset": "none", "remove_unknown_tags": false,
    "(0008,0018)": "keep", "(0020,000d)": "keep", "(0020,000e)": "keep"}}"#;

const DEFLATED: &[u8] = b"1.2.840.10008.1.2.1.99";

/// Settings of other kinds, one of which each file goes through too.
pub const OTHERS: [&str; 6] = [
    r#"{"general": {"preset": "ps3.15", "profile_options": ["clean_descriptors", "clean_structured_content",
        "clean_graphics", "retain_modified_dates"]}}"#,
    r#"{"general": {"preset": "ps3.15", "profile_options": ["retain_uids", "retain_full_dates", "retain_safe_private",
        "retain_device_identity", "retain_patient_characteristics"], "(0008,0018)": "keep"}}"#,
    r#"{"general": {"(0008,1030)": "clean", "(0008,103E)": "clean", "(0040,A730)": "clean", "(0010,4000)": "clean",
        "(0070,0001)": "clean", "(60xx,3000)": "clean", "remove_overlays": false}}"#,
    r#"{"general": {"(0008,0020)": "shiftdate", "(0008,0030)": "shiftdate", "(0010,0030)": "shiftdate",
        "(0010,0020)": "hash", "(0010,1010)": "age", "uid_root": "1.2.826.0.1.3680043.9.12"}}"#,
    r#"{"general": {"unused_bits": "mask", "remove_unknown_tags": false, "(0020,0200)": "set(@random_uid@)"}}"#,
    r#"{"general": {"preset": "none", "remove_unknown_tags": true, "(7FE0,0010)": "keep", "(0028,xxxx)": "keep"}}"#,
];

/// The engines that any file goes through.
pub struct Engines {
    pub default: Deidentifier,
    pub keep: Deidentifier,
    others: [Deidentifier; OTHERS.len()],
}

impl Engines {
    pub fn new() -> Engines {
        let compiled = |settings: &[&str]| engine(settings, None).expect("settings of the tests compile");
        let others = OTHERS.map(|settings| compiled(&[settings]));
        Engines { default: compiled(&[]), keep: compiled(&[KEEP]), others }
    }

    /// The engine that takes its turn with a file.
    pub fn other(&self, file: &[u8]) -> &Deidentifier {
        &self.others[random_of(file).below(self.others.len())]
    }
}

/// Numbers that are the same for the same bytes.
pub fn random_of(bytes: &[u8]) -> Random {
    let hash = bytes
        .iter()
        .fold(0xCBF2_9CE4_8422_2325, |hash: u64, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01B3));
    Random(hash | 1)
}

/// The index of a file that is not deflated, read in windows of the sizes that `window` gives.
pub fn index(file: &[u8], mut window: impl FnMut() -> usize) -> Result<DataSet, Error> {
    let mut walker = Walker::new(file.len() as u64);
    let mut at = 0;
    while let Some(want) = walker.want() {
        assert!(want.start >= at && want.start < want.end, "the walker goes back or asks for nothing");
        at = want.start;
        let start = usize::try_from(want.start).expect("an offset in memory").min(file.len());
        walker.feed(want.start, &file[start..start.saturating_add(window().max(1)).min(file.len())])?;
    }
    walker.finish()
}

/// Any bytes are indexed or refused, the same in any windows; an index stays within the file and within itself.
pub fn walks(file: &[u8]) {
    let mut random = random_of(file);
    match (index(file, || usize::MAX), index(file, || random.below(200))) {
        (Ok(whole), Ok(cut)) => {
            assert_eq!(whole.elements(), cut.elements(), "windows matter");
            holds_together(&whole, file.len() as u64);
        }
        (Err(whole), Err(cut)) => {
            assert_eq!(whole, cut, "windows matter");
            assert_ne!(whole.code(), Code::Internal);
        }
        (whole, cut) => panic!("{:?}, in windows {:?}", whole.err(), cut.err()),
    }
}

/// Each entry stands within the file and, if it has one, within the entry it is part of.
fn holds_together(data_set: &DataSet, len: u64) {
    let mut open: Vec<(usize, u64)> = Vec::new();
    for element in data_set.elements() {
        // A Sequence, its Items, what is in them.
        let depth = 2 * element.depth() - usize::from(element.is_item());
        open.retain(|(outer, _)| *outer < depth);
        let end = open.last().map_or(len, |(_, end)| *end);
        let value = element.value_range();
        assert!(element.range().start < value.start && value.start <= value.end && element.range().end <= end);
        open.push((depth, value.end));
    }
}

/// Any bytes give an output of which everything below holds, or a code; and the same in any windows.
///
/// # Errors
/// Those of the engine.
pub fn rewrites(engines: &Engines, file: &[u8]) -> Result<Vec<u8>, Error> {
    // One of many kinds of settings a file, so that it takes no longer.
    let _: Result<_, _> = rewrites_with(engines, engines.other(file), file);
    rewrites_with(engines, &engines.default, file)
}

fn rewrites_with(engines: &Engines, engine: &Deidentifier, file: &[u8]) -> Result<Vec<u8>, Error> {
    let mut random = random_of(file);
    let whole = run(engine, file, || usize::MAX).map(|(output, _)| output);
    let cut = run(engine, file, || random.below(200)).map(|(output, _)| output);
    match (&whole, &cut) {
        (Ok(whole), Ok(cut)) => {
            assert!(whole == cut, "windows matter");
            assert!(run(engine, file, || usize::MAX).is_ok_and(|(twice, _)| *whole == twice), "once is not twice");
            stays(engines, engine, whole);
            keeps_values(engine, file, whole);
        }
        (Err(whole), Err(cut)) => {
            // Where a deflated stream is damaged, its windows decide what is seen first: the damage or what it did.
            assert!(whole == cut || is_deflated(file), "windows matter: {whole}, {cut}");
            assert_ne!(whole.code(), Code::Internal, "{whole}");
        }
        (whole, cut) => panic!("{:?}, in windows {:?}", whole.as_ref().err(), cut.as_ref().err()),
    }
    whole
}

/// An output is read again, and settings that keep everything give it back byte by byte.
fn stays(engines: &Engines, engine: &Deidentifier, output: &[u8]) {
    let again = run(engine, output, || usize::MAX);
    assert!(again.is_ok(), "the output is not read again: {:?}", again.err());
    let kept = run(&engines.keep, output, || usize::MAX).map(|(output, _)| output);
    let kept = kept.unwrap_or_else(|error| panic!("what keeps everything refuses the output: {error}"));
    let near = |bytes: &[u8], at: usize| bytes.iter().skip(at.saturating_sub(16)).take(48).copied().collect::<Vec<_>>();
    if let Some(at) = first_difference(&kept, output) {
        let (is, was) = (near(&kept, at), near(output, at));
        panic!("what keeps everything does not give the output back: at {at} {is:02x?}, was {was:02x?}");
    }
}

fn first_difference(one: &[u8], other: &[u8]) -> Option<usize> {
    let common = one.iter().zip(other).take_while(|(one, other)| one == other).count();
    (common < one.len().max(other.len())).then_some(common)
}

/// What the engine says it kept stands in the output, at the same place and byte by byte. Cleaned Pixel Data is the
/// beginning of what it was, or compressed, which the tests of frames look at.
fn keeps_values(engine: &Deidentifier, file: &[u8], output: &[u8]) {
    if is_deflated(file) {
        return;
    }
    let (Ok(input), Ok(written)) = (index(file, || usize::MAX), index(output, || usize::MAX)) else {
        panic!("an input with an output cannot be indexed, or its output cannot")
    };
    let (before, after) = (values(&input, file), values(&written, output));
    let changes = engine.inspect(&input).expect("an input with an output is inspected");
    for change in changes.iter().filter(|change| change.action == "kept") {
        let Some((tag, was)) = before.get(&change.path) else { continue };
        match after.get(&change.path) {
            Some((_, is)) if is == was => {}
            Some((_, is)) if tag.group() == 0x7FE0 => {
                assert!(is_deflated(file) || is.len() <= was.len(), "{}", change.path)
            }
            // A table of offsets that holds no more goes.
            None if tag.group() == 0x7FE0 => {}
            _ => panic!("{} was kept, and is another in the output", change.path),
        }
    }
}

type Values<'a> = HashMap<String, (lethe::Tag, &'a [u8])>;

/// The values of all elements that have no Items, by path. Of elements with the same tag the last counts.
fn values<'a>(data_set: &DataSet, file: &'a [u8]) -> Values<'a> {
    let mut values = Values::new();
    for (at, element) in data_set.elements().iter().enumerate().filter(|(_, element)| !element.is_item()) {
        let range = element.value_range();
        match element.is_sequence() {
            true => values.remove(&data_set.path(at)),
            false => values.insert(data_set.path(at), (element.tag, &file[range.start as usize..range.end as usize])),
        };
    }
    values
}

/// Where bytes that were put into a file came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// There is no output, or they are not in it.
    Nowhere,
    /// In Pixel Data.
    Pixels,
    /// In a value that a rule keeps, and that may hold such bytes.
    Kept,
    /// Where nothing of the kind may be.
    Loose,
}

/// Puts 16 bytes that no code, number or UID may hold into a file, and looks for them in the output.
pub fn plant(engine: &Deidentifier, file: &[u8], at: usize, random: &mut Random) -> Found {
    let planted: Vec<u8> = (0..16).map(|_| 0x80 | random.below(128) as u8).collect();
    let input = [&file[..at], &planted, &file[at..]].concat();
    match run(engine, &input, || usize::MAX) {
        Ok((output, _)) => find(engine.plan(), &output, &planted),
        Err(_) => Found::Nowhere,
    }
}

/// Where bytes stand in an output.
pub fn find(plan: &Plan, output: &[u8], planted: &[u8]) -> Found {
    let output = inflated(output);
    let Some(at) = output.windows(planted.len()).position(|window| window == planted) else { return Found::Nowhere };
    let Ok(data_set) = index(&output, || usize::MAX) else { return Found::Loose };
    let (start, end) = (at as u64, (at + planted.len()) as u64);
    // Depth first: the last that holds them is the innermost.
    // What fell into a length is that length, and holds nothing but a number.
    let holds = |range: std::ops::Range<u64>| range.start.saturating_sub(4) <= start && end <= range.end;
    match data_set.elements().iter().rfind(|element| holds(element.value_range())) {
        Some(element) if element.tag.group() == 0x7FE0 => Found::Pixels,
        Some(element) if !element.is_item() && !element.is_sequence() && may_hold(element.vr) => {
            let action = plan.decide(Attribute { tag: element.tag, creator: None }).action;
            let keeps = matches!(action, Action::Keep | Action::KeepValid | Action::Coded);
            if keeps { Found::Kept } else { Found::Loose }
        }
        _ => Found::Loose,
    }
}

/// Whether a value of the VR may hold bytes that are no ASCII (PS3.5 6.2).
fn may_hold(vr: VR) -> bool {
    use VR::*;
    !matches!(vr, AE | AS | CS | DA | DS | DT | IS | TM | UI | UN | UR)
}

/// Any settings text is compiled or refused with a place in it, and what it compiles to rewrites a file or refuses it.
pub fn configures(text: &str, file: &[u8]) {
    let config = match Config::parse(text) {
        Ok(config) => config,
        Err(error) => return is_placed(&error, text),
    };
    let names: Vec<&String> = config.projects.keys().collect();
    let project = random_of(text.as_bytes()).below(names.len() + 1).checked_sub(1).map(|at| names[at].as_str());
    let plan = match Plan::compile(&config, project) {
        Ok(plan) => plan,
        Err(error) => return is_placed(&error, text),
    };
    if random_of(text.as_bytes()).below(50) == 0 {
        assert!(plan.explain().iter().all(|rule| !rule.address.is_empty() && !rule.because.is_empty()));
    }
    match run(&with(plan), file, || usize::MAX) {
        Ok((output, _)) => drop(index(&output, || usize::MAX).expect("the output is read again")),
        Err(error) => assert_ne!(error.code(), Code::Internal, "{error}"),
    }
}

/// An error of settings names a line and a column that are there.
fn is_placed(error: &Error, text: &str) {
    assert_eq!(error.code(), Code::Settings, "{error}");
    if let lethe::Place::Text { line, column } = error.place() {
        let line = text.split('\n').nth(*line as usize - 1).expect("the line is there");
        assert!(*column as usize <= line.chars().count() + 1, "{error}");
    }
}

fn is_deflated(file: &[u8]) -> bool {
    file.windows(DEFLATED.len()).any(|window| window == DEFLATED)
}

/// An output without deflation: what it holds is looked for in its Data Set. (PS3.5 A.5: what is deflated is Explicit VR
/// Little Endian.)
fn inflated(output: &[u8]) -> Vec<u8> {
    let length = output.get(140..144).map_or(0, |field| u32::from_le_bytes(field.try_into().expect("four bytes")));
    let (head, data_set) = output.split_at(output.len().min(144 + length as usize));
    let mut plain = head.to_vec();
    let Some(at) = head.windows(DEFLATED.len()).position(|window| window == DEFLATED) else { return output.to_vec() };
    // The same length, so that no other length changes.
    plain[at..at + DEFLATED.len()].copy_from_slice(b"1.2.840.10008.1.2.1\0\0\0");
    flate2::read::DeflateDecoder::new(data_set).read_to_end(&mut plain).expect("the output's stream inflates");
    plain
}
