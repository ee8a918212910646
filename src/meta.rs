//! The new preamble and File Meta Information (PS3.10 7.1): nothing of the original's is copied.

use crate::syntax::Encoding;
use crate::value::padding;
use crate::{Tag, VR};
use dicom_object::meta::FileMetaTable;

/// Names this program as the writer of the file (PS3.7 D.3.3.2).
const IMPLEMENTATION_CLASS_UID: &str = "2.25.108991238877408702267902815919614609899";
/// At most 16 characters.
const IMPLEMENTATION_VERSION_NAME: &str = concat!("LETHE ", env!("CARGO_PKG_VERSION"));

/// 128 zero bytes, `DICM` and group 0002 with the elements 0000, 0001, 0002, 0003, 0010, 0012 and 0013.
pub(crate) fn head(sop_class: &str, sop_instance: &str, transfer_syntax: &str) -> Vec<u8> {
    // As a literal: the builder links a log, which nobody reads here.
    let table = FileMetaTable {
        information_group_length: 0,
        information_version: [0, 1],
        media_storage_sop_class_uid: sop_class.to_owned(),
        media_storage_sop_instance_uid: sop_instance.to_owned(),
        transfer_syntax: transfer_syntax.to_owned(),
        implementation_class_uid: IMPLEMENTATION_CLASS_UID.to_owned(),
        implementation_version_name: Some(IMPLEMENTATION_VERSION_NAME.to_owned()),
        source_application_entity_title: None,
        sending_application_entity_title: None,
        receiving_application_entity_title: None,
        private_information_creator_uid: None,
        private_information: None,
    };
    let mut group = Vec::with_capacity(256);
    push(&mut group, Tag(0x0002, 0x0001), VR::OB, &table.information_version);
    push(&mut group, Tag(0x0002, 0x0002), VR::UI, table.media_storage_sop_class_uid.as_bytes());
    push(&mut group, Tag(0x0002, 0x0003), VR::UI, table.media_storage_sop_instance_uid.as_bytes());
    push(&mut group, Tag(0x0002, 0x0010), VR::UI, table.transfer_syntax.as_bytes());
    push(&mut group, Tag(0x0002, 0x0012), VR::UI, table.implementation_class_uid.as_bytes());
    push(&mut group, Tag(0x0002, 0x0013), VR::SH, table.implementation_version_name.unwrap_or_default().as_bytes());
    let mut head = Vec::with_capacity(512);
    head.resize(128, 0);
    head.extend(b"DICM");
    push(&mut head, Tag(0x0002, 0x0000), VR::UL, &(group.len() as u32).to_le_bytes());
    head.extend(group);
    head
}

/// `FileMetaTable` can write itself and list its elements, but links the writer of whole object trees, or every kind of
/// value.
fn push(out: &mut Vec<u8>, tag: Tag, vr: VR, value: &[u8]) {
    let length = (value.len() + value.len() % 2) as u32;
    Encoding::ExplicitLittle.push_header(out, tag, vr, length);
    out.extend_from_slice(value);
    if value.len() % 2 == 1 {
        out.push(padding(vr));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_group_is_read_back_and_its_length_is_right() {
        for (class, instance) in [("1.2.840.10008.5.1.4.1.1.2", "2.25.1"), ("1.2.3", "2.25.12"), ("", "2.25.1")] {
            let head = head(class, instance, "1.2.840.10008.1.2.1");
            assert!(head.iter().take(128).all(|b| *b == 0));
            let table = FileMetaTable::from_reader(&head[128..]).unwrap();
            assert_eq!(table.media_storage_sop_class_uid(), class);
            assert_eq!(table.media_storage_sop_instance_uid(), instance);
            assert_eq!(head.len(), 128 + 4 + 12 + table.information_group_length as usize);
            assert!(IMPLEMENTATION_VERSION_NAME.len() <= 16);
        }
    }
}
