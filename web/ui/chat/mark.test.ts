import { expect, test } from 'vitest';
import { nextLine, type Reading } from './mark';

const looking: Reading = { head: 9, read: 9, attentive: true, atEnd: true, inSight: true };
const line = { after: 4, spent: false };

test('the line stays while something is unread', () => {
  expect(nextLine(line, { ...looking, read: 4 })).toBe(line);
  expect(nextLine(line, { ...looking, read: 7, attentive: false })).toBe(line);
});

test('once all is read it is drawn no more, and its room goes when nobody sees that', () => {
  const spent = nextLine(line, looking);
  expect(spent).toEqual({ after: 4, spent: true });
  expect(nextLine(spent, looking)).toBe(spent);
  expect(nextLine(spent, { ...looking, inSight: false })).toBeNull();
  expect(nextLine(spent, { ...looking, attentive: false })).toBeNull();
});

test('what comes while one looks away, or reads further up, gets a line where reading ended', () => {
  expect(nextLine(null, { ...looking, head: 10, attentive: false })).toEqual({ after: 9, spent: false });
  expect(nextLine(null, { ...looking, head: 10, atEnd: false })).toEqual({ after: 9, spent: false });
  expect(nextLine({ after: 4, spent: true }, { ...looking, head: 12, attentive: false })).toEqual({ after: 9, spent: false });
});

test('what is read as it comes gets none', () => {
  expect(nextLine(null, { ...looking, head: 10 })).toBeNull();
  expect(nextLine({ after: 4, spent: true }, { ...looking, head: 10 })).toBeNull();
});
