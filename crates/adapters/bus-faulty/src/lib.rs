//! A bus that loses, delays, doubles and reorders what another one carries, for tests and rehearsals.
