//! The rules of one section of the settings, or of one table, by how exactly they say what they are about.

use super::Attribute;
use crate::Tag;
use crate::config::{Address, Extent};
use std::cmp::Ordering;

/// Addresses with their rules, the most exact first ([`Address`] is ordered so).
#[derive(Clone, Debug, Default)]
pub(super) struct Layer(Vec<(Address, u16)>);

impl Layer {
    /// Adds a rule; addresses come in their order.
    pub(super) fn push(&mut self, address: Address, rule: u16) {
        self.0.push((address, rule));
    }

    /// The layer of rules that stand in order; nothing if they do not, as none could be found then.
    pub(super) fn in_order(rules: Vec<(Address, u16)>) -> Option<Self> {
        rules.is_sorted_by(|(a, _), (b, _)| a < b).then_some(Layer(rules))
    }

    /// Whether any address is about private elements.
    pub(super) fn names_private(&self) -> bool {
        self.0.iter().any(|(address, _)| address.is_private())
    }

    /// Every address with its rule, in order.
    pub(super) fn rules(&self) -> &[(Address, u16)] {
        &self.0
    }

    /// Whether there is a rule for an address.
    pub(super) fn has(&self, address: &Address) -> bool {
        self.at(|own| own.cmp(address)).is_some()
    }

    /// The rule of the most exact address that an Attribute has here.
    pub(super) fn find(&self, Attribute { tag, creator }: Attribute<'_>) -> Option<u16> {
        let of_creator = creator.and_then(|creator| self.of_creator(tag, creator));
        of_creator.or_else(|| self.of_tag(tag)).or_else(|| Some(self.of_many(tag)?.1))
    }

    pub(super) fn of_tag(&self, tag: Tag) -> Option<u16> {
        self.at(|address| address.cmp(&Address::Tag(tag)))
    }

    pub(super) fn of_creator(&self, tag: Tag, creator: &str) -> Option<u16> {
        let own = (tag.0, creator, tag.1 as u8);
        self.at(|address| match address {
            Address::Private { group, creator, element } => (*group, creator.as_str(), *element).cmp(&own),
            _ => Ordering::Greater,
        })
    }

    pub(super) fn of_many(&self, tag: Tag) -> Option<(Extent, u16)> {
        // They come last, so that most layers are passed by with one look.
        let Some((Address::Many { .. }, _)) = self.0.last() else { return None };
        Extent::ALL.into_iter().find_map(|extent| {
            let first = extent.first(tag)?;
            Some((extent, self.at(|address| address.cmp(&Address::Many { extent, first }))?))
        })
    }

    fn at(&self, order: impl Fn(&Address) -> Ordering) -> Option<u16> {
        let at = self.0.binary_search_by(|(address, _)| order(address)).ok()?;
        self.0.get(at).map(|(_, rule)| *rule)
    }
}
