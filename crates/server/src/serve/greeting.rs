use std::io::{self, Write};

use crate::{demo::Told, door::Door, installation::Installation};

/// Says what was made and where to go. The address is the last line, alone, for programs and people alike.
pub async fn print(installation: &Installation, demo: Option<&Told>) {
    let setup = match &installation.provider {
        Some(provider) => provider.setup_link().await,
        None => None,
    };
    if let Err(error) = write(&mut io::stdout().lock(), installation, setup.as_deref(), demo) {
        tracing::debug!(%error, "nobody reads what is printed");
    }
}

/// Says where to go, and who is behind it.
pub fn print_door(door: &Door) {
    let nodes = door.config.cluster.api_urls.join(", ");
    let version = env!("CARGO_PKG_VERSION");
    let address = &door.public_url;
    let text =
        format!("Petit chat {version}. Sockets for {nodes}.\n\nOpen this address in a browser:\n{address}\n");
    let mut out = io::stdout().lock();
    if let Err(error) = out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        tracing::debug!(%error, "nobody reads what is printed");
    }
}

fn write(
    out: &mut impl Write,
    installation: &Installation,
    setup: Option<&str>,
    demo: Option<&Told>,
) -> io::Result<()> {
    let folder = installation.folder.path().display();
    match installation.folder.is_new() {
        true => writeln!(
            out,
            "Petit chat {}. Made {folder} with a secret of its own.",
            env!("CARGO_PKG_VERSION")
        )?,
        false => writeln!(out, "Petit chat {}. Data is in {folder}.", env!("CARGO_PKG_VERSION"))?,
    }
    if let Some(demo) = demo {
        writeln!(out, "\nPeople of the demo, with the passwords they were made with:")?;
        for (username, password) in &demo.passwords {
            writeln!(out, "  {username:5}  {password}")?;
        }
    }
    if let Some(link) = setup {
        writeln!(out, "\nNobody has an account yet. Whoever opens this link first owns the server:\n{link}")?;
    }
    writeln!(out, "\nOpen this address in a browser:\n{}", installation.public_url)?;
    out.flush()
}
