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
    /// A new site.toml with comments; on a terminal it asks for what the options don't say
    Init(InitArgs),
    /// The wanted records (standard output) and what is wrong with them (standard error)
    Build(BuildArgs),
    /// From the zone as it is to the wanted one: what differs, then steps in a safe order with waits and the way back
    Plan(PlanArgs),
    /// What DNS publishes against what is wanted: every name server and a resolver, keys copied from services, includes, reports
    Check(SiteCheckArgs),
    /// What the keyzone holds for many sites, merged into one zone; removes nothing unless told
    Keyzone(KeyzoneArgs),
    /// What is wrong in zone files as they are, without a site.toml; with --fix what cannot be wrong is repaired
    Lint(LintArgs),
    /// A test TXT and CNAME that show what the registrar's form takes, and what follows from it
    Ruler(RulerArgs),
    /// A letter to the registrar's support that asks what is not known of its form
    Ask(AskArgs),
    /// The catalogue: list, search, show one company, check a template, import one
    Providers(ProvidersArgs),
    /// JSON Schema of site.toml or of templates: for editors that complete and check while you write
    Schema(SchemaArgs),
    /// Would a mail from this server pass SPF? Without --ip: what the record costs, and whom
    Spf(SpfArgs),
    /// Looks up what is built from pins and keeps it beside site.toml
    Pin(PinArgs),
    /// Where many sites stand, one row each: DKIM, SPF look-ups, copies, DMARC, what is due and what is not known; asks nobody
    Status(StatusArgs),
    /// A site.toml from a zone as it is: a zone file, dig's answer, or the list of a panel copied from the browser
    Import(ZoneImportArgs),
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
    /// One page of Markdown, by rule, for a pull request or a job summary
    Markdown,
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

/// Whether something is looked up, and whom.
#[derive(Debug, Args)]
pub(super) struct LiveArgs {
    /// Look in DNS
    #[cfg(feature = "live")]
    #[arg(long)]
    pub live: bool,
    /// Ask this DNS server instead of the system's; looks in DNS as --live does
    #[cfg(feature = "live")]
    #[arg(long, value_name = "ADDR[:PORT]")]
    pub resolver: Option<String>,
}

/// Who tells the zone as it is, in place of a file.
#[derive(Debug, Args)]
pub(super) struct NowArgs {
    /// Zone files that answer in place of DNS; may be repeated
    #[arg(long, value_name = "FILE")]
    pub dns: Vec<PathBuf>,
    /// The whole zone, from this name server of it (AXFR)
    #[cfg(feature = "live")]
    #[arg(long, value_name = "ADDR[:PORT]")]
    pub server: Option<String>,
    #[command(flatten)]
    pub live: LiveArgs,
}

#[derive(Debug, Args)]
pub(super) struct InitArgs {
    /// The domain: what stands behind the @ of the mail addresses
    #[arg(long, value_name = "DOMAIN")]
    pub domain: Option<String>,
    /// In whose panel the DNS records are edited: id or any known name; other = not in the list, or not known
    #[arg(long, value_name = "NAME")]
    pub registrar: Option<String>,
    /// A service that sends mail as the domain: id or any known name, and what it is used for, as in xserver:send,receive; may be repeated. NAME:own-address = it sends from an address that it issues itself
    #[arg(long = "sender", value_name = "NAME[:ROLE,…]")]
    pub senders: Vec<String>,
    /// Mail to Gmail a day, all services together
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(0..=1_000_000_000))]
    pub gmail_per_day: Option<u64>,
    /// Where DMARC reports go, a mail address; may be repeated [default: no reports]
    #[arg(long, value_name = "ADDRESS")]
    pub rua: Vec<String>,
    /// Write to this file, and pasted keys into keys/ beside it; nothing is overwritten; - is standard output
    #[arg(short, long, value_name = "FILE", default_value = "site.toml")]
    pub output: PathBuf,
    #[command(flatten)]
    pub live: LiveArgs,
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
    pub now: NowArgs,
    #[command(flatten)]
    pub telling: TellingArgs,
}

#[derive(Debug, Args)]
pub(super) struct PlanArgs {
    /// site.toml files [default: site.toml]
    #[arg(value_name = "SITE")]
    pub sites: Vec<PathBuf>,
    /// The zone file as it is now, in place of the one that site.toml names
    #[arg(long, value_name = "FILE")]
    pub current: Option<PathBuf>,
    /// $INCLUDE may read files below this folder too, not only below the zone file's
    #[arg(long, value_name = "DIR")]
    pub include_root: Option<PathBuf>,
    /// The keyzone's zone file as it is now
    #[arg(long, value_name = "FILE")]
    pub keyzone: Option<PathBuf>,
    /// What to write
    #[arg(long, value_name = "FORMAT", default_value = "text", value_parser = clap::builder::PossibleValuesParser::new(render::plan::FORMATS.iter().map(|f| f.name)))]
    pub format: String,
    /// Write to this file, or into this folder; several sites need a folder; - is standard output
    #[arg(short, long, value_name = "PATH")]
    pub output: Option<PathBuf>,
    /// For whom a worksheet is written
    #[arg(long = "for", value_name = "WHOM")]
    pub audience: Option<Audience>,
    /// Exit code 3 if nothing is wrong, but something is to be done
    #[arg(long)]
    pub exit_code: bool,
    /// Write this record of the zone as it is, or this term of its SPF record, into site.toml; may be repeated
    #[arg(long, value_name = "NAME/TYPE[=VALUE]")]
    pub adopt: Vec<String>,
    /// This record of the zone as it is, or this term of its SPF record, is to go; may be repeated
    #[arg(long, value_name = "NAME/TYPE[=VALUE]")]
    pub remove: Vec<String>,
    /// Go on although much changes at once, the zone's own name servers change, or a delegation hides rows or has a DS
    #[arg(long)]
    pub force: bool,
    /// Plan the move of the zone, as it is, to this company: id or any known name
    #[arg(long, value_name = "ID", conflicts_with = "leave_keyzone")]
    pub move_to: Option<String>,
    /// Plan to do without the keyzone of site.toml
    #[arg(long)]
    pub leave_keyzone: bool,
    #[command(flatten)]
    pub now: NowArgs,
    #[command(flatten)]
    pub telling: TellingArgs,
}

#[derive(Debug, Args)]
pub(super) struct SiteCheckArgs {
    /// site.toml files [default: site.toml]
    #[arg(value_name = "SITE")]
    pub sites: Vec<PathBuf>,
    /// Ask this DNS server instead of the system's
    #[cfg(feature = "live")]
    #[arg(long, value_name = "ADDR[:PORT]", conflicts_with = "dns")]
    pub resolver: Option<String>,
    /// Ask this name server in place of those that are delegated, as before a move; may be repeated
    #[cfg(feature = "live")]
    #[arg(long = "server", value_name = "ADDR[:PORT]", conflicts_with = "dns")]
    pub servers: Vec<String>,
    /// Zone files that answer instead of DNS; nothing is asked over the network; may be repeated
    #[arg(long, value_name = "FILE")]
    pub dns: Vec<PathBuf>,
    /// Only what is new, changed or gone since this report of an earlier run; the exit code is that of the new
    #[arg(long, value_name = "FILE")]
    pub since: Option<PathBuf>,
    /// Look again and again, at most this long, until what is wanted is there: seconds, or 10m
    #[cfg(feature = "live")]
    #[arg(long, value_name = "TIME", conflicts_with = "dns")]
    pub wait: Option<String>,
    /// Fetch MTA-STS policies over HTTPS, too
    #[cfg(feature = "live")]
    #[arg(long, conflicts_with = "dns")]
    pub fetch: bool,
    /// Root certificates for --fetch, a PEM file [default: Mozilla's]
    #[cfg(feature = "live")]
    #[arg(long, value_name = "FILE", requires = "fetch")]
    pub roots: Option<PathBuf>,
    /// Write what to type where a vendor has changed a copied key: a page if it ends in .html, else text; several sites need a folder
    #[arg(long, value_name = "PATH")]
    pub worksheet: Option<PathBuf>,
    #[command(flatten)]
    pub telling: LintTelling,
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

/// How a zone that was read is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum LintFormat {
    /// Zone text in one form: sorted, a record a line, names whole
    Zone,
    /// JSON, version 1
    Json,
}

#[derive(Debug, Args)]
pub(super) struct LintArgs {
    /// Zone files; - is standard input. Domains with --live, --dns or --server
    #[arg(value_name = "ZONE", required = true)]
    pub zones: Vec<PathBuf>,
    /// The zone's name [default: the owner of its SOA, its first $ORIGIN, or the file's name]
    #[arg(long, value_name = "NAME")]
    pub origin: Option<String>,
    /// $INCLUDE may read files below this folder too, not only below the zone file's
    #[arg(long, value_name = "DIR")]
    pub include_root: Option<PathBuf>,
    /// Repair in the files what cannot be wrong: quotes, strings that are too long, lost spaces and dots; comments and layout stay
    #[arg(long)]
    pub fix: bool,
    /// Write the zone itself to standard output; the findings then go to standard error
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<LintFormat>,
    #[command(flatten)]
    pub now: NowArgs,
    #[command(flatten)]
    pub telling: LintTelling,
}

/// How findings are told by a command that writes them to standard output.
#[derive(Clone, Debug, Args)]
pub(super) struct LintTelling {
    /// Warnings too make exit code 1
    #[arg(long)]
    pub strict: bool,
    /// How findings are written
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub message_format: MessageFormat,
    /// Write the findings to this file besides, as JSON
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
    /// Advice in full, not one line each
    #[arg(short, long)]
    pub verbose: bool,
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
pub(super) struct SpfArgs {
    /// A site.toml; with --dns or --live a domain too [default: site.toml, or the domain of --from]
    #[arg(value_name = "SITE")]
    pub site: Option<PathBuf>,
    /// The address of the server that sends
    #[arg(long, value_name = "ADDR")]
    pub ip: Option<String>,
    /// The envelope sender (MAIL FROM, Return-Path); <> for that of a bounce [default: postmaster at the domain]
    #[arg(long, value_name = "ADDRESS", requires = "ip")]
    pub from: Option<String>,
    /// The name that the server gives with HELO [default: the sender's domain]
    #[arg(long, value_name = "NAME", requires = "ip")]
    pub helo: Option<String>,
    /// Zone files that answer for what the site does not plan; may be repeated
    #[arg(long, value_name = "FILE")]
    pub dns: Vec<PathBuf>,
    /// Repairs too where the count is not over
    #[arg(long, conflicts_with = "ip")]
    pub repairs: bool,
    /// Write the repair of this number into site.toml, and what was looked up for it into the pins
    #[arg(long, value_name = "N", conflicts_with = "ip")]
    pub apply: Option<usize>,
    /// The day of what is looked up for --apply [default: today]
    #[arg(long, value_name = "DATE", requires = "apply")]
    pub today: Option<String>,
    /// How it is written
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: OutputFormat,
    #[command(flatten)]
    pub live: LiveArgs,
}

#[derive(Debug, Args)]
pub(super) struct PinArgs {
    /// A site.toml [default: site.toml]
    #[arg(value_name = "SITE")]
    pub site: Option<PathBuf>,
    /// Keep values that changed, too: all, or those of one include, key or DMARC policy (--update=include:NAME); may be repeated
    #[arg(
        long,
        value_name = "WHAT",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = super::pin::ALL,
        value_parser = clap::builder::NonEmptyStringValueParser::new()
    )]
    pub update: Vec<String>,
    /// Zone files that answer in place of DNS; may be repeated
    #[arg(long, value_name = "FILE")]
    pub dns: Vec<PathBuf>,
    /// Ask this DNS server instead of the system's
    #[cfg(feature = "live")]
    #[arg(long, value_name = "ADDR[:PORT]")]
    pub resolver: Option<String>,
    /// The day of what is looked up [default: today]
    #[arg(long, value_name = "DATE")]
    pub today: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct StatusArgs {
    /// site.toml files [default: site.toml]
    #[arg(value_name = "SITE")]
    pub sites: Vec<PathBuf>,
    /// What to write
    #[arg(long, value_name = "FORMAT", default_value = "table", value_parser = clap::builder::PossibleValuesParser::new(render::status::FORMATS.iter().map(|f| f.name)))]
    pub format: String,
    /// The day by which something is due [default: today]
    #[arg(long, value_name = "DATE")]
    pub today: Option<String>,
    /// Write to this file, or into this folder; - is standard output
    #[arg(short, long, value_name = "PATH")]
    pub output: Option<PathBuf>,
    /// Exit code 3 if nothing is wrong, but something is due
    #[arg(long)]
    pub exit_code: bool,
    /// Warnings too make exit code 1
    #[arg(long)]
    pub strict: bool,
    /// How findings of sites that can't be read are written to standard error
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub message_format: MessageFormat,
}

#[derive(Debug, Args)]
pub(super) struct ProvidersArgs {
    #[command(subcommand)]
    pub command: ProvidersCommand,
}

#[derive(Debug, Subcommand)]
pub(super) enum ProvidersCommand {
    /// Every company, one line each
    List(ListArgs),
    /// Companies by name (any script), SPF include, DKIM selector or target, MX, name server
    Search(SearchArgs),
    /// All that is known of one company, with its sources
    Show(ShowArgs),
    /// What is wrong with templates
    Check(CheckArgs),
    /// Domain Connect templates (JSON) as templates of zoneplan (TOML)
    Import(ImportArgs),
}

#[derive(Debug, Args)]
pub(super) struct ImportArgs {
    /// Domain Connect templates
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
    /// Write into this folder, each under its id; a file that is there is never replaced; several files need it
    #[arg(short, long, value_name = "FOLDER")]
    pub output: Option<PathBuf>,
    #[command(flatten)]
    pub telling: TellingArgs,
}

#[derive(Debug, Args)]
pub(super) struct ZoneImportArgs {
    /// Zones as they are: files. Domains with --live, --dns or --server
    #[arg(value_name = "FILE", required = true)]
    pub zones: Vec<PathBuf>,
    /// The zone's domain [default: that of its SOA, $ORIGIN, question or file name]
    #[arg(long, value_name = "NAME", alias = "domain")]
    pub origin: Option<String>,
    /// $INCLUDE may read files below this folder too, not only below the zone file's
    #[arg(long, value_name = "DIR")]
    pub include_root: Option<PathBuf>,
    /// In whose panel the DNS records are edited: id or any known name [default: by the name servers]
    #[arg(long, value_name = "NAME")]
    pub registrar: Option<String>,
    /// Write to this file, and keys into keys/ beside it; several zones need a folder: each gets one of its own in it; nothing is overwritten; - is standard output
    #[arg(short = 'o', long = "output", value_name = "PATH")]
    pub target: Option<PathBuf>,
    #[command(flatten)]
    pub now: NowArgs,
    #[command(flatten)]
    pub telling: TellingArgs,
}

/// How the catalogue is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum OutputFormat {
    /// For reading
    Text,
    /// JSON, version 1
    Json,
}

/// One half of the catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Which {
    /// Services that send mail as the domain
    Senders,
    /// Companies in whose panel the zone is edited
    Registrars,
}

#[derive(Debug, Args)]
pub(super) struct ListArgs {
    /// Only these [default: both]
    #[arg(value_name = "WHICH")]
    pub which: Option<Which>,
    /// Only of this kind: shop, rental-server, esp, dns-host, …
    #[arg(long, value_name = "KIND")]
    pub kind: Option<String>,
    /// Only of this country, two letters; of senders only JP is known
    #[arg(long, value_name = "COUNTRY")]
    pub country: Option<String>,
    /// How the list is written
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: OutputFormat,
}

#[derive(Debug, Args)]
pub(super) struct SearchArgs {
    /// A name or a part of it, or a value that stands in a zone
    #[arg(value_name = "WORDS", required = true)]
    pub words: Vec<String>,
    /// How the list is written
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: OutputFormat,
}

#[derive(Debug, Args)]
pub(super) struct ShowArgs {
    /// The company: id or any known name
    #[arg(value_name = "ID")]
    pub name: String,
    /// How it is written
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: OutputFormat,
}

#[derive(Debug, Args)]
pub(super) struct CheckArgs {
    /// Templates, or folders of them
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
    /// Load what comes of each sender into BIND besides (needs named-checkzone)
    #[arg(long)]
    pub bind: bool,
    /// The day from which the age of sources is counted [default: today]
    #[arg(long, value_name = "DATE")]
    pub today: Option<String>,
    #[command(flatten)]
    pub telling: CheckTelling,
}

/// How findings are told where they are the product.
#[derive(Clone, Copy, Debug, Args)]
pub(super) struct CheckTelling {
    /// Warnings too make exit code 1
    #[arg(long)]
    pub strict: bool,
    /// How findings are written
    #[arg(long = "format", value_name = "FORMAT", default_value = "human", alias = "message-format")]
    pub message_format: MessageFormat,
    /// Advice in full, not one line each
    #[arg(short, long)]
    pub verbose: bool,
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
    ("import", "files", "Domain Connect のテンプレート（複数可）"),
    (
        "import",
        "output",
        "このフォルダに、それぞれ id をファイル名にして書きます（ファイルが複数のときは必要です。すでにあるファイルは置き換えません）",
    ),
    (
        "init",
        "registrar",
        "DNS のレコードを、どの会社の画面で編集しているか（id または会社名。一覧にない・分からないときは other）",
    ),
    (
        "init",
        "senders",
        "このドメインのメールを出すサービス（id または名前）と、その使いみち。例: xserver:send,receive（複数可）。サービスが発行するアドレスから送るなら「名前:own-address」",
    ),
    (
        "init",
        "output",
        "このファイルに書きます。貼り付けた鍵はその隣の keys/ に入ります。すでにあるファイルには書きません（- は標準出力）",
    ),
    ("init", "live", "いまの DNS（NS・MX・TXT）を調べて、答えの候補にします"),
    ("lint", "zones", "ゾーンファイル（複数可。- は標準入力）。--live・--dns・--server ではドメイン名"),
    ("lint", "origin", "ゾーンのドメイン（省略すると、SOA の名前、最初の $ORIGIN、またはファイル名から読み取ります）"),
    (
        "lint",
        "fix",
        "確実に直せるところをファイルの中で直します（引用符、長すぎる文字列、抜けた空白や点）。コメントや書き方はそのまま残します",
    ),
    ("lint", "format", "ゾーンそのものを標準出力に出します（問題は標準エラーに出ます）"),
    ("lint", "message_format", "問題の出し方"),
    ("lint", "report", "問題を JSON でこのファイルにも書きます"),
    ("keyzone", "sites", "[keyzone] のある site.toml（複数可。省略するとこのフォルダの site.toml）"),
    (
        "keyzone",
        "output",
        "このファイル、またはこのフォルダに書きます（鍵の置き場が複数のときはフォルダ。- は標準出力）",
    ),
    ("plan", "current", "いまのゾーンのファイル（site.toml の current のかわりに使います）"),
    ("plan", "keyzone", "鍵の置き場の、いまのゾーンのファイル"),
    ("plan", "remove", "いまのゾーンのうち、消すレコード、または SPF から除く語（複数可）"),
    ("ruler", "site", "site.toml（ドメイン、DNSを編集する会社、いちばん長い TXT を使います）"),
    ("ruler", "registrar", "どの会社の画面に入力するか（id または会社名）"),
    (
        "ask",
        "site",
        "site.toml（入力したいレコードについて聞きます）か、会社の名前。どちらも --registrar もなければこのフォルダの site.toml",
    ),
    ("list", "which", "senders（利用サービス）か registrars（DNSを編集する会社）だけ（省略すると両方）"),
    ("list", "kind", "この種類だけ（shop、rental-server、esp、dns-host など）"),
    ("list", "country", "この国だけ（2 文字。利用サービスで分かるのは JP だけです）"),
    ("search", "words", "名前かその一部、またはゾーンにある値"),
    ("show", "name", "会社（id または知られている名前）"),
    ("check", "files", "設定データのファイル、またはそのフォルダ"),
    ("check", "bind", "利用サービスから組み立てたゾーンを BIND にも読み込ませます（named-checkzone が必要）"),
    ("check", "today", "出どころの古さを数える日（省略すると今日）"),
    ("pin", "site", "site.toml（省略するとこのフォルダの site.toml）"),
    ("pin", "update", "変わった値も控えます。1 つだけなら --update=include:名前・key:名前・dmarc:名前（複数可）"),
    ("pin", "dns", "DNS のかわりに答えるゾーンファイル（複数可）"),
    ("pin", "resolver", "システムのものではなく、この DNS サーバーに聞きます"),
    ("pin", "today", "控えに書く日付（省略すると今日）"),
    ("status", "today", "この日までに期日が来るもの（省略すると今日）"),
    ("status", "output", "このファイル、またはこのフォルダに書きます（- は標準出力）"),
    ("status", "exit_code", "問題はなくても、期日が来たものがあれば終了コードを 3 にします"),
    ("status", "message_format", "読めないサイトの問題を標準エラーに出す形式"),
    ("spf", "today", "--apply で控えに書く日付（省略すると今日）"),
    ("check", "message_format", "メッセージの形式"),
    ("check", "dns", "DNS の代わりに答えるゾーンファイル（複数可）。ネットワークにはつなぎません"),
    ("check", "resolver", "システムの設定の代わりに問い合わせる DNS サーバー"),
    ("check", "fetch", "MTA-STS のポリシーも HTTPS で取得して確かめます"),
    ("check", "roots", "--fetch で使うルート証明書（PEM ファイル。省略すると Mozilla のもの）"),
    (
        "check",
        "worksheet",
        "写した鍵が替わっていたら、入れ替える手順書を書きます（.html で終わればページ、ほかは文章。サイトが複数のときはフォルダ）",
    ),
    ("check", "report", "問題を JSON でこのファイルにも書きます"),
    ("schema", "output", "このファイルに書きます（- は標準出力）"),
    (
        "spf",
        "site",
        "site.toml。--dns か --live があればドメイン名でもかまいません（省略するとこのフォルダの site.toml か、--from のドメイン）",
    ),
    ("spf", "live", "サイトにないことを DNS で調べます"),
    ("spf", "dns", "サイトにないことに答えるゾーンファイル（複数可）"),
    (
        "import",
        "registrar",
        "DNS のレコードを、どの会社の画面で編集しているか（id または会社名。省略するとネームサーバーから判断します）",
    ),
    ("ask", "registrar", "問い合わせる会社（id または会社名）。SITE がなければ、一般的なことを聞きます"),
];

/// Japanese help: argument id → text. A test holds it against the command's arguments.
const JA: &[(&str, &str)] = &[
    ("zones", "いまのゾーンのファイル（複数可）。--live・--dns・--server ではドメイン名"),
    ("origin", "ゾーンのドメイン名（省略すると SOA、$ORIGIN、調べた名前、ファイル名から判断します）"),
    (
        "target",
        "このファイルに書きます。鍵はその隣の keys/ に入ります。ゾーンが複数のときはフォルダを指定し、それぞれのフォルダをその中に作ります。すでにあるファイルには書きません（- は標準出力）",
    ),
    ("domain", "ドメイン名（メールアドレスの @ の後ろの部分）"),
    ("gmail_per_day", "Gmail あてに 1 日に送る通数（すべてのサービスの合計）"),
    ("rua", "DMARC のレポートを受け取るメールアドレス（複数可。省略するとレポートなし）"),
    ("live", "DNS を調べます"),
    ("resolver", "システムの設定の代わりに問い合わせる DNS サーバー（--live と同じく DNS を調べます）"),
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
    ("exit_code", "問題はなくても、することがあれば終了コードを 3 にします"),
    ("adopt", "いまのゾーンのこのレコード、または SPF のこの語を、site.toml に書き足します（複数可）"),
    (
        "force",
        "一度に多くが変わるとき、ゾーンのネームサーバーが変わるとき、委任で見えなくなる行や DS があるときも、作業計画を出します",
    ),
    ("move_to", "いまのゾーンをそのまま、この会社（id または会社名）へ移す作業計画を出します"),
    ("leave_keyzone", "site.toml の鍵の置き場を使うのをやめる作業計画を出します"),
    ("strict", "警告でも終了コードを 1 にします"),
    ("message_format", "標準エラーに出すメッセージの形式"),
    ("report", "メッセージを JSON でこのファイルにも書きます（- は標準出力。レコードを -o でファイルに書くときだけ）"),
    ("length", "テスト用 TXT のバイト数、20〜4000（省略すると 420、またはサイトのいちばん長い TXT）"),
    ("kind", "どのファイルのスキーマか。site は site.toml、sender と registrar は設定データ"),
    ("read", "画面や DNS に出てきた文字列。何バイト残ったかと、[limits] に書く行を出します"),
    ("include_root", "$INCLUDE で、ゾーンファイルのフォルダのほかに、このフォルダより下のファイルも読みます"),
    ("ip", "メールを出すサーバーのアドレス"),
    ("from", "エンベロープ差出人（MAIL FROM、Return-Path。<> は差出人なし。省略するとドメインの postmaster）"),
    ("repairs", "上限を超えていなくても、照会を減らす方法を出します"),
    ("apply", "この番号の方法を site.toml に書き込みます（必要な控えも書きます）"),
    ("helo", "サーバーが HELO で名乗る名前（省略すると差出人のドメイン）"),
    ("servers", "委任先の代わりに問い合わせるネームサーバー（移転の前など。複数可）"),
    (
        "since",
        "前に実行したときの記録。新しいもの・変わったもの・なくなったものだけを出します（終了コードは新しいものによります）",
    ),
    ("wait", "必要なレコードがそろうまで、最長でこの時間、繰り返し確かめます（秒数、または 10m など）"),
    ("dns", "DNS のかわりに答えるゾーンファイル（複数可）"),
    ("server", "ゾーンのネームサーバー（ゾーン全体を AXFR で受け取ります）"),
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
    let valid = text(ContextKind::ValidValue).filter(|valid| !valid.is_empty());
    let valid = valid.map(|v| format!("（使える値: {v}）")).unwrap_or_default();
    let what = match error.kind() {
        ErrorKind::UnknownArgument => format!("{arg} という引数はありません"),
        ErrorKind::InvalidValue if value.is_empty() => format!("{arg} に値がありません{valid}"),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => format!("{arg} に「{value}」は使えません{valid}"),
        ErrorKind::InvalidSubcommand => {
            format!("「{}」というコマンドはありません", text(ContextKind::InvalidSubcommand).unwrap_or_default())
        }
        ErrorKind::MissingSubcommand => "コマンドがありません（例: zoneplan build）".to_owned(),
        ErrorKind::MissingRequiredArgument => format!("{arg} も必要です"),
        ErrorKind::ArgumentConflict => match text(ContextKind::PriorArg).filter(|prior| *prior != arg) {
            Some(prior) => format!("{arg} と {prior} は同時に指定できません"),
            None => format!("{arg} は 1 回だけ指定します"),
        },
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
        .mut_subcommand("init", |c| {
            japanese(c.about("説明つきの site.toml を新しく作ります。ターミナルでは、オプションで指定していないことを質問します"))
        })
        .mut_subcommand("build", |c| {
            japanese(c.about("必要なレコードを出します（標準出力）。問題は標準エラーに出ます"))
        })
        .mut_subcommand("plan", |c| {
            japanese(c.about("いまのゾーンから必要なゾーンへの作業計画: 違うところと、安全な順番の手順（待ち時間と元に戻す方法つき）"))
        })
        .mut_subcommand("check", |c| {
            japanese(c.about("DNS で公開されている値を、必要なレコードと比べます（すべてのネームサーバーとリゾルバー、写した鍵、include、レポートの宛先）"))
        })
        .mut_subcommand("keyzone", |c| {
            japanese(c.about("鍵の置き場に置くレコードを、多くのサイトから 1 つのゾーンにまとめます（指定がなければ何も取り除きません）"))
        })
        .mut_subcommand("lint", |c| {
            japanese(c.about("いまあるゾーンファイルの問題を調べます（site.toml は要りません）。--fix で、確実に直せるところを直します"))
        })
        .mut_subcommand("ruler", |c| {
            japanese(c.about("DNS の画面に何バイトまで入るか、_ が使えるかを調べる、テスト用の値を出します"))
        })
        .mut_subcommand("ask", |c| {
            japanese(c.about("画面について分かっていないことを、DNSを編集する会社のサポートに聞く文面を出します"))
        })
        .mut_subcommand("providers", |c| {
            let about = [
                ("list", "会社の一覧（1 行に 1 社）"),
                ("search", "名前・SPF の include・DKIM のセレクタや値・MX・ネームサーバーで探します"),
                ("show", "1 社について分かっていることと、その出どころ"),
                ("check", "設定データの誤りを調べます"),
                ("import", "Domain Connect のテンプレート（JSON）を、zoneplan の設定データ（TOML）にします"),
            ];
            let c = c.about("設定データ（会社の一覧、検索、1 社の詳細、検査、Domain Connect の取り込み）").subcommand_help_heading("コマンド");
            japanese(about.into_iter().fold(c, |c, (name, about)| c.mut_subcommand(name, |c| japanese(c.about(about)))))
        })
        .mut_subcommand("import", |c| {
            japanese(c.about("いまのゾーン（ゾーンファイル、dig の結果、管理画面の一覧を写した文）から site.toml を作ります"))
        })
        .mut_subcommand("schema", |c| {
            japanese(c.about("site.toml や設定データの JSON Schema を出します（エディターで、書きながら補完と確認ができます）"))
        })
        .mut_subcommand("spf", |c| {
            japanese(c.about("このサーバーから出したメールは SPF に合格するか。--ip がなければ、DNS 照会の回数とその内訳"))
        })
        .mut_subcommand("pin", |c| {
            japanese(c.about("控えから組み立てるものを DNS で調べ、サイト定義の横に控えます"))
        })
        .mut_subcommand("status", |c| {
            japanese(c.about("多くのサイトの一覧（1 サイト 1 行）: DKIM、SPF の照会回数、写し、DMARC、期日が来たもの、未確認のもの。DNS には照会しません"))
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
        let inner = command.get_subcommands().flat_map(clap::Command::get_subcommands);
        for command in command.get_subcommands().chain(inner).chain([&command]) {
            for arg in command.get_arguments() {
                let (name, id) = (command.get_name(), arg.get_id().as_str());
                assert!(japanese_help(name, id).is_some_and(|t| !t.is_empty()), "no Japanese help for `{name} {id}`");
            }
        }
    }
}
