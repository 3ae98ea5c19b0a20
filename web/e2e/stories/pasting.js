import { eventually } from '../check.js';
import { twoPeople } from './world.js';

const draftOf = (visitor) => visitor.composer.inputValue();
const page = '<h2>Plan</h2><p>See <a href="https://example.org/plan">the <b>plan</b></a>:</p><ul><li>cradle</li><li>lift at <code>crane-1</code></li></ul>';
const markdown = '## Plan\n\nSee [the **plan**](https://example.org/plan):\n\n- cradle\n- lift at `crane-1`';

/** Puts a page on the clipboard, as another program does when something in it is copied. */
const copy = (visitor, html, text) =>
  visitor.page.evaluate(
    ([html, text]) => navigator.clipboard.write([new ClipboardItem({ 'text/html': new Blob([html], { type: 'text/html' }), 'text/plain': new Blob([text], { type: 'text/plain' }) })]),
    [html, text],
  );

export async function what_was_copied_from_a_page_keeps_its_form(told) {
  const { ada, bo } = await twoPeople(told);
  await ada.context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await bo.openChat('Harbour');
  await ada.openChat('Harbour');
  await copy(ada, page, 'Plan See the plan: cradle lift at crane-1');
  await ada.composer.pressSequentially('before ');
  await ada.composer.press('Control+v');
  await eventually(() => draftOf(ada), `before ${markdown}`, 'what was pasted');
  await ada.composer.press('Control+z');
  await eventually(() => draftOf(ada), 'before ', 'one step takes it back');
  await ada.composer.press('Control+Shift+v');
  await eventually(() => draftOf(ada), 'before Plan See the plan: cradle lift at crane-1', 'without formatting');
  await ada.composer.fill('');
  await ada.composer.press('Control+v');
  await eventually(() => draftOf(ada), markdown, 'what was pasted into nothing');
  await ada.composer.press('Enter');
  const message = bo.message('cradle');
  await message.getByRole('link', { name: 'the plan' }).waitFor();
  await eventually(() => message.locator('li').allTextContents(), ['cradle', 'lift at crane-1'], 'the list is one');
}

export async function an_address_pasted_over_words_makes_a_link_of_them(told) {
  const { ada } = await twoPeople(told);
  await ada.context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await ada.openChat('Harbour');
  await ada.page.evaluate(() => navigator.clipboard.writeText('https://example.org/a'));
  await ada.composer.fill('see this');
  await ada.composer.press('Control+Shift+ArrowLeft');
  await ada.composer.press('Control+v');
  await eventually(() => draftOf(ada), 'see [this](https://example.org/a)', 'a link');
  await ada.composer.press('Control+z');
  await eventually(() => draftOf(ada), 'see this', 'one step takes it back');
  await ada.composer.press('End');
  await ada.composer.press('Control+v');
  await eventually(() => draftOf(ada), 'see thishttps://example.org/a', 'without a selection it is an address');
}
