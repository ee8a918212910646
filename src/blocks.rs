//! Private blocks (PS3.5 7.8.1): who reserved the one that a private element stands in, and which of them keep an
//! element.

use crate::element::{DataSet, Element, SUPERSEDED};
use crate::{Tag, value};

/// The private groups that are being visited, one at each depth.
#[derive(Default)]
pub(crate) struct Blocks {
    by_depth: Vec<Group>,
}

/// The private elements of one group in one Data Set or Item.
#[derive(Clone, Default)]
struct Group {
    /// The entry they are in, and the number of the group; none at first.
    place: Option<(u32, u16)>,
    /// Blocks that are reserved, by number, with the index of their Private Creator.
    creators: Vec<(u8, u32)>,
    /// Blocks that have elements, by number, and whether one of these stays.
    stay: Vec<(u8, bool)>,
}

impl Blocks {
    /// Is told of every private element before it is visited. At the first of a group it looks ahead over all of them,
    /// which stand together, for the walker has put them in order. `stays` says whether an element will stay, given who
    /// reserved its block.
    pub(crate) fn reach(
        &mut self,
        data_set: &DataSet,
        index: u32,
        stays: impl Fn(u32, &Element, Option<&str>) -> bool,
    ) {
        let Some(element) = data_set.element(index) else { return };
        let (depth, place) = (element.depth(), Some((element.parent, element.tag.0)));
        if self.by_depth.len() <= depth {
            self.by_depth.resize(depth + 1, Group::default());
        }
        if let Some(group) = self.by_depth.get_mut(depth).filter(|group| group.place != place) {
            *group = Group { place, ..Group::default() };
            group.look_ahead(data_set, index, stays);
        }
    }

    /// Who reserved the block of a private element that was reached: none if nobody did, or it cannot be told.
    pub(crate) fn creator<'d>(&self, data_set: &'d DataSet, element: &Element) -> Option<&'d str> {
        self.by_depth.get(element.depth())?.creator(data_set, element.tag)
    }

    /// Whether the block of a Private Creator that was reached keeps an element; nothing if it never had one.
    pub(crate) fn stays(&self, creator: &Element) -> Option<bool> {
        find(&self.by_depth.get(creator.depth())?.stay, creator.tag.1 as u8)
    }
}

impl Group {
    fn look_ahead(&mut self, data_set: &DataSet, first: u32, stays: impl Fn(u32, &Element, Option<&str>) -> bool) {
        let mut at = first;
        let mut doubled = None;
        while let Some(element) = data_set.element(at).filter(|e| Some((e.parent, e.tag.0)) == self.place) {
            let [block, number] = element.tag.1.to_be_bytes();
            match block {
                // Of a creator that stands twice nobody can tell which one counts.
                0 if element.has(SUPERSEDED) => doubled = Some(number),
                0 if doubled != Some(number) => self.creators.push((number, at)),
                0x10.. if !element.has(SUPERSEDED) => {
                    let stays = stays(at, element, self.creator(data_set, element.tag));
                    match self.stay.last_mut().filter(|(last, _)| *last == block) {
                        Some((_, any)) => *any |= stays,
                        None => self.stay.push((block, stays)),
                    }
                }
                _ => {}
            }
            at = element.next.max(at + 1);
        }
    }

    fn creator<'d>(&self, data_set: &'d DataSet, tag: Tag) -> Option<&'d str> {
        let creator = data_set.element(find(&self.creators, (tag.1 >> 8) as u8)?)?;
        let text = std::str::from_utf8(value::trim(data_set.value(creator)?)).ok()?;
        (!text.is_empty()).then_some(text)
    }
}

/// The value of a number in a list in the order of numbers.
fn find<T: Copy>(list: &[(u8, T)], number: u8) -> Option<T> {
    list.binary_search_by(|(own, _)| own.cmp(&number)).ok().and_then(|at| list.get(at)).map(|(_, value)| *value)
}
