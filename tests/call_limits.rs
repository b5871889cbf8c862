//! How often an address may call. The numbers are those of the project's list of cases.
#![cfg(not(target_arch = "wasm32"))]

mod fixture;

use assistant_cloud_edge::client_address::counted_as;
use assistant_cloud_edge::rate_limit::{CallLimits, LimitedCall};
use assistant_cloud_edge::route::Endpoint;
use fixture::NOON;

#[test]
fn case_106_one_call_too_many() {
    for (endpoint, most) in [
        (Endpoint::CreateAnonymousToken, 30),
        (Endpoint::RefreshToken, 120),
        (Endpoint::ClaimThreads, 30),
        (Endpoint::ExchangeSession, 120),
    ] {
        let call = LimitedCall::of(endpoint).unwrap();
        let mut limits = CallLimits::default();
        let admitted = (0..200)
            .filter(|_| limits.admit(call, "192.0.2.1", NOON))
            .count();
        assert_eq!(admitted, most, "{endpoint:?}");
        assert!(limits.admit(call, "192.0.2.2", NOON), "somebody else");
        assert!(
            limits.admit(call, "192.0.2.1", NOON.plus_millis(60_000)),
            "a minute later"
        );
    }
    assert_eq!(LimitedCall::of(Endpoint::ListThreads), None);
    assert_eq!(LimitedCall::of(Endpoint::CreateToken), None);
}

#[test]
fn case_107_addresses_that_count_as_one() {
    for (address, expected) in [
        (Some("192.0.2.1"), "c0000201"),
        (Some(" 192.0.2.1 "), "c0000201"),
        (Some("::ffff:192.0.2.1"), "c0000201"),
        (Some("2001:db8:1:2:3:4:5:6"), "20010db800010002"),
        (Some("2001:db8:1:2::"), "20010db800010002"),
        (Some("2001:DB8:1:2:ffff::1"), "20010db800010002"),
        (Some("2001:db8:1:3::1"), "20010db800010003"),
        (Some("not an address"), "unknown"),
        (Some("192.0.2.1, 198.51.100.1"), "unknown"),
        (Some(""), "unknown"),
        (None, "unknown"),
    ] {
        assert_eq!(counted_as(address), expected, "{address:?}");
    }
    let mut limits = CallLimits::default();
    let admitted = (0..100)
        .filter(|number| {
            let address = format!("2001:db8:1:2::{number:x}");
            limits.admit(LimitedCall::Anonymous, &counted_as(Some(&address)), NOON)
        })
        .count();
    assert_eq!(admitted, 30);
}
