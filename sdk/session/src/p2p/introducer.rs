//! Introductions on a transport that can make them. A session over one that can't does without.

use super::P2pSession;
use super::state::{Introducing, Match};
use crate::protocol::Membership;
use crate::{PlayerInput, ProtocolError};
use netcord_transport::{Introduce, IntroductionError, PeerId};

/// Does on the transport what an introduction asks for.
pub(super) type Introducer<T> = fn(&mut T, &Introducing) -> Result<Made, IntroductionError>;

/// What came of it.
pub(super) enum Made {
    Introduction(Vec<u8>),
    /// What to hand on, and where the one who comes is seen.
    Vouched(Vec<u8>, Option<Vec<u8>>),
    Meeting(PeerId),
    Nothing,
}

impl<I: PlayerInput, T: Introduce> P2pSession<I, T> {
    /// In a match of more than two: the host introduces the guests to each other, and their inputs go from each to
    /// each directly. Without it, or between two who can't reach each other, the host passes them on, and can't be
    /// replaced when it is gone.
    #[must_use]
    pub fn with_introductions(mut self) -> Self {
        self.introducer = Some(introduce);
        self.state.introductions.enabled = true;
        self
    }
}

fn introduce<T: Introduce>(transport: &mut T, task: &Introducing) -> Result<Made, IntroductionError> {
    Ok(match task {
        Introducing::Make { pair, .. } => Made::Introduction(transport.introduction(pair.role())?),
        Introducing::PassOn { maker, comer, introduction, .. } => {
            let vouched = transport.vouch(*maker, introduction)?;
            Made::Vouched(vouched, transport.sighting(*comer))
        }
        Introducing::Meet { introduction, .. } => Made::Meeting(transport.meet(introduction)?),
        Introducing::Expect { sighting, .. } => {
            transport.expect(sighting)?;
            Made::Nothing
        }
    })
}

impl<I: PlayerInput> Match<I> {
    /// Goes on with what an introduction came to.
    pub(super) fn on_introduced(&mut self, task: &Introducing, made: Result<Made, IntroductionError>) {
        let made = match made {
            Ok(made) => made,
            Err(error) => {
                tracing::debug!(%error, "no introduction");
                // What the host passes on is another's word. All else is tried again.
                if let (Introducing::PassOn { maker, .. }, IntroductionError::Malformed) = (task, error) {
                    self.on_broken(*maker, ProtocolError::BadValue("introduction"));
                }
                return;
            }
        };
        match (task, made) {
            (&Introducing::Make { host, pair }, Made::Introduction(introduction)) => {
                self.tell(host, Membership::Introduction { pair, introduction });
            }
            (&Introducing::PassOn { maker, comer, pair, .. }, Made::Vouched(introduction, sighting)) => {
                self.tell(comer, Membership::Meet { pair, introduction });
                if let Some(sighting) = sighting {
                    self.tell(maker, Membership::Expect { sighting });
                }
            }
            (&Introducing::Meet { pair, .. }, Made::Meeting(peer)) => self.introductions.met(peer, pair),
            _ => {}
        }
    }
}
