import type { Attachment } from 'svelte/attachments';

const hold = 450;
const slack = 10;
/** A click follows its lift within this time. */
const settled = 400;

/** The finger that held is still down: lifting it must hit nothing of what came under it. */
function swallowLift(): void {
  const stop = new AbortController();
  const swallow = (event: Event): void => {
    event.preventDefault();
    event.stopPropagation();
  };
  for (const kind of ['click', 'contextmenu', 'mousedown', 'mouseup', 'pointerup', 'touchend']) {
    addEventListener(kind, swallow, { capture: true, passive: false, signal: stop.signal });
  }
  const end = (): void => void setTimeout(() => stop.abort(), settled);
  for (const kind of ['pointerup', 'pointercancel', 'touchend', 'touchcancel']) addEventListener(kind, end, { capture: true, once: true, signal: stop.signal });
}

/** Presses that something inside has taken. */
const taken = new WeakSet<Event>();

/** Calls back when a finger rests on the element. The click that follows is swallowed. */
export function longPress(callback: (at: { x: number; y: number }) => void): Attachment<HTMLElement> {
  return (element) => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let from = { x: 0, y: 0 };
    const stop = (): void => clearTimeout(timer);
    const down = (event: PointerEvent): void => {
      stop();
      if (event.pointerType !== 'touch' || taken.has(event)) return;
      taken.add(event);
      from = { x: event.clientX, y: event.clientY };
      timer = setTimeout(() => {
        swallowLift();
        callback(from);
      }, hold);
    };
    const move = (event: PointerEvent): void => {
      if (Math.hypot(event.clientX - from.x, event.clientY - from.y) > slack) stop();
    };
    element.addEventListener('pointerdown', down);
    element.addEventListener('pointermove', move);
    for (const end of ['pointerup', 'pointercancel', 'pointerleave']) element.addEventListener(end, stop);
    return () => {
      stop();
      element.removeEventListener('pointerdown', down);
      element.removeEventListener('pointermove', move);
      for (const end of ['pointerup', 'pointercancel', 'pointerleave']) element.removeEventListener(end, stop);
    };
  };
}
