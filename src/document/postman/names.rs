//! Names that are given only once.

use std::collections::HashMap;

/// The names that were given.
#[derive(Debug, Default)]
pub(super) struct Names(HashMap<String, usize>);

impl Names {
    /// The name, with a number behind it where it was given before.
    pub(super) fn free(&mut self, name: &str, between: &str) -> String {
        let mut number = self.0.get(name).copied().unwrap_or(0) + 1;
        let mut free = name.to_owned();
        while self.0.contains_key(&free) {
            number = number.max(2);
            free = format!("{name}{between}{number}");
            number += 1;
        }
        // The search for the next one goes on where this one ended, or many of one name would take long.
        self.0.insert(name.to_owned(), number.saturating_sub(1));
        self.0.entry(free.clone()).or_insert(1);
        free
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_was_given_gets_a_number_that_was_not() {
        let mut names = Names::default();
        let given: Vec<String> =
            ["a", "a 2", "a", "a", "a 2"].iter().map(|name| names.free(name, " ")).collect();
        assert_eq!(given, ["a", "a 2", "a 3", "a 4", "a 2 2"]);
    }
}
