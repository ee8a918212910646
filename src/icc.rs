//! ICC profiles (ISO 15076-1): numbers stay where they are, text goes.

/// Header and tag table begin with these.
const HEADER: usize = 128;
const ENTRY: usize = 12;
/// More tags than any profile has.
const MOST_TAGS: usize = 100;

/// Fields of the header that say how colours are computed: first byte and how many.
const FIELDS: [(usize, usize); 4] = [(0, 4), (8, 16), (36, 4), (64, 16)];
/// Types of numbers; what they are computed with stays.
const NUMBERS: [&[u8; 4]; 12] =
    [b"XYZ ", b"curv", b"para", b"sf32", b"uf32", b"mft1", b"mft2", b"mAB ", b"mBA ", b"chrm", b"meas", b"view"];
/// Types of text, of which the type stays: an empty text.
const TEXTS: [&[u8; 4]; 3] = [b"text", b"desc", b"mluc"];

/// The profile without its text and without what is not understood, in as many bytes; nothing if it is no profile.
pub(crate) fn clean(profile: &[u8]) -> Option<Vec<u8>> {
    let count = number(profile, HEADER).filter(|count| *count <= MOST_TAGS)?;
    if profile.get(36..40)? != b"acsp" {
        return None;
    }
    let mut clean = vec![0; profile.len()];
    for (at, len) in FIELDS {
        copy(profile, &mut clean, at, len)?;
    }
    copy(profile, &mut clean, HEADER, 4)?;
    for entry in 0..count {
        let at = HEADER + 4 + entry * ENTRY;
        // What a tag is called can be text, if nobody knows the name; its type decides about what it holds.
        copy(profile, &mut clean, at, ENTRY)?;
        let (start, len) = (number(profile, at + 4)?, number(profile, at + 8)?);
        let value = profile.get(start..start.checked_add(len)?)?;
        let kind = value.first_chunk::<4>()?;
        if NUMBERS.contains(&kind) {
            copy(profile, &mut clean, start, len)?;
        } else if TEXTS.contains(&kind) {
            copy(profile, &mut clean, start, 4)?;
            // The size of a record, of which there are none.
            if kind == b"mluc" && len >= 16 {
                *clean.get_mut(start + 15)? = 12;
            }
        }
    }
    Some(clean)
}

fn number(bytes: &[u8], at: usize) -> Option<usize> {
    let field = bytes.get(at..)?.first_chunk::<4>()?;
    usize::try_from(u32::from_be_bytes(*field)).ok()
}

fn copy(from: &[u8], to: &mut [u8], at: usize, len: usize) -> Option<()> {
    let range = at..at.checked_add(len)?;
    to.get_mut(range.clone())?.copy_from_slice(from.get(range)?);
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(tags: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
        let mut profile = vec![0; HEADER];
        profile[36..40].copy_from_slice(b"acsp");
        profile[80..84].copy_from_slice(b"ACME");
        profile.extend((tags.len() as u32).to_be_bytes());
        let mut body = Vec::new();
        for (name, value) in tags {
            let start = HEADER + 4 + tags.len() * ENTRY + body.len();
            profile.extend(name.iter());
            profile.extend((start as u32).to_be_bytes());
            profile.extend((value.len() as u32).to_be_bytes());
            body.extend_from_slice(value);
        }
        profile.extend(body);
        profile
    }

    #[test]
    fn numbers_stay_and_text_goes() {
        let curve = b"curv\0\0\0\0\0\0\0\x01\x02\x33\0\0";
        let original = profile(&[(b"desc", b"text\0\0\0\0SMITH\0"), (b"rTRC", curve), (b"abcd", b"dataSMITH")]);
        let clean = clean(&original).unwrap();
        assert_eq!(clean.len(), original.len());
        assert!(clean.windows(curve.len()).any(|window| window == curve));
        assert!(
            !clean.windows(5).any(|window| window == b"SMITH") && !clean.windows(4).any(|window| window == b"ACME")
        );
        assert_eq!(super::clean(&clean), Some(clean.clone()));
    }

    #[test]
    fn what_is_no_profile_is_told() {
        assert_eq!(clean(b""), None);
        assert_eq!(clean(&[0; 200]), None);
        let mut broken = profile(&[(b"desc", b"text\0\0\0\0")]);
        broken[HEADER + 8..HEADER + 12].copy_from_slice(&[0xFF; 4]);
        assert_eq!(clean(&broken), None);
    }
}
