//! Titles from a model: what is read of its stream, and what of it becomes a title.
#![cfg(not(target_arch = "wasm32"))]

use assistant_cloud_edge::title::{Draft, EventStream, Piece, StreamError};
use proptest::prelude::*;

fn drafted(pieces: &[&str]) -> (String, String) {
    let mut draft = Draft::default();
    let mut streamed = String::new();
    for piece in pieces {
        streamed.push_str(&draft.push(piece));
    }
    streamed.push_str(&draft.finish());
    (streamed, draft.title().to_owned())
}

#[test]
fn a_draft_lets_only_the_title_through() {
    let twelve = "a b c d e f g h i j k l";
    let cases = [
        ("Trip to Japan", "Trip to Japan"),
        ("\"Trip to Japan.\"", "Trip to Japan"),
        ("Title: Trip to Japan\n\nBecause you asked", "Trip to Japan"),
        ("**Title:** “Trip to Japan”", "Trip to Japan"),
        ("# TITLE : Trip", "Trip"),
        ("标题：日本旅行。", "日本旅行"),
        ("Titles of nobility", "Titles of nobility"),
        ("Title", "Title"),
        ("<think>hm\n\"what\"</think>\n\nTrip", "Trip"),
        ("<think>hm, for ever", ""),
        ("<thinking in C", "<thinking in C"),
        ("\n\n  Trip   to\tJapan  \r\nmore", "Trip to Japan"),
        ("Node.js 20: what's new?", "Node.js 20: what's new"),
        ("C++ (modern)", "C++ (modern)"),
        ("a b c d e f g h i j k l m n", twelve),
        ("Trip\u{202e} to\u{200b} Japan", "Trip to Japan"),
        ("...", ""),
        ("", ""),
    ];
    for (answer, wanted) in cases {
        assert_eq!(drafted(&[answer]).1, wanted, "{answer:?}");
    }
    assert_eq!(drafted(&[&"x".repeat(9_000)]).1.chars().count(), 255);
}

#[test]
fn a_draft_streams_what_is_sure() {
    let mut draft = Draft::default();
    let pieces = ["\"Tri", "p to", " ", "Japan", ".", "\"", "\n", "more"];
    let sure: Vec<String> = pieces.iter().map(|piece| draft.push(piece)).collect();
    assert_eq!(sure, ["Tri", "p to", "", " Japan", "", "", "", ""]);
    assert!(draft.is_complete());
    assert_eq!(draft.finish(), "");
}

/// `text` cut at these places.
fn cut<'a>(text: &'a str, places: &[prop::sample::Index]) -> Vec<&'a str> {
    let mut ends: Vec<usize> = places
        .iter()
        .map(|place| place.index(text.len() + 1))
        .collect();
    ends.retain(|&end| text.is_char_boundary(end));
    ends.extend([0, text.len()]);
    ends.sort_unstable();
    ends.windows(2)
        .map(|pair| &text[pair[0]..pair[1]])
        .collect()
}

const ANSWERS: &[&str] = &[
    "Title: \"Trip to Japan\"\nmore",
    "<think>\"a\nb\"</think> **标题：** 「日本旅行」。",
    "  `Titre` : Voyage au Japon… et retour!",
    "one two three four five six seven eight nine ten eleven twelve thirteen",
];

fn read(chunks: &[&[u8]]) -> Result<Vec<Piece>, StreamError> {
    let mut stream = EventStream::default();
    let mut pieces = Vec::new();
    for chunk in chunks {
        pieces.extend(stream.push(chunk)?);
    }
    pieces.extend(stream.finish()?);
    Ok(pieces)
}

const STREAM: &str = "\u{feff}: hello\r\nevent: message\r\nid: 1\r\ndata: {\"choices\":[{\"delta\":{\"role\":\"assistant\"}}]}\r\n\r\n\
    data:{\"choices\":[{\"delta\":{\"content\":\"Reise né 日\"}}]}\n\n\
    data: {\"choices\":[{\"delta\":\r\ndata: {\"content\":\"x\"}}]}\r\r\
    data: {\"response\":\" é\"}\n\ndata: {\"response\":42}\n\n\
    data: {\"choices\":[],\"usage\":{\"total\":1},\"error\":null}\n\ndata: [DONE]\n\n";

proptest! {
    #[test]
    fn a_draft_is_the_same_however_its_answer_is_cut(
        answer in prop::sample::select(ANSWERS),
        places in prop::collection::vec(any::<prop::sample::Index>(), 0..30),
    ) {
        let (streamed, stored) = drafted(&cut(answer, &places));
        prop_assert_eq!(&streamed, &stored, "what streams is what is stored");
        prop_assert_eq!(stored, drafted(&[answer]).1);
    }

    #[test]
    fn any_answer_streams_what_it_stores(pieces in prop::collection::vec(any::<String>(), 0..8)) {
        let pieces: Vec<&str> = pieces.iter().map(String::as_str).collect();
        let (streamed, stored) = drafted(&pieces);
        prop_assert_eq!(&streamed, &stored);
        prop_assert!(stored.chars().count() <= 255);
        prop_assert!(stored.split_whitespace().count() <= 12);
    }

    #[test]
    fn a_stream_is_the_same_however_its_bytes_are_cut(places in prop::collection::vec(0..STREAM.len(), 0..30)) {
        let mut ends = places;
        ends.extend([0, STREAM.len()]);
        ends.sort_unstable();
        let chunks: Vec<&[u8]> = ends.windows(2).map(|pair| &STREAM.as_bytes()[pair[0]..pair[1]]).collect();
        prop_assert_eq!(read(&chunks), read(&[STREAM.as_bytes()]));
    }

    #[test]
    fn any_bytes_are_read_in_peace(chunks in prop::collection::vec(any::<Vec<u8>>(), 0..8)) {
        let chunks: Vec<&[u8]> = chunks.iter().map(Vec::as_slice).collect();
        let _ = read(&chunks);
    }
}

#[test]
fn a_stream_is_read_in_both_dialects() {
    let texts = ["", "Reise né 日", "x", " é", "42", ""].map(|text| Piece::Text(text.to_owned()));
    let wanted: Vec<Piece> = texts.into_iter().chain([Piece::Done]).collect();
    assert_eq!(read(&[STREAM.as_bytes()]), Ok(wanted));
    let cut_off = read(&[b"data: {\"response\":\"a\"}"]);
    assert_eq!(
        cut_off,
        Ok(vec![Piece::Text("a".to_owned())]),
        "without the empty line"
    );
}

#[test]
fn a_stream_that_goes_wrong_says_so() {
    let error =
        b"data: {\"response\":\"a\"}\n\ndata: {\"error\":{\"message\":\"key sk-1 is wrong\"}}\n\n";
    assert_eq!(read(&[error]), Err(StreamError::Model));
    assert_eq!(read(&[b"data: <html>\n\n"]), Err(StreamError::Json));
    assert_eq!(read(&[b"data: [1]\n\n"]), Err(StreamError::Json));
    assert_eq!(read(&[&vec![b'x'; 70_000]]), Err(StreamError::Length));
    let many = "data: xxxxxxxxxxxx\n".repeat(10_000);
    assert_eq!(read(&[many.as_bytes()]), Err(StreamError::Length));
}
