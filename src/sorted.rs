//! Maps and lists in the order of their keys, without the standard library's B-trees and sorts, which are made anew for
//! every type they hold: together they were a tenth of the engine's download.

use std::borrow::Borrow;
use std::collections::BinaryHeap;
use std::ops::Index;

/// A map that is built once and then read: a vector in the order of its keys, each of which it has once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sorted<K, V>(Vec<(K, V)>);

impl<K: Ord, V> Sorted<K, V> {
    /// The value of a key.
    pub fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.get_key_value(key).map(|(_, value)| value)
    }

    /// A key as it is held here, and its value.
    pub fn get_key_value<Q: Ord + ?Sized>(&self, key: &Q) -> Option<(&K, &V)>
    where
        K: Borrow<Q>,
    {
        let (own, value) = self.0.get(self.place(key))?;
        (own.borrow() == key).then_some((own, value))
    }

    /// The value of a key, to change it.
    pub fn get_mut<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        let at = self.place(key);
        let (own, value) = self.0.get_mut(at)?;
        ((*own).borrow() == key).then_some(value)
    }

    /// Adds one key, which moves all behind it: many are collected or extended instead. Returns the value it had.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        if let Some(own) = self.get_mut(&key) {
            return Some(std::mem::replace(own, value));
        }
        self.0.insert(self.place(&key), (key, value));
        None
    }

    /// Keys and values, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.0.iter().map(|(key, value)| (key, value))
    }

    /// The keys, in order.
    pub fn keys(&self) -> impl Iterator<Item = &K> {
        self.0.iter().map(|(key, _)| key)
    }

    /// The values, in the order of their keys.
    pub fn values(&self) -> impl Iterator<Item = &V> {
        self.0.iter().map(|(_, value)| value)
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no key.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn place<Q: Ord + ?Sized>(&self, key: &Q) -> usize
    where
        K: Borrow<Q>,
    {
        self.0.partition_point(|(own, _)| own.borrow() < key)
    }
}

impl<K, V> Default for Sorted<K, V> {
    fn default() -> Self {
        Sorted(Vec::new())
    }
}

/// Of equal keys the last counts.
impl<K: Ord + Clone, V> FromIterator<(K, V)> for Sorted<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        let mut sorted: Vec<(K, V)> = Vec::new();
        for pair in sort_by_key(pairs.into_iter().collect()) {
            match sorted.last_mut() {
                Some(last) if last.0 == pair.0 => *last = pair,
                _ => sorted.push(pair),
            }
        }
        Sorted(sorted)
    }
}

/// What is added counts.
impl<K: Ord + Clone, V> Extend<(K, V)> for Sorted<K, V> {
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, pairs: I) {
        *self = std::mem::take(self).into_iter().chain(pairs).collect();
    }
}

impl<K, V> IntoIterator for Sorted<K, V> {
    type Item = (K, V);
    type IntoIter = std::vec::IntoIter<(K, V)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a, K, V> IntoIterator for &'a Sorted<K, V> {
    type Item = &'a (K, V);
    type IntoIter = std::slice::Iter<'a, (K, V)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl<K: Ord, V> Index<&K> for Sorted<K, V> {
    type Output = V;

    /// # Panics
    /// If the key is not there.
    fn index(&self, key: &K) -> &V {
        self.get(key).expect("the key is there")
    }
}

/// Pairs in the order of their keys; equal ones stay in the order they had. O(n log n) whatever the order was.
pub(crate) fn sort_by_key<K: Ord + Clone, V>(pairs: Vec<(K, V)>) -> Vec<(K, V)> {
    let heap: BinaryHeap<(K, u32)> = pairs.iter().map(|(key, _)| key.clone()).zip(0..).collect();
    let mut pairs: Vec<Option<(K, V)>> = pairs.into_iter().map(Some).collect();
    let order = heap.into_sorted_vec().into_iter();
    order.filter_map(|(_, at)| pairs.get_mut(at as usize)?.take()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sorting_is_stable() {
        let sorted = sort_by_key(vec![(2, 'a'), (1, 'b'), (2, 'c'), (1, 'd'), (0, 'e')]);
        assert_eq!(sorted, [(0, 'e'), (1, 'b'), (1, 'd'), (2, 'a'), (2, 'c')]);
    }

    #[test]
    fn of_equal_keys_the_last_counts() {
        let mut map: Sorted<u8, char> = [(2, 'a'), (1, 'b'), (2, 'c')].into_iter().collect();
        assert!(map.iter().eq([(&1, &'b'), (&2, &'c')]));
        map.extend([(0, 'd'), (2, 'e')]);
        assert_eq!((map.insert(1, 'f'), map.insert(3, 'g')), (Some('b'), None));
        assert!(map.keys().eq([&0, &1, &2, &3]) && map.values().eq([&'d', &'f', &'e', &'g']));
        assert_eq!((map.get(&4), map[&3], map.len()), (None, 'g', 4));
    }
}
