use std::path::PathBuf;

use clap::Args;

/// How an installation is checked.
#[derive(Args, Clone, Debug)]
pub struct CheckArgs {
    /// Addresses of the installation, such as http://127.0.0.1:8420; clients move between them
    #[arg(long, value_name = "URL", value_delimiter = ',', required = true)]
    pub url: Vec<String>,
    /// Bearer tokens of people to play, at least three [default: people named check-1, check-2 … are made]
    #[arg(long, value_name = "TOKEN", value_delimiter = ',')]
    pub token: Vec<String>,
    /// How many people play
    #[arg(long, default_value_t = 6, value_parser = clap::value_parser!(u32).range(3..=200))]
    pub clients: u32,
    /// In how many chats
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=100))]
    pub chats: u32,
    /// For how many seconds
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub seconds: u64,
    /// How many operations each person begins in a second, at most
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=1_000))]
    pub rate: u64,
    /// Where the dice begin; the same number plays the same game
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// How long everything may take to come right afterwards, in seconds
    #[arg(long, default_value_t = 45)]
    pub settle: u64,
    /// A file for the record, one JSON object a line
    #[arg(long, value_name = "FILE")]
    pub history: Option<PathBuf>,
}
