//! JavaScript bindings: they translate, they never decide. The only file that names JavaScript.
#![allow(unreachable_pub, reason = "what JavaScript calls must be pub, though Rust reaches none of it")]

use crate::config::{Config, Sorted};
use crate::error::{Code, Error, Place};
use crate::{DateTime, Deidentifier, Part, Plan, Rewrite};
use js_sys::{Array, Reflect, Uint8Array};
use serde::Serialize;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

/// How much is read at a time at least: a read costs milliseconds in some browsers, whatever its size.
const WINDOW: u64 = 128 << 10;

struct Settings {
    config: Vec<String>,
    project: Option<String>,
    key: [u8; 32],
    now: String,
}

impl Settings {
    /// Reads the constructor's argument. (serde-wasm-bindgen would, and links the printing of floating-point numbers.)
    fn read(from: &JsValue) -> Option<Self> {
        let get = |name: &str| Reflect::get(from, &name.into()).ok();
        let (config, project, key) = (get("config")?, get("project")?, get("key")?);
        let texts = Array::is_array(&config).then(|| Array::from(&config))?;
        Some(Settings {
            config: texts.iter().map(|text| text.as_string()).collect::<Option<_>>()?,
            project: if project.is_null_or_undefined() { None } else { Some(project.as_string()?) },
            key: key.is_object().then(|| Uint8Array::new(&key).to_vec())?.try_into().ok()?,
            now: get("now")?.as_string()?,
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
    match error.place() {
        Place::Path(text) => path = Some(text.as_str()),
        Place::Offset(at) => offset = Some(*at as f64),
        Place::Text { line: l, column: c } => (line, column) = (Some(*l), Some(*c)),
        _ => {}
    }
    let (code, message) = (error.code().as_str(), error.message());
    to_js(&Thrown { code, message, path, offset, line, column, index, left_out: error.is_left_out() })
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

/// An engine for one set of settings, one key and one moment.
#[wasm_bindgen]
pub struct Engine {
    engine: Deidentifier,
    config: Config,
}

#[wasm_bindgen]
impl Engine {
    /// `{ config: string[], project?: string, key: Uint8Array, now: "YYYYMMDDhhmmssmmm" }`
    #[wasm_bindgen(constructor)]
    pub fn new(settings: JsValue) -> Result<Engine, JsValue> {
        let bad = |message| throw(Error::new(Code::Settings, message));
        let settings =
            Settings::read(&settings).ok_or_else(|| bad("config, a key of 32 bytes and now are expected"))?;
        let now = DateTime::parse(&settings.now).ok_or_else(|| bad("now must be YYYYMMDDhhmmssmmm"))?;
        let config = parse(&settings.config)?;
        let plan = Plan::compile(&config, settings.project.as_deref()).map_err(throw)?;
        Ok(Engine { engine: Deidentifier::new(plan, settings.key, now), config })
    }

    /// De-identifies a file without reading its pixels: `{ blob, report }`.
    pub async fn deidentify(&self, file: web_sys::Blob) -> Result<JsValue, JsValue> {
        let file = gloo_file::Blob::from(file);
        let mut session = crate::Session::new(&self.engine, file.size());
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
        Reflect::set(&result, &"report".into(), &to_js(&rewrite.report))?;
        Ok(result.into())
    }

    /// What happens to every element of a file, with its values.
    pub async fn inspect(&self, file: web_sys::Blob) -> Result<JsValue, JsValue> {
        let file = gloo_file::Blob::from(file);
        let mut session = crate::Session::to_inspect(&self.engine, file.size());
        while let Some(want) = session.want() {
            let bytes = read(&file, want.start, want.end).await?;
            session.feed(want.start, &bytes).map_err(throw)?;
        }
        Ok(to_js(&session.inspect().map_err(throw)?))
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

    /// The rest of the output: `{ parts: (Uint8Array | [start, end])[], report }`.
    pub fn finish(&mut self) -> Result<JsValue, JsValue> {
        let ended = || throw(Error::new(Code::Internal, "the session has ended"));
        let Rewrite { parts, report, .. } = self.session.take().ok_or_else(ended)?.finish().map_err(throw)?;
        let list = Array::new();
        for part in &parts {
            match part {
                Part::Source(range) => list.push(&Array::of2(&(range.start as f64).into(), &(range.end as f64).into())),
                part => list.push(&bytes_of(part)),
            };
        }
        let result = js_sys::Object::new();
        Reflect::set(&result, &"parts".into(), &list)?;
        Reflect::set(&result, &"report".into(), &to_js(&report))?;
        Ok(result.into())
    }
}

#[derive(Serialize)]
struct Checked {
    warnings: Vec<IndexedWarning>,
    projects: Vec<String>,
}

#[derive(Serialize)]
struct IndexedWarning {
    index: usize,
    line: u32,
    column: u32,
    message: String,
}

/// Checks settings without compiling an engine: `{ warnings, projects }`, or throws where they err.
#[wasm_bindgen]
pub fn check(config: Vec<String>) -> Result<JsValue, JsValue> {
    let mut checked = Checked { warnings: Vec::new(), projects: Vec::new() };
    let mut projects = Sorted::default();
    for (index, text) in config.iter().enumerate() {
        let parsed = Config::parse(text).map_err(|error| thrown(&error, Some(index)))?;
        let plans = std::iter::once(None).chain(parsed.projects.keys().map(|name| Some(name.as_str())));
        for project in plans {
            Plan::compile(&parsed, project).map_err(|error| thrown(&error, Some(index)))?;
        }
        checked.warnings.extend(parsed.warnings.iter().map(|w| IndexedWarning {
            index,
            line: w.line,
            column: w.column,
            message: w.message.clone(),
        }));
        projects.extend(parsed.projects.into_iter().map(|(name, _)| (name, ())));
    }
    checked.projects.extend(projects.into_iter().map(|(name, ())| name));
    Ok(to_js(&checked))
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
