/** What few minutes need: it is loaded once the first page has been painted, or when it is asked for before. */
export { default as Suggest } from './composer/Suggest.svelte';
export { default as Menu } from './primitives/Menu.svelte';
export { default as Confirm } from './primitives/Confirm.svelte';
export { default as QuickSwitcher } from './switcher/QuickSwitcher.svelte';
export { default as SignOut } from './dialogs/SignOut.svelte';
export { default as Waiting } from './dialogs/Waiting.svelte';
export { default as ServerMenu } from './sidebar/ServerMenu.svelte';
export { default as AddPeople } from './dialogs/AddPeople.svelte';
export { default as SendLater } from './composer/SendLater.svelte';
export { default as Browse } from './dialogs/Browse.svelte';
export { default as History } from './dialogs/History.svelte';
export { default as NewChat } from './dialogs/NewChat.svelte';
export { default as Rename } from './dialogs/Rename.svelte';
export { default as Shortcuts } from './dialogs/Shortcuts.svelte';
export { default as Settings } from './settings/Settings.svelte';
export { default as FirstRun } from './FirstRun.svelte';
export { default as Home } from './Home.svelte';
