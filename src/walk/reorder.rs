//! Data Sets whose elements are out of order or doubled (PS3.5 7.1 wants each tag once, ascending).

use super::Walker;
use crate::element::{Element, Oddity, SUPERSEDED};
use crate::sorted::sort_by_key;

impl Walker {
    /// Sorts the entries of every Data Set by tag. Of equal tags the last counts, which is the one that readers with a
    /// map of elements see; the others stay in the index, so that lengths are repaired when they go.
    pub(super) fn reorder(&mut self) {
        let old = std::mem::take(&mut self.elements);
        // They are said by index.
        self.patterns.clear();
        let mut sorted = Sorted { old: &old, new: Vec::with_capacity(old.len()), duplicates: false, moved: false };
        sorted.level(0, old.len() as u32, u32::MAX, true);
        let Sorted { new, duplicates, moved, .. } = sorted;
        self.elements = new;
        if duplicates {
            self.oddities.push(Oddity::Duplicate);
        }
        if moved {
            self.oddities.push(Oddity::OutOfOrder);
        }
    }
}

struct Sorted<'a> {
    old: &'a [Element],
    new: Vec<Element>,
    duplicates: bool,
    moved: bool,
}

impl Sorted<'_> {
    /// Copies the entries of one level; the depth of the recursion is bounded by the walker's stack.
    fn level(&mut self, from: u32, to: u32, parent: u32, elements: bool) {
        if !elements || self.is_in_order(from, to) {
            let mut at = from;
            while let Some(element) = self.old.get(at as usize).filter(|_| at < to).copied() {
                self.entry(at, element, parent);
                at = element.next.max(at + 1);
            }
            return;
        }
        let mut entries = self.entries(from, to);
        if !entries.is_sorted_by_key(|(_, e)| e.tag) {
            self.moved = true;
            let keyed = entries.into_iter().map(|entry| (entry.1.tag, entry)).collect();
            entries = sort_by_key(keyed).into_iter().map(|(_, entry)| entry).collect();
        }
        self.duplicates |= mark_superseded(&mut entries);
        for (index, element) in entries {
            self.entry(index, element, parent);
        }
    }

    /// Copies an entry and what is in it.
    fn entry(&mut self, index: u32, element: Element, parent: u32) {
        let at = self.new.len();
        self.new.push(Element { parent, ..element });
        if element.next > index + 1 {
            self.level(index + 1, element.next, at as u32, element.is_item());
        }
        let next = self.new.len() as u32;
        if let Some(entry) = self.new.get_mut(at) {
            entry.next = next;
        }
    }

    /// Whether each tag of a level is higher than the one before it, as in all but a few.
    fn is_in_order(&self, from: u32, to: u32) -> bool {
        let (mut at, mut last) = (from, None);
        while let Some(element) = self.old.get(at as usize).filter(|_| at < to) {
            if last.is_some_and(|last| element.tag <= last) {
                return false;
            }
            last = Some(element.tag);
            at = element.next.max(at + 1);
        }
        true
    }

    fn entries(&self, from: u32, to: u32) -> Vec<(u32, Element)> {
        let mut entries = Vec::new();
        let mut at = from;
        while let Some(element) = self.old.get(at as usize).filter(|_| at < to) {
            entries.push((at, *element));
            at = element.next.max(at + 1);
        }
        entries
    }
}

/// Marks all but the last of equal tags among sorted entries; whether there are any.
fn mark_superseded(entries: &mut [(u32, Element)]) -> bool {
    let mut any = false;
    for at in 1..entries.len() {
        if let [(_, element), (_, follower)] = &mut entries[at - 1..=at]
            && element.tag == follower.tag
        {
            element.flags |= SUPERSEDED;
            any = true;
        }
    }
    any
}
