/** Where an arrow leads from option `at` of a grid whose sections have `sizes` options, `columns` in a row. */
export function step(sizes: readonly number[], columns: number, at: number, key: string): number {
  const most = sizes.reduce((sum, size) => sum + size, 0) - 1;
  if (key === 'ArrowRight') return Math.min(at + 1, most);
  if (key === 'ArrowLeft') return Math.max(at - 1, 0);
  const rows = rowsOf(sizes, columns);
  const row = rows.findIndex(([from, size]) => at < from + size);
  const [from] = rows[row] ?? [0];
  const next = rows[row + (key === 'ArrowDown' ? 1 : -1)];
  return next ? next[0] + Math.min(at - from, next[1] - 1) : at;
}

/** Where each row begins, and how many it has. */
function rowsOf(sizes: readonly number[], columns: number): [from: number, size: number][] {
  let from = 0;
  return sizes.flatMap((size) => {
    const rows = Array.from({ length: Math.ceil(size / columns) }, (_, n): [number, number] => [from + n * columns, Math.min(columns, size - n * columns)]);
    from += size;
    return rows;
  });
}
