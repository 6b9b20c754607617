//! A Markdown page as a test: its fenced blocks say what goes in and what is expected to come out.
//!
//! A block is known by the words after its fence, such as `http request`. Whoever runs a page gives back what each block
//! of expectation should read; [`check`] compares, or with `STANDIN_REWRITE=1` writes the pages anew. Read [`check`] first.

use std::{
    env,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

/// A page, read.
pub(crate) struct Page {
    /// Its path from the root of the package.
    pub(crate) path: PathBuf,
    /// Its blocks, in order.
    pub(crate) blocks: Vec<Block>,
    lines: Vec<String>,
}

/// A fenced block.
pub(crate) struct Block {
    /// The words after the fence.
    pub(crate) words: Vec<String>,
    /// What stands between the fences, each line with its end.
    pub(crate) text: String,
    /// The number of the fence's line, from 1.
    pub(crate) line: usize,
}

/// What a block of a page should read.
pub(crate) struct Shown {
    /// The number of the block.
    pub(crate) block: usize,
    /// What it should read.
    pub(crate) text: String,
}

/// What a page should read; or why it cannot be run, and in which line.
pub(crate) type Outcome = Result<Vec<Shown>, (usize, String)>;

impl Block {
    /// Whether its words begin with these.
    pub(crate) fn is(&self, words: &str) -> bool {
        words.split(' ').enumerate().all(|(at, word)| self.words.get(at).is_some_and(|held| held == word))
    }

    /// Its text as bytes: in Latin-1 where the fence says so, which is how text that is not UTF-8 is written in a page.
    pub(crate) fn bytes(&self, text: &str) -> Vec<u8> {
        if self.words.iter().any(|word| word == "latin-1") {
            return text.chars().map(|character| u8::try_from(character).unwrap_or(b'?')).collect();
        }
        text.as_bytes().to_vec()
    }
}

/// Runs every page under `folder` and compares; `known` are the kinds of blocks that a page may have.
pub(crate) fn check(folder: &str, known: &[&str], run: impl Fn(&Page) -> Outcome) {
    let rewrites = env::var_os("STANDIN_REWRITE").is_some_and(|value| value == "1");
    let paths = paths(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder));
    assert!(!paths.is_empty(), "there are pages under {folder}");
    let mut told = String::new();
    for path in paths {
        let page = read(&path);
        let outcome = known_only(&page, known).and_then(|()| run(&page));
        match outcome {
            Ok(shown) if rewrites => rewrite(&path, &page, &shown),
            Ok(shown) => told.extend(shown.iter().filter_map(|shown| difference(&page, shown))),
            Err((line, why)) => writeln!(told, "{}:{line}: {why}\n", page.path.display()).unwrap(),
        }
    }
    assert!(told.is_empty(), "\n{told}STANDIN_REWRITE=1 writes the pages anew");
}

fn paths(folder: &Path) -> Vec<PathBuf> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            paths.extend(self::paths(&path));
        } else if path.extension().is_some_and(|ending| ending == "md") {
            paths.push(path);
        }
    }
    paths.sort();
    paths
}

fn read(path: &Path) -> Page {
    let text = fs::read_to_string(path).unwrap();
    let lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let mut blocks: Vec<Block> = Vec::new();
    let mut is_open = false;
    for (at, line) in lines.iter().enumerate() {
        match (line.strip_prefix("```"), is_open) {
            (Some(_), true) => is_open = false,
            (Some(words), false) => {
                is_open = true;
                let words = words.split_whitespace().map(str::to_owned).collect();
                blocks.push(Block { words, text: String::new(), line: at + 1 });
            }
            (None, true) => {
                let block = blocks.last_mut().expect("it was opened");
                block.text.push_str(line);
                block.text.push('\n');
            }
            (None, false) => {}
        }
    }
    let root = env!("CARGO_MANIFEST_DIR");
    Page { path: path.strip_prefix(root).unwrap_or(path).to_owned(), blocks, lines }
}

/// A block of one word is an illustration; one of more words that nobody knows is a slip of the pen.
fn known_only(page: &Page, known: &[&str]) -> Result<(), (usize, String)> {
    let stray = |block: &&Block| block.words.len() > 1 && !known.iter().any(|words| block.is(words));
    match page.blocks.iter().find(stray) {
        None => Ok(()),
        Some(block) => {
            Err((block.line, format!("`{}` is none of {}", block.words.join(" "), known.join(", "))))
        }
    }
}

fn rewrite(path: &Path, page: &Page, shown: &[Shown]) {
    let mut text = String::new();
    let mut kept = 0;
    for Shown { block, text: new } in shown {
        let block = &page.blocks[*block];
        let lines = &page.lines[kept..block.line];
        text.extend(lines.iter().flat_map(|line| [line.as_str(), "\n"]));
        text.push_str(&ended(new));
        kept = block.line + block.text.lines().count();
    }
    text.extend(page.lines[kept..].iter().flat_map(|line| [line.as_str(), "\n"]));
    if fs::read_to_string(path).unwrap() != text {
        fs::write(path, text).unwrap();
    }
}

/// A text with an end to each line, and no spaces before it: those do not survive an editor.
fn ended(text: &str) -> String {
    text.lines().flat_map(|line| [line.trim_end(), "\n"]).collect()
}

/// The lines that differ, with the page and line of the first.
fn difference(page: &Page, shown: &Shown) -> Option<String> {
    let block = &page.blocks[shown.block];
    let new = ended(&shown.text);
    if new == block.text {
        return None;
    }
    let expected: Vec<&str> = block.text.lines().collect();
    let actual: Vec<&str> = new.lines().collect();
    let same = expected.iter().zip(&actual).take_while(|(left, right)| left == right).count();
    let left = &expected[same..];
    let right = &actual[same..];
    let tail = left.iter().rev().zip(right.iter().rev()).take_while(|(left, right)| left == right).count();
    let mut text =
        format!("{}:{}: `{}` differs\n", page.path.display(), block.line + same + 1, block.words.join(" "));
    let before = &expected[same.saturating_sub(2)..same];
    let after = &left[left.len() - tail..];
    for (mark, lines) in [
        ("  ", before),
        ("- ", &left[..left.len() - tail]),
        ("+ ", &right[..right.len() - tail]),
        ("  ", &after[..after.len().min(2)]),
    ] {
        text.extend(lines.iter().flat_map(|line| [mark, line, "\n"]));
    }
    text.push('\n');
    Some(text)
}

/// An empty folder for the files of a page.
pub(crate) fn folder(page: &Page) -> PathBuf {
    let name: String = page
        .path
        .to_string_lossy()
        .chars()
        .map(|character| if character.is_alphanumeric() { character } else { '-' })
        .collect();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder).unwrap();
    }
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// Writes a block's text to a file in `folder`.
pub(crate) fn write(folder: &Path, name: &str, block: &Block) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().expect("it is in the folder")).unwrap();
    fs::write(path, block.bytes(&block.text)).unwrap();
}
