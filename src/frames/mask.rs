//! Bits of native Pixel Data that belong to no pixel (PS3.5 8.1.1): overlays could stand in them (PS3.3 C.9.2, retired).

use super::{is_native, native};
use crate::element::DataSet;
use crate::{Tag, VR};
use dicom_dictionary_std::tags;
use std::ops::Range;

/// What is known of the bits beside the pixels.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Unused {
    /// There are none, or none that anything says something about.
    Nothing,
    /// There are some; nothing says that they are used.
    Unknown,
    /// An overlay is said to stand there, or they are to be cleared, and that cannot be done.
    Fixed,
    /// They are cleared.
    Masked(Masked),
}

/// A range of the file in which bits are cleared.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Masked {
    pub(crate) range: Range<u64>,
    pub(crate) mask: Mask,
}

/// Which bits of each word change, and to what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mask {
    /// Bytes of a word: 1, 2 or 4.
    pub(crate) size: usize,
    big: bool,
    /// Bits that become zero.
    clear: u32,
    /// Bits among them that become one where the sign bit is: decoders that look at no more than the word's size read
    /// the same number.
    extend: u32,
    sign: u32,
}

impl Mask {
    /// Changes words; bytes behind the last whole one stay.
    pub(crate) fn apply(&self, bytes: &mut [u8]) {
        for word in bytes.chunks_exact_mut(self.size) {
            let add = |number: u32, byte: &u8| number << 8 | u32::from(*byte);
            let number = if self.big { word.iter().fold(0, add) } else { word.iter().rev().fold(0, add) };
            let signs = if number & self.sign != 0 { self.extend } else { 0 };
            let mut number = number & !self.clear | signs;
            let low_first = |byte: &mut u8| {
                *byte = number as u8;
                number >>= 8;
            };
            if self.big { word.iter_mut().rev().for_each(low_first) } else { word.iter_mut().for_each(low_first) }
        }
    }
}

/// The words of native Pixel Data.
struct Words {
    allocated: u32,
    /// The bits that are pixels.
    stored: u32,
    high: u32,
    signed: bool,
}

impl Words {
    fn of(data_set: &DataSet) -> Option<Words> {
        let number = |tag| native::number(data_set, tag).and_then(|number| u32::try_from(number).ok());
        let allocated = number(tags::BITS_ALLOCATED).filter(|bits| [8, 16, 32].contains(bits))?;
        let stored = number(tags::BITS_STORED).filter(|bits| (1..=allocated).contains(bits))?;
        let high = number(tags::HIGH_BIT).filter(|bit| (stored - 1..allocated).contains(bit))?;
        let signed = number(tags::PIXEL_REPRESENTATION).filter(|sign| *sign <= 1)? == 1;
        Some(Words { allocated, stored: ones(stored) << (high + 1 - stored), high, signed })
    }

    fn unused(&self) -> u32 {
        ones(self.allocated) & !self.stored
    }

    fn mask(&self, clear: u32, big: bool) -> Mask {
        let extend = if self.signed { clear & !ones(self.high + 1) } else { 0 };
        Mask { size: self.allocated as usize / 8, big, clear, extend, sign: 1 << self.high }
    }
}

/// So many bits.
fn ones(bits: u32) -> u32 {
    u32::MAX.checked_shr(32 - bits.min(32)).unwrap_or(0)
}

/// What becomes of the bits beside the pixels: overlays that `goes` says are removed are cleared, all of them where
/// they are to be `cleared`.
pub(crate) fn unused(data_set: &DataSet, goes: impl Fn(Tag) -> bool, cleared: bool) -> Unused {
    let Some((_, element)) = data_set.child(u32::MAX, tags::PIXEL_DATA) else { return Unused::Nothing };
    let planes = planes(data_set, goes);
    let native = is_native(data_set, element);
    let Some(words) = Words::of(data_set) else {
        return if planes == 0 { Unused::Nothing } else { Unused::Fixed };
    };
    let clear = if cleared { words.unused() } else { planes };
    if clear == 0 || !native {
        return match planes {
            0 if native && words.unused() != 0 => Unused::Unknown,
            0 => Unused::Nothing,
            _ => Unused::Fixed,
        };
    }
    let mask = words.mask(clear | planes, element.encoding().is_big());
    // PS3.5 A.3: bytes of OB are not swapped, so what a word of it is is not said.
    let certain = element.vr == VR::OW || mask.size == 1 || !element.encoding().is_big();
    let range = element.value_range();
    match certain && mask.clear & words.stored == 0 && spares_padding(data_set, &mask) {
        true => Unused::Masked(Masked { range, mask }),
        false => Unused::Fixed,
    }
}

/// The bits in which overlays without data of their own are said to stand.
fn planes(data_set: &DataSet, goes: impl Fn(Tag) -> bool) -> u32 {
    let overlays = data_set.top_from(Tag(0x6000, 0)).take_while(|element| element.tag.group() <= 0x60FE);
    let positions = overlays.filter(|element| {
        let Tag(group, number) = element.tag;
        group % 2 == 0
            && number == 0x0102
            && goes(element.tag)
            // An overlay with data of its own has one bit allocated, at position 0.
            && data_set.child(u32::MAX, Tag(group, 0x3000)).is_none()
            && native::number(data_set, Tag(group, 0x0100)) != Some(1)
    });
    let bits = positions.filter_map(|element| native::number(data_set, element.tag));
    bits.fold(0, |planes, bit| planes | u32::try_from(bit).ok().and_then(|bit| 1_u32.checked_shl(bit)).unwrap_or(0))
}

/// Whether Pixel Padding Value stays what it is, which some writers put outside of what pixels can be.
fn spares_padding(data_set: &DataSet, mask: &Mask) -> bool {
    let mut limits = [tags::PIXEL_PADDING_VALUE, tags::PIXEL_PADDING_RANGE_LIMIT].into_iter();
    limits.all(|tag| {
        let value = data_set.child(u32::MAX, tag).and_then(|(_, element)| data_set.value(element));
        value.filter(|value| value.len() == mask.size).is_none_or(|value| {
            let mut masked = value.to_vec();
            mask.apply(&mut masked);
            masked == value
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masked(mask: Mask, words: &[u8]) -> Vec<u8> {
        let mut words = words.to_vec();
        mask.apply(&mut words);
        words
    }

    #[test]
    fn bits_go_and_numbers_stay() {
        let words =
            |high, stored, signed| Words { allocated: 16, stored: ones(stored) << (high + 1 - stored), high, signed };
        let plain = words(11, 12, false);
        assert_eq!(plain.unused(), 0xF000);
        assert_eq!(masked(plain.mask(0xF000, false), &[0x34, 0xA2, 0xFF, 0xFF, 9]), [0x34, 0x02, 0xFF, 0x0F, 9]);
        assert_eq!(masked(plain.mask(0x4000, true), &[0xF2, 0x34]), [0xB2, 0x34]);
        let signed = words(11, 12, true);
        assert_eq!(masked(signed.mask(0xF000, false), &[0x00, 0x58, 0x00, 0x57]), [0x00, 0xF8, 0x00, 0x07]);
        // Below the pixels nothing is a sign.
        assert_eq!(words(15, 12, true).unused(), 0x000F);
        assert_eq!(masked(words(15, 12, true).mask(0x000F, false), &[0xFF, 0x80]), [0xF0, 0x80]);
        let bytes = Words { allocated: 8, stored: 0x3F, high: 5, signed: true };
        assert_eq!(masked(bytes.mask(0xC0, true), &[0x60, 0xC1]), [0xE0, 0x01]);
        let long = Words { allocated: 32, stored: ones(24), high: 23, signed: true };
        assert_eq!(masked(long.mask(0xFF00_0000, true), &[0x41, 0x80, 0, 1]), [0xFF, 0x80, 0, 1]);
        assert_eq!((ones(32), ones(1)), (u32::MAX, 1));
    }
}
