//! The search for planted values: in every encoding in which a value can hide.
//!
//! Needles are a value's encodings; views are ways to read the bytes that are searched. Both are in lower case, so that
//! case does not hide anything.

#![allow(dead_code, unreachable_pub, reason = "each test crate uses its own part of this module")]

use flate2::{Decompress, FlushDecompress, Status};
use std::collections::{BTreeMap, HashMap};

/// Shorter needles stand in any bytes by chance.
const SHORTEST: usize = 4;
/// How much of a stream is inflated.
const MOST_INFLATED: usize = 32 << 10;
/// What inflates to fewer bytes is no stream.
const LEAST_INFLATED: usize = 24;
/// Streams in streams.
const MOST_LEVELS: usize = 2;
/// Most streams in the same bytes: what repeats itself looks like many.
const MOST_STREAMS: usize = 8;

/// Where a value was found: how the needle is encoded, and how the bytes were read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hit {
    /// Which of the values.
    pub value: usize,
    pub needle: &'static str,
    pub view: &'static str,
}

/// Values to search for, in all their encodings.
pub struct Needles {
    by_head: HashMap<[u8; SHORTEST], Vec<Needle>>,
    /// Which pairs of bytes a needle begins with.
    heads: Vec<u64>,
}

struct Needle {
    value: usize,
    encoding: &'static str,
    bytes: Vec<u8>,
}

impl Needles {
    pub fn new<T: AsRef<[u8]>>(values: &[T]) -> Self {
        let mut needles = Needles::without_hashes(values);
        for (index, value) in values.iter().enumerate() {
            hashes(value.as_ref()).into_iter().for_each(|(encoding, bytes)| needles.add(index, encoding, &bytes));
        }
        needles
    }

    /// Hashes take most of the time.
    pub fn without_hashes<T: AsRef<[u8]>>(values: &[T]) -> Self {
        let mut needles = Needles { by_head: HashMap::new(), heads: vec![0; 1024] };
        for (index, value) in values.iter().enumerate() {
            encodings(value.as_ref()).into_iter().for_each(|(encoding, bytes)| needles.add(index, encoding, &bytes));
        }
        needles
    }

    fn add(&mut self, value: usize, encoding: &'static str, bytes: &[u8]) {
        let bytes = bytes.to_ascii_lowercase();
        let head = *bytes.first_chunk().unwrap_or_else(|| panic!("{} bytes are too few to search for", bytes.len()));
        let pair = usize::from(u16::from_le_bytes([head[0], head[1]]));
        self.heads[pair / 64] |= 1 << (pair % 64);
        self.by_head.entry(head).or_default().push(Needle { value, encoding, bytes });
    }

    /// Every value that stands in the bytes.
    pub fn search(&self, bytes: &[u8]) -> Vec<Hit> {
        let mut hits = BTreeMap::new();
        self.levels(bytes, 0, &mut hits);
        hits.into_values().collect()
    }

    /// The same without a look for bit planes and streams: a hundred times faster.
    pub fn search_plainly(&self, bytes: &[u8]) -> Vec<Hit> {
        let mut hits = BTreeMap::new();
        views(bytes, &mut |view, bytes| self.scan(view, bytes, &mut hits));
        hits.into_values().collect()
    }

    fn levels(&self, bytes: &[u8], level: usize, hits: &mut BTreeMap<(usize, &'static str), Hit>) {
        let mut see = |view, bytes: &[u8]| self.scan(view, bytes, hits);
        views(bytes, &mut see);
        planes(bytes, &mut see);
        if level < MOST_LEVELS {
            for (view, inflated) in streams(bytes) {
                self.scan(view, &inflated, hits);
                self.levels(&inflated, level + 1, hits);
            }
        }
    }

    fn scan(&self, view: &'static str, bytes: &[u8], hits: &mut BTreeMap<(usize, &'static str), Hit>) {
        let bytes = bytes.to_ascii_lowercase();
        let mut pair = usize::from(bytes.first().copied().unwrap_or_default()) << 8;
        // A loop that is fast in tests, which are not optimised.
        for at in 1..bytes.len() {
            pair = (pair >> 8 | (bytes[at] as usize) << 8) & 0xFFFF;
            if self.heads[pair >> 6] >> (pair & 63) & 1 == 0 {
                continue;
            }
            let at = at - 1;
            let Some(needles) = bytes[at..].first_chunk().and_then(|head| self.by_head.get(head)) else { continue };
            for Needle { value, encoding, bytes: needle } in needles {
                if bytes[at..].starts_with(needle) {
                    let hit = Hit { value: *value, needle: encoding, view };
                    hits.entry((*value, encoding)).or_insert(hit);
                }
            }
        }
    }
}

// --- needles ------------------------------------------------------------------------------------

/// A value in every encoding: as it is, in UTF-16, hexadecimal, base64.
fn encodings(value: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let mut all = vec![("raw", value.to_vec())];
    let wide = |pair: fn(u8) -> [u8; 2]| value.iter().flat_map(|byte| pair(*byte)).collect();
    all.push(("utf-16le", wide(|byte| [byte, 0])));
    all.push(("utf-16be", wide(|byte| [0, byte])));
    all.push(("hex", hex(value)));
    all.extend(base64(value).into_iter().map(|text| ("base64", text)));
    all
}

/// Its hashes without salt, in the same encodings.
fn hashes(value: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let mut all = Vec::new();
    for digest in digests(value) {
        all.push(("hash, hex", hex(&digest)));
        all.extend(base64(&digest).into_iter().map(|text| ("hash, base64", text)));
        all.push(("hash", digest));
    }
    all
}

fn digests(value: &[u8]) -> Vec<Vec<u8>> {
    use sha2::Digest;
    let mut digests = Vec::new();
    // Tools hash what they read, or what they made of it.
    for form in [value.to_vec(), value.to_ascii_uppercase(), value.to_ascii_lowercase()] {
        digests.push(md5::Md5::digest(&form).to_vec());
        digests.push(sha1::Sha1::digest(&form).to_vec());
        digests.push(sha2::Sha256::digest(&form).to_vec());
        digests.push(sha2::Sha512::digest(&form).to_vec());
    }
    digests.sort();
    digests.dedup();
    digests
}

fn hex(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().flat_map(|byte| format!("{byte:02x}").into_bytes()).collect()
}

/// The characters of base64 that depend on the value alone, wherever it begins in a group of three bytes.
fn base64(value: &[u8]) -> Vec<Vec<u8>> {
    let alphabets = [b'+', b'-'].map(|plus| {
        let last = if plus == b'+' { b'/' } else { b'_' };
        (b'A'..=b'Z').chain(b'a'..=b'z').chain(b'0'..=b'9').chain([plus, last]).collect::<Vec<u8>>()
    });
    let mut texts = Vec::new();
    for before in 0..3 {
        let padded: Vec<u8> = std::iter::repeat_n(0, before).chain(value.iter().copied()).collect();
        let bit = |at: usize| padded[at / 8] >> (7 - at % 8) & 1;
        let sextets = (before * 8).div_ceil(6)..padded.len() * 8 / 6;
        for alphabet in &alphabets {
            let code = |sextet: usize| (0..6).fold(0, |code, n| code << 1 | bit(sextet * 6 + n));
            texts.push(sextets.clone().map(|sextet| alphabet[usize::from(code(sextet))]).collect());
        }
    }
    texts.sort();
    texts.dedup();
    texts
}

// --- views --------------------------------------------------------------------------------------

/// Hands over the bytes as they can be read.
fn views(bytes: &[u8], see: &mut dyn FnMut(&'static str, &[u8])) {
    see("raw", bytes);
    for size in [2, 4] {
        for from in 0..size {
            let mut swapped = bytes.get(from..).unwrap_or_default().to_vec();
            swapped.chunks_exact_mut(size).for_each(<[u8]>::reverse);
            see(if size == 2 { "swapped words" } else { "swapped double words" }, &swapped);
        }
    }
    let plain = without_escapes(bytes);
    see("without escapes", &plain);
    let seven: Vec<u8> = plain.iter().map(|byte| byte & 0x7F).collect();
    see("seven bits", &seven);
    // Text that is cut by delimiters, and letters of two bytes in ISO 2022 sets (row 3 of JIS X 0208).
    see("letters and digits", &squeezed(&plain, |byte| byte.is_ascii_alphanumeric() || byte == b'.'));
    see("letters and digits of seven bits", &squeezed(&seven, |byte| byte.is_ascii_alphanumeric() || byte == b'.'));
}

fn planes(bytes: &[u8], see: &mut dyn FnMut(&'static str, &[u8])) {
    for plane in 0..16 {
        for from in 0..2 {
            bit_plane(bytes.get(from..).unwrap_or_default(), plane, see);
        }
    }
}

fn squeezed(bytes: &[u8], stays: impl Fn(u8) -> bool) -> Vec<u8> {
    bytes.iter().copied().filter(|byte| stays(*byte)).collect()
}

/// ISO 2022: an escape, intermediate bytes, a final one.
fn without_escapes(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte != 0x1B {
            out.push(byte);
            continue;
        }
        let intermediate = rest.iter().take_while(|byte| (0x20..0x30).contains(*byte)).count();
        let last = rest.get(intermediate).filter(|byte| (0x30..0x7F).contains(*byte));
        rest = &rest[intermediate + usize::from(last.is_some())..];
    }
    out
}

/// One bit of each word of sixteen, eight of which are a byte, from either end and from any bit on.
fn bit_plane(bytes: &[u8], plane: usize, see: &mut dyn FnMut(&'static str, &[u8])) {
    let bits: Vec<u8> = bytes.chunks_exact(2).map(|word| word[plane / 8] >> (plane % 8) & 1).collect();
    if bits.iter().all(|bit| *bit == bits[0]) {
        return;
    }
    for from in 0..8.min(bits.len()) {
        let groups = || bits[from..].chunks_exact(8);
        let upwards: Vec<u8> = groups().map(|bits| bits.iter().rev().fold(0, |byte, bit| byte << 1 | bit)).collect();
        let downwards: Vec<u8> = groups().map(|bits| bits.iter().fold(0, |byte, bit| byte << 1 | bit)).collect();
        see("bit plane", &upwards);
        see("bit plane", &downwards);
    }
}

// --- streams ------------------------------------------------------------------------------------

/// Whatever inflates, at whatever offset it begins.
fn streams(bytes: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let mut found = Vec::new();
    let mut inflaters = [("zlib stream", Decompress::new(true)), ("deflate stream", Decompress::new(false))];
    let mut buffer = Vec::with_capacity(MOST_INFLATED);
    let mut seen = 0;
    for at in 0..bytes.len() {
        for (name, inflater) in &mut inflaters {
            let zlib = *name == "zlib stream";
            if !may_begin(&bytes[at..], zlib) {
                continue;
            }
            inflater.reset(zlib);
            buffer.clear();
            let status = inflater.decompress_vec(&bytes[at..], &mut buffer, FlushDecompress::None);
            let whole = matches!(status, Ok(Status::StreamEnd));
            // Bytes inside a stream often read as the rest of one.
            if whole && buffer.len() >= LEAST_INFLATED && seen < MOST_STREAMS {
                seen += 1;
                found.push((*name, buffer.clone()));
            }
        }
    }
    found
}

/// RFC 1950 2.2 and RFC 1951 3.2.3: what cannot be the first bytes is not tried.
fn may_begin(bytes: &[u8], zlib: bool) -> bool {
    let [first, second, rest @ ..] = bytes else { return false };
    if zlib {
        return first & 0x0F == 8 && first >> 4 <= 7 && (u16::from(*first) * 256 + u16::from(*second)) % 31 == 0;
    }
    match first >> 1 & 3 {
        // Stored: the length is there twice, the second time inverted.
        0 => matches!(rest, [third, fourth, fifth, ..] if [*second, *third] == [!fourth, !fifth]),
        1 => true,
        // At most 286 lengths and 30 distances.
        2 => first >> 3 <= 29 && second & 0x1F <= 29,
        _ => false,
    }
}

// --- the search finds what it must --------------------------------------------------------------

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    const VALUE: &[u8] = b"Qk7vXw93Zt";

    fn around(bytes: &[u8]) -> Vec<u8> {
        [b"\x01\x02some bytes", bytes, b"and others\xFE\xFF"].concat()
    }

    #[track_caller]
    fn finds(bytes: &[u8], needle: &str, view: &str) {
        let hits = Needles::new(&[b"NotThere01".as_slice(), VALUE]).search(&around(bytes));
        assert!(hits.iter().all(|hit| hit.value == 1), "{hits:?}");
        assert!(hits.iter().any(|hit| hit.needle == needle && hit.view == view), "{needle} in {view}: {hits:?}");
    }

    #[test]
    fn text_is_found_in_any_case() {
        for text in [VALUE.to_vec(), VALUE.to_ascii_lowercase(), VALUE.to_ascii_uppercase()] {
            finds(&text, "raw", "raw");
            finds(&text.iter().flat_map(|byte| [*byte, 0]).collect::<Vec<_>>(), "utf-16le", "raw");
            finds(&text.iter().flat_map(|byte| [0, *byte]).collect::<Vec<_>>(), "utf-16be", "raw");
        }
    }

    #[test]
    fn words_are_found_in_either_order_wherever_they_begin() {
        for size in [2, 4] {
            for before in 0..size {
                let mut bytes = [&b"...."[..before], VALUE, b"....."].concat();
                let whole = bytes.len() / size * size;
                bytes[..whole].chunks_exact_mut(size).for_each(<[u8]>::reverse);
                finds(&bytes, "raw", if size == 2 { "swapped words" } else { "swapped double words" });
            }
        }
    }

    #[test]
    fn digits_and_base64_are_found_in_every_alignment_and_alphabet() {
        finds(&hex(VALUE), "hex", "raw");
        finds(&hex(VALUE).to_ascii_uppercase(), "hex", "raw");
        finds(b"51:6b:37:76:58:77:39:33:5a:74", "hex", "letters and digits");
        for before in ["", "a", "ab", "abc"] {
            for after in ["", "z", "zy", "zyx"] {
                let text = [before.as_bytes(), VALUE, after.as_bytes()].concat();
                let standard = encode(&text, b"+/");
                finds(&standard, "base64", "raw");
                finds(standard.split(|byte| *byte == b'=').next().unwrap(), "base64", "raw");
            }
        }
        // Bytes that need the last two letters of the alphabets.
        let odd = [0xFB, 0xFF, 0xFE, 0xFB, 0xEF, 0xBE, 0xFF, 0xFF];
        let needles = Needles::new(&[odd]);
        for last in [b"+/", b"-_"] {
            for before in 0..3 {
                let text = encode(&[&b"xy"[..before], &odd, b"z"].concat(), last);
                assert!(needles.search(&text).iter().any(|hit| hit.needle == "base64"), "{last:?} {before}");
            }
        }
    }

    fn encode(bytes: &[u8], last: &[u8; 2]) -> Vec<u8> {
        let alphabet: Vec<u8> =
            (b'A'..=b'Z').chain(b'a'..=b'z').chain(b'0'..=b'9').chain(last.iter().copied()).collect();
        let mut text = Vec::new();
        for group in bytes.chunks(3) {
            let bits = group.iter().chain(&[0, 0]).take(3).fold(0u32, |bits, byte| bits << 8 | u32::from(*byte));
            let letter = |n: usize| alphabet[(bits >> (18 - 6 * n)) as usize & 63];
            text.extend((0..4).map(|n| if n <= group.len() { letter(n) } else { b'=' }));
        }
        text
    }

    #[test]
    fn hashes_without_salt_are_found() {
        use sha2::Digest;
        for digest in [
            md5::Md5::digest(VALUE).to_vec(),
            sha1::Sha1::digest(VALUE).to_vec(),
            sha2::Sha256::digest(VALUE).to_vec(),
            sha2::Sha512::digest(VALUE.to_ascii_lowercase()).to_vec(),
        ] {
            finds(&digest, "hash", "raw");
            finds(&hex(&digest), "hash, hex", "raw");
            finds(&hex(&digest).to_ascii_uppercase(), "hash, hex", "raw");
            finds(&encode(&digest, b"+/"), "hash, base64", "raw");
            finds(&encode(&digest, b"-_"), "hash, base64", "raw");
        }
        // As other programs print them.
        assert_eq!(hex(&md5::Md5::digest(b"abc")), b"900150983cd24fb0d6963f7d28e17f72");
        assert_eq!(hex(&sha1::Sha1::digest(b"abc")), b"a9993e364706816aba3e25717850c26c9cd0d89d");
    }

    #[test]
    fn streams_are_inflated_wherever_they_begin_and_in_one_another() {
        let text = [b"a text that is long enough to be a stream of its own: ", VALUE].concat();
        let zlib = zlib(&text);
        finds(&zlib, "raw", "zlib stream");
        for level in [0, 1, 6, 9] {
            let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::new(level));
            encoder.write_all(&text).unwrap();
            let stream = encoder.finish().unwrap();
            assert!(level == 0 || !stream.windows(VALUE.len()).any(|window| window == VALUE));
            finds(&stream, "raw", if level == 0 { "raw" } else { "deflate stream" });
        }
        finds(&self::zlib(&around(&zlib)), "raw", "zlib stream");
        finds(&self::zlib(&[b"a text before it, and a text. ".repeat(9), hex(VALUE)].concat()), "hex", "zlib stream");
    }

    fn zlib(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn bit_planes_are_read_in_either_order_from_any_bit_on() {
        for plane in [0, 7, 12, 15] {
            for before in [0, 1, 5] {
                for downwards in [false, true] {
                    let bit = |n: usize| VALUE[n / 8] >> (if downwards { 7 - n % 8 } else { n % 8 }) & 1;
                    let bits = (0..before).map(|_| 0).chain((0..VALUE.len() * 8).map(bit));
                    let pixels = bits.map(|bit| u16::from(bit) << plane | 0x0150 & !(1 << plane));
                    finds(&pixels.flat_map(u16::to_le_bytes).collect::<Vec<_>>(), "raw", "bit plane");
                }
            }
        }
    }

    #[test]
    fn escapes_and_delimiters_do_not_hide_text() {
        finds(b"Qk7v\x1b(BXw9\x1b$)C3Zt", "raw", "without escapes");
        finds(b"Qk7v^Xw9=3\\Z t", "raw", "letters and digits");
        // Full-width letters of JIS X 0208, in ISO 2022 IR 87 and as EUC.
        let wide: Vec<u8> = VALUE.iter().flat_map(|letter| [0x23, *letter]).collect();
        finds(&[b"\x1b$B", &wide[..], b"\x1b(B"].concat(), "raw", "letters and digits");
        let high: Vec<u8> = wide.iter().map(|byte| byte | 0x80).collect();
        finds(&high, "raw", "letters and digits of seven bits");
    }

    #[test]
    fn what_is_not_there_is_not_found() {
        let mut state = 0x9E37_79B9_7F4A_7C15_u64;
        let noise: Vec<u8> = std::iter::repeat_with(|| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state as u8
        })
        .take(50_000)
        .collect();
        assert_eq!(Needles::new(&[VALUE]).search(&noise), []);
        assert_eq!(Needles::new(&[VALUE]).search(b"Qk7vXw93Z"), []);
    }
}
