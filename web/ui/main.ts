import { mount } from 'svelte';
import { browser, createClient } from '../core';
import App from './App.svelte';
import { edges } from './state/edges';
import { speak } from './lang/words.svelte';
import { prefs } from './state/prefs.svelte';
import './styles/index.css';

/** What looks after messages that are held comes with the parts that are loaded later. */
const client = createClient({ ...browser, held: async () => (await edges()).held });
function show(): void {
  mount(App, { target: document.body, props: { client } });
  void client.start();
}

// English is here already; another language is fetched before anything is drawn.
void speak(prefs.now.language).then(show);
