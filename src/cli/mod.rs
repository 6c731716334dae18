//! The command line: one command a file. The only room with files, terminal and clock; holds no logic.

mod args;
mod ask;
mod bind;
mod build;
mod catalogue;
mod check;
mod check_sheet;
mod current;
mod disk;
mod import;
mod init;
mod keyzone;
mod lint;
#[cfg(feature = "live")]
mod live;
mod locale;
mod many;
mod one_site;
mod output;
mod pin;
mod places;
mod plan;
mod prompt;
mod providers;
mod providers_import;
mod ruler;
mod schema;
mod spf;
mod status;
mod summary;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::FromArgMatches as _;

use args::{Cli, Command};

use crate::report::{Lang, Text};
use crate::say;

/// What a run amounts to. The numbers are a published contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Exit {
    /// Fine.
    Fine,
    /// Findings of error level; with `--strict`, of warning level.
    Findings,
    /// Could not be carried out.
    NotDone,
    /// Nothing is wrong, but something differs, and that was asked for.
    Differs,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(match exit {
            Exit::Fine => 0,
            Exit::Findings => 1,
            Exit::NotDone => 2,
            Exit::Differs => 3,
        })
    }
}

/// That something could not be done: the line for standard error.
fn error(text: &Text, lang: Lang) -> String {
    say!(en: "error: {text}", ja: "エラー: {text}"; text = text).get(lang).to_owned()
}

/// Something to know beside the product: the line for standard error.
fn note(text: &Text, lang: Lang) -> String {
    say!(en: "note: {text}", ja: "お知らせ: {text}"; text = text).get(lang).to_owned()
}

/// Runs zoneplan with these arguments, the program's name first.
#[must_use]
pub fn run(arguments: Vec<OsString>) -> ExitCode {
    // The language decides the help, so it is looked for before the arguments are parsed.
    let lang = locale::lang(locale::asked(&arguments), |name| std::env::var(name).ok());
    let matches = match args::command(lang).try_get_matches_from(arguments) {
        Ok(matches) => matches,
        Err(error) => {
            // Help and version are no errors and go to standard output; clap knows which is which.
            if !error.use_stderr() {
                let _ = error.print();
                return Exit::Fine.into();
            }
            let japanese = args::japanese_error(&error).filter(|_| lang == Lang::Ja);
            output::stderr(&japanese.unwrap_or_else(|| args::plain_error(&error)));
            return Exit::NotDone.into();
        }
    };
    let cli = match Cli::from_arg_matches(&matches) {
        Ok(cli) => cli,
        Err(error) => {
            output::stderr(&args::plain_error(&error));
            return Exit::NotDone.into();
        }
    };
    match cli.command {
        Command::Init(options) => init::run(&options, lang).into(),
        Command::Build(options) => build::run(&options, lang, cli.lang.map(Into::into)).into(),
        Command::Plan(options) => plan::run(&options, lang, cli.lang.map(Into::into)).into(),
        Command::Check(options) => check::run(&options, lang, cli.lang.map(Into::into)).into(),
        Command::Keyzone(options) => keyzone::run(&options, lang, cli.lang.map(Into::into)).into(),
        Command::Ruler(options) => ruler::run(&options, lang, cli.lang.map(Into::into)).into(),
        Command::Schema(options) => schema::run(&options, lang, cli.lang.map(Into::into)).into(),
        Command::Spf(options) => spf::run(&options, lang, cli.lang.map(Into::into)).into(),
        Command::Pin(options) => pin::run(&options, lang).into(),
        Command::Status(options) => status::run(&options, lang, cli.lang.map(Into::into)).into(),
        Command::Ask(options) => ask::run(&options, lang, cli.lang.map(Into::into)).into(),
        Command::Lint(options) => lint::run(&options, lang).into(),
        Command::Import(options) => import::run(&options, lang, cli.lang.map(Into::into)).into(),
        Command::Providers(options) => providers::run(&options, lang, cli.lang.map(Into::into)).into(),
    }
}
