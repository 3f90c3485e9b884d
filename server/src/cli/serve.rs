//! `loa serve`: runs the desk until told to stop.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Arg, ArgAction, ArgMatches, Command};
use loa_host::link::BrokerUrl;
use loa_host::log;
use loa_host::text::Words;

use super::told::Tell;
use super::{Context, Failure, wait_for};
use crate::serve::{Desk, Options, Web};
use crate::transport::TlsOptions;

const DAY_MS: i64 = 86_400_000;

/// Its arguments.
#[must_use]
pub fn command(words: &Words) -> Command {
    let option = |name: &'static str, value: &'static str, default: &'static str| {
        Arg::new(name)
            .long(name)
            .value_name(value)
            .default_value(default)
            .help(words.say(&format!("serve-help-{name}")))
    };
    let flag = |name: &'static str, value: &'static str| {
        Arg::new(name).long(name).value_name(value).help(words.say(&format!("serve-help-{name}")))
    };
    Command::new("serve")
        .about(words.say("serve-about"))
        .arg(option("listen", "ADDRESS", "127.0.0.1:1883").conflicts_with("broker"))
        .arg(flag("tls-listen", "ADDRESS"))
        .arg(flag("tls-name", "NAME").action(ArgAction::Append).requires("tls-listen"))
        .arg(flag("broker-ca", "FILE").requires("broker"))
        .arg(Arg::new("broker").long("broker").value_name("URL").help(words.say("serve-help-broker")))
        .arg(option("rate-mbit", "N", "80").value_parser(clap::value_parser!(u64).range(1..=100_000)))
        .arg(option("release-days", "N", "30").value_parser(clap::value_parser!(i64).range(1..=400)))
        .arg(option("max-players", "N", "10000").value_parser(clap::value_parser!(u32).range(1..=100_000)))
        .arg(Arg::new("log-origin").long("log-origin").value_name("NAME").help(words.say("serve-help-log-origin")))
        .arg(Arg::new("log-listen").long("log-listen").value_name("ADDRESS").help(words.say("serve-help-log-listen")))
        .arg(Arg::new("web-listen").long("web-listen").value_name("ADDRESS").help(words.say("serve-help-web-listen")))
        .arg(
            Arg::new("web-host")
                .long("web-host")
                .value_name("NAME")
                .action(ArgAction::Append)
                .help(words.say("serve-help-web-host")),
        )
        .arg(Arg::new("web-proxy").long("web-proxy").value_name("IP").help(words.say("serve-help-web-proxy")))
        .arg(option("web-idle-min", "N", "15").value_parser(clap::value_parser!(i64).range(1..=480)))
}

/// Runs it.
///
/// # Errors
/// When the desk cannot start.
pub fn run(context: &Context, found: &ArgMatches) -> Result<ExitCode, Failure> {
    log::begin("info");
    let words = &context.words;
    let text = |name: &str| found.get_one::<String>(name).cloned();
    let listen = text("listen").unwrap_or_default();
    let bad = |option: &str, value: &str, expected: &str| {
        words.with("bad-value", &[("option", option), ("value", value), ("expected", expected)])
    };
    let listen = listen.parse().map_err(|_| bad("--listen", &listen, &words.say("expected-address")))?;
    let broker =
        text("broker").map(|url| url.parse::<BrokerUrl>().map_err(|error| bad("--broker", &url, &error.tell(words))));
    let log_listen = text("log-listen")
        .map(|address| address.parse().map_err(|_| bad("--log-listen", &address, &words.say("expected-address"))))
        .transpose()?;
    let web = web(found, words)?;
    let tls = text("tls-listen")
        .map(|address| address.parse().map_err(|_| bad("--tls-listen", &address, &words.say("expected-address"))))
        .transpose()?;
    let names = found.get_many::<String>("tls-name").into_iter().flatten().cloned().collect();
    let number = |name: &str| found.get_one::<u64>(name).copied().unwrap_or(80);
    let options = Options {
        listen,
        tls: tls.map(|listen| TlsOptions { listen, names }),
        broker_authorities: text("broker-ca").map(PathBuf::from),
        broker: broker.transpose()?,
        bytes_per_s: number("rate-mbit") * 125_000,
        life_ms: found.get_one::<i64>("release-days").copied().unwrap_or(30) * DAY_MS,
        max_connections: found.get_one::<u32>("max-players").copied().unwrap_or(10_000) as usize + 16,
        log_origin: text("log-origin"),
        log_listen,
        web,
    };
    wait_for(async {
        let desk = Desk::start(&context.folder, &options, context.clock.clone()).await;
        let desk = desk.map_err(|error| words.with("serve-cannot-start", &[("why", &error.tell(words))]))?;
        let address = desk.address().to_string();
        let root = context.folder.root_file().display().to_string();
        let ready = if options.broker.is_some() { "serve-ready-outside" } else { "serve-ready" };
        println!("{}", words.with(ready, &[("address", &address), ("root", &root)]));
        if let Some(secure) = desk.secure_address() {
            let authorities = context.folder.keys().join("authorities.pem").display().to_string();
            let told = [("address", secure.to_string()), ("file", authorities)];
            println!("{}", words.with("serve-ready-tls", &[(told[0].0, &told[0].1), (told[1].0, &told[1].1)]));
        }
        stopped().await;
        println!("{}", words.say("serve-stops"));
        desk.stop().await;
        Ok(ExitCode::SUCCESS)
    })?
}

/// Where the desk is reached by browsers, if at all.
fn web(found: &ArgMatches, words: &Words) -> Result<Option<Web>, Failure> {
    let bad = |option: &str, value: &str, expected: &str| {
        words.with("bad-value", &[("option", option), ("value", value), ("expected", &words.say(expected))])
    };
    let Some(listen) = found.get_one::<String>("web-listen") else { return Ok(None) };
    let listen = listen.parse().map_err(|_| bad("--web-listen", listen, "expected-address"))?;
    let proxy = found.get_one::<String>("web-proxy");
    let proxy = proxy.map(|ip| ip.parse().map_err(|_| bad("--web-proxy", ip, "expected-ip"))).transpose()?;
    let hosts = found.get_many::<String>("web-host").into_iter().flatten().cloned().collect();
    let idle_ms = found.get_one::<i64>("web-idle-min").copied().unwrap_or(15) * 60_000;
    Ok(Some(Web { listen, hosts, proxy, idle_ms }))
}

/// Waits for Ctrl-C or a supervisor's signal to end.
pub(super) async fn stopped() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut end) = signal(SignalKind::terminate()) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = end.recv() => {}
    }
}
