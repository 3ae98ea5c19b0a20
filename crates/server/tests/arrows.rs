//! Who may depend on whom, read from the workspace itself.

use std::{
    collections::{BTreeMap, BTreeSet},
    process::Command,
};

const ADAPTERS: &[&str] = &[
    "petit-bus-faulty",
    "petit-bus-local",
    "petit-bus-nats",
    "petit-identity-oidc",
    "petit-store-scylla",
    "petit-store-sqlite",
];

/// What each crate of ours may use of ours, outside tests.
fn allowed(name: &str) -> Option<Vec<&'static str>> {
    let edge = vec!["petit-app", "petit-protocol", "petit-domain"];
    Some(match name {
        "petit-domain" => vec![],
        "petit-protocol" | "petit-ports" => vec!["petit-domain"],
        "petit-app" => vec!["petit-ports", "petit-domain", "petit-protocol"],
        "petit-api" | "petit-provider" => [edge, vec!["petit-ports"]].concat(),
        "petit-plexer" => [edge, vec!["petit-ports", "petit-presence"]].concat(),
        "petit-backstage" => [edge, vec!["petit-ports", "petit-plexer"]].concat(),
        "petit-notifier" => vec!["petit-app", "petit-ports", "petit-domain", "petit-presence"],
        "petit-cluster" | "petit-contract" | "petit-presence" | "petit-sequencer" => {
            vec!["petit-ports", "petit-domain"]
        }
        "petit-bench" => vec!["petit-check", "petit-domain", "petit-protocol"],
        "petit-check" => vec![],
        "petit-config" => vec!["petit-domain"],
        // The version after this one is made of what this one is.
        "petit-newer" => vec!["petit-api", "petit-app", "petit-domain", "petit-ports", "petit-server"],
        "petit-server" | "petit-testkit" => {
            let parts = ["petit-api", "petit-app", "petit-config", "petit-domain", "petit-plexer"];
            let more = ["petit-ports", "petit-protocol", "petit-provider"];
            let nodes = ["petit-backstage", "petit-cluster", "petit-notifier"];
            [&parts[..], &more[..], &nodes[..], ADAPTERS].concat()
        }
        "petit-store-scylla" => vec!["petit-ports", "petit-domain", "petit-sequencer"],
        name if ADAPTERS.contains(&name) => vec!["petit-ports", "petit-domain"],
        _ => return None,
    })
}

/// The crates of ours, as cargo describes them.
fn packages() -> Vec<serde_json::Value> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--format-version=1", "--offline"])
        .output()
        .expect("cargo can describe the workspace");
    let described: serde_json::Value = serde_json::from_slice(&output.stdout).expect("cargo answers JSON");
    described["packages"].as_array().expect("a workspace has packages").clone()
}

fn name(value: &serde_json::Value) -> String {
    value["name"].as_str().unwrap_or_default().to_owned()
}

fn dependencies(package: &serde_json::Value) -> Vec<serde_json::Value> {
    package["dependencies"].as_array().cloned().unwrap_or_default()
}

/// Each crate of ours with what it uses of ours outside tests.
fn arrows() -> BTreeMap<String, Vec<String>> {
    let uses = |package: &serde_json::Value| {
        let every = dependencies(package);
        every.iter().filter(|d| d["kind"].is_null()).map(name).filter(|d| d.starts_with("petit-")).collect()
    };
    packages().iter().map(|package| (name(package), uses(package))).collect()
}

#[test]
fn every_arrow_between_our_crates_points_inward() {
    let arrows = arrows();
    assert!(arrows.len() >= 14, "the premise: the whole workspace is seen, not {} crates", arrows.len());
    for (from, uses) in arrows {
        let allowed = allowed(&from).unwrap_or_else(|| panic!("{from} is not in the list of arrows"));
        for to in uses {
            assert!(allowed.contains(&to.as_str()), "{from} may not use {to}");
        }
    }
}

/// Otherwise a test would be built with other features than the program, and everything above it twice.
#[test]
fn a_dependency_has_the_same_features_wherever_it_is_used() {
    let mut asked: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for dependency in packages().iter().flat_map(dependencies) {
        let features = format!("{} {}", dependency["features"], dependency["uses_default_features"]);
        asked.entry(name(&dependency)).or_default().insert(features);
    }
    asked.retain(|_, features| features.len() > 1);
    assert!(asked.is_empty(), "name features in the root Cargo.toml alone: {asked:?}");
}

#[test]
fn the_architecture_page_lists_every_crate() {
    let page = include_str!("../../../docs/ARCHITECTURE.md");
    for name in arrows().into_keys() {
        assert!(page.contains(&format!("`{name}`")), "docs/ARCHITECTURE.md does not list {name}");
    }
}

#[test]
fn adapters_are_named_in_one_folder() {
    let sources = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut naming = BTreeSet::new();
    let mut folders = vec![sources.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("sources can be listed").flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if names_an_adapter(&path) {
                naming.insert(folder.strip_prefix(&sources).expect("a folder of the sources").to_owned());
            }
        }
    }
    assert_eq!(naming, BTreeSet::from(["wiring".into()]), "only wiring/ names adapters");
}

fn names_an_adapter(path: &std::path::Path) -> bool {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    ADAPTERS.iter().any(|adapter| text.contains(&adapter.replace('-', "_")))
}
