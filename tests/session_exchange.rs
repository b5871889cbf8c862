//! An application's session becomes a workspace token.
#![cfg(not(target_arch = "wasm32"))]

mod fixture;

use assistant_cloud_edge::ApiError;
use assistant_cloud_edge::auth_rule::SessionRule;
use assistant_cloud_edge::health;
use assistant_cloud_edge::project::Project;
use assistant_cloud_edge::session_exchange::{
    Reason, allows_any, check_cookies, choose_rule, read_answer,
};
use fixture::provider::{changed, rule};
use fixture::{NOON, load};
use proptest::prelude::*;
use serde_json::{Value, json};

const APP: &str = "https://app.example.com";

fn better_auth() -> Value {
    json!({ "name": "app", "provider": "better-auth-session", "url": APP })
}

fn auth_js() -> Value {
    json!({ "name": "app", "provider": "authjs-session", "url": APP })
}

fn deployment(rules: &[Value], origins: &str) -> Project {
    let rules = Value::from(rules.to_vec()).to_string();
    load(&[("AUTH_RULES", &rules), ("ALLOWED_ORIGINS", origins)]).unwrap()
}

fn answer(rule: &Value, status: u16, body: &str) -> Result<(String, String), Reason> {
    let project = deployment(std::slice::from_ref(rule), "");
    assert_eq!(project.auth_rules().mistakes(), []);
    let rule: &SessionRule = &project.auth_rules().sessions().unwrap()[0];
    read_answer(rule, status, body.as_bytes(), NOON).map(|identity| {
        let caller = identity.caller();
        (
            caller.user.as_str().to_owned(),
            caller.workspace.as_str().to_owned(),
        )
    })
}

fn session() -> Value {
    json!({
        "session": { "id": "s", "expiresAt": "2026-11-28T12:00:00.000Z", "token": "t", "activeOrganizationId": "org_1" },
        "user": { "id": "user_1", "email": "alice@example.com" },
    })
}

#[test]
fn the_address_is_the_auth_librarys_own() {
    for (rule, expected) in [
        (
            better_auth(),
            "https://app.example.com/api/auth/get-session",
        ),
        (auth_js(), "https://app.example.com/api/auth/session"),
        (
            changed(
                auth_js(),
                &json!({ "url": "https://app.example.com/base/", "session_path": "/auth/session?x=1" }),
            ),
            "https://app.example.com/base/auth/session?x=1",
        ),
    ] {
        let project = deployment(&[rule], "");
        assert_eq!(
            project.auth_rules().sessions().unwrap()[0].url.as_str(),
            expected
        );
    }
}

#[test]
fn a_session_gives_user_and_workspace() {
    let own = |id: &str| Ok((id.to_owned(), id.to_owned()));
    assert_eq!(
        answer(&better_auth(), 200, &session().to_string()),
        own("user_1")
    );
    let organization = changed(
        better_auth(),
        &json!({ "workspace": "{/session/activeOrganizationId}" }),
    );
    assert_eq!(
        answer(&organization, 200, &session().to_string()),
        Ok(("user_1".into(), "org_1".into()))
    );
    let js = json!({ "user": { "name": "A", "email": "alice@example.com" }, "expires": "2026-12-21T12:00:00.000Z" });
    assert_eq!(
        answer(&auth_js(), 200, &js.to_string()),
        Err(Reason::User),
        "Auth.js shows no id by itself"
    );
    let by_email = changed(
        auth_js(),
        &json!({ "user": "{/user/email}", "workspace": "{/user/email}" }),
    );
    assert_eq!(
        answer(&by_email, 200, &js.to_string()),
        own("alice@example.com")
    );
}

#[test]
fn a_session_ends() {
    let ends = |date: &str| {
        let mut session = session();
        session["session"]["expiresAt"] = date.into();
        answer(&better_auth(), 200, &session.to_string()).map(|_| ())
    };
    assert_eq!(ends("2026-11-21T12:00:00.001Z"), Ok(()));
    assert_eq!(ends("2026-11-21T12:00:00.000Z"), Err(Reason::NoSession));
    assert_eq!(ends("2026-11-21T13:30:00+01:30"), Err(Reason::NoSession));
    assert_eq!(ends("soon"), Err(Reason::Expiry));
    let project = deployment(&[better_auth()], "");
    let rule = &project.auth_rules().sessions().unwrap()[0];
    let identity = read_answer(rule, 200, session().to_string().as_bytes(), NOON).unwrap();
    assert_eq!(
        identity.expires_at(),
        Some(NOON.plus_millis(7 * 86_400_000))
    );
}

#[test]
fn an_end_that_is_no_date_is_no_end() {
    let own_better_auth = changed(better_auth(), &json!({ "session_path": "/whoami" }));
    let own_auth_js = changed(auth_js(), &json!({ "session_path": "/whoami" }));
    let wrong = [
        json!(1000),
        json!(1e99),
        json!(null),
        json!(""),
        json!(true),
        json!({}),
    ];
    for end in &wrong {
        for rule in [better_auth(), own_better_auth.clone()] {
            let mut session = session();
            session["session"]["expiresAt"] = end.clone();
            let refused = answer(&rule, 200, &session.to_string());
            assert_eq!(refused, Err(Reason::Expiry), "{end}");
        }
        for rule in [auth_js(), own_auth_js.clone()] {
            let rule = changed(rule, &json!({ "user": "{/user/id}" }));
            let session = json!({ "user": { "id": "user_1" }, "expires": end });
            let refused = answer(&rule, 200, &session.to_string());
            assert_eq!(refused, Err(Reason::Expiry), "{end}");
        }
    }
    // What is no session has no end either.
    for member in [json!(null), json!("s"), json!([])] {
        for rule in [better_auth(), own_better_auth.clone()] {
            let session = json!({ "user": { "id": "user_1" }, "session": member });
            let refused = answer(&rule, 200, &session.to_string());
            assert_eq!(refused, Err(Reason::Expiry), "{member}");
        }
    }
    // An address of one's own may say who it is and no more; the library's says until when.
    let endless = [
        json!({ "user": { "id": "user_1" } }),
        json!({ "user": { "id": "user_1" }, "session": {} }),
    ];
    for session in endless.map(|session| session.to_string()) {
        for rule in [&own_better_auth, &own_auth_js] {
            assert_eq!(
                answer(rule, 200, &session),
                Ok(("user_1".into(), "user_1".into()))
            );
        }
        for rule in [better_auth(), auth_js()] {
            assert_eq!(answer(&rule, 200, &session), Err(Reason::Expiry));
        }
    }
}

#[test]
fn nobody_is_signed_in() {
    for (status, body) in [(200, "null"), (200, "{}"), (200, " null "), (401, "")] {
        assert_eq!(
            answer(&better_auth(), status, body),
            Err(Reason::NoSession),
            "{status} {body}"
        );
    }
    assert_eq!(ApiError::from(Reason::NoSession).status(), 401);
}

#[test]
fn an_application_in_trouble_says_nothing_about_anybody() {
    for (status, body) in [
        (200, "<html>"),
        (200, ""),
        (200, "[]"),
        (200, "\"x\""),
        (200, "{\"user\":"),
        (500, "{}"),
        (403, "no"),
        (302, ""),
        (404, "{}"),
        (429, ""),
        (204, ""),
    ] {
        assert_eq!(
            answer(&better_auth(), status, body),
            Err(Reason::Application),
            "{status} {body}"
        );
    }
    assert_eq!(
        answer(
            &better_auth(),
            200,
            r#"{"user":{"id":"a"},"user":{"id":"b"}}"#
        ),
        Err(Reason::Application)
    );
    assert_eq!(ApiError::from(Reason::Application).status(), 503);
    assert!(ApiError::from(Reason::Application).retry_after().is_some());
}

#[test]
fn ids_are_ids() {
    for id in [
        json!(7),
        json!(""),
        json!(null),
        json!(["a"]),
        json!("a b"),
        json!("usr_anon_0x"),
        json!("__SYSTEM__"),
        json!("a".repeat(256)),
    ] {
        let mut session = session();
        session["user"]["id"] = id.clone();
        assert_eq!(
            answer(&better_auth(), 200, &session.to_string()),
            Err(Reason::User),
            "{id}"
        );
    }
    let organization = changed(
        better_auth(),
        &json!({ "workspace": "{/session/activeOrganizationId}" }),
    );
    let mut alone = session();
    alone["session"]["activeOrganizationId"] = Value::Null;
    assert_eq!(
        answer(&organization, 200, &alone.to_string()),
        Err(Reason::Workspace),
        "no falling back"
    );
}

#[test]
fn the_page_decides_whether_it_is_meant() {
    let choose = |project: &Project, origin: Option<&str>| {
        choose_rule(project, origin, b"")
            .map(|rule| rule.name.clone())
            .map_err(|refusal| refusal.error)
    };
    let open = deployment(&[better_auth()], "");
    assert_eq!(choose(&open, Some(APP)).as_deref(), Ok("app"));
    for origin in [
        None,
        Some("null"),
        Some(""),
        Some("https://evil.example"),
        Some("https://app.example.com.evil.example"),
        Some("http://app.example.com"),
        Some("https://APP.example.com"),
        Some("https://sub.app.example.com"),
    ] {
        assert_eq!(
            choose(&open, origin),
            Err(ApiError::OriginNotAllowed),
            "{origin:?}"
        );
        assert!(!allows_any(&open, origin));
    }
    let listed = deployment(&[better_auth()], "https://web.example.com");
    assert!(
        choose(&listed, Some("https://web.example.com")).is_ok()
            && choose(&listed, Some(APP)).is_ok()
    );
    let own = deployment(
        &[changed(
            better_auth(),
            &json!({ "origins": ["https://*.example.com"] }),
        )],
        "https://web.example.org",
    );
    assert!(choose(&own, Some("https://any.example.com")).is_ok());
    assert!(choose(&own, Some("https://web.example.org")).is_err());
    assert!(allows_any(&own, Some("https://any.example.com")));
    for origins in [
        json!([","]),
        json!([]),
        json!("*"),
        json!(["http://app.example.com"]),
    ] {
        let project = deployment(
            &[changed(better_auth(), &json!({ "origins": origins }))],
            "",
        );
        assert_eq!(
            project.auth_rules().mistakes()[0].field,
            "origins",
            "{origins}"
        );
    }
}

#[test]
fn two_applications_are_told_apart_by_page_or_by_name() {
    let second = changed(
        better_auth(),
        &json!({ "name": "second", "url": "https://second.example.com" }),
    );
    let twin = changed(better_auth(), &json!({ "name": "twin" }));
    let project = deployment(&[better_auth(), second, twin], "");
    let choose = |origin: &str, body: &str| {
        choose_rule(&project, Some(origin), body.as_bytes())
            .map(|rule| rule.name.clone())
            .map_err(|refusal| refusal.error)
    };
    assert_eq!(
        choose("https://second.example.com", "").as_deref(),
        Ok("second")
    );
    assert_eq!(choose(APP, r#"{"rule":"twin"}"#).as_deref(), Ok("twin"));
    assert_eq!(
        choose(APP, "{}"),
        Err(ApiError::schema("rule: must name the auth rule"))
    );
    assert_eq!(
        choose(APP, r#"{"rule":"second"}"#),
        Err(ApiError::OriginNotAllowed)
    );
    assert_eq!(
        choose(APP, r#"{"rule":"none"}"#),
        Err(ApiError::OriginNotAllowed)
    );
    assert!(matches!(
        choose(APP, r#"{"rule":5}"#),
        Err(ApiError::Schema(_))
    ));
    assert_eq!(choose(APP, "nonsense"), Err(ApiError::MalformedJson));
}

#[test]
fn without_a_rule_there_is_no_exchange() {
    let project = deployment(&[rule()], "");
    let without = load(&[]).unwrap();
    assert_eq!(
        choose_rule(&without, Some(APP), b"")
            .map_err(|refusal| refusal.error)
            .err(),
        Some(ApiError::SessionExchangeOff)
    );
    assert_eq!(
        choose_rule(&project, Some(APP), b"")
            .map_err(|refusal| refusal.error)
            .err(),
        Some(ApiError::Misconfigured),
        "its secret is not set"
    );
    let body: Value =
        serde_json::from_str(&health::answer(&deployment(&[better_auth()], "")).body).unwrap();
    assert_eq!(
        body["credentials"],
        json!(["workspace_token", "api_key", "anonymous", "session"])
    );
}

#[test]
fn only_cookies_of_a_reasonable_length_are_passed_on() {
    let long = "a".repeat(16_385);
    assert_eq!(check_cookies(Some("a=b")), Ok("a=b"));
    assert_eq!(check_cookies(Some(&long[1..])), Ok(&long[1..]));
    for cookies in [None, Some(""), Some(long.as_str())] {
        assert_eq!(check_cookies(cookies), Err(Reason::NoSession));
    }
}

proptest! {
    #[test]
    fn any_answer_is_read_in_peace(status in 0_u16..600, body in prop::collection::vec(any::<u8>(), 0..300)) {
        let project = deployment(&[better_auth()], "");
        let rule = &project.auth_rules().sessions().unwrap()[0];
        prop_assert!(read_answer(rule, status, &body, NOON).is_err());
    }
}
