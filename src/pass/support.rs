//! What tests of the short ways make files of, and see of what became of them.

use crate::syntax::Encoding;
use crate::{Config, DataSet, DateTime, Deidentifier, FileReport, Part, Plan, Tag, VR, Walker};
use dicom_dictionary_std::tags;

const ENCODING: Encoding = Encoding::ExplicitLittle;

pub(super) fn element(tag: Tag, vr: VR, value: &[u8]) -> Vec<u8> {
    crate::edit::encode(ENCODING, tag, vr, value).unwrap()
}

pub(super) fn item(elements: &[Vec<u8>]) -> Vec<u8> {
    let content = elements.concat();
    [&[0xFE, 0xFF, 0, 0xE0][..], &(content.len() as u32).to_le_bytes(), &content].concat()
}

pub(super) fn code(value: &str, scheme: &str) -> Vec<u8> {
    let text = |tag, vr, value: &str| element(tag, vr, value.as_bytes());
    item(&[
        text(tags::CODE_VALUE, VR::SH, value),
        text(tags::CODING_SCHEME_DESIGNATOR, VR::SH, scheme),
        text(tags::CODE_MEANING, VR::LO, "Okonkwo's own"),
    ])
}

fn index(file: &[u8]) -> DataSet {
    let mut walker = Walker::new(file.len() as u64);
    while let Some(want) = walker.want() {
        walker.feed(want.start, &file[want.start as usize..]).unwrap();
    }
    walker.finish().unwrap()
}

pub(super) fn deidentified(data_set: &[u8]) -> (DataSet, FileReport) {
    let head = crate::meta::head("1.2.840.10008.5.1.4.1.1.88.11", "1.2.3", "1.2.840.10008.1.2.1");
    let file = [&head[..], data_set].concat();
    let plan = Plan::compile(&Config::parse("{}").unwrap(), None).unwrap();
    let engine = Deidentifier::new(plan, [1; 32], DateTime::parse("20260101000000000").unwrap());
    let rewrite = engine.rewrite(&index(&file)).unwrap();
    let parts = rewrite.parts.iter().flat_map(|part| match part {
        Part::Bytes(bytes) => bytes.clone(),
        Part::Source(range) => file[range.start as usize..range.end as usize].to_vec(),
        Part::Fill { byte, len } => vec![*byte; *len as usize],
    });
    (index(&parts.collect::<Vec<u8>>()), rewrite.report)
}

pub(super) fn values(data_set: &DataSet, tag: Tag) -> Vec<String> {
    let all = data_set.elements().iter().filter(|element| element.tag == tag);
    all.map(|element| String::from_utf8_lossy(data_set.value(element).unwrap()).trim().to_owned()).collect()
}
