/**
 * The strip at the foot of the fill map: the months, playing them, and under the slider what
 * happened when, the years, and for how long which definition is used.
 *
 * kcngeoTime(payload, talk, steps, {month(), setMonth(index), onSettled()}) gives
 *   node, drawYears()
 *   show(index)     the slider stands at this month
 *   play(isPlaying), toggle()
 * onSettled() is called when the reader has arrived at a month: let the slider go, ended playing.
 */
"use strict";

const kcngeoTime = (() => {
  const { el } = kcngeoElements;
  const YEAR_PX = 44;
  const STEP_MS = 900;
  const WHOLE_MS = 28000; // from the first month to the last, with what a page needs to draw
  const SPEEDS = [1, 2, 4, 0.5];

  /**
   * @param {FillPayload} payload
   * @param {number} last
   * @param {Talk} talk
   */
  function bands({ definitions, month_definition: inForce }, last, talk) {
    const row = el("div", { class: "kcn-bands", "aria-hidden": "true" });
    for (let from = 0, to = 1; from < inForce.length; from = to, to += 1) {
      while (to < inForce.length && inForce[to] === inForce[from]) to += 1;
      const left = Math.max(0, from - 0.5) / last;
      const right = Math.min(last, to - 0.5) / last;
      const { label } = definitions[inForce[from]];
      const band = el("span", { style: `left:${100 * left}%;width:${100 * (right - left)}%` });
      talk.always(() => { band.title = band.textContent = talk.pick(label); });
      row.append(band);
    }
    return row;
  }

  /**
   * A mark for each month in which lots moved, by what was let or given up; events stand out.
   * @param {Steps} steps
   * @param {number} last
   * @param {FillPayload["change_colors"]} colors
   */
  function ticks(steps, last, colors) {
    return el("div", { class: "kcn-ticks", "aria-hidden": "true" }, ...steps.months.map((month) => {
      const more = steps.movesIn(month).reduce((sum, { kind, hectares }) => (
        kind === "let" || kind === "given_up" ? sum + hectares : sum), 0);
      const color = more > 0 ? colors.let : more < 0 ? colors.given_up : colors.other;
      return el("span", {
        class: steps.eventsIn(month).length ? "kcn-event" : null,
        style: `left:${(100 * month) / last}%;background:${color}`,
      });
    }));
  }

  /**
   * @param {HTMLElement} row
   * @param {string[]} months
   * @param {number} last
   */
  function yearsInto(row, months, last) {
    const room = YEAR_PX / Math.max(YEAR_PX, row.clientWidth);
    row.replaceChildren();
    let free = 1; // from the last year back, as the first one is often a part of a year
    for (let i = months.length - 1; i >= 0; i -= 1) {
      const year = months[i].slice(0, 4);
      if (i > 0 && year === months[i - 1].slice(0, 4)) continue;
      const isLate = i / last > 1 - room;
      const [left, right] = isLate ? [i / last - room, i / last] : [i / last, i / last + room];
      if (right > free || left < 0) continue;
      free = left;
      row.prepend(el("span", {
        class: isLate ? "kcn-late" : null, style: `left:${(100 * i) / last}%`,
      }, year));
    }
  }

  /**
   * @param {FillPayload} payload
   * @param {Talk} talk
   * @param {Steps} steps
   * @param {{month: () => number, setMonth: (index: number) => void, onSettled: () => void}} page
   */
  return (payload, talk, steps, { month, setMonth, onSettled }) => {
    const { months } = payload;
    const last = Math.max(1, months.length - 1);
    const button = el("button", { type: "button", class: "kcn-play" });
    const shown = el("output", { class: "kcn-month", for: "kcn-slider" });
    const slider = el("input", {
      type: "range", id: "kcn-slider", min: 0, max: months.length - 1, step: 1,
    });
    talk.name(slider, "aria-label", "month");
    const years = el("div", { class: "kcn-years", "aria-hidden": "true" });
    const next = talk.name(talk.name(el("button", { type: "button", class: "kcn-next" }, "⇥"),
      "title", "next_change"), "aria-label", "next_change");
    const faster = el("button", { type: "button", class: "kcn-speed" });
    const node = el("div", { class: "kcn-time" }, button, next, faster, shown,
      el("div", { class: "kcn-track" }, slider, ticks(steps, last, payload.change_colors), years,
        bands(payload, last, talk)));
    /** @type {number | null} */
    let timer = null;
    let speed = 1;

    /** How long a month stays: the whole history plays in half a minute. */
    const stepMs = () => Math.min(STEP_MS, WHOLE_MS / last) / speed;

    function saySpeed() {
      const words = `${talk.texts.speed}: ${talk.say.number(speed, speed < 1 ? 1 : 0)} ×`;
      faster.textContent = `${talk.say.number(speed, speed < 1 ? 1 : 0)}×`;
      faster.title = words;
      faster.setAttribute("aria-label", words);
    }

    function sayPlay() {
      const words = timer === null ? talk.texts.play : talk.texts.pause;
      button.title = words;
      button.setAttribute("aria-label", words);
      button.setAttribute("data-playing", String(timer !== null));
    }

    /** @param {boolean} isPlaying */
    function play(isPlaying) {
      if (timer !== null) clearInterval(timer);
      timer = null;
      if (isPlaying) {
        if (month() === months.length - 1) setMonth(0);
        const [first, began, each] = [month(), performance.now(), stepMs()];
        timer = setInterval(() => {
          // By the clock: a page that is slow to draw leaves months out instead of falling behind.
          setMonth(first + Math.max(1, Math.floor((performance.now() - began) / each + 0.5)));
          if (month() < months.length - 1) return;
          play(false);
          onSettled();
        }, each);
      }
      sayPlay();
    }

    function toggle() {
      play(timer === null);
      if (timer === null) onSettled();
      return true;
    }

    next.addEventListener("click", () => {
      play(false);
      const later = steps.months.find((one) => one > month());
      setMonth(later ?? steps.months[0] ?? month());
      onSettled();
    });
    faster.addEventListener("click", () => {
      speed = SPEEDS[(SPEEDS.indexOf(speed) + 1) % SPEEDS.length];
      saySpeed();
      if (timer !== null) play(true);
    });
    talk.always(saySpeed);
    slider.addEventListener("input", () => { play(false); setMonth(Number(slider.value)); });
    slider.addEventListener("change", onSettled);
    button.addEventListener("click", toggle);
    talk.always(sayPlay);
    return {
      node, play, toggle,
      drawYears: () => yearsInto(years, months, last),
      /** @param {number} index */
      show(index) {
        const words = talk.say.month(months[index]);
        slider.value = String(index);
        slider.setAttribute("aria-valuetext", words);
        shown.textContent = words;
      },
    };
  };
})();
