//! Prints the OpenAPI document.

use std::io::Write;

fn main() -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    serde_json::to_writer_pretty(&mut out, &petit_api::openapi())?;
    writeln!(out)?;
    Ok(())
}
