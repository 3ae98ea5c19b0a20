use petit_domain::{Head, Number};

/// The newest numbers of a chat that came over the bus, whoever they were for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Heard(Head);

impl Default for Heard {
    fn default() -> Self {
        Self(Head { seq: -1, cseq: -1 })
    }
}

impl Heard {
    /// Nothing after these numbers was heard yet.
    pub(super) fn up_to(head: Head) -> Self {
        Self(head)
    }

    /// Notes an event's number. Answers whether it followed what was heard before, or is older.
    pub(super) fn hear(&mut self, number: Number) -> bool {
        let (known, new) = match number {
            Number::Seq(seq) => (&mut self.0.seq, seq),
            Number::Cseq(cseq) => (&mut self.0.cseq, cseq),
        };
        let follows = new <= *known + 1;
        *known = new.max(*known);
        follows
    }

    /// Whether the log has something that was not heard.
    pub(super) fn is_behind(self, head: Head) -> bool {
        head.seq > self.0.seq || head.cseq > self.0.cseq
    }

    /// What was not heard is made up for in another way.
    pub(super) fn skip_to(&mut self, head: Head) {
        self.0 = Head { seq: self.0.seq.max(head.seq), cseq: self.0.cseq.max(head.cseq) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_number_counts_and_a_hole_is_seen() {
        let mut heard = Heard::up_to(Head { seq: 4, cseq: 7 });
        assert!(heard.hear(Number::Cseq(8)) && heard.hear(Number::Cseq(7)));
        assert!(!heard.is_behind(Head { seq: 4, cseq: 8 }));
        assert!(heard.is_behind(Head { seq: 4, cseq: 9 }) && heard.is_behind(Head { seq: 5, cseq: 8 }));
        assert!(!heard.hear(Number::Cseq(10)), "the ninth is missing");
        heard.skip_to(Head { seq: 6, cseq: 9 });
        assert!(!heard.is_behind(Head { seq: 6, cseq: 10 }));
    }
}
