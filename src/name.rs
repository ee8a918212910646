//! Names of outputs: functions of the new identifiers alone, never of original ones or file names.

/// What a name is made of.
pub(crate) struct Parts {
    pub(crate) patient: String,
    pub(crate) study: String,
    pub(crate) series: String,
    /// Instance Number as it is written.
    pub(crate) number: String,
    pub(crate) instance: String,
}

/// `patient/study/series/00001-12345678.dcm`, with `/` between folders on every platform.
pub(crate) fn output(parts: &Parts) -> String {
    let number = parts.number.parse::<u32>().unwrap_or(0);
    let tail = parts.instance.len().saturating_sub(8);
    let instance = safe(parts.instance.get(tail..).unwrap_or(&parts.instance));
    format!("{}/{}/{}/{number:05}-{instance}.dcm", safe(&parts.patient), safe(&parts.study), safe(&parts.series))
}

/// A folder or file name that is legal everywhere: letters, digits, `.`, `-` and `_`, no leading or
/// trailing dot, no name that Windows reserves.
fn safe(part: &str) -> String {
    let legal = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-') { c } else { '_' };
    let name: String = part.chars().take(64).map(legal).collect();
    let name = name.trim_matches('.');
    let stem = name.split('.').next().unwrap_or_default().to_ascii_uppercase();
    let device = ["CON", "PRN", "AUX", "NUL"].contains(&stem.as_str())
        || (stem.len() == 4 && ["COM", "LPT"].iter().any(|port| stem.starts_with(port)));
    if name.is_empty() || device { format!("_{name}") } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_leave_their_folder() {
        let parts = Parts {
            patient: "../..".into(),
            study: "a/b\\c:d\n".into(),
            series: "con".into(),
            number: "7".into(),
            instance: "2.25.1234567890".into(),
        };
        assert_eq!(output(&parts), "_/a_b_c_d_/_con/00007-34567890.dcm");
    }

    #[test]
    fn a_number_that_is_none_counts_as_zero() {
        let parts = Parts {
            patient: "1".into(),
            study: "2".into(),
            series: "3".into(),
            number: "-7".into(),
            instance: "4".into(),
        };
        assert_eq!(output(&parts), "1/2/3/00000-4.dcm");
    }
}
