/**
 * Four months of one zone. A (2 ha) is let from the third month. Half of B (4 ha) is let until the
 * last month. C (3 ha, let) is surveyed anew in the third month, with 3.5 ha. D (1 ha) comes in the
 * last month, E (5 ha) is a service lot, which counts from the second month on.
 */
import assert from "node:assert/strict";
import test from "node:test";

import { load } from "./load.mjs";

load("fill_steps");

const LET = 0;
const FREE = 1;
const HALF = 2;
const lot = (id, area_ha, from, to, states, use = "industrial") => (
  { id, area_ha, from, to, states, use, zone: 0 });
const payload = () => ({
  months: ["2018-01-31", "2018-02-28", "2018-03-31", "2018-04-30"],
  states: [[1, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 1], [0.5, 0, 0, 0, 0, 0.5]],
  definitions: [{ uses: ["industrial"] }, { uses: ["industrial", "service"] }],
  month_definition: [0, 1, 1, 1],
  zones: [{
    name: "KCN A", reasons: [], shapes: [[0, 2, "old"], [2, 4, "new"]],
    // 2 + 4 + 3; with E's 5; with C's 0.5 more; with D
    rates: [[5, 9, 5 / 9], [5, 14, 5 / 14], [7.5, 14.5, 7.5 / 14.5], [5.5, 15.5, 5.5 / 15.5]],
  }],
  parcels: [
    lot("A", 2, 0, 4, [[0, FREE], [2, LET]]), lot("B", 4, 0, 4, [[0, HALF], [3, FREE]]),
    lot("C", 3, 0, 2, [[0, LET]]), lot("C", 3.5, 2, 4, [[2, LET]]),
    lot("D", 1, 3, 4, [[3, LET]]), lot("E", 5, 0, 4, [[0, FREE]], "service"),
  ],
});
const told = (moves) => moves.map(({ index, kind, hectares }) => (
  [payload().parcels[index].id, kind, hectares]));

test("steps hold from their month to the next", () => {
  const at = (month) => kcngeoSteps.stepAt([[1, "a"], [3, "b"]], month);
  assert.deepEqual([0, 1, 2, 3, 9].map(at), [null, "a", "a", "b", "b"]);
  assert.deepEqual([0, 1, 2].map((month) => kcngeoSteps.isIn(month, 1, 2)), [false, true, false]);
});

test("a lot has shares while it is there, its use counts and its zone is computable", () => {
  const steps = kcngeoSteps.of(payload());
  assert.deepEqual([0, 1].map((month) => steps.sharesOf(5, month)), [null, [0, 0, 0, 0, 0, 1]]);
  assert.deepEqual([1, 2].map((month) => steps.sharesOf(2, month)), [[1, 0, 0, 0, 0, 0], null]);
  const blocked = payload();
  blocked.zones[0].reasons = [[1, 2, "overlap"]];
  blocked.zones[0].rates[3] = null;
  const fewer = kcngeoSteps.of(blocked);
  assert.deepEqual([0, 1, 2, 3].map((month) => fewer.sharesOf(0, month) === null),
    [false, true, false, true]);
});

test("lots are held against themselves, those with most land let or given up first", () => {
  const steps = kcngeoSteps.of(payload());
  assert.deepEqual(told(steps.between(1, 3)), [
    ["A", "let", 2], ["B", "given_up", -2], ["D", "came", 1]]); // C is let before and after
  assert.deepEqual(told(steps.between(0, 1)), [["E", "came", 5]]);
  assert.deepEqual(steps.between(2, 2), []);
});

test("what happened in a month is told with its figures", () => {
  const steps = kcngeoSteps.of(payload());
  assert.deepEqual(steps.eventsIn(0), []);
  assert.deepEqual(steps.eventsIn(1), [
    { kind: "definition", zone: null }, { kind: "base", zone: 0, from: 9, to: 14 }]);
  assert.deepEqual(steps.eventsIn(2), [
    { kind: "boundary", zone: 0 }, { kind: "redrawn", zone: 0, to: 1 },
    { kind: "base", zone: 0, from: 14, to: 14.5 }]);
  assert.deepEqual(told(steps.movesIn(2)), [["A", "let", 2]]);
  assert.deepEqual(told(steps.movesIn(3)), [["B", "given_up", -2], ["D", "came", 1]]);
  assert.deepEqual(steps.months, [1, 2, 3]);
});

test("a month in which nothing happened is not among those to go to", () => {
  const still = payload();
  still.month_definition = [1, 1, 1, 1];
  still.zones[0].rates[1] = still.zones[0].rates[0] = [5, 14, 5 / 14];
  assert.deepEqual(kcngeoSteps.of(still).months, [2, 3]);
});
