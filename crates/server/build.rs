//! Finds the built web client to put inside the binary. Without one the binary says how to build it,
//! so that working on the server needs no Node.

use std::{env, fs, path::PathBuf};

const PLACEHOLDER: &str = "<!doctype html>\n<html lang=\"en\">\n<title>Petit chat</title>\n\
    <p>The server runs, but it was built without the web client. <code>bin/start</code> builds both.</p>\n";

fn main() {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo says where the crate is"));
    let built = root.join("../../web/dist");
    println!("cargo:rerun-if-changed={}", built.display());
    let folder = built.canonicalize().ok().filter(|folder| folder.join("index.html").is_file());
    println!("cargo:rustc-env=PETIT_WEB_DIST={}", folder.unwrap_or_else(placeholder).display());
}

fn placeholder() -> PathBuf {
    let folder = PathBuf::from(env::var_os("OUT_DIR").expect("cargo says where to write")).join("web");
    fs::create_dir_all(&folder).expect("the build folder can be written");
    fs::write(folder.join("index.html"), PLACEHOLDER).expect("the build folder can be written");
    folder
}
