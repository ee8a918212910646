//! Work on files, as a plan says.

use super::streams::is_ready;
use super::translate::{key_and_now, throw, to_js};
use crate::error::{Code, Error};
use crate::{Deidentifier, FileReport, Link, Part, Plan};
use js_sys::{Array, Reflect, Uint8Array};
use serde::Serialize;
use wasm_bindgen::prelude::*;

/// An engine for one plan, one key and one moment.
#[wasm_bindgen]
pub struct Engine {
    engine: Deidentifier,
}

#[wasm_bindgen]
impl Engine {
    /// `{ plan: Uint8Array, key: Uint8Array, now: "YYYYMMDDhhmmssmmm", crosswalk?: boolean }`
    #[wasm_bindgen(constructor)]
    pub fn new(settings: JsValue) -> Result<Engine, JsValue> {
        let get = |name: &str| Reflect::get(&settings, &name.into());
        let (key, now) = key_and_now(&settings)?;
        let plan = Some(get("plan")?).filter(JsValue::is_object).map(|plan| Uint8Array::new(&plan).to_vec());
        let plan = Plan::from_bytes(&plan.unwrap_or_default()).map_err(throw)?;
        let engine = Deidentifier::new(plan, key, now);
        let engine = if get("crosswalk")?.is_truthy() { engine.with_crosswalk() } else { engine };
        Ok(Engine { engine })
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

    /// The rest of the output, and what is told: `[(Uint8Array | [start, end])[], told]`. New bytes are written into `room` as
    /// far as they fit there. What is told is JSON: an object would be made by calls for each of its fields, and copied field
    /// by field again between threads.
    pub fn finish(&mut self, room: Option<Uint8Array>) -> Result<Array, JsValue> {
        let rewrite = self.end()?.finish().map_err(throw)?;
        let parts = Array::new();
        let mut room = Room { bytes: room, used: 0 };
        for part in &rewrite.parts {
            parts.push(&match part {
                Part::Source(range) => pair(&(range.start as f64).into(), &(range.end as f64).into()).into(),
                Part::Bytes(bytes) => match room.take(bytes.len() as u32) {
                    Some(place) => {
                        place.copy_from(bytes);
                        place.into()
                    }
                    None => Uint8Array::from(bytes.as_slice()).into(),
                },
                Part::Fill { byte, len } => {
                    let len = *len as u32;
                    room.take(len).unwrap_or_else(|| Uint8Array::new_with_length(len)).fill(*byte, 0, len).into()
                }
            });
        }
        let told = Told { report: &rewrite.report, links: &rewrite.links };
        let failed = |_| throw(Error::new(Code::Internal, "the report cannot be written"));
        Ok(pair(&parts, &serde_json::to_string(&told).map_err(failed)?.into()))
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

/// Where new bytes are written, one behind the other.
struct Room {
    bytes: Option<Uint8Array>,
    used: u32,
}

impl Room {
    /// Place for so many bytes, if there is room for them.
    fn take(&mut self, len: u32) -> Option<Uint8Array> {
        let (start, end) = (self.used, self.used.saturating_add(len));
        let place = self.bytes.as_ref().filter(|bytes| end <= bytes.length())?.subarray(start, end);
        self.used = end;
        Some(place)
    }
}

/// Two values; `Array.of` takes browsers several times as long.
fn pair(first: &JsValue, second: &JsValue) -> Array {
    let pair = Array::new();
    pair.push(first);
    pair.push(second);
    pair
}

/// An error if a file is deflated and what it takes to go on was not provided.
fn can_go_on(session: &crate::Session) -> Result<(), JsValue> {
    let missing = || Error::new(Code::Internal, "deflated files need what provide takes, the Stream of deflate.js");
    if session.deflates() && !is_ready() { Err(throw(missing())) } else { Ok(()) }
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
