import { mount } from 'svelte';
import { createClient } from '../core';
import App from './App.svelte';
import { speak } from './lang/words.svelte';
import { prefs } from './state/prefs.svelte';
import './styles/index.css';

const client = createClient();
void client.start();
// English is here already; another language comes while the chats are looked up.
void speak(prefs.now.language).then(() => mount(App, { target: document.body, props: { client } }));
