//! A token → it is accepted where the document asks for it, from its issue to its end and no longer.
//!
//! Whether time passes, whoever watches the run says. Read [`issued`] and [`expired`] first.

use http::Method;
use jiff::SignedDuration;

use super::course::{Course, Fill, Seen};
use crate::{
    exchange::Handler,
    finding::Pointer,
    verify::{Observer, check::Check, session::Held},
};

/// How much later than its end a token is used: clocks are read in seconds.
const GRACE: SignedDuration = SignedDuration::from_secs(2);

struct Token {
    text: String,
    life: Option<SignedDuration>,
}

/// Has a token issued.
async fn fresh<H: Handler>(
    course: &mut Course<'_, '_, H>,
    issuer: usize,
    credential: usize,
) -> Option<Token> {
    let book = &course.verifier.books[course.api];
    let (_, place) = book.issuers(credential).find(|(operation, _)| *operation == issuer)?;
    let draft = course.draft(issuer, Fill::Least)?;
    let body = course.send(issuer, draft, &Held::default()).await?.done()?.body?;
    let text = body.pointer(place.as_str())?.as_str()?.to_owned();
    Some(Token { life: book.life(issuer, credential, &body), text })
}

/// Uses a token where nothing else is asked for.
async fn used<H: Handler>(course: &mut Course<'_, '_, H>, credential: usize, token: &Token) -> Option<Seen> {
    let book = &course.verifier.books[course.api];
    let operations = &course.verifier.plan.apis()[course.api].operations;
    let mut users = operations.iter().enumerate().filter_map(|(number, operation)| {
        let alternatives = book.carriages(number);
        let alone = alternatives
            .iter()
            .find(|one| matches!(one.as_slice(), [only] if only.credential == Some(credential)))?;
        Some((operation.method != Method::GET, operation.path.contains('{'), number, alone[0].clone()))
    });
    let first = users.next()?;
    let (.., user, carriage) =
        users.fold(first, |best, other| if (other.0, other.1) < (best.0, best.1) { other } else { best });
    let draft = course.draft(user, Fill::Least)?;
    course.send_by(user, draft, (carriage.part, carriage.name.clone(), carriage.text(&token.text))).await
}

/// A token issued, then used: more than once, and after another one was issued, where the answer says how long it lives.
pub(super) async fn issued<H: Handler>(
    course: &mut Course<'_, '_, H>,
    issuer: usize,
    credential: usize,
) -> Option<()> {
    let token = fresh(course, issuer, credential).await?;
    let seen = used(course, credential, &token).await?;
    if is_refused(course, &seen, "a 401 to a token that was issued just before".to_owned()) {
        return Some(());
    }
    let Some(life) = token.life.filter(|life| seen.is_success() && life.is_positive()) else {
        return Some(());
    };
    let again = used(course, credential, &token).await?;
    let message = format!("a 401 to a token that was accepted just before, and lives for {life:#}");
    if is_refused(course, &again, message) {
        return Some(());
    }
    fresh(course, issuer, credential).await?;
    let later = used(course, credential, &token).await?;
    let message = format!("a 401 to a token that lives for {life:#}, once another was issued");
    is_refused(course, &later, message);
    Some(())
}

/// Accuses of a token that is refused while it lives.
fn is_refused<H: Handler>(course: &mut Course<'_, '_, H>, seen: &Seen, message: String) -> bool {
    let is_refused = seen.status == 401;
    if is_refused {
        let help = "the document says that it is accepted here";
        course.accuse(Check::TokenRefused, &Pointer::root(), message, help);
    }
    is_refused
}

/// A token issued, then used after its end.
pub(super) async fn expired<H: Handler>(
    course: &mut Course<'_, '_, H>,
    issuer: usize,
    credential: usize,
    observer: &impl Observer,
) -> Option<()> {
    let token = fresh(course, issuer, credential).await?;
    let life = token.life.filter(SignedDuration::is_positive)?;
    if !used(course, credential, &token).await?.is_success() {
        return None;
    }
    let time = life.saturating_add(GRACE).unsigned_abs();
    if !observer.waits(time).await {
        return None;
    }
    let seen = used(course, credential, &token).await?;
    if seen.is_success() {
        let message = format!("a {} to a token that lived for {life:#}, after that", seen.status);
        course.accuse(Check::TokenOutlives, &Pointer::root(), message, "a token is refused after its end");
    }
    Some(())
}
