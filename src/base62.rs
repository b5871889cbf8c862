//! Numbers as digits and letters, which is how ids and API keys are written.

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// How many digits are taken at once, and how many numbers they write: as many as a `u64` holds, because the
/// division of a `u128` takes a microsecond in WASM.
const CHUNK_DIGITS: usize = 10;
const CHUNK: u128 = 62_u128.pow(10);

/// Writes the low digits of `number`, exactly `N` of them, with zeros in front. 22 hold any `u128`.
pub fn encode<const N: usize>(mut number: u128) -> String {
    let mut digits = [b'0'; N];
    for chunk in digits.rchunks_mut(CHUNK_DIGITS) {
        let mut low = u64::try_from(number % CHUNK).unwrap_or_default();
        number /= CHUNK;
        for digit in chunk.iter_mut().rev() {
            let index = usize::try_from(low % 62).unwrap_or_default();
            *digit = DIGITS.get(index).copied().unwrap_or(b'0');
            low /= 62;
        }
    }
    digits.iter().map(|&digit| char::from(digit)).collect()
}

/// Whether `text` has only the digits of this notation.
pub fn is_base62(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}
