//! The search for markers in entropy-coded data, which is most of a compressed image: words at a time, not bytes.

/// In each byte of a word, the lowest and the highest bit.
const LOW: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = LOW << 7;

/// How many bytes stand before what follows the first 0xFF, if there is one that may begin a marker: it ends the bytes, or
/// something else than 0x00 follows it, which is data in every format.
pub(super) fn marker(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        at += 1 + first_ff(bytes.get(at..)?)?;
        match bytes.get(at) {
            Some(0) => at += 1,
            _ => return Some(at),
        }
    }
}

fn first_ff(bytes: &[u8]) -> Option<usize> {
    let (words, rest) = bytes.as_chunks();
    let mut at = 0;
    for word in words {
        let word = u64::from_le_bytes(*word);
        // The highest bit of each byte that is 0xFF, and perhaps of bytes behind the first: subtracting one from the
        // complement borrows there.
        let found = (!word).wrapping_sub(LOW) & word & HIGH;
        if found != 0 {
            return Some(at + (found.trailing_zeros() / 8) as usize);
        }
        at += 8;
    }
    rest.iter().position(|byte| *byte == 0xFF).map(|found| at + found)
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
