//! Pseudonyms: keyed and stateless.

/// Makes pseudonyms from originals under a secret key: HMAC-SHA-256(key, kind, original).
#[derive(Clone)]
pub struct Pseudonymizer {}

impl Pseudonymizer {
    /// A pseudonymizer with a 256-bit secret key.
    pub fn new(key: [u8; 32]) -> Self {
        let _ = key;
        Pseudonymizer {}
    }
}
