import assert from 'node:assert/strict';

/** Everything that is seen has room: nothing runs out of the window, out of its box, or over what is beside it. */
export async function nothingOverflows(page, where) {
  assert.deepEqual(await page.evaluate(look), [], where);
}

function look() {
  const name = (one) => `${one.tagName.toLowerCase()}${one.classList.length > 0 ? `.${[...one.classList].join('.')}` : ''}`;
  const isHidden = (one) => one.closest('.vh, .skip, .mini, .folded, svg, [inert], noscript, script, style') !== null || !one.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  const top = [...document.querySelectorAll('dialog[open]')].at(-1) ?? document.body;
  const found = new Set();

  /** Looks from a piece of text outwards, as long as what it lies in shows all of it or nothing else does. */
  function trace(box, text, from) {
    // A space that is kept hangs over the end of its line; nobody sees it.
    const slack = getComputedStyle(from).whiteSpace === 'pre-wrap' ? 20 : 3;
    let scrollsX = false;
    let scrollsY = false;
    for (let up = from; up; up = up.parentElement) {
      const style = getComputedStyle(up);
      if (style.display === 'inline' || style.display === 'contents') continue;
      if (style.textOverflow === 'ellipsis') scrollsX = true;
      scrollsX ||= ['auto', 'scroll'].includes(style.overflowX);
      scrollsY ||= ['auto', 'scroll'].includes(style.overflowY);
      const own = up.getBoundingClientRect();
      const wide = Math.round(Math.max(own.left - box.left, box.right - own.right));
      const tall = Math.round(Math.max(own.top - box.top, box.bottom - own.bottom));
      if (!scrollsX && wide > slack && !up.matches('.pill-rail')) return found.add(`${wide} px too wide for ${name(up)}: "${text}" in ${name(from)}`);
      if (!scrollsY && tall > 5 && !up.matches('.pill-rail')) return found.add(`${tall} px too tall for ${name(up)}: "${text}" in ${name(from)}`);
      if (['absolute', 'fixed'].includes(style.position)) break;
    }
    if (!scrollsX && (box.left < -slack || box.right > innerWidth + slack)) found.add(`out of the window: "${text}" in ${name(from)}`);
  }

  const walker = document.createTreeWalker(top, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const text = node.data.trim();
    if (!text || isHidden(node.parentElement)) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const box of range.getClientRects()) trace(box, text.slice(0, 40), node.parentElement);
  }
  for (const one of top.querySelectorAll('button, a, input, textarea')) {
    if (!isHidden(one)) trace(one.getBoundingClientRect(), one.getAttribute('aria-label') ?? '', one);
  }
  return [...found];
}

/** Every word of ours comes from the catalogue: in the strange language each one ends in its mark. */
export async function everyWordIsStrange(page, where) {
  const found = await page.evaluate(() => {
    const theirs = 'bdi, [dir="auto"], time, kbd, code, pre, .avatar, .sub, .who, .num, .count, [lang], .mini, .size-sample, input[readonly], noscript, script, style';
    const isOurs = (text) => /\p{L}{2}/u.test(text) && !/ẋ/u.test(text) && !/^(?:Petit chat|@\w+)$/u.test(text.trim());
    const out = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const parent = node.parentElement;
      if (!parent || parent.closest(theirs) || !isOurs(node.data)) continue;
      // A sentence may be in pieces, of which the last has the mark.
      if (!/ẋ/u.test(parent.closest('p, span, li, td, button, a, label, h1, h2, h3, h4, dt, legend')?.textContent ?? '')) out.push(node.data.trim());
    }
    for (const attribute of ['aria-label', 'title', 'placeholder']) {
      for (const one of document.querySelectorAll(`[${attribute}]`)) {
        const text = one.getAttribute(attribute);
        if (!one.closest('.row-name, .title, time, .edited, .at, .menu, .system, main.chat') && isOurs(text)) out.push(`${attribute}: ${text}`);
      }
    }
    return out;
  });
  assert.deepEqual(found, [], `${where}: words that come from no catalogue`);
}
