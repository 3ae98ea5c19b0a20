import { asNew } from '../chat_settings';
import type { Chat, Message, Person } from '../types';

/** Made-up things for tests. */
export const ada: Person = { id: 'ada', username: 'ada', name: 'Ada', role: 'member' };
export const bo: Person = { id: 'bo', username: 'bo', name: 'Bo', role: 'member' };

const time = (seq: number): string => new Date(1_700_000_000_000 + seq * 1000).toISOString();

export function message(seq: number, over: Partial<Message> = {}): Message {
  return {
    id: `m${seq}`,
    chat: 'c',
    seq,
    cseq: -1,
    author: bo.id,
    kind: 'text',
    text: `number ${seq}`,
    client_id: `client-${seq}`,
    created_at: time(seq),
    edited_at: null,
    deleted: false,
    reply_to: null,
    subject: null,
    reactions: [],
    ...over,
  };
}

export function chat(over: Partial<Chat> = {}): Chat {
  return {
    id: 'c',
    kind: 'group',
    name: 'Crew',
    peer: null,
    role: 'member',
    member_count: 2,
    head_seq: -1,
    head_cseq: -1,
    read_seq: -1,
    unread: 0,
    mentions: 0,
    created_at: time(0),
    last_message_at: time(0),
    last_message: null,
    ...asNew,
    ...over,
  };
}
