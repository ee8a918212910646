//! Malformed files, made byte by byte: each is refused with a code or gives an output that can be walked again,
//! within a time and a memory that do not depend on what the file claims.

#![allow(unsafe_code, reason = "an allocator that counts has to be one")]
#![allow(clippy::print_stdout, reason = "what ran is counted by whoever runs the tests")]

mod common;
mod hostile_files;
mod support;

use lethe::{Deidentifier, Error, Rewrite, Session};
use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// Counts what is allocated, and the most there ever was at a time.
struct Counting;

static LIVE: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call is handed on to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let live = LIVE.fetch_add(layout.size(), Ordering::Relaxed) + layout.size();
        PEAK.fetch_max(live, Ordering::Relaxed);
        // SAFETY: the caller's promise is passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller's promise is passed on.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const MOST_TIME: Duration = Duration::from_secs(2);
const MOST_MEMORY: usize = 64 << 20;
/// How many times the bytes of the header may be held at once.
const MOST_COPIES: usize = 6;
const WINDOW: usize = 64 << 10;
const FLOOR_KINDS: usize = 60;
const FLOOR_TRUNCATED: usize = 3000;

/// The time this thread was given, so that a busy machine does not fail the test; elsewhere the time that went by.
fn spent() -> Duration {
    let scheduled = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanos = scheduled.and_then(|text| text.split(' ').next()?.parse().ok());
    nanos
        .map_or_else(|| std::time::SystemTime::UNIX_EPOCH.elapsed().expect("a clock behind 1970"), Duration::from_nanos)
}

fn drive(engine: &Deidentifier, file: &[u8]) -> Result<(Vec<u8>, Rewrite), Error> {
    let mut session = Session::new(engine, file.len() as u64);
    let mut out = Vec::new();
    let mut rounds = 0;
    while let Some(want) = session.want() {
        let start = usize::try_from(want.start).expect("an offset").min(file.len());
        let end = start.saturating_add(WINDOW).min(file.len());
        session.feed(want.start, &file[start..end])?;
        out.extend(session.take());
        rounds += 1;
        assert!(rounds <= 4 * file.len() + 1000, "the session does not come to an end");
    }
    session.finish().map(|rewrite| (out, rewrite))
}

/// What became of a file: nothing if it gave an output, else the code it was refused with.
fn check(engine: &Deidentifier, name: &str, file: &[u8], header: usize) -> Option<&'static str> {
    assert!(file.len() <= 1 << 20, "{name}: {} bytes", file.len());
    let before = LIVE.load(Ordering::Relaxed);
    PEAK.store(before, Ordering::Relaxed);
    let start = spent();
    let outcome = drive(engine, file);
    let (time, memory) = (spent() - start, PEAK.load(Ordering::Relaxed).saturating_sub(before));
    if time > Duration::from_millis(200) || memory > 16 << 20 {
        println!("{name}: {} ms, {} KiB", time.as_millis(), memory >> 10);
    }
    assert!(time <= MOST_TIME, "{name}: {time:?}");
    let most = MOST_MEMORY + MOST_COPIES * header;
    assert!(memory <= most, "{name}: {memory} bytes at once, {most} are allowed");
    match outcome {
        Err(error) => Some(error.code().as_str()),
        Ok((out, rewrite)) => {
            let output = support::assemble(out, &rewrite.parts, file);
            let again = drive(engine, &output);
            assert!(again.is_ok(), "{name}: the output is not read again: {:?}", again.err());
            None
        }
    }
}

// One test, since all threads of a program share its allocator.
#[test]
fn malformed_files_end_in_an_output_or_a_code() {
    let engine = support::engine(&[], None).expect("the preset compiles");
    let mut refused = std::collections::BTreeMap::<&str, usize>::new();
    let mut outputs = 0;
    let mut count = |outcome: Option<&'static str>| match outcome {
        Some(code) => *refused.entry(code).or_default() += 1,
        None => outputs += 1,
    };
    let files = hostile_files::all();
    for file in &files {
        count(check(&engine, &file.name, &file.bytes, file.header));
    }
    let whole = hostile_files::whole();
    let mut truncated = 0;
    for (name, file) in &whole {
        for len in 0..file.len() {
            count(check(&engine, &format!("{name} cut at {len}"), &file[..len], len));
            truncated += 1;
        }
    }
    println!("hostile: {} kinds, {truncated} truncated, {outputs} outputs, refused {refused:?}", files.len());
    println!("# inputs {}\n# assertions {}", files.len() + truncated, 3 * (files.len() + truncated));
    assert!(!refused.contains_key("internal"), "{refused:?}");
    assert!(files.len() >= FLOOR_KINDS && truncated >= FLOOR_TRUNCATED, "{} kinds, {truncated}", files.len());
    assert!(outputs > 0 && refused.len() > 5, "files of all sorts: {outputs} outputs, {refused:?}");
}
