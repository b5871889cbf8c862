//! Whether a point lies on its curve. One that does not can give a private key away in other protocols and
//! has no meaning in this one, so it is no key (RFC 8725, section 3.4).
//!
//! Keys are public and are read once in ten minutes: this is written to be short, not fast, and its time may
//! depend on the numbers.

/// The most limbs of a number: 384 bits in limbs of 32.
const LIMBS: usize = 12;

/// A number, its least limb first.
type Number = [u32; LIMBS];

/// A curve y² = x³ - 3x + b over a prime field (FIPS 186-5; SEC 2, sections 2.4.2 and 2.5.1).
pub(super) struct Curve {
    /// The length of a coordinate, in bytes.
    bytes: usize,
    prime: Number,
    b: Number,
}

impl Curve {
    pub(super) const P256: Self = Self {
        bytes: 32,
        prime: [
            0xffff_ffff,
            0xffff_ffff,
            0xffff_ffff,
            0,
            0,
            0,
            1,
            0xffff_ffff,
            0,
            0,
            0,
            0,
        ],
        b: [
            0x27d2_604b,
            0x3bce_3c3e,
            0xcc53_b0f6,
            0x651d_06b0,
            0x7698_86bc,
            0xb3eb_bd55,
            0xaa3a_93e7,
            0x5ac6_35d8,
            0,
            0,
            0,
            0,
        ],
    };
    pub(super) const P384: Self = Self {
        bytes: 48,
        prime: [
            0xffff_ffff,
            0,
            0,
            0xffff_ffff,
            0xffff_fffe,
            0xffff_ffff,
            0xffff_ffff,
            0xffff_ffff,
            0xffff_ffff,
            0xffff_ffff,
            0xffff_ffff,
            0xffff_ffff,
        ],
        b: [
            0xd3ec_2aef,
            0x2a85_c8ed,
            0x8a2e_d19d,
            0xc656_398d,
            0x5013_875a,
            0x0314_088f,
            0xfe81_4112,
            0x181d_9c6e,
            0xe3f8_2d19,
            0x988e_056b,
            0xe23e_e7e4,
            0xb331_2fa7,
        ],
    };

    /// Whether `x` and `y`, big-endian and as long as the field, are a point of the curve.
    pub(super) fn has_point(&self, x: &[u8], y: &[u8]) -> bool {
        let (Some(x), Some(y)) = (self.coordinate(x), self.coordinate(y)) else {
            return false;
        };
        let cube = self.multiply(&self.multiply(&x, &x), &x);
        let thrice = self.add(&self.add(&x, &x), &x);
        // Compared without a subtraction: y² + 3x against x³ + b.
        let left = self.add(&self.multiply(&y, &y), &thrice);
        left == self.add(&cube, &self.b)
    }

    /// Reads a coordinate, which is less than the prime.
    fn coordinate(&self, bytes: &[u8]) -> Option<Number> {
        if bytes.len() != self.bytes {
            return None;
        }
        let mut number = [0; LIMBS];
        for (limb, chunk) in number.iter_mut().zip(bytes.rchunks(4)) {
            *limb = u32::from_be_bytes(chunk.try_into().ok()?);
        }
        is_less(&number, &self.prime).then_some(number)
    }

    fn add(&self, one: &Number, other: &Number) -> Number {
        let mut sum = [0; LIMBS];
        let mut carry = false;
        for (limb, (one, other)) in sum.iter_mut().zip(one.iter().zip(other)) {
            let (partial, over) = one.overflowing_add(*other);
            let (total, over_again) = partial.overflowing_add(u32::from(carry));
            *limb = total;
            carry = over || over_again;
        }
        if carry || !is_less(&sum, &self.prime) {
            // A carry out of the top limb is taken back by this.
            subtract(&mut sum, &self.prime);
        }
        sum
    }

    /// Doubles and adds, from the highest bit of `other` down.
    fn multiply(&self, one: &Number, other: &Number) -> Number {
        let mut product = [0; LIMBS];
        for limb in other.iter().rev() {
            for bit in (0..u32::BITS).rev() {
                product = self.add(&product, &product);
                if limb >> bit & 1 == 1 {
                    product = self.add(&product, one);
                }
            }
        }
        product
    }
}

fn is_less(one: &Number, other: &Number) -> bool {
    one.iter().rev().lt(other.iter().rev())
}

fn subtract(from: &mut Number, number: &Number) {
    let mut borrow = false;
    for (limb, taken) in from.iter_mut().zip(number) {
        let (partial, under) = limb.overflowing_sub(*taken);
        let (rest, under_again) = partial.overflowing_sub(u32::from(borrow));
        *limb = rest;
        borrow = under || under_again;
    }
}
