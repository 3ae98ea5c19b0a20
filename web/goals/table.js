import { goals, verdict } from './list.js';

const shown = (value, unit) => (value === undefined ? '' : `${Math.round(value * 10) / 10}${unit ? ` ${unit}` : ''}`);

/** The page of the documentation. `measured` holds a number for each goal that was measured. */
export function table(measured, about) {
  const rows = goals.map((goal) => {
    const { id, what, unit, gate, aim, by } = goal;
    const value = measured[id];
    const how = by ? `story "${by}"` : value === undefined ? 'nothing measures it yet' : goal.fails ? 'fails the run' : 'reported';
    return `| ${id} | ${what} | ${shown(gate, unit)} | ${shown(aim, unit)} | ${shown(value, unit)} | ${verdict(goal, value)} | ${how} |`;
  });
  return `# What the client costs

Written by \`npm run goals\` in \`web/\`, in a real browser on a real server. Bytes, elements and the heap fail the run
past their gate. Times depend on the machine; those of the processor less than those of the clock, and all are longer
where others compute too, as the load average tells. Lighthouse and the HTML checker come with \`npm ci\` in
\`web/tools/judges/\`.

${about}

| goal | what | gate | aim | measured | verdict | how |
|---|---|---|---|---|---|---|
${rows.join('\n')}
`;
}
