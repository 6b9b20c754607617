//! An operation that wants credentials → right requests by everybody who must not be let in.

use crate::{
    finding::Part,
    plan::{Address, Draft},
    verify::{
        Phase,
        case::{Case, Expected, Planner, Shape},
        guest::{Change, Guise, is_like_credential},
    },
};

impl Planner<'_> {
    /// A right request in each guise; which of them make sense, only the credentials tell that are known later.
    pub(super) fn guests(&self, address: Address, least: &Draft) -> Vec<Case> {
        let operation = self.operation(address);
        let alternatives = operation.security.len();
        let listed: usize = operation.security.iter().map(|one| one.0.len()).sum();
        let alike = operation.parameters.iter().filter(|one| {
            one.token.is_some() || one.part == Part::Header && is_like_credential(operation, one)
        });
        let wanted = (listed + alike.count() * alternatives.max(1)).clamp(1, 6);
        let mut guises = vec![Guise::None, Guise::Unlisted];
        for number in 0..wanted {
            guises.extend(Change::ALL.map(|change| Guise::Changed(number, change)));
            guises.extend([
                Guise::Prefix(number, "Basic"),
                Guise::Prefix(number, "Token"),
                Guise::OfAnother(number),
            ]);
            guises.extend((wanted > 1).then_some(Guise::Lacking(number)));
        }
        let case = |guise: Guise, expected: Expected| Case {
            address,
            phase: Phase::Coverage,
            expected,
            what: guise.told(),
            shape: Shape::Guest(least.clone(), guise),
        };
        let kept_out = guises.into_iter().map(|guise| case(guise, Expected::Unauthorized));
        let let_in = (0..alternatives).filter(|_| alternatives > 1);
        let let_in = let_in.map(|number| case(Guise::Alternative(number), Expected::Admitted));
        kept_out.chain(let_in).collect()
    }
}
