use crate::table::table;

table! {
    /// Rehearsals: what the bus gets wrong on purpose, to see that nothing depends on it. Shares are in
    /// hundredths. Leave this out in daily life.
    Faults {
        /// How many events of a hundred are lost.
        bus_drop: u8 = 0, "0";
        /// How many of a hundred come twice.
        bus_double: u8 = 0, "0";
        /// How many of a hundred are overtaken by later ones.
        bus_reorder: u8 = 0, "0";
        /// The longest time in milliseconds that an event is held back.
        bus_delay_ms: u32 = 0, "0";
    }
}

impl Faults {
    /// Whether anything is to go wrong at all.
    pub fn is_any(&self) -> bool {
        *self != Self::default()
    }

    pub(crate) fn validate(&self) -> Result<(), (&'static str, String)> {
        let shares = [
            ("faults.bus_drop", self.bus_drop),
            ("faults.bus_double", self.bus_double),
            ("faults.bus_reorder", self.bus_reorder),
        ];
        match shares.into_iter().find(|(_, share)| *share > 100) {
            Some((key, share)) => Err((key, format!("{share} of a hundred is too many"))),
            None => Ok(()),
        }
    }
}
