//! How often an address or a user may call. The numbers are those of the project's list of cases.
#![cfg(not(target_arch = "wasm32"))]

mod fixture;

use assistant_cloud_edge::client_address;
use assistant_cloud_edge::id::{ProjectId, UserId, WorkspaceId, counted_as};
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
        let call = LimitedCall::of_address(endpoint).unwrap();
        assert_eq!(LimitedCall::of_caller(endpoint), None);
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
    assert_eq!(LimitedCall::of_address(Endpoint::ListThreads), None);
    assert_eq!(LimitedCall::of_address(Endpoint::CreateToken), None);
}

#[test]
fn what_costs_money_elsewhere_is_counted_by_its_caller() {
    for endpoint in [Endpoint::StreamRun, Endpoint::SignUpload] {
        assert_eq!(LimitedCall::of_address(endpoint), None);
        let call = LimitedCall::of_caller(endpoint).unwrap();
        let mut limits = CallLimits::default();
        let mut admitted = |project: &str, workspace: &str, user: &str| {
            let name = counted_as(
                &ProjectId::parse(project).unwrap(),
                &WorkspaceId::parse(workspace).unwrap(),
                &UserId::parse(user).unwrap(),
            );
            (0..50).filter(|_| limits.admit(call, &name, NOON)).count()
        };
        assert_eq!(admitted("p", "acme", "alice"), 30, "{endpoint:?}");
        assert_eq!(admitted("p", "acme", "alice"), 0);
        // A colleague, another workspace of hers, and ids that look alike when they are put together.
        assert_eq!(admitted("p", "acme", "bob"), 30);
        assert_eq!(admitted("p", "alice", "alice"), 30);
        assert_eq!(admitted("p", "acmea", "lice"), 30);
        assert_eq!(admitted("q", "acme", "alice"), 30);
    }
    assert_eq!(LimitedCall::of_caller(Endpoint::SignDownload), None);
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
        assert_eq!(client_address::counted_as(address), expected, "{address:?}");
    }
    let mut limits = CallLimits::default();
    let admitted = (0..100)
        .filter(|number| {
            let address = format!("2001:db8:1:2::{number:x}");
            let name = client_address::counted_as(Some(&address));
            limits.admit(LimitedCall::Anonymous, &name, NOON)
        })
        .count();
    assert_eq!(admitted, 30);
}
