//! Names in texts of every kind.

use petit_domain::{Username, names_in};
use proptest::prelude::*;

fn username() -> impl Strategy<Value = String> {
    "[a-z0-9][a-z0-9._-]{0,6}[a-z0-9]"
}

fn finds(text: &str, name: &str) -> bool {
    let name = Username::try_from(name).expect("a username");
    names_in(text).iter().any(|names| names.contains(&name))
}

proptest! {
    #[test]
    fn any_text_is_read_to_its_end(text in "\\PC{0,200}|[@`~ \n\ta>._-]{0,80}") {
        for names in names_in(&text) {
            prop_assert!(!names.is_empty());
            for name in &names {
                prop_assert!(text.to_lowercase().contains(&format!("@{name}")), "{name} is not in {text:?}");
            }
            prop_assert!(names.windows(2).all(|pair| pair[0].as_str().len() > pair[1].as_str().len()));
        }
    }

    #[test]
    fn a_name_between_spaces_is_found(before in "[a-z][a-z,.! ]{0,20}", name in username(), after in "[a-z,.! ]{0,20}") {
        let text = format!("{before} @{} {after}", name.to_uppercase());
        prop_assert!(finds(&text, &name), "{text:?}");
    }

    #[test]
    fn a_name_inside_a_word_is_not(name in username(), edge in "[a-zA-Zäß0-9_]") {
        let (glued, longer) = (format!("{edge}@{name}"), format!("@{name}{edge}"));
        prop_assert!(names_in(&glued).is_empty(), "{glued:?}");
        prop_assert!(!finds(&longer, &name), "{longer:?}");
    }

    #[test]
    fn a_name_inside_code_is_not(name in username(), ticks in 1_usize..5, around in "[a-z ]{0,9}") {
        let tick = "`".repeat(ticks);
        let span = format!("x {tick}{around} @{name} {around}{tick} y");
        prop_assert!(names_in(&span).is_empty(), "{span:?}");
        let fence = format!("```{}\n{around} @{name} {around}\n```\n{around}", "");
        prop_assert!(names_in(&fence).is_empty(), "{fence:?}");
    }

    #[test]
    fn a_text_without_the_sign_names_nobody(text in "[^@]{0,200}") {
        prop_assert!(names_in(&text).is_empty());
    }
}
