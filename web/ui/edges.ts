/** What few minutes need: it is loaded once the first page has been painted, or when it is asked for before. */
export { default as AddPeople } from './dialogs/AddPeople.svelte';
export { default as SendLater } from './composer/SendLater.svelte';
export { default as Browse } from './dialogs/Browse.svelte';
export { default as History } from './dialogs/History.svelte';
export { default as NewChat } from './dialogs/NewChat.svelte';
export { default as Rename } from './dialogs/Rename.svelte';
export { default as Shortcuts } from './dialogs/Shortcuts.svelte';
export { default as Settings } from './settings/Settings.svelte';
