use std::path::Path;

use anyhow::{Context, Result};
use tempfile::TempDir;

use super::parts::{Parts, port};
use crate::{
    machine::{self, Cores},
    people::{self, Account},
    server::{Server, free_port},
};

/// Processes of one installation: one or two with the role `api`, a notifier and a gateway.
pub struct Installation {
    pub apis: Vec<Server>,
    pub gateway: Server,
    notifier: Server,
    pub people: Vec<Account>,
    _folder: TempDir,
}

impl Installation {
    pub fn start(program: &Path, parts: &Parts, apis: usize, people: usize) -> Result<Self> {
        let folder = TempDir::with_prefix("petit-bench-")?;
        let plan = Plan::new(folder.path(), parts, apis)?;
        let start = |name: String, roles: &str, place: usize, more: String| -> Result<Server> {
            let data = folder.path().join(&name);
            std::fs::create_dir_all(&data)?;
            std::fs::write(data.join("petit.toml"), plan.config(roles, place) + &more)?;
            // Nothing is pinned: the database takes what it wants of the machine anyway.
            Server::start_on(program, Cores::none(), &data, plan.http[place])
        };
        let mut started = Vec::new();
        for place in 0..apis {
            let roles = if place == 0 { "\"api\", \"worker\"" } else { "\"api\"" };
            started.push(start(format!("api{place}"), roles, place, plan.store(parts))?);
        }
        let notifier = start("notifier".into(), "\"notifier\"", apis, plan.store(parts))?;
        let gateway = start("gateway".into(), "\"plexer\"", apis + 1, String::new())?;
        let first = started.first().context("an installation needs an api process")?;
        let people = people::make(program, first, people)?;
        Ok(Self { apis: started, gateway, notifier, people, _folder: folder })
    }

    /// CPU-seconds so far of each kind of process.
    pub fn cpu_seconds(&self) -> Result<Vec<(&'static str, f64)>> {
        let apis = self.apis.iter().map(Server::cpu_seconds).sum::<Result<f64>>()?;
        let (gateway, notifier) = (self.gateway.cpu_seconds()?, self.notifier.cpu_seconds()?);
        Ok(vec![("api", apis), ("gateway", gateway), ("notifier", notifier)])
    }

    /// What all api processes together have counted under this name.
    pub fn counted(&self, counter: &str) -> Result<f64> {
        let token = self.people.first().map_or("", |owner| owner.token.as_str());
        let mut sum = 0.0;
        for api in &self.apis {
            let (status, body) = api.api()?.call("GET", "/metrics", token, "")?;
            let text = String::from_utf8_lossy(&body);
            let value = text.lines().find_map(|line| line.strip_prefix(counter)?.trim().parse::<f64>().ok());
            sum += value.filter(|_| status == 200).with_context(|| format!("no {counter} at /metrics"))?;
        }
        Ok(sum)
    }
}

/// Who listens where, and what all processes have in common.
struct Plan {
    http: Vec<u16>,
    grpc: Vec<u16>,
    apis: usize,
    common: String,
    name: String,
}

impl Plan {
    fn new(folder: &Path, parts: &Parts, apis: usize) -> Result<Self> {
        let ports = || (0..apis + 2).map(|_| free_port()).collect::<Result<Vec<_>>>();
        let (http, grpc) = (ports()?, ports()?);
        let secret = folder.join("secret");
        std::fs::write(&secret, "5b".repeat(32))?;
        let name: String = folder.to_string_lossy().chars().filter(char::is_ascii_alphanumeric).collect();
        let Parts { nats, nats_user, nats_password, .. } = parts;
        let common = format!(
            "secret_file = \"{}\"\n[log]\nlevel = \"error\"\n[bus]\nkind = \"nats\"\nservers = [\"{nats}\"]\n\
             user = \"{nats_user}\"\npassword = \"{nats_password}\"\nprefix = \"{name}\"\n",
            secret.display()
        );
        Ok(Self { http, grpc, apis, common, name })
    }

    fn config(&self, roles: &str, place: usize) -> String {
        let list = |ports: &[u16]| {
            let urls = ports.iter().map(|port| format!("\"http://127.0.0.1:{port}\""));
            urls.collect::<Vec<_>>().join(", ")
        };
        let (apis, notifier) = (list(&self.grpc[..self.apis]), list(&self.grpc[self.apis..=self.apis]));
        let (api_urls, listen) = (list(&self.http[..self.apis]), self.grpc[place]);
        let identity = if roles.contains("plexer") { "" } else { "[identity]\nkind = \"builtin\"\n" };
        format!(
            "[server]\nroles = [{roles}]\n{}{identity}[cluster]\nlisten = \"127.0.0.1:{listen}\"\n\
             apis = [{apis}]\nnotifiers = [{notifier}]\napi_urls = [{api_urls}]\n",
            self.common
        )
    }

    fn store(&self, parts: &Parts) -> String {
        let (node, name) = (&parts.cassandra, &self.name);
        format!(
            "[store]\nkind = \"scylla\"\nnodes = [\"{node}\"]\nkeyspace = \"petit_bench\"\nreplication = 1\n\
             space = \"{name}\"\n"
        )
    }
}

/// CPU-seconds so far of the servers beneath, as far as they run on this machine.
pub fn beneath(parts: &Parts) -> Vec<(&'static str, f64)> {
    let spent = |address: &str| {
        let pid = machine::listener(port(address)?)?;
        machine::cpu_seconds(pid).ok()
    };
    let of = [("database", &parts.cassandra), ("bus", &parts.nats)];
    of.into_iter().filter_map(|(name, address)| Some((name, spent(address)?))).collect()
}
