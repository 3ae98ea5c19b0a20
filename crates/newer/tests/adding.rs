//! The worked example of docs/adding-a-feature.md, done to a copy of the sources: a numbered change that says that
//! somebody waves. It compiles, and whichever of its places is left out, the compiler says so.
//!
//! What the compiler cannot see (the writer, the page, the client) is seen by the event law and by the test of
//! PROTOCOL.md; those are too long to be built for an example.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// A line to put before the one place in a file that reads so.
struct Edit {
    file: &'static str,
    before: &'static str,
    put: &'static str,
}

/// The places, by file: what the change is and its code; its event and how it is carried; that it says nothing of members;
/// how it is told.
const EDITS: &[Edit] = &[
    Edit {
        file: "crates/domain/src/change.rs",
        before: "    /// Something that a newer version knows.",
        put: "    /// This person waves.\n    Waved(UserId),",
    },
    Edit {
        file: "crates/domain/src/change.rs",
        before: "            Self::Other { code, about } => (code, about),",
        put: "            Self::Waved(user) => (99, About::Person(user)),",
    },
    Edit {
        file: "crates/domain/src/change.rs",
        before: "            _ => Self::Other { code, about },",
        put: "            (99, About::Person(user)) => Self::Waved(user),",
    },
    Edit {
        file: "crates/domain/src/event.rs",
        before: "    /// Something of the chat changed that this version of the server has no event for.",
        put: "    /// Somebody waves. `cseq` is new.\n    Waved { chat: ChatId, seq: i64, cseq: i64, user: UserId },",
    },
    Edit {
        file: "crates/domain/src/event.rs",
        before: "            | Self::UnknownChange { chat, seq, cseq } =>",
        put: "            | Self::Waved { chat, seq, cseq, .. }",
    },
    Edit {
        file: "crates/ports/src/store/rulings.rs",
        before: "            ChangeKind::MessageEdited(_)\n",
        put: "            ChangeKind::Waved(_) => None,",
    },
    Edit {
        file: "crates/app/src/fresh/mod.rs",
        before: "                ChangeKind::Other { about, .. } => {",
        put: "                ChangeKind::Waved(_) => touched.itself = true,",
    },
    Edit {
        file: "crates/app/src/fresh/mod.rs",
        before: "            ChangeKind::Other { about: About::Message(seq), .. } =>",
        put: "            ChangeKind::Waved(user) => self.chat.as_ref()\n\
              .map(|chat| Event::Waved { chat: chat.id, seq: chat.seq, cseq, user }),",
    },
    Edit {
        file: "crates/app/src/chats.rs",
        before: "/// Gives a group or open chat another name, or sets it to something else. What is not named stays; where it is so already",
        put: "/// Waves to everybody in a chat.\n\
              pub async fn wave(app: &App, by: &crate::access::Membership) -> Result<(), AppError> {\n\
              let effect = petit_ports::ChangeKind::Waved(by.user()).into();\n\
              let change = petit_ports::NewChange { effect, actor: by.user(), at: app.now(), if_cseq: None };\n\
              app.store().log_writer.write(by.chat(), petit_ports::Wish::Note(change)).await?;\n\
              Ok(())\n}\n",
    },
];

/// What the compiler asks for. The writer is asked for by the event law alone.
const FORCED: [&str; 4] = [
    "crates/domain/src/change.rs",
    "crates/domain/src/event.rs",
    "crates/ports/src/store/rulings.rs",
    "crates/app/src/fresh/mod.rs",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A copy of everything that cargo reads, always in the same place, so that it is built there once.
fn copied() -> PathBuf {
    let copy = Path::new(env!("CARGO_BIN_EXE_petit-newer")).with_file_name("worked-example");
    for file in ["Cargo.toml", "Cargo.lock", "clippy.toml", "rust-toolchain.toml"] {
        fs::create_dir_all(&copy).expect("a folder");
        fs::copy(root().join(file), copy.join(file)).expect("a copy");
    }
    copy_folder(&root().join("crates"), &copy.join("crates"));
    copy_folder(&root().join("proto"), &copy.join("proto"));
    copy
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for gone in
        fs::read_dir(to).expect("a folder").flatten().filter(|old| !from.join(old.file_name()).exists())
    {
        let path = gone.path();
        let removed = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
        removed.expect("what is no more can be removed");
    }
    for entry in fs::read_dir(from).expect("a folder").flatten() {
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        match from.is_dir() {
            true => copy_folder(&from, &to),
            // What is as it was is left alone, so that it is not built again.
            false if fs::read(&from).ok() == fs::read(&to).ok() => {}
            false => drop(fs::copy(&from, &to).expect("a copy")),
        }
    }
}

/// Does the example, but for one file.
fn do_but(copy: &Path, left_out: &str) {
    let mut files: Vec<&str> = EDITS.iter().map(|edit| edit.file).collect();
    files.dedup();
    for file in files {
        let mut text = fs::read_to_string(root().join(file)).expect("a file");
        for edit in EDITS.iter().filter(|edit| edit.file == file && file != left_out) {
            let places = text.matches(edit.before).count();
            assert_eq!(
                places, 1,
                "{file} has {places} places that read {:?}: bring the example up to date",
                edit.before
            );
            text = text.replacen(edit.before, &format!("{}\n{}", edit.put, edit.before), 1);
        }
        if fs::read_to_string(copy.join(file)).ok().as_ref() != Some(&text) {
            fs::write(copy.join(file), text).expect("a file");
        }
    }
}

/// What the compiler says of the copy; nothing if it has no objection.
fn compiled(copy: &Path) -> Option<String> {
    let target =
        Path::new(env!("CARGO_BIN_EXE_petit-newer")).ancestors().nth(2).expect("a target folder").to_owned();
    let output = Command::new(env!("CARGO"))
        .args(["build", "--offline", "--locked", "--quiet", "-p", "petit-app"])
        .current_dir(copy)
        .env("CARGO_TARGET_DIR", target)
        .output()
        .expect("cargo runs");
    (!output.status.success()).then(|| String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn a_numbered_change_has_few_places_and_the_compiler_names_those_that_are_left_out() {
    let copy = copied();
    do_but(&copy, "");
    assert_eq!(compiled(&copy), None);
    for file in FORCED {
        do_but(&copy, file);
        let said = compiled(&copy).unwrap_or_else(|| panic!("nobody misses what belongs into {file}"));
        assert!(said.contains("Waved"), "{file}: {said}");
    }
}

#[test]
fn the_page_lists_the_places() {
    let page = fs::read_to_string(root().join("docs/adding-a-feature.md")).expect("the page");
    for edit in EDITS {
        assert!(
            page.contains(&format!("`{}`", edit.file)),
            "docs/adding-a-feature.md does not name {}",
            edit.file
        );
    }
}
