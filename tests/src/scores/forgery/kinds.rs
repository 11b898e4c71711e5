//! The kinds of forgery, and how each has to be refused.

use super::stage::Stage;
use super::{bodies, replays, signatures, tickets};
use http::Request;
use netcord_scores::api::Code;
use netcord_scores::api::Code::{
    BadRequest, BadSignature, Banned, ClaimDiffers, ClockSkew, InputsAfterEnd, MalformedReplay, NotAllowed,
    NotFound, OtherGame, OtherSeed, OtherVersion, ReplayedRequest, TicketExpired, TicketNotYours, TicketUsed,
    TooLarge, TooManyTicks, TooSoon, Unfinished, UnsupportedMedia,
};

/// When a forger comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum When {
    /// When the honest run is not played yet.
    Early,
    /// When it is played.
    Played,
    /// When it is accepted.
    Accepted,
}

/// One kind of forgery.
pub(super) struct Kind {
    pub(super) name: &'static str,
    pub(super) when: When,
    /// The reasons that are right.
    pub(super) codes: &'static [Code],
    pub(super) forge: Forge,
    /// Whether all that may be wrong is the replay, so that it may by chance be the honest run in other words.
    pub(super) changes_inputs: bool,
}

type Forge = fn(&mut Stage) -> Request<Vec<u8>>;

const fn early(name: &'static str, codes: &'static [Code], forge: Forge) -> Kind {
    Kind { name, when: When::Early, codes, forge, changes_inputs: false }
}

const fn played(name: &'static str, codes: &'static [Code], forge: Forge) -> Kind {
    Kind { name, when: When::Played, codes, forge, changes_inputs: false }
}

const fn inputs(name: &'static str, codes: &'static [Code], forge: Forge) -> Kind {
    Kind { name, when: When::Played, codes, forge, changes_inputs: true }
}

const fn accepted(name: &'static str, codes: &'static [Code], forge: Forge) -> Kind {
    Kind { name, when: When::Accepted, codes, forge, changes_inputs: false }
}

/// What becomes of a game whose inputs are not those that it was played with.
const OTHER_INPUTS: &[Code] = &[ClaimDiffers, InputsAfterEnd, Unfinished];

/// What becomes of bytes that may be anything.
const ANY_BYTES: &[Code] =
    &[ClaimDiffers, InputsAfterEnd, MalformedReplay, OtherGame, OtherSeed, OtherVersion, Unfinished];

pub(super) const KINDS: &[Kind] = &[
    played("claimed points", &[ClaimDiffers], replays::claimed_points),
    played("claimed ticks", &[ClaimDiffers], replays::claimed_ticks),
    played("claimed state", &[ClaimDiffers], replays::claimed_state),
    inputs("inputs cut", &[Unfinished], replays::inputs_cut),
    inputs("inputs after the end", &[InputsAfterEnd], replays::inputs_after_the_end),
    inputs("inputs inserted", OTHER_INPUTS, replays::inputs_inserted),
    inputs("inputs changed", OTHER_INPUTS, replays::inputs_changed),
    inputs("inputs spliced", OTHER_INPUTS, replays::inputs_spliced),
    inputs("inputs of another seed", OTHER_INPUTS, replays::inputs_of_another_seed),
    played("another run", &[OtherSeed], replays::another_run),
    played("another seed", &[OtherSeed], replays::another_seed),
    played("another mode", &[OtherGame], replays::another_mode),
    played("another level", &[OtherGame], replays::another_level),
    played("another version", &[OtherVersion], replays::another_version),
    played("random bytes", ANY_BYTES, replays::random_bytes),
    inputs("bits flipped", ANY_BYTES, replays::bits_flipped),
    played("bytes cut", &[MalformedReplay, Unfinished], replays::bytes_cut),
    played("endless", &[TooManyTicks], replays::endless),
    played("endless after waiting", &[InputsAfterEnd], replays::endless_after_waiting),
    played("endless in secret", &[ClaimDiffers, InputsAfterEnd], replays::endless_in_secret),
    played("more than endless", &[MalformedReplay], replays::more_than_endless),
    played("giant replay", &[TooLarge], replays::giant),
    accepted("ticket used", &[TicketUsed], tickets::used),
    played("ticket made up", &[NotFound], tickets::made_up),
    played("ticket of another player", &[TicketNotYours], tickets::of_another_player),
    played("ticket of another board", &[TicketNotYours], tickets::of_another_board),
    accepted("ticket expired", &[TicketExpired], tickets::expired),
    early("too soon", &[TooSoon], tickets::too_soon),
    accepted("overlapping runs", &[TooSoon], tickets::overlapping),
    played("of nobody", &[NotFound], tickets::of_nobody),
    played("of the banned", &[Banned], tickets::of_the_banned),
    played("another player's signature", &[BadSignature], signatures::by_another_player),
    played("tampered with", &[BadSignature], signatures::tampered),
    played("body tampered with", &[BadSignature], signatures::tampered_body),
    played("signature of another request", &[BadSignature], signatures::of_another_request),
    played("unsigned", &[BadSignature], signatures::unsigned),
    played("signed long ago", &[ClockSkew], signatures::old),
    played("signed ahead", &[ClockSkew], signatures::ahead),
    accepted("request replayed", &[ReplayedRequest], signatures::replayed),
    accepted("request replayed later", &[ClockSkew], signatures::replayed_later),
    played("relayed by another service", &[BadSignature], signatures::relayed),
    played("another path", &[NotFound, BadRequest], signatures::another_path),
    played("renaming another", &[NotAllowed], signatures::renaming_another),
    accepted("moderating", &[NotAllowed], signatures::moderating),
    played("giant body", &[TooLarge], bodies::giant),
    played("compressed bomb", &[UnsupportedMedia], bodies::compressed),
    played("compressed bomb in secret", &[BadRequest], bodies::compressed_in_secret),
    played("not JSON", &[UnsupportedMedia], bodies::not_json),
    played("nested JSON", &[BadRequest], bodies::nested),
    played("numbers", &[BadRequest], bodies::numbers),
    played("misshapen", &[BadRequest], bodies::misshapen),
    played("no text", &[BadRequest], bodies::no_text),
];

/// The costliest, of which one is enough.
pub(super) const AN_HOUR: Kind = played("an hour", &[ClaimDiffers], replays::an_hour);
