//! Bounds and divisors → a number, found on a grid of exact decimals.
//!
//! Every admitted number is a whole multiple of a step, so the search is over whole numbers: the step is the least common
//! multiple of the divisors, or what the likely precision is where there are none. Only bounds beyond 38 digits fall back
//! to floating point. Start at [`value`].

use serde_json::{Number, Value};

use super::{
    choice::Choice,
    decimal::{Decimal, compare, divides},
    facets::{Bound, Numbers, Types},
    likeness::Likely,
};

/// How far from the plainest number an unbounded choice goes, in units.
const USUAL: i128 = 1000;
/// A bound beyond this is none on its side of zero: numbers are chosen nearer than that anyway.
const FAR: f64 = 1e31;
/// The finest grid that is tried, in decimal places.
const FINEST: u32 = 18;

/// A number of the given types within the bounds; within the range of its format, and within what is likely, where that
/// leaves anything.
pub(super) fn value(
    numbers: &Numbers,
    types: Types,
    likely: Option<Likely>,
    range: Option<(Number, Number)>,
    choice: &mut Choice<'_>,
) -> Option<Value> {
    let ranged = range.map(|range| within(numbers, range));
    let narrowed = likely.and_then(|likely| {
        let numbers = narrow(ranged.as_ref().unwrap_or(numbers), likely);
        Grid::new(&numbers, types, likely.places)?.choose(choice)
    });
    let narrowed = narrowed.or_else(|| on_some_grid(ranged.as_ref()?, types, choice));
    let exact = narrowed.or_else(|| on_some_grid(numbers, types, choice));
    let number = exact.or_else(|| float(numbers, types, choice))?;
    Some(Value::Number(number))
}

/// The number within the bounds that is nearest to `wanted`.
pub(super) fn nearest(numbers: &Numbers, types: Types, wanted: &Number) -> Option<Number> {
    if types == Types::NONE {
        return None;
    }
    let places = Decimal::of(wanted).map_or(0, |decimal| decimal.places);
    let ends = numbers.low.iter().chain(&numbers.high).filter_map(|bound| Decimal::of(&bound.at));
    let places = ends.map(|end| end.places).fold(places, u32::max).min(FINEST);
    let grid = Grid::new(numbers, types, places)?;
    let (floor, _) = grid.floor(wanted)?;
    let start = floor.clamp(grid.low.unwrap_or(i128::MIN), grid.high.unwrap_or(i128::MAX));
    grid.from(start)
}

/// Whether a number keeps the bounds and divisors; where it cannot be told exactly, it does.
pub(super) fn fits(number: &Number, numbers: &Numbers) -> bool {
    let above = |bound: &Bound| {
        compare(number, &bound.at).is_none_or(|order| order.is_gt() || order.is_eq() && !bound.open)
    };
    let below = |bound: &Bound| {
        compare(number, &bound.at).is_none_or(|order| order.is_lt() || order.is_eq() && !bound.open)
    };
    numbers.low.iter().all(above)
        && numbers.high.iter().all(below)
        && numbers.steps.iter().all(|step| divides(step, number) != Some(false))
        && numbers.barred_steps.iter().all(|step| divides(step, number) != Some(true))
}

fn narrow(numbers: &Numbers, likely: Likely) -> Numbers {
    within(numbers, (likely.low.into(), likely.high.into()))
}

fn within(numbers: &Numbers, (low, high): (Number, Number)) -> Numbers {
    let mut narrowed = numbers.clone();
    narrowed.low.push(Bound { at: low, open: false });
    narrowed.high.push(Bound { at: high, open: false });
    narrowed
}

fn on_some_grid(numbers: &Numbers, types: Types, choice: &mut Choice<'_>) -> Option<Number> {
    let finest = if types.meets(Types::FRACTION) { FINEST } else { 0 };
    (0..=finest).step_by(2).find_map(|places| {
        // Whole numbers alone would do, but hide that fractions are allowed.
        let coarse = places == 0 && finest > 0 && numbers.steps.is_empty();
        if coarse { None } else { Grid::new(numbers, types, places)?.choose(choice) }
    })
}

/// The multiples of `step / 10^places` from `low` to `high`.
struct Grid<'a> {
    numbers: &'a Numbers,
    step: i128,
    places: u32,
    low: Option<i128>,
    high: Option<i128>,
}

impl<'a> Grid<'a> {
    /// `None` where the grid has no point within the bounds, or is beyond exact arithmetic.
    fn new(numbers: &'a Numbers, types: Types, places: u32) -> Option<Self> {
        let steps: Option<Vec<Decimal>> = numbers.steps.iter().map(Decimal::of).collect();
        let steps = steps?;
        let whole = !types.meets(Types::FRACTION);
        let places = steps.iter().map(|step| step.places).max().unwrap_or(if whole { 0 } else { places });
        let unit = if whole { 10_i128.checked_pow(places)? } else { 1 };
        let step = steps.iter().try_fold(unit, |step, next| least_multiple(step, next.at(places)?))?;
        let grid = Self { numbers, step, places, low: None, high: None };
        let near = |bound: &&Bound| bound.at.as_f64().is_none_or(|at| at.abs() < FAR);
        let below = |bound: &&Bound| near(bound) || bound.at.as_f64() > Some(0.0);
        let above = |bound: &&Bound| near(bound) || bound.at.as_f64() < Some(0.0);
        let firsts: Option<Vec<i128>> =
            numbers.low.iter().filter(below).map(|bound| grid.first(bound)).collect();
        let lasts: Option<Vec<i128>> =
            numbers.high.iter().filter(above).map(|bound| grid.last(bound)).collect();
        let (low, high) = (firsts?.into_iter().max(), lasts?.into_iter().min());
        let empty = low.zip(high).is_some_and(|(low, high)| low > high);
        (!empty).then_some(Self { low, high, ..grid })
    }

    /// The first multiple that a lower bound lets in.
    fn first(&self, bound: &Bound) -> Option<i128> {
        let (floor, on_grid) = self.floor(&bound.at)?;
        Some(if on_grid && !bound.open { floor } else { floor.checked_add(1)? })
    }

    /// The last multiple that an upper bound lets in.
    fn last(&self, bound: &Bound) -> Option<i128> {
        let (floor, on_grid) = self.floor(&bound.at)?;
        Some(if on_grid && bound.open { floor.checked_sub(1)? } else { floor })
    }

    /// The last multiple not above a number, and whether it is that number.
    fn floor(&self, number: &Number) -> Option<(i128, bool)> {
        let decimal = Decimal::of(number)?;
        let places = self.places.max(decimal.places);
        let step = Decimal { digits: self.step, places: self.places }.at(places)?;
        let digits = decimal.at(places)?;
        Some((digits.checked_div_euclid(step)?, digits.checked_rem_euclid(step)? == 0))
    }

    fn choose(&self, choice: &mut Choice<'_>) -> Option<Number> {
        self.from(self.start(choice)?)
    }

    /// The number at the multiple `start`, or at one not far from it.
    fn from(&self, start: i128) -> Option<Number> {
        let upwards = (0..64).filter_map(|more| start.checked_add(more));
        let downwards = (1..64).filter_map(|less| start.checked_sub(less));
        upwards.chain(downwards).find_map(|multiple| self.number(multiple))
    }

    /// The number at a multiple, where it is within the bounds and no barred divisor divides it.
    fn number(&self, multiple: i128) -> Option<Number> {
        let inside =
            self.low.is_none_or(|low| low <= multiple) && self.high.is_none_or(|high| multiple <= high);
        let digits = inside.then(|| multiple.checked_mul(self.step))??;
        let number = Decimal { digits, places: self.places }.number()?;
        let barred = &self.numbers.barred_steps;
        barred.iter().all(|step| divides(step, &number) != Some(true)).then_some(number)
    }

    /// A multiple to start from: the one nearest to zero is the plainest, and most are not far from it.
    fn start(&self, choice: &mut Choice<'_>) -> Option<i128> {
        let low = self.low.unwrap_or(i128::MIN / 4);
        let high = self.high.unwrap_or(i128::MAX / 4);
        let plain = 0.clamp(low, high);
        let up = high.checked_sub(plain)?;
        let down = if self.low.is_some() { plain.checked_sub(low)? } else { 0 };
        let down = if up == 0 && self.low.is_none() { USUAL } else { down };
        let usual =
            USUAL.checked_mul(10_i128.checked_pow(self.places)? / self.step.min(10_i128.pow(self.places)))?;
        let bounded = self.low.is_some() && self.high.is_some();
        // Bounds such as those of machine integers are there for safety: few authors expect numbers near them.
        let wide = bounded && choice.rarely(if up.max(down) <= usual.saturating_mul(100) { 8 } else { 32 });
        let reach = |span: i128| if wide { span } else { span.min(usual) };
        let seldom = if down <= usual.saturating_mul(100) { 4 } else { 32 };
        let downwards = down > 0 && (up == 0 || choice.rarely(seldom));
        let far = if downwards { reach(down) } else { reach(up) };
        let offset = i128::from(choice.below(u64::try_from(far).unwrap_or(u64::MAX).saturating_add(1)));
        if downwards { plain.checked_sub(offset) } else { plain.checked_add(offset) }
    }
}

fn least_multiple(one: i128, other: i128) -> Option<i128> {
    let (mut greater, mut lesser) = (one.checked_abs()?, other.checked_abs()?);
    while lesser != 0 {
        (greater, lesser) = (lesser, greater.checked_rem(lesser)?);
    }
    one.checked_div(greater)?.checked_mul(other)?.checked_abs()
}

/// A number within bounds that no exact grid can hold.
fn float(numbers: &Numbers, types: Types, choice: &mut Choice<'_>) -> Option<Number> {
    let ends = |bounds: &[Bound]| bounds.iter().filter_map(|bound| bound.at.as_f64()).collect::<Vec<_>>();
    let low = ends(&numbers.low).into_iter().reduce(f64::max);
    let high = ends(&numbers.high).into_iter().reduce(f64::min);
    let steps = ends_of_steps(numbers);
    let middle = low.zip(high).map(|(low, high)| low / 2.0 + high / 2.0);
    let mut candidates = vec![0.0];
    candidates.extend(low.into_iter().flat_map(|low| [low, low.next_up(), low * 2.0, low / 2.0]));
    candidates.extend(high.into_iter().flat_map(|high| [high, high.next_down(), high / 2.0, high * 2.0]));
    candidates.extend(steps.into_iter().flat_map(|step| [step, -step]));
    candidates.extend(middle);
    let fitting = candidates.into_iter().filter(|float| types.meets(Types::FRACTION) || float.fract() == 0.0);
    let fitting = fitting.filter_map(Number::from_f64).filter(|number| fits(number, numbers));
    choice.pick(&fitting.collect::<Vec<_>>()).cloned()
}

fn ends_of_steps(numbers: &Numbers) -> Vec<f64> {
    numbers.steps.iter().filter_map(Number::as_f64).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{super::super::Dice, *};

    fn made(low: Value, high: Value, steps: &[Value], types: Types) -> Option<Value> {
        let bound = |at: Value| Bound { at: at.as_number().unwrap().clone(), open: false };
        let numbers = Numbers {
            low: vec![bound(low)],
            high: vec![bound(high)],
            steps: steps.iter().map(|step| step.as_number().unwrap().clone()).collect(),
            barred_steps: vec![],
        };
        value(&numbers, types, None, None, &mut Choice::new(&mut Dice::smallest(), 0))
    }

    #[test]
    fn the_plainest_number_is_the_one_nearest_to_zero() {
        assert_eq!(made(json!(-5), json!(5), &[], Types::INTEGER), Some(json!(0)));
        assert_eq!(made(json!(7), json!(9), &[], Types::INTEGER), Some(json!(7)));
        assert_eq!(made(json!(-9), json!(-7), &[], Types::INTEGER), Some(json!(-7)));
        assert_eq!(made(json!(0.001), json!(0.002), &[], Types::NUMBER), Some(json!(0.001)));
    }

    #[test]
    fn divisors_meet_in_their_least_common_multiple() {
        assert_eq!(made(json!(1), json!(99), &[json!(4), json!(6)], Types::INTEGER), Some(json!(12)));
        assert_eq!(made(json!(1), json!(99), &[json!(1.5)], Types::INTEGER), Some(json!(3)));
        assert_eq!(made(json!(0.25), json!(0.45), &[json!(0.1)], Types::NUMBER), Some(json!(0.3)));
        assert_eq!(made(json!(1), json!(3), &[json!(4)], Types::INTEGER), None);
    }

    #[test]
    fn bounds_beyond_all_machine_integers_are_kept() {
        assert_eq!(made(json!(1e30), json!(1e39), &[], Types::INTEGER), Some(json!(1e30)));
        assert_eq!(made(json!(1e300), json!(1e301), &[], Types::NUMBER), Some(json!(1e300)));
    }
}
