//! `uid_root`: what new UIDs begin with.

/// Most characters of a root: 31 digits of a number still fit below it (PS3.5 9.1: a UID has at most 64 characters).
pub const MOST_ROOT: usize = 32;

/// Whether new UIDs can be made under a root: it is a UID (PS3.5 9.1; X.660: three arcs, of which two have forty
/// branches), short enough, and not DICOM's own, below which nobody may make any.
pub(super) fn is_root(root: &str) -> bool {
    let is_component = |part: &str| {
        let digits = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        digits && (part == "0" || !part.starts_with('0'))
    };
    let mut parts = root.split('.');
    let branches = match parts.next() {
        Some("0" | "1") => 40,
        Some("2") => u32::MAX,
        _ => return false,
    };
    let second = parts.next().filter(|part| is_component(part) && part.len() < 10);
    let is_branch = second.and_then(|part| part.parse::<u32>().ok()).is_some_and(|branch| branch < branches);
    let own = root.strip_prefix("1.2.840.10008").is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    is_branch && parts.all(is_component) && !own && root.len() <= MOST_ROOT
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roots() {
        let long = "1.2.840.10008000000000000000.333";
        for root in ["2.25", "1.2", "0.39.0", "1.2.826.0.1.3680043.10.543", "2.999.1", "1.2.840.100080", long] {
            assert!(is_root(root), "{root}");
        }
        let long = format!("{long}3");
        for root in [
            "",
            "1",
            "3.1",
            "1.40",
            "1.02",
            "1.2.",
            ".1.2",
            "1..2",
            "1.2.03",
            "1.2.a",
            " 1.2",
            "1.2.840.10008",
            "1.2.840.10008.5",
            "2.4444444444",
            &long,
        ] {
            assert!(!is_root(root), "{root}");
        }
    }
}
