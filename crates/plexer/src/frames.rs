//! Frames as bytes.

use std::sync::Arc;

use bytes::Bytes;
use petit_ports::Announcement;
use petit_protocol::{ClientFrame, ServerFrame};

use crate::websocket::text_frame;

/// The bytes of an event, with the WebSocket header: made once, whoever gets them.
pub(crate) fn event_frame(event: &Arc<Announcement>) -> &[u8] {
    event.frame(|json| Bytes::from(text_frame(&[br#"{"type":"event","event":"#, json, b"}"])))
}

/// A frame of the connection itself.
pub(crate) fn encode(frame: &ServerFrame) -> Vec<u8> {
    let json = serde_json::to_vec(frame).expect("frames have string keys only");
    text_frame(&[&json])
}

/// The answer to a request. `body` is JSON, or nothing.
pub(crate) fn response_frame(id: u64, status: u16, body: &[u8]) -> Vec<u8> {
    let head = format!(r#"{{"type":"response","id":{id},"status":{status}"#);
    match body {
        [] => text_frame(&[head.as_bytes(), b"}"]),
        body => text_frame(&[head.as_bytes(), br#","body":"#, body, b"}"]),
    }
}

/// Why a text is not a frame.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum NotAFrame {
    /// It is not JSON: the connection cannot be trusted to go on.
    Json,
    /// It is JSON of another shape; the text says which.
    Shape(String),
}

/// Reads a client's frame.
pub(crate) fn decode(text: &str) -> Result<ClientFrame, NotAFrame> {
    serde_json::from_str(text).map_err(|error| match error.classify() {
        serde_json::error::Category::Data => NotAFrame::Shape(error.to_string()),
        _ => NotAFrame::Json,
    })
}

#[cfg(test)]
mod tests {
    use petit_domain::{ChatId, Event, Timestamp, UserId};

    use super::*;

    fn payload(frame: &[u8]) -> &str {
        let header = if frame[1] == 126 { 4 } else { 2 };
        std::str::from_utf8(&frame[header..]).unwrap()
    }

    #[test]
    fn an_event_frame_is_the_frame_of_the_contract_and_is_made_once() {
        let at = Timestamp::from_micros(1);
        let event = Event::Typing { chat: ChatId::mint(at, 1), user: UserId::mint(at, 2) };
        let announcement = Announcement::new(event.clone());
        let frame: ServerFrame = serde_json::from_str(payload(event_frame(&announcement))).unwrap();
        assert!(matches!(frame, ServerFrame::Event { event: same } if same == event));
        assert_eq!(event_frame(&announcement).as_ptr(), event_frame(&announcement).as_ptr());
    }

    #[test]
    fn a_response_carries_its_body_as_it_is() {
        assert_eq!(
            payload(&response_frame(7, 200, br#"{"a":1.0}"#)),
            r#"{"type":"response","id":7,"status":200,"body":{"a":1.0}}"#
        );
        assert_eq!(payload(&response_frame(7, 204, b"")), r#"{"type":"response","id":7,"status":204}"#);
    }

    #[test]
    fn a_request_with_a_body_is_read() {
        let text = r#"{"type":"request","id":1,"method":"POST","path":"/v1/chats","body":{"b":[1,"é"]}}"#;
        let Ok(ClientFrame::Request(request)) = decode(text) else { panic!("not a request") };
        assert_eq!(request.body.unwrap().get(), r#"{"b":[1,"é"]}"#);
        let bare =
            r#"{"id":1,"method":"GET","path":"/v1/me","type":"request","headers":{"Idempotency-Key":"k"}}"#;
        assert!(matches!(decode(bare), Ok(ClientFrame::Request(_))));
    }

    #[test]
    fn broken_json_and_wrong_shapes_are_told_apart() {
        assert!(matches!(decode("{"), Err(NotAFrame::Json)));
        assert!(matches!(decode(r#"{"type":"dance"}"#), Err(NotAFrame::Shape(_))));
        assert!(matches!(decode(r#"{"type":"ping","received":-1}"#), Err(NotAFrame::Shape(_))));
        assert!(matches!(decode("[]"), Err(NotAFrame::Shape(_))));
    }
}
