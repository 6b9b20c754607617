//! Facets of an array → an array.

use serde_json::Value;

use super::{
    facets::{Arrays, same},
    hint::Hint,
    like::Like,
    node::Node,
    solve::{Draft, Goal, Maker, Site},
};

/// The most items that `minItems` can make the generator make.
const MOST: u64 = 5_000;
/// Where items must differ: how many are made for one position by the dice,
const THROWN: u64 = 8;
/// and how many, at most, by counting, before giving up.
const COUNTED: u64 = 512;
/// How many items there are beyond the least, by decision.
const LENGTHS: [usize; 8] = [0, 1, 1, 2, 2, 2, 3, 3];

impl<'a> Maker<'a, '_> {
    /// An array with these facets.
    pub(super) fn array(&mut self, arrays: &Arrays<'a>, hint: &Hint<'a>, site: Site) -> Option<Value> {
        let prefix = arrays.layers.iter().map(|layer| layer.prefix.len()).max().unwrap_or(0);
        let mut starts = vec![0, prefix];
        starts.dedup();
        let items = starts.into_iter().find_map(|start| self.items(arrays, start, hint, site))?;
        Some(Value::Array(items))
    }

    /// The items, those that `contains` asks for from `start` on.
    fn items(
        &mut self,
        arrays: &Arrays<'a>,
        start: usize,
        hint: &Hint<'a>,
        site: Site,
    ) -> Option<Vec<Value>> {
        let needs = needs(arrays, start)?;
        let least = usize::try_from(arrays.min.min(MOST + 1)).ok()?.max(needs.len());
        let least = if arrays.repeated { least.max(2) } else { least };
        let length = self.length(arrays, least, site)?;
        let site = site.child(length);
        let mut items: Vec<Value> = Vec::new();
        for index in 0..length {
            let needed = needs.get(index).map_or(&[][..], Vec::as_slice);
            match self.item(arrays, needed, &items, hint, site) {
                Some(item) => items.push(item),
                None if index >= least => break,
                None => return None,
            }
        }
        if arrays.repeated && !self.repeat(arrays, &mut items) {
            return None;
        }
        Some(items)
    }

    /// How many items to make: not many more than the least, and none beyond what a list of all differing items can hold.
    fn length(&mut self, arrays: &Arrays<'a>, least: usize, site: Site) -> Option<usize> {
        let most = arrays.max.map_or(usize::MAX, |max| usize::try_from(max).unwrap_or(usize::MAX));
        if least > most || least as u64 > MOST {
            return None;
        }
        if site.is_lean() {
            return Some(least);
        }
        let more = match self.choice.surprising_length(site.depth) {
            Some(more) => more,
            None => *self.choice.pick(&LENGTHS)?,
        };
        let prefix = arrays.layers.iter().map(|layer| layer.prefix.len()).max().unwrap_or(0);
        let whole = if more > 0 { prefix } else { 0 };
        let asked = self.most.filter(|_| site.depth <= 1).map_or(most, |asked| asked.max(least).min(most));
        Some((least + more).max(whole).min(asked))
    }

    /// One more item.
    fn item(
        &mut self,
        arrays: &Arrays<'a>,
        needed: &[Node<'a>],
        before: &[Value],
        hint: &Hint<'a>,
        site: Site,
    ) -> Option<Value> {
        let index = before.len();
        let mut nodes: Vec<Node<'a>> = needed.to_vec();
        nodes.extend(arrays.layers.iter().filter_map(|layer| layer.at(index)).cloned());
        nodes.extend(self.exhausted(arrays, before));
        let hint = hint.item(index, self.files);
        let shift = self.choice.shift();
        // Counting finds an item that is not there yet wherever the items made one after the other all differ.
        let tries = if arrays.unique { THROWN + (index as u64 + 1).min(COUNTED) } else { 1 };
        for attempt in 0..tries {
            self.choice.set_counted(attempt >= THROWN);
            self.choice.set_shift(if attempt < THROWN { shift + attempt } else { attempt - THROWN });
            let goal = Goal { nodes: nodes.clone(), hint: hint.clone(), site, like: None };
            let item = self.solve(goal);
            self.choice.set_shift(shift);
            self.choice.set_counted(false);
            let item = item?;
            if !arrays.unique || !before.iter().any(|other| same(other, &item)) {
                return Some(item);
            }
        }
        None
    }

    /// An array of items like those of another: each is kept or mended, those that cannot be are left out, and what is
    /// missing is made.
    pub(super) fn array_like(
        &mut self,
        draft: &Draft<'a>,
        items: &'a [Value],
        like: Like<'a>,
    ) -> Option<Value> {
        let arrays = &draft.facets.array;
        if arrays.repeated || arrays.min > MOST {
            return None;
        }
        let most = arrays.max.map_or(usize::MAX, |max| usize::try_from(max).unwrap_or(usize::MAX));
        let site = draft.site.child(items.len());
        let mut kept: Vec<Value> = Vec::new();
        for value in items.iter().take(most) {
            let made = self.item_like(arrays, Like { value, ..like }, kept.len(), &draft.hint, site);
            let made = made.filter(|made| !arrays.unique || !kept.iter().any(|other| same(other, made)));
            kept.extend(made);
        }
        while (kept.len() as u64) < arrays.min {
            kept.push(self.item(arrays, &[], &kept, &draft.hint, site)?);
        }
        self.contain(arrays, &mut kept, &draft.hint, site)?;
        Some(Value::Array(kept))
    }

    fn item_like(
        &mut self,
        arrays: &Arrays<'a>,
        like: Like<'a>,
        index: usize,
        hint: &Hint<'a>,
        site: Site,
    ) -> Option<Value> {
        let nodes: Vec<Node<'a>> =
            arrays.layers.iter().filter_map(|layer| layer.at(index)).cloned().collect();
        // A stray null among the items stands for nothing.
        let is_stray =
            like.value.is_null() && !nodes.iter().all(|node| self.judge().accepts(node, like.value));
        let hint = hint.item(index, self.files);
        if is_stray { None } else { self.solve(Goal { nodes, hint, site, like: Some(like) }) }
    }

    /// Adds the items that `contains` asks for and that are not there.
    fn contain(
        &mut self,
        arrays: &Arrays<'a>,
        items: &mut Vec<Value>,
        hint: &Hint<'a>,
        site: Site,
    ) -> Option<()> {
        for contains in &arrays.contains {
            let found = items.iter().filter(|item| self.judge().accepts(&contains.node, item)).count() as u64;
            for _ in found..contains.min.min(MOST) {
                if arrays.max.is_some_and(|max| items.len() as u64 >= max) {
                    items.pop()?;
                }
                let needed = std::slice::from_ref(&contains.node);
                items.push(self.item(arrays, needed, items, hint, site)?);
            }
        }
        Some(())
    }

    /// Items that must not come again: those of which there are as many as `maxContains` lets be.
    fn exhausted(&mut self, arrays: &Arrays<'a>, before: &[Value]) -> Vec<Node<'a>> {
        let mut barred = Vec::new();
        for contains in &arrays.contains {
            let Some(max) = contains.max else { continue };
            let count = before.iter().filter(|item| self.judge().accepts(&contains.node, item)).count();
            if count as u64 >= max {
                barred.push(Node::not(contains.node.clone()));
            }
        }
        barred
    }

    /// Makes two items equal.
    fn repeat(&mut self, arrays: &Arrays<'a>, items: &mut [Value]) -> bool {
        for from in 0..items.len() {
            for to in (0..items.len()).filter(|to| *to != from) {
                let item = items[from].clone();
                let mut nodes = arrays.layers.iter().filter_map(|layer| layer.at(to));
                if nodes.all(|node| self.judge().accepts(node, &item)) {
                    items[to] = item;
                    return true;
                }
            }
        }
        false
    }
}

/// For each position, what `contains` asks for there; where there is no position for each, they share.
fn needs<'a>(arrays: &Arrays<'a>, start: usize) -> Option<Vec<Vec<Node<'a>>>> {
    let mut needs: Vec<Vec<Node<'a>>> = vec![Vec::new(); start];
    let most = arrays.max.map_or(usize::MAX, |max| usize::try_from(max).unwrap_or(usize::MAX));
    for contains in &arrays.contains {
        let first = needs.len();
        for index in 0..usize::try_from(contains.min).ok().filter(|min| *min as u64 <= MOST)? {
            if first + index < most {
                needs.push(vec![contains.node.clone()]);
            } else {
                let shared = (first + index) % most.max(1);
                needs.get_mut(shared)?.push(contains.node.clone());
            }
        }
    }
    if arrays.contains.iter().all(|contains| contains.min == 0) {
        needs.clear();
    }
    Some(needs)
}
