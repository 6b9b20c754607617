//! In which order branches and types are tried: what the author likely meant first, and what ends soon where it is deep.

use super::{
    facets::Types,
    node::Node,
    solve::{Draft, Maker, Site},
};

impl<'a> Maker<'a, '_> {
    /// The branches that may lead somewhere, best first; among equally good ones the decision says which comes first.
    pub(super) fn ranked(&mut self, draft: &Draft<'a>, branches: &[Node<'a>]) -> Vec<usize> {
        let likely = draft.hint.types(self.files);
        let ranks = self.ranks(draft.site);
        let mut ranked: Vec<(u32, usize)> = Vec::new();
        for (index, branch) in branches.iter().enumerate() {
            let types = branch.types(self.files, 6).and(draft.facets.types);
            if types != Types::NONE {
                let unlikely = if types.meets(likely) { 0 } else { 100 };
                ranked.push((unlikely + ranks.of(types.and(likely), types), index));
            }
        }
        self.by_distance(draft, &mut ranked, branches);
        ranked.sort_by_key(|(rank, _)| *rank);
        let best = ranked.first().map_or(0, |(rank, _)| *rank);
        let is_equal = |rank: u32| rank == best || self.choice.surprises();
        let equals = ranked.iter().take_while(|(rank, _)| is_equal(*rank)).count();
        if equals > 1 {
            let first = self.choice.index(equals);
            ranked[..equals].rotate_left(first);
        }
        ranked.into_iter().map(|(_, index)| index).collect()
    }

    /// The types that are left, likeliest first, each with its fraction where it is a number.
    pub(super) fn kinds(&mut self, draft: &Draft<'a>) -> Vec<Types> {
        const KINDS: [Types; 6] =
            [Types::STRING, Types::OBJECT, Types::NUMBER, Types::BOOLEAN, Types::ARRAY, Types::NULL];
        let likely = draft.hint.types(self.files);
        let ranks = self.ranks(draft.site);
        let left = KINDS.iter().map(|kind| kind.and(draft.facets.types));
        let mut kinds: Vec<Types> = left.filter(|kind| *kind != Types::NONE).collect();
        kinds.sort_by_key(|kind| (!kind.meets(likely), ranks.of(*kind, *kind)));
        let plain = kinds.iter().take_while(|kind| kind.meets(likely) && **kind != Types::NULL).count();
        if plain > 1 && !draft.site.is_lean() {
            let first = self.choice.index(plain);
            kinds[..plain].rotate_left(first);
        }
        kinds
    }

    /// Whether `null` comes first or last. It is the plainest, but seldom what an author wants to see.
    fn ranks(&mut self, site: Site) -> Ranks {
        let null_first = site.depth > 0 && (site.is_lean() || !self.choice.keeps(8));
        Ranks { null_first, lean: site.is_lean() }
    }
}

/// In which order types are tried.
#[derive(Debug, Clone, Copy)]
struct Ranks {
    null_first: bool,
    lean: bool,
}

impl Ranks {
    /// The rank of a branch that leaves these types.
    fn of(self, likely: Types, types: Types) -> u32 {
        let types = if likely == Types::NONE { types } else { likely };
        if types == Types::NULL {
            return if self.null_first { 0 } else { 50 };
        }
        if !self.lean {
            return 1;
        }
        let composite = Types::ARRAY.or(Types::OBJECT);
        if !types.meets(composite) {
            1
        } else if types.meets(Types::ARRAY) {
            2
        } else {
            3
        }
    }
}
