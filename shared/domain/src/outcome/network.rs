//! The network that a report comes from: what bounds who makes up clients.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

/// The network of a client: its IPv4 address, or the first 48 bits of its IPv6 address, which are
/// what a site gets at the most (RFC 6177). It is never stored or logged as it is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Network(Option<IpAddr>);

/// The bits of an IPv6 address that differ within a network.
const WITHIN: u32 = 128 - 48;

impl Network {
    /// That of clients whose address no gateway says: all of them are one.
    pub const UNKNOWN: Self = Self(None);

    /// The network of the client at `address`.
    #[must_use]
    pub fn of(address: IpAddr) -> Self {
        Self(Some(match address.to_canonical() {
            IpAddr::V6(address) => {
                Ipv6Addr::from_bits(address.to_bits() >> WITHIN << WITHIN).into()
            }
            address @ IpAddr::V4(_) => address,
        }))
    }

    /// What stands for it in a digest.
    pub(super) fn text(&self) -> String {
        self.0.map(|address| address.to_string()).unwrap_or_default()
    }
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Network")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(address: &str) -> Network {
        Network::of(address.parse().unwrap())
    }

    #[test]
    fn an_ipv4_address_is_a_network_however_it_is_written() {
        assert_eq!(network("192.0.2.1"), network("::ffff:192.0.2.1"));
        assert_ne!(network("192.0.2.1"), network("192.0.2.2"));
        assert_ne!(network("0.0.0.0"), Network::UNKNOWN);
    }

    #[test]
    fn a_site_with_ipv6_is_one_network() {
        assert_eq!(network("2001:db8:1::1"), network("2001:db8:1:ffff::2"));
        assert_ne!(network("2001:db8:1::1"), network("2001:db8:2::1"));
    }

    #[test]
    fn no_address_is_printed() {
        assert_eq!(format!("{:?}", network("192.0.2.1")), "Network");
    }
}
