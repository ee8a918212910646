//! Inflating and deflating, step by step, for an engine that is another module.

use crate::deflate::stream::{Deflate, Inflate, Step};
use wasm_bindgen::prelude::*;

/// Most bytes that a step gives.
const CHUNK: usize = 64 << 10;

enum Kind {
    Inflate(Inflate),
    Deflate(Deflate),
}

/// One stream of RFC 1951.
#[wasm_bindgen]
pub struct Stream {
    kind: Kind,
    step: Step,
}

#[wasm_bindgen]
impl Stream {
    /// A stream that is inflated.
    pub fn inflate() -> Stream {
        Stream { kind: Kind::Inflate(Inflate::new()), step: Step { taken: 0, ended: false } }
    }

    /// A stream that is deflated.
    pub fn deflate() -> Stream {
        Stream { kind: Kind::Deflate(Deflate::new()), step: Step { taken: 0, ended: false } }
    }

    /// The next bytes of the output; nothing if the stream is damaged. `finish` ends a stream that is deflated.
    pub fn step(&mut self, input: &[u8], finish: bool) -> Option<Vec<u8>> {
        let mut out = Vec::with_capacity(CHUNK);
        self.step = match &mut self.kind {
            Kind::Inflate(stream) => stream.step(input, &mut out),
            Kind::Deflate(stream) => stream.step(input, &mut out, finish),
        }?;
        Some(out)
    }

    /// Bytes of the input that the last step has taken.
    #[wasm_bindgen(getter)]
    pub fn taken(&self) -> u32 {
        self.step.taken as u32
    }

    /// Whether the stream is at its end.
    #[wasm_bindgen(getter)]
    pub fn ended(&self) -> bool {
        self.step.ended
    }
}
