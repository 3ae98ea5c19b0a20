use petit_ports::Subject;

/// The name of a subject. It ends in an id, never in anything people typed.
pub(crate) fn name(prefix: &str, subject: Subject) -> String {
    match subject {
        Subject::Chat(chat) => format!("{prefix}.c.{}", chat.uuid().simple()),
        Subject::User(user) => format!("{prefix}.u.{}", user.uuid().simple()),
        Subject::Presence(user) => format!("{prefix}.p.{}", user.uuid().simple()),
        Subject::Sessions => format!("{prefix}.s"),
    }
}
