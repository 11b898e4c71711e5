//! What can be asked of the program.

use clap::{Args, Parser, Subcommand};
use netcord::transport::invite::InviteCode;
use netcord::transport::lab::Conditions;
use pong_rules::Skill;
use std::net::SocketAddr;

/// Pong for two to four, anywhere: one hosts, the others join from the list of their network, or with an invite code.
#[derive(Debug, Parser)]
#[command(version)]
pub(crate) struct Cli {
    /// Without one the window opens at the title
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    #[cfg(feature = "window")]
    #[command(flatten)]
    pub(crate) window: WindowOptions,
}

/// Where the window is, and how large.
#[cfg(feature = "window")]
#[derive(Clone, Debug, Args)]
pub(crate) struct WindowOptions {
    #[command(flatten)]
    pub(crate) place: demo_ui::WindowPlace,
    /// What matches that you host are called on the local network
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// Show how the connection is from the start, as F3 does
    #[arg(long, global = true)]
    pub(crate) overlay: bool,
    /// Keep the window open after the match, with --json too
    #[arg(long, global = true)]
    pub(crate) stay: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Host a match: prints an invite code, and waits for the one who has it
    Host(HostOptions),
    /// Join a match, to play or to watch, as the invite code says
    Join(JoinOptions),
    /// Both paddles on this machine, no network; every tick is rolled back and simulated again, to test the rules
    Local(PlayOptions),
    /// Against the bot on this machine, no network
    Bot(PlayOptions),
}

impl Command {
    /// What every way to play has in common.
    pub(crate) fn play(&self) -> &PlayOptions {
        match self {
            Self::Host(HostOptions { play, .. }) | Self::Join(JoinOptions { play, .. }) => play,
            Self::Local(play) | Self::Bot(play) => play,
        }
    }
}

#[derive(Clone, Debug, Args)]
pub(crate) struct HostOptions {
    #[command(flatten)]
    pub(crate) play: PlayOptions,
    /// UDP port to listen on; 0 lets the system choose
    #[arg(long, default_value_t = 0, value_name = "PORT")]
    pub(crate) port: u16,
    /// Addresses that the invite names, instead of this machine's on the local network: for a forwarded port, say
    #[arg(long, value_delimiter = ',', value_name = "ADDRESS:PORT")]
    pub(crate) advertise: Vec<SocketAddr>,
    /// How many play: two face to face, or three or four in a square, each behind a wall
    #[arg(long, default_value_t = 2, value_name = "N", value_parser = clap::value_parser!(u8).range(2..=4))]
    pub(crate) players: u8,
    /// Begin with so many players; the others come in while it runs
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(2..=4))]
    pub(crate) min_players: Option<u8>,
    /// Tell nobody on the local network: only who has the code joins
    #[arg(long)]
    pub(crate) private: bool,
    /// How many may watch
    #[arg(long, default_value_t = 0, value_name = "N", value_parser = clap::value_parser!(u8).range(0..=8))]
    pub(crate) spectators: u8,
    /// Seconds that an absent player has to come back before the match is lost
    #[arg(long, default_value_t = 30, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..=3600))]
    pub(crate) forfeit_after: u32,
    /// Seconds to wait for somebody to join
    #[arg(long, default_value_t = 600, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) wait: u32,
    /// What the network does to datagrams on the way, each way: "latency=100ms,loss=5%", say, or a preset
    #[arg(long, value_name = "CONDITIONS")]
    pub(crate) lab: Option<Conditions>,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct JoinOptions {
    /// What the host gave you; upper or lower case, with or without dashes
    pub(crate) code: InviteCode,
    #[command(flatten)]
    pub(crate) play: PlayOptions,
}

/// What every way to play has in common.
#[derive(Clone, Debug, Args)]
pub(crate) struct PlayOptions {
    /// Play without a window
    #[arg(long)]
    pub(crate) headless: bool,
    /// Let a bot play for you
    #[arg(long)]
    pub(crate) bot: bool,
    /// How good the bot is: easy, medium, hard or expert
    #[arg(long, default_value = "medium", value_name = "SKILL", value_parser = skill)]
    pub(crate) skill: Skill,
    /// What the match, the bots and the lab follow from
    #[arg(long, default_value_t = 1, value_name = "N")]
    pub(crate) seed: u64,
    /// Stop after so many seconds of play, instead of at the end of a match
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=86_400))]
    pub(crate) seconds: Option<u32>,
    /// Print one JSON object a line
    #[arg(long)]
    pub(crate) json: bool,
}

fn skill(text: &str) -> Result<Skill, String> {
    text.parse().map_err(|_| format!("no skill is called '{text}': it is easy, medium, hard or expert"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn what_is_mistyped_is_named() {
        for (arguments, named) in [
            ("pong join 12AB", "invite"),
            ("pong host --lab latency=5", "latency"),
            ("pong bot --skill godlike", "godlike"),
            ("pong host --advertise nowhere", "nowhere"),
        ] {
            let error = Cli::try_parse_from(arguments.split(' ')).expect_err(arguments).to_string();
            assert!(error.to_lowercase().contains(named), "{error}");
        }
    }
}
