//! Files under a passphrase: AES-256-GCM, the key by PBKDF2-HMAC-SHA-256 (docs/CROSSWALK.md).

use crate::{Failure, Result};
use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes256Gcm, KeyInit};
use sha2::Sha256;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

/// Where the passphrase may stand if the command line names no file.
const VARIABLE: &str = "LETHE_PASSPHRASE";

/// What such a file begins with: eight letters, and the version.
const MAGIC: &[u8; 9] = b"LETHEENC\x01";
/// What OWASP asks of PBKDF2-HMAC-SHA-256.
const ITERATIONS: u32 = 600_000;
/// More than any file of ours has: a file must not keep the reader busy for hours.
const MOST_ITERATIONS: u32 = 10_000_000;
const SALT: usize = 16;
const NONCE: usize = 12;

/// What files are sealed with: one key, by a salt of its own.
pub(crate) struct Seal {
    /// The beginning of each file: magic, version, iterations, salt.
    head: Vec<u8>,
    cipher: Aes256Gcm,
}

impl Seal {
    pub(crate) fn new(passphrase: &[u8]) -> Result<Seal> {
        let salt = random::<SALT>()?;
        let head = [&MAGIC[..], &ITERATIONS.to_be_bytes(), &salt].concat();
        Ok(Seal { head, cipher: cipher(passphrase, &salt, ITERATIONS) })
    }

    pub(crate) fn seal(&self, plain: &[u8]) -> Result<Vec<u8>> {
        let nonce = random::<NONCE>()?;
        let head = [self.head.as_slice(), &nonce].concat();
        let sealed = self.cipher.encrypt(&nonce.into(), Payload { msg: plain, aad: &head });
        let sealed = sealed.map_err(|_| Failure::new("the crosswalk is too large to be encrypted"))?;
        Ok([head, sealed].concat())
    }
}

/// The content of a sealed file.
fn open(file: &[u8], passphrase: &[u8]) -> Result<Vec<u8>> {
    let foreign = || Failure::new("the file is not one that Lethe has encrypted, or is of a later version");
    let rest = file.strip_prefix(MAGIC).ok_or_else(foreign)?;
    let (iterations, rest) = rest.split_first_chunk().ok_or_else(foreign)?;
    let (salt, rest) = rest.split_first_chunk::<SALT>().ok_or_else(foreign)?;
    let (nonce, sealed) = rest.split_first_chunk::<NONCE>().ok_or_else(foreign)?;
    let iterations = u32::from_be_bytes(*iterations);
    if !(1..=MOST_ITERATIONS).contains(&iterations) {
        return Err(foreign());
    }
    let head = file.strip_suffix(sealed).unwrap_or_default();
    let plain = cipher(passphrase, salt, iterations).decrypt(nonce.into(), Payload { msg: sealed, aad: head });
    plain.map_err(|_| Failure::new("another passphrase was used, or the file was changed"))
}

/// `lethe decrypt FILE OUT`.
pub(crate) fn decrypt(file: &Path, out: &Path, passphrase: Option<&Path>) -> Result<()> {
    let missing = || Failure::new("the passphrase is missing: give a file that holds it, with --passphrase");
    let passphrase = self::passphrase(passphrase)?.ok_or_else(missing)?;
    let sealed = fs::read(file).map_err(|error| Failure::io("FILE cannot be read", &error))?;
    let plain = open(&sealed, &passphrase)?;
    let written = create(out).and_then(|mut file| file.write_all(&plain));
    written.map_err(|error| Failure::io("OUT cannot be written", &error))
}

/// The passphrase in a file, else in the environment, if there is one. It is the bytes, without the end of the line.
pub(crate) fn passphrase(file: Option<&Path>) -> Result<Option<Vec<u8>>> {
    let text = match (file, std::env::var_os(VARIABLE)) {
        (Some(file), _) => {
            fs::read(file).map_err(|error| Failure::io("the passphrase's file cannot be read", &error))?
        }
        (None, Some(variable)) if !variable.is_empty() => variable.into_encoded_bytes(),
        _ => return Ok(None),
    };
    let line = text.strip_suffix(b"\n").unwrap_or(&text);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    if line.is_empty() { Err(Failure::new("the passphrase is empty")) } else { Ok(Some(line.to_vec())) }
}

/// A new file that only its owner may read.
pub(crate) fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn cipher(passphrase: &[u8], salt: &[u8], iterations: u32) -> Aes256Gcm {
    Aes256Gcm::new(&pbkdf2::pbkdf2_hmac_array::<Sha256, 32>(passphrase, salt, iterations).into())
}

#[allow(clippy::disallowed_methods, reason = "the engine has no randomness; salts and nonces are of the command")]
fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| Failure::new("the system gave no random bytes for the encryption"))?;
    Ok(bytes)
}
