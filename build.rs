//! Packs the list of Attributes: as it stands in `src/profile/attributes.txt` it would be a fifth of what a visitor of the
//! page downloads. Keywords become numbers of words, and gzip, which the download goes through, does the rest.

use std::collections::HashMap;
use std::path::Path;
use std::{env, fs};

const LIST: &str = "src/profile/attributes.txt";

/// Words with a code of one byte: the most frequent ones.
const FREQUENT: usize = 239;
/// The code of the first of them. Lower codes say how many words a keyword shares with the one before it.
const FIRST: u8 = 8;
/// The code of a word that comes for the first time; such words are listed in the order in which they come.
const NEW: u8 = 6;
/// Most words that are shared.
const MOST_SHARED: usize = 5;

fn main() {
    println!("cargo::rerun-if-changed={LIST}");
    let list = fs::read_to_string(LIST).expect("the list of Attributes is there");
    let attributes: Vec<Attribute> = list.lines().filter(|line| !line.starts_with('#')).flat_map(group).collect();
    let (words, keywords) = pack_keywords(&attributes);
    let (kinds, kind_codes) = pack_kinds(&attributes);
    write("words.txt", words.as_bytes());
    write("keywords.bin", &keywords);
    write("kinds.txt", kinds.as_bytes());
    write("kinds.bin", &kind_codes);
    write("tags.bin", &pack_tags(&attributes));
}

fn write(name: &str, bytes: &[u8]) {
    let folder = env::var_os("OUT_DIR").expect("cargo names a folder");
    fs::write(Path::new(&folder).join(name), bytes).expect("the packed list can be written");
}

struct Attribute {
    tag: u32,
    /// VR, most values if several, `-` if retired, `x` if repeating.
    kind: String,
    words: Vec<String>,
}

/// One line of the list: a group and its elements.
fn group(line: &str) -> impl Iterator<Item = Attribute> {
    let (group, elements) = line.split_once(' ').expect("a line has a group and elements");
    elements.split(' ').map(move |element| attribute(group, element))
}

/// `eeeeVRKeyword`, with the most values between VR and keyword if there may be several, and `-` if it is retired; `xx` in group or element if they repeat.
fn attribute(group: &str, element: &str) -> Attribute {
    let (number, rest) = element.split_at(4);
    // Keywords begin with a capital letter.
    let several = rest.get(2..3).is_some_and(|most| most == "n" || most.bytes().all(|digit| digit.is_ascii_digit()));
    let (vr, keyword) = rest.split_at(if several { 3 } else { 2 });
    let address = format!("{group}{number}");
    let repeating = if address.contains("xx") { "x" } else { "" };
    let retired = if keyword.ends_with('-') { "-" } else { "" };
    Attribute {
        tag: u32::from_str_radix(&address.replace("xx", "00"), 16).expect("the list is hexadecimal"),
        kind: format!("{vr}{retired}{repeating}"),
        words: split(keyword.trim_end_matches('-')),
    }
}

/// The words of a keyword: `ReferencedSOPClassUID` is Referenced, SOP, Class and UID.
fn split(keyword: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let letters: Vec<char> = keyword.chars().collect();
    for (at, letter) in letters.iter().enumerate() {
        let before = at.checked_sub(1).map(|before| letters[before]);
        let within = before.is_some_and(|before| {
            let ends_run = letters.get(at + 1).is_some_and(char::is_ascii_lowercase);
            match (before.is_ascii_digit(), letter.is_ascii_digit()) {
                (false, false) => letter.is_ascii_lowercase() || (before.is_ascii_uppercase() && !ends_run),
                (one, other) => one && other,
            }
        });
        match words.last_mut() {
            Some(word) if within => word.push(*letter),
            _ => words.push(letter.to_string()),
        }
    }
    words
}

/// The list of words, and for every Attribute how many words are those of the one before and the codes of the others.
fn pack_keywords(attributes: &[Attribute]) -> (String, Vec<u8>) {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    attributes.iter().flat_map(|attribute| &attribute.words).for_each(|word| *counts.entry(word).or_default() += 1);
    let mut words: Vec<&str> = counts.keys().copied().collect();
    words.sort_by_key(|word| (usize::MAX - counts[word], *word));
    words.truncate(FREQUENT);
    let mut places: HashMap<&str, usize> = words.iter().enumerate().map(|(place, word)| (*word, place)).collect();
    let mut codes = Vec::new();
    let mut before: &[String] = &[];
    for attribute in attributes {
        let same = attribute.words.iter().zip(before).take_while(|(own, other)| own == other).count().min(MOST_SHARED);
        codes.push(same as u8);
        for word in &attribute.words[same..] {
            match places.get(word.as_str()) {
                Some(place) if *place < FREQUENT => codes.push(FIRST + *place as u8),
                Some(place) => {
                    let [high, low] = ((place - FREQUENT) as u16).to_be_bytes();
                    codes.extend([u8::MAX - high, low]);
                }
                None => {
                    places.insert(word, words.len());
                    words.push(word);
                    codes.push(NEW);
                }
            }
        }
        before = &attribute.words;
    }
    let highest = u8::MAX - (words.len().saturating_sub(FREQUENT + 1) >> 8) as u8;
    assert!(usize::from(highest) >= usize::from(FIRST) + FREQUENT, "too many words");
    (words.join("\n"), codes)
}

/// The list of kinds, and the number of each Attribute's in it.
fn pack_kinds(attributes: &[Attribute]) -> (String, Vec<u8>) {
    let mut kinds: Vec<&str> = attributes.iter().map(|attribute| attribute.kind.as_str()).collect();
    kinds.sort_unstable();
    kinds.dedup();
    let code = |attribute: &Attribute| kinds.binary_search(&attribute.kind.as_str()).map(|at| at as u8);
    let codes = attributes.iter().filter_map(|attribute| code(attribute).ok()).collect();
    (kinds.join(" "), codes)
}

/// How far each tag is from the one before it, seven bits a byte, the lowest first; the last byte has no eighth bit.
fn pack_tags(attributes: &[Attribute]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut before = 0;
    for attribute in attributes {
        let mut step = attribute.tag.checked_sub(before).expect("the list is sorted");
        while step >= 0x80 {
            bytes.push(step as u8 | 0x80);
            step >>= 7;
        }
        bytes.push(step as u8);
        before = attribute.tag;
    }
    bytes
}
