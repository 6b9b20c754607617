//! What names and descriptions give away: words of a name, lifetimes in a text.

use std::sync::LazyLock;

use jiff::SignedDuration;
use regex::Regex;

/// The words of a name in any of the usual spellings, in lower case: `x-sessionToken_id` has x, session, token, id.
pub(super) fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut previous = ' ';
    for character in name.chars() {
        let begins = !previous.is_alphanumeric() || (character.is_uppercase() && !previous.is_uppercase());
        if character.is_alphanumeric() {
            if begins {
                words.push(String::new());
            }
            if let Some(word) = words.last_mut() {
                word.extend(character.to_lowercase());
            }
        }
        previous = character;
    }
    words
}

/// Whether a field or parameter of this name holds a token that proves something. Tokens that only say where a list goes
/// on, or that a form is ours, do not.
pub(super) fn is_token(name: &str) -> bool {
    let others = [
        "page",
        "next",
        "previous",
        "prev",
        "continuation",
        "cursor",
        "sync",
        "csrf",
        "xsrf",
        "device",
        "push",
    ];
    // Nearly every name ends here, and need not be cut into words.
    let lower = name.to_ascii_lowercase();
    if !lower.contains("token") && !lower.contains("jwt") {
        return false;
    }
    let words = words(name);
    let last = words.last().map(String::as_str);
    matches!(last, Some("token" | "jwt")) && !words.iter().any(|word| others.contains(&word.as_str()))
}

/// A lifetime that a text tells, as in "has a lifetime of 5m" or "is valid for 24 hours".
pub(super) fn lifetime(text: &str) -> Option<(SignedDuration, String)> {
    static TOLD: LazyLock<Regex> = LazyLock::new(|| {
        let pattern = r"(?i)\b(?:life ?times?|lives?|valid(?:ity)?|expires?|expir(?:y|ation)|ttl)\b[^.;(\n]{0,40}?\b(\d{1,9})\s*(seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h|days?|d|weeks?|w)\b";
        Regex::new(pattern).expect("the pattern is constant and well-formed")
    });
    let told = TOLD.captures(text)?;
    let count: i64 = told[1].parse().ok()?;
    let unit = match told[2].chars().next()?.to_ascii_lowercase() {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        'd' => 86_400,
        _ => 604_800,
    };
    Some((SignedDuration::from_secs(count * unit), told[0].split_whitespace().collect::<Vec<_>>().join(" ")))
}

/// Whether a request field of this name is a lifetime in seconds.
pub(super) fn is_lifetime(name: &str) -> bool {
    let name = words(name).join(" ");
    let names =
        ["duration", "duration sec", "duration secs", "duration seconds", "ttl", "ttl seconds", "expires in"];
    names.contains(&name.as_str())
        || ["lifetime", "lifetime sec", "lifetime seconds"].contains(&name.as_str())
}

/// Whether an answer's field of this name tells a moment at which something ends.
pub(super) fn is_end(name: &str) -> bool {
    let name = words(name).join(" ");
    let names = [
        "expires",
        "expires at",
        "expire at",
        "expiry",
        "expiration",
        "exp",
        "valid until",
        "expiration time",
    ];
    names.contains(&name.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_cut_into_words() {
        assert_eq!(words("x-shop-orderToken_2"), ["x", "shop", "order", "token", "2"]);
        assert!(is_token("userSessionToken") && is_token("access_token") && !is_token("nextPageToken"));
        assert!(is_lifetime("durationSec") && is_end("expiresAt") && !is_end("expired"));
    }

    #[test]
    fn lifetimes_are_read_from_sentences() {
        let seconds = |text: &str| lifetime(text).map(|(told, _)| told.as_secs());
        assert_eq!(seconds("The returned token has a lifetime of 5m."), Some(300));
        assert_eq!(seconds("(the token has a short lifetime of 5 minutes)"), Some(300));
        assert_eq!(seconds("It lives 24 h."), Some(86_400));
        assert_eq!(seconds("A UNIX timestamp indicating when the token expires."), None);
    }
}
