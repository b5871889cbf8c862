//! The wire contract, round trip: what the client formats, the edge parses.
#![cfg(not(target_arch = "wasm32"))]

use assistant_cloud_edge::route::{Endpoint, MAX_ID_BYTES, Route, RouteError};
use proptest::prelude::*;

const HOSTED_ONLY: [Endpoint; 2] = [Endpoint::ListProjectThreads, Endpoint::ListProjectMessages];

fn endpoints() -> impl Iterator<Item = Endpoint> {
    (0..=u8::MAX).filter_map(Endpoint::from_number)
}

fn answered() -> impl Iterator<Item = Endpoint> {
    endpoints().filter(|endpoint| !HOSTED_ONLY.contains(endpoint))
}

/// How many ids the endpoint's path names.
fn named_ids(endpoint: Endpoint) -> usize {
    let plain = endpoint.path("x", "x");
    [endpoint.path("y", "x"), endpoint.path("x", "y")]
        .iter()
        .filter(|path| **path != plain)
        .count()
}

#[test]
fn every_endpoint_is_found_at_its_own_path() {
    assert_eq!(endpoints().count(), 33);
    for endpoint in answered() {
        let path = endpoint.path("thread_01", "msg_01");
        let route = Route::parse(endpoint.method().as_str(), &path).unwrap();
        assert_eq!(route.endpoint, endpoint, "{path}");
        assert_eq!(route.id == "thread_01", named_ids(endpoint) > 0);
        assert_eq!(route.inner_id == "msg_01", named_ids(endpoint) > 1);
    }
}

/// Ours answers them as it does any path that it has never heard of, before it asks for a credential.
#[test]
fn what_only_the_hosted_service_answers_is_not_found() {
    for endpoint in HOSTED_ONLY {
        let path = endpoint.path("thread_01", "");
        assert_eq!(Route::parse("GET", &path), Err(RouteError::NotFound));
        assert_eq!(Route::parse("POST", &path), Err(RouteError::NotFound));
    }
}

/// The client writes these lines itself: WASM that takes and gives texts is a fifth larger.
#[test]
fn the_client_asks_for_routes_of_this_contract() {
    let script = include_str!("../pkg/endpoint.js");
    let lines = script.lines().filter_map(|line| {
        let (name, rest) = line.strip_prefix("export const ")?.split_once(" = \"")?;
        let (method, path) = rest.strip_suffix("\";")?.split_once(' ')?;
        Some((name.replace('_', "").to_lowercase(), method, path))
    });
    let mut count = 0;
    for (name, method, template) in lines {
        let endpoint = endpoints()
            .find(|endpoint| format!("{endpoint:?}").to_lowercase() == name)
            .unwrap_or_else(|| panic!("{name} is no endpoint"));
        assert_eq!(endpoint.method().as_str(), method, "{name}");
        let path = template.replacen("{}", "t", 1).replacen("{}", "m", 1);
        assert_eq!(endpoint.path("t", "m"), path, "{name}");
        count += 1;
    }
    assert_eq!(count, 22);
}

#[test]
fn ids_are_encoded_as_encode_uri_component_does() {
    let path = |id| Endpoint::GetThread.path(id, "");
    // The marks that encodeURIComponent leaves alone (ECMA-262, section 19.2.6.4), and all other ASCII.
    assert_eq!(path("aZ09-_.!~*'()"), "/v1/threads/aZ09-_.!~*'()");
    assert_eq!(
        path(" \"#$%&+,/:;<=>?@[\\]^`{|}"),
        "/v1/threads/%20%22%23%24%25%26%2B%2C%2F%3A%3B%3C%3D%3E%3F%40%5B%5C%5D%5E%60%7B%7C%7D"
    );
    assert_eq!(
        path("\u{0}\u{7f}ü€𝄞"),
        "/v1/threads/%00%7F%C3%BC%E2%82%AC%F0%9D%84%9E"
    );
}

#[test]
fn an_unknown_path_is_not_found() {
    for path in [
        "",
        "/",
        "/v1",
        "/v1/threads/",
        "/v1/threads/a/b",
        "/v1/threads//messages",
        "/v1/threadsx",
        "/v2/threads",
        "/V1/threads",
    ] {
        assert_eq!(
            Route::parse("GET", path),
            Err(RouteError::NotFound),
            "{path}"
        );
    }
}

#[test]
fn a_known_path_says_which_methods_it_has() {
    let allow = |method, path| match Route::parse(method, path) {
        Err(RouteError::MethodNotAllowed(allow)) => allow,
        other => panic!("{other:?}"),
    };
    assert_eq!(allow("POST", "/healthz"), "GET, OPTIONS");
    assert_eq!(allow("GET", "/v1/auth/tokens"), "POST, OPTIONS");
    assert_eq!(allow("PATCH", "/v1/threads"), "GET, POST, OPTIONS");
    assert_eq!(allow("POST", "/v1/threads/t"), "GET, PUT, DELETE, OPTIONS");
    assert_eq!(allow("get", "/healthz"), "GET, OPTIONS");
}

#[test]
fn a_head_request_is_a_get() {
    assert_eq!(
        Route::parse("HEAD", "/healthz").unwrap().endpoint,
        Endpoint::Health
    );
}

/// A base URL of `https://host//` leaves one slash too many in the official client (contract 1.1).
#[test]
fn a_doubled_leading_slash_is_one() {
    assert_eq!(
        Route::parse("GET", "//v1/threads").unwrap().endpoint,
        Endpoint::ListThreads
    );
    assert_eq!(Route::parse("GET", "//v1/threads/t").unwrap().id, "t");
    assert_eq!(
        Route::parse("GET", "/v1//threads"),
        Err(RouteError::NotFound)
    );
}

#[test]
fn an_id_that_is_no_text_or_too_long_is_not_found() {
    assert_eq!(
        Route::parse("GET", "/v1/threads/%FF"),
        Err(RouteError::NotFound)
    );
    let long = "a".repeat(MAX_ID_BYTES + 1);
    assert_eq!(
        Route::parse("GET", &format!("/v1/threads/{long}")),
        Err(RouteError::NotFound)
    );
    assert!(Route::parse("GET", &format!("/v1/threads/{}", &long[1..])).is_ok());
}

proptest! {
    #[test]
    fn any_ids_survive_the_way_through_a_path(id in "\\PC{1,60}", inner_id in "\\PC{1,60}") {
        for endpoint in answered().filter(|endpoint| named_ids(*endpoint) > 0) {
            let path = endpoint.path(&id, &inner_id);
            prop_assert!(path.is_ascii());
            let route = Route::parse(endpoint.method().as_str(), &path).unwrap();
            prop_assert_eq!(route.endpoint, endpoint);
            prop_assert_eq!(route.id.as_ref(), id.as_str());
            prop_assert!(named_ids(endpoint) == 1 || route.inner_id == inner_id.as_str());
            let line = route.to_line();
            prop_assert_eq!(Route::from_line(&line), Some(route));
        }
    }

    #[test]
    fn no_request_line_does_harm(method in ".{0,8}", path in ".{0,80}") {
        let _ = Route::parse(&method, &path);
    }
}
