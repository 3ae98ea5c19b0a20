import * as accessibility from './accessibility.js';
import * as budget from './budget.js';
import * as keyboard from './keyboard.js';
import * as members from './members.js';
import * as offline from './offline.js';
import * as talking from './talking.js';

const named = (module) => Object.entries(module).map(([name, story]) => [name.replaceAll('_', ' '), story]);

/** Every story, by a name that says what it shows. */
export const stories = Object.fromEntries([talking, offline, members, keyboard, accessibility, budget].flatMap(named));
