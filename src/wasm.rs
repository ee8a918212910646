//! JavaScript bindings: they translate, they never decide. The only file that names JavaScript.
#![allow(unreachable_pub, reason = "what JavaScript calls must be pub, though Rust reaches none of it")]

use crate::config::Config;
use crate::error::{Code, Error, Place};
use crate::{DateTime, Deidentifier, FileReport, Link, Lookup, Part, Plan, Rewrite};
use js_sys::{Array, Promise, Reflect, Uint8Array};
use serde::Serialize;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, future_to_promise};

/// How much is read at a time at least: a read costs milliseconds in some browsers, whatever its size.
const WINDOW: u64 = 128 << 10;

struct Settings {
    config: Vec<String>,
    project: Option<String>,
    key: [u8; 32],
    now: String,
    lookup: Option<String>,
    crosswalk: bool,
}

impl Settings {
    /// Reads the constructor's argument. (serde-wasm-bindgen would, and links the printing of floating-point numbers.)
    fn read(from: &JsValue) -> Option<Self> {
        let get = |name: &str| Reflect::get(from, &name.into()).ok();
        let (config, project, key, lookup) = (get("config")?, get("project")?, get("key")?, get("lookup")?);
        // Nothing, or a text.
        let text = |value: JsValue| if value.is_null_or_undefined() { Some(None) } else { value.as_string().map(Some) };
        let texts = Array::is_array(&config).then(|| Array::from(&config))?;
        Some(Settings {
            config: texts.iter().map(|text| text.as_string()).collect::<Option<_>>()?,
            project: text(project)?,
            lookup: text(lookup)?,
            key: key.is_object().then(|| Uint8Array::new(&key).to_vec())?.try_into().ok()?,
            now: get("now")?.as_string()?,
            crosswalk: get("crosswalk")?.is_truthy(),
        })
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Thrown<'a> {
    code: &'a str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    offset: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<usize>,
    left_out: bool,
}

fn to_js(value: &impl Serialize) -> JsValue {
    value.serialize(&serde_wasm_bindgen::Serializer::json_compatible()).unwrap_or(JsValue::NULL)
}

fn thrown(error: &Error, index: Option<usize>) -> JsValue {
    let (mut path, mut offset, mut line, mut column) = (None, None, None, None);
    let mut message = error.message().to_owned();
    match error.place() {
        Place::Path(text) => path = Some(text.as_str()),
        Place::Offset(at) => offset = Some(*at as f64),
        Place::Table(_) => message = error.to_string(),
        Place::Text { line: l, column: c } => (line, column) = (Some(*l), Some(*c)),
        _ => {}
    }
    let code = error.code().as_str();
    to_js(&Thrown { code, message: &message, path, offset, line, column, index, left_out: error.is_left_out() })
}

fn throw(error: Error) -> JsValue {
    thrown(&error, None)
}

/// Parses and merges settings texts; the last wins.
fn parse(texts: &[String]) -> Result<Config, JsValue> {
    let mut merged = Config::default();
    for (index, text) in texts.iter().enumerate() {
        let config = Config::parse(text).map_err(|error| thrown(&error, Some(index)))?;
        merged = merged.merge(config);
    }
    Ok(merged)
}

/// Takes a data file, before settings are read.
#[wasm_bindgen(js_name = handOver)]
pub fn hand_over(name: &str, text: String) -> Result<(), JsValue> {
    crate::profile::data::hand_over(name, text).map_err(throw)
}

/// An engine for one set of settings, one key and one moment.
#[wasm_bindgen]
pub struct Engine {
    engine: Deidentifier,
    config: Config,
}

#[wasm_bindgen]
impl Engine {
    /// `{ config: string[], project?: string, key: Uint8Array, now: "YYYYMMDDhhmmssmmm", lookup?: string, crosswalk?: boolean }`
    #[wasm_bindgen(constructor)]
    pub fn new(settings: JsValue) -> Result<Engine, JsValue> {
        let bad = |message| throw(Error::new(Code::Settings, message));
        let settings =
            Settings::read(&settings).ok_or_else(|| bad("config, a key of 32 bytes and now are expected"))?;
        let now = DateTime::parse(&settings.now).ok_or_else(|| bad("now must be YYYYMMDDhhmmssmmm"))?;
        let config = parse(&settings.config)?;
        let lookup = settings.lookup.as_deref().map(Lookup::parse).transpose().map_err(throw)?;
        let plan = Plan::compile(&config, settings.project.as_deref()).map_err(throw)?;
        let plan = plan.with_lookup(lookup).map_err(throw)?;
        let engine = Deidentifier::new(plan, settings.key, now);
        let engine = if settings.crosswalk { engine.with_crosswalk() } else { engine };
        Ok(Engine { engine, config })
    }

    /// De-identifies a file without reading its pixels: `{ blob, report, links }`.
    pub fn deidentify(&self, file: web_sys::Blob) -> Promise {
        let file = gloo_file::Blob::from(file);
        drive(crate::Session::new(&self.engine, file.size()), file, written)
    }

    /// What happens to every element of a file, with its values.
    pub fn inspect(&self, file: web_sys::Blob) -> Promise {
        let file = gloo_file::Blob::from(file);
        drive(crate::Session::to_inspect(&self.engine, file.size()), file, inspected)
    }

    /// The final assignment: `{ address, keyword, vr, action, because }[]`.
    pub fn explain(&self) -> JsValue {
        to_js(&self.engine.plan().explain())
    }

    /// What is odd in the settings: `{ line, column, message }[]`.
    pub fn warnings(&self) -> JsValue {
        to_js(&self.config.warnings)
    }

    /// A session that is driven from outside, for files that are no Blobs.
    pub fn session(&self, size: f64) -> Session {
        Session { session: Some(crate::Session::new(&self.engine, size as u64)) }
    }
}

/// What a session that was fed becomes; the array holds the output so far.
type Finish = fn(crate::Session, &gloo_file::Blob, Array) -> Result<JsValue, JsValue>;

/// Feeds a session what it wants. One future serves all, since each brings machinery of its own into the download.
fn drive(mut session: crate::Session, file: gloo_file::Blob, finish: Finish) -> Promise {
    future_to_promise(async move {
        let parts = Array::new();
        while let Some(want) = session.want() {
            let bytes = read(&file, want.start, want.end).await?;
            session.feed(want.start, &bytes).map_err(throw)?;
            let out = session.take();
            if !out.is_empty() {
                // A Blob of its own, so that the memory of the worker does not hold the whole output.
                let bytes = Array::of1(&Uint8Array::from(out.as_slice()));
                parts.push(web_sys::Blob::new_with_blob_sequence(&bytes)?.as_ref());
            }
        }
        finish(session, &file, parts)
    })
}

fn written(session: crate::Session, file: &gloo_file::Blob, parts: Array) -> Result<JsValue, JsValue> {
    let rewrite = session.finish().map_err(throw)?;
    for part in &rewrite.parts {
        match part {
            Part::Source(range) => parts.push(file.slice(range.start, range.end).as_ref()),
            part => parts.push(&bytes_of(part)),
        };
    }
    let result = js_sys::Object::new();
    let blob = web_sys::Blob::new_with_blob_sequence(&parts)?;
    Reflect::set(&result, &"blob".into(), &blob)?;
    report(&result, &rewrite.report, &rewrite.links)?;
    Ok(result.into())
}

/// What was done, and old and new identifiers: there are none unless they were asked for.
fn report(result: &js_sys::Object, report: &FileReport, links: &[Link]) -> Result<(), JsValue> {
    Reflect::set(result, &"report".into(), &to_js(report))?;
    Reflect::set(result, &"links".into(), &to_js(&links))?;
    Ok(())
}

fn inspected(session: crate::Session, _: &gloo_file::Blob, _: Array) -> Result<JsValue, JsValue> {
    Ok(to_js(&session.inspect().map_err(throw)?))
}

/// Reads at least a range, and a window's worth if the file has it.
async fn read(file: &gloo_file::Blob, start: u64, end: u64) -> Result<Vec<u8>, JsValue> {
    let end = end.max(start + WINDOW).min(file.size());
    let slice = file.slice(start, end);
    let failed = |_| throw(Error::new(Code::Read, "the file could not be read; was it moved, changed or deleted?"));
    let buffer = JsFuture::from(AsRef::<web_sys::Blob>::as_ref(&slice).array_buffer()).await.map_err(failed)?;
    let bytes = Uint8Array::new(&buffer).to_vec();
    if bytes.is_empty() { Err(failed(JsValue::NULL)) } else { Ok(bytes) }
}

fn bytes_of(part: &Part) -> Uint8Array {
    match part {
        Part::Bytes(bytes) => Uint8Array::from(bytes.as_slice()),
        Part::Fill { byte, len } => Uint8Array::new_with_length(*len as u32).fill(*byte, 0, *len as u32),
        Part::Source(_) => Uint8Array::new_with_length(0),
    }
}

/// One file, read and written by the caller.
#[wasm_bindgen]
pub struct Session {
    session: Option<crate::Session>,
}

#[wasm_bindgen]
impl Session {
    /// `[start, end]` of what must be fed next, or nothing.
    pub fn want(&self) -> Vec<f64> {
        let want = self.session.as_ref().and_then(crate::Session::want);
        want.map(|range| vec![range.start as f64, range.end as f64]).unwrap_or_default()
    }

    /// Takes bytes of the file from an offset on.
    pub fn feed(&mut self, at: f64, bytes: &[u8]) -> Result<(), JsValue> {
        self.session.as_mut().map_or(Ok(()), |session| session.feed(at as u64, bytes)).map_err(throw)
    }

    /// The output's next bytes.
    pub fn take(&mut self) -> Vec<u8> {
        self.session.as_mut().map(crate::Session::take).unwrap_or_default()
    }

    /// The rest of the output: `{ parts: (Uint8Array | [start, end])[], report, links }`.
    pub fn finish(&mut self) -> Result<JsValue, JsValue> {
        let ended = || throw(Error::new(Code::Internal, "the session has ended"));
        let Rewrite { parts, report: done, links, .. } =
            self.session.take().ok_or_else(ended)?.finish().map_err(throw)?;
        let list = Array::new();
        for part in &parts {
            match part {
                Part::Source(range) => list.push(&Array::of2(&(range.start as f64).into(), &(range.end as f64).into())),
                part => list.push(&bytes_of(part)),
            };
        }
        let result = js_sys::Object::new();
        Reflect::set(&result, &"parts".into(), &list)?;
        report(&result, &done, &links)?;
        Ok(result.into())
    }
}

#[derive(Serialize)]
struct Checked {
    warnings: Vec<IndexedWarning>,
    projects: Vec<String>,
    /// How many rows the table has.
    rows: usize,
}

#[derive(Serialize)]
struct IndexedWarning {
    index: usize,
    line: u32,
    column: u32,
    message: String,
}

/// Checks settings without compiling an engine, and a table if there is one: `{ warnings, projects, rows }`, or throws
/// where they err. Without a table it is not checked whether the settings need one.
#[wasm_bindgen]
pub fn check(config: Vec<String>, lookup: Option<String>) -> Result<JsValue, JsValue> {
    let lookup = lookup.as_deref().map(Lookup::parse).transpose().map_err(throw)?;
    let rows = lookup.as_ref().map_or(0, Lookup::len);
    let mut checked = Checked { warnings: Vec::new(), projects: Vec::new(), rows };
    let mut merged = Config::default();
    for (index, text) in config.iter().enumerate() {
        let parsed = Config::parse(text).map_err(|error| thrown(&error, Some(index)))?;
        let plans = std::iter::once(None).chain(parsed.projects.keys().map(|name| Some(name.as_str())));
        for project in plans {
            let plan = Plan::compile(&parsed, project).map_err(|error| thrown(&error, Some(index)))?;
            if lookup.is_some() {
                plan.with_lookup(lookup.clone()).map_err(|error| thrown(&error, Some(index)))?;
            }
        }
        checked.warnings.extend(parsed.warnings.iter().map(|w| IndexedWarning {
            index,
            line: w.line,
            column: w.column,
            message: w.message.clone(),
        }));
        merged = merged.merge(parsed);
    }
    checked.projects.extend(merged.projects.keys().cloned());
    Ok(to_js(&checked))
}

/// The number nearest to a decimal one: parsers of our own are 6 KB of the download, and the platform has this one.
pub(crate) fn nearest(text: &str) -> f64 {
    js_sys::parse_float(text)
}

/// A secret key from the platform's random source.
#[wasm_bindgen(js_name = randomKey)]
#[allow(clippy::disallowed_methods, reason = "the engine has no randomness; this is where the page gets a key")]
pub fn random_key() -> Result<Vec<u8>, JsValue> {
    let mut key = vec![0; 32];
    let failed = |_| throw(Error::new(Code::Internal, "the platform has no source of randomness"));
    getrandom::fill(&mut key).map_err(failed)?;
    Ok(key)
}

#[derive(Serialize)]
struct Version {
    engine: &'static str,
    edition: &'static str,
}

/// `{ engine, edition }`: this crate's version and the edition of PS3.15 Table E.1-1.
#[wasm_bindgen]
pub fn version() -> JsValue {
    to_js(&Version { engine: env!("CARGO_PKG_VERSION"), edition: crate::profile::EDITION })
}
