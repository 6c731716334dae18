//! What can be said on the command line, in both languages.

use std::path::PathBuf;

use clap::{Args, CommandFactory as _, Parser, Subcommand, ValueEnum};

use crate::render;
use crate::report::{Lang, visible};

/// From who sends mail for a domain to the DNS records, fitted to what the registrar's form can take.
#[derive(Debug, Parser)]
#[command(name = "zoneplan", bin_name = "zoneplan", version, propagate_version = true, max_term_width = 100)]
pub(super) struct Cli {
    /// Language of messages, and of comments in the output
    #[arg(long, global = true, value_name = "LANG")]
    pub lang: Option<LangArg>,
    #[command(subcommand)]
    pub command: Command,
}

/// en or ja.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum LangArg {
    /// English
    En,
    /// 日本語
    Ja,
}

impl From<LangArg> for Lang {
    fn from(lang: LangArg) -> Self {
        match lang {
            LangArg::En => Lang::En,
            LangArg::Ja => Lang::Ja,
        }
    }
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// The wanted records (standard output) and what is wrong with them (standard error)
    Build(BuildArgs),
    /// What the keyzone holds for many sites, merged into one zone; removes nothing unless told
    Keyzone(KeyzoneArgs),
    /// A test TXT and CNAME that show what the registrar's form takes, and what follows from it
    Ruler(RulerArgs),
    /// A letter to the registrar's support that asks what is not known of its form
    Ask(AskArgs),
    /// JSON Schema of site.toml or of templates: for editors that complete and check while you write
    Schema(SchemaArgs),
}

/// How findings are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum MessageFormat {
    /// With the line of site.toml that caused it
    Human,
    /// One line a finding
    Short,
    /// JSON, version 1
    Json,
}

/// For whom a worksheet is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Audience {
    /// As a request to whoever holds the login
    Client,
}

/// How findings are told.
#[derive(Debug, Args)]
pub(super) struct TellingArgs {
    /// Warnings too make exit code 1
    #[arg(long)]
    pub strict: bool,
    /// How findings are written to standard error
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub message_format: MessageFormat,
    /// Write the findings to this file besides, as JSON; - is standard output, if the records go to a file
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
    /// Advice in full, not one line each
    #[arg(short, long)]
    pub verbose: bool,
}

#[derive(Debug, Args)]
pub(super) struct BuildArgs {
    /// site.toml files [default: site.toml]
    // Not clap's default: without a SITE a missing site.toml has another answer.
    #[arg(value_name = "SITE")]
    pub sites: Vec<PathBuf>,
    /// What to write
    #[arg(long, value_name = "FORMAT", default_value = "zone", value_parser = clap::builder::PossibleValuesParser::new(render::FORMATS.iter().map(|f| f.name)))]
    pub format: String,
    /// Write to this file, or into this folder; several sites need a folder; - is standard output
    #[arg(short, long, value_name = "PATH")]
    pub output: Option<PathBuf>,
    /// For whom a worksheet is written
    #[arg(long = "for", value_name = "WHOM")]
    pub audience: Option<Audience>,
    /// Add SOA and NS, so that the text is a whole zone
    #[arg(long)]
    pub complete: bool,
    /// Name server for --complete, if the catalogue does not know the registrar's; may be repeated
    #[arg(long, value_name = "HOST", requires = "complete")]
    pub ns: Vec<String>,
    /// Serial of the SOA that --complete adds
    #[arg(long, value_name = "N", default_value_t = 1, requires = "complete")]
    pub serial: u32,
    /// Another registrar than site.toml names; its [limits] are then not asked
    #[arg(long, value_name = "ID")]
    pub registrar: Option<String>,
    /// site.toml has every record of the zone: formats that delete what they don't have may be written
    #[arg(long)]
    pub whole_zone: bool,
    #[command(flatten)]
    pub telling: TellingArgs,
}

#[derive(Debug, Args)]
pub(super) struct KeyzoneArgs {
    /// site.toml files with a [keyzone] [default: site.toml]
    #[arg(value_name = "SITE")]
    pub sites: Vec<PathBuf>,
    /// What to write
    #[arg(long, value_name = "FORMAT", default_value = "zone", value_parser = clap::builder::PossibleValuesParser::new(render::FORMATS.iter().map(|f| f.name)))]
    pub format: String,
    /// The keyzone's zone file as it is now; what it holds besides is kept
    #[arg(long, value_name = "FILE")]
    pub current: Option<PathBuf>,
    /// Leave out keys in --current that belong to these sites and that they no longer want, or want otherwise
    #[arg(long, requires = "current")]
    pub remove: bool,
    /// Write to this file, or into this folder; several keyzones need a folder; - is standard output
    #[arg(short, long, value_name = "PATH")]
    pub output: Option<PathBuf>,
    #[command(flatten)]
    pub telling: TellingArgs,
}

#[derive(Debug, Args)]
pub(super) struct RulerArgs {
    /// A site.toml, for its domain, its registrar and its longest TXT
    #[arg(value_name = "SITE")]
    pub site: Option<PathBuf>,
    /// The registrar in whose form it is entered: id or any known name
    #[arg(long, value_name = "ID")]
    pub registrar: Option<String>,
    /// Bytes of the test TXT, 20 to 4000 [default: 420, or the site's longest TXT]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(20..=4000))]
    pub length: Option<u16>,
    /// What the form or DNS shows of it: says how much was kept, and the line for [limits]
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub read: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct AskArgs {
    /// A site.toml, whose records are asked about, or a company [default: site.toml, without --registrar]
    #[arg(value_name = "SITE")]
    pub site: Option<PathBuf>,
    /// The registrar to be asked: id or any known name; without SITE it is asked in general
    #[arg(long, value_name = "ID")]
    pub registrar: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct SchemaArgs {
    /// Of which file
    #[arg(value_name = "KIND")]
    pub kind: SchemaKind,
    /// Write to this file; - is standard output
    #[arg(short, long, value_name = "PATH")]
    pub output: Option<PathBuf>,
}

/// Of which file a schema is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum SchemaKind {
    /// site.toml
    Site,
    /// Templates of services that send mail
    Sender,
    /// Templates of companies in whose panel DNS is edited
    Registrar,
}

/// Japanese help of arguments that mean another thing in another command: command, argument id → text.
const JA_OF: &[(&str, &str, &str)] = &[
    ("keyzone", "sites", "[keyzone] のある site.toml（複数可。省略するとこのフォルダの site.toml）"),
    (
        "keyzone",
        "output",
        "このファイル、またはこのフォルダに書きます（鍵の置き場が複数のときはフォルダ。- は標準出力）",
    ),
    ("ruler", "site", "site.toml（ドメイン、DNSを編集する会社、いちばん長い TXT を使います）"),
    ("ruler", "registrar", "どの会社の画面に入力するか（id または会社名）"),
    (
        "ask",
        "site",
        "site.toml（入力したいレコードについて聞きます）か、会社の名前。どちらも --registrar もなければこのフォルダの site.toml",
    ),
    ("schema", "output", "このファイルに書きます（- は標準出力）"),
    ("ask", "registrar", "問い合わせる会社（id または会社名）。SITE がなければ、一般的なことを聞きます"),
];

/// Japanese help: argument id → text. A test holds it against the command's arguments.
const JA: &[(&str, &str)] = &[
    ("lang", "メッセージと、出力のコメントの言語"),
    ("sites", "site.toml（複数可。省略するとこのフォルダの site.toml）"),
    ("format", "出力の形式"),
    ("output", "このファイル、またはこのフォルダに書きます（サイトが複数のときはフォルダ。- は標準出力）"),
    ("audience", "手順書をだれに向けて書くか。client はログインを持つ人への依頼書"),
    ("current", "鍵の置き場のいまのゾーンファイル。そこにあるほかのレコードは残します"),
    (
        "remove",
        "--current にある鍵のうち、これらのサイトのもので、使わなくなったものや内容が変わったものを取り除きます",
    ),
    ("complete", "SOA と NS を足して、1 つのゾーン全体にします"),
    ("ns", "--complete で使うネームサーバー（設定データにない場合。複数可）"),
    ("serial", "--complete で足す SOA のシリアル番号"),
    ("registrar", "site.toml と別の「DNSを編集する会社」で組み立てます（[limits] は使いません）"),
    ("whole_zone", "site.toml にゾーンのすべてのレコードがあります（書かれていないレコードを消す形式も出力します）"),
    ("strict", "警告でも終了コードを 1 にします"),
    ("message_format", "標準エラーに出すメッセージの形式"),
    ("report", "メッセージを JSON でこのファイルにも書きます（- は標準出力。レコードを -o でファイルに書くときだけ）"),
    ("length", "テスト用 TXT のバイト数、20〜4000（省略すると 420、またはサイトのいちばん長い TXT）"),
    ("kind", "どのファイルのスキーマか。site は site.toml、sender と registrar は設定データ"),
    ("read", "画面や DNS に出てきた文字列。何バイト残ったかと、[limits] に書く行を出します"),
    ("verbose", "助言も 1 行にまとめず、すべて表示します"),
    ("help", "使い方を表示します"),
    ("version", "版を表示します"),
];

/// A mistake on the command line in Japanese, where its kind has words; clap's own stay English.
pub(super) fn japanese_error(error: &clap::Error) -> Option<String> {
    use clap::error::{ContextKind, ContextValue, ErrorKind};
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(visible(text).into_owned()),
        Some(ContextValue::Strings(texts)) => Some(visible(&texts.join("、")).into_owned()),
        _ => None,
    };
    let arg = text(ContextKind::InvalidArg).unwrap_or_default();
    let value = text(ContextKind::InvalidValue).unwrap_or_default();
    let valid = text(ContextKind::ValidValue).map(|v| format!("（使える値: {v}）")).unwrap_or_default();
    let what = match error.kind() {
        ErrorKind::UnknownArgument => format!("{arg} という引数はありません"),
        ErrorKind::InvalidValue if value.is_empty() => format!("{arg} に値がありません{valid}"),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => format!("{arg} に「{value}」は使えません{valid}"),
        ErrorKind::InvalidSubcommand => {
            format!("「{}」というコマンドはありません", text(ContextKind::InvalidSubcommand).unwrap_or_default())
        }
        ErrorKind::MissingSubcommand => "コマンドがありません（例: zoneplan build）".to_owned(),
        ErrorKind::MissingRequiredArgument => format!("{arg} も必要です"),
        ErrorKind::ArgumentConflict => format!("{arg} は 1 回だけ指定します"),
        _ => return None,
    };
    let near = [ContextKind::SuggestedArg, ContextKind::SuggestedValue, ContextKind::SuggestedSubcommand];
    let near = near.into_iter().find_map(text).map(|n| format!("\n{n} ではありませんか")).unwrap_or_default();
    Some(format!("エラー: {what}{near}\n使い方は zoneplan --help --lang ja で見られます\n"))
}

/// A mistake on the command line in clap's words. It repeats what was given, so only its line breaks keep their power; colours would
/// not survive that and are left out.
pub(super) fn plain_error(error: &clap::Error) -> String {
    error.render().to_string().split('\n').map(visible).collect::<Vec<_>>().join("\n")
}

/// The command, with its help in `lang`.
pub(super) fn command(lang: Lang) -> clap::Command {
    let command = Cli::command();
    if lang == Lang::En {
        return command;
    }
    let command = command
        .about("だれがドメインのメールを出すかを書くと、必要な DNS レコードを、登録画面に入る形で組み立てます。")
        .subcommand_help_heading("コマンド")
        .mut_subcommand("build", |c| {
            japanese(c.about("必要なレコードを出します（標準出力）。問題は標準エラーに出ます"))
        })
        .mut_subcommand("keyzone", |c| {
            japanese(c.about("鍵の置き場に置くレコードを、多くのサイトから 1 つのゾーンにまとめます（指定がなければ何も取り除きません）"))
        })
        .mut_subcommand("ruler", |c| {
            japanese(c.about("DNS の画面に何バイトまで入るか、_ が使えるかを調べる、テスト用の値を出します"))
        })
        .mut_subcommand("ask", |c| {
            japanese(c.about("画面について分かっていないことを、DNSを編集する会社のサポートに聞く文面を出します"))
        })
        .mut_subcommand("schema", |c| {
            japanese(c.about("site.toml や設定データの JSON Schema を出します（エディターで、書きながら補完と確認ができます）"))
        });
    japanese(command)
}

/// The Japanese help of a command's argument.
fn japanese_help(command: &str, id: &str) -> Option<&'static str> {
    let own = JA_OF.iter().find(|(c, i, _)| *c == command && *i == id).map(|(.., text)| *text);
    own.or_else(|| JA.iter().find(|(i, _)| *i == id).map(|(_, text)| *text))
}

fn japanese(command: clap::Command) -> clap::Command {
    let name = command.get_name().to_owned();
    let help = |id: &str| japanese_help(&name, id);
    let mut command = command.mut_args(|arg| {
        let text = help(arg.get_id().as_str());
        let heading = if arg.is_positional() { "引数" } else { "オプション" };
        let arg = arg.help_heading(heading);
        let Some(text) = text else { return arg };
        if !arg.get_action().takes_values() {
            return arg.help(text);
        }
        // clap's own words for these are English.
        let values = arg.get_possible_values();
        let values: Vec<&str> =
            values.iter().filter(|v| !v.is_hide_set()).map(clap::builder::PossibleValue::get_name).collect();
        let default: Vec<String> = arg.get_default_values().iter().map(|v| v.to_string_lossy().into_owned()).collect();
        let mut text = text.to_owned();
        if !values.is_empty() {
            text.push_str(&format!("（{}）", values.join("、")));
        }
        if !default.is_empty() {
            text.push_str(&format!("（省略すると {}）", default.join("、")));
        }
        arg.help(text).hide_possible_values(true).hide_default_value(true)
    });
    // clap makes these two when it builds the command; they are made here so that they have words.
    command = command
        .disable_help_flag(true)
        .disable_version_flag(true)
        .disable_help_subcommand(true)
        .arg(
            clap::Arg::new("help")
                .short('h')
                .long("help")
                .action(clap::ArgAction::Help)
                .help(help("help").unwrap_or(""))
                .help_heading("オプション"),
        )
        .arg(
            clap::Arg::new("version")
                .short('V')
                .long("version")
                .action(clap::ArgAction::Version)
                .help(help("version").unwrap_or(""))
                .help_heading("オプション"),
        );
    command.help_template("{about-with-newline}\n使い方: {usage}\n\n{all-args}{after-help}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clap_accepts_both_commands() {
        command(Lang::En).debug_assert();
        command(Lang::Ja).debug_assert();
    }

    #[test]
    fn mistakes_are_told_in_japanese() {
        let error = |arguments: &[&str]| {
            let error = command(Lang::Ja).try_get_matches_from(arguments).unwrap_err();
            japanese_error(&error).unwrap()
        };
        assert!(error(&["zoneplan", "build", "--formt", "zone"]).contains("--format ではありませんか"));
        assert!(error(&["zoneplan", "build", "--format", "zon\u{1b}"]).contains("「zon<U+001B>」は使えません"));
        assert!(error(&["zoneplan", "biuld"]).contains("「biuld」というコマンドはありません"));
        assert!(error(&["zoneplan", "build", "--ns", "a.example"]).contains("--complete"));
    }

    #[test]
    fn a_mistake_in_clap_s_words_has_no_power_over_the_terminal() {
        for bad in ["\u{9b}31m", "\u{202e}", "\u{1b}[31m"] {
            let error = command(Lang::En).try_get_matches_from(["zoneplan", "build", "--format", bad]).unwrap_err();
            let shown = plain_error(&error);
            assert!(shown.lines().count() > 2 && shown.ends_with('\n'), "{shown}");
            assert!(!shown.contains(['\u{9b}', '\u{202e}', '\u{1b}']), "{shown:?}");
        }
    }

    #[test]
    fn every_argument_has_japanese_help() {
        let command = Cli::command();
        for command in command.get_subcommands().chain([&command]) {
            for arg in command.get_arguments() {
                let (name, id) = (command.get_name(), arg.get_id().as_str());
                assert!(japanese_help(name, id).is_some_and(|t| !t.is_empty()), "no Japanese help for `{name} {id}`");
            }
        }
    }
}
