//! The program `loa-agent`: opens what a player needs, joins it, and runs until told to stop.
//!
//! It decides the order of starting and ending, nothing else. The loop is `run.rs`.

use std::path::Path;
use std::process::ExitCode;
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use loa_agent::config::outputs::{self, Outputs};
use loa_agent::config::{self, Config, Output};
use loa_agent::delivery::courier::{Courier, Identity, Means, Post};
use loa_agent::delivery::pass::Pass;
use loa_agent::delivery::shelf::Shelf;
use loa_agent::delivery::visit::keep_visiting;
use loa_agent::event::{Event, Told};
use loa_agent::play::board::out::Wish;
use loa_agent::play::board::output::Output as BoardOutput;
use loa_agent::play::board::outputs::Outputs as BoardOutputs;
use loa_agent::play::board::picture::Picture;
use loa_agent::play::board::{self, Board};
use loa_agent::play::sequence::Stage;
use loa_agent::play::sink::{Speaker, Target};
use loa_agent::play::speaker::Loudspeaker;
use loa_agent::play::video::{Setup, Videos};
use loa_agent::proof::Chain;
use loa_agent::run::Run;
use loa_agent::store::{Opened, Store};
use loa_agent::timetable::Table;
use loa_agent::trust;
use loa_domain::message::{Up, topic};
use loa_domain::timetable::audience::Kind;
use loa_domain::wire;
use loa_host::clock::Clock;
use loa_host::link::{Link, LinkConfig, Message, Qos, Subscription};
use loa_host::text::{Language, Words};
use loa_host::{durable, log};
use tokio::sync::Mutex;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// How long a courier that died is given up for: whatever killed it must not be met in a loop.
const COURIER_REST: Duration = Duration::from_secs(30);

fn main() -> ExitCode {
    let variable = std::env::var("LOA_LANG").ok();
    let words = Words::new(Language::of_program(std::env::args(), variable.as_deref()));
    let found = config::command(&words).get_matches();
    log::begin("info");
    let config = match config::read(&found, &words) {
        Ok(config) => config,
        Err(bad) => {
            eprintln!("{}", bad.say(&words));
            return ExitCode::from(2);
        }
    };
    let outputs = match config.outputs.as_deref().map(|file| outputs::read(file).map_err(|bad| (file, bad))) {
        None => None,
        Some(Ok(outputs)) => Some(outputs),
        Some(Err((file, bad))) => {
            eprintln!("{}", bad.say(file, &words));
            return ExitCode::from(2);
        }
    };
    match start(&config, outputs, words.language()) {
        Ok(failed) if failed => ExitCode::from(70),
        Ok(_) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{}", words.with("agent-cannot-start", &[("why", &why)]));
            ExitCode::FAILURE
        }
    }
}

/// Everything a player has, whatever it plays on.
struct Parts {
    clock: Clock,
    store: Store,
    shelf: Shelf,
    identity: Identity,
    chain: (Chain, bool),
    table: Option<Box<Table>>,
    events: mpsc::Sender<Event>,
    inbox: mpsc::Receiver<Event>,
}

fn start(config: &Config, outputs: Option<Outputs>, language: Language) -> Result<bool, String> {
    let parts = open(config)?;
    match config.kind {
        Kind::Speaker => {
            let (news, heard) = mpsc::channel();
            let recordings = config.data.join("heard");
            let target = match &config.output {
                Output::Auto => Target::Auto(recordings),
                Output::Card(name) => Target::Card(name.clone()),
                Output::File => Target::File(recordings),
            };
            let stage = Loudspeaker::new(Speaker::open(target, parts.clock.clone(), news), parts.shelf.clone());
            let events = parts.events.clone();
            thread::spawn(move || Loudspeaker::listen(&heard, &events));
            run(config, parts, stage)
        }
        Kind::Board => {
            let shelf = parts.shelf.clone();
            let events = parts.events.clone();
            let paths = shelf.clone();
            let (outputs, setup) = board_outputs(config, outputs);
            let stage = Board::open(
                config.board.clone(),
                parts.clock.clone(),
                outputs,
                board::Content {
                    shelf: Box::new(move |hash| shelf.read(hash)),
                    videos: Videos::new(setup, Box::new(move |hash| paths.path(hash))),
                },
                // The loop ends only with the program.
                Box::new(move |heard| drop(events.send(Event::Heard(heard)))),
                Words::new(language),
            );
            let stage = stage.map_err(|error| error.to_string())?;
            run(config, parts, stage)
        }
    }
}

/// Where a board shows its picture: what its file says, or else picture files, and the terminal if asked for.
fn board_outputs(config: &Config, outputs: Option<Outputs>) -> (BoardOutputs, Setup) {
    let mut list: Vec<Box<dyn BoardOutput>> = Vec::new();
    if outputs.is_none() {
        list.push(Box::new(Picture::open(&config.data.join("board"))));
    }
    let Outputs { wishes, brightness_percent, video } = outputs.unwrap_or_default();
    list.extend(wishes.iter().filter_map(Wish::open));
    if config.terminal && !wishes.contains(&Wish::Terminal) {
        list.extend(Wish::Terminal.open());
    }
    (BoardOutputs::new(list, brightness_percent), video)
}

fn open(config: &Config) -> Result<Parts, String> {
    let say = |path: &Path| {
        let path = path.display().to_string();
        move |error: std::io::Error| format!("{path}: {error}")
    };
    durable::create_dir(&config.data).map_err(say(&config.data))?;
    let clock = Clock::machine();
    let now_ms = clock.now().utc_ns.div_euclid(1_000_000);
    let key = trust::key(&config.data, Table::is_kept(&config.data)).map_err(|error| error.to_string())?;
    let root = trust::root(&config.root, &config.data).map_err(|error| error.to_string())?;
    let public = key.public();
    tracing::info!(player = %config.player, key = %public, fingerprint = %public.fingerprint(), "this player's key");
    let (store, opened) = Store::open(&config.data.join("store"), now_ms);
    match &opened {
        Opened::Fresh | Opened::Clean => tracing::info!(?opened, "the store is open"),
        _ => tracing::error!(?opened, "the store could not be used as it was; playing goes on"),
    }
    let shelf = Shelf::open(&config.data).map_err(say(&config.data))?;
    let table = Table::load(&config.data, &root, &config.quiet, |hash| shelf.read(hash)).map(Box::new);
    // A clock that was not set at boot must not number a new chain below an old one.
    let epoch_ms = table.as_ref().map_or(now_ms, |table| now_ms.max(table.release.issued.0));
    let chain = Chain::load(&store, config.player.clone(), key.clone(), clock.boot_id(), epoch_ms);
    let identity =
        Identity { player: config.player.clone(), kind: config.kind, key, root, quiet: config.quiet.clone() };
    let (events, inbox) = mpsc::channel();
    Ok(Parts { clock, store, shelf, identity, chain, table, events, inbox })
}

fn run<S: Stage>(config: &Config, parts: Parts, stage: S) -> Result<bool, String> {
    let Parts { clock, store, shelf, identity, chain, table, events, inbox } = parts;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.map_err(|error| error.to_string())?;
    let (tell, told) = unbounded_channel::<Told>();
    let link = link_config(config, &identity);
    let pass = pass(config, &identity)?;
    if let Some(pass) = &pass {
        let (pass, root) = (Arc::clone(pass), identity.root.clone());
        runtime.spawn(keep_visiting(pass, config.visit.clone(), root, clock.clone()));
    }
    let (data, events_) = (config.data.clone(), events.clone());
    let means = Means { clock: clock.clone(), store: store.clone(), shelf, data, events: events_ };
    let courier = runtime.spawn(keep_courier(identity, means, (link, pass), told));
    let stop = events.clone();
    runtime.spawn(async move {
        stopped().await;
        // The loop ends only with the program.
        let _ended = stop.send(Event::Stop { failed: false });
    });
    let tell = Box::new(move |told| {
        // The courier ends only with the program.
        let _ended = tell.send(told);
    });
    let failed = Run::start(clock, store, chain, stage, table, events, tell).run(&inbox);
    runtime.block_on(async {
        let goodbye = tokio::time::timeout(Duration::from_secs(3), courier);
        if goodbye.await.is_err() {
            tracing::warn!("the desk was not told that the player ends");
        }
    });
    Ok(failed)
}

/// Runs the courier, and another one should it die of a fault in the program: a player that the desk cannot reach any
/// more would play its last timetable until that ends.
async fn keep_courier(
    identity: Identity,
    means: Means,
    (mut config, pass): (LinkConfig, Option<Arc<Pass>>),
    told: UnboundedReceiver<Told>,
) {
    config.credentials = pass.as_ref().map(|pass| pass.credentials());
    let told = Arc::new(Mutex::new(told));
    loop {
        let (mut identity, means, config, pass) = (identity.clone(), means.clone(), config.clone(), pass.clone());
        if let Some(root) = trust::newest(&means.data) {
            identity.root = root;
        }
        let mut told = told.clone().lock_owned().await;
        let courier = tokio::spawn(async move {
            let table = Table::load(&means.data, &identity.root, &identity.quiet, |hash| means.shelf.read(hash));
            let (link, news) = Link::start(config);
            let post: Post = {
                let link = link.clone();
                Box::new(move |topic, payload| link.try_publish(topic, Qos::AtLeastOnce, payload).is_ok())
            };
            Courier::new(identity, means, post, table.as_ref()).renewing(pass).run(link, news, &mut told).await;
        });
        match courier.await {
            Ok(()) => return,
            Err(error) => tracing::error!(%error, "the courier died; another one takes its place"),
        }
        tokio::time::sleep(COURIER_REST).await;
    }
}

/// The player's certificate, where its broker is reached over TLS.
fn pass(config: &Config, identity: &Identity) -> Result<Option<Arc<Pass>>, String> {
    let Some(authorities) = config.authorities.as_ref().filter(|_| config.broker.tls) else { return Ok(None) };
    let who = (identity.player.clone(), identity.kind, identity.key.clone());
    let pass = Pass::open(&config.data, who, authorities, config.claim.clone());
    pass.map(|pass| Some(Arc::new(pass))).map_err(|error| error.to_string())
}

fn link_config(config: &Config, identity: &Identity) -> LinkConfig {
    let player = &identity.player;
    let listen = |filter: String, qos| Subscription { filter, qos };
    let mut link = LinkConfig::new(config.broker.clone(), player.as_str());
    link.user = Some(player.as_str().to_owned());
    link.will = Some(Message { topic: topic::up(player), qos: Qos::AtLeastOnce, payload: wire::encode(&Up::Gone) });
    link.subscriptions = vec![
        listen(topic::down(player), Qos::AtLeastOnce),
        listen(topic::parts(player), Qos::AtMostOnce),
        listen(topic::everyone(), Qos::AtLeastOnce),
    ];
    link
}

/// Waits for the signal to end: Ctrl-C, or a supervisor's.
async fn stopped() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut end) = signal(SignalKind::terminate()) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = end.recv() => {}
    }
}
