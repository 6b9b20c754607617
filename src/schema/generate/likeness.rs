//! The name of a property → a text or a range of numbers that looks like what people keep under that name.
//!
//! Thin on purpose: it proposes, and whoever asked checks the proposal against the schema. Names are read as their words,
//! so `shippingCity`, `shipping_city` and `city` are all cities. Start at [`text`] and [`number`].

use super::{
    choice::Choice,
    format::{self, Era},
    words,
};

/// A range in which numbers of some name usually lie, and how many decimal places they have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Likely {
    pub(super) low: i64,
    pub(super) high: i64,
    pub(super) places: u32,
}

/// A text such as a property of this name often has, at most `max` characters long where that changes its kind.
pub(super) fn text(name: &str, max: Option<u64>, choice: &mut Choice<'_>) -> Option<String> {
    let words = split(name);
    let last = words.last()?.as_str();
    let before = words.len().checked_sub(2).map_or("", |index| words[index].as_str());
    person(before, last, choice)
        .or_else(|| place(before, last, max, choice))
        .or_else(|| network(before, last, choice))
        .or_else(|| moment(before, last, choice))
        .or_else(|| code(before, last, max, choice))
        .or_else(|| prose(last, max, choice))
}

fn person(before: &str, last: &str, choice: &mut Choice<'_>) -> Option<String> {
    Some(match (before, last) {
        ("first" | "given" | "fore" | "middle", "name") | (_, "firstname" | "forename") => {
            choice.word(&words::FIRST_NAMES).to_owned()
        }
        ("last" | "family" | "sur", "name") | (_, "lastname" | "surname") => {
            choice.word(&words::LAST_NAMES).to_owned()
        }
        ("user" | "screen" | "login" | "nick", "name")
        | (_, "username" | "login" | "nickname" | "handle") => {
            format!("{}{}", choice.word(&words::FIRST_NAMES).to_lowercase(), choice.between(1, 99))
        }
        (
            "company" | "organization" | "organisation" | "merchant" | "business" | "brand" | "legal",
            "name",
        )
        | (
            _,
            "company" | "organization" | "organisation" | "merchant" | "brand" | "manufacturer" | "employer",
        ) => choice.word(&words::COMPANIES).to_owned(),
        ("file", "name") | (_, "filename" | "file" | "attachment") => choice.word(&words::FILES).to_owned(),
        ("full" | "display" | "contact" | "holder" | "owner" | "customer" | "author" | "shopper", "name")
        | (_, "author" | "owner" | "recipient" | "fullname") => full_name(choice),
        (_, "name") => name_of_thing(choice),
        ("job", "title") | (_, "job" | "occupation" | "profession") => choice.word(&words::JOBS).to_owned(),
        (_, "gender") => choice.word(&["female", "male", "other"]).to_owned(),
        _ => return None,
    })
}

fn full_name(choice: &mut Choice<'_>) -> String {
    format!("{} {}", choice.word(&words::FIRST_NAMES), choice.word(&words::LAST_NAMES))
}

fn name_of_thing(choice: &mut Choice<'_>) -> String {
    let noun = choice.word(&words::NOUNS);
    noun[..1].to_uppercase() + &noun[1..]
}

fn place(before: &str, last: &str, max: Option<u64>, choice: &mut Choice<'_>) -> Option<String> {
    Some(match (before, last) {
        ("country", "code") | (_, "country" | "nationality") => country(before, last, max, choice).to_owned(),
        ("currency", "code") | (_, "currency") => choice.word(&words::CURRENCIES).to_owned(),
        (_, "city" | "town" | "locality") => choice.word(&words::CITIES).to_owned(),
        ("state", "province") | (_, "province" | "region" | "county") => {
            choice.word(&words::REGIONS).to_owned()
        }
        ("postal" | "zip" | "post", "code") | (_, "zip" | "zipcode" | "postcode") => {
            format!("{:05}", choice.between(10_000, 99_999))
        }
        (_, "street") => choice.word(&words::STREETS).to_owned(),
        (_, "address" | "address1" | "line1") if !matches!(before, "email" | "ip" | "mac" | "mail") => {
            format!("{} {}", choice.between(1, 99), choice.word(&words::STREETS))
        }
        ("house", "number") | (_, "apartment") => choice.between(1, 99).to_string(),
        (_, "timezone") | ("time", "zone") => choice.word(&words::TIME_ZONES).to_owned(),
        (_, "locale") => choice.word(&words::LOCALES).to_owned(),
        (_, "language" | "lang") => choice.word(&words::LANGUAGES).to_owned(),
        _ => return None,
    })
}

fn country(before: &str, last: &str, max: Option<u64>, choice: &mut Choice<'_>) -> &'static str {
    match max {
        Some(2) => choice.word(&words::COUNTRY_CODES),
        Some(3) => choice.word(&words::COUNTRY_CODES_3),
        _ if last == "code" || before == "code" => choice.word(&words::COUNTRY_CODES),
        _ => choice.word(&words::COUNTRIES),
    }
}

fn network(before: &str, last: &str, choice: &mut Choice<'_>) -> Option<String> {
    Some(match (before, last) {
        (_, "email" | "mail") | ("email" | "mail", "address") => format::email(choice),
        (_, "phone" | "telephone" | "mobile" | "fax" | "msisdn")
        | ("phone" | "telephone" | "mobile", "number") => {
            // The country code 999 is not assigned to anyone (ITU-T E.164).
            format!("+999{}", choice.between(10_000_000, 99_999_999))
        }
        (_, "url" | "uri" | "link" | "href" | "website" | "homepage" | "webhook" | "callback") => {
            format::uri(choice)
        }
        (_, "avatar" | "image" | "photo" | "picture" | "thumbnail" | "icon" | "logo" | "banner") => {
            format!("https://{}/images/{}.png", choice.word(&words::HOSTS), format::slug(choice))
        }
        (_, "host" | "hostname" | "domain" | "server") | ("host" | "domain", "name") => {
            format::hostname(choice)
        }
        (_, "ip" | "ipv4") | ("ip", "address") => format::ipv4(choice),
        (_, "ipv6") => format::ipv6(choice),
        ("mac", "address") | (_, "mac") => {
            format!("02:00:00:{:02x}:{:02x}:{:02x}", choice.below(256), choice.below(256), choice.below(256))
        }
        ("user", "agent") => "Mozilla/5.0 (standin)".to_owned(),
        ("mime" | "content" | "media", "type") | (_, "mimetype") => {
            choice.word(&words::MEDIA_TYPES).to_owned()
        }
        _ => return None,
    })
}

fn moment(before: &str, last: &str, choice: &mut Choice<'_>) -> Option<String> {
    let era = era_of(&[before, last]);
    Some(match (before, last) {
        (_, "date" | "day" | "birthday" | "dob" | "birthdate") | ("of", "birth") => format::date(era, choice),
        (_, "at" | "timestamp" | "datetime") if !before.is_empty() || last != "at" => {
            format::date_time(era, choice)
        }
        ("start" | "end" | "open" | "close" | "opening" | "closing", "time") => format::time(choice),
        (
            _,
            "time" | "since" | "until" | "expires" | "expiry" | "expiration" | "created" | "updated"
            | "modified",
        ) => format::date_time(era, choice),
        (_, "year") => choice.between(2024, 2025).to_string(),
        (_, "month") => format!("{:02}", choice.between(1, 12)),
        ("expiry" | "exp", _) => format!("{:02}/{}", choice.between(1, 12), choice.between(27, 35)),
        _ => return None,
    })
}

/// The era of dates with these names.
pub(super) fn era(names: &[&str]) -> Era {
    let words: Vec<String> = names.first().map(|name| split(name)).unwrap_or_default();
    era_of(&words.iter().map(String::as_str).collect::<Vec<_>>())
}

fn era_of(words: &[&str]) -> Era {
    const PAST: [&str; 5] = ["birth", "birthday", "birthdate", "dob", "born"];
    const FUTURE: [&str; 10] =
        ["expires", "expiry", "expiration", "expire", "exp", "until", "due", "deadline", "renewal", "next"];
    let says = |list: &[&str]| words.iter().any(|word| list.contains(word));
    if says(&PAST) {
        Era::Past
    } else if says(&FUTURE) {
        Era::Future
    } else {
        Era::Recent
    }
}

fn code(before: &str, last: &str, max: Option<u64>, choice: &mut Choice<'_>) -> Option<String> {
    Some(match (before, last) {
        (_, "uuid" | "guid") => format::uuid(choice),
        (_, "sha256") | ("sha256", _) => hex(64, max, choice),
        (_, "sha1" | "commit" | "sha") => hex(40, max, choice),
        (
            _,
            "token" | "secret" | "key" | "signature" | "hash" | "checksum" | "nonce" | "cursor" | "etag"
            | "md5" | "digest",
        ) => hex(32, max, choice),
        (_, "iban") => iban(choice),
        (_, "bic" | "swift") => {
            format!("{}{}2X", choice.word(&["DEMO", "TEST", "BANK"]), choice.word(&words::COUNTRY_CODES))
        }
        (_, "ean" | "gtin" | "barcode" | "ean13") => ean(choice),
        (_, "percent" | "percentage") => choice.between(0, 100).to_string(),
        (_, "unit" | "units" | "uom") => choice.word(&["kg", "m", "l", "pcs"]).to_owned(),
        ("created" | "updated" | "modified" | "deleted" | "approved" | "assigned", "by" | "to")
        | (_, "assignee") => full_name(choice),
        (_, "path") => format!("/{}/{}", format::slug(choice), choice.word(&words::FILES)),
        (_, "password") => format!("{}-{}", format::slug(choice), choice.between(1000, 9999)),
        (_, "id" | "identifier" | "reference" | "ref" | "psp") => {
            format!("{}_{}", prefix(before), hex(8, None, choice))
        }
        (_, "sku" | "code" | "number") => {
            format!("{}-{}", format::slug(choice)[..3].to_uppercase(), choice.between(100, 9999))
        }
        (_, "color" | "colour") => color(max, choice),
        (_, "slug") => format!("{}-{}", format::slug(choice), format::slug(choice)),
        (_, "version") => format!("{}.{}.{}", choice.between(1, 4), choice.below(10), choice.below(10)),
        (_, "status" | "state") => choice.word(&words::STATES).to_owned(),
        (_, "price" | "amount" | "total" | "cost") => {
            format!("{}.{:02}", choice.between(1, 250), choice.below(100))
        }
        (_, "quantity" | "count" | "size" | "age") => choice.between(1, 60).to_string(),
        (_, "latitude" | "lat" | "longitude" | "lng" | "lon") => {
            format!("{}.{:04}", choice.below(80), choice.below(10_000))
        }
        _ => return None,
    })
}

/// An account number whose check digits are right (ISO 13616), of a country that has no such accounts.
fn iban(choice: &mut Choice<'_>) -> String {
    let account = choice.between(1_000_000_000, 9_999_999_999);
    // `XX00` behind the account, its letters as the numbers 33 and 33.
    let check = 98 - (u128::from(account) * 1_000_000 + 333_300) % 97;
    format!("XX{check:02}{account}")
}

/// A number of thirteen digits whose last one is right, from the range for use within a shop (GS1 prefix 20).
fn ean(choice: &mut Choice<'_>) -> String {
    let number = format!("20{:010}", choice.below(10_000_000_000));
    let digits = number.bytes().map(|digit| u64::from(digit - b'0'));
    let sum: u64 = digits.zip([1, 3].into_iter().cycle()).map(|(digit, weight)| digit * weight).sum();
    format!("{number}{}", (10 - sum % 10) % 10)
}

fn prefix(before: &str) -> &str {
    if before.is_empty() || !before.is_ascii() { "id" } else { &before[..before.len().min(4)] }
}

fn color(max: Option<u64>, choice: &mut Choice<'_>) -> String {
    if max == Some(7) {
        return format!("#{:06x}", choice.below(1 << 24));
    }
    choice.word(&words::COLORS).to_owned()
}

fn hex(length: usize, max: Option<u64>, choice: &mut Choice<'_>) -> String {
    let length = max.and_then(|max| usize::try_from(max).ok()).unwrap_or(length).min(length);
    (0..length)
        .map(|_| char::from_digit(u32::try_from(choice.below(16)).unwrap_or(0), 16).unwrap_or('0'))
        .collect()
}

fn prose(last: &str, max: Option<u64>, choice: &mut Choice<'_>) -> Option<String> {
    Some(match last {
        "title" | "subject" | "headline" | "caption" | "heading" => choice.word(&words::TITLES).to_owned(),
        "tag" | "tags" | "label" | "labels" | "category" | "keyword" | "keywords" => {
            choice.word(&words::LABELS).to_owned()
        }
        "description" | "message" | "summary" | "comment" | "note" | "notes" | "text" | "body"
        | "content" | "bio" | "details" | "detail" | "reason" | "instructions" | "abstract" => {
            paragraph(max, choice)
        }
        _ => return None,
    })
}

/// One sentence or two, as there is room.
fn paragraph(max: Option<u64>, choice: &mut Choice<'_>) -> String {
    let first = choice.word(&words::SENTENCES);
    let both = format!("{first} {}", choice.word(&words::SENTENCES));
    let room = max.is_none_or(|max| both.len() as u64 <= max);
    if room && choice.rarely(3) { both } else { first.to_owned() }
}

/// Where numbers of this name usually lie.
pub(super) fn number(name: &str) -> Option<Likely> {
    let words = split(name);
    let likely = |low, high, places| Some(Likely { low, high, places });
    match words.last()?.as_str() {
        "price" | "amount" | "cost" | "total" | "subtotal" | "fee" | "tax" | "balance" | "discount" => {
            likely(1, 500, 2)
        }
        "latitude" | "lat" => likely(-60, 70, 5),
        "longitude" | "lng" | "lon" => likely(-180, 180, 5),
        "age" => likely(18, 90, 0),
        "year" => likely(2024, 2025, 0),
        "month" => likely(1, 12, 0),
        "day" => likely(1, 28, 0),
        "hour" | "hours" => likely(0, 23, 0),
        "minute" | "minutes" | "second" | "seconds" => likely(0, 59, 0),
        "percent" | "percentage" | "progress" | "pct" => likely(0, 100, 1),
        "rating" | "stars" | "score" => likely(1, 5, 1),
        "quantity" | "stock" => likely(1, 20, 0),
        "page" => likely(1, 10, 0),
        "limit" => likely(10, 100, 0),
        "port" => likely(1024, 9999, 0),
        "status" => likely(200, 200, 0),
        "width" | "height" => likely(100, 2000, 0),
        "exp" | "expires" | "expiry" | "expiration" => likely(1_830_297_600, 1_956_527_999, 0),
        "at" if words.iter().any(|word| word.starts_with("expire")) => {
            likely(1_830_297_600, 1_956_527_999, 0)
        }
        // The seconds of the years 2024 and 2025.
        "at" | "timestamp" | "epoch" | "iat" | "created" | "updated" => {
            likely(1_704_067_200, 1_767_225_599, 0)
        }
        "ms" | "millis" if words.iter().any(|word| word == "timestamp" || word == "at" || word == "time") => {
            likely(1_704_067_200_000, 1_767_225_599_000, 0)
        }
        "id" | "number" => likely(1, 99_999, 0),
        _ => None,
    }
}

/// The words of a name, in small letters.
pub(super) fn split(name: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut after_small = false;
    for character in name.chars() {
        let ends = !character.is_alphanumeric() || (character.is_uppercase() && after_small);
        if ends && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        word.extend(character.to_lowercase().filter(|character| character.is_alphanumeric()));
        after_small = !character.is_uppercase();
    }
    words.extend((!word.is_empty()).then_some(word));
    words
}

#[cfg(test)]
mod tests {
    use super::{super::super::Dice, *};

    #[test]
    fn names_are_read_as_their_words() {
        assert_eq!(split("shippingCity"), ["shipping", "city"]);
        assert_eq!(split("billing_postal-code"), ["billing", "postal", "code"]);
        assert_eq!(split("userID"), ["user", "id"]);
        assert_eq!(split("x.y[0]"), ["x", "y", "0"]);
    }

    #[test]
    fn the_same_decisions_give_the_same_likeness() {
        let mut dice = Dice::smallest();
        let mut choice = Choice::new(&mut dice, 0);
        assert_eq!(text("contactEmail", None, &mut choice).as_deref(), Some("ada.reed@example.com"));
        assert_eq!(text("country", Some(2), &mut choice).as_deref(), Some("NO"));
        assert_eq!(text("countryCode", None, &mut choice).as_deref(), Some("NO"));
        assert_eq!(text("something", None, &mut choice), None);
    }
}
