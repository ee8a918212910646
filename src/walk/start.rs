//! What stands before the Data Set, and which encoding the Data Set has.

use super::{Stage, Step, Walker};
use crate::element::{Oddity, known_vr};
use crate::error::{Code, Error};
use crate::syntax::{self, Encoding, TransferSyntax, UNDEFINED};
use dicom_dictionary_std::uids;

/// Longest value of the File Meta Information that is looked at.
const MAX_META: u32 = 1 << 10;

impl Walker {
    pub(super) fn start(&mut self) -> Result<Step, Error> {
        let need = self.len.min(132);
        let head = self.held();
        if (head.len() as u64) < need {
            return Ok(Step::Need(need));
        }
        self.stage = if head.get(128..132) == Some(b"DICM") {
            self.cursor = 132;
            Stage::Meta
        } else if head.starts_with(b"DICM") {
            self.cursor = 4;
            Stage::Meta
        } else if head.starts_with(&[2, 0]) && syntax::is_plausible(Encoding::ExplicitLittle, head, self.len) {
            Stage::Meta
        } else {
            Stage::Detect
        };
        Ok(Step::On)
    }

    /// PS3.10 7.1: always Explicit VR Little Endian; some writers use Implicit VR all the same.
    /// It ends where group 0002 ends: its stated length is often wrong.
    pub(super) fn meta_element(&mut self) -> Result<Step, Error> {
        let remaining = self.remaining();
        if remaining < 8 || self.held().first_chunk::<2>().is_some_and(|group| *group != [2, 0]) {
            return self.end_of_meta();
        }
        let header = match syntax::header(Encoding::ExplicitLittle, self.held()) {
            Ok(header) => header,
            Err(need) => return Ok(Step::Need(need as u64)),
        };
        let total = u64::from(header.size) + u64::from(header.length);
        if header.length == UNDEFINED || total > remaining {
            return Err(self.truncated());
        }
        let wanted = matches!(header.tag.element(), 0x0002 | 0x0003 | 0x0010) && header.length <= MAX_META;
        if wanted {
            let Some(value) = self.held().get(usize::from(header.size)..total as usize) else {
                return Ok(Step::Need(total));
            };
            let text = crate::value::ascii(value);
            match header.tag.element() {
                0x0002 => self.meta.sop_class = text,
                0x0003 => self.meta.sop_instance = text,
                _ => self.meta.transfer_syntax = text,
            }
        }
        self.skip_to(self.cursor + total);
        Ok(Step::On)
    }

    fn end_of_meta(&mut self) -> Result<Step, Error> {
        if self.meta.sop_class == uids::MEDIA_STORAGE_DIRECTORY_STORAGE {
            return Err(directory());
        }
        self.stage = Stage::Detect;
        Ok(Step::On)
    }

    /// Finds the encoding of the Data Set: what the File Meta Information says if the content looks
    /// like it, else what the content looks like.
    pub(super) fn detect(&mut self) -> Result<Step, Error> {
        let declared = TransferSyntax::from_uid(&self.meta.transfer_syntax);
        if let Some(syntax) = declared.as_ref().filter(|s| s.deflated && !self.inflated) {
            self.syntax = syntax.clone();
            self.stage = Stage::Deflated;
            return Ok(Step::On);
        }
        let need = self.remaining().min(12);
        if (self.held().len() as u64) < need {
            return Ok(Step::Need(need));
        }
        let declared_encoding = declared.as_ref().map(|s| s.encoding);
        let guesses = [Encoding::ExplicitLittle, Encoding::ImplicitLittle, Encoding::ExplicitBig];
        let found = declared_encoding
            .into_iter()
            .chain(guesses)
            .find(|encoding| syntax::is_plausible(*encoding, self.held(), self.remaining()));
        let Some(encoding) =
            found.filter(|encoding| self.cursor > 0 || self.inflated || self.begins_a_data_set(*encoding))
        else {
            return Err(self.unrecognised());
        };
        self.take_syntax(declared, encoding)?;
        self.stage = Stage::Elements;
        Ok(Step::On)
    }

    fn take_syntax(&mut self, declared: Option<TransferSyntax>, encoding: Encoding) -> Result<(), Error> {
        if self.inflated {
            self.syntax.encoding = encoding;
            return Ok(());
        }
        let stated = !self.meta.transfer_syntax.is_empty();
        self.syntax = match declared {
            None if stated => {
                let message = "the Transfer Syntax is not one of the Standard; convert the file first";
                return Err(Error::new(Code::TransferSyntax, message));
            }
            None => TransferSyntax::plain(encoding),
            Some(syntax) if syntax.encoding == encoding => syntax,
            Some(syntax) => {
                self.oddities.push(Oddity::WrongTransferSyntax);
                // An encapsulated syntax says how to decode the pixels, whatever the headers look like.
                if syntax.is_plain() { TransferSyntax::plain(encoding) } else { TransferSyntax { encoding, ..syntax } }
            }
        };
        Ok(())
    }

    /// A file without preamble and File Meta Information is taken for a Data Set if its first
    /// element is one that the dictionary knows, in one of the groups that Data Sets begin with.
    fn begins_a_data_set(&self, encoding: Encoding) -> bool {
        let Ok(header) = syntax::header(encoding, self.held()) else { return false };
        let known = header.tag.element() == 0 || known_vr(header.tag).is_some();
        known && matches!(header.tag.group(), 0x0002 | 0x0004 | 0x0008 | 0x0010 | 0x0018 | 0x0020 | 0x0028)
    }

    fn unrecognised(&self) -> Error {
        if self.cursor == 0 && !self.inflated {
            return Error::new(Code::NotDicom, "this is no DICOM file");
        }
        if self.remaining() == 0 {
            return Error::new(Code::Malformed, "there is no Data Set behind the File Meta Information");
        }
        Error::new(Code::Malformed, "the Data Set does not begin with a Data Element").at_offset(self.cursor)
    }
}

pub(super) fn directory() -> Error {
    Error::new(Code::Dicomdir, "a DICOMDIR lists original names and identifiers; it is left out")
}
