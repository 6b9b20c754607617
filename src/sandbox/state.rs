//! What a mock was given to keep: things, each under an id, in the order in which they were made.
//!
//! It knows values and nothing of documents. What it takes is bounded: where there is no room, the oldest things go. Each
//! sandbox has one of its own behind a lock of its own. Read [`Store`] first.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    ops::Bound,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use serde_json::Value;

/// The things of one sandbox, shared by its requests.
#[derive(Debug, Default)]
pub struct State(Mutex<Store>);

/// How much is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// The most things.
    pub things: usize,
    /// The most bytes that they take together, written as JSON.
    pub bytes: usize,
}

impl Default for Room {
    fn default() -> Self {
        Self { things: 10_000, bytes: 16 * 1024 * 1024 }
    }
}

/// Which things stand together: the API, by its number, and their path, such as `/users/7/orders`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Shelf {
    /// The number of the API.
    pub api: usize,
    /// The path, the ids of what the things stand in written into it.
    pub path: String,
}

/// Something that is kept.
#[derive(Debug, Clone)]
pub struct Thing {
    /// What is known of it.
    pub value: Arc<Value>,
    /// Its id.
    pub id: Value,
    /// Which of all that were made in this sandbox it is, from 1.
    pub number: u64,
    /// How often it was written.
    pub version: u64,
    /// The key of the request that made it, where it had one.
    pub key: Option<String>,
    weight: usize,
}

/// Things in a bounded room.
///
/// ```
/// use serde_json::json;
/// use standin::sandbox::{Room, Shelf, Store};
///
/// let mut store = Store::new(Room { things: 1, bytes: 1000 });
/// let pets = Shelf { api: 0, path: "/pets".to_owned() };
/// store.put(&pets, "1", json!(1), json!({"id": 1, "name": "Rex"}), None);
/// assert_eq!(store.get(&pets, "1").map(|thing| thing.value["name"].clone()), Some(json!("Rex")));
/// // There is room for one only, so the oldest goes.
/// assert_eq!(store.put(&pets, "2", json!(2), json!({"id": 2}), None), 1);
/// assert!(store.get(&pets, "1").is_none());
/// ```
#[derive(Debug, Default)]
pub struct Store {
    room: Room,
    shelves: BTreeMap<Shelf, Things>,
    /// Where each thing stands, by its number.
    order: BTreeMap<u64, (Shelf, String)>,
    weight: usize,
    made: u64,
    dropped: u64,
}

/// The things of one shelf.
#[derive(Debug, Default)]
struct Things {
    /// Their numbers, by their ids.
    numbers: HashMap<String, u64>,
    by_number: BTreeMap<u64, Thing>,
    /// The ids that things had which were taken away; no other gets one of them, as far as there is room to remember.
    past: HashSet<String>,
    /// The greatest id of those that are numbers.
    greatest: Option<i64>,
}

/// How many ids of things that are no more are remembered on a shelf.
const PAST: usize = 10_000;

impl State {
    /// The things, held until what is returned is dropped, in a room of this size from here on.
    pub fn lock(&self, room: Room) -> MutexGuard<'_, Store> {
        // A panic elsewhere leaves the things as they were before or after one was put or taken.
        let mut store = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        store.room = room;
        store
    }
}

impl Store {
    /// An empty one.
    pub fn new(room: Room) -> Self {
        Self { room, ..Self::default() }
    }

    /// How many things there are.
    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// How many things were ever made.
    pub fn made(&self) -> u64 {
        self.made
    }

    /// How many went because there was no room.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    /// The thing of this id.
    pub fn get(&self, at: &Shelf, id: &str) -> Option<&Thing> {
        let things = self.shelves.get(at)?;
        things.by_number.get(things.numbers.get(id)?)
    }

    /// Whether a thing has this id, or had it.
    pub fn knows(&self, at: &Shelf, id: &str) -> bool {
        let things = self.shelves.get(at);
        things.is_some_and(|things| things.numbers.contains_key(id) || things.past.contains(id))
    }

    /// The greatest id that a thing of a shelf has or had, of those that are numbers.
    pub fn greatest(&self, at: &Shelf) -> Option<i64> {
        self.shelves.get(at)?.greatest
    }

    /// The things of a shelf, oldest first.
    pub fn all(&self, at: &Shelf) -> impl DoubleEndedIterator<Item = &Thing> {
        self.shelves.get(at).into_iter().flat_map(|things| things.by_number.values())
    }

    /// Whether a thing of this size finds room at all.
    pub fn has_room_for(&self, value: &Value) -> bool {
        self.room.things > 0 && weight(value) <= self.room.bytes
    }

    /// Keeps a thing, in the place of one of the same id where there is one; how many others went for it, the oldest first.
    pub fn put(&mut self, at: &Shelf, id: &str, told: Value, value: Value, key: Option<String>) -> usize {
        let weight = weight(&value);
        let value = Arc::new(value);
        let things = self.shelves.entry(at.clone()).or_default();
        let held = things.numbers.get(id).and_then(|number| things.by_number.get_mut(number));
        if let Some(held) = held {
            self.weight = self.weight - held.weight + weight;
            *held = Thing { value, version: held.version + 1, weight, ..held.clone() };
            return self.make_room();
        }
        self.made += 1;
        let number = self.made;
        things.numbers.insert(id.to_owned(), number);
        things.greatest = things.greatest.max(told.as_i64());
        things.by_number.insert(number, Thing { value, id: told, number, version: 1, key, weight });
        self.order.insert(number, (at.clone(), id.to_owned()));
        self.weight += weight;
        self.make_room()
    }

    /// Takes a thing away, and all that stands below it.
    pub fn take(&mut self, at: &Shelf, id: &str) -> Option<Thing> {
        let taken = self.remove(at, id)?;
        let below = Shelf { api: at.api, path: format!("{}/{id}/", at.path) };
        let from = (Bound::Included(&below), Bound::Unbounded);
        let inner = self.shelves.range::<Shelf, _>(from).map(|(at, _)| at);
        let inner = inner.take_while(|inner| inner.api == below.api && inner.path.starts_with(&below.path));
        for inner in inner.cloned().collect::<Vec<Shelf>>() {
            let things = self.shelves.remove(&inner).unwrap_or_default();
            for thing in things.by_number.into_values() {
                self.order.remove(&thing.number);
                self.weight -= thing.weight;
            }
        }
        Some(taken)
    }

    fn remove(&mut self, at: &Shelf, id: &str) -> Option<Thing> {
        let things = self.shelves.get_mut(at)?;
        let number = things.numbers.remove(id)?;
        let taken = things.by_number.remove(&number)?;
        if things.past.len() >= PAST {
            things.past.clear();
        }
        things.past.insert(id.to_owned());
        self.order.remove(&number);
        self.weight -= taken.weight;
        Some(taken)
    }

    fn make_room(&mut self) -> usize {
        let before = self.order.len();
        while self.order.len() > self.room.things || self.weight > self.room.bytes {
            let Some((at, id)) = self.order.first_key_value().map(|(_, place)| place.clone()) else {
                break;
            };
            self.take(&at, &id);
        }
        let gone = before - self.order.len();
        self.dropped += gone as u64;
        gone
    }
}

/// What a value takes, written as JSON.
fn weight(value: &Value) -> usize {
    value.to_string().len()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn at(path: &str) -> Shelf {
        Shelf { api: 0, path: path.to_owned() }
    }

    fn put(store: &mut Store, path: &str, id: &str) -> usize {
        store.put(&at(path), id, json!(id), json!({"id": id}), None)
    }

    #[test]
    fn what_stands_below_a_thing_goes_with_it_and_its_neighbours_stay() {
        let mut store = Store::default();
        for (path, id) in [
            ("/users", "1"),
            ("/users", "11"),
            ("/users/1/orders", "7"),
            ("/users/1/orders/7/notes", "a"),
            ("/users/11/orders", "7"),
        ] {
            put(&mut store, path, id);
        }
        assert!(store.take(&at("/users"), "1").is_some());
        assert_eq!(store.len(), 2);
        assert!(store.get(&at("/users/11/orders"), "7").is_some());
        assert!(store.get(&at("/users/1/orders"), "7").is_none());
        assert!(store.take(&at("/users"), "1").is_none());
    }

    #[test]
    fn the_oldest_go_where_there_is_no_room_for_their_number_or_their_bytes() {
        let mut store = Store::new(Room { things: 3, bytes: 29 });
        assert_eq!([1, 2, 3].map(|id| put(&mut store, "/a", &id.to_string())), [0, 0, 1]);
        assert_eq!(store.len(), 2, "each takes ten bytes, and the braces and quotes count");
        let ids: Vec<&Value> = store.all(&at("/a")).map(|thing| &thing.id).collect();
        assert_eq!(ids, [&json!("2"), &json!("3")]);
        assert_eq!((store.made(), store.dropped()), (3, 1));
        assert!(!store.has_room_for(&json!("x".repeat(30))));
    }

    #[test]
    fn a_thing_that_is_put_again_keeps_its_place_and_gets_another_version() {
        let mut store = Store::default();
        put(&mut store, "/a", "1");
        put(&mut store, "/a", "2");
        put(&mut store, "/a", "1");
        let seen: Vec<(Value, u64)> =
            store.all(&at("/a")).map(|thing| (thing.id.clone(), thing.version)).collect();
        assert_eq!(seen, [(json!("1"), 2), (json!("2"), 1)]);
        assert_eq!(store.made(), 2);
    }
}
