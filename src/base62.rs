//! Numbers as digits and letters, which is how ids and API keys are written.

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Writes the low digits of `number`, exactly `N` of them, with zeros in front. 22 hold any `u128`.
pub fn encode<const N: usize>(mut number: u128) -> String {
    let mut digits = [b'0'; N];
    for digit in digits.iter_mut().rev() {
        let index = usize::try_from(number % 62).unwrap_or_default();
        *digit = DIGITS.get(index).copied().unwrap_or(b'0');
        number /= 62;
    }
    digits.iter().map(|&digit| char::from(digit)).collect()
}

/// Whether `text` has only the digits of this notation.
pub fn is_base62(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}
