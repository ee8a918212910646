//! Does one phase once, for a tool that counts instructions inside `measured` (`cargo xtask instructions`). Without a name it
//! prints the names.
#![allow(clippy::print_stdout, reason = "a program that prints")]

mod support;

use std::process::ExitCode;

fn main() -> ExitCode {
    let wanted = std::env::args().nth(1).unwrap_or_default();
    for (name, phase) in support::phases() {
        if name == wanted {
            // Tables that are read once are read now.
            phase();
            measured(&*phase);
            return ExitCode::SUCCESS;
        }
        if wanted.is_empty() || wanted == "--bench" {
            println!("{name}");
        }
    }
    if wanted.is_empty() || wanted == "--bench" { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The tool counts from here until this returns.
#[inline(never)]
fn measured(phase: &dyn Fn()) {
    phase();
}
