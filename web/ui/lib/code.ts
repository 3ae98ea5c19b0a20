const names: Record<string, string> = {
  bash: 'Shell', c: 'C', cpp: 'C++', cs: 'C#', css: 'CSS', diff: 'Diff', go: 'Go', html: 'HTML', java: 'Java', javascript: 'JavaScript',
  js: 'JavaScript', json: 'JSON', kotlin: 'Kotlin', md: 'Markdown', php: 'PHP', py: 'Python', python: 'Python', rb: 'Ruby', rs: 'Rust',
  ruby: 'Ruby', rust: 'Rust', sh: 'Shell', sql: 'SQL', swift: 'Swift', toml: 'TOML', ts: 'TypeScript', tsx: 'TypeScript',
  typescript: 'TypeScript', yaml: 'YAML', yml: 'YAML',
};

/** How a language is called over its block; empty if none is named. */
export const languageName = (tag: string): string => names[tag.toLowerCase()] ?? tag;
