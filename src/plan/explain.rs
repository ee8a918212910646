//! A [`Plan`] as a table to read.

use super::{Action, Plan, Rule, Source};
use crate::Tag;
use crate::config::{Address, Extent};
use crate::profile::confidentiality::SHARED;
use crate::profile::dictionary::{Known, dictionary};
use crate::profile::preset::{BY_VR, CLASS, NEEDED, SAFE, UID};
use crate::profile::vr_text;
use crate::risk::Risk;
use crate::sorted::sort_by_key;

pub(super) fn explain(plan: &Plan) -> Vec<Rule> {
    let mut lines = Vec::new();
    for (known, rule) in dictionary().all().iter().zip(&plan.by_attribute) {
        if !is_shared(plan, *rule) && !is_covered(plan, known) {
            lines.push((known.tag, line(plan, address(known), Some(known), *rule)));
        }
    }
    for (at, layer) in plan.layers.iter().enumerate() {
        for (address, rule) in layer.rules() {
            let hidden = plan.layers.iter().take(at).any(|above| above.has(address));
            lines.extend(other(plan, address, *rule).filter(|_| !hidden));
        }
    }
    sort_by_key(lines).into_iter().map(|(_, rule)| rule).chain(shared(plan)).chain(risks(plan)).collect()
}

/// What becomes of files with risky content: by class, not by Attribute.
fn risks(plan: &Plan) -> impl Iterator<Item = Rule> {
    Risk::ALL.into_iter().map(|risk| Rule {
        address: risk.option().to_owned(),
        keyword: String::new(),
        vr: String::new(),
        action: plan.policy(risk).as_str().to_owned(),
        because: risk.why().to_owned(),
    })
}

/// The line of an address that is no Attribute of the dictionary.
fn other(plan: &Plan, address: &Address, rule: u16) -> Option<(Tag, Rule)> {
    let (tag, known) = match address {
        Address::Private { group, element, .. } => (Tag(*group, u16::from(*element)), None),
        Address::Many { first, .. } => (*first, dictionary().get(*first).filter(|known| known.repeating)),
        Address::Tag(tag) => {
            (*tag, Some(dictionary().get(*tag)).filter(|known| known.is_none_or(|known| known.repeating))?)
        }
    };
    let mut line = line(plan, address.to_string(), known, rule);
    if let Action::KeepAs(vr) = plan.rules[usize::from(rule)].0 {
        line.vr = vr.to_string().to_owned();
    }
    Some((tag, line))
}

/// Whether an address with `xx` stands for all that a repeating group or element of the dictionary does.
fn is_covered(plan: &Plan, known: &Known) -> bool {
    let groups = known.tag.0 >= 0x5000;
    let covers = |extent| match extent {
        Extent::Elements | Extent::Group => !groups,
        Extent::Groups | Extent::GroupsElements | Extent::WholeGroups => groups,
    };
    known.repeating
        && plan.layers.iter().find_map(|layer| layer.of_many(known.tag)).is_some_and(|(extent, _)| covers(extent))
}

/// Rules that many Attributes share are printed once, after the others.
fn is_shared(plan: &Plan, rule: u16) -> bool {
    match &plan.rules[usize::from(rule)].1 {
        Source::Preset(why) => {
            let why = why.as_ref();
            [NEEDED, SAFE, CLASS, UID].contains(&why)
                || SHARED.contains(&why)
                || BY_VR.iter().any(|(.., shared)| *shared == why)
        }
        Source::Option(option) => !option.starts_with("risk_"),
        _ => false,
    }
}

fn shared(plan: &Plan) -> Vec<Rule> {
    // By rule: the VRs of the Attributes that share it, in order; nothing if it is not shared.
    let mut shared: Vec<Option<Vec<&str>>> = vec![None; plan.rules.len()];
    for (known, rule) in dictionary().all().iter().zip(&plan.by_attribute).filter(|(_, rule)| is_shared(plan, **rule)) {
        let (vr, vrs) = (vr_text(known.vr), shared[usize::from(*rule)].get_or_insert_default());
        let at = vrs.partition_point(|other| *other < vr);
        if !vr.is_empty() && vrs.get(at) != Some(&vr) {
            vrs.insert(at, vr);
        }
    }
    let fallback = &plan.fallback;
    let creators = fallback.creators.iter().filter(|_| plan.names_private);
    for rule in
        [fallback.curves, fallback.overlays, fallback.unassigned].iter().chain(&fallback.structures).chain(creators)
    {
        shared[usize::from(*rule)].get_or_insert_default();
    }
    let class = |(vrs, rule): (Option<Vec<&str>>, u16)| {
        let named = matches!(plan.rules[usize::from(rule)].1, Source::Preset(_));
        let vr = vrs.map(|vrs| if named { vrs.join(", ") } else { String::new() })?;
        Some(Rule { vr, ..line(plan, class(plan, rule), None, rule) })
    };
    shared.into_iter().zip(0..).filter_map(class).collect()
}

/// What the members of a shared rule have in common.
fn class(plan: &Plan, rule: u16) -> String {
    let name = match &plan.rules[usize::from(rule)].1 {
        _ if rule == plan.fallback.unassigned => "retired, private, unknown and all others without a rule",
        Source::Option(option) if option.starts_with("remove_curves") => "(50xx,xxxx)",
        Source::Option(option) if option.starts_with("remove_overlays") => "(60xx,xxxx)",
        Source::Structure(_) => "structure",
        _ if plan.fallback.creators.contains(&rule) => "Private Creators",
        _ => "others of PS3.6",
    };
    name.to_owned()
}

fn address(known: &Known) -> String {
    match known.tag {
        Tag(group, element) if known.repeating && group >= 0x5000 => format!("({:02X}xx,{element:04X})", group >> 8),
        Tag(group, element) if known.repeating => format!("({group:04X},{:02X}xx)", element >> 8),
        tag => tag.to_string(),
    }
}

fn line(plan: &Plan, address: String, known: Option<&Known>, rule: u16) -> Rule {
    let (action, because) = &plan.rules[usize::from(rule)];
    let (keyword, vr) = known.map_or(("", ""), |known| (known.keyword, vr_text(known.vr)));
    let action = match because {
        // `remove_safe_tags` leaves it alone, so it is not `safe`.
        Source::Preset(why) if action == &Action::KeepValid && *why != SAFE => "keep".to_owned(),
        Source::Row { .. } | Source::SafePrivate(_) if command(action) == "safe" => "keep".to_owned(),
        _ => command(action),
    };
    Rule { address, keyword: keyword.to_owned(), vr: vr.to_owned(), action, because: because.to_string() }
}

/// An action as a command of the settings language; some have no command yet.
pub(crate) fn command(action: &Action) -> String {
    let name = match action {
        Action::Keep => "keep",
        Action::KeepValid | Action::KeepAs(_) => "safe",
        Action::Remove => "remove",
        Action::Clear => "clear",
        Action::Set(template) => return format!("set({template})"),
        Action::TruncDate => "truncdate",
        Action::TruncMonth => "truncdate(month)",
        Action::ShiftDate => "shiftdate",
        Action::BirthDate => "truncdate, empty over 89",
        Action::Uid => "uid",
        Action::Hash(None) => "hash",
        Action::Hash(Some(length)) => return format!("hash({length})"),
        Action::Age => "age",
        Action::Refuse => "refuse",
        Action::Dummy => "dummy",
        Action::ByType(code) => return format!("by Type: {code}"),
        Action::CleanText => "clean, dummy inside a dummy",
        Action::CapAge => "keep, over 89 as 90",
        Action::Clean => "clean",
        Action::Coded => "keep if its scheme is public, else pseudonym",
    };
    name.to_owned()
}
