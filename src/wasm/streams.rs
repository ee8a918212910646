//! The twin of `deflate/stream.rs` where inflating and deflating is another module's: whoever drives the engine loads that
//! when the first deflated file turns up, and [`provide`]s it.

use std::cell::RefCell;
use wasm_bindgen::prelude::*;

/// Most bytes that are handed over to be inflated at once: they may become a thousand times as many, which takes many steps,
/// and what a step does not take is handed over again.
const PIECE: usize = 16 << 10;

#[wasm_bindgen]
extern "C" {
    /// The class `Stream` of the module's bindings.
    #[derive(Clone)]
    pub type Streams;

    #[wasm_bindgen(method)]
    fn inflate(this: &Streams) -> Stream;

    #[wasm_bindgen(method)]
    fn deflate(this: &Streams) -> Stream;

    /// One of its instances.
    #[derive(Debug)]
    type Stream;

    #[wasm_bindgen(method)]
    fn step(this: &Stream, input: &[u8], finish: bool) -> Option<Vec<u8>>;

    #[wasm_bindgen(method, getter)]
    fn taken(this: &Stream) -> u32;

    #[wasm_bindgen(method, getter)]
    fn ended(this: &Stream) -> bool;

    #[wasm_bindgen(method)]
    fn free(this: &Stream);
}

thread_local! {
    static STREAMS: RefCell<Option<Streams>> = const { RefCell::new(None) };
}

/// Takes the class `Stream` of the bindings of `deflate_bg.wasm`.
#[cfg(feature = "wasm-engine")]
#[wasm_bindgen]
pub fn provide(streams: Streams) {
    STREAMS.set(Some(streams));
}

/// Whether there is one, without which nothing can be inflated or deflated.
pub(crate) fn is_ready() -> bool {
    STREAMS.with_borrow(Option::is_some)
}

/// How far a step came.
pub(crate) struct Step {
    pub(crate) taken: usize,
    pub(crate) ended: bool,
}

/// A stream on the other side, made with its first step.
#[derive(Debug, Default)]
struct Remote(Option<Stream>);

impl Remote {
    fn step(&mut self, make: fn(&Streams) -> Stream, input: &[u8], out: &mut Vec<u8>, finish: bool) -> Option<Step> {
        if self.0.is_none() {
            self.0 = STREAMS.with_borrow(|streams| streams.as_ref().map(make));
        }
        let stream = self.0.as_ref()?;
        out.append(&mut stream.step(input, finish)?);
        Some(Step { taken: stream.taken() as usize, ended: stream.ended() })
    }
}

impl Drop for Remote {
    fn drop(&mut self) {
        if let Some(stream) = &self.0 {
            stream.free();
        }
    }
}

/// A stream that is inflated.
#[derive(Debug)]
pub(crate) struct Inflate(Remote);

impl Inflate {
    pub(crate) fn new() -> Self {
        Inflate(Remote::default())
    }

    pub(crate) fn step(&mut self, input: &[u8], out: &mut Vec<u8>) -> Option<Step> {
        self.0.step(Streams::inflate, input.get(..PIECE).unwrap_or(input), out, false)
    }
}

/// A stream that is deflated.
pub(crate) struct Deflate(Remote);

impl Deflate {
    pub(crate) fn new() -> Self {
        Deflate(Remote::default())
    }

    /// The whole of a block, as natively: what an encoder makes of it may depend on where its input was cut.
    pub(crate) fn step(&mut self, input: &[u8], out: &mut Vec<u8>, finish: bool) -> Option<Step> {
        self.0.step(Streams::deflate, input, out, finish)
    }
}
