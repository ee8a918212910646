//! How long each phase of the engine takes: `cargo bench --bench phases`.
#![allow(missing_docs, reason = "criterion's macro writes a public function")]

mod support;

use criterion::{Criterion, criterion_group, criterion_main};
use std::time::Duration;

fn phases(criterion: &mut Criterion) {
    for (name, phase) in support::phases() {
        criterion.bench_function(name, |bencher| bencher.iter(&phase));
    }
}

criterion_group! {
    name = all;
    config = Criterion::default().warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(2));
    targets = phases
}
criterion_main!(all);
