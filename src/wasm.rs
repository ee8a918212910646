//! JavaScript bindings: they translate, they never decide. The only files that name JavaScript.
//!
//! One crate becomes several .wasm, each with the bindings of one feature and what these need: `wasm-engine` works on
//! files, `wasm-settings` reads settings and compiles the plan that the engine is handed, `wasm-deflate` inflates and deflates
//! what the engine gives it.
#![allow(unreachable_pub, reason = "what JavaScript calls must be pub, though Rust reaches none of it")]

#[cfg(feature = "wasm-deflate")]
mod deflate;
#[cfg(feature = "wasm-engine")]
mod engine;
#[cfg(feature = "wasm-settings")]
mod settings;
#[cfg(not(feature = "wasm-deflate"))]
pub(crate) mod streams;
#[cfg(any(feature = "wasm-engine", feature = "wasm-settings"))]
mod translate;

/// The number nearest to a decimal one: parsers of our own are 6 KB of the download, and the platform has this one.
pub(crate) fn nearest(text: &str) -> f64 {
    js_sys::parse_float(text)
}

#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();
