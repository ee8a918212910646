//! Whether the parameter of `set` can be legal for an Attribute's VR (PS3.5 6.2), before any file is there.

use super::{Project, structure};
use crate::config::{Address, Macro, Segment, Template};
use crate::error::{Code, Error};
use crate::profile::{dictionary_vr, vr_text};
use crate::{Tag, VR, value};
use dicom_core::dictionary::VirtualVr;

/// An error if no file could take the value.
pub(super) fn check(address: &Address, template: &Template, project: &Project) -> Result<(), Error> {
    let known = settable(address)?;
    let vr = match known {
        Some(VirtualVr::Exact(vr)) => Some(vr),
        _ => None,
    };
    if texts(template, project).any(|text| text.chars().any(|c| c.is_control() && !may_hold(vr, c))) {
        return refuse(format!("{address} takes no such control character; take it out"));
    }
    let Some((known, text)) = known.zip(shortest(template, project)) else { return Ok(()) };
    let legal = match vr {
        Some(VR::US) => integers(&text, 0, 0xFFFF),
        None => integers(&text, -0x8000, 0xFFFF),
        Some(vr) => is_legal(vr, &text),
    };
    if legal {
        return Ok(());
    }
    let name = vr_text(Some(known));
    refuse(format!("{address} has VR {name}, for which this value is not legal; {}", expected(vr)))
}

/// The VR of what can be set; none of a private element of a creator, whose file says what it has.
fn settable(address: &Address) -> Result<Option<VirtualVr>, Error> {
    let tag = match address {
        Address::Private { group, .. } => Tag(*group, 0x1000),
        Address::Tag(tag) | Address::Many { first: tag, .. } => *tag,
    };
    let private = matches!(address, Address::Private { .. });
    if matches!(address, Address::Many { extent, .. } if extent.is_wide()) {
        return refuse(format!("{address} has Attributes of any VR, so it cannot be set; use keep, clear or remove"));
    }
    if structure(tag).is_some() {
        return refuse(format!("{address} is never copied, so it cannot be set; remove this entry"));
    }
    if tag.0 & 1 == 1 && !private {
        return refuse(format!(
            "{address} is private; name its creator, as in (gggg,\"creator\",ee), to set it, or use keep, clear or remove"
        ));
    }
    let bulk = match dictionary_vr(tag) {
        _ if private => return Ok(None),
        Some(vr @ VirtualVr::Xs) => return Ok(Some(vr)),
        Some(VirtualVr::Exact(vr)) if !is_bulk(vr) => return Ok(Some(VirtualVr::Exact(vr))),
        None => {
            return refuse(format!(
                "the data dictionary does not know {address}, so it cannot be set; use keep, clear or remove"
            ));
        }
        bulk => vr_text(bulk),
    };
    refuse(format!("{address} has VR {bulk}, which cannot be set; use keep, clear or remove"))
}

fn refuse<T>(message: String) -> Result<T, Error> {
    Err(Error::new(Code::Settings, message))
}

/// PS3.5 6.1.3: the control characters of text that is shown in lines. (ESC belongs to character sets, not to settings.)
fn may_hold(vr: Option<VR>, control: char) -> bool {
    matches!(vr, Some(VR::ST | VR::LT | VR::UT)) && matches!(control, '\t' | '\n' | '\x0C' | '\r')
}

/// What the settings themselves put into the value.
fn texts<'a>(Template(segments): &'a Template, project: &'a Project) -> impl Iterator<Item = &'a str> {
    segments.iter().filter_map(|segment| match segment {
        Segment::Text(text) => Some(text.as_str()),
        Segment::Macro(Macro::ProjectName) => Some(project.name.as_str()),
        Segment::Macro(Macro::ProjectOwner) => Some(project.owner.as_str()),
        Segment::Macro(Macro::ProjectPrefix) => Some(project.prefix.as_str()),
        _ => None,
    })
}

fn is_bulk(vr: VR) -> bool {
    matches!(vr, VR::SQ | VR::OB | VR::OW | VR::UN | VR::OD | VR::OF | VR::OL | VR::OV)
}

/// The shortest text that a template can become; nothing if that depends on the file or the day.
fn shortest(Template(segments): &Template, project: &Project) -> Option<String> {
    segments
        .iter()
        .map(|segment| match segment {
            Segment::Text(text) => Some(text.as_str()),
            Segment::Macro(Macro::ProjectName) => Some(project.name.as_str()),
            Segment::Macro(Macro::ProjectOwner) => Some(project.owner.as_str()),
            Segment::Macro(Macro::ProjectPrefix) => Some(project.prefix.as_str()),
            Segment::Macro(Macro::RandomUid) => Some("2.25.0"),
            Segment::Macro(Macro::FakeName) => Some("Mu0000^Mu0000"),
            Segment::Macro(Macro::FakeMrn | Macro::FakeAcc) => Some("0000000000000000"),
            Segment::Macro(Macro::HashAcc) => Some("00000000000000AF"),
            Segment::Macro(Macro::ProcessDate | Macro::ProcessTime | Macro::Value(_)) | Segment::Lookup(_) => None,
        })
        .collect()
}

/// Whether every value of a text is legal; an empty text is, it empties the element.
fn is_legal(vr: VR, text: &str) -> bool {
    match vr {
        VR::SS => integers(text, -0x8000, 0x7FFF),
        VR::UL => integers(text, 0, u32::MAX.into()),
        VR::SL => integers(text, i32::MIN.into(), i32::MAX as u64),
        VR::UV => integers(text, 0, u64::MAX),
        VR::SV => integers(text, i64::MIN, i64::MAX as u64),
        // PS3.5 6.2: a backslash is an ordinary character in these.
        VR::ST | VR::LT | VR::UT | VR::UR => fits(vr, text),
        _ => text.split('\\').all(|value| value.is_empty() || fits(vr, value)),
    }
}

fn integers(text: &str, least: i64, most: u64) -> bool {
    let legal = |value: &str| match value.trim().parse::<i64>() {
        Ok(number) => number >= least && u64::try_from(number).unwrap_or_default() <= most,
        Err(_) => value.trim().parse::<u64>().is_ok_and(|number| number <= most),
    };
    text.trim().is_empty() || text.split('\\').all(legal)
}

fn fits(vr: VR, value: &str) -> bool {
    let length = value.chars().count();
    let trimmed = value.trim();
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let only = |extra: &str| trimmed.bytes().all(|byte| byte.is_ascii_digit() || extra.as_bytes().contains(&byte));
    let ranged = |text: &str, least: u32, most: u32| text.parse().is_ok_and(|number| (least..=most).contains(&number));
    match vr {
        VR::DA => {
            let part = |at, most| value.get(at..at + 2).is_some_and(|text| ranged(text, 1, most));
            value.len() == 8 && digits(value) && part(4, 12) && part(6, 31)
        }
        VR::TM => length <= 14 && only(".") && trimmed.get(..2).is_some_and(|hours| ranged(hours, 0, 23)),
        VR::DT => length <= 26 && only(".+-") && trimmed.get(..4).is_some_and(digits),
        VR::AS => length == 4 && value.get(..3).is_some_and(digits) && value.ends_with(['D', 'W', 'M', 'Y']),
        VR::IS => length <= 12 && trimmed.parse::<i32>().is_ok(),
        VR::DS => length <= 16 && only("+-.eE") && value::float(trimmed).is_some_and(f64::is_finite),
        VR::FL | VR::FD => value::float(trimmed).is_some(),
        VR::AT => trimmed.len() == 8 && trimmed.bytes().all(|byte| byte.is_ascii_hexdigit()),
        VR::UI => length <= 64 && only(".") && !trimmed.split('.').any(|part| part.is_empty()),
        VR::CS => {
            length <= 16 && value.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b" _".contains(&b))
        }
        VR::AE | VR::SH => length <= 16,
        VR::LO => length <= 64,
        VR::PN => value.split('=').count() <= 3 && value.split('=').all(|group| group.chars().count() <= 64),
        VR::ST => length <= 1024,
        VR::LT => length <= 10240,
        _ => true,
    }
}

fn expected(vr: Option<VR>) -> &'static str {
    match vr {
        Some(VR::DA) => "a date is YYYYMMDD",
        Some(VR::TM) => "a time is HHMMSS.FFFFFF or its beginning",
        Some(VR::DT) => "a date and time is YYYYMMDDHHMMSS.FFFFFF&ZZXX or its beginning",
        Some(VR::AS) => "an age is three digits and D, W, M or Y",
        Some(VR::UI) => "a UID is digits and dots, at most 64 characters",
        Some(VR::CS) => "use at most 16 upper-case letters, digits, spaces and underscores",
        Some(VR::AE | VR::SH) => "use at most 16 characters",
        Some(VR::LO | VR::PN) => "use at most 64 characters",
        Some(VR::ST) => "use at most 1024 characters",
        Some(VR::LT) => "use at most 10240 characters",
        Some(VR::AT) => "a tag is eight hexadecimal digits",
        Some(VR::DS) => "a decimal number has at most 16 characters",
        Some(VR::IS) => "a whole number has at most 12 characters",
        _ => "use a number in its range",
    }
}
