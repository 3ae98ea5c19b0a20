import { Acks, Receipts, type Client } from '../../core';

const all = new WeakMap<Client, Receipts>();
const acking = new WeakMap<Client, Acks>();

/** Tells the server what this device has and what I saw, from now on. */
export function tellReceipts(client: Client): void {
  if (!acking.has(client)) acking.set(client, new Acks(client));
}

/** Who has messages and who saw them, for everything on the page that shows it. */
export function receiptsOf(client: Client): Receipts {
  let receipts = all.get(client);
  if (!receipts) all.set(client, (receipts = new Receipts(client)));
  return receipts;
}
