//! Walks the root file and, through every reference, whatever else belongs to the document; each file is read once.
//!
//! A reference is resolved as its standard says: against the nearest `$id` around it, else the file, by pointer or by
//! anchor (JSON Schema 2020-12, sections 8.2 and 9.1; OAS 3.2, section 4.1.2). What it names is the same kind of thing as
//! what it stands for, so the walk always knows what it is looking at. Read [`Gathering::run`] first.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::Arc,
};

use indexmap::IndexMap;
use serde_json::Value;

use super::{
    Fetch, File, Refused, Source, read, reference,
    shape::{self, Kind, Shape, children},
};
use crate::finding::{Place, Pointer, Trail};

/// Everything that belongs to a document, as it was written.
pub(super) struct Gathered {
    pub(super) files: IndexMap<Arc<str>, File>,
    /// Where the walk started anew: the root, and what references lead to.
    pub(super) entries: Vec<(Place, Shape)>,
    /// The objects that are references.
    pub(super) references: Vec<Place>,
    /// References that a pointer alone does not say, and how it does.
    pub(super) rewritten: Vec<(Place, String)>,
}

/// A reference that waits to be followed.
struct Waiting {
    /// The URI that it is relative to.
    base: Arc<str>,
    text: String,
    holder: Place,
    shape: Shape,
}

pub(super) struct Gathering<'s> {
    source: &'s Source,
    fetch: Option<&'s Fetch<'s>>,
    refused: &'s mut Refused,
    gathered: Gathered,
    waiting: VecDeque<Waiting>,
    /// The files that cannot be read, by URI.
    failed: HashSet<Arc<str>>,
    /// The pointers that were followed, by the file and the kind of what they lead to.
    followed: HashMap<(Arc<str>, Shape), HashSet<String>>,
    /// The values that were walked, by their address: the trees do not move while they are walked.
    seen: HashSet<(*const Value, Shape)>,
    /// The schemas and documents that name themselves, by URI.
    ids: HashMap<String, Place>,
    /// The schemas that have an anchor, by URI, `#` and name.
    anchors: HashMap<String, Place>,
}

impl<'s> Gathering<'s> {
    pub(super) fn new(source: &'s Source, fetch: Option<&'s Fetch<'s>>, refused: &'s mut Refused) -> Self {
        let gathered = Gathered {
            files: IndexMap::new(),
            entries: Vec::new(),
            references: Vec::new(),
            rewritten: Vec::new(),
        };
        Self {
            source,
            fetch,
            refused,
            gathered,
            waiting: VecDeque::new(),
            failed: HashSet::new(),
            followed: HashMap::new(),
            seen: HashSet::new(),
            ids: HashMap::new(),
            anchors: HashMap::new(),
        }
    }

    /// Reads everything; what fails is told in what is refused, and the rest is there.
    pub(super) fn run(mut self) -> Gathered {
        let (name, uri) = read::identify(self.source);
        if let Some(root) = self.file(&uri, &name) {
            if let Some(own) = root.get("$self").and_then(Value::as_str) {
                let place = Place { file: Arc::clone(&uri), pointer: Pointer::root() };
                self.ids.insert(reference::join(&uri, own), place);
            }
            self.enter(&Place { file: uri, pointer: Pointer::root() }, Shape::One(Kind::Root));
        }
        while let Some(waiting) = self.waiting.pop_front() {
            self.follow(&waiting);
        }
        self.gathered
    }

    /// The tree of a file, read when it is asked for first.
    fn file(&mut self, uri: &Arc<str>, name: &str) -> Option<Arc<Value>> {
        if let Some(file) = self.gathered.files.get(uri) {
            return Some(Arc::clone(&file.root));
        }
        // What cannot be read is told once.
        if self.failed.contains(uri) {
            return None;
        }
        let Some(file) = read::file(self.source, uri, name, self.fetch, self.refused) else {
            self.failed.insert(Arc::clone(uri));
            return None;
        };
        let root = Arc::clone(&file.root);
        self.gathered.files.insert(Arc::clone(uri), file);
        Some(root)
    }

    /// Walks what stands at a place, if that has not been done.
    fn enter(&mut self, place: &Place, shape: Shape) {
        let Some(file) = self.gathered.files.get(&place.file) else { return };
        let root = Arc::clone(&file.root);
        let Some(value) = place.pointer.within(&root) else { return };
        if self.seen.contains(&(std::ptr::from_ref(value), shape)) {
            return;
        }
        let base = self.base_around(place, &root);
        self.gathered.entries.push((place.clone(), shape));
        self.walk(place, value, shape, &Trail::root(), &base);
    }

    /// The URI that references at a place are relative to, from the schemas around it.
    fn base_around(&self, place: &Place, root: &Value) -> Arc<str> {
        let mut base = Arc::clone(&place.file);
        let (mut value, mut at) = (root, Pointer::root());
        for token in place.pointer.tokens() {
            let here = Place { file: Arc::clone(&place.file), pointer: at.clone() };
            if let Some(id) =
                own_id(value).filter(|id| self.ids.get(&reference::join(&base, id)) == Some(&here))
            {
                base = reference::join(&base, id).into();
            }
            at.push(&token);
            let Some(next) = root.pointer(at.as_str()) else { break };
            value = next;
        }
        base
    }

    fn walk(&mut self, home: &Place, value: &Value, shape: Shape, trail: &Trail<'_>, base: &Arc<str>) {
        if !self.seen.insert((std::ptr::from_ref(value), shape)) {
            return;
        }
        let place = || Place { file: Arc::clone(&home.file), pointer: home.pointer.append(&trail.pointer()) };
        let mut base = Arc::clone(base);
        if shape == Shape::One(Kind::Schema) && value.is_object() {
            base = self.named(value, base, &place);
        }
        if let Some(text) = shape::reference(value, shape) {
            let holder = place();
            self.gathered.references.push(holder.clone());
            if !self.is_followed(&base, &holder.file, shape, text) {
                self.waiting.push_back(Waiting {
                    base: Arc::clone(&base),
                    text: text.to_owned(),
                    holder,
                    shape,
                });
            }
        }
        for (step, shape, child) in children(shape, value) {
            self.walk(home, child, shape, &step.after(trail), &base);
        }
    }

    /// Notes the names that a schema gives itself; the URI that references in it are relative to.
    fn named(&mut self, schema: &Value, base: Arc<str>, place: &dyn Fn() -> Place) -> Arc<str> {
        let mut base = base;
        if let Some(id) = own_id(schema) {
            base = reference::join(&base, id).into();
            self.ids.entry(base.to_string()).or_insert_with(place);
        }
        // In the older dialects an identifier that is a fragment is an anchor (draft 7, section 8.2.3).
        let older = ["$id", "id"].iter().filter_map(|key| schema.get(key)?.as_str()?.strip_prefix('#'));
        let newer = ["$anchor", "$dynamicAnchor"].iter().filter_map(|key| schema.get(key)?.as_str());
        for anchor in older.chain(newer) {
            self.anchors.entry(format!("{base}#{anchor}")).or_insert_with(place);
        }
        base
    }

    fn follow(&mut self, waiting: &Waiting) {
        let Waiting { base, text, holder, shape } = waiting;
        if self.is_followed(base, &holder.file, *shape, text) {
            return;
        }
        let Some(place) = self.resolve(waiting) else { return };
        if place != reference::target(&holder.file, text) {
            let text = reference::between(&holder.file, &place);
            self.gathered.rewritten.push((holder.clone(), text));
        } else if *base == holder.file && text.starts_with("#/") {
            let followed = self.followed.entry((Arc::clone(&holder.file), *shape)).or_default();
            followed.insert(text.clone());
        }
        self.enter(&place, *shape);
    }

    /// Whether the same pointer was followed before from the same file, which leads to the same place: most references of
    /// a large document are of a few thousand kinds.
    fn is_followed(&self, base: &Arc<str>, file: &Arc<str>, shape: Shape, text: &str) -> bool {
        let followed = || self.followed.get(&(Arc::clone(file), shape));
        base == file && text.starts_with("#/") && followed().is_some_and(|texts| texts.contains(text))
    }

    fn resolve(&mut self, waiting: &Waiting) -> Option<Place> {
        let (path, fragment) = waiting.text.split_once('#').unwrap_or((&waiting.text, ""));
        let fragment = percent_encoding::percent_decode_str(fragment).decode_utf8_lossy().into_owned();
        let bases = [&waiting.base, &waiting.holder.file];
        // A schema's `$id` often names a place on the web where the document's own files are not.
        bases.into_iter().find_map(|base| {
            let uri = match path {
                "" => base.to_string(),
                path => reference::join(base, &reference::escaped(path)),
            };
            self.at(&uri, &fragment)
        })
    }

    fn at(&mut self, uri: &str, fragment: &str) -> Option<Place> {
        if let Some(place) = self.anchors.get(&format!("{uri}#{fragment}")) {
            return Some(place.clone());
        }
        let home = match self.ids.get(uri) {
            Some(place) => place.clone(),
            None => Place { file: uri.into(), pointer: Pointer::root() },
        };
        let name = read::shown_name(&home.file);
        let root = self.file(&home.file, &name)?;
        let value = home.pointer.within(&root)?;
        let inner = if fragment.is_empty() || fragment.starts_with('/') {
            Pointer::from_escaped(fragment)
        } else {
            reference::anchored(value, fragment)?
        };
        inner.within(value)?;
        Some(Place { pointer: home.pointer.append(&inner), file: home.file })
    }
}

/// The URI that a schema gives itself, where it gives one.
fn own_id(schema: &Value) -> Option<&str> {
    let id = schema.get("$id").or_else(|| schema.get("id").filter(|_| schema.get("$schema").is_some()))?;
    let id = id.as_str()?;
    let id = id.strip_suffix('#').unwrap_or(id);
    (!id.is_empty() && !id.starts_with('#')).then_some(id)
}
