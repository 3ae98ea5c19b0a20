//! Values that somebody gives now. What is stored already was given under the rules of its time, and stays.

use icu_properties::{
    CodePointMapData, CodePointSetData,
    props::{DefaultIgnorableCodePoint, GeneralCategory, GeneralCategoryGroup},
};
use serde::{Deserialize, Deserializer, de::Error};

use crate::{ChatDescription, ChatName, ChatTopic, DisplayName, Invalid, MessageText, SectionName, Username};

/// The most marks that one letter may carry. Scripts need five at most; more climb into the lines around.
const MOST_MARKS: usize = 6;

/// A value that is looked at more closely when it is new.
pub trait Fresh {
    /// Whether it may be given now.
    ///
    /// # Errors
    /// The refusal, with its code.
    fn check(&self) -> Result<(), Invalid>;
}

impl<T: Fresh> Fresh for Option<T> {
    fn check(&self) -> Result<(), Invalid> {
        self.as_ref().map_or(Ok(()), T::check)
    }
}

/// Some names mean everybody where people are mentioned.
impl Fresh for Username {
    fn check(&self) -> Result<(), Invalid> {
        match self.as_str() {
            "all" | "channel" | "everyone" | "here" => Err(Invalid::new(
                "username_reserved",
                format!("@{self} means everybody, so nobody can have it as a name."),
            )),
            _ => Ok(()),
        }
    }
}

impl Fresh for DisplayName {
    fn check(&self) -> Result<(), Invalid> {
        name("invalid_name", self.as_str())
    }
}

impl Fresh for ChatName {
    fn check(&self) -> Result<(), Invalid> {
        name("invalid_chat_name", self.as_str())
    }
}

impl Fresh for SectionName {
    fn check(&self) -> Result<(), Invalid> {
        name("invalid_section", self.as_str())
    }
}

/// A topic stands where a name does.
impl Fresh for ChatTopic {
    fn check(&self) -> Result<(), Invalid> {
        name("invalid_topic", self.as_str())
    }
}

/// Each line is as careful as a name, if it has anything to see.
impl Fresh for ChatDescription {
    fn check(&self) -> Result<(), Invalid> {
        let lines = self.as_str().split(['\n', '\t']).map(str::trim).filter(|line| !line.is_empty());
        for line in lines {
            name("invalid_description", line)?;
        }
        Ok(())
    }
}

impl Fresh for MessageText {
    fn check(&self) -> Result<(), Invalid> {
        if self.as_str().chars().any(is_seen) {
            return Ok(());
        }
        Err(Invalid::new("text_empty", "A message needs some text that can be seen."))
    }
}

/// Reads a value that somebody gives now.
///
/// # Errors
/// If it is none, or may not be given any more.
pub fn fresh<'de, D: Deserializer<'de>, T: Fresh + Deserialize<'de>>(deserializer: D) -> Result<T, D::Error> {
    let value = T::deserialize(deserializer)?;
    match value.check() {
        Ok(()) => Ok(value),
        Err(invalid) => Err(D::Error::custom(format_args!("{}: {invalid}", invalid.code))),
    }
}

/// Names stand among other people's: they have something to see, stay on their line, and neither hide anything nor
/// turn what follows around.
fn name(code: &'static str, text: &str) -> Result<(), Invalid> {
    let letters: Vec<char> = text.chars().collect();
    let why = match () {
        () if !letters.iter().any(|c| is_seen(*c) && !is_mark(*c)) => "It needs something that can be seen.",
        () if letters.first().is_some_and(|c| is_mark(*c)) => "It cannot begin with an accent alone.",
        () if letters.chunk_by(|a, b| is_mark(*a) && is_mark(*b)).any(|run| run.len() > MOST_MARKS) => {
            "It cannot have so many accents on one letter."
        }
        () if !(0..letters.len()).all(|at| may_stand(&letters, at)) => {
            "It cannot hold line breaks, invisible letters, or signs that turn the direction of the text."
        }
        () => return Ok(()),
    };
    Err(Invalid::new(code, why))
}

/// Whether a letter of a name may stand where it does.
fn may_stand(letters: &[char], at: usize) -> bool {
    let joins = |other: Option<&char>| other.is_some_and(|c| is_seen(*c));
    match letters[at] {
        // Marks of direction have no effect beyond their neighbours; names in right-to-left scripts have them.
        '\u{200e}' | '\u{200f}' | '\u{61c}' => true,
        // Joiners shape scripts such as Persian and Hindi, and make families of emoji.
        '\u{200c}' | '\u{200d}' => {
            let before = letters[..at].iter().rfind(|c| !is_variation(**c));
            joins(before) && joins(letters.get(at + 1))
        }
        c if is_variation(c) => at > 0 && is_seen(letters[at - 1]),
        c @ '\u{e0020}'..='\u{e007f}' => is_flag(letters, at, c),
        '\u{fff9}'..='\u{fffb}' => false,
        c => {
            !is_ignorable(c)
                && !matches!(
                    group(c),
                    GeneralCategory::Control
                        | GeneralCategory::LineSeparator
                        | GeneralCategory::ParagraphSeparator
                )
        }
    }
}

/// Whether a tag belongs to the flag of a region: a black flag, tags, and the tag that ends them.
fn is_flag(letters: &[char], at: usize, tag: char) -> bool {
    let is_tag = |c: &char| matches!(c, '\u{e0020}'..='\u{e007f}');
    let begins = letters[..at].iter().rfind(|c| !is_tag(c)) == Some(&'\u{1f3f4}');
    begins && (tag == '\u{e007f}' || letters.get(at + 1).is_some_and(is_tag))
}

/// Whether a reader sees it at all.
fn is_seen(c: char) -> bool {
    // The braille cell without dots looks like a space, and is none.
    !(c.is_whitespace() || c.is_control() || is_ignorable(c) || c == '\u{2800}')
}

fn is_ignorable(c: char) -> bool {
    CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c)
}

fn is_variation(c: char) -> bool {
    matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

fn is_mark(c: char) -> bool {
    GeneralCategoryGroup::Mark.contains(group(c))
}

fn group(c: char) -> GeneralCategory {
    CodePointMapData::<GeneralCategory>::new().get(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(name: &str) -> Option<&'static str> {
        let name = serde_json::to_string(name).expect("text");
        let parsed: Result<DisplayName, _> = fresh(&mut serde_json::Deserializer::from_str(&name));
        parsed.err().map(|error| {
            assert!(error.to_string().starts_with("invalid_name: "), "{error}");
            "refused"
        })
    }

    #[test]
    fn names_that_cannot_be_seen_or_turn_the_text_around_are_refused() {
        for name in [
            "\u{200b}",
            "\u{200d}\u{200d}",
            "\u{2060}\u{2060}",
            "\u{ad}",
            "\u{3164}",
            "\u{115f}",
            "\u{ffa0}",
            "\u{2800}",
            "\u{301}",
            "\u{fe0f}",
            "\u{e0041}\u{e0042}",
            "\u{180e}",
            "\u{34f}",
            "\u{17b4}",
            "\u{1d173}",
            "\u{200e}",
            "\u{61c}\u{200f}",
            "\u{3000}\u{a0}",
            "Ann\u{2028}Bob",
            "Ann\u{2029}Bob",
            "Ann\u{85}Bob",
            "Ann\u{b}Bob",
            "Ann \u{202e}txt.exe",
            "\u{2067}Ann",
            "Ann\u{202b}",
            "Ann\u{2069}",
            "\u{feff}Ann",
            "A\u{200b}nn",
            "An\u{ad}n",
            "Ann\u{2063}",
            "Ann\u{200d}",
            "\u{200c}Ann",
            "Ann \u{200d}Bo",
            "Ann\u{e0041}",
            "🏴\u{e0067}\u{e0062}",
            "x🏴 \u{e007f}",
            "\u{fe0f}Ann",
            "An\u{fff9}n",
            "An\u{3164}n",
        ] {
            assert_eq!(refusal(name), Some("refused"), "{name:?}");
        }
        assert_eq!(refusal(&format!("A{}", "\u{301}".repeat(60))), Some("refused"));
        assert_eq!(refusal(&format!("A{}b", "\u{489}".repeat(7))), Some("refused"));
    }

    #[test]
    fn honest_names_in_all_scripts_are_taken() {
        for name in [
            "Zoë 👩\u{200d}👩\u{200d}👧\u{200d}👦",
            "🏴\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f} Mary",
            "محمد",
            "דנה Levi",
            "דנה\u{200f} (IT)",
            "می\u{200c}خواهم",
            "क्\u{200d}ष",
            "☕\u{fe0f} Kitchen",
            "❤\u{fe0f}\u{200d}🔥",
            "Zoe\u{308}",
            "Nguyễn Văn A",
            "שָׁלוֹם",
            "ཧཱུྃ",
            "ที่นี่",
            "李雷",
            "김철수",
            "O’Brien-Łukasz",
            "D'Arc, J. (R&D) №7",
            "⠓⠑⠇⠇⠕⠀⠺",
            "葛\u{e0100}城",
            "👍🏽",
            "한\u{a0}글",
        ] {
            assert_eq!(refusal(name), None, "{name:?}");
        }
    }

    #[test]
    fn a_text_needs_something_to_see() {
        for text in [
            "\u{200b}",
            "\u{2060}\n",
            "\u{2028}",
            "\u{2800}",
            "\u{3164}",
            "\u{a0}\u{a0}",
            "\u{fe0f}",
            "\u{feff} \u{202e}",
        ] {
            let text = MessageText::try_from(text);
            assert!(text.is_err() || text.is_ok_and(|text| text.check().is_err()));
        }
        for text in ["a", "👍", "---", "\u{202b} right \u{200f}", "#", "\u{301}"] {
            MessageText::try_from(text).expect("a text").check().expect("something to see");
        }
    }
}
