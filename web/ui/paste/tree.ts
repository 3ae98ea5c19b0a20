import { Parser } from 'htmlparser2';

/** A piece of a page, as far as it matters here. */
export interface Element {
  name: string;
  attributes: Readonly<Record<string, string>>;
  children: Node[];
}
export type Node = Element | string;

const silent = new Set(['head', 'style', 'script', 'title', 'template', 'noscript', 'svg', 'iframe', 'object', 'select', 'button']);
/** Deeper than anybody writes; what is below is as if it were there. */
const deepest = 100;

/** Reads HTML without making anything of it: nothing is run, fetched or shown. */
export function readHtml(html: string): Element {
  const root: Element = { name: 'root', attributes: {}, children: [] };
  const open: Element[] = [root];
  let hidden = 0;
  let tooDeep = 0;
  const parser = new Parser({
    onopentag(name, attributes) {
      if (hidden > 0 || silent.has(name)) return void (hidden += 1);
      if (open.length > deepest) return void (tooDeep += 1);
      const element = { name, attributes, children: [] };
      open.at(-1)?.children.push(element);
      open.push(element);
    },
    ontext(text) {
      if (hidden === 0) open.at(-1)?.children.push(text);
    },
    onclosetag() {
      if (hidden > 0) hidden -= 1;
      else if (tooDeep > 0) tooDeep -= 1;
      else open.pop();
    },
  });
  parser.end(html);
  return root;
}
