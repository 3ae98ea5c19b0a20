use std::collections::BTreeMap;

/// How far the index of sent messages is complete: it rises only over runs of messages that are known to be
/// in the index, each beginning where the one before it ended.
#[derive(Debug)]
pub(super) struct Marks {
    confirmed: i64,
    /// Runs above the mark: first → (last, whether it is in the index).
    runs: BTreeMap<i64, (i64, bool)>,
    is_broken: bool,
}

impl Marks {
    pub(super) fn at(confirmed: i64) -> Self {
        Self { confirmed, runs: BTreeMap::new(), is_broken: false }
    }

    pub(super) fn confirmed(&self) -> i64 {
        self.confirmed
    }

    /// Whether some run could not be written: the mark will not rise any more.
    pub(super) fn is_broken(&self) -> bool {
        self.is_broken
    }

    /// A run is being written to the index, or is there already.
    pub(super) fn begin(&mut self, first: i64, last: i64, is_written: bool) {
        if last > self.confirmed {
            self.runs.insert(first, (last, is_written));
            self.rise();
        }
    }

    pub(super) fn end(&mut self, first: i64, is_written: bool) {
        let Some(run) = self.runs.get_mut(&first) else { return };
        run.1 |= is_written;
        self.is_broken |= !run.1;
        self.rise();
    }

    fn rise(&mut self) {
        while let Some(run) = self.runs.first_entry() {
            let (last, is_written) = *run.get();
            if !is_written || *run.key() != self.confirmed + 1 {
                break;
            }
            run.remove();
            self.confirmed = last;
        }
    }
}
