// The opening: a guess which of two bands is exact, and one slider: how far the level moves in a year.
import { choice, slider } from "../base/controls.js";
import { html } from "../base/elements.js";
import { format } from "../base/numbers.js";
import { bandsPicture, YEAR } from "./bands.js";
import { smoothed } from "./level.js";
import { BANDS, MOVES } from "./settings.js";

/** What a state of the level amounts to. */
export const levelAt = (now, { flows, noise }) => ({
  ...smoothed(flows, noise, now.move),
  still: Object.assign(Object.create(null), { now: { ...now } }),
});

/** Its parts; `change(state)` is told what a hand does. `draw(found, settled)`. */
export function opening({ flows, first }, change) {
  const bands = bandsPicture(flows, first);
  const words = html("p", { class: "words", "aria-live": "polite" });
  const range = { min: 0, max: MOVES.length - 1, step: 1, value: 0, text: (i) => `± ${format(MOVES[i], 0)}` };
  const move = slider("move a year", range, (i) => change({ move: MOVES[i], revealed: true }));
  const options = [["", "?"], ...Object.entries(BANDS)];
  const guess = choice("which one is exact?", options, (text) => change({ guess: text || null, revealed: true }));

  function draw(found, settled) {
    bands.draw(found);
    move.set(MOVES.indexOf(found.still.now.move));
    guess.set(found.still.now.guess ?? "");
    const text = said(found, YEAR - first);
    if (settled && words.textContent !== text) words.textContent = text;
  }

  const stage = html("div", { class: "stage" }, bands.node);
  return { nodes: [stage, html("div", { class: "controls" }, guess.node, move.node), words], draw };
}

/** What is told of the year number t: before a guess, not which band is which. */
export function said({ mean, exact, loose, gap, still: { now } }, t) {
  const [level, wide, narrow] = [mean[t], exact[t], loose[t]].map((value) => format(value, 0));
  if (!now.revealed) return `In ${YEAR} both say ${level}. One says ± ${wide}, the other ± ${narrow}.`;
  const guessed = now.guess === null ? "" : `You said: ${BANDS[now.guess]}. `;
  return (
    `${guessed}Exact is the wide one: in ${YEAR} the level is ${level} ± ${wide}. The narrow one is mean field, the ` +
    `best q that takes each year alone: ${level} ± ${narrow}, ${format(wide / narrow, 1)} times too sure. Its ELBO ` +
    `lies ${format(gap, 1)} nats below log p(x). Now make the level stiffer: let it move less.`
  );
}
