/// Which database, and which part of it.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Some of its nodes, as `host:port`.
    pub nodes: Vec<String>,
    /// The keyspace, made if it is not there.
    pub keyspace: String,
    /// How many copies a keyspace gets that is made here.
    pub replication: u8,
    /// The data centre whose nodes are asked.
    pub datacenter: String,
    /// Which installation in the keyspace.
    pub space: String,
    /// User and password, if the database asks for them.
    pub login: Option<(String, String)>,
}
