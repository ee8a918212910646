//! Coding schemes that are public: what a code of theirs means can be looked up by anybody; read from
//! `data/schemes.txt`.

use super::data::SCHEMES;
use std::sync::OnceLock;

fn public() -> &'static [&'static str] {
    static LINES: OnceLock<Vec<&str>> = OnceLock::new();
    LINES.get_or_init(|| SCHEMES.lines().collect())
}

/// Whether a Coding Scheme Designator (0008,0102) names a registered public coding scheme (PS3.16 chapter 8).
///
/// Designators that begin with `99` are private (PS3.3 8.2) and never are.
///
/// ```
/// use lethe::profile::is_registered_scheme;
/// assert!(is_registered_scheme("SCT "));
/// assert!(!is_registered_scheme("99HOSPITAL"));
/// ```
pub fn is_registered_scheme(designator: &str) -> bool {
    public().binary_search(&designator.trim_matches([' ', '\0'])).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn public_private_and_local() {
        for designator in ["DCM", "SCT", "SRT", "LN", "UCUM", "NCIt", "RADLEX", "FMA", "MDC", "BI", "UMLS", "I10"] {
            assert!(is_registered_scheme(designator), "{designator}");
        }
        for designator in ["", "99SDM", "99", "L", "LOCAL", "dcm", "NPI", "ISO_OID", "DCM\\SCT"] {
            assert!(!is_registered_scheme(designator), "{designator}");
        }
        assert!(public().is_sorted());
        assert!(
            public().iter().all(|designator| !designator.starts_with("99") && (1..=16).contains(&designator.len()))
        );
    }
}
