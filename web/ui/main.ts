import { mount } from 'svelte';
import { createClient } from '../core';
import App from './App.svelte';
import './styles/index.css';

const client = createClient();
mount(App, { target: document.body, props: { client } });
void client.start();
