//! From headers to a caller, and what the public documents say.
#![cfg(not(target_arch = "wasm32"))]

mod fixture;

use assistant_cloud_edge::ApiError;
use assistant_cloud_edge::answer::Answer;
use assistant_cloud_edge::authentication::{
    Authentication, CredentialHeaders, authenticate, require_backend,
};
use assistant_cloud_edge::caller::Caller;
use assistant_cloud_edge::id::{UserId, WorkspaceId};
use assistant_cloud_edge::project::Project;
use assistant_cloud_edge::pure_signatures::PureSignatures;
use assistant_cloud_edge::token_cache::TokenCache;
use assistant_cloud_edge::{Timestamp, health, issuance, jwks};
use fixture::{NOON, OTHER_SIGNING_KEY, SIGNING_KEY, api_key, block_on, load, project};
use proptest::prelude::*;
use serde_json::{Value, json};

fn check(
    headers: CredentialHeaders<'_>,
    project: &Project,
    cache: &TokenCache,
    now: Timestamp,
) -> Result<Caller, ApiError> {
    let authenticated = block_on(authenticate(headers, project, cache, &PureSignatures, now));
    match authenticated.map_err(|refusal| refusal.error)? {
        Authentication::Known(caller) => Ok(caller),
        Authentication::Provider(token) => panic!("{} would have to say", token.rule().name),
    }
}

fn issue(project: &Project) -> String {
    block_on(issuance::issue(project, &PureSignatures, &alice(), NOON, 1)).unwrap()
}

fn try_headers(headers: CredentialHeaders<'_>) -> Result<Caller, ApiError> {
    check(headers, &project(), &TokenCache::default(), NOON)
}

fn try_authorization(value: &str) -> Result<Caller, ApiError> {
    try_headers(CredentialHeaders {
        authorization: Some(value),
        user_id: Some("mallory"),
        workspace_id: Some("elsewhere"),
    })
}

fn bearer() -> String {
    ["Bearer ", api_key().reveal()].concat()
}

fn try_backend(user_id: Option<&str>, workspace_id: Option<&str>) -> Result<Caller, ApiError> {
    let authorization = bearer();
    try_headers(CredentialHeaders {
        authorization: Some(&authorization),
        user_id,
        workspace_id,
    })
}

fn alice() -> Caller {
    Caller {
        user: UserId::parse("alice").unwrap(),
        workspace: WorkspaceId::parse("team_1").unwrap(),
    }
}

#[test]
fn a_header_that_is_no_credential_is_refused_in_the_hosted_services_words() {
    assert_eq!(
        try_headers(CredentialHeaders::default()),
        Err(ApiError::AuthorizationMissing)
    );
    for value in [
        "",
        "Basic abc",
        "Bearer",
        "Bearer ",
        "Bearer  x.y.z",
        "bearer x.y.z",
        "Token x",
    ] {
        assert_eq!(
            try_authorization(value),
            Err(ApiError::AuthorizationScheme),
            "{value}"
        );
    }
    assert_eq!(
        try_authorization("Bearer opaque"),
        Err(ApiError::AuthorizationUnsupported)
    );
    assert_eq!(
        try_authorization("Bearer sk_aui_nonsense"),
        Err(ApiError::ApiKeyFormat)
    );
    assert_eq!(
        try_authorization("Bearer a.b.c"),
        Err(ApiError::TokenInvalid)
    );
    assert_eq!(
        try_authorization("Bearer eyJhbGciOiJub25lIn0.eyJpc3MiOiJodHRwczovL2EuZXhhbXBsZSJ9.AA"),
        Err(ApiError::NoAuthRule)
    );
}

#[test]
fn a_token_speaks_for_itself_whatever_the_headers_say() {
    let token = issue(&project());
    let authorization = ["Bearer ", &token].concat();
    assert_eq!(try_authorization(&authorization), Ok(alice()));
    let joined = [&authorization, ", ", &authorization].concat();
    assert!(try_authorization(&joined).is_err());
}

#[test]
fn a_token_is_verified_once_and_believed_until_it_ends() {
    let project = project();
    let token = issue(&project);
    let authorization = ["Bearer ", &token].concat();
    let headers = CredentialHeaders {
        authorization: Some(&authorization),
        ..CredentialHeaders::default()
    };
    let cache = TokenCache::default();
    for _ in 0..2 {
        assert_eq!(check(headers, &project, &cache, NOON), Ok(alice()));
    }
    let end = NOON.plus_millis(300_000);
    assert_eq!(
        check(headers, &project, &cache, end),
        Err(ApiError::TokenExpired)
    );
}

#[test]
fn an_api_key_speaks_for_whom_it_names() {
    assert_eq!(try_backend(Some("alice"), Some("team_1")), Ok(alice()));
    let system = try_backend(None, Some("team_1")).unwrap();
    assert_eq!(system.user.as_str(), "__SYSTEM__");
}

#[test]
fn an_api_key_cannot_name_what_is_no_id() {
    let long = "a".repeat(256);
    for id in ["", "a b", "a\tb", "a\u{7f}", "é", &long, "usr_anon_0123"] {
        assert_eq!(
            try_backend(Some(id), Some("team_1")),
            Err(ApiError::UserIdHeader),
            "{id}"
        );
        assert_eq!(
            try_backend(Some("alice"), Some(id)),
            Err(ApiError::WorkspaceIdHeader),
            "{id}"
        );
    }
    assert_eq!(
        try_backend(Some("alice"), None),
        Err(ApiError::WorkspaceIdHeader)
    );
    assert!(try_backend(Some(&long[1..]), Some(&long[1..])).is_ok());
}

#[test]
fn a_token_mints_no_token() {
    let project = project();
    let token = issue(&project);
    let authorization = ["Bearer ", &token].concat();
    let headers = CredentialHeaders {
        authorization: Some(&authorization),
        ..CredentialHeaders::default()
    };
    assert_eq!(
        require_backend(headers, &project, NOON),
        Err(ApiError::BackendOnly)
    );
}

#[test]
fn the_workers_word_to_the_object_keeps_odd_ids_apart() {
    for (user, workspace) in [("a/b", "c"), ("a", "b/c"), ("%2F", "é😀"), ("~", "a%b")] {
        let caller = Caller {
            user: UserId::parse(user).unwrap(),
            workspace: WorkspaceId::parse(workspace).unwrap(),
        };
        assert!(caller.to_line().is_ascii());
        assert_eq!(Caller::from_line(&caller.to_line()), Some(caller));
    }
    for value in ["", "a", "/", "a/", "a/b c"] {
        assert_eq!(Caller::from_line(value), None, "{value}");
    }
}

fn body(answer: &Answer) -> Value {
    serde_json::from_str(&answer.body).unwrap()
}

#[test]
fn the_key_set_has_both_keys_while_they_rotate_and_no_secret() {
    let rotating = load(&[("SIGNING_KEY_PREVIOUS", OTHER_SIGNING_KEY)]).unwrap();
    let answer = jwks::key_set(&rotating, None);
    let keys = body(&answer)["keys"].as_array().unwrap().clone();
    assert_eq!(keys.len(), 2);
    for key in &keys {
        let members: Vec<_> = key.as_object().unwrap().keys().collect();
        assert_eq!(members, ["alg", "crv", "kid", "kty", "use", "x"]);
    }
    assert_eq!(keys[0]["x"], "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
    assert!(!answer.body.contains(SIGNING_KEY));
}

#[test]
fn a_key_set_that_the_caller_has_is_not_sent_again() {
    let project = project();
    let answer = jwks::key_set(&project, None);
    let (_, tag) = answer
        .headers
        .iter()
        .find(|(name, _)| *name == "ETag")
        .unwrap();
    for tags in [tag.clone(), format!("\"other\", W/{tag}"), "*".to_owned()] {
        let again = jwks::key_set(&project, Some(&tags));
        assert_eq!((again.status, again.body.as_str()), (304, ""), "{tags}");
    }
    assert_eq!(jwks::key_set(&project, Some("\"other\"")).status, 200);
}

#[test]
fn the_discovery_document_leads_to_the_keys() {
    let document = body(&jwks::discovery(&project(), None));
    assert_eq!(document["issuer"], "https://cloud.example.com");
    assert_eq!(
        document["jwks_uri"],
        "https://cloud.example.com/.well-known/jwks.json"
    );
}

#[test]
fn health_says_what_is_accepted() {
    let closed = load(&[("ANONYMOUS", "off"), ("API_KEYS", "")]).unwrap();
    let expected = json!({ "ok": true, "credentials": ["workspace_token"] });
    assert_eq!(body(&health::answer(&closed)), expected);
    let expected = json!({
        "ok": true, "credentials": ["workspace_token", "api_key", "anonymous"],
    });
    assert_eq!(body(&health::answer(&project())), expected);
}

proptest! {
    #[test]
    fn any_headers_are_refused_in_peace(
        authorization in ".{0,100}", user in ".{0,300}", workspace in ".{0,300}",
    ) {
        let headers = CredentialHeaders {
            authorization: Some(&authorization),
            user_id: Some(&user),
            workspace_id: Some(&workspace),
        };
        prop_assert!(try_headers(headers).is_err());
        let _ = try_backend(Some(&user), Some(&workspace));
    }
}
