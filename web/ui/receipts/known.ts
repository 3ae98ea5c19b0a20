import { Receipts, type Client } from '../../core';

const all = new WeakMap<Client, Receipts>();

/** Who has messages and who saw them, for everything on the page that shows it. */
export function receiptsOf(client: Client): Receipts {
  let receipts = all.get(client);
  if (!receipts) all.set(client, (receipts = new Receipts(client)));
  return receipts;
}
