//! Opaque tokens: sixteen bytes that carry an end and a MAC, and look like chance.
//!
//! ```text
//! mac (8 bytes) = HMAC(secret, name, plain)        plain = end in seconds (5 bytes), nonce (3 bytes)
//! rest (8 bytes) = plain xor HMAC(secret, mac)
//! ```
//! The MAC is the initialisation vector of the rest, so equal ends look unlike, and a changed bit is a wrong MAC. Six bits
//! are given up, so that the sixteen bytes can be a version 4 UUID (RFC 9562, section 5.4) as well as anything else.

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::schema::Dice;

/// The last end that fits: the top two bits are those that a UUID takes.
pub(super) const LAST_END: i64 = (1 << 38) - 1;

/// How the bytes are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// URL-safe base64 without padding (RFC 4648, section 5), so many characters.
    Base64Url(usize),
    /// A UUID with hyphens.
    Uuid,
    /// Lower-case hexadecimal, so many characters.
    Hex(usize),
}

/// The encodings to try, the likeliest first. Longer ones go on with bytes that are derived from the first sixteen.
pub(super) const ENCODINGS: [Encoding; 8] = [
    Encoding::Base64Url(22),
    Encoding::Uuid,
    Encoding::Hex(32),
    Encoding::Base64Url(32),
    Encoding::Hex(40),
    Encoding::Base64Url(43),
    Encoding::Hex(64),
    Encoding::Hex(128),
];

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Base64Url(length) => write!(f, "{length} characters of url-safe base64"),
            Self::Uuid => f.write_str("a UUID"),
            Self::Hex(length) => write!(f, "{length} hexadecimal digits"),
        }
    }
}

/// A token for the credential `name` that ends at `end`, in UNIX seconds from 0 to [`LAST_END`].
pub(super) fn mint(secret: &[u8], name: &str, end: i64, encoding: Encoding, dice: &mut Dice) -> String {
    let mut plain = [0; 8];
    plain[..5].copy_from_slice(&end.clamp(0, LAST_END).to_be_bytes()[3..]);
    plain[5..].copy_from_slice(&dice.below(1 << 24).to_be_bytes()[5..]);
    let mac = mac(secret, name, plain);
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&mac);
    bytes[8..].copy_from_slice(&xor(plain, mask(secret, mac)));
    write(secret, bytes, encoding)
}

/// The end that `text` carries, in UNIX seconds; `None` where it was not minted with this secret for `name`.
pub(super) fn read(secret: &[u8], name: &str, text: &str) -> Option<i64> {
    let (bytes, encoding) = decode(text)?;
    let mac_part: [u8; 8] = bytes[..8].try_into().ok()?;
    let rest: [u8; 8] = bytes[8..].try_into().ok()?;
    let sent = without_version(mac_part);
    let mut plain = xor(rest, mask(secret, sent));
    plain[0] &= 0x3f;
    // Writing it again also judges the derived bytes of the longer encodings.
    let mut again = [0; 16];
    again[..8].copy_from_slice(&mac(secret, name, plain));
    again[8..].copy_from_slice(&xor(plain, mask(secret, sent)));
    let mut end = [0; 8];
    end[3..].copy_from_slice(&plain[..5]);
    (write(secret, again, encoding) == text).then(|| i64::from_be_bytes(end))
}

fn mac(secret: &[u8], name: &str, plain: [u8; 8]) -> [u8; 8] {
    without_version(keyed(secret, &[b"end", name.as_bytes(), &plain]))
}

/// Bits that a UUID keeps for its version are no part of the MAC.
fn without_version(mut mac: [u8; 8]) -> [u8; 8] {
    mac[6] &= 0x0f;
    mac
}

fn mask(secret: &[u8], mac: [u8; 8]) -> [u8; 8] {
    let mut mask: [u8; 8] = keyed(secret, &[b"mask", &mac]);
    mask[0] &= 0x3f;
    mask
}

fn keyed<const N: usize>(secret: &[u8], parts: &[&[u8]]) -> [u8; N] {
    let mut hmac = Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes a key of any length");
    for part in parts {
        hmac.update(&(part.len() as u64).to_be_bytes());
        hmac.update(part);
    }
    let digest = hmac.finalize().into_bytes();
    std::array::from_fn(|at| digest[at % digest.len()])
}

fn xor(left: [u8; 8], right: [u8; 8]) -> [u8; 8] {
    std::array::from_fn(|at| left[at] ^ right[at])
}

fn write(secret: &[u8], bytes: [u8; 16], encoding: Encoding) -> String {
    let longer = || {
        let more: [u8; 96] = std::array::from_fn(|at| {
            let block: [u8; 32] = keyed(secret, &[b"more", &bytes, &(at as u64 / 32).to_be_bytes()]);
            block[at % 32]
        });
        [bytes.as_slice(), more.as_slice()].concat()
    };
    match encoding {
        Encoding::Base64Url(22) => URL_SAFE_NO_PAD.encode(bytes),
        Encoding::Base64Url(length) => cut(&URL_SAFE_NO_PAD.encode(longer()), length),
        Encoding::Hex(length) => cut(&hex(&longer()), length),
        Encoding::Uuid => {
            let mut bytes = bytes;
            bytes[6] |= 0x40;
            bytes[8] |= 0x80;
            let digits = hex(&bytes);
            [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]].join("-")
        }
    }
}

fn cut(text: &str, length: usize) -> String {
    text.chars().take(length).collect()
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |four: u8| char::from(DIGITS[usize::from(four)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 0x0f)]).collect()
}

/// The sixteen bytes at the start of `text`, and the encoding that has its length and its look.
fn decode(text: &str) -> Option<([u8; 16], Encoding)> {
    let encoding = *ENCODINGS.iter().find(|encoding| match encoding {
        Encoding::Uuid => text.len() == 36 && text.matches('-').count() == 4,
        Encoding::Hex(length) => text.len() == *length && text.bytes().all(|byte| byte.is_ascii_hexdigit()),
        Encoding::Base64Url(length) => {
            text.len() == *length && !text.bytes().all(|byte| byte.is_ascii_hexdigit())
        }
    })?;
    let bytes = match encoding {
        Encoding::Base64Url(22) => URL_SAFE_NO_PAD.decode(text).ok()?,
        Encoding::Base64Url(_) => URL_SAFE_NO_PAD.decode(text.get(..24)?).ok()?,
        Encoding::Uuid | Encoding::Hex(_) => unhex(&text.replace('-', ""))?,
    };
    let mut bytes: [u8; 16] = bytes.get(..16)?.try_into().ok()?;
    bytes[6] &= if encoding == Encoding::Uuid { 0x0f } else { 0xff };
    bytes[8] &= if encoding == Encoding::Uuid { 0x3f } else { 0xff };
    Some((bytes, encoding))
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    (0..text.len() / 2).map(|at| u8::from_str_radix(text.get(2 * at..2 * at + 2)?, 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_encoding_carries_its_end_and_refuses_every_changed_character() {
        for (seed, encoding) in (0..).zip(ENCODINGS) {
            for end in [0, 1, 1_800_000_000, LAST_END] {
                let token = mint(b"secret", "session", end, encoding, &mut Dice::seeded(seed));
                assert_eq!(read(b"secret", "session", &token), Some(end), "{encoding}: {token}");
                assert_eq!(read(b"secret", "backend", &token), None);
                assert_eq!(read(b"other", "session", &token), None);
                for at in 0..token.len() {
                    let swapped = if &token[at..=at] == "1" { "2" } else { "1" };
                    let tampered = format!("{}{swapped}{}", &token[..at], &token[at + 1..]);
                    assert_eq!(read(b"secret", "session", &tampered), None, "{encoding}: {tampered}");
                }
            }
        }
    }

    #[test]
    fn tokens_of_one_end_look_unlike() {
        let mut dice = Dice::seeded(3);
        let tokens: Vec<String> =
            (0..20).map(|_| mint(b"s", "n", 1_800_000_000, Encoding::Base64Url(22), &mut dice)).collect();
        let mut starts: Vec<&str> = tokens.iter().map(|token| &token[..4]).collect();
        starts.sort_unstable();
        starts.dedup();
        assert_eq!(starts.len(), 20);
        assert!(tokens.iter().all(|token| token.len() == 22));
    }
}
