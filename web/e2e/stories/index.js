import * as accessibility from './accessibility.js';
import * as budget from './budget.js';
import * as joining from './joining.js';
import * as keyboard from './keyboard.js';
import * as layers from './layers.js';
import * as members from './members.js';
import * as offline from './offline.js';
import * as talking from './talking.js';

const named = (module) => Object.entries(module).map(([name, story]) => [name.replaceAll('_', ' '), story]);

/** Every story, by a name that says what it shows. */
export const stories = Object.fromEntries([joining, talking, offline, members, keyboard, accessibility, layers, budget].flatMap(named));
