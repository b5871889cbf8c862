//! Configuration: what is missing or wrong is named, never shown.
#![cfg(not(target_arch = "wasm32"))]

mod fixture;

use fixture::{OTHER_REFRESH_KEY, OTHER_SIGNING_KEY, load, mistake, project};

#[test]
fn a_sound_configuration_loads_with_its_defaults() {
    let project = project();
    assert_eq!(project.audience(), project.issuer());
    assert_eq!(project.token_lifetime_seconds(), 300);
    assert_eq!(project.retention_millis(), None);
    assert!(project.allows_anonymous());
    assert_eq!(project.signing_keys().count(), 1);
    assert_eq!(project.api_keys().len(), 1);
}

#[test]
fn every_variable_counts() {
    let project = load(&[
        ("AUDIENCE", "my-app"),
        ("ANONYMOUS", "off"),
        ("TOKEN_LIFETIME_SECONDS", "60"),
        ("SIGNING_KEY_PREVIOUS", OTHER_SIGNING_KEY),
        ("REFRESH_KEY_PREVIOUS", OTHER_REFRESH_KEY),
        ("ALLOWED_ORIGINS", "https://app.example.com"),
        ("API_KEYS", ""),
        ("RETENTION_DAYS", "7"),
    ])
    .unwrap();
    assert_eq!(project.audience(), "my-app");
    assert!(!project.allows_anonymous());
    assert_eq!(project.token_lifetime_seconds(), 60);
    assert_eq!(project.signing_keys().count(), 2);
    assert_eq!(project.refresh_keys().count(), 2);
    assert!(!project.allowed_origins().allows("https://evil.example"));
    assert_eq!(project.api_keys(), []);
    assert_eq!(project.retention_millis(), Some(7 * 86_400_000));
}

#[test]
fn what_is_required_is_missed_by_name() {
    for variable in ["PROJECT_ID", "ISSUER", "SIGNING_KEY", "REFRESH_KEY"] {
        for nothing in ["", "  \n"] {
            let error = load(&[(variable, nothing)]).unwrap_err();
            assert_eq!(error.to_string(), format!("{variable} is missing"));
        }
    }
}

#[test]
fn what_is_wrong_is_named_and_not_shown() {
    let wrong = [
        ("PROJECT_ID", "has spaces"),
        ("PROJECT_ID", "usr_anon_0x"),
        ("ISSUER", "cloud.example.com"),
        ("ISSUER", "http://cloud.example.com"),
        ("ISSUER", "https://cloud.example.com/"),
        ("ISSUER", "https://cloud.example.com/path"),
        ("ISSUER", "https://cloud.example.com?query"),
        ("ISSUER", "https://"),
        ("SIGNING_KEY", "too-short"),
        (
            "SIGNING_KEY",
            "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=",
        ),
        ("SIGNING_KEY", "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"),
        ("SIGNING_KEY_PREVIOUS", "rubbish"),
        ("REFRESH_KEY", "rubbish"),
        ("REFRESH_KEY_PREVIOUS", "rubbish"),
        ("API_KEYS", "rubbish"),
        ("ALLOWED_ORIGINS", "rubbish"),
        ("ANONYMOUS", "yes"),
        ("TOKEN_LIFETIME_SECONDS", "9"),
        ("TOKEN_LIFETIME_SECONDS", "3601"),
        ("TOKEN_LIFETIME_SECONDS", "5m"),
        ("RETENTION_DAYS", "-7"),
        ("RETENTION_DAYS", "3651"),
        ("RETENTION_DAYS", "a week"),
    ];
    for (variable, value) in wrong {
        let error = mistake(&[(variable, value)]);
        assert_eq!(error.variable, variable, "{value}");
        assert!(!error.reason.contains(value), "{error}");
    }
}

#[test]
fn http_is_for_this_machine_only() {
    for issuer in [
        "http://localhost:8787",
        "http://127.0.0.1:8787",
        "http://[::1]:8787",
    ] {
        assert_eq!(load(&[("ISSUER", issuer)]).unwrap().issuer(), issuer);
    }
    assert!(load(&[("ISSUER", "http://localhost.evil.example")]).is_err());
}

#[test]
fn no_secret_is_in_the_debug_form() {
    let shown = format!("{:?}", project());
    for secret in [fixture::SIGNING_KEY, fixture::REFRESH_KEY] {
        assert!(!shown.contains(secret));
        assert!(!shown.contains(&secret[..8]));
    }
}
