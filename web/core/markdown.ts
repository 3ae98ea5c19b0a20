/** A piece of text inside a block. */
export type Inline =
  | { type: 'text'; text: string }
  | { type: 'strong' | 'em' | 'del'; children: Inline[] }
  | { type: 'code'; text: string }
  | { type: 'link'; href: string; children: Inline[] }
  | { type: 'mention'; username: string }
  | { type: 'break' };

/** On which side the cells of a column stand; null where nothing was said. */
export type Align = 'left' | 'center' | 'right' | null;

/** A block of a message. */
export type Block =
  | { type: 'paragraph'; children: Inline[] }
  | { type: 'heading'; level: number; children: Inline[] }
  | { type: 'code'; language: string; text: string }
  | { type: 'quote'; children: Block[] }
  | { type: 'list'; ordered: boolean; start: number; items: Block[][] }
  | { type: 'table'; align: Align[]; header: Inline[][]; rows: Inline[][][] }
  | { type: 'rule' };

/** Counts what reading a text costs. */
export interface Meter {
  steps: number;
}

const deepest = 12;
const longestUrl = 2_000;
/** More marks than that are not open at once: the first of them are text by then. */
const mostOpen = 32;
const mostColumns = 50;

/**
 * Reads Markdown as a tree. HTML is text, links lead to the web or to mail, and nothing throws. The work grows with
 * the length of the text and with nothing else, whatever the text is: no mark is looked for twice in the same place.
 */
export function parseMarkdown(source: string, meter: Meter = { steps: 0 }): Block[] {
  return new Blocks(source.replaceAll(/\r\n?/gu, '\n').split('\n'), 0, meter).read();
}

const blank = /^[ \t]*$/u;
const fence = /^( {0,3})(`{3,}|~{3,})[ \t]*([^\n]*)$/u;
const heading = /^ {0,3}(#{1,6})(?:[ \t]+(.*))?$/u;
const rule = /^ {0,3}(?:\*[ \t]*){3,}$|^ {0,3}(?:-[ \t]*){3,}$|^ {0,3}(?:_[ \t]*){3,}$/u;
const quote = /^ {0,3}> ?/u;
const marker = /^( {0,3})([-+*]|\d{1,9}[.)])(?:( {1,4})(?! )|( )|\t|$)/u;
const task = /^\[([ xX])\] +(?=\S)/u;
/** A single `-` or `=` under a text is more likely meant as one. */
const underline = /^ {0,3}(?:(={3,})|-{3,})[ \t]*$/u;
const delimiters = /^[ \t|:-]+$/u;

/** Reads lines as blocks, from top to bottom. */
class Blocks {
  readonly #lines: readonly string[];
  readonly #depth: number;
  readonly #meter: Meter;
  readonly #out: Block[] = [];
  #at = 0;

  constructor(lines: readonly string[], depth: number, meter: Meter) {
    this.#lines = lines;
    this.#depth = depth;
    this.#meter = meter;
  }

  read(): Block[] {
    if (this.#depth > deepest) return plain(this.#lines);
    while (this.#at < this.#lines.length) {
      this.#meter.steps += 1;
      if (blank.test(this.#line())) this.#at += 1;
      else if (!(this.#code() || this.#heading() || this.#rule() || this.#quote() || this.#list() || this.#table())) this.#paragraph();
    }
    return this.#out;
  }

  #line(n = this.#at): string {
    return this.#lines[n] ?? '';
  }

  #code(): boolean {
    const line = this.#line();
    const found = fence.exec(line);
    if (!found) return isIndented(line) && this.#indented();
    const [, indent = '', mark = '', info = ''] = found;
    if (mark.startsWith('`') && info.includes('`')) return false;
    let end = this.#at + 1;
    while (end < this.#lines.length && !closes(this.#line(end), mark)) end += 1;
    if (end === this.#at + 1 && end >= this.#lines.length) return false;
    const text = this.#lines.slice(this.#at + 1, end).map((one) => dedent(one, indent.length));
    this.#meter.steps += text.length;
    this.#out.push({ type: 'code', language: /^[\w+#.-]{1,30}/u.exec(info)?.[0] ?? '', text: text.join('\n') });
    this.#at = end + 1;
    return true;
  }

  #indented(): boolean {
    let end = this.#at;
    let last = end;
    for (; end < this.#lines.length && (isIndented(this.#line(end)) || blank.test(this.#line(end))); end += 1) if (!blank.test(this.#line(end))) last = end;
    const text = this.#lines.slice(this.#at, last + 1).map((one) => dedent(one, 4));
    this.#meter.steps += text.length;
    this.#out.push({ type: 'code', language: '', text: text.join('\n') });
    this.#at = last + 1;
    return true;
  }

  #heading(): boolean {
    const found = heading.exec(this.#line());
    const text = withoutClosing(found?.[2]?.trim() ?? '');
    if (!found || !text) return false;
    this.#out.push({ type: 'heading', level: found[1]?.length ?? 1, children: this.#inlines(text) });
    this.#at += 1;
    return true;
  }

  #rule(): boolean {
    if (!rule.test(this.#line())) return false;
    this.#out.push({ type: 'rule' });
    this.#at += 1;
    return true;
  }

  #quote(): boolean {
    if (!quote.test(this.#line())) return false;
    const from = this.#at;
    const inner: string[] = [];
    let isText = false;
    for (; this.#at < this.#lines.length; this.#at += 1) {
      const line = this.#line();
      const isQuoted = quote.test(line);
      if (!isQuoted && (!isText || blank.test(line) || this.#begins(line))) break;
      inner.push(isQuoted ? line.replace(quote, '') : line);
      isText = isQuoted ? isParagraph(inner.at(-1) ?? '') : isText;
    }
    this.#out.push(...this.#inside(inner, this.#lines.slice(from, this.#at), (children) => ({ type: 'quote', children })));
    return true;
  }

  #list(): boolean {
    const found = marker.exec(this.#line());
    if (!found) return false;
    const from = this.#at;
    const kind = found[2]?.at(-1) ?? '';
    const items: Block[][] = [];
    while (this.#at < this.#lines.length) {
      const next = marker.exec(this.#line());
      if (!next || next[2]?.at(-1) !== kind || (items.length > 0 && rule.test(this.#line()))) break;
      items.push(this.#item(next));
    }
    if (items.every((item) => item.length === 0)) this.#out.push(...plain(this.#lines.slice(from, this.#at)));
    else this.#out.push({ type: 'list', ordered: /\d/u.test(found[2] ?? ''), start: Number.parseInt(found[2] ?? '', 10) || (found[2]?.startsWith('0') ? 0 : 1), items });
    return true;
  }

  /** One entry of a list, and what is indented below it. */
  #item(found: RegExpExecArray): Block[] {
    const width = found[0].length;
    const first = this.#line().slice(width);
    const box = task.exec(first);
    const inner = [box ? first.slice(box[0].length) : first];
    let isText = isParagraph(inner[0] ?? '');
    let isFenced = fence.test(inner[0] ?? '');
    this.#at += 1;
    for (; this.#at < this.#lines.length; this.#at += 1) {
      const line = this.#line();
      const isInside = indentOf(line) >= width;
      const isBlank = blank.test(line);
      if (isBlank ? !isFenced && !this.#goesOn(width) : !isInside && (!isText || isFenced || this.#begins(line) || marker.test(line))) break;
      const text = isInside ? dedent(line, width) : line;
      if (fence.test(text)) isFenced = !isFenced;
      if (isInside || isBlank) isText = !isBlank && isParagraph(text);
      inner.push(text);
    }
    while (blank.test(this.#line()) && this.#at < this.#lines.length && marker.test(this.#line(this.#at + 1))) this.#at += 1;
    const blocks = this.#nested(inner);
    if (box) check(blocks, box[1] !== ' ');
    return blocks;
  }

  /** Whether what follows an empty line still belongs to an entry whose text begins at `width`. */
  #goesOn(width: number): boolean {
    const next = this.#line(this.#at + 1);
    this.#meter.steps += 1;
    return !blank.test(next) && indentOf(next) >= width;
  }

  #table(): boolean {
    const columns = this.#columns(this.#at);
    if (!columns) return false;
    const header = this.#cells(this.#at, columns.length);
    const rows: Inline[][][] = [];
    this.#at += 2;
    for (; this.#at < this.#lines.length && !blank.test(this.#line()) && !this.#begins(this.#line()); this.#at += 1) rows.push(this.#cells(this.#at, columns.length));
    this.#out.push({ type: 'table', align: columns, header, rows });
    return true;
  }

  /** The columns of a table that begins at a line, if one does. */
  #columns(at: number): Align[] | null {
    const under = this.#line(at + 1);
    if (!delimiters.test(under) || !under.includes('-') || !this.#line(at).includes('|') || !(under.includes('|') || under.includes(':'))) return null;
    const marks = cells(under);
    this.#meter.steps += under.length + this.#line(at).length;
    if (marks.length > mostColumns || marks.length !== cells(this.#line(at)).length || !marks.every((mark) => /^:?-+:?$/u.test(mark))) return null;
    return marks.map((mark) => (mark.endsWith(':') ? (mark.startsWith(':') ? 'center' : 'right') : mark.startsWith(':') ? 'left' : null));
  }

  #cells(at: number, most: number): Inline[][] {
    return cells(this.#line(at)).slice(0, most).map((cell) => this.#inlines(cell));
  }

  #paragraph(): void {
    const from = this.#at;
    this.#at += 1;
    for (; this.#at < this.#lines.length; this.#at += 1) {
      this.#meter.steps += 1;
      const line = this.#line();
      const under = underline.exec(line);
      if (under) {
        const level = under[1] ? 1 : 2;
        this.#out.push({ type: 'heading', level, children: this.#inlines(joined(this.#lines.slice(from, this.#at))) });
        this.#at += 1;
        return;
      }
      if (blank.test(line) || this.#begins(line) || this.#columns(this.#at)) break;
    }
    this.#out.push({ type: 'paragraph', children: this.#inlines(joined(this.#lines.slice(from, this.#at))) });
  }

  /** Whether a line ends the paragraph before it. */
  #begins(line: string): boolean {
    if (quote.test(line) || rule.test(line)) return true;
    if (fence.test(line)) return true;
    if (heading.exec(line)?.[2]?.trim()) return true;
    const found = marker.exec(line);
    return found !== null && !blank.test(line.slice(found[0].length)) && !/^(?!0*1[.)])\d/u.test(found[2] ?? '');
  }

  /** What stands inside a quote; the lines themselves, if that is nothing. */
  #inside(inner: string[], raw: string[], make: (children: Block[]) => Block): Block[] {
    const children = this.#nested(inner);
    return children.length > 0 ? [make(children)] : plain(raw);
  }

  #nested(lines: string[]): Block[] {
    if (lines.length === 1 && blank.test(lines[0] ?? '')) return [];
    this.#meter.steps += lines.length;
    return new Blocks(lines, this.#depth + 1, this.#meter).read();
  }

  #inlines(text: string): Inline[] {
    this.#meter.steps += text.length / 64;
    return text && !remarkable.test(text) ? [{ type: 'text', text }] : new Inlines(text, this.#meter).read();
  }
}

const isIndented = (line: string): boolean => /^(?: {4}| {0,3}\t)/u.test(line) && !blank.test(line);

const indentOf = (line: string): number => (line.startsWith('\t') ? 4 : line.length - line.trimStart().length);

const isParagraph = (line: string): boolean => !blank.test(line) && !fence.test(line) && !heading.test(line) && !rule.test(line);

const joined = (lines: readonly string[]): string => lines.map((line) => line.trim()).join('\n');

const closes = (line: string, mark: string): boolean => {
  const text = line.trim();
  return text.length >= mark.length && text.startsWith(mark) && text === (mark[0] ?? '').repeat(text.length) && indentOf(line) < 4;
};

function dedent(line: string, most: number): string {
  if (line.startsWith('\t')) return line.slice(1);
  return line.slice(Math.min(most, indentOf(line)));
}

/** `# title ##` is a title too. */
function withoutClosing(text: string): string {
  const bare = text.replace(/#{1,6}$/u, '');
  if (bare === '') return '';
  return bare !== text && /[ \t]$/u.test(bare) ? bare.trimEnd() : text;
}

function plain(lines: readonly string[]): Block[] {
  const text = joined(lines);
  return text.trim() ? [{ type: 'paragraph', children: [{ type: 'text', text: text.trim() }] }] : [];
}

function check(blocks: Block[], isDone: boolean): void {
  const head = blocks[0];
  if (head?.type === 'paragraph') head.children.unshift({ type: 'text', text: isDone ? '☑ ' : '☐ ' });
}

/** The cells of one line of a table. */
function cells(line: string): string[] {
  const text = line.trim().replace(/^\|/u, '');
  const found: string[] = [];
  let from = 0;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '|') {
      found.push(text.slice(from, at));
      from = at + 1;
    }
  }
  if (from < text.length) found.push(text.slice(from));
  return found.map((cell) => cell.replaceAll('\\|', '|').trim());
}

const safe = /^(?:https?:\/\/|mailto:)[^\s<>]+$/iu;
const punctuation = /[!-/:-@[-`{-~]/u;
const word = /[\p{L}\p{N}]/u;
/** Scripts that set no spaces between words: there a mark inside a run of letters is meant. */
const unspaced = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
const bare = /https?:\/\/(?=[\p{L}\p{N}])[^\s<>]{1,2000}|www\.(?=[a-z0-9-]{1,63}\.[\p{L}\p{N}])[^\s<>]{1,2000}/iuy;
const named = /@([a-z0-9][a-z0-9._-]{1,31})(?![\p{L}\p{N}_])/iuy;
const host = /@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,8}(?![\w-])/iuy;
/** Whether a text holds more than text. */
const remarkable = /[\\`*_~[\]<!@\n]|https?:|www\./iu;
const special = /[\\`*_~[\]<!@hHwW\n]/gu;

/** Marks that may turn out to begin something: what came after them is kept beside, until that is known. */
interface Open {
  mark: string;
  type: 'strong' | 'em' | 'del';
  children: Inline[];
  deep: number;
}

interface Span {
  end: number;
  piece: Inline;
}

/** Reads one text as pieces: first what no mark can cut through, then marks from left to right. */
class Inlines {
  readonly #text: string;
  readonly #meter: Meter;
  readonly #spans: Map<number, Span>;
  readonly #mayLink: boolean;
  readonly #frames: Open[] = [{ mark: '', type: 'em', children: [], deep: 0 }];
  readonly #counts = new Map<string, number>();

  constructor(text: string, meter: Meter, mayLink = true) {
    this.#text = text;
    this.#meter = meter;
    this.#mayLink = mayLink;
    this.#spans = /[`<\]]/u.test(text) ? new Spans(text, meter, mayLink).find() : new Map<number, Span>();
  }

  read(): Inline[] {
    const text = this.#text;
    let from = 0;
    for (let at = 0; at < text.length; ) {
      special.lastIndex = at;
      const next = special.exec(text)?.index ?? text.length;
      this.#meter.steps += 1 + (next - at) / 64;
      if (next === text.length) break;
      const end = this.#one(next, from);
      if (end > next) from = end;
      at = Math.max(end, next + 1);
    }
    this.#write(text.slice(from));
    return tidy(this.#close(0));
  }

  /** Takes what begins at `at`, if something does, after the text from `from`. Answers where it ends. */
  #one(at: number, from: number): number {
    const char = this.#text[at] ?? '';
    const span = this.#spans.get(at);
    if (span) return this.#put(from, at, span.end, span.piece);
    if (char === '\n') return this.#put(from, this.#text.slice(from, at).trimEnd().length + from, at + 1, { type: 'break' });
    if (char === '\\') return this.#escape(at, from);
    if (char === '*' || char === '_' || char === '~') return this.#marks(at, from, char);
    if (char === '@') return this.#named(at, from);
    return this.#mayLink && /[hw]/iu.test(char) ? this.#address(at, from) : at;
  }

  #put(from: number, to: number, end: number, ...pieces: Inline[]): number {
    this.#write(this.#text.slice(from, to));
    this.#top().children.push(...pieces);
    return end;
  }

  #write(text: string): void {
    if (text) this.#top().children.push({ type: 'text', text });
  }

  #top(): Open {
    return this.#frames.at(-1) as Open;
  }

  #escape(at: number, from: number): number {
    const next = this.#text[at + 1];
    if (next === '\n') return this.#put(from, at, at + 2, { type: 'break' });
    if (next === undefined || !punctuation.test(next)) return at;
    return this.#put(from, at, at + 2, { type: 'text', text: next });
  }

  #marks(at: number, from: number, char: string): number {
    let end = at;
    while (this.#text[end] === char) end += 1;
    this.#meter.steps += end - at;
    this.#write(this.#text.slice(from, at));
    const sides = sidesOf(this.#text, at, end);
    let rest = end - at;
    // A run that long means nothing, and nothing that long is nested.
    if (rest > 3 * deepest || (char === '~' && rest > 2)) this.#write(char.repeat(rest));
    else {
      while (rest > 0 && sides.closes) {
        const size = this.#closable(char, rest);
        if (size === 0) break;
        this.#wrap(char.repeat(size));
        rest -= size;
      }
      this.#openAll(char, rest, sides);
    }
    return end;
  }

  /** How many of `rest` marks have an open partner. */
  #closable(char: string, rest: number): number {
    const has = (size: number): boolean => rest >= size && (this.#counts.get(char.repeat(size)) ?? 0) > 0;
    if (char === '~') return has(rest) ? rest : 0;
    if (!has(2) || !has(1)) return has(2) ? 2 : has(1) ? 1 : 0;
    // Whichever was opened last.
    const last = this.#frames.findLast(({ mark }) => mark === char || mark === char + char);
    return last?.mark.length ?? 0;
  }

  #wrap(mark: string): void {
    const at = this.#frames.findLastIndex((frame) => frame.mark === mark);
    const { type } = this.#frames[at] as Open;
    const deep = this.#frames.slice(at).reduce((most, frame) => Math.max(most, frame.deep), 0) + 1;
    const children = this.#close(at);
    this.#frames.pop();
    this.#count(mark, -1);
    const top = this.#top();
    if (children.length === 0 || deep > deepest) top.children.push({ type: 'text', text: mark }, ...children, { type: 'text', text: mark });
    else top.children.push({ type, children: tidy(children) });
    top.deep = Math.max(top.deep, deep);
  }

  /** What stands in the frames from `at` on, in one row: marks above it opened nothing. They are gone afterwards. */
  #close(at: number): Inline[] {
    const all = this.#frames.splice(at + 1);
    const { children } = this.#frames[at] as Open;
    for (const { mark, children: inner } of all) {
      this.#count(mark, -1);
      children.push({ type: 'text', text: mark });
      for (const piece of inner) children.push(piece);
    }
    this.#meter.steps += all.length;
    return children;
  }

  #openAll(char: string, rest: number, sides: { opens: boolean }): void {
    if (!sides.opens) return this.#write(char.repeat(rest));
    for (let left = rest; left > 0; ) {
      // The outer of `***` is the single one, as its end is read first.
      const size = char === '~' ? left : left % 2 === 1 ? 1 : 2;
      this.#frames.push({ mark: char.repeat(size), type: char === '~' ? 'del' : size === 2 ? 'strong' : 'em', children: [], deep: 0 });
      this.#count(char.repeat(size), 1);
      left -= size;
      if (this.#frames.length > mostOpen) this.#giveUpFirst();
    }
  }

  #giveUpFirst(): void {
    const [bottom] = this.#frames;
    const [first] = this.#frames.splice(1, 1);
    if (!bottom || !first) return;
    bottom.children.push({ type: 'text', text: first.mark }, ...first.children);
    this.#count(first.mark, -1);
    this.#meter.steps += 1;
  }

  #count(mark: string, by: number): void {
    this.#counts.set(mark, (this.#counts.get(mark) ?? 0) + by);
  }

  #named(at: number, from: number): number {
    const mail = this.#mayLink ? this.#mail(at, from) : null;
    if (mail !== null) return mail;
    const before = this.#text[at - 1] ?? '';
    named.lastIndex = at;
    const found = named.exec(this.#text);
    this.#meter.steps += 4;
    if (!found || word.test(before) || /[_@.]/u.test(before)) return at;
    const username = (found[1] ?? '').replace(/[.-]+$/u, '');
    if (username.length < 2) return at;
    return this.#put(from, at, at + 1 + username.length, { type: 'mention', username: username.toLowerCase() });
  }

  #mail(at: number, from: number): number | null {
    host.lastIndex = at;
    const behind = /[a-z0-9._+-]{1,64}$/iu.exec(this.#text.slice(Math.max(from, at - 64), at));
    const found = behind && host.exec(this.#text);
    this.#meter.steps += 16;
    if (!behind || !found) return null;
    const text = behind[0] + found[0];
    return this.#put(from, at - behind[0].length, at + found[0].length, { type: 'link', href: `mailto:${text}`, children: [{ type: 'text', text }] });
  }

  #address(at: number, from: number): number {
    if (word.test(this.#text[at - 1] ?? '')) return at;
    bare.lastIndex = at;
    const found = bare.exec(this.#text);
    if (!found) return at;
    this.#meter.steps += found[0].length;
    const url = withoutTail(found[0]);
    const href = /^www/iu.test(url) ? `http://${url}` : url;
    if (!safe.test(href)) return at;
    return this.#put(from, at, at + url.length, { type: 'link', href, children: [{ type: 'text', text: url }] });
  }
}

/** Whether a run of marks may begin or end something, by what stands around it. */
function sidesOf(text: string, at: number, end: number): { opens: boolean; closes: boolean } {
  const before = kindAt(text, at - 1);
  const after = kindAt(text, end);
  const isOpen = after !== 'space' && (after !== 'sign' || before === 'space' || before === 'sign');
  const isClose = before !== 'space' && (before !== 'sign' || after === 'space' || after === 'sign');
  if (text[at] === '_') return { opens: isOpen && (!isClose || before === 'sign'), closes: isClose && (!isOpen || after === 'sign') };
  const isInside = before === 'word' && after === 'word';
  // `2*3*4` is a product, and `2**3` a power; `**API**s` is bold.
  return { opens: isOpen && !isInside, closes: isClose && !(isInside && end - at === 1) };
}

type Kind = 'space' | 'sign' | 'word' | 'other';

/** What stands at a place, in the sense of words. Letters of scripts without spaces are of no word. */
function kindAt(text: string, at: number): Kind {
  const code = text.charCodeAt(at);
  if (Number.isNaN(code)) return 'space';
  if (code < 128) return ascii[code] ?? 'other';
  const isSecondHalf = code >= 0xdc00 && code <= 0xdfff;
  return kindOf(String.fromCodePoint(text.codePointAt(isSecondHalf ? at - 1 : at) ?? 32));
}

function kindOf(char: string): Kind {
  if (/\s/u.test(char)) return 'space';
  if (word.test(char)) return unspaced.test(char) ? 'other' : 'word';
  return /[\p{P}\p{S}]/u.test(char) ? 'sign' : 'other';
}

const ascii: readonly Kind[] = Array.from({ length: 128 }, (_, code) => kindOf(String.fromCharCode(code)));

/** An address without the signs that end the sentence around it. */
function withoutTail(url: string): string {
  let end = url.length;
  let open = 0;
  for (const char of url) open += char === '(' ? 1 : char === ')' ? -1 : 0;
  for (; end > 0; end -= 1) {
    const last = url[end - 1] ?? '';
    if (last === ')' && open < 0) open += 1;
    else if (!/[?!.,:;*_~'"\]`]/u.test(last)) break;
  }
  return url.slice(0, end);
}

/** Joins texts that stand side by side. */
function tidy(pieces: readonly Inline[]): Inline[] {
  const out: Inline[] = [];
  let texts: string[] = [];
  const flush = (): void => {
    if (texts.length > 0) out.push({ type: 'text', text: texts.join('') });
    texts = [];
  };
  for (const piece of pieces) {
    if (piece.type === 'text') texts.push(piece.text);
    else {
      flush();
      out.push(piece);
    }
  }
  flush();
  return out;
}

/** Finds code, links and addresses in angle brackets: no mark cuts through them. */
class Spans {
  readonly #text: string;
  readonly #meter: Meter;
  readonly #mayLink: boolean;
  readonly #found = new Map<number, Span>();
  /** For every run of back-ticks, where the next one as long begins. */
  readonly #ticks: Map<number, number>;
  /** Where brackets are open. Those below `#dead` hold a link already, and links do not hold links. */
  readonly #open: number[] = [];
  #dead = 0;

  constructor(text: string, meter: Meter, mayLink: boolean) {
    this.#text = text;
    this.#meter = meter;
    this.#mayLink = mayLink;
    this.#ticks = ticksOf(text, meter);
  }

  find(): Map<number, Span> {
    const text = this.#text;
    const sign = /[\\`<[\]]/gu;
    for (let at = 0; at < text.length; ) {
      sign.lastIndex = at;
      const next = sign.exec(text)?.index ?? text.length;
      this.#meter.steps += 1 + (next - at) / 64;
      at = Math.max(this.#one(next), next + 1);
    }
    return this.#found;
  }

  #one(at: number): number {
    switch (this.#text[at]) {
      case '\\':
        return at + 2;
      case '`':
        return this.#code(at);
      case '<':
        return this.#mayLink ? this.#angle(at) : at;
      case '[':
        this.#open.push(at);
        return at;
      case ']':
        return this.#mayLink ? this.#link(at) : at;
      default:
        return at;
    }
  }

  #code(at: number): number {
    let end = at;
    while (this.#text[end] === '`') end += 1;
    this.#meter.steps += end - at;
    const close = this.#ticks.get(at);
    if (close === undefined) return end;
    const text = this.#text.slice(end, close).replaceAll('\n', ' ');
    const isPadded = text.startsWith(' ') && text.endsWith(' ') && text.trim() !== '';
    const after = close + end - at;
    this.#found.set(at, { end: after, piece: { type: 'code', text: isPadded ? text.slice(1, -1) : text } });
    return after;
  }

  #angle(at: number): number {
    const found = /^<((?:https?:\/\/|mailto:)[^\s<>]{1,2000}|[a-z0-9._+-]{1,64}@[a-z0-9.-]{1,253})>/iu.exec(this.#text.slice(at, at + longestUrl + 20));
    this.#meter.steps += found ? found[0].length : 16;
    if (!found) return at;
    const text = found[1] ?? '';
    const href = /^(?:https?|mailto):/iu.test(text) ? text : `mailto:${text}`;
    const end = at + found[0].length;
    this.#found.set(at, { end, piece: { type: 'link', href, children: [{ type: 'text', text }] } });
    return end;
  }

  #link(at: number): number {
    const from = this.#open.pop();
    if (from === undefined) return at;
    const isDead = this.#open.length < this.#dead;
    this.#dead = Math.min(this.#dead, this.#open.length);
    const target = isDead ? null : this.#target(at + 1);
    if (!target) return at;
    const label = this.#text.slice(from + 1, at);
    const isPicture = this.#text[from - 1] === '!';
    const children = new Inlines(label, this.#meter, false).read().flatMap(unnamed);
    const piece: Inline = { type: 'link', href: target.href, children: children.length > 0 ? children : [{ type: 'text', text: target.href }] };
    this.#found.set(from, { end: target.end, piece });
    if (isPicture) this.#found.set(from - 1, { end: target.end, piece });
    this.#dead = this.#open.length;
    return target.end;
  }

  /** Where a link leads, after its text: `(address "title")`. */
  #target(at: number): { href: string; end: number } | null {
    const found = /^\([ \n]*<?(?:https?:\/\/|mailto:)/iu.exec(this.#text.slice(at, at + 40));
    if (!found) return null;
    const part = this.#text.slice(at, at + longestUrl);
    const whole = /^\([ \n]*(?:<([^<>\n]*)>|((?:[^\s()\\]|\\.|\((?:[^\s()\\]|\\.)*\))+))(?:[ \n]+(?:"[^"]*"|'[^']*'))?[ \n]*\)/u.exec(part);
    this.#meter.steps += whole ? whole[0].length : part.length / 16;
    const href = (whole?.[1] ?? whole?.[2] ?? '').replaceAll(/\\([!-/:-@[-`{-~])/gu, '$1');
    return whole && safe.test(href) ? { href, end: at + whole[0].length } : null;
  }
}

/** Inside a link nobody is named. */
const unnamed = (piece: Inline): Inline[] => {
  if (piece.type === 'mention') return [{ type: 'text', text: `@${piece.username}` }];
  return 'children' in piece && piece.type !== 'link' ? [{ ...piece, children: piece.children.flatMap(unnamed) }] : [piece];
};

function ticksOf(text: string, meter: Meter): Map<number, number> {
  const next = new Map<number, number>();
  const seen = new Map<number, number>();
  const runs = [...text.matchAll(/`+/gu)].reverse();
  for (const { 0: run, index } of runs) {
    const close = seen.get(run.length);
    if (close !== undefined) next.set(index, close);
    seen.set(run.length, index);
  }
  meter.steps += runs.length;
  return next;
}
