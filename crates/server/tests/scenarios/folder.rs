use std::os::unix::fs::PermissionsExt;

use super::{place, run, serve, text};

#[test]
fn a_second_server_is_refused_and_the_first_goes_on() {
    let (_place, data) = place();
    let server = serve(&data);
    let (ok, out, complaint) = run(&["serve", "--data", text(&data), "--listen", "127.0.0.1:0"]);
    assert!(!ok && out.is_empty() && complaint.contains("another petit"), "{complaint}");
    assert_eq!(server.api("").get("/healthz").expect("answered").status, 200);
    assert!(server.petit(&["user", "list"]).is_empty(), "its control socket still answers");
}

#[test]
fn everything_in_the_folder_is_for_its_owner_alone() {
    let (_place, data) = place();
    std::fs::create_dir(&data).expect("made before the server came");
    std::fs::set_permissions(&data, std::fs::Permissions::from_mode(0o755)).expect("changed");
    let _server = serve(&data);
    let names: Vec<_> = data.read_dir().expect("readable").flatten().collect();
    assert!(names.len() >= 4, "lock, secret, store and control socket");
    for entry in names {
        let mode = entry.metadata().expect("readable").permissions().mode();
        assert_eq!(mode & 0o077, 0, "{:?}", entry.file_name());
    }
}

#[test]
fn a_damaged_store_is_refused_with_its_name() {
    let (_place, data) = place();
    serve(&data).stop();
    std::fs::write(data.join("petit.db"), "not a database at all, but long enough to be looked at")
        .expect("written");
    let (ok, _, complaint) = run(&["serve", "--data", text(&data), "--listen", "127.0.0.1:0"]);
    assert!(!ok && complaint.contains("petit.db"), "{complaint}");
}
