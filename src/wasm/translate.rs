//! What the engine and what reads settings hand over in the same way: errors, values, the key, the data files.

use crate::DateTime;
use crate::error::{Code, Error, Place};
use js_sys::{Reflect, Uint8Array};
use serde::Serialize;
use wasm_bindgen::prelude::*;

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

pub(super) fn to_js(value: &impl Serialize) -> JsValue {
    value.serialize(&serde_wasm_bindgen::Serializer::json_compatible()).unwrap_or(JsValue::NULL)
}

pub(super) fn thrown(error: &Error, index: Option<usize>) -> JsValue {
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

pub(super) fn throw(error: Error) -> JsValue {
    thrown(&error, None)
}

/// The key and the moment that an engine is made with.
pub(super) fn key_and_now(settings: &JsValue) -> Result<([u8; 32], DateTime), JsValue> {
    let bad = |message| throw(Error::new(Code::Settings, message));
    let get = |name: &str| Reflect::get(settings, &name.into()).ok();
    let key = get("key").filter(JsValue::is_object).and_then(|key| Uint8Array::new(&key).to_vec().try_into().ok());
    let now = get("now").and_then(|now| DateTime::parse(&now.as_string()?));
    Ok((
        key.ok_or_else(|| bad("a key of 32 bytes is expected"))?,
        now.ok_or_else(|| bad("now must be YYYYMMDDhhmmssmmm"))?,
    ))
}

/// Takes a data file, before settings are read.
#[wasm_bindgen(js_name = handOver)]
pub fn hand_over(name: &str, text: String) -> Result<(), JsValue> {
    crate::profile::data::hand_over(name, text).map_err(throw)
}
