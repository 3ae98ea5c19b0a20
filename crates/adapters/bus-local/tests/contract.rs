//! The laws of the bus, inside one process.

mod bus_local {
    use std::sync::Arc;

    use petit_bus_local::LocalBus;
    use petit_ports::Bus;

    async fn fresh() -> (Arc<dyn Bus>, ()) {
        (Arc::new(LocalBus::new()), ())
    }

    petit_contract::bus_contract!(fresh);
}
