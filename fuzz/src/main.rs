//! `drive TARGET SECONDS`: tries a target on its seeds, spoiled at random, for so long; for where there is no cargo-fuzz.
//!
//! An input that makes the target panic is written to `artifacts/TARGET/crash`, and the exit code is 1.

use std::{
    env, fs,
    panic::catch_unwind,
    path::Path,
    process::ExitCode,
    time::{Duration, Instant},
};

use rand_core::Rng;
use rand_pcg::Pcg64Mcg;
use standin_fuzz::TARGETS;

/// Pieces that mean something to one reader or another.
const WORDS: [&[u8]; 24] = [
    b"--b\r\n", b"--b--", b"\r\n\r\n", b"content-disposition: form-data; name=", b"%", b"%2F", b"[", b"]", b"=", b"&", b";",
    b",", b"<a>", b"</a>", b"<![CDATA[", b"&amp;", b"&#x", b"<?xml ", b"$ref: ", b"{}", b"\n  ", b"\xff\xfe", b"null", b"../",
];
/// No input is longer.
const LONGEST: usize = 1 << 16;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let named = arguments.first().and_then(|name| TARGETS.iter().find(|(known, _)| known == name));
    let seconds = arguments.get(1).and_then(|text| text.parse().ok());
    let (Some((name, target)), Some(seconds)) = (named, seconds) else {
        eprintln!("usage: drive TARGET SECONDS, where TARGET is one of {:?}", TARGETS.map(|(name, _)| name));
        return ExitCode::from(2);
    };
    let mut pool = seeds(name);
    let mut random = Pcg64Mcg::new(u128::from(std::process::id()) << 1 | 1);
    let begun = Instant::now();
    let mut count = 0_u64;
    let mut slowest = Duration::ZERO;
    while begun.elapsed() < Duration::from_secs(seconds) {
        let input = spoiled(&pool, &mut random);
        let start = Instant::now();
        if catch_unwind(|| target(&input)).is_err() {
            let path = format!("artifacts/{name}");
            let written = fs::create_dir_all(&path).and_then(|()| fs::write(format!("{path}/crash"), &input));
            eprintln!("{name}: a panic; the input is in {path}/crash ({written:?})");
            return ExitCode::FAILURE;
        }
        slowest = slowest.max(start.elapsed());
        count += 1;
        // What was spoiled is spoiled further, so that inputs go far from the seeds.
        let at = below(&mut random, 256);
        if at < pool.len() { pool[at] = input } else if pool.len() < 256 { pool.push(input) }
        if count.is_multiple_of(4096) {
            pool.extend(seeds(name));
            pool.drain(..pool.len().saturating_sub(256));
        }
    }
    println!("{name}: {count} inputs in {seconds} s, the slowest took {} ms", slowest.as_millis());
    ExitCode::SUCCESS
}

fn seeds(name: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds").join(name);
    let files = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut seeds: Vec<Vec<u8>> = files.filter_map(|file| fs::read(file.path()).ok()).collect();
    seeds.push(Vec::new());
    seeds
}

fn below(random: &mut Pcg64Mcg, bound: usize) -> usize {
    usize::try_from(random.next_u64() % bound.max(1) as u64).unwrap_or_default()
}

/// One of the pool, changed a few times.
fn spoiled(pool: &[Vec<u8>], random: &mut Pcg64Mcg) -> Vec<u8> {
    let mut input = pool[below(random, pool.len())].clone();
    for _ in 0..=below(random, 6) {
        let at = below(random, input.len() + 1);
        let end = at + below(random, (input.len() - at).min(64) + 1);
        match below(random, 6) {
            0 if at < input.len() => input[at] ^= 1 << below(random, 8),
            1 => input.insert(at, u8::try_from(below(random, 256)).unwrap_or_default()),
            2 => drop(input.drain(at..end)),
            3 => {
                let piece = input[at..end].to_vec();
                input.splice(at..at, piece);
            }
            4 => {
                let other = &pool[below(random, pool.len())];
                let from = below(random, other.len() + 1);
                let piece = other[from..from + below(random, other.len() - from + 1)].to_vec();
                input.splice(at..end, piece);
            }
            _ => {
                let word = WORDS[below(random, WORDS.len())].repeat(1 + below(random, 3) * below(random, 40));
                input.splice(at..at, word);
            }
        }
    }
    input.truncate(LONGEST);
    input
}
