//! What kind of character a character is, as far as a title cares. The standard library knows letters and
//! numbers; a segmentation library adds 63 kB of tables (measured) and still does not know where a Thai word
//! ends.

/// How much room a whole word takes. A word of a script without spaces is guessed from its characters.
pub(super) const WORD: u32 = 12;

/// Ranges that are asked about by code point.
type Ranges = &'static [(u32, u32)];

fn is_in(ranges: Ranges, character: char) -> bool {
    let code = u32::from(character);
    ranges
        .iter()
        .any(|&(first, last)| (first..=last).contains(&code))
}

/// Chinese characters, which make words of about two.
const HAN: Ranges = &[
    (0x3005, 0x3007),
    (0x3400, 0x4dbf),
    (0x4e00, 0x9fff),
    (0xf900, 0xfaff),
    (0x2_0000, 0x3_ffff),
];
/// Japanese syllables, which make words of about three.
const KANA: Ranges = &[(0x3041, 0x30fa), (0x30fc, 0x30ff), (0x31f0, 0x31ff)];
/// Thai, Lao, Tibetan, Burmese and Khmer letters, which make words of about four.
const SOUTHEAST_ASIAN: Ranges = &[(0x0e00, 0x0fff), (0x1000, 0x109f), (0x1780, 0x17ff)];

/// Characters that belong to the one before them, so that no cut goes between the two.
const MARKS: Ranges = &[
    (0x0300, 0x036f),
    (0x0483, 0x0489),
    (0x0591, 0x05bd),
    (0x05bf, 0x05c7),
    (0x0610, 0x061a),
    (0x064b, 0x065f),
    (0x0670, 0x0670),
    (0x06d6, 0x06ed),
    (0x0900, 0x0903),
    (0x093a, 0x094f),
    (0x0962, 0x0963),
    (0x0981, 0x0983),
    (0x09bc, 0x09cd),
    (0x0a01, 0x0a03),
    (0x0a3c, 0x0a51),
    (0x0a81, 0x0a83),
    (0x0abc, 0x0acd),
    (0x0b3c, 0x0b57),
    (0x0bbe, 0x0bcd),
    (0x0c3c, 0x0c56),
    (0x0cbc, 0x0cd6),
    (0x0d3b, 0x0d4d),
    (0x0dca, 0x0ddf),
    (0x0e30, 0x0e3a),
    (0x0e45, 0x0e4e),
    (0x0eb0, 0x0ebc),
    (0x0ec8, 0x0ece),
    (0x0f71, 0x0f84),
    (0x102b, 0x103e),
    (0x17b4, 0x17d3),
    (0x1ab0, 0x1aff),
    (0x1dc0, 0x1dff),
    (0x200c, 0x200d),
    (0x20d0, 0x20f0),
    (0x3099, 0x309c),
    (0xfe00, 0xfe0f),
    (0xfe20, 0xfe2f),
    (0x1_f3fb, 0x1_f3ff),
    (0xe_0100, 0xe_01ef),
];
/// Kana that belong to the syllable before them.
const SMALL_KANA: &str = "ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮー";

/// Characters that show nothing, or turn the text around them. A title with one of them could make a list
/// of threads read backwards.
const INVISIBLE: Ranges = &[
    (0x0000, 0x0008),
    (0x000e, 0x001f),
    (0x007f, 0x0084),
    (0x0086, 0x009f),
    (0x00ad, 0x00ad),
    (0x034f, 0x034f),
    (0x061c, 0x061c),
    (0x115f, 0x1160),
    (0x180e, 0x180e),
    (0x200b, 0x200b),
    (0x200e, 0x200f),
    (0x202a, 0x202e),
    (0x2060, 0x206f),
    (0x3164, 0x3164),
    (0xfeff, 0xfeff),
    (0xfff0, 0xffff),
    (0xe_0000, 0xe_00ff),
    (0xe_01f0, 0xe_0fff),
];

/// Signs that mean something between two words, and at a word's end where nothing else does.
const SYMBOLS: Ranges = &[
    (0x2190, 0x22ff),
    (0x2600, 0x27bf),
    (0x2b00, 0x2bff),
    (0x1_f000, 0x1_faff),
];
const OPERATORS: &str = "+-*/=<>&%^–—×÷±";
/// Signs that may end a title: C++, C#, 50 %, 20 °C.
const CLOSING_SIGNS: &str = "+#%°$€£¥²³™®";

pub(super) fn is_mark(character: char) -> bool {
    is_in(MARKS, character)
}

pub(super) fn is_invisible(character: char) -> bool {
    is_in(INVISIBLE, character)
}

/// A letter, a number, or what belongs to one.
pub(super) fn is_text(character: char) -> bool {
    !is_invisible(character) && (character.is_alphanumeric() || is_mark(character))
}

/// A letter or a number by itself.
pub(super) fn is_letter(character: char) -> bool {
    character.is_alphanumeric() && !is_mark(character) && !is_invisible(character)
}

pub(super) fn is_han(character: char) -> bool {
    is_in(HAN, character)
}

pub(super) fn is_hiragana(character: char) -> bool {
    ('ぁ'..='ゖ').contains(&character)
}

/// Whether the character is of a script that is written without spaces.
pub(super) fn is_spaceless(character: char) -> bool {
    is_han(character) || is_in(KANA, character) || is_in(SOUTHEAST_ASIAN, character)
}

/// Whether a token of such characters only may stand between two words.
pub(super) fn is_sign(character: char) -> bool {
    OPERATORS.contains(character) || is_in(SYMBOLS, character) || is_mark(character)
}

/// Whether a title may end with this character.
pub(super) fn may_end(character: char) -> bool {
    is_text(character) || CLOSING_SIGNS.contains(character)
}

/// Whether text may be cut before `next`.
pub(super) fn may_cut_before(next: char) -> bool {
    !is_mark(next) && !SMALL_KANA.contains(next)
}

/// Chinese characters that begin a new part of a sentence more often than they end a word, and the ones
/// after which 来 does end one.
const JOINTS: &str = "并和与與及或但而把给給从從";
const BEFORE_LAI: &str = "未原本将將后後近回起出上下过過进進以带帶看到越往";

/// Whether a word is likely to begin at `next`: a Thai syllable does at a leading vowel, a Japanese phrase
/// where the script leaves the hiragana of an ending.
pub(super) fn begins_word(previous: char, next: char) -> bool {
    ('เ'..='ไ').contains(&next)
        || JOINTS.contains(next)
        || (next == '来' && !BEFORE_LAI.contains(previous))
        || (is_hiragana(previous) && !is_hiragana(next) && may_cut_before(next))
        || (is_spaceless(previous) != is_spaceless(next) && may_cut_before(next))
}

/// The room that `next` takes behind `previous`.
pub(super) fn room(previous: Option<char>, next: char) -> u32 {
    if is_mark(next) || !next.is_alphanumeric() {
        0
    } else if is_han(next) {
        WORD / 2
    } else if is_in(KANA, next) {
        WORD / 3
    } else if is_spaceless(next) {
        WORD / 4
    } else if previous.is_some_and(|previous| !previous.is_whitespace() && !is_spaceless(previous))
    {
        0
    } else {
        WORD
    }
}
