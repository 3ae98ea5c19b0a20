mod checks;
mod fake;
mod keys;
mod network;
mod outage;
