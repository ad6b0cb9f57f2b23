/**
 * What a page says in which language, and how numbers and days are written in it.
 *
 * Words in a payload are a string, or {vi, en} where the languages differ. A page has one speaker:
 *   language, texts, say    of the language spoken now; ask for them anew each time
 *   pick(words)             words of a payload in that language
 *   always(run)             run now, and again whenever the language changes
 *   text(key)               a text node that follows the language
 *   name(node, attribute, key)   an attribute that does
 *   use(language)
 *   still()                for what is made anew whenever the language changes: follows nothing
 *
 * @typedef {{vi: string, en: string} | string | null} Words
 * @typedef {ReturnType<typeof kcngeoWords.formatter>} Say
 * @typedef {object} Talk
 * @property {string} language
 * @property {Record<string, string>} texts
 * @property {Say} say
 * @property {(words: Words) => string} pick
 * @property {(run: () => void) => void} always
 * @property {(key: string) => Text} text
 * @property {<T extends Element>(node: T, attribute: string, key: string) => T} name
 * @property {(language: string) => void} use
 * @property {() => Talk} still
 */
"use strict";

const kcngeoWords = (() => {
  const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

  function day(iso, language) {
    const [year, month, date] = iso.split("-");
    return language === "vi" ?
      `${date}/${month}/${year}` : `${Number(date)} ${MONTHS[month - 1]} ${year}`;
  }

  function formatter(language) {
    const [group, point] = language === "vi" ? [".", ","] : [",", "."];
    const number = (value, decimals = 2) => {
      const [whole, fraction] = Math.abs(value).toFixed(decimals).split(".");
      const isBelow = value < 0 && Number(whole + (fraction ?? "")) > 0;
      const grouped = whole.replace(/\B(?=(\d{3})+$)/g, group);
      return (isBelow ? "−" : "") + grouped + (fraction ? point + fraction : "");
    };
    return {
      number,
      hectares: (value) => `${number(value)} ha`,
      percent: (share) => `${number(share * 100)} %`,
      day: (iso) => day(iso, language),
      month: (iso) => `${iso.slice(5, 7)}/${iso.slice(0, 4)}`,
    };
  }

  /** @returns {Talk} */
  function speaker({ language, texts }) {
    const renewals = [];
    const talk = /** @type {Talk} */ ({});
    talk.pick = (words) => (
      words !== null && typeof words === "object" ? words[talk.language] : words);
    talk.always = (run) => { renewals.push(run); run(); };
    talk.text = (key) => {
      const node = new Text();
      talk.always(() => { node.data = talk.texts[key]; });
      return node;
    };
    talk.name = (node, attribute, key) => {
      talk.always(() => node.setAttribute(attribute, talk.texts[key]));
      return node;
    };
    talk.use = (next) => {
      talk.language = next;
      talk.say = formatter(next);
      talk.texts = Object.fromEntries(
        Object.entries(texts).map(([key, words]) => [key, talk.pick(words)]));
      renewals.forEach((run) => run());
    };
    talk.still = () => ({
      ...talk, always: (run) => run(), text: (key) => new Text(talk.texts[key]),
      name: (node, attribute, key) => {
        node.setAttribute(attribute, talk.texts[key]);
        return node;
      },
    });
    talk.use(language);
    return talk;
  }

  return { speaker, formatter };
})();
