//! Small and capital letters, of the alphabets that have both and that people type. The standard library's
//! tables have them all and are 13 kB of the bundle after gzip (measured).

/// The first and the last capital letter of a run, how far behind each its small letter is, and how far
/// apart two capitals are.
const RUNS: &[(u32, u32, u32, u32)] = &[
    (0x0041, 0x005a, 32, 1),
    (0x00c0, 0x00d6, 32, 1),
    (0x00d8, 0x00de, 32, 1),
    (0x0100, 0x012e, 1, 2),
    (0x0132, 0x0136, 1, 2),
    (0x0139, 0x0147, 1, 2),
    (0x014a, 0x0176, 1, 2),
    (0x0179, 0x017d, 1, 2),
    (0x01a0, 0x01a4, 1, 2),
    (0x01af, 0x01af, 1, 2),
    (0x01cd, 0x01db, 1, 2),
    (0x01de, 0x01ee, 1, 2),
    (0x01f8, 0x021e, 1, 2),
    (0x0222, 0x0232, 1, 2),
    (0x0386, 0x0386, 38, 1),
    (0x0388, 0x038a, 37, 1),
    (0x038c, 0x038c, 64, 1),
    (0x038e, 0x038f, 63, 1),
    (0x0391, 0x03a1, 32, 1),
    (0x03a3, 0x03ab, 32, 1),
    (0x0400, 0x040f, 80, 1),
    (0x0410, 0x042f, 32, 1),
    (0x0460, 0x0480, 1, 2),
    (0x048a, 0x04be, 1, 2),
    (0x04c1, 0x04cd, 1, 2),
    (0x04d0, 0x052e, 1, 2),
    (0x0531, 0x0556, 48, 1),
    (0x1e00, 0x1e94, 1, 2),
    (0x1ea0, 0x1efe, 1, 2),
];
/// Those that are in no run, each before its small letter.
const PAIRS: &str = "ŸÿƁɓƆɔƉɖƊɗƎǝƏəƐɛƔɣƖɩƘƙƝɲƟɵƱʊƲʋƳƴƵƶƷʒ";

/// The small letter of a capital; any other character as it is.
pub(super) fn lower(character: char) -> char {
    let code = u32::from(character);
    let run = RUNS
        .iter()
        .find(|&&(first, last, _, step)| is_in(code, first, last, step));
    run.and_then(|&(_, _, distance, _)| char::from_u32(code.saturating_add(distance)))
        .or_else(|| pairs().find(|pair| pair.0 == character).map(|pair| pair.1))
        .unwrap_or(character)
}

/// The capital of a small letter; any other character as it is.
pub(super) fn upper(character: char) -> char {
    let code = u32::from(character);
    let run = RUNS.iter().find(|&&(first, last, distance, step)| {
        is_in(
            code,
            first.saturating_add(distance),
            last.saturating_add(distance),
            step,
        )
    });
    run.and_then(|&(_, _, distance, _)| char::from_u32(code.saturating_sub(distance)))
        .or_else(|| pairs().find(|pair| pair.1 == character).map(|pair| pair.0))
        .unwrap_or(match character {
            // Letters with a capital that is another's too.
            'ı' => 'I',
            'ς' => 'Σ',
            _ => character,
        })
}

fn is_in(code: u32, first: u32, last: u32, step: u32) -> bool {
    (first..=last).contains(&code) && code.abs_diff(first).is_multiple_of(step)
}

fn pairs() -> impl Iterator<Item = (char, char)> {
    let capitals = PAIRS.chars().step_by(2);
    capitals.zip(PAIRS.chars().skip(1).step_by(2))
}

#[cfg(test)]
mod tests {
    use super::{lower, upper};

    /// Latin to Armenian, and the Latin letters of Vietnamese.
    fn letters() -> impl Iterator<Item = char> {
        ('\0'..='\u{58f}').chain('\u{1e00}'..='\u{1eff}')
    }

    #[test]
    fn small_letters_are_the_standard_librarys_where_there_is_one() {
        for letter in letters().filter(|&letter| lower(letter) != letter) {
            assert!(letter.to_lowercase().eq([lower(letter)]), "{letter}");
        }
    }

    #[test]
    fn capitals_are_the_standard_librarys_where_there_is_one() {
        for letter in letters().filter(|&letter| upper(letter) != letter) {
            assert!(letter.to_uppercase().eq([upper(letter)]), "{letter}");
        }
    }

    #[test]
    fn alphabets_are_whole() {
        for alphabet in [
            "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
            "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞŒŸ",
            "ĀĂĄĆČĎĐĒĖĘĚĞĢĪĮĶĹĻĽŁŃŅŇŊŌŐŔŖŘŚŞŠŤŪŮŰŲŴŶŹŻŽȘȚ",
            "ĂÂĐÊÔƠƯẠẢẤẦẨẪẬẮẰẲẴẶẸẺẼẾỀỂỄỆỈỊỌỎỐỒỔỖỘỚỜỞỠỢỤỦỨỪỬỮỰỲỴỶỸ",
            "ƁƊƎƏƐƔƖƘƝƆƱƲƳḌḤṆṚṢṬẒ",
            "ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩΆΈΉΊΌΎΏΪΫ",
            "АБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯ",
            "ЂЃЄЅІЇЈЉЊЋЌЍЎЏҐҒҖҘҚҠҢҪҮҰҲҶҺӘӨӮӢ",
            "ԱԲԳԴԵԶԷԸԹԺԻԼԽԾԿՀՁՂՃՄՅՆՇՈՉՊՋՌՍՎՏՐՑՒՓՔՕՖ",
        ] {
            for letter in alphabet.chars() {
                assert!(letter.to_lowercase().eq([lower(letter)]), "{letter}");
                assert_eq!(upper(lower(letter)), letter);
            }
        }
    }
}
