/** Runs in the page: scrolls up step by step, and looks at every frame what moved beyond what the hand did. */
export function walk({ step, mostJump }) {
  const scroller = document.querySelector('.timeline');
  const frame = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
  const rows = () => {
    const { top, bottom } = scroller.getBoundingClientRect();
    const seen = [...scroller.querySelectorAll('[data-seq]')].map((row) => [row.dataset.seq, row.getBoundingClientRect()]);
    return new Map(seen.filter(([, box]) => box.bottom > top && box.top < bottom).map(([seq, box]) => [seq, box.bottom - top]));
  };
  return (async () => {
    const found = { jumps: [], blanks: 0, nodes: 0, steps: 0, first: Infinity };
    let still = 0;
    while (still < 600 && !document.querySelector('.log .start')) {
      const from = scroller.scrollTop;
      const before = rows();
      scroller.scrollTop -= step;
      const byHand = from - scroller.scrollTop;
      await frame();
      const after = rows();
      if (after.size === 0) found.blanks += 1;
      const moves = [...after].flatMap(([seq, at]) => (before.has(seq) ? [at - before.get(seq) - byHand] : []));
      // A row that begins a group is drawn otherwise once the one before it is there: one of many may differ.
      const worst = moves.map(Math.abs).sort((a, b) => a - b)[Math.floor(moves.length / 2)] ?? 0;
      if (worst > mostJump) found.jumps.push(Math.round(worst));
      found.nodes = Math.max(found.nodes, document.getElementsByTagName('*').length);
      const first = Number(scroller.querySelector('[data-seq]')?.dataset.seq);
      still = first < found.first || byHand > 0 ? 0 : still + 1;
      found.first = Math.min(found.first, first);
      found.steps += 1;
    }
    return found;
  })();
}
