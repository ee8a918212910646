//! JavaScript bindings: they translate, they never decide. The only file that names JavaScript.
#![allow(unreachable_pub, reason = "what JavaScript calls must be pub, though Rust reaches none of it")]

use crate::config::Config;
use crate::error::{Code, Error, Place};
use crate::{DateTime, Deidentifier, FileReport, Link, Lookup, Part, Plan};
use js_sys::{Array, Reflect, Uint8Array};
use serde::Serialize;
use wasm_bindgen::prelude::*;

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

    /// The final assignment: `{ address, keyword, vr, action, because }[]`.
    pub fn explain(&self) -> JsValue {
        to_js(&self.engine.plan().explain())
    }

    /// What is odd in the settings: `{ line, column, message }[]`.
    pub fn warnings(&self) -> JsValue {
        to_js(&self.config.warnings)
    }

    /// A session for a file of this many bytes.
    pub fn session(&self, size: f64) -> Session {
        Session { session: Some(crate::Session::new(&self.engine, size as u64)) }
    }

    /// A session that tells what would happen to every element, with its values, and writes nothing.
    pub fn inspection(&self, size: f64) -> Session {
        Session { session: Some(crate::Session::to_inspect(&self.engine, size as u64)) }
    }
}

/// One file, read by the caller: JavaScript awaits, so that no machinery of futures is downloaded.
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

    /// The rest of the output, and what is told: `[(Uint8Array | [start, end])[], told]`. What is told is JSON: an object
    /// would be made by calls for each of its fields, and copied field by field again between threads.
    pub fn finish(&mut self) -> Result<Array, JsValue> {
        let rewrite = self.end()?.finish().map_err(throw)?;
        let parts = Array::new();
        for part in &rewrite.parts {
            parts.push(&match part {
                Part::Source(range) => Array::of2(&(range.start as f64).into(), &(range.end as f64).into()).into(),
                Part::Bytes(bytes) => Uint8Array::from(bytes.as_slice()).into(),
                Part::Fill { byte, len } => Uint8Array::new_with_length(*len as u32).fill(*byte, 0, *len as u32).into(),
            });
        }
        let told = Told { report: &rewrite.report, links: &rewrite.links };
        let failed = |_| throw(Error::new(Code::Internal, "the report cannot be written"));
        Ok(Array::of2(&parts, &serde_json::to_string(&told).map_err(failed)?.into()))
    }

    /// What an inspection found: `Change[]`.
    pub fn changes(&mut self) -> Result<JsValue, JsValue> {
        Ok(to_js(&self.end()?.inspect().map_err(throw)?))
    }
}

impl Session {
    fn end(&mut self) -> Result<crate::Session, JsValue> {
        self.session.take().ok_or_else(|| throw(Error::new(Code::Internal, "the session has ended")))
    }
}

/// What is told of a file: what was done, and old and new identifiers, which there are none of unless they were asked for.
#[derive(Serialize)]
struct Told<'a> {
    report: &'a FileReport,
    links: &'a [Link],
}

/// The output of a Blob, on the thread that wants it: new bytes and Blobs, and `[start, end]` ranges of the input.
#[wasm_bindgen(js_name = blobOf)]
pub fn blob_of(file: web_sys::Blob, parts: Array) -> Result<web_sys::Blob, JsValue> {
    let file = gloo_file::Blob::from(file);
    let pieces = Array::new();
    for part in parts.iter() {
        match part.dyn_ref::<Array>() {
            Some(range) => {
                let at = |index| range.get(index).as_f64().unwrap_or_default() as u64;
                pieces.push(file.slice(at(0), at(1)).as_ref())
            }
            None => pieces.push(&part),
        };
    }
    web_sys::Blob::new_with_blob_sequence(&pieces)
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
