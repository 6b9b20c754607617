//! What was found → the lines by which a job of GitHub Actions marks the lines of a document.

use super::{At, Level, Reached, Told, Verified};

impl Verified {
    /// One workflow command for each violation.
    pub fn github(&self) -> String {
        self.told().map(|(operation, told)| command(operation, told)).collect()
    }
}

fn command(operation: &Reached, told: &Told) -> String {
    let level = match told.severity {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note => "notice",
    };
    let At { file, line, column, .. } = &told.at;
    let number = |name: &str, number: &Option<usize>| {
        number.map(|number| format!(",{name}={number}")).unwrap_or_default()
    };
    let help = told.help.as_ref().map(|help| format!("\nhelp: {help}")).unwrap_or_default();
    let replay = told.replay.as_ref().map(|replay| format!("\nreplay: {replay}")).unwrap_or_default();
    let message = format!(
        "{}: {}: {}{help}\ntried: {}\nagain: {}{replay}",
        operation.line(),
        told.location,
        told.message,
        told.tried,
        told.again()
    );
    format!(
        "::{level} file={}{}{},title={}::{}\n",
        property(file),
        number("line", line),
        number("col", column),
        property(told.check),
        data(&message)
    )
}

/// What stands after `::`: a line break would end the command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// What stands before `::`, where colons and commas part.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_text_ends_its_command_or_begins_another() {
        assert_eq!(data("a\r\n::error::100%"), "a%0D%0A::error::100%25");
        assert_eq!(property("c:\\a,b.yaml\n"), "c%3A\\a%2Cb.yaml%0A");
    }
}
