import assert from "node:assert/strict";
import test from "node:test";

import { load } from "./load.mjs";

load("words");
const vi = kcngeoWords.formatter("vi");
const en = kcngeoWords.formatter("en");

test("numbers are grouped, and their sign is a minus where something is left of them", () => {
  for (const [value, decimals, inVietnamese, inEnglish] of [
    [1234567.891, 2, "1.234.567,89", "1,234,567.89"],
    [999.995, 0, "1.000", "1,000"],
    [-1234.5, 1, "−1.234,5", "−1,234.5"],
    [-0.004, 2, "0,00", "0.00"],
    [0, 0, "0", "0"],
    [100, 2, "100,00", "100.00"],
  ]) {
    assert.deepEqual([vi.number(value, decimals), en.number(value, decimals)], [inVietnamese, inEnglish]);
  }
});

test("shares are per cent, days and months are those of the language", () => {
  assert.equal(vi.percent(0.56037), "56,04 %");
  assert.equal(en.hectares(76.07), "76.07 ha");
  assert.deepEqual([vi.day("2018-03-01"), en.day("2018-03-01")], ["01/03/2018", "1 Mar 2018"]);
  assert.deepEqual([vi.month("2018-03-31"), en.month("2018-03-31")], ["03/2018", "03/2018"]);
});

test("whoever speaks says all anew in another language", () => {
  const talk = kcngeoWords.speaker({ language: "vi", texts: { lot: { vi: "lô", en: "lot" }, ha: "ha" } });
  const heard = [];
  talk.always(() => heard.push(talk.texts.lot));
  talk.use("en");
  assert.deepEqual(heard, ["lô", "lot"]);
  assert.deepEqual([talk.pick({ vi: "a", en: "b" }), talk.pick("c")], ["b", "c"]);
});
