/** What few minutes need: it is loaded once the first page has been painted, or when it is asked for before. */
export { default as Suggest } from './composer/Suggest.svelte';
export { closeEmoji, prepareEmoji, spokenEmoji } from './emoji/spoken';
export { watchNews } from './notify/watch.svelte';
export { moreIcons } from './primitives/icons-more';
export { more } from './lang/more';
export { default as Layer } from './Layer.svelte';
export { default as MessageTools } from './chat/MessageTools.svelte';
export { default as Menu } from './primitives/Menu.svelte';
export { default as ServerMenu } from './sidebar/ServerMenu.svelte';
export { default as Browse } from './dialogs/Browse.svelte';
export { default as NewChat } from './dialogs/NewChat.svelte';
export { default as Settings } from './settings/Settings.svelte';
export { default as ChatMissing } from './chat/ChatMissing.svelte';
export { default as JoinBar } from './chat/JoinBar.svelte';
export { default as SignedOut } from './SignedOut.svelte';
export { default as FirstRun } from './FirstRun.svelte';
export { default as KeepingBar } from './KeepingBar.svelte';
export { default as Home } from './Home.svelte';
