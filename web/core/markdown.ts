import { Lexer, type Token, type Tokens } from 'marked';

/** A piece of text inside a block. */
export type Inline =
  | { type: 'text'; text: string }
  | { type: 'strong' | 'em' | 'del'; children: Inline[] }
  | { type: 'code'; text: string }
  | { type: 'link'; href: string; children: Inline[] }
  | { type: 'mention'; username: string }
  | { type: 'break' };

/** A block of a message. */
export type Block =
  | { type: 'paragraph'; children: Inline[] }
  | { type: 'heading'; level: number; children: Inline[] }
  | { type: 'code'; language: string; text: string }
  | { type: 'quote'; children: Block[] }
  | { type: 'list'; ordered: boolean; start: number; items: Block[][] }
  | { type: 'table'; header: Inline[][]; rows: Inline[][][] }
  | { type: 'rule' };

const deepest = 12;
const safe = /^(?:https?:\/\/|mailto:)/iu;
const mention = /(?<![\p{L}\p{N}_@.])@([a-z0-9](?:[a-z0-9._-]{0,30}[a-z0-9])?)/giu;

/** Reads Markdown as a tree. HTML is text, links lead to the web or to mail, and nothing throws. */
export function parseMarkdown(source: string): Block[] {
  try {
    return blocks(new Lexer({ gfm: true, breaks: true }).lex(source), 0);
  } catch {
    return [{ type: 'paragraph', children: [{ type: 'text', text: source }] }];
  }
}

function blocks(tokens: readonly Token[], depth: number): Block[] {
  return tokens.flatMap((token) => block(token as Tokens.Generic, depth));
}

function block(token: Tokens.Generic, depth: number): Block[] {
  if (depth > deepest) return [plain(token.raw)];
  switch (token.type) {
    case 'space':
    case 'def':
      return token.type === 'def' ? [plain(token.raw)] : [];
    case 'paragraph':
    case 'text':
      return [{ type: 'paragraph', children: inlines(token, depth) }];
    case 'heading':
      return [{ type: 'heading', level: token['depth'] as number, children: inlines(token, depth) }];
    case 'code':
      return [{ type: 'code', language: language(token['lang'] as string | undefined), text: token['text'] as string }];
    case 'blockquote':
      return [{ type: 'quote', children: blocks(token.tokens ?? [], depth + 1) }];
    case 'list':
      return [list(token as Tokens.List, depth)];
    case 'table':
      return [table(token as Tokens.Table, depth)];
    case 'hr':
      return [{ type: 'rule' }];
    default:
      return token.raw.trim() ? [plain(token.raw)] : [];
  }
}

const plain = (raw: string): Block => ({ type: 'paragraph', children: text(raw.replace(/\n+$/u, '')) });

const language = (named: string | undefined): string => /^[\w+#.-]{1,30}/u.exec(named ?? '')?.[0] ?? '';

function list(token: Tokens.List, depth: number): Block {
  const items = token.items.map((item) => {
    const box: Inline[] = item.task ? [{ type: 'text', text: item.checked ? '☑ ' : '☐ ' }] : [];
    const inner = blocks(item.tokens.filter((one) => one.type !== 'checkbox'), depth + 1);
    const head = inner[0];
    if (box.length > 0 && head?.type === 'paragraph') head.children.unshift(...box);
    return inner;
  });
  return { type: 'list', ordered: token.ordered, start: Number(token.start) || 1, items };
}

function table(token: Tokens.Table, depth: number): Block {
  const cell = (one: Tokens.TableCell): Inline[] => one.tokens.flatMap((inner) => inline(inner as Tokens.Generic, depth + 1));
  return { type: 'table', header: token.header.map(cell), rows: token.rows.map((row) => row.map(cell)) };
}

function inlines(token: Tokens.Generic, depth: number): Inline[] {
  if (!token.tokens) return text((token['text'] as string | undefined) ?? token.raw);
  return token.tokens.flatMap((inner) => inline(inner as Tokens.Generic, depth + 1));
}

function inline(token: Tokens.Generic, depth: number): Inline[] {
  if (depth > deepest) return text(token.raw);
  switch (token.type) {
    case 'strong':
    case 'em':
    case 'del':
      return [{ type: token.type, children: inlines(token, depth) }];
    case 'codespan':
      return [{ type: 'code', text: token['text'] as string }];
    case 'br':
      return [{ type: 'break' }];
    case 'link':
      return link(token, depth);
    case 'escape':
      return [{ type: 'text', text: token['text'] as string }];
    case 'text':
      return token.tokens ? inlines(token, depth) : text(token.raw);
    default:
      return text(token.raw);
  }
}

function link(token: Tokens.Generic, depth: number): Inline[] {
  const href = token['href'] as string;
  if (!safe.test(href)) return text(token.raw);
  const children = inlines(token, depth).flatMap((child): Inline[] =>
    child.type === 'mention' ? [{ type: 'text', text: `@${child.username}` }] : [child],
  );
  return [{ type: 'link', href, children }];
}

/** The text itself, with people who are named set apart. */
function text(raw: string): Inline[] {
  const parts: Inline[] = [];
  let from = 0;
  for (const found of raw.matchAll(mention)) {
    if (found.index > from) parts.push({ type: 'text', text: raw.slice(from, found.index) });
    parts.push({ type: 'mention', username: (found[1] as string).toLowerCase() });
    from = found.index + found[0].length;
  }
  if (from < raw.length) parts.push({ type: 'text', text: raw.slice(from) });
  return parts;
}

