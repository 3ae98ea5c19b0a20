use std::io::ErrorKind;

use petit_domain::{ChatId, Event, Timestamp, UserId};
use petit_protocol::ServerFrame;

use super::*;

fn chat(number: u64) -> ChatId {
    ChatId::mint(Timestamp::from_micros(0), number)
}

fn renamed(chat: ChatId, cseq: i64) -> Arc<Announcement> {
    Announcement::new(Event::ChatRenamed { chat, seq: 0, cseq, name: "x".repeat(40) })
}

fn typing() -> Arc<Announcement> {
    Announcement::new(Event::Typing { chat: chat(1), user: UserId::mint(Timestamp::from_micros(0), 9) })
}

fn push(send_queue: &mut SendQueue, event: &Arc<Announcement>, weight: Weight) -> bool {
    send_queue.push_event(event, weight, Instant::now())
}

fn filled(count: i64) -> SendQueue {
    let mut send_queue = SendQueue::default();
    (0..count).for_each(|cseq| assert!(push(&mut send_queue, &renamed(chat(1), cseq), Weight::Chat)));
    send_queue
}

/// Writes everything and answers the bytes.
fn drain(send_queue: &mut SendQueue, most_per_call: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    let flushed = send_queue.flush(|slices| {
        let all: Vec<u8> = slices.iter().flat_map(|slice| slice.iter().copied()).collect();
        let count = all.len().min(most_per_call);
        bytes.extend_from_slice(&all[..count]);
        Ok(count)
    });
    assert_eq!(flushed.expect("no error"), Flushed::Done);
    bytes
}

fn numbers(bytes: &[u8]) -> Vec<i64> {
    let text = String::from_utf8_lossy(bytes);
    let after = text.split(r#""cseq":"#).skip(1);
    after.map(|rest| rest.split(',').next().unwrap().parse().unwrap()).collect()
}

#[test]
fn what_is_queued_leaves_in_one_call_however_little_the_socket_takes() {
    let whole = drain(&mut filled(20), usize::MAX);
    assert_eq!(drain(&mut filled(20), 7), whole);
    let mut calls = 0;
    let mut send_queue = filled(20);
    send_queue
        .flush(|slices| {
            calls += 1;
            Ok(slices.iter().map(|slice| slice.len()).sum())
        })
        .unwrap();
    assert_eq!(calls, 1);
}

#[test]
fn a_blocked_write_goes_on_where_it_stopped() {
    let mut send_queue = filled(2);
    let mut bytes = Vec::new();
    let mut turns = 0;
    let flushed = send_queue.flush(|slices| {
        turns += 1;
        if turns > 1 {
            return Err(ErrorKind::WouldBlock.into());
        }
        bytes.extend_from_slice(&slices[0][..10]);
        Ok(10)
    });
    assert_eq!(flushed.unwrap(), Flushed::Blocked);
    bytes.extend(drain(&mut send_queue, usize::MAX));
    assert_eq!(bytes, drain(&mut filled(2), usize::MAX));
}

#[test]
fn hints_are_skipped_above_half_and_events_become_dirty_chats_above_four_fifths() {
    let mut send_queue = filled(256);
    assert!(!push(&mut send_queue, &typing(), Weight::Hint));
    for cseq in 256..410 {
        assert!(push(&mut send_queue, &renamed(chat(1), cseq), Weight::Chat), "{cseq}");
    }
    assert!(!push(&mut send_queue, &renamed(chat(1), 410), Weight::Chat));
    assert!(!push(&mut send_queue, &renamed(chat(2), 0), Weight::Chat));
    assert!(!send_queue.owes_news_of_loss(), "there is no room yet");
    assert!(send_queue.full_since().is_some());
    drain(&mut send_queue, usize::MAX);
    assert!(!push(&mut send_queue, &renamed(chat(2), 1), Weight::Chat), "dirty until it was told");
    assert!(send_queue.owes_news_of_loss());
    assert_eq!(send_queue.take_lost(), Lost::Chats(vec![chat(1), chat(2)]));
    assert!(push(&mut send_queue, &renamed(chat(2), 2), Weight::Chat));
    assert!(send_queue.full_since().is_none());
}

#[test]
fn many_bytes_count_as_many_events() {
    let big =
        Announcement::new(Event::ChatRenamed { chat: chat(1), seq: 0, cseq: 0, name: "x".repeat(90_000) });
    let mut send_queue = SendQueue::default();
    let taken = (0..40).filter(|_| push(&mut send_queue, &big, Weight::Chat)).count();
    assert_eq!(taken, 10);
}

#[test]
fn losing_what_no_number_covers_asks_for_a_resync() {
    let mut send_queue = filled(409);
    let own = renamed(chat(3), 0);
    while push(&mut send_queue, &own, Weight::Own) {}
    drain(&mut send_queue, usize::MAX);
    assert_eq!(send_queue.take_lost(), Lost::Everything);
}

#[test]
fn a_resume_gets_exactly_what_was_not_received() {
    let mut send_queue = filled(10);
    drain(&mut send_queue, usize::MAX);
    send_queue.acknowledge(4);
    (10..12).for_each(|cseq| assert!(push(&mut send_queue, &renamed(chat(1), cseq), Weight::Chat)));
    send_queue.keep_events_only();
    assert_eq!(send_queue.rewind(7), Some(5));
    send_queue.restart_count();
    assert_eq!(numbers(&drain(&mut send_queue, usize::MAX)), [7, 8, 9, 10, 11]);
    assert_eq!(send_queue.rewind(1), Some(4), "and again, counted anew");
    assert_eq!(numbers(&drain(&mut send_queue, usize::MAX)), [8, 9, 10, 11]);
}

#[test]
fn a_resume_from_before_the_ring_or_after_its_end_is_refused() {
    let mut send_queue = filled(10);
    drain(&mut send_queue, usize::MAX);
    send_queue.acknowledge(4);
    assert_eq!(send_queue.rewind(3), None);
    assert_eq!(send_queue.rewind(11), None);
    assert_eq!(send_queue.rewind(10), Some(0));
}

#[test]
fn hints_are_not_repeated_but_they_count() {
    let mut send_queue = SendQueue::default();
    push(&mut send_queue, &renamed(chat(1), 0), Weight::Chat);
    push(&mut send_queue, &typing(), Weight::Hint);
    push(&mut send_queue, &renamed(chat(1), 1), Weight::Chat);
    drain(&mut send_queue, usize::MAX);
    assert_eq!(send_queue.rewind(1), Some(1));
    assert_eq!(numbers(&drain(&mut send_queue, usize::MAX)), [1]);
}

#[test]
fn live_events_wait_for_the_replay() {
    let mut send_queue = SendQueue::default();
    send_queue.hold();
    assert!(!push(&mut send_queue, &renamed(chat(1), 5), Weight::Chat));
    send_queue.push_replayed(renamed(chat(1), 4));
    send_queue.go_live();
    assert_eq!(numbers(&drain(&mut send_queue, usize::MAX)), [4, 5]);
}

#[test]
fn an_urgent_farewell_passes_what_waits_but_not_a_half_written_frame() {
    let mut send_queue = filled(3);
    let mut first = true;
    let _ = send_queue
        .flush(|_| if std::mem::take(&mut first) { Ok(5) } else { Err(ErrorKind::WouldBlock.into()) });
    send_queue.say_farewell(vec![b"bye".to_vec()], true);
    let rest = drain(&mut send_queue, usize::MAX);
    assert!(rest.ends_with(b"bye"));
    assert_eq!(numbers(&rest), [0]);
    send_queue.keep_events_only();
    assert_eq!(send_queue.rewind(0), Some(3), "the events can still be resumed");
}

#[test]
fn a_client_that_takes_no_answers_clogs_its_own_connection() {
    let mut send_queue = SendQueue::default();
    (0..64)
        .for_each(|_| send_queue.push_frame(crate::frames::encode(&ServerFrame::Resync { chats: vec![] })));
    assert!(send_queue.is_clogged());
    drain(&mut send_queue, usize::MAX);
    assert!(!send_queue.is_clogged());
}
