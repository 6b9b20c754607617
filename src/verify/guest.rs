//! A request with right credentials → the same by everybody who must not be let in, and by each who must.
//!
//! What a right credential is, is known only while a provider is tried: a token that it issued, or what the caller gave. A
//! verdict is given only where a request with right ones is a success. Read [`Verifier::disguised`] first.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use super::{Verifier, session::Held};
use crate::{
    api::{Operation, Parameter},
    credential::Carriage,
    exchange::Handler,
    finding::Part,
    plan::{Address, Draft, Optional},
};

/// The numbers of probes, apart from those of cases.
const PROBE: u64 = 1 << 40;
/// Words by which a header field is known to hold a credential.
const WORDS: [&str; 5] = ["token", "key", "secret", "session", "apikey"];

/// What is done to the credentials of a request that is right otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Guise {
    /// They are taken away.
    None,
    /// This one is taken away, where others are wanted with it; credentials are counted through all alternatives.
    Lacking(usize),
    /// This one is changed.
    Changed(usize, Change),
    /// This one stands behind the name of another scheme.
    Prefix(usize, &'static str),
    /// The credential of another scheme stands in the place of this one.
    OfAnother(usize),
    /// There are only those of a scheme that the operation does not list.
    Unlisted,
    /// There are only those of this alternative, which must do.
    Alternative(usize),
}

/// What is done to the text of a credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    /// It is there and empty.
    Empty,
    /// Another text of the same length and kind of characters stands in its place.
    Garbage,
    /// Its first character is another.
    First,
    /// A character in the middle is another: of a JWT, in what it says and not in its signature.
    Middle,
    /// A character near the end is another.
    Last,
    /// Its last three characters are gone.
    Shortened,
    /// It has a character more.
    Lengthened,
}

impl Change {
    pub(super) const ALL: [Self; 7] = [
        Self::Empty,
        Self::Garbage,
        Self::First,
        Self::Middle,
        Self::Last,
        Self::Shortened,
        Self::Lengthened,
    ];

    fn told(self) -> &'static str {
        match self {
            Self::Empty => "with an empty credential",
            Self::Garbage => "with a credential that is made up",
            Self::First => "with the first character of the credential changed",
            Self::Middle => "with a character in the middle of the credential changed",
            Self::Last => "with a character near the end of the credential changed",
            Self::Shortened => "with the end of the credential cut off",
            Self::Lengthened => "with a character after the credential",
        }
    }

    /// The proof as it is sent; `None` where nobody can say that it is another.
    fn made(self, proof: &str) -> Option<String> {
        let length = proof.chars().count();
        let turned_at = |at: usize| -> String {
            let characters = proof.chars().enumerate();
            characters.map(|(place, one)| if place == at { turned(one) } else { one }).collect()
        };
        let made = match self {
            Self::Empty => String::new(),
            Self::Garbage => proof.chars().map(turned).collect(),
            Self::First => turned_at(0),
            Self::Middle => turned_at(middle(proof)),
            // The last character of a signature may hold bits that do not count.
            Self::Last => turned_at(length.saturating_sub(4)),
            Self::Shortened => proof.chars().take(length.saturating_sub(3)).collect(),
            // What stands after the padding of Base64 may not count.
            Self::Lengthened if proof.ends_with('=') => return None,
            Self::Lengthened => format!("{proof}A"),
        };
        (made != proof).then_some(made)
    }
}

impl Guise {
    pub(super) fn told(self) -> String {
        let of =
            |number: usize| if number == 0 { String::new() } else { format!(" (credential {})", number + 1) };
        match self {
            Self::None => "without credentials".to_owned(),
            Self::Lacking(number) => {
                format!("without one of the credentials that are wanted together{}", of(number))
            }
            Self::Changed(number, change) => format!("{}{}", change.told(), of(number)),
            Self::Prefix(number, scheme) => format!("with the credential after `{scheme}`{}", of(number)),
            Self::OfAnother(number) => format!("with the credential of another scheme{}", of(number)),
            Self::Unlisted => {
                "with only the credential of a scheme that the operation does not list".to_owned()
            }
            Self::Alternative(number) => format!("with only the credentials of alternative {}", number + 1),
        }
    }
}

/// Another character of the same kind.
fn turned(character: char) -> char {
    match character {
        'a'..='y' | 'A'..='Y' | '0'..='8' => char::from_u32(u32::from(character) + 1).unwrap_or(character),
        'z' => 'a',
        'Z' => 'A',
        '9' => '0',
        '-' => '_',
        other if other.is_ascii() => '-',
        other => other,
    }
}

/// The middle of a text; of a JWT, that of its payload (RFC 7519, section 3).
fn middle(proof: &str) -> usize {
    match proof.split('.').collect::<Vec<_>>().as_slice() {
        [head, payload, _] => head.len() + 1 + payload.len() / 2,
        _ => proof.chars().count() / 2,
    }
}

/// Whether a header field is named like a credential, and the operation says that one can be wrong.
pub(super) fn is_like_credential(operation: &Operation, parameter: &Parameter) -> bool {
    let says =
        |status: u16| operation.responses.iter().any(|one| one.status == crate::api::Status::Exact(status));
    let name = parameter.name.to_ascii_lowercase();
    let mut words = name.split(|character: char| !character.is_ascii_alphanumeric());
    parameter.part == Part::Header
        && says(401)
        && words.any(|word| WORDS.iter().any(|known| word.ends_with(known)))
}

/// For each operation whether a request with right credentials was a success.
#[derive(Debug, Default)]
pub(super) struct Admitted(Mutex<HashMap<(usize, usize), bool>>);

impl Admitted {
    fn get(&self, address: Address) -> Option<bool> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(&(address.api, address.operation)).copied()
    }

    /// Keeps what was seen; a success is not forgotten.
    pub(super) fn put(&self, address: Address, is_success: bool) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *known.entry((address.api, address.operation)).or_default() |= is_success;
    }
}

/// A place for a credential, and the whole text that stands there where it is right.
type Proof = (Carriage, String);

impl<H: Handler> Verifier<'_, H> {
    /// Does to the credentials of a draft what a guise says; `None` where that makes no sense for this operation, or where
    /// nobody knows that right ones would do.
    pub(super) async fn disguised(&self, address: Address, guise: Guise, draft: &mut Draft) -> Option<()> {
        let carried = self.worn(address, guise)?;
        if !self.lets_in(address).await {
            return None;
        }
        let names: Vec<(Part, String)> =
            self.every(address).into_iter().map(|carriage| (carriage.part, carriage.name)).collect();
        let is_one = |part: Part, name: &str| {
            names.iter().any(|(own, held)| *own == part && held.eq_ignore_ascii_case(name))
        };
        draft.carried.retain(|(part, name, _)| !is_one(*part, name));
        let operation = &self.plan.apis()[address.api].operations[address.operation];
        // A parameter that carries a token is left out with it.
        draft.parameters.retain(|(number, _)| {
            let parameter = &operation.parameters[*number];
            !is_one(parameter.part, &parameter.name)
        });
        draft.carried.extend(carried);
        Some(())
    }

    /// What is carried in this guise.
    fn worn(&self, address: Address, guise: Guise) -> Option<Vec<(Part, String, String)>> {
        let alternatives = self.alternatives(address);
        if alternatives.iter().any(Vec::is_empty) {
            return None;
        }
        let known = |carriages: &Vec<Carriage>| -> Option<Vec<Proof>> {
            carriages.iter().map(|one| Some((one.clone(), self.right(address, one)?))).collect()
        };
        let (mut proofs, guise) = match guise {
            Guise::Alternative(number) if alternatives.len() > 1 => {
                (known(alternatives.get(number)?)?, guise)
            }
            Guise::Alternative(_) => return None,
            _ => chosen(alternatives.iter().filter_map(known), guise)?,
        };
        match guise {
            Guise::None => proofs.clear(),
            Guise::Lacking(number) if proofs.len() > 1 && number < proofs.len() => {
                drop(proofs.remove(number));
            }
            Guise::Lacking(_) => return None,
            Guise::Changed(number, change) => {
                let (carriage, text) = proofs.get_mut(number)?;
                let proof = proof(carriage, text).to_owned();
                *text = carriage.text(&change.made(&proof)?);
            }
            Guise::Prefix(number, scheme) => {
                let (carriage, text) = proofs.get_mut(number)?;
                let held = carriage.scheme.as_deref()?;
                let is_listed =
                    alternatives.iter().flatten().any(|one| is_named(one.scheme.as_deref(), scheme));
                if is_listed || !held.eq_ignore_ascii_case("bearer") {
                    return None;
                }
                *text = format!("{scheme} {}", proof(carriage, text));
            }
            Guise::OfAnother(number) => {
                let (carriage, text) = proofs.get_mut(number)?;
                let other = self.unlisted(address, &alternatives)?;
                let other = proof(&other.0, &other.1).to_owned();
                if other == proof(carriage, text) {
                    return None;
                }
                *text = carriage.text(&other);
            }
            Guise::Unlisted => proofs = vec![self.unlisted(address, &alternatives)?],
            Guise::Alternative(_) => {}
        }
        Some(proofs.into_iter().map(|(carriage, text)| (carriage.part, carriage.name, text)).collect())
    }

    /// A right credential that the operation does not list: it stands elsewhere, and is another.
    fn unlisted(&self, address: Address, alternatives: &[Vec<Carriage>]) -> Option<Proof> {
        let own: Vec<&Carriage> = alternatives.iter().flatten().collect();
        let is_other = |one: &Carriage| {
            let is_elsewhere = own.iter().all(|held| {
                (held.part, held.name.to_ascii_lowercase()) != (one.part, one.name.to_ascii_lowercase())
                    || held.scheme != one.scheme
            });
            is_elsewhere
                && own.iter().all(|held| held.credential.is_none() || held.credential != one.credential)
        };
        let texts: Vec<String> =
            own.iter().filter_map(|held| Some(proof(held, &self.right(address, held)?).to_owned())).collect();
        self.every(address).into_iter().filter(is_other).find_map(|one| {
            let text = self.right(address, &one)?;
            (!texts.iter().any(|held| held == proof(&one, &text))).then_some((one, text))
        })
    }

    /// Every place for a credential that the API has.
    fn every(&self, address: Address) -> Vec<Carriage> {
        let mut all: Vec<Carriage> = Vec::new();
        for operation in 0..self.plan.apis()[address.api].operations.len() {
            for carriage in self.alternatives(Address { operation, ..address }).into_iter().flatten() {
                if !all.contains(&carriage) {
                    all.push(carriage);
                }
            }
        }
        all
    }

    /// What an operation wants to see, header fields included that are only named like a credential.
    fn alternatives(&self, address: Address) -> Vec<Vec<Carriage>> {
        let operation = &self.plan.apis()[address.api].operations[address.operation];
        let mut alternatives = self.books[address.api].carriages(address.operation);
        let alike =
            operation.parameters.iter().filter(|one| one.is_required && is_like_credential(operation, one));
        for parameter in alike {
            let carriage =
                Carriage { part: Part::Header, name: parameter.name.clone(), scheme: None, credential: None };
            for carriages in &mut alternatives {
                if !carriages.iter().any(|held| held.name.eq_ignore_ascii_case(&carriage.name)) {
                    carriages.push(carriage.clone());
                }
            }
        }
        alternatives
    }

    /// The whole text that is right at a place, where one is known: what the caller gave, else a token that was issued.
    fn right(&self, address: Address, carriage: &Carriage) -> Option<String> {
        let is_given = |(name, text): &&(String, String)| {
            carriage.part == Part::Header
                && name.eq_ignore_ascii_case(&carriage.name)
                && carriage.scheme.as_deref().is_none_or(|scheme| is_named(text.split(' ').next(), scheme))
        };
        let given = self.options.headers.iter().find(is_given).map(|(_, text)| text.clone());
        given.or_else(|| Some(carriage.text(&self.token(address, carriage)?)))
    }

    /// Whether a refusal cannot be for the want of credentials: none are wanted, right ones are known, or others did.
    pub(super) fn may_get_in(&self, address: Address) -> bool {
        let is_known =
            |carriages: &Vec<Carriage>| carriages.iter().all(|one| self.right(address, one).is_some());
        self.admitted.get(address) == Some(true) || self.alternatives(address).iter().any(is_known)
    }

    /// Whether nobody gets in without credentials.
    pub(super) fn is_closed(&self, address: Address) -> bool {
        let alternatives = self.alternatives(address);
        !alternatives.is_empty() && alternatives.iter().all(|carriages| !carriages.is_empty())
    }

    /// Whether a right request is a success now.
    async fn takes(&self, address: Address) -> bool {
        let mut dice = self.planner().dice(address, 1 << 32 | PROBE);
        let Ok(mut draft) = self.plan.draft(address, Optional::Left, &mut dice) else { return false };
        self.prepare(address, &mut draft, PROBE).await;
        let sent = self.sent(address, draft, &Held::default()).await;
        sent.is_some_and(|sent| sent.reply.response.status.is_success())
    }

    /// Whether a request with right credentials is a success: seen already, or seen now.
    async fn lets_in(&self, address: Address) -> bool {
        if let Some(known) = self.admitted.get(address) {
            return known;
        }
        let is_success = self.takes(address).await;
        self.admitted.put(address, is_success);
        is_success
    }
}

/// The alternative that a guise is about, and the guise as it counts within it.
fn chosen(known: impl Iterator<Item = Vec<Proof>>, guise: Guise) -> Option<(Vec<Proof>, Guise)> {
    let (number, within): (usize, fn(usize, Guise) -> Guise) = match guise {
        Guise::Lacking(number) => (number, |number, _| Guise::Lacking(number)),
        Guise::OfAnother(number) => (number, |number, _| Guise::OfAnother(number)),
        Guise::Changed(number, _) => (number, |number, guise| match guise {
            Guise::Changed(_, change) => Guise::Changed(number, change),
            other => other,
        }),
        Guise::Prefix(number, _) => (number, |number, guise| match guise {
            Guise::Prefix(_, scheme) => Guise::Prefix(number, scheme),
            other => other,
        }),
        _ => (0, |_, guise| guise),
    };
    let mut before = 0;
    for proofs in known {
        if number < before + proofs.len() {
            return Some((proofs, within(number - before, guise)));
        }
        before += proofs.len();
    }
    None
}

fn is_named(scheme: Option<&str>, name: &str) -> bool {
    scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case(name))
}

/// A credential without the scheme that stands before it.
fn proof<'t>(carriage: &Carriage, text: &'t str) -> &'t str {
    match (&carriage.scheme, text.split_once(' ')) {
        (Some(_), Some((_, proof))) => proof,
        _ => text,
    }
}
