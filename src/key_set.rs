//! A provider's JWK set (RFC 7517, section 5): the set is read leniently, each key strictly. A key that is
//! odd, weak or not for us is passed over, so that it neither verifies a token nor spoils its neighbors.

mod curve;
mod rsa;

use base64ct::{Base64UrlUnpadded, Encoding};

use crate::json::{Json, JsonText};
use crate::object::Object;
use crate::signature::{Algorithm, KeyMaterial, PublicKey};
use curve::Curve;

/// The longest set, in bytes.
pub const MAX_BYTES: usize = 65_536;
/// The most keys of a set.
const MAX_KEYS: usize = 32;
/// The longest key id that is looked for, in bytes.
pub const MAX_KEY_ID_BYTES: usize = 512;

/// The members that only a private or a symmetric key has (RFC 7518, sections 6.2.2, 6.3.2 and 6.4.1).
const SECRET_MEMBERS: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// The encodings of the Ed25519 points of small order, without the bit that carries a sign. Under such a key
/// one signature fits many messages. Three of them are not the canonical ones.
const SMALL_ORDER: [[u8; 32]; 7] = [
    point(0x00, 0x00, 0x00),
    point(0x01, 0x00, 0x00),
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98,
        0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53,
        0xfc, 0x05,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67,
        0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac,
        0x03, 0x7a,
    ],
    point(0xec, 0xff, 0x7f),
    point(0xed, 0xff, 0x7f),
    point(0xee, 0xff, 0x7f),
];

/// A point whose bytes between the first and the last are alike.
const fn point(first: u8, middle: u8, last: u8) -> [u8; 32] {
    let mut bytes = [middle; 32];
    let [head, .., tail] = &mut bytes;
    *head = first;
    *tail = last;
    bytes
}

/// The numbers of a key, and with them what it can verify.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Key {
    id: Option<String>,
    /// The one algorithm that it is for, where the set says so.
    algorithm: Option<Algorithm>,
    family: Family,
    material: KeyMaterial,
}

/// What algorithms a key's numbers fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Family {
    Rsa,
    P256,
    P384,
    Ed25519,
}

impl Family {
    fn of(algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::Rs256
            | Algorithm::Rs384
            | Algorithm::Rs512
            | Algorithm::Ps256
            | Algorithm::Ps384
            | Algorithm::Ps512 => Self::Rsa,
            Algorithm::Es256 => Self::P256,
            Algorithm::Es384 => Self::P384,
            Algorithm::EdDsa => Self::Ed25519,
        }
    }
}

/// The keys of a set that can be used.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeySet {
    keys: Vec<Key>,
    has_private_keys: bool,
}

/// Why no key was chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoKey {
    /// There is none.
    Unknown,
    /// There are several, and nothing says which.
    Ambiguous,
}

impl KeySet {
    /// Reads a set. `None` for what is no set of at most 32 keys and 64 kB; the last one that was read stays
    /// in force then. A set without a usable key is one all the same.
    pub fn parse(text: &[u8]) -> Option<Self> {
        if text.len() > MAX_BYTES {
            return None;
        }
        let members: Vec<JsonText<'_>> = Object::parse(text)?.get("keys")?;
        let is_object = |member: &JsonText<'_>| member.get().starts_with('{');
        if members.len() > MAX_KEYS || (!members.is_empty() && !members.iter().any(is_object)) {
            return None;
        }
        let mut set = Self::default();
        for member in members {
            match Json::parse_object(member.get().as_bytes()) {
                Some(jwk) if has_secret(&jwk) => set.has_private_keys = true,
                Some(jwk) => set.keys.extend(Key::read(&jwk)),
                None => {}
            }
        }
        Some(set)
    }

    /// Whether the set publishes what must stay secret: a private key, or a symmetric one. Such keys are never
    /// used; the provider should hear of it.
    pub fn has_private_keys(&self) -> bool {
        self.has_private_keys
    }

    /// How many keys can be used.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether no key can be used.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The one key for `algorithm` that has this id; without an id, the only one for it.
    ///
    /// # Errors
    ///
    /// [`NoKey`].
    pub fn find(&self, algorithm: Algorithm, id: Option<&str>) -> Result<PublicKey, NoKey> {
        let mut fitting = self
            .keys
            .iter()
            .filter(|key| key.fits(algorithm) && (id.is_none() || key.id.as_deref() == id));
        let key = fitting.next().ok_or(NoKey::Unknown)?;
        if fitting.next().is_some() {
            return Err(NoKey::Ambiguous);
        }
        Ok(PublicKey {
            algorithm,
            material: key.material.clone(),
        })
    }
}

fn has_secret(jwk: &Json) -> bool {
    SECRET_MEMBERS
        .iter()
        .any(|member| jwk.get(member).is_some())
}

impl Key {
    fn fits(&self, algorithm: Algorithm) -> bool {
        self.family == Family::of(algorithm) && self.algorithm.is_none_or(|own| own == algorithm)
    }

    /// Reads a key (RFC 7517, section 4). `None` for one that is not to be used.
    fn read(jwk: &Json) -> Option<Self> {
        if !may_verify(jwk) {
            return None;
        }
        let id = match jwk.get("kid") {
            None => None,
            Some(id) => Some(id.as_text()?.to_owned()),
        };
        let algorithm = match jwk.get("alg") {
            None => None,
            Some(name) => Some(Algorithm::parse(name.as_text()?)?),
        };
        let curve = jwk.get("crv").and_then(Json::as_text);
        let (family, material) = match (jwk.get("kty")?.as_text()?, curve) {
            ("RSA", _) => (Family::Rsa, read_rsa(jwk)?),
            ("EC", Some("P-256")) => (Family::P256, read_point(jwk, &Curve::P256)?),
            ("EC", Some("P-384")) => (Family::P384, read_point(jwk, &Curve::P384)?),
            ("OKP", Some("Ed25519")) => (Family::Ed25519, read_ed25519(jwk)?),
            _ => return None,
        };
        algorithm
            .is_none_or(|algorithm| Family::of(algorithm) == family)
            .then_some(Self {
                id,
                algorithm,
                family,
                material,
            })
    }
}

/// Whether a key's `use` and `key_ops` allow it to check signatures (RFC 7517, sections 4.2 and 4.3).
fn may_verify(jwk: &Json) -> bool {
    let use_fits = jwk
        .get("use")
        .is_none_or(|purpose| purpose.as_text() == Some("sig"));
    let operations_fit = match jwk.get("key_ops") {
        None => true,
        Some(Json::Array(operations)) => {
            let names: Option<Vec<&str>> = operations.iter().map(Json::as_text).collect();
            names.is_some_and(|names| {
                let is_first =
                    |(at, name): (usize, &&str)| !names.iter().take(at).any(|n| n == name);
                names.contains(&"verify") && names.iter().enumerate().all(is_first)
            })
        }
        Some(_) => false,
    };
    use_fits && operations_fit
}

fn bytes(jwk: &Json, member: &str) -> Option<Vec<u8>> {
    Base64UrlUnpadded::decode_vec(jwk.get(member)?.as_text()?).ok()
}

/// A number without the zeros in front that some providers' big integers have.
fn number(jwk: &Json, member: &str) -> Option<Vec<u8>> {
    let mut bytes = bytes(jwk, member)?;
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    bytes.drain(..zeros);
    Some(bytes)
}

fn read_rsa(jwk: &Json) -> Option<KeyMaterial> {
    let (n, e) = (number(jwk, "n")?, number(jwk, "e")?);
    rsa::is_strong(&n, &e).then_some(KeyMaterial::Rsa { n, e })
}

fn read_point(jwk: &Json, curve: &Curve) -> Option<KeyMaterial> {
    let (x, y) = (bytes(jwk, "x")?, bytes(jwk, "y")?);
    curve.has_point(&x, &y).then_some(KeyMaterial::Ec { x, y })
}

fn read_ed25519(jwk: &Json) -> Option<KeyMaterial> {
    let point: [u8; 32] = bytes(jwk, "x")?.try_into().ok()?;
    let mut unsigned = point;
    let [.., last] = &mut unsigned;
    *last &= 0x7f;
    (!SMALL_ORDER.contains(&unsigned)).then_some(KeyMaterial::Ed25519(point))
}
