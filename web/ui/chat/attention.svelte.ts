import { createSubscriber } from 'svelte/reactivity';

const track = createSubscriber((update) => {
  addEventListener('focus', update);
  addEventListener('blur', update);
  document.addEventListener('visibilitychange', update);
  return () => {
    removeEventListener('focus', update);
    removeEventListener('blur', update);
    document.removeEventListener('visibilitychange', update);
  };
});

/** Whether somebody is in front of this window. */
export function attentive(): boolean {
  track();
  return !document.hidden && document.hasFocus();
}
