/**
 * The goals of the client with what they are gated at and aimed at. `fails` says that a run fails above the gate: bytes and
 * counts are the same on every machine, times are not. `by` names a story that shows a goal
 * with no number.
 */
export const goals = [
  { id: 'B1', what: 'script to the first painted chat', unit: 'kB br', gate: 82, aim: 60, fails: true },
  { id: 'B2', what: 'script for signing in', unit: 'kB br', gate: 0, aim: 0, fails: true },
  { id: 'B3', what: 'styles to the first painted chat', unit: 'kB br', gate: 12, aim: 10, fails: true },
  { id: 'B3 fonts', what: 'fonts to the first painted chat', unit: '', gate: 0, aim: 0, fails: true },
  { id: 'B3 requests', what: 'requests to the first painted chat, those of the API too', unit: '', gate: 16, aim: 8, fails: true },
  { id: 'B4', what: 'largest part that comes later', unit: 'kB br', gate: 40, aim: 30, fails: true },
  { id: 'S1', what: 'cold start on a phone, Lighthouse performance, signing in or a chat', unit: '', gate: 90, aim: 97 },
  { id: 'S2', what: 'warm start with 313 chats, no network, processor at a quarter', unit: 'ms of processor', gate: 900, aim: 500 },
  { id: 'C1', what: 'switch to a cached chat, 313 in the list, median', unit: 'ms of processor', gate: 40, aim: 25 },
  { id: 'C1 few', what: 'the same with ten in the list', unit: 'ms of processor', gate: 40, aim: 25 },
  { id: 'C2', what: 'click to paint of a switch, 95 of 100', unit: 'ms', gate: 150, aim: 50 },
  { id: 'C3', what: 'switch to a chat that is not cached, content, with next to no round trip', unit: 'ms', gate: 200, aim: 100 },
  { id: 'T1', what: 'scrolling, for each 400 px, with what is fetched on the way', unit: 'ms of processor', gate: 6, aim: 4 },
  { id: 'T2', what: 'frames while scrolling, 95 of 100', unit: 'ms', gate: 80, aim: 17 },
  { id: 'T3', what: 'elements at most on a walk up through 50,000 messages', unit: '', gate: 6000, aim: 6000, fails: true, story: 'a walk through fifty thousand messages reaches the first one' },
  { id: 'T3 jumps', what: 'steps of it where a row moved by more than 1 px beyond what the hand did', unit: '', gate: 0, aim: 0, fails: true },
  { id: 'T3 blanks', what: 'steps of it with nothing to read', unit: '', gate: 0, aim: 0, fails: true },
  { id: 'T3 heap', what: 'heap grown by the walk', unit: 'MB', gate: 5, aim: 1, fails: true },
  { id: 'T4', what: 'jump to a message of any date that the device lacks, 95 of 100', unit: 'ms', gate: 200, aim: 100 },
  { id: 'E1', what: 'Enter to own row painted, 95 of 100', unit: 'ms', gate: 60, aim: 30 },
  { id: 'E2', what: 'key to paint, 95 of 100', unit: 'ms', gate: 50, aim: 16 },
  { id: 'E2 work', what: 'work of a key', unit: 'ms of processor', gate: 16, aim: 8 },
  { id: 'E3', what: 'slowest of the interactions of this run, 98 of 100', unit: 'ms', gate: 200, aim: 100 },
  { id: 'O1', what: 'fifty messages of a closed tab arrive once and in order', by: 'what was written before the tab closed is sent by the next one' },
  { id: 'O2', what: 'what was missed is made up for', by: 'a killed server loses nothing and everybody goes on' },
  { id: 'M1', what: 'heap at rest, 313 chats', unit: 'MB', gate: 40, aim: 25, fails: true },
  { id: 'D1', what: 'media with the data saver on', unit: 'kB', gate: 60, aim: 0 },
  { id: 'A1', what: 'axe findings on every screen', by: 'every screen is accessible on a desktop' },
  { id: 'A2', what: 'contrast of all pairs of tokens', unit: '', gate: 0, aim: 0, fails: true },
  { id: 'A3', what: 'Lighthouse accessibility, the worse of the two', unit: '', gate: 100, aim: 100, fails: true },
  { id: 'A3 practices', what: 'Lighthouse best practices', unit: '', gate: 96, aim: 100, fails: true },
  { id: 'A4', what: 'findings of the HTML checker on every screen', unit: '', gate: 0, aim: 0, fails: true },
  { id: 'A5', what: 'tasks by keyboard alone', by: 'the tasks of a day are done by keyboard alone' },
  { id: 'A6', what: 'targets smaller than 44 px on a phone', unit: '', gate: 0, aim: 0, fails: true },
  { id: 'P1', what: 'findings against installing', by: 'it can be installed' },
];

/** Goals where more is better. */
export const rising = new Set(['S1', 'A3', 'A3 practices']);

export function verdict({ id, gate, aim, unit }, measured) {
  if (unit === undefined) return 'left to a story';
  if (measured === undefined) return 'not measured';
  const within = (most) => (rising.has(id) ? measured >= most : measured <= most);
  return within(aim) ? 'aim met' : within(gate) ? 'met' : 'missed';
}

/** Whether a run that measured this has to fail. */
export const isBroken = (goal, measured) => goal.fails === true && verdict(goal, measured) === 'missed';
