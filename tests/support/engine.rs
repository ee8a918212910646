//! The engine as tests and fuzz targets drive it.

use lethe::{Config, DateTime, Deidentifier, Error, Lookup, Part, Plan, Rewrite, Session};

/// The key and time of every test.
pub const KEY: [u8; 32] = [7; 32];
pub const NOW: &str = "20260517101530123";

/// An engine for settings (merged from left to right), with the tests' key and time.
pub fn engine(settings: &[&str], project: Option<&str>) -> Result<Deidentifier, Error> {
    engine_with(settings, project, None)
}

/// An engine that looks values up in a table.
pub fn engine_with(settings: &[&str], project: Option<&str>, lookup: Option<&str>) -> Result<Deidentifier, Error> {
    let mut config = Config::default();
    for text in settings {
        config = config.merge(Config::parse(text)?);
    }
    Ok(with(Plan::compile(&config, project)?.with_lookup(lookup.map(Lookup::parse).transpose()?)?))
}

/// An engine for a plan, with the tests' key and time. The plan is written and read again, as it is on its way to a
/// worker: all that the tests hold holds for those too.
pub fn with(plan: Plan) -> Deidentifier {
    let plan = Plan::from_bytes(&plan.to_bytes()).expect("what was written is read");
    Deidentifier::new(plan, KEY, DateTime::parse(NOW).expect("a time"))
}

/// Runs a file through a session in windows of the sizes that `window` gives, and puts the output together.
pub fn run(engine: &Deidentifier, file: &[u8], mut window: impl FnMut() -> usize) -> Result<(Vec<u8>, Rewrite), Error> {
    let mut session = Session::new(engine, file.len() as u64);
    let mut out = Vec::new();
    while let Some(want) = session.want() {
        let start = want.start as usize;
        let end = start.saturating_add(window().max(1)).min(file.len());
        session.feed(want.start, &file[start..end])?;
        out.extend(session.take());
    }
    let rewrite = session.finish()?;
    let out = assemble(out, &rewrite.parts, file);
    assert_eq!(rewrite.report.output_bytes, out.len() as u64);
    Ok((out, rewrite))
}

/// Puts the parts of an output behind what was taken of it before.
pub fn assemble(mut out: Vec<u8>, parts: &[Part], file: &[u8]) -> Vec<u8> {
    for part in parts {
        match part {
            Part::Source(range) => out.extend(&file[range.start as usize..range.end as usize]),
            Part::Bytes(bytes) => out.extend(bytes),
            Part::Fill { byte, len } => out.extend(vec![*byte; *len as usize]),
        }
    }
    out
}

/// Pseudorandom numbers that can be repeated.
pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit.max(1) as u64) as usize
    }
}
