//! The program by itself, without a server beside it.

use std::process::{Command, Output};

fn run(words: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_petit-bench"));
    command.env_remove("PETIT_BIN").args(words).output().expect("it runs")
}

#[test]
fn each_command_explains_itself() {
    for (command, option) in [("bench", "--quick"), ("check", "--url")] {
        let output = run(&[command, "--help"]);
        let help = String::from_utf8(output.stdout).expect("text");
        assert!(output.status.success() && help.contains(option), "{help}");
    }
}

#[test]
fn a_server_that_is_not_there_is_named() {
    let words = ["check", "--url", "http://127.0.0.1:1", "--server", "nowhere/petit"];
    let output = run(&words);
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && complaint.contains("nowhere/petit"), "{complaint}");
}
