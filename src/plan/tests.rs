//! What plans decide.

mod bytes;
mod set;

use super::*;
use crate::config::{Address, Command, Entry, Macro, Mode, Section, Segment};
use crate::error::{Code, Place};
use crate::profile::{Scope, rows};

fn entry(group: u16, element: u16, command: Command) -> (Tag, Entry) {
    let key = format!("({group:04x},{element:04x})");
    (Tag(group, element), Entry { command, key, line: 3, column: 5 })
}

fn text(value: &str) -> Command {
    Command::Set(Template(vec![Segment::Text(value.to_owned())]))
}

fn section(preset: Preset, entries: impl IntoIterator<Item = (Tag, Entry)>) -> Section {
    let entries = entries.into_iter().map(|(tag, entry)| (Address::Tag(tag), entry)).collect();
    Section { preset: Some(preset), entries, ..Section::default() }
}

fn plan_of(general: Section) -> Plan {
    Plan::compile(&Config { general, ..Config::default() }, None).expect("legal settings")
}

fn default_plan() -> Plan {
    plan_of(Section::default())
}

fn decide(plan: &Plan, group: u16, element: u16) -> (&Action, String) {
    let decision = plan.decide(Attribute { tag: Tag(group, element), creator: None });
    (decision.action, decision.because.to_string())
}

fn action(plan: &Plan, group: u16, element: u16) -> &Action {
    decide(plan, group, element).0
}

/// Every combination of preset, mode and options.
fn all_sections() -> impl Iterator<Item = Section> {
    (0..64u8).map(|bits| {
        let flag = |bit: u8| Some(bits >> bit & 1 == 1);
        Section {
            preset: Some(if bits & 1 == 0 { Preset::Default } else { Preset::None }),
            mode: Some(if bits & 2 == 0 { Mode::Blacklist } else { Mode::Whitelist }),
            remove_unknown_tags: flag(2),
            remove_safe_tags: flag(3),
            remove_curves: flag(4),
            remove_overlays: flag(5),
            ..Section::default()
        }
    })
}

#[test]
fn every_attribute_has_a_decision_under_every_preset_and_option() {
    for section in all_sections() {
        let plan = plan_of(section.clone());
        for known in dictionary().all() {
            let (action, because) = decide(&plan, known.tag.0, known.tag.1);
            assert!(!because.is_empty(), "{}", known.tag);
            let group = repeating_group(known.tag);
            let removes = match group {
                Some(Repeating::Curves) => section.remove_curves == Some(true),
                Some(Repeating::Overlays) => section.remove_overlays == Some(true),
                None => structure(known.tag).is_some(),
            };
            assert!(!removes || action == &Action::Remove, "{} {because}", known.tag);
        }
        for (group, element) in
            [(0x0009, 0x0010), (0x0019, 0x100C), (0x6001, 0x3000), (0x0010, 0xFFFE), (0x7FE1, 0x1010)]
        {
            let stays = section.mode == Some(Mode::Blacklist) && section.remove_unknown_tags == Some(false);
            let expected = if stays { Action::Keep } else { Action::Remove };
            assert_eq!(action(&plan, group, element), &expected, "{group:04x},{element:04x}");
        }
    }
}

#[test]
fn structures_never_stay_whatever_the_settings_say() {
    let tags = [
        (0x0008, 0x0000),
        (0x0001, 0x0010),
        (0x0002, 0x0016),
        (0x0007, 0x1001),
        (0xFFFF, 0x0001),
        (0xFFFC, 0xFFFC),
        (0xFFFE, 0xE000),
        (0x0000, 0x1000),
        (0x0004, 0x1511),
    ];
    let plan = plan_of(section(Preset::None, tags.map(|(group, element)| entry(group, element, Command::Keep))));
    for (group, element) in tags {
        let (action, because) = decide(&plan, group, element);
        assert_eq!(action, &Action::Remove);
        assert!(because.starts_with("never copied: "), "{because}");
    }
    assert_eq!(plan.insertions().count(), 0);
}

/// Each row of the table as `default` reads it, against the code's plain meaning.
#[test]
fn every_row_of_the_table_is_in_the_default_preset() {
    let plan = default_plan();
    let mut seen = 0;
    for row in rows() {
        let Scope::Attribute(tag) = row.scope else { continue };
        seen += 1;
        let decision = plan.decide(Attribute { tag, creator: None });
        if structure(tag).is_some() {
            assert_eq!(decision.action, &Action::Remove);
            continue;
        }
        let because = Source::Row { row: row.address.into(), code: row.basic.into(), option: None };
        assert_eq!(decision.because, &because, "{tag}");
        let vr = vr_name(decision.vr);
        let allowed: &[Action] = match (row.basic.rsplit('/').next().unwrap_or_default(), vr) {
            ("X", _) => &[Action::Remove],
            ("U" | "U*", "UI") | ("D", "UI") => &[Action::Uid],
            ("U*", "SQ") => &[Action::KeepValid],
            ("D", "DA" | "DT") => &[Action::TruncDate, Action::Dummy],
            ("D", "TM") => &[Action::Clear, Action::Dummy],
            ("D", "SQ") => &[Action::Dummy, Action::KeepValid],
            ("D", _) => &[Action::Dummy],
            ("Z", _) => &[Action::Clear],
            other => panic!("{tag}: no rule for {other:?}"),
        };
        let special = matches!(tag, Tag(0x0008, 0x0020 | 0x0022 | 0x0050) | Tag(0x0010, 0x0010 | 0x0020 | 0x0030));
        assert!(special || allowed.contains(decision.action), "{tag} {} {vr}: {:?}", row.basic, decision.action);
    }
    assert_eq!(seen, rows().len() - 4);
}

fn vr_name(vr: Option<VirtualVr>) -> &'static str {
    crate::profile::vr_text(vr)
}

#[test]
fn the_named_attributes_of_the_default_preset() {
    let plan = default_plan();
    let fake = |name| Action::Set(Template(vec![Segment::Macro(name)]));
    let expected = [
        (0x0010, 0x0010, fake(Macro::FakeName)),
        (0x0010, 0x0020, fake(Macro::FakeMrn)),
        (0x0008, 0x0050, fake(Macro::FakeAcc)),
        (0x0010, 0x0030, Action::BirthDate),
        (0x0008, 0x0020, Action::TruncDate),
        (0x0008, 0x0022, Action::TruncDate),
        (0x0008, 0x0030, Action::Clear),
        (0x0010, 0x0032, Action::Remove),
        (0x0008, 0x0090, Action::Clear),
        (0x0010, 0x1010, Action::Remove),
        (0x0008, 0x1030, Action::Remove),
        (0x0008, 0x103E, Action::Remove),
        (0x0018, 0x1030, Action::Dummy),
        (0x0008, 0x1140, Action::KeepValid),
        (0x0008, 0x1110, Action::Clear),
        (0x0008, 0x1155, Action::Uid),
        (0x0020, 0x0052, Action::Uid),
        (0x0040, 0xA730, Action::KeepValid),
        (0x0040, 0xA160, Action::Dummy),
        (0x0040, 0xA123, Action::Dummy),
        (0x0040, 0xA121, Action::Dummy),
        (0x0040, 0xA124, Action::Uid),
        (0x0040, 0xA30A, Action::KeepValid),
        (0x0008, 0x0100, Action::Coded),
        (0x0008, 0x0104, Action::Coded),
        (0x0008, 0x0120, Action::Coded),
        (0x0012, 0x0062, Action::KeepValid),
        (0x0088, 0x0200, Action::Remove),
        (0x0400, 0x0561, Action::Remove),
        (0xFFFA, 0xFFFA, Action::Remove),
        (0x4FFE, 0x0001, Action::Remove),
        (0x0008, 0x0016, Action::KeepValid),
        (0x0008, 0x1150, Action::KeepValid),
        (0x5200, 0x9230, Action::KeepValid),
        (0x3006, 0x0039, Action::KeepValid),
        (0x7FE0, 0x0010, Action::KeepValid),
        (0x0028, 0x1054, Action::KeepValid),
        (0x0008, 0x1190, Action::Remove),
        (0x0018, 0x1400, Action::Dummy),
        (0x0018, 0x0024, Action::Remove),
        (0x6002, 0x3000, Action::Remove),
        (0x60FE, 0x0022, Action::Remove),
        (0x50FE, 0x3000, Action::Remove),
        (0x0008, 0x0001, Action::Remove),
    ];
    for (group, element, action) in expected {
        assert_eq!(decide(&plan, group, element).0, &action, "{group:04x},{element:04x}");
    }
}

#[test]
fn no_name_host_or_unknown_text_is_kept_by_default() {
    let plan = default_plan();
    let kept_text = [
        Tag(0x0012, 0x0063),
        Tag(0x0020, 0x9056),
        Tag(0x0028, 0x1054),
        Tag(0x0028, 0x3004),
        Tag(0x0042, 0x0012),
        Tag(0x0042, 0x0014),
        Tag(0x0048, 0x0106),
        Tag(0x006A, 0x000E),
    ];
    for known in dictionary().all() {
        let text = ["PN", "AE", "UR", "LO", "SH", "ST", "LT", "UT", "UC", "UN", "DA", "DT", "TM", "AS"]
            .contains(&vr_name(known.vr));
        let kept = matches!(action(&plan, known.tag.0, known.tag.1), Action::Keep | Action::KeepValid);
        assert!(!kept || !text || kept_text.contains(&known.tag), "{} {}", known.tag, known.keyword);
    }
}

#[test]
fn default_keeps_no_retired_attribute_that_the_table_does_not_name() {
    let plan = default_plan();
    for known in dictionary().all().iter().filter(|known| known.retired) {
        let decision = plan.decide(Attribute { tag: known.tag, creator: None });
        let listed = matches!(decision.because, Source::Row { .. });
        let base = crate::profile::referent(known.tag).is_some();
        assert!(listed || base || decision.action == &Action::Remove, "{}", known.tag);
    }
}

#[test]
fn precedence_is_preset_general_project() {
    let mut config = Config {
        general: section(
            Preset::Default,
            [
                entry(0x0010, 0x0010, text("A")),
                entry(0x0010, 0x0020, Command::Keep),
                entry(0x0010, 0x0040, Command::Keep),
            ],
        ),
        ..Config::default()
    };
    config.general.remove_unknown_tags = Some(false);
    let mut own = section(Preset::Default, [entry(0x0010, 0x0010, text("B"))]);
    own.preset = None;
    own.prefix = Some("MP".to_owned());
    config.projects.insert("myproject".to_owned(), own);

    let general = Plan::compile(&config, Some("other")).unwrap();
    assert_eq!(decide(&general, 0x0010, 0x0010).1, "general (0010,0010)");
    assert_eq!(general.project().prefix, "");
    for title in ["myproject", "AZ_MyProject", " az_myproject "] {
        let plan = Plan::compile(&config, Some(title)).unwrap();
        assert_eq!(decide(&plan, 0x0010, 0x0010).1, "myproject (0010,0010)");
        assert_eq!(decide(&plan, 0x0010, 0x0020), (&Action::Keep, "general (0010,0020)".to_owned()));
        assert_eq!(decide(&plan, 0x0008, 0x0080).1, "PS3.15 2026c Table E.1-1 (0008,0080) X/Z/D");
        assert_eq!(action(&plan, 0x0019, 0x1001), &Action::Keep);
        assert_eq!(plan.project(), &Project { name: "Undefined".into(), owner: "Unknown".into(), prefix: "MP".into() });
    }
}

#[test]
fn the_projects_preset_sets_the_defaults_of_all_options() {
    let mut config = Config { general: section(Preset::Default, []), ..Config::default() };
    config.projects.insert("p".to_owned(), section(Preset::None, []));
    let plan = Plan::compile(&config, Some("p")).unwrap();
    assert_eq!(plan.preset(), Preset::None);
    assert!(plan.method().is_empty());
    for (group, element) in [(0x0019, 0x1001), (0x5000, 0x3000), (0x6000, 0x3000), (0x0010, 0x0010)] {
        assert_eq!(decide(&plan, group, element), (&Action::Keep, "option remove_unknown_tags = false".to_owned()));
    }
    let method = default_plan().method().concat();
    assert!(!method.is_empty() && method.len() <= 64);
}

#[test]
fn an_entry_beats_curves_and_overlays_for_its_own_group_alone() {
    let plan = plan_of(section(
        Preset::Default,
        [entry(0x6000, 0x3000, Command::Keep), entry(0x5002, 0x3000, Command::Clear)],
    ));
    assert_eq!(action(&plan, 0x6000, 0x3000), &Action::Keep);
    assert_eq!(action(&plan, 0x6002, 0x3000), &Action::Remove);
    assert_eq!(action(&plan, 0x6000, 0x0010), &Action::Remove);
    assert_eq!(action(&plan, 0x5002, 0x3000), &Action::Clear);
    assert_eq!(action(&plan, 0x5000, 0x3000), &Action::Remove);
}

#[test]
fn overlays_that_are_asked_for_stay_without_their_text() {
    let plan = plan_of(Section { remove_overlays: Some(false), remove_safe_tags: Some(true), ..Section::default() });
    for element in [0x0010, 0x0011, 0x0050, 0x0100, 0x3000] {
        assert_eq!(action(&plan, 0x6002, element), &Action::KeepValid, "{element:04x}");
    }
    for element in [0x0022, 0x1500, 0x4000] {
        assert_eq!(action(&plan, 0x6002, element), &Action::Remove, "{element:04x}");
    }
}

#[test]
fn curves_stay_only_where_unknown_tags_stay_too() {
    for (unknown, expected) in [(true, Action::Remove), (false, Action::Keep)] {
        let options = Section { remove_curves: Some(false), remove_unknown_tags: Some(unknown), ..Section::default() };
        assert_eq!(action(&plan_of(options.clone()), 0x5002, 0x3000), &expected);
        assert_eq!(action(&plan_of(options), 0x5002, 0x3FFF), &expected);
    }
}

#[test]
fn none_replaces_the_uids_and_what_refers_to_them_and_nothing_else() {
    let plan = plan_of(section(Preset::None, []));
    let replaced: Vec<Tag> = dictionary()
        .all()
        .iter()
        .map(|known| known.tag)
        .filter(|tag| structure(*tag).is_none() && action(&plan, tag.0, tag.1) != &Action::Keep)
        .collect();
    let tags = [
        (0x0008, 0x0018),
        (0x0008, 0x0058),
        (0x0008, 0x1155),
        (0x0008, 0x1167),
        (0x0020, 0x000D),
        (0x0020, 0x000E),
        (0x0020, 0x0242),
        (0x0028, 0x0304),
        (0x0040, 0xA124),
        (0x0072, 0x007F),
    ];
    assert_eq!(replaced, tags.map(|(group, element)| Tag(group, element)));
    assert!(replaced.iter().all(|tag| action(&plan, tag.0, tag.1) == &Action::Uid));
}

#[test]
fn none_with_the_three_uids_kept_changes_nothing() {
    let keep = [(0x0008, 0x0018), (0x0020, 0x000D), (0x0020, 0x000E)].map(|(g, e)| entry(g, e, Command::Keep));
    let plan = plan_of(section(Preset::None, keep));
    for known in dictionary().all().iter().filter(|known| structure(known.tag).is_none()) {
        assert_eq!(action(&plan, known.tag.0, known.tag.1), &Action::Keep, "{}", known.tag);
    }
}

#[test]
fn references_follow_their_base_and_explicit_entries_win() {
    for preset in [Preset::Default, Preset::None] {
        let plan = plan_of(section(preset, [entry(0x0008, 0x0018, Command::Keep)]));
        assert_eq!(decide(&plan, 0x0008, 0x1155), (&Action::Keep, "general (0008,0018)".to_owned()));
        assert_eq!(action(&plan, 0x0020, 0x000D), &Action::Uid);
        assert_eq!(action(&plan, 0x0040, 0xA124), &Action::Uid);
        let own = [entry(0x0008, 0x0018, Command::Keep), entry(0x0008, 0x1155, Command::Clear)];
        assert_eq!(action(&plan_of(section(preset, own)), 0x0008, 0x1155), &Action::Clear);
        let set = [entry(0x0008, 0x0018, Command::Set(Template(vec![Segment::Macro(Macro::RandomUid)])))];
        assert_eq!(action(&plan_of(section(preset, set)), 0x0008, 0x1155), &Action::Uid);
        let kept = [entry(0x0008, 0x1155, Command::Keep)];
        assert_eq!(action(&plan_of(section(preset, kept)), 0x0008, 0x1155), &Action::Keep);
    }
}

#[test]
fn whitelist_keeps_only_what_is_assigned() {
    let mut settings = section(Preset::None, [entry(0x0010, 0x0040, Command::Keep)]);
    settings.mode = Some(Mode::Whitelist);
    settings.remove_unknown_tags = Some(false);
    let plan = plan_of(settings);
    assert_eq!(action(&plan, 0x0010, 0x0040), &Action::Keep);
    assert_eq!(decide(&plan, 0x0010, 0x0010), (&Action::Remove, "option mode = whitelist".to_owned()));
    assert_eq!(action(&plan, 0x0019, 0x1001), &Action::Remove);
    assert_eq!(action(&plan, 0x0020, 0x000D), &Action::Uid);
    assert_eq!(action(&plan, 0x0008, 0x0005), &Action::Keep);
}

#[test]
fn safe_tags_go_when_asked_and_what_is_needed_stays() {
    let mut settings =
        section(Preset::Default, [entry(0x0018, 0x0015, Command::Safe), entry(0x0018, 0x0060, Command::Keep)]);
    assert_eq!(action(&plan_of(settings.clone()), 0x0018, 0x0015), &Action::KeepValid);
    assert_eq!(action(&plan_of(settings.clone()), 0x0018, 0x1152), &Action::KeepValid);
    settings.remove_safe_tags = Some(true);
    let plan = plan_of(settings);
    assert_eq!(action(&plan, 0x0018, 0x0015), &Action::Remove);
    assert_eq!(decide(&plan, 0x0018, 0x1152), (&Action::Remove, "option remove_safe_tags = true".to_owned()));
    assert_eq!(action(&plan, 0x0018, 0x0060), &Action::Keep);
    for (group, element) in [
        (0x0008, 0x0005),
        (0x0008, 0x0016),
        (0x0008, 0x0060),
        (0x0018, 0x0050),
        (0x0020, 0x0013),
        (0x0020, 0x0032),
        (0x0020, 0x0037),
        (0x0028, 0x0002),
        (0x0028, 0x0010),
        (0x0028, 0x0030),
        (0x0028, 0x1053),
        (0x3006, 0x0050),
        (0x0040, 0xA040),
        (0x5400, 0x1010),
        (0x7FE0, 0x0010),
    ] {
        assert_eq!(action(&plan, group, element), &Action::KeepValid, "{group:04x},{element:04x}");
    }
    for (group, element) in
        [(0x5200, 0x9229), (0x5200, 0x9230), (0x0028, 0x9110), (0x0020, 0x9113), (0x3006, 0x0020), (0x0062, 0x0002)]
    {
        assert_eq!(action(&plan, group, element), &Action::KeepValid, "{group:04x},{element:04x}");
    }
}

#[test]
fn a_creator_follows_its_block_unless_an_entry_names_it() {
    let plan = plan_of(section(Preset::Default, [entry(0x0019, 0x100C, Command::Keep)]));
    assert!(plan.names_private() && !default_plan().names_private());
    assert_eq!(plan.decide_creator(Tag(0x0019, 0x0010), true).action, &Action::KeepValid);
    assert_eq!(plan.decide_creator(Tag(0x0019, 0x0010), false).action, &Action::Remove);
    assert_eq!(action(&plan, 0x0019, 0x100D), &Action::Remove);
    let explicit = plan_of(section(
        Preset::Default,
        [entry(0x0019, 0x100C, Command::Keep), entry(0x0019, 0x0010, Command::Remove)],
    ));
    assert_eq!(explicit.decide_creator(Tag(0x0019, 0x0010), true).action, &Action::Remove);
}

#[test]
fn set_and_clear_insert_and_nothing_else_does() {
    let plan = plan_of(section(
        Preset::Default,
        [
            entry(0x0012, 0x0063, text("by hand")),
            entry(0x0010, 0x0010, Command::Clear),
            entry(0x0010, 0x0020, Command::Keep),
            entry(0x0008, 0x0020, Command::TruncDate),
            entry(0x0019, 0x100C, Command::Clear),
            entry(0x0010, 0xFFFE, Command::Clear),
        ],
    ));
    let inserted: Vec<(Tag, String)> = plan.insertions().map(|(tag, _, because)| (tag, because.to_string())).collect();
    let expected = [(Tag(0x0010, 0x0010), "general (0010,0010)"), (Tag(0x0012, 0x0063), "general (0012,0063)")];
    assert_eq!(inserted, expected.map(|(tag, because)| (tag, because.to_owned())));
    assert_eq!(default_plan().insertions().count(), 0);
}

#[test]
fn values_of_other_elements_are_announced() {
    let value = |tag| Segment::Macro(Macro::Value(tag));
    let template = Template(vec![value(Some(Tag(0x0008, 0x0060))), value(None), value(Some(Tag(0x0008, 0x0020)))]);
    let plan = plan_of(section(Preset::Default, [entry(0x0010, 0x0010, Command::Set(template))]));
    assert_eq!(plan.referenced_values(), [Tag(0x0008, 0x0020), Tag(0x0008, 0x0060)]);
}

#[test]
fn explain_prints_entries_rows_and_classes() {
    let plan = plan_of(section(
        Preset::Default,
        [
            entry(
                0x0010,
                0x0020,
                Command::Set(Template(vec![Segment::Macro(Macro::ProjectPrefix), Segment::Text("-1".into())])),
            ),
            entry(0x6000, 0x3000, Command::Keep),
        ],
    ));
    let rules = plan.explain();
    let find = |address: &str| {
        rules.iter().find(|rule| rule.address == address).map(|rule| (rule.action.as_str(), rule.because.as_str()))
    };
    assert_eq!(find("(0010,0010)"), Some(("set(@fake_name@)", "PS3.15 2026c Table E.1-1 (0010,0010) Z")));
    assert_eq!(find("(0010,0020)"), Some(("set(@project_prefix@-1)", "general (0010,0020)")));
    assert_eq!(find("(6000,3000)"), Some(("keep", "general (6000,3000)")));
    assert_eq!(find("(60xx,xxxx)"), Some(("remove", "option remove_overlays = true")));
    assert_eq!(
        find("retired, private, unknown and all others without a rule"),
        Some(("remove", "option remove_unknown_tags = true"))
    );
    assert!(rules.len() > 650 && rules.len() < 1000, "{}", rules.len());
    assert!(rules.iter().all(|rule| !rule.because.is_empty() && !rule.action.is_empty()));
}

/// Not a benchmark, a tripwire: a look-up must not fall back to searching or allocating.
#[test]
fn decisions_come_with_the_dictionary_vr() {
    let plan = default_plan();
    let vr = |group, element| vr_name(plan.decide(Attribute { tag: Tag(group, element), creator: None }).vr);
    assert_eq!(vr(0x0010, 0x0010), "PN");
    assert_eq!(vr(0x0028, 0x0106), "US or SS");
    assert_eq!(vr(0x6002, 0x3000), "OB or OW");
    assert_eq!(vr(0x0019, 0x100C), "");
}

#[test]
fn options_of_the_profile_belong_to_its_preset() {
    let compiled = |text: &str, project| Plan::compile(&Config::parse(text).unwrap(), project);
    let error = compiled(r#"{ "general": { "profile_options": ["retain_uids"] } }"#, None).unwrap_err();
    let told = "line 1, column 16: \"profile_options\": they belong to the preset \"ps3.15\"; set it or take them out";
    assert_eq!(error.to_string(), told);
    let text = r#"{ "general": { "preset": "ps3.15", "profile_options": ["retain_uids"] },
                    "own": { "preset": "none" }, "wrong": { "preset": "none", "profile_options": ["retain_uids"] } }"#;
    assert!(compiled(text, None).is_ok() && compiled(text, Some("own")).is_ok());
    assert!(compiled(text, Some("wrong")).is_err());
}

#[test]
fn the_profile_says_row_edition_and_option() {
    let text = r#"{ "general": { "preset": "ps3.15", "profile_options": ["retain_uids", "clean_descriptors"],
                                 "(0010,0040)": "keep" } }"#;
    let rules = Plan::compile(&Config::parse(text).unwrap(), None).unwrap().explain();
    let told = |address: &str| {
        let rule = rules.iter().find(|rule| rule.address == address).unwrap();
        (rule.action.clone(), rule.because.clone())
    };
    let row = |action: &str, because: &str| (action.to_owned(), format!("PS3.15 2026c Table E.1-1 {because}"));
    assert_eq!(told("(0008,0080)"), row("by Type: X/Z/D", "(0008,0080) X/Z/D"));
    assert_eq!(told("(0020,000D)"), row("keep", "(0020,000d) K, Retain UIDs Option"));
    assert_eq!(told("(0008,1030)"), row("clean", "(0008,1030) C, Clean Descriptors Option"));
    assert_eq!(told("(0010,0040)"), ("keep".to_owned(), "general (0010,0040)".to_owned()));
    // Each Attribute of the table has its line, and so has every Attribute that is ruled by itself.
    let listed = rules.iter().filter(|rule| rule.because.contains("Table E.1-1 (")).count();
    assert!(listed >= 600, "{listed}");
}
