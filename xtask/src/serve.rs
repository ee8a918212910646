//! A server of static files for one person on this machine: builds the site and serves it.

use crate::site;
use anyhow::{Context, Result, bail};
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

/// `serve [--port N]`
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let port = match arguments {
        [] => 8080,
        [flag, port] if flag == "--port" => port.parse().context("a port is a number from 0 to 65535")?,
        _ => bail!("usage: cargo xtask serve [--port 8080]"),
    };
    let folder = site::build()?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .with_context(|| format!("cannot listen on port {port}: choose another with --port"))?;
    println!("http://{}/", listener.local_addr()?);
    for stream in listener.incoming() {
        let folder = folder.clone();
        // A browser that hangs up is no concern of ours.
        std::thread::spawn(move || stream.and_then(|stream| answer(stream, &folder)));
    }
    Ok(())
}

/// Reads one request, writes one response and hangs up.
fn answer(stream: TcpStream, folder: &Path) -> std::io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    let mut lines = BufReader::new(&stream).lines();
    let request = lines.next().transpose()?.unwrap_or_default();
    while lines.next().transpose()?.is_some_and(|line| !line.is_empty()) {}
    let (status, kind, body) = match request.split(' ').collect::<Vec<_>>()[..] {
        ["GET" | "HEAD", path, _] => {
            match file_of(path, folder).and_then(|file| Some((mime(&file), fs::read(file).ok()?))) {
                Some((kind, body)) => ("200 OK", kind, body),
                None => ("404 Not Found", "text/plain", b"not found\n".to_vec()),
            }
        }
        _ => ("405 Method Not Allowed", "text/plain", b"only GET and HEAD\n".to_vec()),
    };
    let length = body.len();
    write!(&stream, "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n")?;
    write!(&stream, "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n")?;
    if request.starts_with("GET ") {
        (&stream).write_all(&body)?;
    }
    Ok(())
}

/// The file a request path means: only plain names below the folder.
fn file_of(path: &str, folder: &Path) -> Option<PathBuf> {
    let path = path.split(['?', '#']).next()?.trim_start_matches('/');
    let plain = Path::new(path).components().all(|part| matches!(part, Component::Normal(_)));
    let file = folder.join(path);
    let file = if file.is_dir() { file.join("index.html") } else { file };
    (plain && file.is_file()).then_some(file)
}

fn mime(file: &Path) -> &'static str {
    match file.extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("json" | "map") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("wasm") => "application/wasm",
        Some("webmanifest") => "application/manifest+json",
        Some("txt" | "md") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    /// The response to a request, on a folder with `index.html` and `lib/a.js`.
    fn response(request: &str) -> String {
        let folder = std::env::temp_dir().join(format!("lethe-serve-{}", std::process::id()));
        fs::create_dir_all(folder.join("lib")).unwrap();
        fs::write(folder.join("index.html"), "page").unwrap();
        fs::write(folder.join("lib/a.js"), "module").unwrap();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        write!(client, "{request} HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
        answer(listener.accept().unwrap().0, &folder).unwrap();
        let mut response = String::new();
        client.read_to_string(&mut response).unwrap();
        response
    }

    #[test]
    fn files_are_served_with_their_type_and_nothing_else_is() {
        let page = response("GET /");
        assert!(page.starts_with("HTTP/1.1 200 OK\r\nContent-Type: text/html"), "{page}");
        assert!(page.contains("no-store") && page.ends_with("\r\n\r\npage"), "{page}");
        let module = response("GET /lib/a.js?x=1");
        assert!(module.contains("text/javascript") && module.ends_with("module"), "{module}");
        assert!(response("HEAD /").ends_with("\r\n\r\n"));
        for refused in ["GET /../Cargo.toml", "GET /lib/../../a", "GET /none", "GET /lib", "GET //etc/passwd"] {
            assert!(response(refused).starts_with("HTTP/1.1 404"), "{refused}");
        }
        assert!(response("POST /").starts_with("HTTP/1.1 405"));
    }
}
