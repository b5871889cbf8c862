//! Numbers as they are written. What one is worth is asked of few, and one that stays its text comes back as it came,
//! without the tables that it takes to read and to print a double: 25 kB that gzip does not shrink.

use super::text::{FromJson, JsonText};
use super::writing::ToJson;

/// The least number that no double stands for, 2^1024 - 2^970: its digits, all of them before the point.
const TOO_LARGE: &[u8] = b"1797693134862315807937289714053034150799341327100378269361737789804449682927647509466490179775872070963\
    3028641669288791094655554785194040263065748867150582068190890200070838367627385484581771153176447573027\
    0069855571366959622842914819860834936475292719074168444365510704342711559699508093042880177904174497792";
/// How many digits it has.
const MAX_POINT: i64 = 309;
/// How many places after the point a sum has at most. The least double has 324.
const MAX_PLACES: i64 = 400;

/// A finite number (RFC 8259, section 6), as its JSON text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decimal(String);

impl Decimal {
    /// Reads a text. `None`, when it is no number, or one that is beyond all doubles.
    pub fn parse(text: &str) -> Option<Self> {
        JsonText::parse(text)?.read()
    }

    /// The JSON text.
    pub fn get(&self) -> &str {
        &self.0
    }

    /// Whether it is below 0.
    pub fn is_negative(&self) -> bool {
        let number = Parts::of(&self.0);
        number.is_negative && !number.digits.is_empty()
    }

    /// How many thousandths it has, without a fraction of one. `None` below 0 and beyond `i64`.
    pub fn thousandths(&self) -> Option<i64> {
        if self.is_negative() {
            return None;
        }
        let Parts { digits, point, .. } = Parts::of(&self.0);
        if digits.is_empty() {
            return Some(0);
        }
        let mut digits = digits.into_iter();
        (0..point.saturating_add(3)).try_fold(0_i64, |value, _| {
            let digit = digits.next().unwrap_or_default();
            value.checked_mul(10)?.checked_add(digit.into())
        })
    }

    /// What numbers come to that are 0 or more, exactly but for what is below 10^-400. `None` of none, and when it is
    /// beyond all doubles.
    pub fn sum(numbers: &[Self]) -> Option<Self> {
        if let [number] = numbers {
            return Some(number.clone());
        }
        let numbers: Vec<_> = numbers.iter().map(|number| Parts::of(&number.0)).collect();
        let point = numbers.iter().map(|number| number.point).max()?.max(1);
        let places = numbers.iter().map(Parts::places).max()?;
        let places = places.clamp(0, MAX_PLACES);
        let mut columns = vec![0_u32; usize::try_from(point.saturating_add(places)).ok()?];
        for number in &numbers {
            let above = usize::try_from(point.saturating_sub(number.point)).ok()?;
            for (column, digit) in columns.iter_mut().skip(above).zip(&number.digits) {
                *column = column.saturating_add((*digit).into());
            }
        }
        let mut carry = 0;
        for column in columns.iter_mut().rev() {
            let sum = column.saturating_add(carry);
            (*column, carry) = (sum % 10, sum / 10);
        }
        let mut text = carry.to_string();
        text.extend(
            columns
                .into_iter()
                .filter_map(|digit| char::from_digit(digit, 10)),
        );
        let (whole, fraction) =
            text.split_at_checked(text.len().checked_sub(usize::try_from(places).ok()?)?)?;
        let whole = match whole.trim_start_matches('0') {
            "" => "0",
            whole => whole,
        };
        Self::parse(&match fraction.trim_end_matches('0') {
            "" => whole.to_owned(),
            fraction => [whole, ".", fraction].concat(),
        })
    }
}

impl FromJson<'_> for Decimal {
    fn from_json(text: JsonText<'_>) -> Option<Self> {
        let text = text.get();
        let is_number = text.starts_with(|first: char| first == '-' || first.is_ascii_digit());
        (is_number && Parts::of(text).is_finite()).then(|| Self(text.to_owned()))
    }
}

impl ToJson for Decimal {
    fn write_json(&self, json: &mut String) {
        json.push_str(&self.0);
    }
}

/// A number taken apart: 0.`digits` times 10 to the power of `point`. The first digit is not 0; nothing has none.
struct Parts {
    is_negative: bool,
    digits: Vec<u8>,
    point: i64,
}

impl Parts {
    /// Takes a JSON number apart.
    fn of(text: &str) -> Self {
        let size = text.trim_start_matches('-');
        let (mantissa, exponent) = size.split_once(['e', 'E']).unwrap_or((size, ""));
        let whole = mantissa.split('.').next().unwrap_or_default();
        let digits = mantissa.bytes().filter(u8::is_ascii_digit);
        let digits: Vec<u8> = digits.map(|digit| digit.wrapping_sub(b'0')).collect();
        let zeros = digits.iter().take_while(|digit| **digit == 0).count();
        let before = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        let point = before(whole.len()).saturating_sub(before(zeros));
        Self {
            is_negative: text.len() > size.len(),
            point: point.saturating_add(read_exponent(exponent)),
            digits: digits.into_iter().skip(zeros).collect(),
        }
    }

    fn is_finite(&self) -> bool {
        let as_written = self.digits.iter().map(|digit| digit.wrapping_add(b'0'));
        self.digits.is_empty()
            || self.point < MAX_POINT
            || (self.point == MAX_POINT && as_written.lt(TOO_LARGE.iter().copied()))
    }

    /// How many digits are after the point.
    fn places(&self) -> i64 {
        let digits = i64::try_from(self.digits.len()).unwrap_or(i64::MAX);
        digits.saturating_sub(self.point)
    }
}

/// An exponent, or what is as good as one that is larger.
fn read_exponent(text: &str) -> i64 {
    const LARGE: i64 = i64::MAX / 4;
    let size = text.trim_start_matches(['-', '+']);
    let size = size.bytes().try_fold(0_i64, |value, digit| {
        value
            .checked_mul(10)?
            .checked_add(digit.wrapping_sub(b'0').into())
    });
    let size = size.unwrap_or(LARGE).min(LARGE);
    if text.starts_with('-') {
        size.saturating_neg()
    } else {
        size
    }
}
