use std::{path::PathBuf, time::Duration};

/// Measures this machine and this server side by side.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct BenchArgs {
    /// What is measured: one process with everything in it, or several on the servers of `bin/cluster`
    #[arg(long, value_enum, default_value_t)]
    pub profile: Profile,
    /// Where the servers of the cluster profile are: the file that `bin/cluster up` writes
    #[arg(long, value_name = "FILE", env = "PETIT_CLUSTER_ENV", default_value = ".cache/cluster/env")]
    pub servers: PathBuf,
    /// Small and short, at most a minute: shows that everything works, not how fast it is
    #[arg(long)]
    pub quick: bool,
    /// Only these workloads, such as `w1,w3`
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    pub only: Vec<Workload>,
    /// Also write the results to this file, as JSON
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// The program to measure [default: petit, beside this one]
    #[arg(long, value_name = "PROGRAM", env = "PETIT_BIN")]
    pub server: Option<PathBuf>,
    /// How many people there are; each has several sockets
    #[arg(long, value_name = "NUMBER")]
    pub people: Option<usize>,
    /// How many sockets the biggest workloads open
    #[arg(long, value_name = "NUMBER")]
    pub sockets: Option<usize>,
    /// How many messages the history workload stores
    #[arg(long, value_name = "NUMBER")]
    pub messages: Option<u64>,
    /// How often each thing is measured, in turns with its floor
    #[arg(long, value_name = "NUMBER")]
    pub rounds: Option<usize>,
    /// Do the work of a floor; the benchmark starts these itself
    #[arg(long, hide = true)]
    pub floor: Option<String>,
}

/// How the measured installation is built.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Profile {
    #[default]
    Embedded,
    Cluster,
}

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Workload {
    /// One chat with very many sockets
    W1,
    /// Many chats of ten
    W2,
    /// Many posts at once
    W3,
    /// Pages of history
    W4,
    /// Very many quiet sockets
    W6,
    /// Starting, and resting
    W7,
}

impl Workload {
    pub const ALL: [Self; 6] = [Self::W1, Self::W2, Self::W3, Self::W4, Self::W6, Self::W7];
}

/// How big and how long everything is.
#[derive(Clone, Debug)]
pub struct Scale {
    pub quick: bool,
    pub people: usize,
    pub rounds: usize,
    pub round: Duration,
    /// Sockets in the big rooms.
    pub rooms: Vec<usize>,
    /// Sockets in the paced and the bursting room.
    pub room: usize,
    pub paced_round: Duration,
    pub bursts: usize,
    pub burst_pause: Duration,
    pub small_rooms: usize,
    pub small_rooms_rate: u32,
    pub small_rooms_time: Duration,
    /// Quiet chats each person of the small rooms has beside.
    pub quiet_chats: usize,
    pub posting_round: Duration,
    pub messages: u64,
    pub history_chats: usize,
    /// Equal requests at the same time.
    pub herd: usize,
    pub idle_sockets: usize,
    pub idle_time: Duration,
    pub starts: usize,
    pub rest: Duration,
}

impl Scale {
    pub fn of(args: &BenchArgs) -> Self {
        let mut scale = if args.quick { Self::quick() } else { Self::standard() };
        if let Some(sockets) = args.sockets {
            scale.rooms.retain(|room| *room < sockets);
            scale.rooms.push(sockets);
            scale.idle_sockets = sockets;
        }
        scale.people = args.people.unwrap_or(scale.people).max(2);
        scale.messages = args.messages.unwrap_or(scale.messages);
        scale.rounds = args.rounds.unwrap_or(scale.rounds).max(1);
        scale
    }

    fn standard() -> Self {
        Self {
            quick: false,
            people: 400,
            rounds: 5,
            round: Duration::from_secs(3),
            rooms: vec![1_000, 9_500],
            room: 1_000,
            paced_round: Duration::from_secs(4),
            bursts: 20,
            burst_pause: Duration::from_secs(1),
            small_rooms: 200,
            small_rooms_rate: 200,
            small_rooms_time: Duration::from_secs(20),
            quiet_chats: 5,
            posting_round: Duration::from_secs(2),
            messages: 200_000,
            history_chats: 1_000,
            herd: 1_000,
            idle_sockets: 9_500,
            idle_time: Duration::from_secs(35),
            starts: 5,
            rest: Duration::from_secs(10),
        }
    }

    fn quick() -> Self {
        Self {
            quick: true,
            people: 20,
            rounds: 2,
            round: Duration::from_millis(500),
            rooms: vec![200],
            room: 200,
            paced_round: Duration::from_secs(1),
            bursts: 4,
            burst_pause: Duration::from_millis(200),
            small_rooms: 10,
            small_rooms_rate: 50,
            small_rooms_time: Duration::from_secs(3),
            quiet_chats: 1,
            posting_round: Duration::from_millis(300),
            messages: 3_000,
            history_chats: 30,
            herd: 100,
            idle_sockets: 300,
            idle_time: Duration::from_secs(2),
            starts: 2,
            rest: Duration::from_secs(2),
        }
    }
}
