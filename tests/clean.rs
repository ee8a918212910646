//! What cleaning leaves of descriptions: `tests/cases/descriptions` holds them, and names, numbers, dates and addresses
//! are put in here, drawn from lists that the engine does not have. None of what was put in may stay, and at least nine
//! of ten other words must.
#![allow(clippy::print_stdout, reason = "what ran is counted by whoever runs the tests")]

mod support;

use dicom_core::{Tag, VR};
use lethe::Deidentifier;
use std::path::Path;
use support::{Form, Node, Random, body, engine, file, read, run};

/// Texts are cleaned in an Attribute that has room for all of them.
const COMMENTS: Tag = Tag(0x0020, 0x4000);
const SETTINGS: &str = r#"{ "general": { "preset": "none", "(0020,4000)": "clean" } }"#;

/// Seeds of the runs, each of which fills and spoils every description anew.
const SEEDS: [u64; 6] = [0x9E37_79B9_7F4A_7C15, 0x2545_F491_4F6C_DD1D, 4711, 20_260_517, 1_000_003, 0xC0FF_EE00];

const FAMILY: &[&str] = &[
    "Abernathy",
    "Adeyemi",
    "Almeida",
    "Andersson",
    "Bachmann",
    "Bauer",
    "Brzezinski",
    "Castellano",
    "Chukwu",
    "Delacroix",
    "Demirci",
    "Dubois",
    "Eriksen",
    "Fitzgerald",
    "Fuchs",
    "Garibaldi",
    "Gupta",
    "Haverkamp",
    "Henriksen",
    "Hoffmann",
    "Ivanova",
    "Jankowski",
    "Johansson",
    "Kaczmarek",
    "Kobayashi",
    "Kowalczyk",
    "Lefebvre",
    "Lindqvist",
    "McAllister",
    "Mbeki",
    "Moreau",
    "Mueller",
    "Nakamura",
    "Nguyen",
    "O'Sullivan",
    "Okonkwo",
    "Papadopoulos",
    "Petrov",
    "Pfeiffer",
    "Quispe",
    "Ramirez",
    "Rossi",
    "Schneider",
    "Schulze",
    "Smith",
    "Srinivasan",
    "Svensson",
    "Tanaka",
    "Thorvaldsen",
    "Uchenna",
    "VanDyke",
    "Vasquez",
    "Verhoeven",
    "Wojcik",
    "Xiong",
    "Yamamoto",
    "Zhang",
    "Zimmermann",
    "deGroot",
    "deSouza",
];
const GIVEN: &[&str] = &[
    "Abigail",
    "Aleksandra",
    "Amina",
    "Anneliese",
    "Barnaby",
    "Beatrix",
    "Catarina",
    "Chidi",
    "Dagmar",
    "Dmitri",
    "Eleanor",
    "Emre",
    "Fatima",
    "Friedrich",
    "Giovanni",
    "Guillaume",
    "Hannelore",
    "Hiroshi",
    "Ingeborg",
    "Isabella",
    "Jadwiga",
    "Jerome",
    "Katarzyna",
    "Kwame",
    "Leopold",
    "Ludmila",
    "Magdalena",
    "Mohammed",
    "Natasha",
    "Nikolaus",
    "Olufemi",
    "Ottilie",
    "Priya",
    "Quentin",
    "Rosalinda",
    "Rupert",
    "Siobhan",
    "Sebastian",
    "Thandiwe",
    "Ulrike",
    "Valentina",
    "Waldemar",
    "Ximena",
    "Yusuf",
    "Zbigniew",
];
/// Names that are words of radiology: nobody can tell where they stand alone, but in the file that has them as names.
const LIKE_WORDS: &[&str] = &["Head", "Long", "Chest", "Bone", "Field", "Short", "Hand", "Knee", "Brain", "Contrast"];

/// A text with something put in.
struct Spoilt {
    text: String,
    harmless: Vec<String>,
    planted: Vec<String>,
}

#[test]
fn nothing_that_was_put_in_stays_and_other_words_do() {
    let lines = descriptions();
    assert!(lines.len() >= 400, "{} descriptions", lines.len());
    let engine = engine(&[SETTINGS], None).unwrap();
    let (mut kept, mut harmless, mut planted, mut wrong) = (0, 0, 0, Vec::new());
    for seed in SEEDS {
        let mut random = Random(seed);
        for line in &lines {
            let own = owner(&mut random);
            let spoilt = [fill(line, &own, &mut random), spoil(line, &own, &mut random)];
            for Spoilt { text, harmless: own_words, planted: put } in spoilt {
                let left = words(&clean(&engine, &text, &own));
                if !line.contains('{') && put.is_empty() || line.contains('{') {
                    kept += common(&own_words, &left);
                    harmless += own_words.len();
                }
                planted += put.len();
                // A word of the description may be one that was put in, too.
                let survives = |word: &&String| count(&left, word) > count(&own_words, word);
                wrong.extend(put.iter().filter(survives).map(|word| format!("{word:?} stays of {text:?}")));
            }
        }
    }
    println!(
        "{planted} words put in, {kept} of {harmless} harmless words kept ({:.2} %)",
        100.0 * kept as f64 / harmless as f64
    );
    println!("# inputs {}\n# assertions {}", 2 * SEEDS.len() * lines.len(), planted + harmless);
    assert!(wrong.is_empty(), "{} of {planted} words that were put in stay:\n{}", wrong.len(), wrong.join("\n"));
    assert!(planted > 10_000 && kept * 10 >= harmless * 9, "{kept} of {harmless}");
}

/// Descriptions as they are, without anything put in, one by one.
#[test]
fn harmless_descriptions_keep_nine_words_of_ten() {
    let engine = engine(&[SETTINGS], None).unwrap();
    let (mut kept, mut all, mut lost) = (0, 0, Vec::new());
    for line in descriptions().iter().filter(|line| !line.contains('{')) {
        let own = words(line);
        let left = words(&clean(&engine, line, &["Okonkwo".into(), "Ada".into(), "PX-4711".into()]));
        kept += common(&own, &left);
        all += own.len();
        lost.extend(own.iter().filter(|word| count(&left, word) < count(&own, word)).cloned());
    }
    println!(
        "{kept} of {all} words kept ({:.2} %); lost: {}",
        100.0 * f64::from(kept as u32) / all as f64,
        lost.join(" ")
    );
    assert!(all > 1000 && kept * 10 >= all * 9, "{kept} of {all}; lost: {}", lost.join(" "));
}

#[test]
fn the_files_own_names_go_though_they_are_words_of_radiology() {
    let engine = engine(&[SETTINGS], None).unwrap();
    for family in LIKE_WORDS {
        let own = [(*family).to_owned(), "Li".into(), "12".into()];
        let text = format!("CT ABDOMEN {} li 3mm, 12", family.to_uppercase());
        assert_eq!(clean(&engine, &text, &own), "CT ABDOMEN 3mm", "{family}");
    }
}

/// Whatever bytes a text has in whatever character set, what is left is made of words of it, without escape sequences.
#[test]
fn any_bytes_leave_words_of_the_text_alone() {
    const PIECES: &[&[u8]] = &[
        b"CT",
        b"HEAD",
        b"Smith",
        b"5mm",
        b"17",
        b"05",
        b"2024",
        b"b",
        b"1000",
        b" ",
        b" ",
        b"-",
        b".",
        b"/",
        b"_",
        b"@",
        b"\\",
        b"\r\n",
        b"\x0B",
        b"\x1B",
        b"\x1B$B",
        b"\x1B(B",
        b"\x1B$)C",
        b"\x1B-A",
        b"\x1B(",
        b"\x81",
        b"\xE4",
        b"\xC3\xA4",
        b"\xFF",
        b"\x40",
        b"x",
        b":",
        b"#",
        b"dr",
        b"Dr.",
        b"long",
    ];
    let engine = engine(&[SETTINGS], None).unwrap();
    let mut random = Random(0x5EED);
    let (mut texts, mut kept) = (0, 0);
    for set in ["", "ISO_IR 100", "ISO_IR 192", "\\ISO 2022 IR 87", "\\ISO 2022 IR 149", "GB18030", "NONSENSE"] {
        for _ in 0..600 {
            let mut text = Vec::new();
            for _ in 0..random.below(40) {
                text.extend_from_slice(PIECES[random.below(PIECES.len())]);
                text.extend_from_slice([&b" "[..], b" ", b""][random.below(3)]);
            }
            let nodes = [Node::text(Tag(8, 5), VR::CS, set), Node::bytes(COMMENTS, VR::LT, &text)];
            let (output, _) = run(&engine, &file(&nodes, Form::EXPLICIT), || usize::MAX).unwrap();
            let left = read(&body(&output, Form::EXPLICIT), Form::EXPLICIT);
            let left = left.iter().find(|node| node.tag == COMMENTS).unwrap().trimmed();
            let legal = |byte: &u8| *byte >= b' ' || b"\r\n".contains(byte);
            assert!(left.len() <= text.len() && left.iter().all(legal), "{set}: {text:?} leaves {left:?}");
            let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte >= 0x80;
            let of = |bytes: &[u8]| -> Vec<Vec<u8>> {
                bytes.split(|byte| !is_word(byte)).filter(|word| !word.is_empty()).map(<[u8]>::to_vec).collect()
            };
            let whole = of(&text);
            assert!(of(&left).iter().all(|word| whole.contains(word)), "{set}: {text:?} leaves {left:?}");
            assert!(!left.windows(5).any(|five| five == b"Smith"), "{set}: {text:?}");
            kept += of(&left).len();
            texts += 1;
        }
    }
    println!("{texts} texts, {kept} words of them kept");
    assert!(kept > texts / 2, "{kept} words of {texts} texts");
}

/// The descriptions of both files.
fn descriptions() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/descriptions");
    let texts = ["registry.txt", "own.txt"].map(|name| std::fs::read_to_string(folder.join(name)).unwrap());
    let lines = texts.iter().flat_map(|text| text.lines());
    lines.filter(|line| !line.is_empty() && !line.starts_with(['#', '='])).map(str::to_owned).collect()
}

/// Family name, given name and ID of a file's patient.
fn owner(random: &mut Random) -> [String; 3] {
    let id = format!("{}-{}", ["PX", "K", "CT"][random.below(3)], 1000 + random.below(900_000));
    [pick(FAMILY, random).to_owned(), pick(GIVEN, random).to_owned(), id]
}

fn pick<'a>(list: &[&'a str], random: &mut Random) -> &'a str {
    list[random.below(list.len())]
}

/// A description with its places filled.
fn fill(line: &str, own: &[String; 3], random: &mut Random) -> Spoilt {
    let (mut text, mut harmless, mut planted) = (String::new(), String::new(), Vec::new());
    let mut rest = line;
    while let Some((before, kind, after)) =
        rest.split_once('{').and_then(|(a, b)| b.split_once('}').map(|(k, c)| (a, k, c)))
    {
        let value = plant(kind, own, random);
        text.extend([before, value.as_str()]);
        harmless.extend([before, " "]);
        planted.extend(words(&value));
        rest = after;
    }
    text.push_str(rest);
    harmless.push_str(rest);
    Spoilt { text, harmless: words(&harmless), planted }
}

/// A description with its places filled, and more put in where a space is.
fn spoil(line: &str, own: &[String; 3], random: &mut Random) -> Spoilt {
    const KINDS: &[&str] =
        &["name", "name", "date", "time", "id", "id", "address", "phone", "email", "url", "uid", "age", "institution"];
    let mut line = line.to_owned();
    for _ in 0..=random.below(2) {
        let mut spaces: Vec<usize> = line.match_indices(' ').map(|(at, _)| at).collect();
        spaces.extend([0, line.len()]);
        line.insert_str(spaces[random.below(spaces.len())], &format!(" {{{}}} ", pick(KINDS, random)));
    }
    fill(&line, own, random)
}

/// Something that identifies, as people write it; sometimes what the file itself has.
fn plant(kind: &str, own: &[String; 3], random: &mut Random) -> String {
    let mine = random.below(3) == 0;
    let (family, given) =
        if mine { (own[0].as_str(), own[1].as_str()) } else { (pick(FAMILY, random), pick(GIVEN, random)) };
    let (year, month, day) = (1925 + random.below(105), 1 + random.below(12), 1 + random.below(31));
    let (hour, minute) = (random.below(24), random.below(60));
    let number = 1000 + random.below(9_000_000);
    let months = ["Jan", "FEB", "Mar", "April", "May", "juin", "Juli", "agosto", "SEP", "Oktober", "novembre", "Dec"];
    let name = months[month - 1];
    let forms = match kind {
        "name" => vec![
            family.to_uppercase(),
            family.to_owned(),
            format!("{given} {family}"),
            format!("{family}, {given}"),
            format!("{}^{}", family.to_uppercase(), given.to_uppercase()),
            format!("{}_{}", given.to_lowercase(), family.to_lowercase()),
            format!("{}. {family}", &given[..1]),
        ],
        "date" => vec![
            format!("{year:04}{month:02}{day:02}"),
            format!("{year:04}-{month:02}-{day:02}"),
            format!("{day:02}.{month:02}.{year:04}"),
            format!("{day}.{month}.{:02}", year % 100),
            format!("{month}/{day}/{:02}", year % 100),
            format!("{month:02}/{day:02}/{year:04}"),
            format!("{day} {name} {year}"),
            format!("{name} {day}, {year}"),
            format!("{day:02}-{name}-{:02}", year % 100),
            format!("{day}{name}{year}"),
            format!("{day}. {name}"),
        ],
        "time" => vec![
            format!("{hour:02}:{minute:02}"),
            format!("{hour}:{minute:02}:{:02}", random.below(60)),
            format!("{hour:02}{minute:02}{:02}", random.below(60)),
            format!("{hour:02}h{minute:02}"),
        ],
        "id" => vec![
            if mine { own[2].clone() } else { format!("PX-{number}") },
            number.to_string(),
            format!("{number:08}"),
            format!("{}{number}", ["A", "MRN", "CT", "X", "T"][random.below(5)]),
            format!("{}-{}-{}", 10 + random.below(90), number, random.below(10)),
            format!("{}/{year}", 100 + random.below(9000)),
            format!("{:x}", 0xA000_0000_u32 + number as u32),
            format!("#{}", random.below(1000)),
        ],
        "address" => vec![
            format!("{} Elm Street", 1 + random.below(400)),
            format!("{family}strasse {}, {:05} Musterstadt", 1 + random.below(99), random.below(99_999)),
            format!("{} rue des Lilas, Villeneuve", 1 + random.below(99)),
            format!("Calle {given} {}", 1 + random.below(99)),
        ],
        "phone" => vec![
            format!("+49 761 {number}"),
            format!("({}) 555-{:04}", 200 + random.below(700), random.below(10_000)),
            format!("06 {:02} {:02} {:02} {:02}", random.below(100), random.below(100), random.below(100), day),
            format!("0{}/{}-{}", 200 + random.below(700), 1000 + random.below(9000), random.below(10)),
        ],
        "email" => vec![
            format!("{}.{}@clinic.example", given.to_lowercase(), family.to_lowercase().replace('\'', "")),
            format!("head-{}@radiology.example", random.below(100)),
        ],
        "url" => vec![
            format!("https://pacs.example/brain?study={number}&t=2"),
            format!("www.chest-{}.example/ct", family.to_lowercase().replace('\'', "")),
        ],
        "uid" => vec![format!("1.2.840.{}.{}.{}", random.below(200_000), random.below(9), number)],
        "age" => vec![
            format!("{:03}Y", random.below(120)),
            format!("{}Y", random.below(120)),
            format!("{} yrs", random.below(120)),
            format!("{} years old", random.below(120)),
            format!("{} Jahre", random.below(120)),
        ],
        "institution" => vec![
            format!("St. {given} Hospital"),
            format!("Klinikum {family}"),
            format!("{family} University Clinic {}", random.below(100)),
        ],
        other => panic!("no such place: {other}"),
    };
    forms[random.below(forms.len())].clone()
}

/// Words and numbers, in lower case.
fn words(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect()
}

fn count(words: &[String], word: &str) -> usize {
    words.iter().filter(|own| *own == word).count()
}

/// How many words of one list are in the other, each as often as it is there.
fn common(own: &[String], left: &[String]) -> usize {
    let mut left = left.to_vec();
    let found =
        own.iter().filter(|word| left.iter().position(|other| other == *word).map(|at| left.remove(at)).is_some());
    found.count()
}

/// The text as it comes out of a file of this patient.
fn clean(engine: &Deidentifier, text: &str, [family, given, id]: &[String; 3]) -> String {
    let nodes = vec![
        Node::text(Tag(0x0008, 0x0005), VR::CS, "ISO_IR 192"),
        Node::text(Tag(0x0010, 0x0010), VR::PN, &format!("{family}^{given}")),
        Node::text(Tag(0x0010, 0x0020), VR::LO, id),
        Node::text(COMMENTS, VR::LT, text),
    ];
    let (output, _) = run(engine, &file(&nodes, Form::EXPLICIT), || usize::MAX).unwrap();
    let nodes = read(&body(&output, Form::EXPLICIT), Form::EXPLICIT);
    let comments = nodes.iter().find(|node| node.tag == COMMENTS).unwrap();
    String::from_utf8(comments.trimmed()).unwrap()
}
