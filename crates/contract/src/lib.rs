//! The laws. Each is a promise of a port's documentation, written once and run by every adapter.
//!
//! An adapter's test is one line, with a function that makes a fresh store and whatever must live as long:
//!
//! ```ignore
//! petit_contract::store_contract!(fresh_store);
//! petit_contract::store_contract!(#[ignore = "needs a server"] fresh_store);
//! ```

pub mod accounts;
pub mod bus;
pub mod chat_settings;
pub mod chats;
pub mod choices;
pub mod followers;
pub mod forwards;
pub mod idempotency;
pub mod intents;
pub mod log;
pub mod members;
pub mod mentions;
pub mod people;
pub mod pins;
pub mod reactions;
pub mod read_markers;
pub mod receipts;
pub mod saved;
pub mod scheduled;
pub mod sessions;
pub mod settings;
pub mod timers;
pub mod turns;
mod world;

// Each law speaks of its port.
use petit_ports::*;

/// One test for each law of the store.
#[macro_export]
macro_rules! store_contract {
    ($(#[$attribute:meta])* $make:ident) => {
        $crate::laws! { $(#[$attribute])* $make;
            accounts {
                an_account_is_found_by_name_and_subject, a_username_has_one_account, creating_twice_changes_nothing,
                a_password_is_replaced, accounts_are_listed_by_username, an_invitation_makes_one_account,
                an_expired_or_unknown_invitation_is_refused, of_many_who_redeem_one_wins,
            }
            chats {
                a_new_chat_is_empty, creating_twice_changes_nothing, a_pair_has_one_direct_chat,
                of_many_who_claim_a_pair_all_get_one_chat, first_members_are_in_from_the_start_and_only_then,
                a_name_is_replaced,
                chats_are_listed_by_last_message, a_time_that_is_still_to_come_keeps_no_chat_above_the_others, a_page_begins_after_its_cursor_even_at_equal_times,
                a_view_shows_the_newest_message_as_it_is_now, a_direct_chat_shows_the_other_person,
                heads_are_those_of_my_chats, open_chats_are_found_by_the_beginning_of_their_name, what_is_not_known_is_carried,
            }
            chat_settings {
                whoever_asks_for_a_chat_gets_them, the_later_change_counts_in_any_order, what_is_not_known_is_carried,
                archived_chats_are_a_list_of_their_own, what_was_written_under_older_ones_is_overtaken,
                nothing_slips_in_beside_a_change,
            }
            choices {
                each_kind_is_kept_by_itself_and_taken_back_by_itself, choosing_again_changes_nothing,
                the_later_one_counts_whatever_its_clock_says, they_belong_to_one_person_and_one_chat,
                of_many_who_choose_at_once_no_kind_is_lost, a_view_has_them_and_they_wait_for_who_left,
                what_is_called_unread_counts_until_the_marker_moves,
            }
            followers {
                a_follower_starts_before_everything, a_position_never_falls, positions_belong_to_followers_and_chats,
                of_many_who_advance_the_highest_wins, what_is_written_is_news, who_attends_is_known_until_its_time,
                a_shard_has_one_owner_at_a_time, a_shard_is_given_back_by_its_owner_alone,
                of_many_who_want_a_shard_one_gets_it, every_chat_is_listed_once, shards_are_few_and_all_are_used,
            }
            idempotency {
                a_key_keeps_its_first_id, a_key_with_another_body_is_refused, keys_belong_to_people,
                of_many_who_claim_all_get_one_id,
            }
            log {
                messages_are_numbered_without_gaps, changes_are_numbered_without_gaps,
                writers_at_once_get_every_number_once, times_and_ids_rise_with_numbers, a_clock_that_was_far_ahead_holds_up_nobody, an_hour_back_does_not_show,
                an_edit_is_not_before_what_it_edits,
                a_repeated_client_id_answers_the_first_message, of_many_repeats_one_is_written,
                a_client_id_belongs_to_its_author_and_chat, a_reply_names_a_message_of_the_chat,
                an_unknown_chat_takes_nothing, sending_moves_the_own_read_marker, what_does_not_mark_read_leaves_the_own_read_marker,
                an_edit_keeps_the_old_text, the_same_text_again_is_no_edit, a_deleted_message_is_a_stub,
                an_edit_after_the_deletion_is_refused, what_does_not_exist_is_not_revised,
                a_message_and_its_change_are_numbered_together, pages_have_exclusive_bounds,
                pages_walk_the_whole_log_once, long_and_strange_texts_come_back_as_they_went,
                the_observer_hears_everything_once_in_order, a_chat_does_not_see_another,
                the_head_is_what_was_answered, it_is_ready, what_is_not_known_is_carried,
                changes_that_are_not_known_are_carried, an_edit_replaces_text_and_parts_together,
                a_version_that_was_overtaken_is_not_revised, of_many_who_saw_one_version_one_revises_it,
                what_was_decided_on_an_older_head_is_not_written, of_many_who_decide_on_one_head_one_is_written,
                many_messages_are_read_at_once,
            }
            forwards {
                a_copy_is_kept_with_its_place, the_place_comes_beside_the_parts, an_edit_keeps_both_and_a_deletion_neither,
            }
            members {
                adding_and_removing_counts_each_once, who_left_may_come_back,
                members_are_listed_by_id, people_share_a_chat_while_both_are_in_it,
                joining_marks_what_came_before_as_read, members_and_name_follow_in_the_order_of_the_numbers,
                of_many_who_follow_to_one_change_one_does,
                what_is_not_known_is_carried,
            }
            mentions {
                a_mention_is_listed_once_however_often_it_is_settled, an_edit_adds_and_takes_out,
                an_older_version_that_comes_late_changes_nothing, mentions_come_newest_first_page_by_page,
                mentions_above_a_number_are_counted_for_each_chat,
            }
            intents {
                work_is_pending_until_it_is_done, the_oldest_work_comes_first, what_is_not_known_is_carried,
            }
            people {
                a_person_is_found_by_id_and_username, a_username_has_one_person, creating_twice_changes_nothing,
                many_are_found_at_once, a_profile_is_changed_in_part, a_link_stays_with_its_first_person,
                people_are_found_by_any_word_of_their_name, each_person_comes_once,
                pages_of_people_walk_everybody_once, the_empty_prefix_finds_everybody,
                what_is_not_known_is_carried,
            }
            pins {
                repeating_changes_nothing, the_newest_comes_first, no_chat_has_more_than_may_be,
                of_many_who_pin_one_message_one_does, a_message_says_so_as_of_a_change_that_is_no_edit,
                it_is_gone_with_the_message,
            }
            reactions {
                repeating_changes_nothing, what_is_answered_is_what_is_read,
                counts_equal_the_set_after_whatever_many_did, kinds_stand_in_the_order_of_first_use,
                a_sample_names_three_and_is_refilled, there_is_no_kind_too_many, a_set_is_listed_page_by_page,
                a_person_finds_their_own, of_many_who_react_at_once_each_counts_once,
                of_many_who_bring_new_kinds_no_more_get_in_than_may,
                a_message_shows_its_set_as_of_a_change_that_is_no_edit, they_are_gone_with_their_message,
            }
            read_markers {
                a_marker_starts_at_none, a_marker_never_falls, the_highest_mark_wins_in_any_order,
                what_nobody_wrote_is_not_unread, what_is_deleted_is_not_unread, what_is_deleted_at_once_counts_once,
                who_writes_has_nothing_unread_but_by_a_line, who_comes_in_has_read_what_was_before,
                a_message_keeps_what_it_was_counted_as,
            }
            saved {
                repeating_changes_nothing, the_newest_comes_first_over_all_chats,
                they_belong_to_one_person_and_one_chat, nobody_has_more_than_may_be,
                of_many_who_save_one_message_one_does,
            }
            receipts {
                nobody_has_anything_at_first, numbers_never_fall, what_is_read_was_seen_and_delivered,
                only_what_rises_is_answered, the_highest_counts_in_any_order, who_marks_or_writes_has_read,
                it_is_kept_when_each_number_rose, the_newest_steps_are_kept, without_a_time_none_is_kept,
                they_belong_to_one_person_and_one_chat, many_are_asked_and_raised_at_once,
            }
            scheduled {
                it_is_kept_once, it_comes_back_whole, whether_it_is_held_is_kept_and_may_change,
                a_list_is_soonest_first_and_walked_once, what_was_sent_is_in_no_list, a_swap_needs_what_it_saw, of_sending_and_cancelling_one_wins,
                a_removed_one_may_come_again, each_author_has_their_own,
                an_answer_to_nothing_tells_whether_its_client_id_was_sent,
            }
            sessions {
                a_session_is_found_by_its_hash, sessions_are_listed_newest_first, ending_a_session_is_final,
                only_its_owner_ends_a_session, the_latest_use_counts, a_session_of_the_provider_stays_ended,
                what_is_not_known_is_carried,
            }
            settings {
                each_is_kept_by_itself_and_names_nobody_knows_too, setting_again_changes_nothing,
                the_later_one_counts_whatever_its_clock_says, they_belong_to_one_person,
                one_is_found_of_many_people, of_many_who_set_at_once_nothing_is_lost,
            }
            timers {
                a_timer_is_due_until_it_is_done, timers_come_by_due_time_and_pages_walk_them_once,
                putting_again_changes_nothing, one_id_may_be_due_twice, shards_do_not_see_each_other,
                what_is_put_late_is_found_below_the_watermark, what_nobody_knows_comes_back_as_it_went,
                a_timer_far_ahead_is_the_next_one, a_held_shard_is_nobody_elses, a_free_shard_has_one_taker,
                a_shard_is_taken_over_when_its_lease_is_over, who_lost_a_shard_moves_nothing,
                the_watermark_never_falls_and_is_handed_on, who_is_there_is_seen_until_then,
                what_is_below_an_old_watermark_is_forgotten_whole,
            }
            turns {
                they_come_after_their_time, they_belong_to_one_person_and_one_chat,
                one_that_was_taken_far_ahead_counts_as_none, of_many_who_take_one_at_once_one_does,
            }
        }
    };
}

/// One test for each law of the bus.
#[macro_export]
macro_rules! bus_contract {
    ($(#[$attribute:meta])* $make:ident) => {
        $crate::laws! { $(#[$attribute])* $make;
            bus {
                subscribers_get_what_is_published, others_get_nothing, nothing_is_kept_for_later,
                one_publisher_is_heard_in_order, subscribing_twice_is_once, after_unsubscribing_nothing_comes,
                a_full_mailbox_is_told_that_it_lagged, a_slow_mailbox_holds_up_nobody,
                a_dropped_subscriber_is_forgotten, an_event_arrives_as_it_was,
                an_event_of_an_unknown_type_arrives_with_its_bytes_and_its_number,
            }
        }
    };
}

/// Writes a test for each law, named after it.
#[doc(hidden)]
#[macro_export]
macro_rules! laws {
    // A list of attributes cannot be repeated inside another list, so each law is written by itself.
    ($(#[$attribute:meta])* $make:ident; $($slice:ident $laws:tt)*) => {
        $crate::laws! { @slices [$(#[$attribute])*] $make; $($slice $laws)* }
    };
    (@slices $attributes:tt $make:ident; $($slice:ident { $($law:ident),* $(,)? })*) => {$(
        mod $slice {
            $($crate::laws! { @law $attributes $make $slice $law })*
        }
    )*};
    (@law [$(#[$attribute:meta])*] $make:ident $slice:ident $law:ident) => {
        $(#[$attribute])*
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $law() {
            let (port, _guard) = super::$make().await;
            $crate::$slice::$law(port).await;
        }
    };
}
