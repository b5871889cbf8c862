//! Whether an RSA key is strong enough to trust (RFC 8725, section 3.5).

/// The shortest modulus, in bits (RFC 7518, section 3.3).
const MIN_BITS: usize = 2_048;
/// The longest modulus, in bits. Beyond it a provider could have us compute for a long time.
const MAX_BITS: usize = 4_096;
/// The longest public exponent, in bytes.
const MAX_EXPONENT_BYTES: usize = 4;
/// The primes by which a modulus shows that it was made by the library of CVE-2017-15361 (ROCA).
const ROCA_PRIMES: [u32; 38] = [
    3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97,
    101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
];

/// Whether a key of this modulus and exponent, big-endian and without zeros in front, is to be trusted: long
/// enough and not too long, both numbers odd, an exponent that does something, and no ROCA fingerprint.
pub(super) fn is_strong(n: &[u8], e: &[u8]) -> bool {
    let leading = n.first().map_or(0, |byte| byte.leading_zeros() as usize);
    let bits = n.len().saturating_mul(8).saturating_sub(leading);
    let is_odd = |number: &[u8]| number.last().is_some_and(|byte| byte & 1 == 1);
    (MIN_BITS..=MAX_BITS).contains(&bits)
        && is_odd(n)
        && is_odd(e)
        && e != [1]
        && e.len() <= MAX_EXPONENT_BYTES
        && !has_roca_fingerprint(n)
}

/// A modulus of that library is a power of 65537 modulo every small prime. Of others about one in 2^27 is.
fn has_roca_fingerprint(n: &[u8]) -> bool {
    ROCA_PRIMES.iter().all(|&prime| {
        let residue = remainder(n, prime);
        let mut power = 1_u32;
        (0..prime).any(|_| {
            power = reduce(power.saturating_mul(65_537), prime);
            power == residue
        })
    })
}

fn remainder(n: &[u8], prime: u32) -> u32 {
    n.iter().fold(0, |residue, &byte| {
        reduce(
            residue.saturating_mul(256).saturating_add(u32::from(byte)),
            prime,
        )
    })
}

fn reduce(number: u32, prime: u32) -> u32 {
    number.checked_rem(prime).unwrap_or(0)
}
