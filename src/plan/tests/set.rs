//! What `set` can put where.

use super::*;

#[test]
fn set_that_no_file_could_take_is_an_error_with_its_place() {
    let fake_name = Command::Set(Template(vec![Segment::Macro(Macro::FakeName)]));
    let refused = [
        (0x0040, 0xA730, text("x")),
        (0x7FE0, 0x0010, text("x")),
        (0x0042, 0x0011, text("x")),
        (0x0072, 0x006D, text("x")),
        (0x0019, 0x100C, text("x")),
        (0x0019, 0x0010, text("x")),
        (0x0010, 0xFFFE, text("x")),
        (0x0002, 0x0010, text("1.2")),
        (0x0028, 0x0010, text("many")),
        (0x0028, 0x0010, text("65536")),
        (0x0028, 0x0106, text("-32769")),
        (0x0028, 0x0010, fake_name.clone()),
        (0x0010, 0x0030, text("2024-05-17")),
        (0x0010, 0x0030, text("20241317")),
        (0x0010, 0x0030, fake_name),
        (0x0010, 0x1010, text("90")),
        (0x0010, 0x0040, text("unknown")),
        (0x0020, 0x000D, text("none")),
        (0x0020, 0x0013, text("1.5")),
        (0x0018, 0x0050, text("thick")),
        (0x0008, 0x0050, text("12345678901234567")),
        (0x0008, 0x0030, text("99")),
    ];
    for (group, element, command) in refused {
        let config =
            Config { general: section(Preset::Default, [entry(group, element, command)]), ..Config::default() };
        let error = Plan::compile(&config, None).expect_err("a settings error");
        assert_eq!((error.code(), error.place()), (Code::Settings, &Place::Text { line: 3, column: 5 }));
        let message = error.message();
        assert!(message.contains(&format!("({group:04X},{element:04X})")) && message.contains(';'), "{message}");
        assert!(!message.ends_with('.') && !message.starts_with(char::is_uppercase), "{message}");
    }
}

#[test]
fn set_that_may_work_is_no_error() {
    let from = |segments: &[Segment]| Command::Set(Template(segments.to_vec()));
    let accepted = [
        (0x0010, 0x0010, text("DOE^JANE")),
        (0x0010, 0x0010, text("")),
        (0x0028, 0x0010, text("512")),
        (0x0028, 0x0106, text("-32768")),
        (0x0020, 0x0032, text("1.5\\-2e1\\0")),
        (0x0010, 0x0030, text("19700101")),
        (0x0010, 0x1010, text("090Y")),
        (0x0010, 0x0040, text("O")),
        (0x0008, 0x0030, text("120000.5")),
        (0x0008, 0x002A, text("2024")),
        (0x0020, 0x000D, from(&[Segment::Macro(Macro::RandomUid)])),
        (0x0020, 0x0010, from(&[Segment::Macro(Macro::FakeAcc)])),
        (0x0008, 0x0020, from(&[Segment::Macro(Macro::ProcessDate)])),
        (0x0028, 0x0010, from(&[Segment::Macro(Macro::Value(None))])),
        (0x0018, 0x9004, text("RESEARCH")),
    ];
    for (group, element, command) in accepted {
        let config =
            Config { general: section(Preset::Default, [entry(group, element, command)]), ..Config::default() };
        assert!(Plan::compile(&config, None).is_ok(), "{group:04x},{element:04x}");
    }
}

/// PS3.5 6.1.3 and 6.2: text in lines may have what ends them, everything else no control character.
#[test]
fn control_characters_are_refused_where_the_vr_has_none() {
    let set = |tag: &str, text: &str| {
        let value = format!("set({text})");
        let settings = serde_json::json!({ "general": { "name": "a\u{7f}", tag: value } }).to_string();
        Plan::compile(&Config::parse(&settings).expect("settings"), None)
    };
    for (tag, text) in [
        ("(0010,0010)", "\u{1}a\u{1b}"),
        ("(0010,0010)", "a\nb"),
        ("(0010,0010)", "\u{85}"),
        ("(0008,1030)", "\u{0}"),
        ("(0008,1030)", "@value@\t"),
        ("(0008,1030)", "@project_name@"),
        ("(0010,4000)", "\u{1b}$B"),
        ("(0018,9074)", "@process_date@\r"),
        ("(0040,E010)", "http://a\n"),
    ] {
        let error = set(tag, text).expect_err(tag);
        assert!(error.to_string().contains("control character"), "{error}");
        assert!(matches!(error.place(), Place::Text { line: 1, .. }), "{error}");
    }
    for (tag, text) in [("(0010,4000)", "a\r\n\tb\u{c}"), ("(0040,A160)", "@value@\n"), ("(0010,0010)", "Mü^ller")] {
        assert!(set(tag, text).is_ok(), "{tag}");
    }
}
