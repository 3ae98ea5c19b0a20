import { readFileSync } from 'node:fs';

const sheet = readFileSync(new URL('../ui/styles/tokens.css', import.meta.url), 'utf8');
const text = 4.5;
/** What has to be seen and not read. */
const shape = 3;
const surfaces = ['surface-0', 'surface-1', 'surface-2', 'surface-pop'];
const code = ['code-key', 'code-str', 'code-num', 'code-fn', 'code-note'];
const faces = Array.from({ length: 10 }, (_, n) => `av-${n + 1}`);

/** What is drawn on what, and by how much it has to differ from it at least. */
export const pairs = [
  ...on([...surfaces, 'surface-3', 'accent-soft', 'mention-bg', 'warning-soft', 'danger-soft', 'success-soft', 'code-bg'], ['text-1'], text),
  ...on([...surfaces, 'surface-3', 'accent-soft'], ['text-2'], text),
  ...on(surfaces, ['text-3', 'link', 'danger'], text),
  ...on(['surface-0', 'surface-1', 'surface-pop', 'accent-soft'], ['accent'], text),
  ...on(['mention-ink'], ['text-1'], text),
  ...on(['mention-bg'], ['link'], text),
  ...on(['accent', 'accent-hover'], ['on-accent'], text),
  ...on(['badge'], ['on-badge'], text),
  ...['danger', 'warning', 'success'].flatMap((tone) => on([`${tone}-soft`], [tone], text)),
  ...on(['code-bg'], code, text),
  ...on(faces, ['#ffffff'], text),
  ...on(['surface-0', 'surface-1', 'surface-2', 'surface-pop'], ['focus', 'border-strong'], shape),
  ...on(['surface-0', 'surface-1'], ['online', 'away', 'busy'], shape),
  ...on(['mention-bg'], ['mention-bar'], shape),
];

function on(grounds, inks, least) {
  return grounds.flatMap((ground) => inks.map((ink) => ({ ink, ground, least })));
}

/** The tokens of every accent: those of the root, and what an accent says otherwise. */
function palettes() {
  const blocks = [...sheet.matchAll(/(?:^|\n)(:root|\[data-accent="(\w+)"\]) \{([^}]*)\}/gu)];
  const root = tokens(blocks[0][3]);
  return [['petrol', root], ...blocks.flatMap(([, , accent, body]) => (accent ? [[accent, { ...root, ...tokens(body) }]] : []))];
}

/** A light and a dark colour by name. */
function tokens(body) {
  const found = body.matchAll(/--([\w-]+):\s*(?:light-dark\((#\w{6}), (#\w{6})\)|(#\w{6}))/gu);
  return Object.fromEntries([...found].map(([, name, light, dark, both]) => [name, [light ?? both, dark ?? both]]));
}

function luminance(hex) {
  const [r, g, b] = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16) / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

export function contrast(one, other) {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

/** The pairs that are too alike, in every accent and both themes. */
export function tooAlike() {
  return palettes().flatMap(([accent, known]) =>
    ['light', 'dark'].flatMap((theme, n) =>
      pairs.flatMap(({ ink, ground, least }) => {
        const [top, below] = [ink, ground].map((name) => (name.startsWith('#') ? name : known[name]?.[n]));
        const found = top && below ? contrast(top, below) : 0;
        return found < least ? [`${ink} on ${ground}, ${accent}, ${theme}: ${found.toFixed(2)} of ${least}`] : [];
      }),
    ),
  );
}
