use serde_json::json;

use super::{heard, make_group, place, run, say, serve, text};

#[test]
fn a_backup_of_a_live_server_comes_back_elsewhere_with_everything() {
    let (place, data) = place();
    let server = serve(&data);
    let token = server.person("alice");
    let chat = make_group(&mut server.api(&token), "Harbour");
    say(&mut server.api(&token), &chat, "in the backup");
    let copy = place.path().join("copy");
    server.petit(&["backup", text(&copy)]);
    say(&mut server.api(&token), &chat, "after the backup");
    let page = format!("/v1/chats/{chat}/messages?limit=1");
    let answer = server.api(&token).get(&page).expect("answered").expect(200);
    let older = format!("{page}&cursor={}", answer["next"].as_str().expect("an older page"));
    server.api(&token).get(&older).expect("answered").expect(200);
    server.stop();

    let restored = place.path().join("restored");
    let (ok, _, complaint) = run(&["restore", text(&copy), "--data", text(&restored)]);
    assert!(ok, "{complaint}");
    let server = serve(&restored);
    assert_eq!(heard(&mut server.api(&token), &chat), ["in the backup"]);
    let refused = server.api(&token).get(&older).expect("answered").expect(400);
    assert_eq!(refused["code"], "invalid_cursor", "it is a place in another history");
}

#[test]
fn a_restore_says_what_lives_again_and_ends_it_when_asked() {
    let (place, data) = place();
    let server = serve(&data);
    let stolen = server.person("alice");
    let copy = place.path().join("copy");
    server.petit(&["backup", text(&copy)]);
    let session = server.api(&stolen).get("/v1/sessions").expect("answered").expect(200);
    let id = session["items"][0]["id"].as_str().expect("an id").to_owned();
    server.api(&stolen).call("DELETE", &format!("/v1/sessions/{id}"), None).expect("answered").expect(204);
    server.api(&stolen).get("/v1/me").expect("answered").expect(401);
    server.stop();

    let kept = place.path().join("kept");
    let (ok, said, complaint) = run(&["restore", text(&copy), "--data", text(&kept)]);
    assert!(
        ok && said.contains("works again (sessions and access tokens: 1, invitations: 0)"),
        "{said} {complaint}"
    );
    serve(&kept).api(&stolen).get("/v1/me").expect("answered").expect(200);

    let closed = place.path().join("closed");
    let (ok, said, complaint) = run(&["restore", text(&copy), "--end-sessions", "--data", text(&closed)]);
    assert!(
        ok && said.contains("is ended (sessions and access tokens: 1, invitations: 0)"),
        "{said} {complaint}"
    );
    serve(&closed).api(&stolen).get("/v1/me").expect("answered").expect(401);
}

#[test]
fn what_was_deleted_is_gone_from_the_folder() {
    let (_place, data) = place();
    let server = serve(&data);
    let token = server.person("alice");
    let mut api = server.api(&token);
    let chat = make_group(&mut api, "Secrets");
    let path = format!("/v1/chats/{chat}/messages");
    let secret = "Zkqv7-was-said";
    let mut seqs = Vec::new();
    for number in 0..40 {
        // Among them long ones, whose words lie on pages of their own.
        let text = format!("{secret} {number} {}", "x".repeat(if number % 4 == 0 { 9_000 } else { 60 }));
        let sent = json!({ "text": text, "client_id": format!("c{number}") });
        seqs.push(api.call("POST", &path, Some(&sent)).expect("answered").expect(201)["seq"].clone());
    }
    for seq in &seqs[..20] {
        let edit = json!({ "text": "another text" });
        api.call("PATCH", &format!("{path}/{seq}"), Some(&edit)).expect("answered").expect(200);
    }
    for seq in &seqs {
        api.call("DELETE", &format!("{path}/{seq}"), None).expect("answered").expect(200);
    }
    drop(api);
    server.stop();
    for file in std::fs::read_dir(&data).expect("a folder") {
        let path = file.expect("a file").path();
        let bytes = std::fs::read(&path).unwrap_or_default();
        let left = bytes.windows(secret.len()).filter(|window| *window == secret.as_bytes()).count();
        assert_eq!(left, 0, "{}", path.display());
    }
}

#[test]
fn a_backup_also_works_without_a_server() {
    let (place, data) = place();
    serve(&data).stop();
    let copy = place.path().join("copy");
    let (ok, _, complaint) = run(&["backup", text(&copy), "--data", text(&data)]);
    assert!(ok && copy.join("manifest.json").is_file(), "{complaint}");
}

#[test]
fn a_backup_is_never_mixed_with_other_files() {
    let (place, data) = place();
    serve(&data).stop();
    let (ok, _, complaint) = run(&["backup", text(place.path()), "--data", text(&data)]);
    assert!(!ok && complaint.contains("not empty"), "{complaint}");
}

#[test]
fn nothing_is_restored_over_something() {
    let (place, data) = place();
    let server = serve(&data);
    let copy = place.path().join("copy");
    server.petit(&["backup", text(&copy)]);
    let restore = || run(&["restore", text(&copy), "--data", text(&data)]);
    let (ok, _, complaint) = restore();
    assert!(!ok && complaint.contains("another petit"), "beside a running server: {complaint}");
    server.stop();
    let (ok, _, complaint) = restore();
    assert!(!ok && complaint.contains("not empty"), "{complaint}");
}

#[test]
fn a_damaged_backup_is_refused_and_leaves_nothing() {
    let (place, data) = place();
    serve(&data).stop();
    let copy = place.path().join("copy");
    run(&["backup", text(&copy), "--data", text(&data)]);
    let store = copy.join("petit.db");
    let mut bytes = std::fs::read(&store).expect("readable");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&store, bytes).expect("written");
    let restored = place.path().join("restored");
    let (ok, _, complaint) = run(&["restore", text(&copy), "--data", text(&restored)]);
    assert!(!ok && complaint.contains("damaged"), "{complaint}");
    assert!(!restored.join("petit.db").exists());
}

#[test]
fn an_interrupted_backup_is_not_taken_for_one() {
    let (place, data) = place();
    serve(&data).stop();
    let copy = place.path().join("copy");
    run(&["backup", text(&copy), "--data", text(&data)]);
    std::fs::remove_file(copy.join("manifest.json")).expect("removed");
    let (ok, _, complaint) = run(&["restore", text(&copy), "--data", text(&place.path().join("restored"))]);
    assert!(!ok && complaint.contains("not a finished backup"), "{complaint}");
}
