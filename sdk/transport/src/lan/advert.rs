//! What a game tells the network about itself, as the strings of a TXT record, and back (STANDARD.md, section 4.10).

use super::text::{clean_name, clean_version};
use crate::invite::InviteCode;

/// The version of the format that we write, and the only one that we fully read.
pub(super) const FORMAT: u8 = 1;

/// A game that is advertised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LanGame {
    /// Which game it is: its [`protocol_id`](crate::invite::protocol_id). Browsers see only games of their own.
    pub game: u64,
    /// What the host calls it. Shown in at most [`MAX_NAME`](super::MAX_NAME) characters, those that can be seen.
    pub name: String,
    /// The game's version. Only equal versions are joinable. At most [`MAX_VERSION`](super::MAX_VERSION) characters
    /// of printable ASCII count.
    pub version: String,
    /// How many players are in.
    pub players: u8,
    /// How many can be.
    pub max_players: u8,
    /// The code with which everyone on the network may join; `None` if they have to ask the host for one. A code lets
    /// one player in: [`update`](super::Advertiser::update) the advert with the next.
    pub invite: Option<InviteCode>,
}

/// An advert as it was heard: clean, but from anyone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Advert {
    pub(super) format: u8,
    /// Without a code when the format is not ours.
    pub(super) game: LanGame,
}

impl LanGame {
    /// A game of two players, one of whom is there, that is joined by asking for the code.
    pub fn new(game: u64, name: &str, version: &str) -> Self {
        Self { game, name: name.into(), version: version.into(), players: 1, max_players: 2, invite: None }
    }

    /// The strings of the TXT record.
    pub(super) fn to_txt(&self) -> Vec<(&'static str, String)> {
        let mut txt = vec![
            ("v", FORMAT.to_string()),
            ("g", format!("{:016x}", self.game)),
            ("n", clean_name(&self.name)),
            ("r", clean_version(&self.version)),
            ("p", self.players.to_string()),
            ("m", self.max_players.to_string()),
        ];
        txt.extend(self.invite.as_ref().map(|code| ("c", code.to_string())));
        txt
    }
}

impl Advert {
    /// Reads the strings of a TXT record, given a way to look a key up. `None` if this is no advert of a game.
    ///
    /// Every string is at most 255 bytes long, by the format of the record.
    pub(super) fn from_txt<'a>(value: impl Fn(&str) -> Option<&'a [u8]>) -> Option<Self> {
        let text = |key| std::str::from_utf8(value(key)?).ok();
        let format = decimal(text("v")?).filter(|&format| format >= FORMAT)?;
        let game =
            text("g").filter(|hex| hex.len() == 16 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
        let mut game = LanGame {
            game: u64::from_str_radix(game, 16).ok()?,
            name: clean_name(text("n")?),
            version: clean_version(text("r")?),
            players: 0,
            max_players: 0,
            invite: None,
        };
        // Later formats keep what is above, so that their games can be listed.
        if format == FORMAT {
            game.players = decimal(text("p")?)?;
            game.max_players = decimal(text("m")?)?;
            game.invite = match value("c") {
                Some(code) => Some(std::str::from_utf8(code).ok()?.parse().ok()?),
                None => None,
            };
        }
        Some(Self { format, game })
    }
}

/// A number up to 255, without a sign or leading zeros: one form for each.
fn decimal(text: &str) -> Option<u8> {
    let number: u8 = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn game() -> LanGame {
        let invite = InviteCode::new(&["192.168.1.20:7777".parse().unwrap()], *b"ten bytes!").unwrap();
        LanGame {
            players: 1,
            max_players: 4,
            invite: Some(invite),
            ..LanGame::new(0x0123_4567_89ab_cdef, "Ann's game", "1.4.0")
        }
    }

    fn read(txt: &[(&str, String)]) -> Option<Advert> {
        Advert::from_txt(|key| txt.iter().find(|(name, _)| *name == key).map(|(_, value)| value.as_bytes()))
    }

    #[test]
    fn the_vector_of_the_standard() {
        let txt: Vec<_> = game().to_txt().iter().map(|(key, value)| format!("{key}={value}")).collect();
        let standard = [
            "v=1",
            "g=0123456789abcdef",
            "n=Ann's game",
            "r=1.4.0",
            "p=1",
            "m=4",
            "c=4B0A-G08M-3SGQ-8SBE-41H7-JX35-ECGT-2GX3",
        ];
        assert_eq!(txt, standard);
        assert_eq!(read(&game().to_txt()), Some(Advert { format: 1, game: game() }));
    }

    #[test]
    fn no_strange_advert_is_read() {
        for (key, value) in [
            ("v", "0"),
            ("v", "256"),
            ("v", "01"),
            ("v", ""),
            ("g", "123456789abcdef"),
            ("g", "+123456789abcdef"),
            ("p", "-1"),
            ("p", "+1"),
            ("m", "1000000000000000000000"),
            ("c", "4B0A-G08M-3SGQ-8SBE-41H7-JX35-ECGT-2GX4"),
            ("c", ""),
        ] {
            let mut txt = game().to_txt();
            txt.iter_mut().filter(|(name, _)| *name == key).for_each(|(_, old)| *old = value.into());
            assert_eq!(read(&txt), None, "{key}={value}");
        }
        for key in ["v", "g", "n", "r", "p", "m"] {
            let txt: Vec<_> = game().to_txt().into_iter().filter(|(name, _)| *name != key).collect();
            assert_eq!(read(&txt), None, "without {key}");
        }
    }

    #[test]
    fn of_a_later_format_only_what_all_formats_have_is_read() {
        let txt = [("v", "2"), ("g", "0123456789abcdef"), ("n", "Ann's game"), ("r", "9.0"), ("p", "many")];
        let advert = read(&txt.map(|(key, value)| (key, value.to_owned()))).expect("it can be listed");
        assert_eq!((advert.format, advert.game.version.as_str(), advert.game.invite), (2, "9.0", None));
    }

    #[test]
    fn the_longest_advert_fits_its_record() {
        let addresses = ["[2001:db8::1]:1", "[2001:db8::2]:1", "[2001:db8::3]:1", "[2001:db8::4]:1"];
        let addresses = addresses.map(|text| text.parse().unwrap());
        let game = LanGame {
            players: u8::MAX,
            max_players: u8::MAX,
            invite: Some(InviteCode::new(&addresses, [0xff; 10]).unwrap()),
            ..LanGame::new(u64::MAX, &"\u{10000}".repeat(99), &"9".repeat(99))
        };
        let txt = game.to_txt();
        assert!(txt.iter().all(|(key, value)| key.len() + 1 + value.len() <= 255));
        assert!(txt.iter().map(|(key, value)| key.len() + 2 + value.len()).sum::<usize>() <= 512);
    }
}
