import * as accessibility from './accessibility.js';
import * as budget from './budget.js';
import * as choices from './choices.js';
import * as emoji from './emoji.js';
import * as firstRun from './first_run.js';
import * as forwarding from './forwarding.js';
import * as hostile from './hostile.js';
import * as inbox from './inbox.js';
import * as joining from './joining.js';
import * as keyboard from './keyboard.js';
import * as keycloak from './keycloak.js';
import * as keys from './keys.js';
import * as languages from './languages.js';
import * as layers from './layers.js';
import * as members from './members.js';
import * as notices from './notices.js';
import * as offline from './offline.js';
import * as pasting from './pasting.js';
import * as people from './people.js';
import * as pinning from './pinning.js';
import * as places from './places.js';
import * as reacting from './reacting.js';
import * as receipts from './receipts.js';
import * as reading from './reading.js';
import * as rolling from './rolling.js';
import * as saving from './saving.js';
import * as scrolling from './scrolling.js';
import * as chatSettings from './chat_settings.js';
import * as shell from './shell.js';
import * as sidebar from './sidebar.js';
import * as talking from './talking.js';
import * as undoing from './undoing.js';
import * as words from './words.js';

const named = (module) => Object.entries(module).flatMap(([name, story]) => (typeof story === 'function' ? [[name.replaceAll('_', ' '), story]] : []));

const told = (...modules) => Object.fromEntries(modules.flatMap(named));

/** What people do, whatever their server stands on. By names that say what each story shows. */
export const journeys = told(joining, talking, undoing, reacting, receipts, pinning, saving, forwarding, choices, chatSettings, inbox, words, offline, members, keyboard);

/** How what they see is made, and that it holds while the server below it changes. What takes longest comes first. */
export const screens = told(scrolling, accessibility, layers, languages, keys, emoji, notices, pasting, people, firstRun, budget, shell, sidebar, reading, places, rolling, hostile);

/** Told only when one is asked for by its name. */
export const { long } = scrolling;

/** Signing in through a server of its own. */
export const signIns = told(keycloak);
