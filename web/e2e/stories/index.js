import * as accessibility from './accessibility.js';
import * as budget from './budget.js';
import * as joining from './joining.js';
import * as keyboard from './keyboard.js';
import * as keycloak from './keycloak.js';
import * as layers from './layers.js';
import * as members from './members.js';
import * as offline from './offline.js';
import * as talking from './talking.js';

const named = (module) => Object.entries(module).map(([name, story]) => [name.replaceAll('_', ' '), story]);

const told = (...modules) => Object.fromEntries(modules.flatMap(named));

/** Every story of the embedded profile, by a name that says what it shows. */
export const embeddedStories = told(joining, talking, offline, members, keyboard, accessibility, layers, budget);

/** Those of the cluster profile: database, bus and sign-in are servers of their own. */
export const clusterStories = told(keycloak);
