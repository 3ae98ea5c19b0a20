//! Texts of 200 ASCII bytes that carry a number, from which order and completeness are checked.

const LENGTH: usize = 200;
const MARK: &str = "bench ";
const DIGITS: usize = 12;

/// The text with this number.
pub fn text(number: u64) -> String {
    let mut text = format!("{MARK}{number:0DIGITS$} ");
    const FILLER: &str = "the quick brown fox jumps over the lazy dog ";
    text.extend(FILLER.chars().cycle().take(LENGTH - 1 - text.len()));
    text.push('.');
    text
}

/// The number a text carries; `None` if it is none of ours.
pub fn number(text: &str) -> Option<u64> {
    let digits = text.strip_prefix(MARK)?.get(..DIGITS)?;
    (text.len() == LENGTH).then(|| digits.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_gives_its_number_back() {
        for n in [0, 1, 42, 999_999_999_999] {
            assert_eq!(number(&text(n)), Some(n));
            assert_eq!(text(n).len(), LENGTH);
        }
    }

    #[test]
    fn other_texts_have_no_number() {
        for other in ["", "hello", "bench ", "bench 00000000000x and more", &text(3)[..199]] {
            assert_eq!(number(other), None, "{other:?}");
        }
    }
}
