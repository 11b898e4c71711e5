//! Peers who get to know each other through a third: what a session asks of a transport to become a full mesh.

use crate::invite::MeshEndpoint;
use crate::{DatagramSocket, PeerId, SecureTransport, Transport};

/// The most bytes of an introduction.
pub const MAX_INTRODUCTION: usize = 86;

/// The most bytes of a sighting.
pub const MAX_SIGHTING: usize = 19;

/// A transport whose peers can be introduced to each other by a third that is connected to both.
///
/// Say Ann is connected to both Bea and Cem. For Bea to meet Cem,
///
/// 1. Cem makes an [`introduction`](Self::introduction) and sends it to Ann, over their sealed connection;
/// 2. Ann [`vouch`](Self::vouch)es for it and sends the result on to Bea, and tells Cem her
///    [`sighting`](Self::sighting) of Bea;
/// 3. Bea [`meet`](Self::meet)s Cem with the one, and Cem [`expect`](Self::expect)s Bea with the other.
///
/// The keys that Bea and Cem then have are fresh and their own: Ann can't compute them from what she passed on,
/// even if she recorded what they sent. What Ann can do is to step in between from the start: to hand on introductions
/// of her own making in place of theirs. So an introducer is trusted to introduce, and with nothing after that.
///
/// ```
/// use netcord_transport::{Introduce, IntroductionError, PeerId};
///
/// /// The whole of it, were all three in one place; what one hands to another is sent as a message.
/// fn introduce<T: Introduce>(
///     ann: &mut T, bea: &mut T, cem: &mut T, [bea_to_ann, cem_to_ann]: [PeerId; 2],
/// ) -> Result<PeerId, IntroductionError> {
///     let introduction = cem.introduction(0)?;
///     let vouched = ann.vouch(cem_to_ann, &introduction)?;
///     if let Some(sighting) = ann.sighting(bea_to_ann) {
///         cem.expect(&sighting)?;
///     }
///     bea.meet(&vouched)
/// }
/// ```
///
/// A link that was lost and comes back has a new [`PeerId`]: to Bea, who asked, in the same slot; to Cem with the same
/// [`ClientId`](crate::ClientId) and role. It comes back by itself only where Bea can still reach Cem; if Cem's address
/// has changed, or one of them was restarted, they have to be introduced anew. Who is asked to make an introduction
/// for a peer with whom a connection seems to stand should disconnect it first: of two connections from one address
/// the second has to wait until the first has timed out.
///
/// An introduction lets one peer in, once, and expires soon. Whatever a peer writes into one, nobody is sent
/// much at addresses from which no answer came.
pub trait Introduce: Transport {
    /// A single-use introduction to us for one other peer: bytes for the introducer, to be sent over a sealed
    /// channel; at most [`MAX_INTRODUCTION`]. Whoever comes with it has this `role`: it is the first byte of the user
    /// data in [`Connected`](crate::Event::Connected), on both sides.
    ///
    /// # Errors
    /// [`IntroductionError::TooMany`].
    fn introduction(&mut self, role: u8) -> Result<Vec<u8>, IntroductionError>;

    /// What the introducer does to an introduction that the connected `peer` made before it hands it on: adds the
    /// address at which it sees that peer.
    ///
    /// # Errors
    /// [`IntroductionError::NotConnected`], and [`IntroductionError::Malformed`], which is `peer`'s fault.
    fn vouch(&self, peer: PeerId, introduction: &[u8]) -> Result<Vec<u8>, IntroductionError>;

    /// Connects to the peer who made the introduction. [`Connected`](crate::Event::Connected) with this id follows,
    /// or [`Disconnected`](crate::Event::Disconnected); until then, [`disconnect`](Transport::disconnect) gives it up.
    ///
    /// # Errors
    /// [`IntroductionError::TooMany`], and [`IntroductionError::Malformed`], which is the introducer's fault.
    fn meet(&mut self, introduction: &[u8]) -> Result<PeerId, IntroductionError>;

    /// Where the introducer sees a connected peer, for the one who [`expect`](Self::expect)s it: at most
    /// [`MAX_SIGHTING`] bytes. `None` when it is not connected, or is seen where nobody else could see it.
    fn sighting(&self, peer: PeerId) -> Option<Vec<u8>>;

    /// Takes the introducer's [`sighting`](Self::sighting) of the peer who was given our introduction: sends a few
    /// small datagrams there, so that a router or firewall on our side lets that peer's request through. Nothing else
    /// depends on it.
    ///
    /// # Errors
    /// [`IntroductionError::TooMany`], and [`IntroductionError::Malformed`], which is the introducer's fault.
    fn expect(&mut self, sighting: &[u8]) -> Result<(), IntroductionError>;
}

/// Why an introduction came to nothing. Nothing was sent or opened then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IntroductionError {
    /// The bytes are no introduction or no sighting. Whoever sent them broke the protocol: disconnect it.
    #[error("these bytes are no introduction and no sighting")]
    Malformed,
    /// The peer for whom to vouch is not connected (any more). Drop the introduction.
    #[error("{peer} is not connected, so nobody can vouch for it")]
    NotConnected {
        /// The peer that was named.
        peer: PeerId,
    },
    /// So many introductions or meetings are under way, or were just now, that another would serve a flood. Wait a
    /// second, or for those under way to end.
    #[error("too many introductions at once: wait a second")]
    TooMany,
}

impl<S: DatagramSocket> Introduce for SecureTransport<MeshEndpoint, S> {
    fn introduction(&mut self, role: u8) -> Result<Vec<u8>, IntroductionError> {
        self.endpoint_mut().introduction(role)
    }

    fn vouch(&self, peer: PeerId, introduction: &[u8]) -> Result<Vec<u8>, IntroductionError> {
        self.endpoint().vouch(peer, introduction)
    }

    fn meet(&mut self, introduction: &[u8]) -> Result<PeerId, IntroductionError> {
        self.endpoint_mut().meet(introduction)
    }

    fn sighting(&self, peer: PeerId) -> Option<Vec<u8>> {
        self.endpoint().sighting(peer)
    }

    fn expect(&mut self, sighting: &[u8]) -> Result<(), IntroductionError> {
        self.endpoint_mut().expect(sighting)
    }
}
