//! Which addresses of the network we may call.
//!
//! A remote document can name any address; without this rule a stranger could make our server
//! read what only our own network can reach (SSRF). The rule is applied to each URL before it is
//! asked, and to each IP address after the name is resolved, just before connecting.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;
use url::{Host, Url};

pub use crate::domain::network::HostPattern;

/// IPv4 networks that are not the public Internet (IANA special-purpose registry, RFC 6890).
const SPECIAL_IPV4: [(Ipv4Addr, u32); 16] = [
    (Ipv4Addr::UNSPECIFIED, 8),           // this network
    (Ipv4Addr::new(10, 0, 0, 0), 8),      // private
    (Ipv4Addr::new(100, 64, 0, 0), 10),   // shared by carriers (CGNAT)
    (Ipv4Addr::new(127, 0, 0, 0), 8),     // loopback
    (Ipv4Addr::new(169, 254, 0, 0), 16),  // link-local, and the metadata of clouds
    (Ipv4Addr::new(172, 16, 0, 0), 12),   // private
    (Ipv4Addr::new(192, 0, 0, 0), 24),    // protocol assignments
    (Ipv4Addr::new(192, 0, 2, 0), 24),    // documentation
    (Ipv4Addr::new(192, 31, 196, 0), 24), // AS112
    (Ipv4Addr::new(192, 88, 99, 0), 24),  // 6to4 relays
    (Ipv4Addr::new(192, 168, 0, 0), 16),  // private
    (Ipv4Addr::new(198, 18, 0, 0), 15),   // benchmarks
    (Ipv4Addr::new(198, 51, 100, 0), 24), // documentation
    (Ipv4Addr::new(203, 0, 113, 0), 24),  // documentation
    (Ipv4Addr::new(224, 0, 0, 0), 4),     // multicast
    (Ipv4Addr::new(240, 0, 0, 0), 4),     // reserved, and broadcast
];

/// The only IPv6 network that is routed on the public Internet.
const GLOBAL_IPV6: (Ipv6Addr, u32) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// Parts of [`GLOBAL_IPV6`] that are not public servers.
const SPECIAL_IPV6: [(Ipv6Addr, u32); 4] = [
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23), // protocol assignments, Teredo, ORCHID
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32), // documentation
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16), // 6to4, which hides an IPv4 address
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20), // documentation
];

/// Why an address may not be called.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RefusedAddress {
    /// Neither `https` nor `http`.
    #[error("only web addresses are called")]
    NotWeb,
    /// `http`, and the host is not one of those allowed without encryption.
    #[error("only encrypted addresses are called")]
    NotEncrypted,
    /// The address holds a user name or a password.
    #[error("addresses with credentials are not called")]
    Credentials,
    /// The host is, or leads to, an address that is not on the public Internet.
    #[error("{0} is not a public address")]
    NotPublic(IpAddr),
    /// The name leads nowhere.
    #[error("the name has no address")]
    Unknown,
}

/// What may be called besides public addresses over https. The default is nothing else.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AddressPolicy {
    /// Networks that may be called though they are not public: laboratories, tests, an intranet.
    pub allow_private_networks: Vec<IpNet>,
    /// Hosts that may be called without encryption.
    pub allow_http: Vec<HostPattern>,
}

impl AddressPolicy {
    /// Whether a URL may be asked, as far as it can be known before its name is resolved.
    pub fn check_url(&self, url: &Url) -> Result<(), RefusedAddress> {
        match url.scheme() {
            "https" => {}
            "http" if self.allow_http.iter().any(|host| host.matches(url)) => {}
            "http" => return Err(RefusedAddress::NotEncrypted),
            _ => return Err(RefusedAddress::NotWeb),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(RefusedAddress::Credentials);
        }
        match url.host() {
            Some(Host::Ipv4(ip)) => self.check_ip(ip.into()),
            Some(Host::Ipv6(ip)) => self.check_ip(ip.into()),
            Some(Host::Domain(_)) => Ok(()),
            None => Err(RefusedAddress::NotWeb),
        }
    }

    /// Whether an IP address may be connected to.
    pub fn check_ip(&self, ip: IpAddr) -> Result<(), RefusedAddress> {
        let ip = embedded_ipv4(ip);
        let is_allowed = self
            .allow_private_networks
            .iter()
            .any(|net| net.contains(&ip));
        if is_allowed || is_public(ip) {
            Ok(())
        } else {
            Err(RefusedAddress::NotPublic(ip))
        }
    }
}

/// The IPv4 address that an IPv6 one stands for: mapped (`::ffff:0:0/96`), or translated by the
/// network (NAT64, `64:ff9b::/96`). Any other address is itself.
fn embedded_ipv4(ip: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = ip else { return ip };
    match v6.segments() {
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low)).into()
        }
        _ => ip,
    }
}

fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => !SPECIAL_IPV4.iter().any(|net| contains_ipv4(*net, ip)),
        IpAddr::V6(ip) => {
            contains_ipv6(GLOBAL_IPV6, ip)
                && !SPECIAL_IPV6.iter().any(|net| contains_ipv6(*net, ip))
        }
    }
}

fn contains_ipv4((network, prefix): (Ipv4Addr, u32), ip: Ipv4Addr) -> bool {
    (network.to_bits() ^ ip.to_bits()).leading_zeros() >= prefix
}

fn contains_ipv6((network, prefix): (Ipv6Addr, u32), ip: Ipv6Addr) -> bool {
    (network.to_bits() ^ ip.to_bits()).leading_zeros() >= prefix
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(policy: &AddressPolicy, url: &str) -> Result<(), RefusedAddress> {
        policy.check_url(&url.parse().unwrap())
    }

    #[test]
    fn only_encrypted_web_addresses_without_credentials_are_called() {
        let policy = AddressPolicy::default();
        assert_eq!(check(&policy, "https://peer.test/a"), Ok(()));
        assert_eq!(check(&policy, "https://peer.test:8443/a"), Ok(()));
        for (url, reason) in [
            ("http://peer.test/", RefusedAddress::NotEncrypted),
            ("ftp://peer.test/", RefusedAddress::NotWeb),
            ("file:///etc/passwd", RefusedAddress::NotWeb),
            ("data:,a", RefusedAddress::NotWeb),
            ("https://u@peer.test/", RefusedAddress::Credentials),
            ("https://:p@peer.test/", RefusedAddress::Credentials),
        ] {
            assert_eq!(check(&policy, url), Err(reason), "{url}");
        }
    }

    #[test]
    fn addresses_that_are_not_public_are_refused_however_they_are_written() {
        let policy = AddressPolicy::default();
        for host in [
            "127.0.0.1",
            "127.1",
            "2130706433",
            "0x7f.1",
            "0177.0.0.1",
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "100.127.255.255",
            "169.254.169.254",
            "172.31.0.1",
            "192.168.1.1",
            "192.0.0.8",
            "192.0.2.1",
            "192.88.99.1",
            "198.19.0.1",
            "198.51.100.1",
            "203.0.113.9",
            "224.0.0.1",
            "255.255.255.255",
            "[::]",
            "[::1]",
            "[::ffff:10.0.0.1]",
            "[::ffff:a9fe:a9fe]",
            "[64:ff9b::7f00:1]",
            "[64:ff9b:1::1]",
            "[2002:7f00:1::]",
            "[2001::1]",
            "[2001:db8::1]",
            "[3fff::1]",
            "[fc00::1]",
            "[fd12::1]",
            "[fe80::1]",
            "[fec0::1]",
            "[ff02::1]",
            "[100::1]",
            "[::127.0.0.1]",
            "[5f00::1]",
        ] {
            let refusal = check(&policy, &format!("https://{host}/"));
            assert!(
                matches!(refusal, Err(RefusedAddress::NotPublic(_))),
                "{host}"
            );
        }
    }

    #[test]
    fn public_addresses_are_called() {
        let policy = AddressPolicy::default();
        for host in [
            "1.1.1.1",
            "100.63.255.255",
            "100.128.0.1",
            "172.15.0.1",
            "172.32.0.1",
            "9.255.255.255",
            "223.255.255.255",
            "[2606:4700::1111]",
            "[2a01:e0c::1]",
            "[2001:200::1]",
            "[::ffff:1.1.1.1]",
            "[64:ff9b::101:101]",
        ] {
            assert_eq!(
                check(&policy, &format!("https://{host}/")),
                Ok(()),
                "{host}"
            );
        }
    }

    #[test]
    fn named_networks_and_hosts_are_allowed_and_only_they() {
        let policy = AddressPolicy {
            allow_private_networks: vec!["10.2.0.0/16".parse().unwrap()],
            allow_http: vec![
                HostPattern::parse("lab.test").unwrap(),
                HostPattern::parse("10.2.0.1:8080").unwrap(),
            ],
        };
        for url in [
            "http://lab.test/",
            "http://LAB.test:81/",
            "https://10.2.3.4/",
            "https://[::ffff:10.2.3.4]/",
            "http://10.2.0.1:8080/",
        ] {
            assert_eq!(check(&policy, url), Ok(()), "{url}");
        }
        for url in [
            "http://not-lab.test/",
            "http://a.lab.test/",
            "https://10.3.0.1/",
            "http://10.2.0.1/",
        ] {
            assert!(check(&policy, url).is_err(), "{url}");
        }
    }

    proptest! {
        #[test]
        fn an_ipv4_address_and_its_ipv6_disguises_have_one_answer(bits in any::<u32>()) {
            let policy = AddressPolicy::default();
            let ip = Ipv4Addr::from_bits(bits);
            let expected = policy.check_ip(ip.into());
            prop_assert_eq!(&policy.check_ip(ip.to_ipv6_mapped().into()), &expected);
            let translated = (0x64_u128 << 112) | (0xff9b_u128 << 96) | u128::from(bits);
            prop_assert_eq!(&policy.check_ip(Ipv6Addr::from_bits(translated).into()), &expected);
        }
    }
}
