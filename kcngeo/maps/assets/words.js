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
 */
"use strict";

const kcngeoWords = (() => {
  const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

  /**
   * @param {string} iso
   * @param {Language} language
   */
  function day(iso, language) {
    const [year, month, date] = iso.split("-");
    return language === "vi" ?
      `${date}/${month}/${year}` : `${Number(date)} ${MONTHS[Number(month) - 1]} ${year}`;
  }

  /** @param {Language} language */
  function formatter(language) {
    const [group, point] = language === "vi" ? [".", ","] : [",", "."];
    /** @type {(value: number, decimals?: number) => string} */
    const number = (value, decimals = 2) => {
      const [whole, fraction] = Math.abs(value).toFixed(decimals).split(".");
      const isBelow = value < 0 && Number(whole + (fraction ?? "")) > 0;
      const grouped = whole.replace(/\B(?=(\d{3})+$)/g, group);
      return (isBelow ? "−" : "") + grouped + (fraction ? point + fraction : "");
    };
    return {
      number,
      /** @type {(value: number) => string} */
      hectares: (value) => `${number(value)} ha`,
      /** @type {(share: number) => string} */
      percent: (share) => `${number(share * 100)} %`,
      /** @type {(iso: string) => string} */
      day: (iso) => day(iso, language),
      /** @type {(iso: string) => string} */
      month: (iso) => `${iso.slice(5, 7)}/${iso.slice(0, 4)}`,
    };
  }

  /**
   * @param {Pick<Payload, "language" | "texts">} payload
   * @returns {Talk}
   */
  function speaker({ language, texts }) {
    /** @type {(() => void)[]} */
    const renewals = [];
    const talk = /** @type {Talk} */ ({});
    talk.pick = (words) => (typeof words === "string" ? words : words[talk.language]);
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
