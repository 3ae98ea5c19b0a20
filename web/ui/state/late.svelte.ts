import { edgesHere } from './edges';

type Parts = Awaited<typeof edgesHere>;

let tick = $state.raw<Parts['Tick'] | null>(null);
void edgesHere.then(({ Tick }) => (tick = Tick));

/** Parts of messages that come later and have their room before. */
export const late = {
  get tick() {
    return tick;
  },
};
