import assert from "node:assert/strict";
import test from "node:test";

import { load } from "./load.mjs";

const listeners = {};
Object.assign(globalThis, {
  parent: globalThis, addEventListener: (kind, run) => { listeners[kind] = run; },
  location: {
    hash: "", protocol: "file:", href: "file:///map.html",
    replace(hash) { this.hash = hash; this.replaced = hash; },
  },
});
load("link");

test("a place goes into the address and comes back as it was", () => {
  const followed = [];
  const link = kcngeoLink((asked) => followed.push(asked));
  link.write({ theme: null, zone: "Lộc Sơn", lot: "A&B=C#1", off: "a|b" }, true);
  assert.equal(location.replaced, undefined); // a step: to be gone back to
  link.begin();
  assert.deepEqual(followed, [{ zone: "Lộc Sơn", lot: "A&B=C#1", off: "a|b" }]);
  link.write({ zone: null }, false);
  assert.equal(location.replaced, "#");
});

test("what is written while an address is followed is left out", () => {
  const link = kcngeoLink(() => link.write({ zone: "other" }, true));
  location.hash = "#zone=A";
  listeners.hashchange();
  assert.equal(location.hash, "#zone=A");
});

test("a change of one's own is not followed", () => {
  let count = 0;
  const link = kcngeoLink(() => { count += 1; });
  link.write({ month: "2018-01" }, true);
  listeners.hashchange();
  assert.equal(count, 0);
  location.hash = "#month=2018-02"; // by hand
  listeners.hashchange();
  assert.equal(count, 1);
});
