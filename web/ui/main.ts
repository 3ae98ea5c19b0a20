import { mount } from 'svelte';
import { createClient } from '../core';
import App from './App.svelte';
import { speak } from './lang/words.svelte';
import { prefs } from './state/prefs.svelte';
import './styles/index.css';

const client = createClient();
function show(): void {
  mount(App, { target: document.body, props: { client } });
  void client.start();
}

// English is here already; another language is fetched before anything is drawn.
void speak(prefs.now.language).then(show);
