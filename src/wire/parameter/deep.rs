//! Keys with brackets → a tree (OAS 3.1, section 4.8.12.3, `deepObject`).
//!
//! The standard leaves open how lists and deeper objects are written. All usual ways are read: `tags[]=x`, `tags[0]=x`,
//! `tags=x&tags=y` and `a[b][c]=x`.

use super::Tree;
use crate::wire::Fault;

/// How many brackets a key may have; a deeper value is not worth the stack that it costs.
pub(super) const DEEPEST: usize = 32;

/// What the pairs say of the parameter `name`; `None` where none of them is of it.
pub(super) fn tree(name: &str, pairs: Vec<(String, String)>) -> Result<Option<Tree>, Fault> {
    let mut tree = None;
    for (key, text) in pairs {
        let Some(path) = key.strip_prefix(name).filter(|path| path.is_empty() || path.starts_with('['))
        else {
            continue;
        };
        let tokens = tokens(&key, path)?;
        put(tree.get_or_insert_with(Tree::none), &key, &tokens, text)?;
    }
    Ok(tree)
}

/// What stands between the brackets of a key.
fn tokens<'k>(key: &str, path: &'k str) -> Result<Vec<&'k str>, Fault> {
    if path.is_empty() {
        return Ok(Vec::new());
    }
    let inner = path.strip_prefix('[').and_then(|path| path.strip_suffix(']'));
    let tokens: Vec<&str> = inner.unwrap_or("[").split("][").collect();
    if tokens.iter().any(|token| token.contains(['[', ']'])) {
        return Err(Fault::new(format!("the brackets of `{key}` do not match")));
    }
    if tokens.len() > DEEPEST {
        return Err(Fault::new(format!("a key has more than {DEEPEST} brackets")));
    }
    Ok(tokens)
}

fn put(tree: &mut Tree, key: &str, tokens: &[&str], text: String) -> Result<(), Fault> {
    let mixed = || Fault::new(format!("`{key}` says something else than a key before it"));
    match (tokens, tree) {
        ([], tree) => tree.add(text).map_err(|_| mixed()),
        ([""], tree) => {
            if *tree == Tree::none() {
                *tree = Tree::List(Vec::new());
            }
            tree.add(text).map_err(|_| mixed())
        }
        (["", ..], _) => Err(Fault::new(format!("`{key}` does not number its items, as `[0]` does"))),
        ([name, rest @ ..], Tree::Members(members)) => {
            put(members.entry((*name).to_owned()).or_insert_with(Tree::none), key, rest, text)
        }
        _ => Err(mixed()),
    }
}
