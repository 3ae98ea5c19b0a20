use serde::{Deserialize, Serialize};

/// How many items a page has: 1 to 100, 50 unless asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageLimit(u32);

impl PageLimit {
    /// The most items one page may have.
    pub const MAX: u32 = 100;

    /// `None` means the usual size; more than the most is cut to it; zero is refused with `None`.
    pub fn clamp(asked: Option<u32>) -> Option<Self> {
        match asked {
            None => Some(Self(50)),
            Some(0) => None,
            Some(n) => Some(Self(n.min(Self::MAX))),
        }
    }

    /// The number of items.
    pub const fn get(self) -> usize {
        self.0 as usize
    }
}

/// One page of a list and where the next begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Page<T> {
    /// The items, in the order the list promises.
    pub items: Vec<T>,
    /// What to pass as `cursor` for the page after this one; `null` at the end.
    #[schema(required)]
    pub next: Option<String>,
}
