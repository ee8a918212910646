//! Work on files, as a plan says.

use super::streams::is_provided;
use super::translate::{key_and_now, throw, to_js};
use crate::error::{Code, Error};
use crate::{Deidentifier, FileReport, Link, Part, Plan, Rewrite};
use js_sys::{Array, Function, Promise, Reflect, Uint8Array};
use serde::Serialize;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, future_to_promise};

/// How much is read at a time at least: a read costs milliseconds in some browsers, whatever its size.
const WINDOW: u64 = 128 << 10;

/// An engine for one plan, one key and one moment.
#[wasm_bindgen]
pub struct Engine {
    engine: Deidentifier,
    /// Called when the first deflated file turns up; what it promises is kept once `provide` was called.
    deflate: Option<Function>,
}

#[wasm_bindgen]
impl Engine {
    /// `{ plan: Uint8Array, key: Uint8Array, now: "YYYYMMDDhhmmssmmm", crosswalk?: boolean, deflate?: () => Promise<void> }`
    #[wasm_bindgen(constructor)]
    pub fn new(settings: JsValue) -> Result<Engine, JsValue> {
        let get = |name: &str| Reflect::get(&settings, &name.into());
        let (key, now) = key_and_now(&settings)?;
        let plan = Some(get("plan")?).filter(JsValue::is_object).map(|plan| Uint8Array::new(&plan).to_vec());
        let plan = Plan::from_bytes(&plan.unwrap_or_default()).map_err(throw)?;
        let engine = Deidentifier::new(plan, key, now);
        let engine = if get("crosswalk")?.is_truthy() { engine.with_crosswalk() } else { engine };
        Ok(Engine { engine, deflate: get("deflate")?.dyn_into().ok() })
    }

    /// De-identifies a file without reading its pixels: `{ blob, report, links }`.
    pub fn deidentify(&self, file: web_sys::Blob) -> Promise {
        let file = gloo_file::Blob::from(file);
        drive(crate::Session::new(&self.engine, file.size()), file, self.deflate.clone(), written)
    }

    /// What happens to every element of a file, with its values.
    pub fn inspect(&self, file: web_sys::Blob) -> Promise {
        let file = gloo_file::Blob::from(file);
        drive(crate::Session::to_inspect(&self.engine, file.size()), file, self.deflate.clone(), inspected)
    }

    /// A session that is driven from outside, for files that are no Blobs.
    pub fn session(&self, size: f64) -> Session {
        Session { session: Some(crate::Session::new(&self.engine, size as u64)) }
    }
}

/// What a session that was fed becomes; the array holds the output so far.
type Finish = fn(crate::Session, &gloo_file::Blob, Array) -> Result<JsValue, JsValue>;

/// Feeds a session what it wants. One future serves all, since each brings machinery of its own into the download.
fn drive(mut session: crate::Session, file: gloo_file::Blob, deflate: Option<Function>, finish: Finish) -> Promise {
    future_to_promise(async move {
        let parts = Array::new();
        while let Some(want) = session.want() {
            if let Some(load) = deflate.as_ref().filter(|_| session.deflates() && !is_provided()) {
                JsFuture::from(Promise::resolve(&load.call0(&JsValue::NULL)?)).await?;
            }
            can_go_on(&session)?;
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

/// An error if a file is deflated and what it takes to go on was not provided.
fn can_go_on(session: &crate::Session) -> Result<(), JsValue> {
    let missing = || Error::new(Code::Internal, "deflated files need what provide takes, the Stream of deflate.js");
    if session.deflates() && !is_provided() { Err(throw(missing())) } else { Ok(()) }
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

    /// Whether what is fed next needs what `provide` takes.
    pub fn deflates(&self) -> bool {
        self.session.as_ref().is_some_and(crate::Session::deflates)
    }

    /// Takes bytes of the file from an offset on.
    pub fn feed(&mut self, at: f64, bytes: &[u8]) -> Result<(), JsValue> {
        let Some(session) = &mut self.session else { return Ok(()) };
        can_go_on(session)?;
        session.feed(at as u64, bytes).map_err(throw)
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
