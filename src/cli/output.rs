//! Standard output and standard error.

use std::io::{self, IsTerminal as _, Write as _};

use crate::report::{Finding, Lang, Sources, human};

/// Writes the product. A reader that has gone (a closed pipe) is no error.
///
/// # Errors
/// Anything else that the system says.
pub(super) fn stdout(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

/// Writes messages; colours go where the terminal shows them (NO_COLOR, pipes).
pub(super) fn stderr(text: &str) {
    let _ = anstream::AutoStream::auto(io::stderr()).write_all(text.as_bytes());
}

/// Where a text is written.
#[derive(Clone, Copy, Debug)]
pub(super) enum To {
    /// Standard output: where findings are the product.
    Stdout,
    /// Standard error.
    Stderr,
}

/// Findings for a person, in colour where that stream shows it.
pub(super) fn human(findings: &[Finding], sources: &Sources, lang: Lang, verbose: bool, to: To) -> String {
    let choice = match to {
        To::Stdout => anstream::AutoStream::choice(&io::stdout()),
        To::Stderr => anstream::AutoStream::choice(&io::stderr()),
    };
    let options = human::Options { colour: choice != anstream::ColorChoice::Never, verbose, width: width() };
    human::render(findings, sources, lang, options)
}

/// Columns of the terminal, where it says so; else enough for any line that is not huge.
fn width() -> usize {
    let told = std::env::var("COLUMNS").ok().and_then(|c| c.parse().ok()).filter(|c| *c >= 40);
    told.unwrap_or(if io::stderr().is_terminal() { 120 } else { 200 })
}
