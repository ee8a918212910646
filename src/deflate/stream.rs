//! One step of inflating or deflating (RFC 1951). In the engine's .wasm a twin asks another module for it
//! (`wasm/streams.rs`), so that who has no deflated files does not download what they need.

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};

/// How far a step came.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step {
    /// Bytes of the input that were taken.
    pub(crate) taken: usize,
    /// Whether the stream is at its end.
    pub(crate) ended: bool,
}

/// Whether streams can be inflated and deflated, as they always can where the code for it is linked.
pub(crate) fn is_ready() -> bool {
    true
}

/// A stream that is inflated.
#[derive(Debug)]
pub(crate) struct Inflate(Decompress);

impl Inflate {
    pub(crate) fn new() -> Self {
        Inflate(Decompress::new(false))
    }

    /// Inflates into the room that `out` has; nothing if the stream is damaged.
    pub(crate) fn step(&mut self, input: &[u8], out: &mut Vec<u8>) -> Option<Step> {
        let before = self.0.total_in();
        let status = self.0.decompress_vec(input, out, FlushDecompress::None).ok()?;
        Some(Step { taken: (self.0.total_in() - before) as usize, ended: status == Status::StreamEnd })
    }
}

/// A stream that is deflated.
#[derive(Debug)]
pub(crate) struct Deflate(Compress);

impl Deflate {
    pub(crate) fn new() -> Self {
        Deflate(Compress::new(Compression::default(), false))
    }

    /// Deflates into the room that `out` has, with `finish` up to the end of the stream.
    pub(crate) fn step(&mut self, input: &[u8], out: &mut Vec<u8>, finish: bool) -> Option<Step> {
        let flush = if finish { FlushCompress::Finish } else { FlushCompress::None };
        let before = self.0.total_in();
        let status = self.0.compress_vec(input, out, flush).ok()?;
        Some(Step { taken: (self.0.total_in() - before) as usize, ended: status == Status::StreamEnd })
    }
}
