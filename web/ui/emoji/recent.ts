const key = 'petit-emoji';
const most = 24;

interface Kept {
  user: string;
  chars: string[];
}

/** The emoji that somebody used last on this device, newest first. */
export function recentEmoji(user: string): string[] {
  const kept = load();
  return kept?.user === user ? kept.chars : [];
}

export function usedEmoji(user: string, char: string): void {
  const chars = [char, ...recentEmoji(user).filter((one) => one !== char)].slice(0, most);
  try {
    localStorage.setItem(key, JSON.stringify({ user, chars } satisfies Kept));
  } catch {
    // Where nothing is kept, nothing is offered again.
  }
}

/** Whoever signs out leaves nothing here. */
export function forgetEmoji(): void {
  try {
    localStorage.removeItem(key);
  } catch {
    // Where nothing can be kept there is nothing to take away.
  }
}

function load(): Kept | null {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(key) ?? 'null');
    return isKept(kept) ? kept : null;
  } catch {
    return null;
  }
}

const isKept = (kept: unknown): kept is Kept => typeof kept === 'object' && kept !== null && 'user' in kept && 'chars' in kept && Array.isArray(kept.chars);
