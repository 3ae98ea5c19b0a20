import { twoPeople } from '../e2e/stories/world.js';
import { part } from './measure.js';

/** Opens chats of which this device has no message yet. */
export async function measureUncached(told) {
  const { ada, server } = await twoPeople(told);
  const chats = await Promise.all(Array.from({ length: 12 }, (_, n) => server.ask('ada', 'POST', '/v1/chats', { kind: 'group', name: `Quay ${n}`, members: [] })));
  for (const one of chats) await Promise.all(Array.from({ length: 50 }, (_, n) => server.ask('ada', 'POST', `/v1/chats/${one.id}/messages`, { text: `${one.name}, number ${n}`, client_id: `n${n}` })));
  const { page } = ada;
  await page.reload();
  const times = [];
  for (const { id, name } of chats) {
    await ada.row(name).waitFor();
    times.push(await page.evaluate(([wanted, title]) => new Promise((done) => {
      const began = performance.now();
      document.querySelector(`.sidebar [data-chat="${wanted}"]`).click();
      const look = () => ([...document.querySelectorAll('.log article')].some((row) => row.textContent.includes(`${title}, number 30`)) ? setTimeout(() => done(performance.now() - began)) : requestAnimationFrame(look));
      requestAnimationFrame(look);
    }), [id, name]));
  }
  return { C3: part(times, 0.5) };
}
