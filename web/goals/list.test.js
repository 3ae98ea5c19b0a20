// @vitest-environment node
import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import * as stories from '../e2e/stories/index.js';
import { goals, isBroken, verdict } from './list.js';

const wanted = ['B1', 'B2', 'B3', 'B4', 'S1', 'S2', 'C1', 'C2', 'C3', 'T1', 'T2', 'T3', 'T4', 'E1', 'E2', 'E3', 'O1', 'O2', 'M1', 'D1', 'A1', 'A2', 'A3', 'A4', 'A5', 'A6', 'P1'];
const page = new URL('../../docs/client-goals.md', import.meta.url);

it('has every goal of the client, each with a gate or a story', () => {
  const ids = goals.map(({ id }) => id);
  expect(ids.filter((id) => !id.includes(' '))).toEqual(wanted);
  for (const goal of goals) expect(goal.by !== undefined || (goal.gate !== undefined && goal.aim !== undefined), goal.id).toBe(true);
});

it('names stories that are told', () => {
  const told = { ...stories.journeys, ...stories.screens, ...stories.long };
  expect(goals.flatMap(({ by, story }) => [by, story]).filter((name) => name && !told[name])).toEqual([]);
});

it('has a row for each in the page of the documentation', () => {
  expect(existsSync(page)).toBe(true);
  const text = readFileSync(page, 'utf8');
  for (const { id } of goals) expect(text).toContain(`\n| ${id} |`);
});

it('fails for bytes and not for clocks', () => {
  const goal = (id) => goals.find((one) => one.id === id);
  expect([isBroken(goal('B1'), 500), isBroken(goal('B1'), 10), isBroken(goal('B1'), undefined)]).toEqual([true, false, false]);
  expect(isBroken(goal('C2'), 10_000)).toBe(false);
  expect([verdict(goal('O1')), verdict(goal('D1'))]).toEqual(['left to a story', 'not measured']);
  expect([verdict(goal('A3'), 90), verdict(goal('A3'), 100), verdict(goal('C1'), 30)]).toEqual(['missed', 'aim met', 'met']);
});
