//! Which addresses a redirect may lead to: public ones.
//!
//! What the office writes into its settings is its own choice; what a site answers is not, and must
//! not make us ask machines of the office's own network.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use url::{Host, Url};

/// Whether the address names this very computer outright.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        None => false,
    }
}

/// Whether the public internet is behind it. What is not known to be, is not.
pub(crate) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let shared = a == 100 && (64..128).contains(&b);
    let benchmark = a == 198 && (b == 18 || b == 19);
    let protocol = a == 192 && b == 0 && c == 0;
    !(address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        || address.is_broadcast()
        || address.is_multicast()
        || a == 0
        || a >= 240
        || shared
        || benchmark
        || protocol)
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    if let Some(inner) = address.to_ipv4_mapped() {
        return is_public_v4(inner);
    }
    let [a, b, ..] = address.segments();
    // 2000::/3 is all that is given out; of it not the documentation, 6to4 and Teredo, whose inner
    // address may be anything.
    (a & 0xe000) == 0x2000 && !(a == 0x2001 && (b == 0xdb8 || b == 0)) && a != 0x2002
}

/// Of the addresses a host has, those a request may go to.
pub(crate) fn allowed(found: Vec<SocketAddr>, redirected: bool, loopback: bool) -> Vec<SocketAddr> {
    let fits = |address: &SocketAddr| {
        !redirected || is_public(address.ip()) || loopback && address.ip().is_loopback()
    };
    found.into_iter().filter(fits).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_public_addresses_are_public() {
        for (address, expected) in [
            ("8.8.8.8", true),
            ("223.5.5.5", true),
            ("2400:3200::1", true),
            ("127.0.0.1", false),
            ("10.1.2.3", false),
            ("172.16.0.1", false),
            ("192.168.1.1", false),
            ("169.254.169.254", false),
            ("100.100.100.200", false),
            ("0.0.0.0", false),
            ("198.18.0.1", false),
            ("224.0.0.1", false),
            ("255.255.255.255", false),
            ("::1", false),
            ("::", false),
            ("fe80::1", false),
            ("fd00::1", false),
            ("ff02::1", false),
            ("::ffff:10.0.0.1", false),
            ("2001:db8::1", false),
            ("2002:a00:1::", false),
            ("64:ff9b::a00:1", false),
        ] {
            assert_eq!(is_public(address.parse().unwrap()), expected, "{address}");
        }
    }

    #[test]
    fn a_redirect_stays_outside_unless_the_source_is_this_computer() {
        let all: Vec<SocketAddr> =
            ["127.0.0.1:80", "10.0.0.1:80", "8.8.8.8:80"].map(|a| a.parse().unwrap()).into();
        let check = |redirected, loopback, expected: &[&str]| {
            let kept: Vec<String> = allowed(all.clone(), redirected, loopback)
                .iter()
                .map(ToString::to_string)
                .collect();
            assert_eq!(kept, expected);
        };
        check(false, false, &["127.0.0.1:80", "10.0.0.1:80", "8.8.8.8:80"]);
        check(true, false, &["8.8.8.8:80"]);
        check(true, true, &["127.0.0.1:80", "8.8.8.8:80"]);
    }
}
