//! Running the server: one port, one accept loop, an orderly end.

mod address;
mod body;
mod greeting;
mod host;
mod inner;
mod lags;
mod limits;
mod listener;
mod metrics;
mod routes;
mod signals;

use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use anyhow::{Context, Result, ensure};
use clap::Args;
use petit_app::{
    follow::{self, Following},
    timers,
};
use petit_cluster::OwnedLog;
use petit_config::{Config, Flags, Loaded, PublicUrl, Role};
use petit_notifier::Guard;
use petit_ports::{Clock, SystemClock};
use tokio::net::TcpListener;

use crate::{
    Program,
    control::{Desk, Reception, Tasks},
    demo::{self, StoryClock},
    door::{self, Door},
    folder::DataFolder,
    installation::Installation,
    logging, place,
};
use listener::Front;
use routes::{Mounted, Readiness};

/// How long requests that are being answered may take after the server was asked to stop.
const FAREWELL: Duration = Duration::from_secs(10);

/// How long followers of the log may take to write down where they are.
const PARTING: Duration = Duration::from_secs(3);

#[derive(Args)]
pub struct ServeArgs {
    /// The folder of the database, the secrets and the control socket [default: petit-data]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Where to listen; port 0 takes any free one [default: 127.0.0.1:8420]
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<SocketAddr>,
    /// Which parts run: api, plexer, worker, notifier [default: all]
    #[arg(long, value_name = "ROLES", value_delimiter = ',')]
    roles: Option<Vec<Role>>,
    /// The address people open, such as https://chat.example.org [default: where it listens]
    #[arg(long, value_name = "URL")]
    public_url: Option<PublicUrl>,
    /// A configuration file to read instead of petit.toml in the data folder
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Make alice, bob and carol, chats and some history, and print their passwords
    #[arg(long)]
    demo: bool,
}

impl ServeArgs {
    fn flags(&self) -> Flags {
        Flags {
            listen: self.listen,
            public_url: self.public_url.clone(),
            data: self.data.clone(),
            roles: self.roles.clone(),
            file: self.config.clone(),
        }
    }
}

/// Runs until it is asked to stop.
pub fn run(args: &ServeArgs, program: &'static dyn Program) -> Result<()> {
    let loaded = place::load(&args.flags())?;
    logging::start(&loaded.config.log)?;
    limits::raise_open_files();
    limits::runtime()?.block_on(serve(loaded, args.demo, program))
}

async fn serve(loaded: Loaded, demo: bool, program: &'static dyn Program) -> Result<()> {
    let asked_to_stop = signals::listen()?;
    let config = loaded.config;
    let folder = DataFolder::hold(&config.server.data)?;
    let listener = listener::bind(config.server.listen)?;
    let address = listener.local_addr()?;
    let public_url = config.public_url(address);
    if door::is_enough_for(&config) {
        ensure!(!demo, "the demo needs a store; a plexer has none");
        let door = Door::open(config, folder, public_url, system_clock()).await?;
        return serve_door(&door, listener, asked_to_stop).await;
    }
    let story = demo.then(|| Arc::new(StoryClock::default()));
    let clock = story.clone().map_or_else(system_clock, |clock| clock as Arc<dyn Clock>);
    let installation = Arc::new(Installation::open(program, config, folder, public_url, clock).await?);
    let told = match &story {
        Some(clock) => Some(demo::tell(&installation, clock).await.context("the demo could not be made")?),
        None => None,
    };
    let reception = Reception::open(installation.folder.path()).context("cannot open the control socket")?;
    let desk = Arc::new(Desk::new(installation.clone(), Some(address)));
    let running = Running::start(installation.clone(), listener).await?;
    greeting::print(&installation, told.as_ref()).await;
    tokio::select! {
        () = asked_to_stop => {}
        () = reception.serve(Tasks::At(desk)) => {}
    }
    running.stop().await;
    drop(reception);
    installation.close().await;
    Ok(())
}

/// Without a store there is nothing to open before and nothing to close behind.
async fn serve_door(
    door: &Door,
    listener: TcpListener,
    asked_to_stop: impl Future<Output = ()>,
) -> Result<()> {
    let reception = Reception::open(door.folder.path()).context("cannot open the control socket")?;
    let running = Running::open(door, listener).await?;
    greeting::print_door(door);
    tokio::select! {
        () = asked_to_stop => {}
        () = reception.serve(Tasks::Refused) => {}
    }
    running.stop().await;
    Ok(())
}

fn front(config: &Config, public_url: &str) -> Front {
    Front { proxies: config.server.trusted_proxies.clone(), public_url: public_url.to_owned() }
}

fn drain_window(config: &Config) -> Duration {
    Duration::from_secs(config.server.drain_s.into())
}

/// A store in the folder has one process; a database may have many workers.
fn sharing(installation: &Installation) -> timers::Settings {
    match installation.engine.embedded() {
        Some(_) => timers::Settings::Alone,
        None => timers::Settings::Among(installation.nodes.own),
    }
}

/// Starts what is derived from the log.
fn follow(installation: &Installation) -> Following {
    follow::start(installation.app.clone(), installation.program.followers(), follow::Settings::default())
}

fn system_clock() -> Arc<dyn Clock> {
    Arc::new(SystemClock)
}

/// The parts that run.
struct Running {
    mounted: Mounted,
    readiness: Readiness,
    accepting: listener::Accepting,
    inner: Option<inner::Inner>,
    owned: Option<Arc<OwnedLog<Guard>>>,
    worker: Option<tokio::task::JoinHandle<()>>,
    timers: Option<tokio::task::JoinHandle<()>>,
    following: Option<Following>,
    /// Over what time sockets are sent away.
    drain: Duration,
}

impl Running {
    async fn start(installation: Arc<Installation>, listener: TcpListener) -> Result<Self> {
        let readiness = Readiness::default();
        let mounted = routes::mount(&installation, &readiness).await?;
        let front = front(&installation.config, &installation.public_url);
        let accepting = listener::accept(listener, mounted.router.clone(), front);
        let inner = inner::Inner::start(&installation).await?;
        let works = installation.config.server.roles.contains(&Role::Worker);
        let worker = works.then(|| installation.program.work(&installation.app));
        let timers = works.then(|| {
            timers::spawn(
                &installation.app,
                installation.program.effects(&installation.app),
                sharing(&installation),
            )
        });
        let following = works.then(|| follow(&installation));
        let drain = drain_window(&installation.config);
        let owned = Some(installation.owned.clone());
        Ok(Self { mounted, readiness, accepting, inner, owned, worker, timers, following, drain })
    }

    async fn open(door: &Door, listener: TcpListener) -> Result<Self> {
        let readiness = Readiness::default();
        let mounted = routes::mount_door(door, &readiness).await?;
        let front = front(&door.config, &door.public_url);
        let accepting = listener::accept(listener, mounted.router.clone(), front);
        let drain = drain_window(&door.config);
        Ok(Self {
            mounted,
            readiness,
            accepting,
            inner: None,
            owned: None,
            worker: None,
            timers: None,
            following: None,
            drain,
        })
    }

    /// Sends sockets away, lets requests finish, and takes no new ones.
    async fn stop(self) {
        self.readiness.end();
        // Chats go to other owners while requests that came here are still done here.
        if let Some(owned) = &self.owned {
            owned.leave();
        }
        if let Some(plexer) = &self.mounted.plexer {
            plexer.drain(self.drain).await;
        }
        self.accepting.stop(FAREWELL).await;
        if let Some(inner) = self.inner {
            inner.stop();
        }
        for working in [self.worker, self.timers].into_iter().flatten() {
            working.abort();
        }
        if let Some(following) = self.following {
            // What it cannot write any more it does again at the next start.
            let _ = tokio::time::timeout(PARTING, following.stop()).await;
        }
    }
}
