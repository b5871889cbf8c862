//! Which pages may read our answers (contract 1.5).
#![cfg(not(target_arch = "wasm32"))]

use assistant_cloud_edge::cors::{self, Page};
use assistant_cloud_edge::origin::AllowedOrigins;

fn allowed(list: &str) -> AllowedOrigins {
    AllowedOrigins::parse(list).unwrap()
}

#[test]
fn an_empty_list_allows_every_origin() {
    assert!(allowed("").allows("https://anything.example"));
    assert!(allowed(" , ").allows("null"));
}

#[test]
fn an_origin_is_compared_whole() {
    let list = allowed("https://app.example.com, http://localhost:3000");
    assert!(list.allows("https://app.example.com"));
    assert!(list.allows("http://localhost:3000"));
    for origin in [
        "http://app.example.com",
        "https://app.example.com:8443",
        "https://app.example.com.evil.example",
        "https://evil.example/https://app.example.com",
        "https://APP.example.com",
        "http://localhost:3001",
        "null",
        "",
    ] {
        assert!(!list.allows(origin), "{origin}");
    }
}

#[test]
fn a_wildcard_allows_deeper_names_only() {
    let list = allowed("https://*.example.com");
    assert!(list.allows("https://a.example.com"));
    assert!(list.allows("https://a.b.example.com"));
    for origin in [
        "https://example.com",
        "https://evil-example.com",
        "https://.example.com",
        "https://..example.com",
        "http://a.example.com",
        "https://a.example.com:8443",
        "https://evil.example/.example.com",
        "https://a.example.com.evil.example",
        "https://user@a.example.com",
    ] {
        assert!(!list.allows(origin), "{origin}");
    }
    assert!(allowed("https://*.example.com:8443").allows("https://a.example.com:8443"));
}

#[test]
fn a_wrong_list_is_refused() {
    for list in [
        "app.example.com",
        "https://",
        "https://app.example.com/",
        "https://app.example.com/path",
        "http://app.example.com",
        "http://*.localhost",
        "http://localhost.evil.example",
        "https://*",
        "*",
        "ftp://example.com",
        "https://user@example.com",
    ] {
        assert!(AllowedOrigins::parse(list).is_err(), "{list}");
    }
    let many = vec!["https://a.example"; 33].join(",");
    assert!(AllowedOrigins::parse(&many).is_err());
    let long = format!("https://{}.example", "a".repeat(250));
    assert!(AllowedOrigins::parse(&long).is_err());
}

#[test]
fn an_answer_says_who_may_read_it() {
    let list = allowed("https://app.example.com");
    let page = |origin| Page {
        origin,
        shares_cookies: false,
    };
    let headers = |origin| cors::headers(&list, page(origin)).collect::<Vec<_>>();
    assert_eq!(headers(None), [("Vary", "Origin")]);
    assert_eq!(headers(Some("https://evil.example")), [("Vary", "Origin")]);
    assert!(
        headers(Some("https://app.example.com"))
            .contains(&("Access-Control-Allow-Origin", "https://app.example.com"))
    );
}
