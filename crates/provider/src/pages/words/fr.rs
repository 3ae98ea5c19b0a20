use super::Words;

/// No-break spaces stand where French wants them.
pub(super) static WORDS: Words = Words {
    lang: "fr",
    sign_in: "Se connecter",
    sign_in_to: |server| format!("Connexion à {server}"),
    no_match: [
        "Ce nom d’utilisateur et ce mot de passe ne vont pas ensemble",
        "Vérifiez les deux et réessayez.",
    ],
    too_many: "Trop de tentatives",
    wait: |seconds| format!("Attendez {seconds} secondes, puis réessayez."),
    many_people: ["Beaucoup de personnes se connectent en ce moment", "Réessayez dans quelques secondes."],
    no_account: ["Pas de compte\u{202f}? ", "Créez-en un", "."],
    no_account_invited: "Pas de compte\u{202f}? Demandez un lien d’invitation à un administrateur.",
    no_account_closed: "Pas de compte\u{202f}? Demandez-en un à un administrateur.",
    forgotten: "Mot de passe oublié\u{202f}? Un administrateur peut vous en donner un nouveau.",
    welcome: |server| format!("Bienvenue sur {server}"),
    join: |server| format!("Rejoindre {server}"),
    first_account: "Créez le premier compte. Ce serveur lui appartient.",
    set_up: "Installation",
    create: "Créer votre compte",
    create_account: "Créer le compte",
    invite_afterwards: "Vous pourrez ensuite inviter d’autres personnes.",
    have_account: ["Vous avez déjà un compte\u{202f}? ", "Connectez-vous", "."],
    name: "Votre nom",
    username: "Nom d’utilisateur",
    username_hint: "De 2 à 32 lettres a-z, chiffres, points, tirets. Les autres vous mentionnent ainsi.",
    password: "Mot de passe",
    password_hint: "Au moins 8 caractères. Quelques mots à la suite en font un bon.",
    one_thing: "Une chose à changer",
    taken: ["Ce nom d’utilisateur est déjà pris", "Choisissez-en un autre."],
    refusal: |code| {
        Some(match code {
            "invalid_name" => "Un nom a de 1 à 64 caractères sur une seule ligne.",
            "invalid_username" => {
                "Un nom d’utilisateur a de 2 à 32 signes parmi a-z, 0-9, point, tiret et tiret bas, et commence par une lettre ou un chiffre."
            }
            "username_reserved" => "Ce nom désigne tout le monde\u{a0}: personne ne peut le porter.",
            "invalid_password" => "Un mot de passe a de 8 à 256 caractères.",
            "password_too_common" => {
                "Ce mot de passe est l’un des premiers que l’on devine. Trois ou quatre mots à la suite en font un bon."
            }
            _ => return None,
        })
    },
    almost_ready: "Presque prêt",
    nobody_yet: "Personne n’a encore de compte ici.",
    open_link: [
        "Ouvrez le lien affiché dans le terminal au démarrage de Petit chat. Il crée le premier compte, celui du propriétaire.",
        "Il est affiché à chaque démarrage, jusqu’à ce que quelqu’un s’en serve.",
    ],
    have_done: "C’est fait",
    closed: ["Les inscriptions sont fermées", "Les nouveaux comptes sont créés par un administrateur."],
    useless: [
        "Lien d’invitation",
        "Ce lien ne fonctionne pas",
        "Il a déjà servi, il est trop ancien, ou il n’a pas été copié en entier. Demandez-en un nouveau.",
    ],
    too_old: ["Recommencer", "Cette page était trop ancienne", "Rien n’a été envoyé. Veuillez recommencer."],
    wrong: ["Recommencer", "Cela n’a pas fonctionné"],
    // The reason is for whoever wrote the program that asked.
    wrong_why: |_| "La demande de l’application n’était pas valable. Veuillez recommencer.".to_owned(),
    not_signed_in: ["Non connecté", "Vous n’êtes pas connecté"],
    try_again: "Réessayer",
    elsewhere: ["Autre adresse", "Une autre adresse, s’il vous plaît"],
    known_as: |address| format!("Ce serveur se connaît sous l’adresse {address}."),
    make_public: "La personne qui l’exploite peut en faire l’adresse publique\u{a0}: ",
    open_known: "Ouvrir l’adresse connue",
    signed_out: ["Déconnecté", "Vous êtes déconnecté", "À bientôt."],
    one_moment: ["Un instant", "Un instant, s’il vous plaît"],
    not_now: "Impossible pour le moment",
    disk_full: "Le disque du serveur est plein. La personne qui l’exploite doit d’abord faire de la place.",
    broke: "Quelque chose s’est cassé",
    our_mistake: "C’est la faute du serveur, pas la vôtre. Son journal en dit plus.",
    part_silent: "Une partie du serveur ne répond pas. Elle sera bientôt de retour.",
    too_fast: "C’était un peu rapide.",
    service_silent: "Le service de connexion ne répond pas. Réessayez dans un instant.",
    service_not_ready: "Le service de connexion n’est pas prêt. Réessayez dans un instant.",
    begun_elsewhere: "Cette connexion a été commencée dans un autre navigateur, ou il y a trop longtemps.",
    been_signed_out: "Vous avez été déconnecté. Veuillez vous reconnecter.",
    cancelled: "La connexion a été annulée.",
    not_let_in: "Le service de connexion ne vous a pas laissé entrer.",
    not_checked: "La connexion n’a pas pu être vérifiée. Veuillez vous reconnecter.",
};
