//! How often somebody may come.
#![cfg(not(target_arch = "wasm32"))]

mod fixture;

use assistant_cloud_edge::rate_limit::RateLimit;
use fixture::NOON;

#[test]
fn each_name_has_its_own_count_a_minute() {
    let mut limit = RateLimit::per_minute(3);
    let admitted = |limit: &mut RateLimit, name, millis| {
        (0..5)
            .filter(|_| limit.admit(name, NOON.plus_millis(millis)))
            .count()
    };
    assert_eq!(admitted(&mut limit, "alice", 0), 3);
    assert_eq!(admitted(&mut limit, "alice", 59_999), 0);
    assert_eq!(admitted(&mut limit, "bob", 59_999), 3);
    assert_eq!(admitted(&mut limit, "alice", 60_000), 3);
}

#[test]
fn a_flood_of_names_takes_no_more_room() {
    let mut limit = RateLimit::per_minute(1);
    for name in 0..30_000 {
        assert!(limit.admit(&name.to_string(), NOON));
    }
    assert!(format!("{limit:?}").len() < 400_000);
}
