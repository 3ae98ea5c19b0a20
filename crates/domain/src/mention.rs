//! Mentions: whom a message mentions, and which places of a text may name somebody.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{UserId, Username};

/// How many different names of one text are looked at.
pub const MOST_NAMED: usize = 50;

/// What stands for everybody in a chat, in place of a username.
pub const EVERYBODY: &str = "all";

/// Whom a message mentions: a person's id, or `all`, as one text on the wire.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Mentioned {
    /// Everybody who was in the chat.
    Everybody,
    /// One person.
    Person(UserId),
    /// Something that a newer version knows.
    Other(String),
}

impl Mentioned {
    fn parse(text: String) -> Self {
        match text.parse() {
            Ok(user) => Self::Person(user),
            Err(_) if text == EVERYBODY => Self::Everybody,
            Err(_) => Self::Other(text),
        }
    }
}

impl Serialize for Mentioned {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Everybody => serializer.serialize_str(EVERYBODY),
            Self::Person(user) => user.serialize(serializer),
            Self::Other(text) => serializer.serialize_str(text),
        }
    }
}

impl<'de> Deserialize<'de> for Mentioned {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::parse)
    }
}

/// The names that a text may mean with `@`, each place once: what it may be, the longest first. Names inside code,
/// inside longer words and addresses are none. Nothing is allocated for a text without `@`.
pub fn names_in(text: &str) -> Vec<Vec<Username>> {
    let mut found: Vec<Vec<Username>> = Vec::new();
    if !text.as_bytes().contains(&b'@') {
        return found;
    }
    for piece in outside_code(text) {
        for (at, _) in piece.match_indices('@') {
            let names = names_at(piece, at);
            if !names.is_empty() && !found.contains(&names) {
                found.push(names);
            }
            if found.len() == MOST_NAMED {
                return found;
            }
        }
    }
    found
}

/// What the `@` at this place may name. Stops at the end of a sentence and dashes may be part of the name or not.
fn names_at(text: &str, at: usize) -> Vec<Username> {
    let (before, after) = (&text[..at], &text[at + 1..]);
    let belongs = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '+' | '@' | '/' | '\\');
    if before.ends_with(belongs) {
        return Vec::new();
    }
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    let end = after.find(|c| !is_name(c)).unwrap_or(after.len());
    if after[end..].starts_with(|c: char| c.is_alphanumeric() || c == '@') {
        return Vec::new();
    }
    let mut run = &after[..end];
    let mut names = Vec::new();
    loop {
        names.extend(Username::try_from(run));
        match run.strip_suffix(['.', '-']) {
            Some(shorter) => run = shorter,
            None => return names,
        }
    }
}

/// The pieces of a Markdown text that are not code.
fn outside_code(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut begin = 0;
    let mut lines = Lines::default();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if lines.is_code(line) {
            outside_spans(&text[begin..at], &mut pieces);
            begin = at + line.len();
        } else if line.trim().is_empty() {
            // A span does not go beyond its paragraph.
            outside_spans(&text[begin..at], &mut pieces);
            begin = at;
        }
        at += line.len();
    }
    outside_spans(&text[begin..], &mut pieces);
    pieces
}

/// Which lines belong to blocks of code: fenced ones, and indented ones outside lists.
#[derive(Default)]
struct Lines {
    fence: Option<(char, usize)>,
    has_list: bool,
    in_paragraph: bool,
}

impl Lines {
    fn is_code(&mut self, line: &str) -> bool {
        let bare = line.trim_start_matches(['>', ' ', '\t']);
        if let Some((mark, length)) = self.fence {
            if fence(bare).is_some_and(|(other, run)| other == mark && run >= length && closes(bare, mark)) {
                self.fence = None;
            }
            return true;
        }
        self.fence = fence(bare);
        if self.fence.is_some() {
            self.in_paragraph = false;
            return true;
        }
        let is_blank = bare.trim().is_empty();
        let is_indented = line.starts_with("    ") || line.starts_with('\t');
        if is_indented && !is_blank && !self.in_paragraph && !self.has_list {
            return true;
        }
        self.has_list |= begins_item(bare);
        self.in_paragraph = !is_blank;
        false
    }
}

fn fence(line: &str) -> Option<(char, usize)> {
    let mark = line.chars().next().filter(|mark| matches!(mark, '`' | '~'))?;
    let run = line.chars().take_while(|c| *c == mark).count();
    // The rest of an opening line of backticks has none: else it is a span.
    (run >= 3 && (mark == '~' || !line[run..].contains('`'))).then_some((mark, run))
}

fn closes(line: &str, mark: char) -> bool {
    line.trim_start_matches(mark).trim().is_empty()
}

fn begins_item(line: &str) -> bool {
    let after = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let marks: &[char] = if after.len() < line.len() { &['.', ')'] } else { &['-', '*', '+'] };
    after.strip_prefix(marks).is_some_and(|rest| rest.starts_with([' ', '\t']))
}

/// The pieces of a paragraph outside its code spans: a run of backticks up to the next run as long.
fn outside_spans<'t>(text: &'t str, pieces: &mut Vec<&'t str>) {
    let mut rest = text;
    let mut from = 0;
    while let Some(open) = rest[from..].find('`').map(|at| from + at) {
        let run = ticks(&rest[open..]);
        let is_escaped = rest[..open].bytes().rev().take_while(|byte| *byte == b'\\').count() % 2 == 1;
        if is_escaped {
            from = open + 1;
            continue;
        }
        match closing(&rest[open + run..], run) {
            Some(close) => {
                pieces.push(&rest[..open]);
                rest = &rest[open + run + close + run..];
                from = 0;
            }
            None => from = open + run,
        }
    }
    pieces.push(rest);
}

fn ticks(text: &str) -> usize {
    text.bytes().take_while(|byte| *byte == b'`').count()
}

fn closing(text: &str, run: usize) -> Option<usize> {
    let mut at = 0;
    while let Some(next) = text[at..].find('`').map(|found| at + found) {
        let length = ticks(&text[next..]);
        if length == run {
            return Some(next);
        }
        at = next + length;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The longest name of each place.
    fn longest(text: &str) -> Vec<String> {
        names_in(text).iter().filter_map(|names| names.first()).map(|name| name.as_str().to_owned()).collect()
    }

    #[test]
    fn names_are_found_whatever_their_case() {
        assert_eq!(longest("@ann and @BO, (@Cy.Lee)"), ["ann", "bo", "cy.lee"]);
        assert_eq!(longest("@all: lunch"), [EVERYBODY]);
        assert_eq!(longest("@ann @Ann @ANN"), ["ann"], "each once");
        assert_eq!(longest("**@ann** ~~@bo~~ \"@cy\" @di's"), ["ann", "bo", "cy", "di"]);
    }

    #[test]
    fn what_ends_a_sentence_may_end_a_name() {
        let names =
            |text| names_in(text).concat().iter().map(|name| name.as_str().to_owned()).collect::<Vec<_>>();
        assert_eq!(names("Ask @ann."), ["ann.", "ann"]);
        assert_eq!(names("@ann..-"), ["ann..-", "ann..", "ann.", "ann"]);
        assert_eq!(names("@ann_"), ["ann_"], "ann_ is not ann");
        assert_eq!(names("@ann.lee"), ["ann.lee"], "nor is ann.lee");
        assert_eq!(names("@ann_."), ["ann_.", "ann_"]);
    }

    #[test]
    fn parts_of_longer_words_are_none() {
        let none = [
            "a@bo",
            "mail bo@example.org",
            "@anné",
            "é@ann",
            "@@ann",
            "@ann@example.org",
            "x_@ann",
            "x-@ann",
            "a+@ann",
            "https://example.org/@ann",
            "\\@ann",
            "@",
            "@ ann",
            "@a",
            "@.ann",
            "no names",
        ];
        for text in none {
            assert_eq!(longest(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn code_names_nobody() {
        let none = [
            "`@ann`",
            "``a ` @ann``",
            "```\n@ann\n```",
            "~~~ts\n@ann\n",
            "> ```\n> @ann\n> ```",
            "    @ann",
            "x\n\n\t@ann",
            "````\n```\n@ann\n````",
            "a `b\n@ann` c",
        ];
        for text in none {
            assert_eq!(longest(text), [""; 0], "{text}");
        }
        let some = [
            "`a` @ann",
            "` @ann",
            "``a` @ann",
            "\\`@ann`",
            "```\nx\n```\n@ann",
            "a `b\n\n@ann` c",
            "- x\n\n    @ann",
            "x\n    @ann",
            "~~~\nx\n~~~\n@ann",
            "``` a ``` @ann",
        ];
        for text in some {
            assert_eq!(longest(text), ["ann"], "{text}");
        }
    }

    #[test]
    fn what_is_mentioned_comes_back_as_it_went() {
        let json = r#"["0193c7a5-0000-7000-8000-000000000001","all","here"]"#;
        let mentioned: Vec<Mentioned> = serde_json::from_str(json).expect("a list");
        assert!(matches!(&mentioned[..], [Mentioned::Person(_), Mentioned::Everybody, Mentioned::Other(_)]));
        assert_eq!(serde_json::to_string(&mentioned).expect("encodes"), json);
    }

    #[test]
    fn a_text_names_at_most_so_many() {
        let text: String = (0..200).map(|n| format!("@user{n} ")).collect();
        assert_eq!(names_in(&text).len(), MOST_NAMED);
    }
}
