//! A value of a form, as it was sent → the first character in it that stands for itself and should not (RFC 3986, section
//! 2.2), where the document writes out `allowReserved: false`. Read [`unescaped`] first.
//!
//! Left out, the keyword is false as well (OAS 3.1, section 4.8.15.1.2), and half of all clients would be refused: only an
//! author who writes it means that.

use super::Fault;
use crate::api::{Encoding, Style};

/// Reserved characters but two: `+` is a space in forms, and browsers send `*` as it is (WHATWG URL, section 5.2).
const RESERVED: &str = ":/?#[]@!$&'(),;=";

/// Refuses a value that holds a reserved character where its property's encoding says that it may not.
///
/// # Errors
/// [`Fault`] that names the character.
pub(super) fn unescaped(encoding: &Encoding, raw: &str) -> Result<(), Fault> {
    if !encoding.forbids_reserved {
        return Ok(());
    }
    let separates =
        |found: char| found == ',' && encoding.style == Some(Style::Form) && encoding.explode == Some(false);
    match raw.chars().find(|found| RESERVED.contains(*found) && !separates(*found)) {
        None => Ok(()),
        Some(found) => Err(Fault::new(format!("`{found}` is reserved, and not percent-encoded"))),
    }
}
