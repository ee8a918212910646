//! Coding schemes that are public: what a code of theirs means can be looked up by anybody.

/// The Coding Scheme Designators of PS3.16 Table 8-1, but for those whose codes are made by a site or name a person
/// or an organisation: `NPI` (health care providers), `ISO_OID` (any object), `99SDM` (looks like a private one).
const PUBLIC: &[&str] = &[
    "ACR",
    "ASTM-sigpurpose",
    "BARI",
    "BI",
    "C4",
    "C5",
    "CD2",
    "CTV3",
    "DC",
    "DCM",
    "DCMUID",
    "FMA",
    "HPC",
    "I10",
    "I10C",
    "I10P",
    "I11",
    "I9",
    "I9C",
    "IBSI",
    "ICDO3",
    "IETF4646",
    "ISO3166_1",
    "ISO5218_1",
    "ISO639_1",
    "ISO639_2",
    "ITIS_TSN",
    "LN",
    "MA",
    "MAYOASRG",
    "MDC",
    "MDNS",
    "MGI",
    "MSH",
    "NBD",
    "NBG",
    "NCDR",
    "NCIt",
    "NDC",
    "NEU",
    "NICIP",
    "NYUMCCG",
    "PATHLEX",
    "POS",
    "PUBCHEM_CID",
    "RADELEMENT",
    "RADLEX",
    "RFC-3881",
    "RFC3066",
    "RFC5646",
    "RO",
    "RRID",
    "RXNORM",
    "SCPECG",
    "SCT",
    "SNM3",
    "SRT",
    "UBERON",
    "UCUM",
    "UMLS",
    "UNS",
    "UPC",
    "caDSR",
];

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
    PUBLIC.binary_search(&designator.trim_matches([' ', '\0'])).is_ok()
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
        assert!(PUBLIC.is_sorted());
        assert!(PUBLIC.iter().all(|designator| !designator.starts_with("99") && designator.len() <= 16));
    }
}
