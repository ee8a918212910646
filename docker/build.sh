#!/bin/sh
# Builds the command as one static file that needs nothing around it: docker/build.sh FILE
set -eu
file=$1
cd "$(dirname "$0")/.."
# Named, so that the flag is the command's alone and not that of programs which only build.
host=$(rustc -vV | sed -n 's/^host: //p')
RUSTFLAGS="-C target-feature=+crt-static" CARGO_TARGET_DIR=target/image \
	cargo build --release --locked --package lethe-dicom --features cli --bin lethe --target "$host"
mkdir -p "$(dirname "$file")"
cp "target/image/$host/release/lethe" "$file"
