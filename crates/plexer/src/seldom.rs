/// Can tell that there is nothing to remember.
pub(crate) trait Empty: Default {
    fn is_empty(&self) -> bool;
}

/// A value that is nearly always empty, and takes one word then.
#[derive(Debug, Default)]
pub(crate) struct Seldom<T>(Option<Box<T>>);

impl<T: Empty> Seldom<T> {
    /// The value, unless it is empty.
    pub(crate) fn get(&self) -> Option<&T> {
        self.0.as_deref()
    }

    /// Changes the value; gives its memory back when it is empty afterwards.
    pub(crate) fn change<R>(&mut self, change: impl FnOnce(&mut T) -> R) -> R {
        let value = self.0.get_or_insert_default();
        let result = change(value);
        if value.is_empty() {
            self.0 = None;
        }
        result
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Empty for [u64; 3] {
        fn is_empty(&self) -> bool {
            *self == [0; 3]
        }
    }

    #[test]
    fn an_empty_value_holds_no_memory() {
        let mut value = Seldom::<[u64; 3]>::default();
        value.change(|numbers| numbers[1] = 7);
        assert_eq!(value.get(), Some(&[0, 7, 0]));
        value.change(|numbers| numbers[1] = 0);
        assert_eq!(value.get(), None);
        assert_eq!(size_of_val(&value), size_of::<usize>());
    }
}
