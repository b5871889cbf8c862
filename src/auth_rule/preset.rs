//! What each provider's rules are made of: a few fields of its own, from which the general ones follow.

use super::fields::Fields;
use crate::signature::Algorithm::{self, EdDsa, Es256, Ps256, Rs256};

/// An identity provider, or a kind of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "their names")]
pub enum Provider {
    Clerk,
    Auth0,
    Supabase,
    Firebase,
    Stytch,
    Kinde,
    BetterAuth,
    Oidc,
    Custom,
}

impl Provider {
    pub(super) fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "clerk" => Self::Clerk,
            "auth0" => Self::Auth0,
            "supabase" => Self::Supabase,
            "firebase" => Self::Firebase,
            "stytch" => Self::Stytch,
            "kinde" => Self::Kinde,
            "better-auth" => Self::BetterAuth,
            "oidc" => Self::Oidc,
            "custom" => Self::Custom,
            _ => return None,
        })
    }
}

/// The general fields as they follow from a provider's own.
#[derive(Default)]
pub(super) struct Preset {
    pub(super) issuer: Option<String>,
    /// Where the keys are, and the field that says so.
    pub(super) jwks_url: Option<(&'static str, String)>,
    pub(super) audience: Vec<String>,
    pub(super) algorithms: &'static [Algorithm],
    /// Whether `iss` leads to the keys.
    pub(super) discovers: bool,
    pub(super) needs: Needs,
}

/// What a rule must restrict beside the issuer.
#[derive(Default, PartialEq)]
pub(super) enum Needs {
    #[default]
    Nothing,
    Audience,
    AudienceOrParty,
}

impl Preset {
    /// Reads the fields that only this provider has.
    pub(super) fn read(provider: Provider, fields: &mut Fields<'_>) -> Self {
        let mut preset = Self {
            algorithms: &[Rs256],
            ..Self::default()
        };
        match provider {
            Provider::Clerk => {
                if let Some(domain) = read_domain(fields) {
                    preset.issuer = Some(["https://", &domain].concat());
                    preset.at_domain(&domain, "/.well-known/jwks.json");
                }
            }
            Provider::Auth0 => {
                if let Some(domain) = read_domain(fields) {
                    preset.issuer = Some(["https://", &domain, "/"].concat());
                    preset.at_domain(&domain, "/.well-known/jwks.json");
                }
                preset.needs = Needs::Audience;
            }
            Provider::Supabase => {
                if let Some(domain) = read_domain(fields) {
                    preset.issuer = Some(["https://", &domain, "/auth/v1"].concat());
                    preset.at_domain(&domain, "/auth/v1/.well-known/jwks.json");
                }
                preset.audience = vec!["authenticated".to_owned()];
                preset.algorithms = &[Es256, Rs256];
            }
            Provider::Firebase => {
                if let Some(project) = fields.required("project") {
                    preset.issuer = Some(["https://securetoken.google.com/", &project].concat());
                    preset.audience = vec![project];
                }
                let address = "https://www.googleapis.com/service_accounts/v1/jwk/securetoken@system.gserviceaccount.com";
                preset.jwks_url = Some(("jwks_url", address.to_owned()));
            }
            Provider::Stytch => {
                if let Some(project) = fields.required("project") {
                    let live = project.starts_with("project-live-");
                    let host = if live { "https://api" } else { "https://test" };
                    let address = [host, ".stytch.com/v1/sessions/jwks/", &project].concat();
                    preset.issuer = Some(["stytch.com/", &project].concat());
                    preset.jwks_url = Some(("project", address));
                    preset.audience = vec![project];
                }
            }
            Provider::Kinde => {
                if let Some(domain) = read_domain(fields) {
                    preset.issuer = Some(["https://", &domain].concat());
                    preset.at_domain(&domain, "/.well-known/jwks");
                }
                preset.needs = Needs::AudienceOrParty;
            }
            Provider::BetterAuth => {
                if let Some(url) = fields.required("url") {
                    let base = url.trim_end_matches('/');
                    preset.jwks_url = Some(("url", [base, "/api/auth/jwks"].concat()));
                    preset.issuer = Some(base.to_owned());
                    preset.audience = vec![base.to_owned()];
                }
                preset.algorithms = &[EdDsa];
            }
            Provider::Oidc => {
                preset.algorithms = &[Rs256, Es256, EdDsa, Ps256];
                preset.discovers = true;
                preset.needs = Needs::Audience;
            }
            Provider::Custom => {
                preset.algorithms = &[Rs256, Es256, EdDsa, Ps256];
            }
        }
        preset
    }

    fn at_domain(&mut self, domain: &str, path: &str) {
        self.jwks_url = Some(("domain", ["https://", domain, path].concat()));
    }
}

/// A provider's host, by which everything else is found.
fn read_domain(fields: &mut Fields<'_>) -> Option<String> {
    let domain = fields.required("domain")?;
    if domain.contains(['/', '?', '#', '@', ':']) {
        fields.complain("domain", "must be a host name alone");
        return None;
    }
    Some(domain)
}
