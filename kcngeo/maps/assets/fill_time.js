/**
 * The strip at the foot of the fill map: the months, playing them, and under the slider the years
 * and for how long which definition is used.
 *
 * kcngeoTime(payload, talk, {month(), setMonth(index), onSettled()}) gives
 *   node, drawYears()
 *   show(index)     the slider stands at this month
 *   play(isPlaying), toggle()
 * onSettled() is called when the reader has arrived at a month: let the slider go, ended playing.
 */
"use strict";

const kcngeoTime = (() => {
  const { el } = kcngeoShell;
  const YEAR_PX = 44;
  const STEP_MS = 900;

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

  return (payload, talk, { month, setMonth, onSettled }) => {
    const { months } = payload;
    const last = Math.max(1, months.length - 1);
    const button = el("button", { type: "button", class: "kcn-play" });
    const shown = el("output", { class: "kcn-month", for: "kcn-slider" });
    const slider = el("input", {
      type: "range", id: "kcn-slider", min: 0, max: months.length - 1, step: 1,
    });
    talk.name(slider, "aria-label", "month");
    const years = el("div", { class: "kcn-years", "aria-hidden": "true" });
    const node = el("div", { class: "kcn-time" }, button, shown,
      el("div", { class: "kcn-track" }, slider, years, bands(payload, last, talk)));
    let timer = null;

    function sayPlay() {
      const words = timer === null ? talk.texts.play : talk.texts.pause;
      button.title = words;
      button.setAttribute("aria-label", words);
      button.setAttribute("data-playing", String(timer !== null));
    }

    function play(isPlaying) {
      clearInterval(timer);
      timer = null;
      if (isPlaying) {
        if (month() === months.length - 1) setMonth(0);
        timer = setInterval(() => {
          setMonth(month() + 1);
          if (month() < months.length - 1) return;
          play(false);
          onSettled();
        }, STEP_MS);
      }
      sayPlay();
    }

    function toggle() {
      play(timer === null);
      if (timer === null) onSettled();
      return true;
    }

    slider.addEventListener("input", () => { play(false); setMonth(Number(slider.value)); });
    slider.addEventListener("change", onSettled);
    button.addEventListener("click", toggle);
    talk.always(sayPlay);
    return {
      node, play, toggle,
      drawYears: () => yearsInto(years, months, last),
      show(index) {
        const words = talk.say.month(months[index]);
        slider.value = index;
        slider.setAttribute("aria-valuetext", words);
        shown.textContent = words;
      },
    };
  };
})();
