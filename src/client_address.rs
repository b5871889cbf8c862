//! Where a request comes from, as far as it is counted by that.

use std::net::IpAddr;

use crate::id::hex;

/// The name under which requests without a known address are counted, all of them together.
const UNKNOWN: &str = "unknown";

/// The name under which a request of this address is counted, which is `CF-Connecting-IP`'s: Cloudflare sets
/// it, and no client can. An IPv6 address counts by its network of 64 bits, within which one household has as
/// many addresses as it likes.
pub fn counted_as(address: Option<&str>) -> String {
    match address.and_then(|text| text.trim().parse().ok()) {
        None => UNKNOWN.to_owned(),
        Some(IpAddr::V4(address)) => hex(&address.octets()),
        Some(IpAddr::V6(address)) => match address.to_ipv4_mapped() {
            Some(mapped) => hex(&mapped.octets()),
            None => hex(address.octets().split_at(8).0),
        },
    }
}
