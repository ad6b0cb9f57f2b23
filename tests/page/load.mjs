/**
 * The scripts of a page as they are, without a browser: `load("words", "search")` runs them one
 * after the other, as a page does; what they declare is then known by its name everywhere.
 */
import { readFileSync } from "node:fs";
import vm from "node:vm";

const ASSETS = new URL("../../kcngeo/maps/assets/", import.meta.url);

/** As little of a page as Leaflet asks for when it is read, and what is told in it as words. */
const node = () => ({
  style: {}, getContext: () => null, setAttribute() {}, words: "",
  append(...parts) { this.words += parts.map((part) => part.words ?? part).join(""); },
});
Object.assign(globalThis, {
  window: globalThis, screen: {}, addEventListener() {}, document: { documentElement: node(), createElement: node, createElementNS: node },
});
globalThis.navigator ??= { userAgent: "", platform: "" };

export function load(...names) {
  for (const name of names) {
    const file = new URL(`${name}.js`, ASSETS);
    vm.runInThisContext(readFileSync(file, "utf8"), { filename: file.pathname });
  }
}

/** A speaker that says of every text its key. */
export const talk = {
  language: "en", texts: new Proxy({}, { get: (_, key) => key }), pick: (words) => words?.en ?? words,
};
