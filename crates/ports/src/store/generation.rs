use serde::{Deserialize, Serialize};

/// Which of the histories that one installation can have had a store holds. A new one is made with the store,
/// and another whenever a backup is brought back: numbers of before may since then stand for something else.
/// Whoever keeps numbers keeps the name of their generation beside them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Generation {
    id: u64,
    is_first: bool,
}

impl Generation {
    /// The generation with this id. `is_first`: nothing was ever brought back.
    pub const fn new(id: u64, is_first: bool) -> Self {
        Self { id, is_first }
    }

    /// Its name: opaque, short, without characters that mean something in addresses.
    pub fn name(&self) -> String {
        format!("{:016x}", self.id)
    }

    /// Whether numbers that somebody kept with this name are numbers of this history. Numbers that were kept
    /// without a name, by a client or a version that knows of none, are so as long as there was one history only.
    pub fn holds(&self, name: Option<&str>) -> bool {
        name.map_or(self.is_first, |name| name == self.name())
    }

    /// Whether nothing was ever brought back.
    pub const fn is_first(&self) -> bool {
        self.is_first
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_count_in_their_own_history_and_nameless_ones_in_the_first() {
        let (first, second) = (Generation::new(7, true), Generation::new(8, false));
        assert!(first.holds(Some("0000000000000007")) && second.holds(Some(&second.name())));
        assert!(!first.holds(Some(&second.name())) && !second.holds(Some(&first.name())));
        assert!(first.holds(None) && !second.holds(None));
    }
}
