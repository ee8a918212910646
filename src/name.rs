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
    let mut name = String::with_capacity(256);
    for folder in [&parts.patient, &parts.study, &parts.series] {
        push_safe(&mut name, folder);
        name.push('/');
    }
    name.push_str(&format!("{number:05}-"));
    push_safe(&mut name, parts.instance.get(tail..).unwrap_or(&parts.instance));
    name.push_str(".dcm");
    name
}

/// Appends a folder or file name that is legal everywhere: letters, digits, `.`, `-` and `_`, no leading or
/// trailing dot, no name that Windows reserves.
fn push_safe(out: &mut String, part: &str) {
    let legal = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-') { c } else { '_' };
    let mut name = String::with_capacity(64);
    name.extend(part.chars().take(64).map(legal));
    let name = name.trim_matches('.');
    let stem = name.split('.').next().unwrap_or_default();
    let is_device = match stem.len() {
        3 => ["CON", "PRN", "AUX", "NUL"].iter().any(|device| stem.eq_ignore_ascii_case(device)),
        4 => stem.get(..3).is_some_and(|port| ["COM", "LPT"].iter().any(|device| port.eq_ignore_ascii_case(device))),
        _ => false,
    };
    if name.is_empty() || is_device {
        out.push('_');
    }
    out.push_str(name);
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
    fn names_of_devices_are_no_names() {
        let safe = |part: &str| {
            let mut name = String::new();
            push_safe(&mut name, part);
            name
        };
        let devices = ["CON", "nul.txt", "Aux", "prn..", "COM1", "lpt9.a", "coma", "", "..."];
        assert!(devices.iter().all(|name| safe(name).starts_with('_')));
        assert_eq!(["CONS", "COM", "COM10", ".7."].map(safe), ["CONS", "COM", "COM10", "7"]);
        assert_eq!(safe(&"é".repeat(70)), "_".repeat(64));
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
