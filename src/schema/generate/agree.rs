//! Members of one object that tell of the same thing, such as a name and an e-mail address: made values are brought to
//! agree.
//!
//! Only what was made here is changed, and only where what is asked of it allows. Start at [`Maker::agree`].

use serde_json::{Map, Value};

use super::{facets::Objects, like::Like, likeness, solve::Maker, words};

/// The members that tell of a person, by their names.
#[derive(Debug, Default)]
struct Person {
    first: Option<String>,
    last: Option<String>,
    full: Option<String>,
    email: Option<String>,
}

impl<'a> Maker<'a, '_> {
    /// Makes the e-mail address and the names of a person agree, and a country and its code.
    pub(super) fn agree(
        &mut self,
        objects: &Objects<'a>,
        like: Option<Like<'a>>,
        members: &mut Map<String, Value>,
    ) {
        let person = person(members);
        let changes = [full_name(&person, members), country(members)];
        let mut changes: Vec<(String, String)> = changes.into_iter().flatten().collect();
        self.change(objects, like, members, &mut changes);
        changes.extend(email(&person, members));
        self.change(objects, like, members, &mut changes);
    }

    /// Gives members other values, but for those that were told and where what is asked does not allow it.
    fn change(
        &mut self,
        objects: &Objects<'a>,
        like: Option<Like<'a>>,
        members: &mut Map<String, Value>,
        changes: &mut Vec<(String, String)>,
    ) {
        for (name, text) in changes.drain(..) {
            let is_told = like.is_some_and(|like| like.member(&name).is_some());
            let value = Value::String(text);
            if !is_told && self.may_be(objects, &name, &value) {
                members.insert(name, value);
            }
        }
    }
}

fn text<'m>(members: &'m Map<String, Value>, name: Option<&String>) -> Option<&'m str> {
    members.get(name?)?.as_str()
}

/// The full name that the parts of the name say, or the address where the name made up is that of a thing.
fn full_name(person: &Person, members: &Map<String, Value>) -> Option<(String, String)> {
    let full = person.full.clone()?;
    let (first, last) = (text(members, person.first.as_ref()), text(members, person.last.as_ref()));
    if let Some((first, last)) = first.zip(last) {
        return Some((full, format!("{first} {last}")));
    }
    let (local, host) = text(members, person.email.as_ref())?.split_once('@')?;
    let is_made = words::HOSTS.contains(&host) && text(members, Some(&full)).is_some_and(is_made_up);
    is_made.then(|| (full, spoken(local)))
}

/// The address that the names say, where the one that is there was made up.
fn email(person: &Person, members: &Map<String, Value>) -> Option<(String, String)> {
    let (_, host) = text(members, person.email.as_ref())?.split_once('@')?;
    let parts = [text(members, person.first.as_ref()), text(members, person.last.as_ref())];
    let mut names: Vec<&str> = parts.into_iter().flatten().collect();
    if names.is_empty() {
        names.extend(text(members, person.full.as_ref()));
    }
    let local = address(&names).filter(|_| words::HOSTS.contains(&host))?;
    Some((person.email.clone()?, format!("{local}@{host}")))
}

/// Which members are the names and the address of a person.
fn person(members: &Map<String, Value>) -> Person {
    let mut person = Person::default();
    for (name, _) in members.iter().filter(|(_, value)| value.is_string()) {
        let place = match likeness::split(name).concat().as_str() {
            "firstname" | "givenname" | "forename" => &mut person.first,
            "lastname" | "familyname" | "surname" => &mut person.last,
            "name" | "fullname" | "displayname" => &mut person.full,
            "email" | "emailaddress" | "mail" => &mut person.email,
            _ => continue,
        };
        place.get_or_insert_with(|| name.clone());
    }
    person
}

/// Whether a name was made up here, and is one of a thing.
fn is_made_up(name: &str) -> bool {
    words::NOUNS.iter().any(|noun| noun.eq_ignore_ascii_case(name))
}

/// The local part of an address of these names; `None` where they have letters that it should not have.
fn address(names: &[&str]) -> Option<String> {
    let words: Vec<String> =
        names.iter().flat_map(|name| name.split_whitespace()).map(str::to_lowercase).collect();
    let is_plain =
        !words.is_empty() && words.concat().chars().all(|character| character.is_ascii_alphanumeric());
    is_plain.then(|| words.join("."))
}

/// The name that a local part such as `ada.reed` says.
fn spoken(local: &str) -> String {
    let capital = |word: &str| {
        word.chars().take(1).flat_map(char::to_uppercase).chain(word.chars().skip(1)).collect::<String>()
    };
    local.split('.').map(capital).collect::<Vec<_>>().join(" ")
}

/// The member that holds the code of the country beside it, and that code.
fn country(members: &Map<String, Value>) -> Option<(String, String)> {
    let name = members.iter().find(|(name, _)| likeness::split(name).concat() == "country")?.1.as_str()?;
    let index = words::COUNTRIES.iter().position(|country| *country == name)?;
    let (code, value) = members.iter().find(|(name, _)| {
        ["countrycode", "countryiso", "countryisocode"].contains(&likeness::split(name).concat().as_str())
    })?;
    let codes: &[&str] =
        if value.as_str()?.len() == 3 { &words::COUNTRY_CODES_3 } else { &words::COUNTRY_CODES };
    Some((code.clone(), (*codes.get(index)?).to_owned()))
}
