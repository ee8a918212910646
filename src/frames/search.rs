//! The search for markers in entropy-coded data, which is most of a compressed image: many bytes at a time.

/// Bytes that are looked at together.
const BLOCK: usize = 64;

/// How many bytes stand before what follows the first 0xFF, if there is one that may begin a marker: it ends the bytes, or
/// something else than 0x00 follows it, which is data in every format.
#[cfg_attr(target_arch = "wasm32", target_feature(enable = "simd128"))]
pub(super) fn marker(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    // Each block with the byte that follows it.
    while let Some(block) = bytes.get(at..).and_then(<[u8]>::first_chunk::<{ BLOCK + 1 }>) {
        if has_marker(block) {
            break;
        }
        at += BLOCK;
    }
    let rest = bytes.get(at..)?;
    let found = (0..rest.len()).find(|&at| rest.get(at) == Some(&0xFF) && rest.get(at + 1) != Some(&0))?;
    Some(at + found + 1)
}

/// Whether an 0xFF stands in the block that something else than 0x00 follows. Without a way out in between, for the compiler
/// to make it of instructions that look at 16 bytes or more.
#[inline]
#[cfg_attr(target_arch = "wasm32", target_feature(enable = "simd128"))]
fn has_marker(block: &[u8; BLOCK + 1]) -> bool {
    let mut found = 0;
    for (byte, next) in block.iter().zip(&block[1..]) {
        found |= u8::from(*byte == 0xFF) & u8::from(*next != 0);
    }
    found != 0
}

#[cfg(test)]
mod tests {
    use super::marker;

    #[test]
    fn a_marker_is_found_wherever_it_stands() {
        for at in 0..100 {
            for other in [0x00, 0x01, 0x7F, 0x80, 0xFE] {
                for code in [0x01, 0xD9, 0xFF] {
                    let mut bytes = vec![other; 100];
                    bytes[at] = 0xFF;
                    if let Some(behind) = bytes.get_mut(at + 1) {
                        *behind = code;
                    }
                    assert_eq!(marker(&bytes), Some(at + 1), "{at} {other:X} {code:X}");
                    assert_eq!(marker(&bytes[..at + 1]), Some(at + 1), "{at} {other:X}");
                    assert_eq!(marker(&bytes[..at]), None, "{at} {other:X}");
                }
            }
        }
    }

    #[test]
    fn a_pair_that_is_data_is_passed_over() {
        for at in 0..98 {
            let mut bytes = vec![0xFE; 100];
            bytes.extend([0xFF, 0x90]);
            bytes[at..at + 2].copy_from_slice(&[0xFF, 0]);
            assert_eq!(marker(&bytes), Some(101), "{at}");
            assert_eq!(marker(&bytes[..100]), None, "{at}");
        }
    }
}
