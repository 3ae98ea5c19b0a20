/** A piece of code and the class of its colour, if it has one. */
export interface Paint {
  kind: 'c' | 'st' | 'n' | 'k' | 'f' | null;
  text: string;
}

const words =
  'abstract as async await break case catch class const continue def default defer del do elif else enum except export extends false finally fn for from func function go if impl implements import in interface is lambda let loop match mod move mut new nil none not null of or package pass private protected pub public raise return select self static struct super switch then this throw trait true try type undefined union unless use val var void where while with yield begin end insert into update delete create table values set order group by limit join on and echo fi done local';
const keywords = new Set(words.split(' '));
const hashComments = new Set(['bash', 'py', 'python', 'rb', 'ruby', 'sh', 'toml', 'yaml', 'yml']);
const dashComments = new Set(['sql']);
const uncoloured = new Set(['', 'text', 'txt', 'plain', 'md', 'diff', 'html', 'xml']);
const most = 40_000;
const mostPieces = 400;

/**
 * Colours code by one look at its words: comments, strings, numbers, keywords and calls. It knows no grammar,
 * so it is small, never slow and never wrong enough to mislead.
 */
export function paint(text: string, tag: string): Paint[] {
  const language = tag.toLowerCase();
  if (uncoloured.has(language) || text.length > most) return [{ kind: null, text }];
  const out: Paint[] = [];
  let from = 0;
  for (const match of text.matchAll(pattern(language))) {
    const kind = kindOf(match, language);
    if (!kind) continue;
    if (out.length >= mostPieces) break;
    if (match.index > from) out.push({ kind: null, text: text.slice(from, match.index) });
    out.push({ kind, text: match[0] });
    from = match.index + match[0].length;
  }
  if (from < text.length) out.push({ kind: null, text: text.slice(from) });
  return out;
}

function pattern(language: string): RegExp {
  const line = hashComments.has(language) ? '#[^\\n]*' : dashComments.has(language) ? '--[^\\n]*' : '\\/\\/[^\\n]*|\\/\\*(?:[^*]|\\*(?!\\/))*(?:\\*\\/|$)';
  // What does not end ends with its line, or is not long: nothing is looked through again and again.
  const string = '"(?:\\\\.|[^"\\\\\\n])*"?|\'(?:\\\\.|[^\'\\\\\\n]){0,200}\'|`(?:\\\\.|[^`\\\\])*`?';
  return new RegExp(`(?<c>${line})|(?<st>${string})|(?<n>\\b\\d[\\d_.a-fxA-F]*\\b)|(?<f>[\\p{L}_$][\\p{L}\\p{N}_$]*(?=\\())|(?<word>[\\p{L}_$][\\p{L}\\p{N}_$]*)`, 'gu');
}

function kindOf(match: RegExpMatchArray, language: string): Paint['kind'] {
  const { c, st, n, f, word } = match.groups ?? {};
  if (c !== undefined) return 'c';
  if (st !== undefined) return 'st';
  if (n !== undefined) return 'n';
  const name = f ?? word ?? '';
  if (keywords.has(language === 'sql' ? name.toLowerCase() : name)) return 'k';
  return f === undefined ? null : 'f';
}
