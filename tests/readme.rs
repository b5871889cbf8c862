//! What the README says to paste is what the Worker takes.
#![cfg(not(target_arch = "wasm32"))]

mod fixture;

use std::collections::BTreeSet;

use fixture::load;
use fixture::provider::SECRET;
use serde_json::{Value, json};

const README: &str = include_str!("../README.md");

/// The lines of the table of providers, each as its code spans and what is said before each.
fn table() -> Vec<Vec<(&'static str, String)>> {
    let (_, section) = README
        .split_once("## People who are signed in already")
        .expect("the section");
    let (section, _) = section.split_once("\n## ").expect("its end");
    let rows = section.lines().filter(|line| line.starts_with("| "));
    let rows = rows.skip(1).map(|row| {
        let cell = row.split(" | ").nth(1).expect("the second column");
        let pieces: Vec<_> = cell.split('`').collect();
        pieces
            .chunks_exact(2)
            .map(|pair| (pair[0], fill_in(pair[1])))
            .collect()
    });
    rows.collect()
}

/// A line with something in the places that are the reader's to fill in.
fn fill_in(line: &str) -> String {
    let mut filled = String::new();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once('<') {
        let (_, after) = after.split_once('>').expect("the end of a place");
        filled.extend([before, "chat-4711"]);
        rest = after;
    }
    filled.push_str(rest);
    filled
        .replace("https://…", "https://id.example.org/jwks")
        .replace('…', "x")
}

/// What is wrong with these rules, where every secret that they name is set.
fn mistakes(rules: &[Value]) -> Vec<String> {
    let text = Value::from(rules.to_vec()).to_string();
    let secrets = ["SUPABASE_JWT_SECRET", "x"].map(|name| (name, SECRET));
    let project = load(&[&[("AUTH_RULES", text.as_str())][..], &secrets].concat()).unwrap();
    let mistakes = project.auth_rules().mistakes().iter();
    mistakes.map(ToString::to_string).collect()
}

/// The rule of a line, and the ones that come of what else is said to write.
fn rules_of(spans: &[(&str, String)]) -> Vec<Value> {
    let line = |text: &str| serde_json::from_str::<Value>(text).expect("a line of JSON");
    let ((_, first), others) = spans.split_first().expect("a line");
    let mut rules = vec![line(first)];
    for (said_before, members) in others {
        // What is said with "or" is written instead of the last member, anything else beside all of them.
        let rest = if said_before.contains("or ") {
            first.rsplit_once(",\"").expect("a last member").0
        } else {
            first.trim_end_matches('}')
        };
        rules.push(line(&format!("{rest},{members}}}")));
    }
    rules
}

#[test]
fn every_line_to_paste_is_a_rule() {
    let table = table();
    let mut count = 0;
    for spans in &table {
        for rule in rules_of(spans) {
            assert_eq!(mistakes(std::slice::from_ref(&rule)), [""; 0], "{rule}");
            count += 1;
        }
    }
    assert_eq!(
        (table.len(), count),
        (11, 14),
        "lines, and ways to write them"
    );
}

#[test]
fn every_provider_has_a_line() {
    let unknown = mistakes(&[json!({ "name": "main", "provider": "unknown" })]).concat();
    let (_, names) = unknown.split_once("must be ").expect("the names of all");
    let known: BTreeSet<_> = names
        .split([',', ' '])
        .filter(|word| !word.is_empty() && *word != "or")
        .collect();
    let table = table();
    let rules: Vec<_> = table
        .iter()
        .map(|spans| rules_of(spans).remove(0))
        .collect();
    let pasted: BTreeSet<_> = rules
        .iter()
        .filter_map(|rule| rule["provider"].as_str())
        .collect();
    assert_eq!(pasted, known);
}

#[test]
fn all_lines_go_together_under_names_of_their_own() {
    let named = table().into_iter().enumerate().map(|(number, spans)| {
        let mut rule = rules_of(&spans).remove(0);
        rule["name"] = format!("rule-{number}").into();
        rule
    });
    assert_eq!(mistakes(&named.collect::<Vec<_>>()), [""; 0]);
}

#[test]
fn what_is_said_beside_the_table_is_taken_too() {
    for (provider, members) in [
        (
            "authjs-session",
            r#""user":"{/user/email}","workspace":"{/user/email}""#,
        ),
        ("clerk", r#""workspace":"{sub}""#),
    ] {
        assert!(README.contains(members), "{members}");
        let line = table()
            .into_iter()
            .find(|spans| spans[0].1.contains(&format!("\"{provider}\"")));
        let (_, line) = line.expect("its line").remove(0);
        let rule = format!("{},{members}}}", line.trim_end_matches('}'));
        assert_eq!(mistakes(&[serde_json::from_str(&rule).unwrap()]), [""; 0]);
    }
    for template in [r#""{org_id}""#, r#""{/o/id}""#] {
        assert!(README.contains(template), "{template}");
    }
}
