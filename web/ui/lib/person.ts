/** One or two letters for a person's tile. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/u);
  const first = letter(words[0]);
  const last = words.length > 1 ? letter(words.at(-1)) : '';
  return (first + last).toLocaleUpperCase();
}

function letter(word: string | undefined): string {
  return [...(word ?? '')][0] ?? '';
}

/** Which of the ten tile colours belongs to an id: always the same one. */
export function tint(id: string): number {
  let hash = 0;
  for (const char of id) hash = (hash * 31 + char.charCodeAt(0)) >>> 0;
  return (hash % 10) + 1;
}

/** What a person is called in a short sentence. */
export function firstName(name: string): string {
  return name.trim().split(/\s+/u)[0] ?? name;
}
