//! Texts of settings and tables, and what comes of them: a plan, or what is wrong with it.

use super::translate::{key_and_now, throw, thrown, to_js};
use crate::config::Config;
use crate::error::{Code, Error};
use crate::{Lookup, Plan};
use js_sys::{Array, Reflect};
use serde::Serialize;
use wasm_bindgen::prelude::*;

struct Texts {
    config: Vec<String>,
    project: Option<String>,
    lookup: Option<String>,
}

impl Texts {
    /// Reads the constructor's argument. (serde-wasm-bindgen would, and links the printing of floating-point numbers.)
    fn read(from: &JsValue) -> Option<Self> {
        let get = |name: &str| Reflect::get(from, &name.into()).ok();
        let (config, project, lookup) = (get("config")?, get("project")?, get("lookup")?);
        // Nothing, or a text.
        let text = |value: JsValue| if value.is_null_or_undefined() { Some(None) } else { value.as_string().map(Some) };
        let texts = Array::is_array(&config).then(|| Array::from(&config))?;
        Some(Texts {
            config: texts.iter().map(|text| text.as_string()).collect::<Option<_>>()?,
            project: text(project)?,
            lookup: text(lookup)?,
        })
    }
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

/// Settings that were compiled for a project, with their table.
#[wasm_bindgen]
pub struct Compiled {
    plan: Plan,
    config: Config,
}

#[wasm_bindgen]
impl Compiled {
    /// `{ config: string[], project?: string, lookup?: string }`
    #[wasm_bindgen(constructor)]
    pub fn new(texts: JsValue) -> Result<Compiled, JsValue> {
        let expected =
            || throw(Error::new(Code::Settings, "config, and perhaps project and lookup, are expected as texts"));
        let texts = Texts::read(&texts).ok_or_else(expected)?;
        let config = parse(&texts.config)?;
        let lookup = texts.lookup.as_deref().map(Lookup::parse).transpose().map_err(throw)?;
        let plan = Plan::compile(&config, texts.project.as_deref()).map_err(throw)?;
        Ok(Compiled { plan: plan.with_lookup(lookup).map_err(throw)?, config })
    }

    /// The plan, for an engine of the same version.
    pub fn plan(&self) -> Vec<u8> {
        self.plan.to_bytes()
    }

    /// The final assignment: `{ address, keyword, vr, action, because }[]`.
    pub fn explain(&self) -> JsValue {
        to_js(&self.plan.explain())
    }

    /// What is odd in the settings: `{ line, column, message }[]`.
    pub fn warnings(&self) -> JsValue {
        to_js(&self.config.warnings)
    }
}

/// An error unless an engine can be made with `key` and `now`: it shows before there is one, in a worker.
#[wasm_bindgen(js_name = checkKey)]
pub fn check_key(settings: JsValue) -> Result<(), JsValue> {
    key_and_now(&settings).map(drop)
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
