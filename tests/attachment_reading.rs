//! Attachments as a browser gets them: as what, which part, and whether again.
#![cfg(not(target_arch = "wasm32"))]

use assistant_cloud_edge::attachment::{Key, Media, Range, head, known_etag};

#[test]
fn no_file_is_ever_a_page() {
    let header = |extension: &str, name: &str| {
        let owner = "0".repeat(32);
        let dotted = if extension.is_empty() {
            String::new()
        } else {
            format!(".{extension}")
        };
        let key = Key::parse_name(&format!(
            "{owner}_00000000-0000-8000-8000-000000000000{dotted}"
        ))
        .unwrap();
        head(&key)
            .into_iter()
            .find(|(header, _)| *header == name)
            .unwrap()
            .1
    };
    let cases = [
        ("png", "image/png", "inline"),
        ("svg", "image/svg+xml", "attachment"),
        ("pdf", "application/pdf", "attachment"),
        ("html", "text/plain; charset=utf-8", "inline"),
        ("js", "text/plain; charset=utf-8", "inline"),
        ("exe", "application/octet-stream", "attachment"),
        ("", "application/octet-stream", "attachment"),
    ];
    for (extension, content_type, disposition) in cases {
        assert_eq!(header(extension, "Content-Type"), content_type);
        assert_eq!(header(extension, "Content-Disposition"), disposition);
        assert_eq!(header(extension, "X-Content-Type-Options"), "nosniff");
        assert_eq!(
            header(extension, "Content-Security-Policy"),
            "default-src 'none'; sandbox"
        );
        assert!(header(extension, "Cache-Control").starts_with("private"));
    }
    assert_eq!(
        Media::of_content_type("image/jpg"),
        Media::of_extension("jpg")
    );
    assert_eq!(
        Media::of_content_type("text/plain"),
        Media::of_extension("txt")
    );
    assert_eq!(Media::of_content_type("text/html"), None);
}

#[test]
fn a_range_is_read_and_laid_over_a_file() {
    let cases = [
        ("bytes=0-", Some((0, 9))),
        ("bytes=2-4", Some((2, 4))),
        ("bytes=9-99", Some((9, 9))),
        ("bytes=10-", None),
        ("bytes=-3", Some((7, 9))),
        ("bytes=-99", Some((0, 9))),
        ("bytes=-0", None),
    ];
    for (range, wanted) in cases {
        assert_eq!(Range::parse(range).unwrap().within(10), wanted, "{range}");
        assert_eq!(Range::parse(range).unwrap().within(0), None, "{range}");
    }
    for none in [
        "",
        "bytes=",
        "bytes=-",
        "bytes=4-2",
        "bytes=0-1,3-4",
        "items=0-1",
        "bytes=+1-2",
        "bytes=a-",
        "bytes=99999999999999999-",
    ] {
        assert_eq!(Range::parse(none), None, "{none}");
    }
}

#[test]
fn an_entity_tag_is_read_bare() {
    assert_eq!(known_etag("\"abc-1\""), Some("abc-1"));
    assert_eq!(known_etag(" W/\"abc\" "), Some("abc"));
    for none in ["", "*", "abc", "\"\"", "\"a\", \"b\"", "\"a\\\"\""] {
        assert_eq!(known_etag(none), None, "{none}");
    }
}
