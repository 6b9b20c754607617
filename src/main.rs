//! Starts the program.

fn main() -> std::process::ExitCode {
    standin::cli::run()
}
