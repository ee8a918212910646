//! What a panic would say is cut from the engine. On wasm32 it is put together, written nowhere, and then the module traps;
//! without it the module traps at once, and 4 KB less are downloaded. (The words of a panic can also hold values.)

use anyhow::{Context, Result, ensure};
use std::path::Path;
use walrus::ir::Instr;
use walrus::{ConstExpr, DataId, DataKind, FunctionBuilder, FunctionId, FunctionKind, LocalFunction, Module};

/// Functions of the standard library that all panics go through.
const PANICS: [&str; 21] = [
    "assert_failed",
    "assert_failed_inner",
    "expect_failed",
    "handle_alloc_error",
    "len_mismatch_fail",
    "panic",
    "panic_access_error",
    "panic_already_borrowed",
    "panic_already_mutably_borrowed",
    "panic_bounds_check",
    "panic_const_async_fn_resumed",
    "panic_const_div_by_zero",
    "panic_const_rem_by_zero",
    "panic_display",
    "panic_fmt",
    "panic_poisoned",
    "rust_begin_unwind",
    "slice_error_fail",
    "slice_error_fail_rt",
    "slice_index_fail",
    "unwrap_failed",
];

/// The linked module, with a trap in the place of each of them.
pub(crate) fn cut(linked: &Path) -> Result<Vec<u8>> {
    let mut module = Module::from_file(linked).context("reading the linked module")?;
    let is_panic = |id: FunctionId| module.funcs.get(id).name.as_deref().is_some_and(is_panic);
    let panics: Vec<_> = module.funcs.iter_local().filter(|(id, _)| is_panic(*id)).collect();
    ensure!(panics.len() > 4, "the standard library's panics have other names now");
    ensure!(panics.iter().all(|(_, body)| never_returns(body)), "a function with the name of a panic is none");
    for id in panics.into_iter().map(|(id, _)| id).collect::<Vec<_>>() {
        trap(&mut module, id);
    }
    forget_places(&mut module)?;
    Ok(module.emit_wasm())
}

/// Clears what would say where a panic happened: the `core::panic::Location`s (a path, its length, line and column) and
/// the paths. Only the functions above would read them.
fn forget_places(module: &mut Module) -> Result<()> {
    let image = Image::of(module);
    let places: Vec<[(u32, u32); 2]> = image.words().filter_map(|at| image.place(at)).collect();
    ensure!(!places.is_empty(), "the places of panics look otherwise now");
    for id in image.segments.into_iter().map(|(_, id, _)| id) {
        let data = module.data.get_mut(id);
        let Some(base) = base(&data.kind) else { continue };
        for (at, length) in places.iter().flatten() {
            let start = at.saturating_sub(base) as usize;
            if let Some(bytes) = data.value.get_mut(start..start + *length as usize).filter(|_| *at >= base) {
                bytes.fill(0);
            }
        }
    }
    Ok(())
}

/// Where a segment of data stands in memory.
fn base(kind: &DataKind) -> Option<u32> {
    match kind {
        DataKind::Active { offset: ConstExpr::Value(walrus::ir::Value::I32(base)), .. } => u32::try_from(*base).ok(),
        _ => None,
    }
}

/// The memory as the module begins.
struct Image {
    /// Where each segment stands, and what is in it.
    segments: Vec<(u32, DataId, Vec<u8>)>,
}

impl Image {
    fn of(module: &Module) -> Image {
        let active = |data: &walrus::Data| Some((base(&data.kind)?, data.id(), data.value.clone()));
        Image { segments: module.data.iter().filter_map(active).collect() }
    }

    /// The address of each word.
    fn words(&self) -> impl Iterator<Item = u32> {
        let of_segment = |(base, _, bytes): &(u32, DataId, Vec<u8>)| {
            (base.next_multiple_of(4)..base + bytes.len() as u32).step_by(4)
        };
        self.segments.iter().flat_map(of_segment)
    }

    fn bytes(&self, at: u32, length: u32) -> Option<&[u8]> {
        self.segments.iter().find_map(|(base, _, bytes)| {
            let start = at.checked_sub(*base)? as usize;
            bytes.get(start..start.checked_add(length as usize)?)
        })
    }

    /// The `Location` at an address and its path, each with its length, if there is one.
    fn place(&self, at: u32) -> Option<[(u32, u32); 2]> {
        let words = self.bytes(at, 16)?.chunks_exact(4);
        let words: Vec<u32> = words.filter_map(|word| Some(u32::from_le_bytes(word.try_into().ok()?))).collect();
        let [path, length, 1..100_000, 1..1000] = words[..] else { return None };
        let text = self.bytes(path, length)?;
        let is_path = text.ends_with(b".rs") && text.contains(&b'/') && text.iter().all(u8::is_ascii_graphic);
        is_path.then_some([(at, 16), (path, length)])
    }
}

/// In a mangled name the length stands before each part; behind the last there may be a hash.
fn is_panic(mangled: &str) -> bool {
    let path = mangled.split_once("17h").map_or(mangled, |(path, _)| path);
    PANICS.iter().any(|name| path.ends_with(&format!("{}{name}", name.len())))
}

fn never_returns(body: &LocalFunction) -> bool {
    matches!(body.block(body.entry_block()).instrs.last(), Some((Instr::Unreachable(_), _)))
}

fn trap(module: &mut Module, id: FunctionId) {
    let (parameters, results) = module.types.params_results(module.funcs.get(id).ty());
    let (parameters, results) = (parameters.to_vec(), results.to_vec());
    let mut body = FunctionBuilder::new(&mut module.types, &parameters, &results);
    body.func_body().unreachable();
    let arguments = parameters.iter().map(|kind| module.locals.add(*kind)).collect();
    module.funcs.get_mut(id).kind = FunctionKind::Local(body.local_func(arguments));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn panics_are_known_by_their_mangled_names() {
        assert!(is_panic("_RNvNtCs1CYXbLPYCFn_4core9panicking9panic_fmt"));
        assert!(is_panic("_ZN4core9panicking13panic_display17h1f2eb00a90525802E"));
        assert!(!is_panic("_RNvNtCs1CYXbLPYCFn_4core9panicking11panic_count"));
        assert!(!is_panic("_ZN5lethe4pass13unused_panics17h1f2eb00a90525802E"));
    }
}
