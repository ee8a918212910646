//! Whether a command suits the VR of what an entry addresses, before any file is there.

use crate::clean::{can_clean, concerns::is_overlay};
use crate::config::{Address, Command};
use crate::error::{Code, Error};
use crate::profile::{dictionary_vr, vr_text};
use crate::{VR, value};
use dicom_core::dictionary::VirtualVr;

/// An error if the command means nothing for what the data dictionary says of the address. A tag that the dictionary
/// does not know may have any VR, and so may a private element.
pub(super) fn check(address: &Address, command: &Command) -> Result<(), Error> {
    let tag = match address {
        Address::Private { .. } => return Ok(()),
        Address::Many { extent, .. } if extent.is_wide() => return wide(address, command),
        Address::Tag(tag) | Address::Many { first: tag, .. } => *tag,
    };
    let Some(known) = dictionary_vr(tag) else { return Ok(()) };
    let vr = match known {
        VirtualVr::Exact(vr) => Some(vr),
        _ => None,
    };
    let (suits, expected) = match command {
        Command::TruncMonth => (matches!(vr, Some(VR::DA | VR::DT)), "truncdate(month) is for DA and DT"),
        Command::ShiftDate => (matches!(vr, Some(VR::DA | VR::DT | VR::TM)), "shiftdate is for DA, DT and TM"),
        Command::Clean => {
            let cleanable = vr.is_some_and(|vr| vr == VR::SQ || can_clean(vr)) || is_overlay(tag);
            (cleanable, "clean is for text (LO, SH, ST, LT, UT, UC, CS), Sequences and overlays")
        }
        Command::Uid => (vr == Some(VR::UI), "uid is for UI"),
        Command::Hash(length) => {
            let most = vr.map_or(0, value::most_hash);
            (most > 0 && length.unwrap_or(1) <= most, "hash is for text and whole numbers, as long as their VR allows")
        }
        Command::Age => (vr == Some(VR::AS), "age is for AS"),
        Command::Dummy => (!is_binary(known), "dummy is not for binary data"),
        _ => return Ok(()),
    };
    if suits {
        return Ok(());
    }
    Err(Error::new(Code::Settings, format!("{address} has VR {}; {expected}", vr_text(Some(known)))))
}

/// What stands for Attributes of any VR takes commands that suit any VR.
fn wide(address: &Address, command: &Command) -> Result<(), Error> {
    use Command::*;
    if matches!(command, Keep | Safe | Remove | Clear | Refuse) {
        return Ok(());
    }
    let message = format!("{address} has Attributes of any VR; use keep, safe, remove, clear or refuse");
    Err(Error::new(Code::Settings, message))
}

fn is_binary(vr: VirtualVr) -> bool {
    use VR::*;
    match vr {
        VirtualVr::Exact(vr) => matches!(vr, OB | OW | UN | OD | OF | OL | OV),
        VirtualVr::Xs => false,
        _ => true,
    }
}
