//! What was said. Times are seconds before the telling.

use petit_domain::ChatKind;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// When the people came.
pub const BEGAN_S: i64 = 4 * DAY;

/// How long it takes to see one's own mistake.
pub const CORRECTED_AFTER_S: i64 = 40;

/// A chat and what was said in it.
pub struct Chapter {
    pub kind: ChatKind,
    pub name: Option<&'static str>,
    pub by: &'static str,
    pub with: &'static [&'static str],
    pub began_s: i64,
    pub lines: &'static [Line],
}

/// Something somebody said.
pub struct Line {
    pub who: &'static str,
    pub ago_s: i64,
    pub text: &'static str,
    /// The place in the chapter of the line it answers.
    pub answers: Option<usize>,
    /// What it was edited to afterwards.
    pub corrected: Option<&'static str>,
}

const fn line(who: &'static str, ago_s: i64, text: &'static str) -> Line {
    Line { who, ago_s, text, answers: None, corrected: None }
}

impl Line {
    const fn answering(self, place: usize) -> Self {
        Self { answers: Some(place), ..self }
    }

    const fn corrected_to(self, text: &'static str) -> Self {
        Self { corrected: Some(text), ..self }
    }
}

pub const CHATS: &[Chapter] = &[GENERAL, CREW, ALICE_AND_BOB, CAROL_AND_ALICE];

const GENERAL: Chapter = Chapter {
    kind: ChatKind::Open,
    name: Some("general"),
    by: "alice",
    with: &["bob", "carol"],
    began_s: 4 * DAY - HOUR,
    lines: &[
        line(
            "alice",
            4 * DAY - 2 * HOUR,
            "Welcome aboard! This chat is open: whoever is on this server can find and join it.",
        ),
        line("bob", 4 * DAY - 2 * HOUR - 3 * MINUTE, "Hello from the boat shed 👋"),
        line(
            "carol",
            3 * DAY,
            "The office is closed on Friday. The slipway stays open, the key is **where it always is**.",
        ),
    ],
};

const CREW: Chapter = Chapter {
    kind: ChatKind::Group,
    name: Some("Harbour crew"),
    by: "alice",
    with: &["bob", "carol"],
    began_s: 2 * DAY,
    lines: &[
        line(
            "alice",
            2 * DAY - 10 * MINUTE,
            "Morning all. Plan for the spring launch:\n\n- cradle checked by **Thursday**\n- first boat in at 9:00\n- everybody afloat by noon, if the wind stays under 15 knots\n\nThe tide table is in the blue folder.",
        ),
        line(
            "bob",
            2 * DAY - 25 * MINUTE,
            "Can we move the first boat half an hour? High water is later than last year.",
        )
        .answering(0),
        line("alice", 2 * DAY - 31 * MINUTE, "Good catch. 9:30 it is.").answering(1),
        line("carol", 2 * DAY - 2 * HOUR, "I will bring coffe for twelve.")
            .corrected_to("I will bring coffee for twelve."),
        line(
            "bob",
            DAY,
            "I wrote a small script that turns the tide readings into something one can read:\n\n```python\nfor reading in readings:\n    height = reading.height_cm / 100\n    mark = \"high\" if reading.is_peak else \"\"\n    print(f\"{reading.time:%H:%M}  {height:4.1f} m  {mark}\")\n```",
        ),
        line("carol", DAY - 8 * MINUTE, "Nice. Does it know about summer time?").answering(4),
        line("bob", DAY - 12 * MINUTE, "It does *now* 😅"),
        line(
            "alice",
            3 * HOUR,
            "The crane is booked: Saturday, 8:00 to 13:00. The driver asks for the weights again, does anybody have the list?",
        ),
        line(
            "carol",
            2 * HOUR + 50 * MINUTE,
            "- Solveig: 3.2 t\n- Kittiwake: 1.9 t\n- Old Tom: 4.6 t, *and he knows it*",
        )
        .answering(7),
        line(
            "bob",
            40 * MINUTE,
            "Old Tom has a new antifouling, so rather 4.7. I am at the shed until six if somebody wants to see.",
        ),
        line("carol", 12 * MINUTE, "On my way, with cake."),
    ],
};

const ALICE_AND_BOB: Chapter = Chapter {
    kind: ChatKind::Direct,
    name: None,
    by: "alice",
    with: &["bob"],
    began_s: DAY,
    lines: &[
        line("bob", 5 * HOUR, "Lunch at the pier?"),
        line("alice", 5 * HOUR - 2 * MINUTE, "In twenty minutes. You are paying, you lost the bet."),
        line("bob", 5 * HOUR - 3 * MINUTE, "~~I never lose bets~~ fine.").answering(1),
    ],
};

const CAROL_AND_ALICE: Chapter = Chapter {
    kind: ChatKind::Direct,
    name: None,
    by: "carol",
    with: &["alice"],
    began_s: DAY,
    lines: &[line(
        "carol",
        25 * MINUTE,
        "Could you look over the letter to the harbour office before I send it? It is short: <https://example.org/letter>",
    )],
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_chapter_goes_forward_in_time_and_answers_what_was_said() {
        for chapter in CHATS {
            assert!(chapter.began_s <= BEGAN_S);
            let mut last = chapter.began_s;
            for (place, line) in chapter.lines.iter().enumerate() {
                assert!((1..=last).contains(&line.ago_s), "{:?}", line.text);
                assert!(line.answers.is_none_or(|answered| answered < place), "{:?}", line.text);
                assert!(line.who == chapter.by || chapter.with.contains(&line.who), "{:?}", line.text);
                last = line.ago_s;
            }
        }
    }
}
