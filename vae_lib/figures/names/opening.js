// The opening: two runs, and one slider that picks z; what can come first, and names, for each.
import { slider } from "../base/controls.js";
import { html } from "../base/elements.js";
import { uniforms } from "../chain/formulas.js";
import { nextBars } from "./bars.js";
import { decoderOf } from "./decoders.js";
import { drawn, read } from "./formulas.js";
import { eachOf, levelOf, percent, still, written } from "./found.js";
import { LETTERS, MOST, RUNS, STATES } from "./settings.js";

const NAMES = uniforms(3, 6, MOST + 1);
const TITLES = { [RUNS[0]]: "run A", [RUNS[1]]: "run B" };

/** A function of the state: what can come first, and names, for the z of the state. */
export function firstLetters(runs) {
  const decoders = eachOf(runs, ({ weights }) => decoderOf(weights));
  const all = Array.from({ length: STATES }, (_, z) =>
    eachOf(decoders, (decoder) => ({
      first: read(decoder, [], z).next[0],
      names: NAMES.map((row) => written(drawn(decoder, z, row))),
    })),
  );
  const most = levelOf(all.flatMap((each) => Object.values(each).map(({ first }) => first)));
  return ({ z }) => {
    const first = eachOf(all[z - 1], (run) => run.first);
    return { first, still: still({ z, most, names: eachOf(all[z - 1], (run) => run.names) }) };
  };
}

/** Its parts; `change(state)` is told what a hand does. `draw(found, settled)`. */
export function opening(change) {
  const panels = RUNS.map((run) => {
    const bars = nextBars(`${TITLES[run]}: how probable each first letter is`, TITLES[run], RUNS.slice(0, 1), 84);
    const names = html("p", { class: "names" });
    return { run, bars, names, node: html("div", {}, bars.node, names) };
  });
  const words = html("p", { class: "words", "aria-live": "polite" });
  const options = { min: 1, max: STATES, step: 1, value: 3, text: (z) => `z = ${z}` };
  const z = slider("z, one of five", options, (value) => change({ z: value }));

  function draw(found, settled) {
    z.set(found.still.z);
    for (const { run, bars, names } of panels) {
      bars.draw({ [RUNS[0]]: found.first[run] }, found.still.most);
      names.replaceChildren(...found.still.names[run].map((name) => html("span", {}, name)));
    }
    if (settled && words.textContent !== said(found)) words.textContent = said(found);
  }

  const stage = html("div", { class: "stage" }, ...panels.map(({ node }) => node));
  return { nodes: [stage, html("div", { class: "controls" }, z.node), words], draw };
}

/** What is told of one z. */
export function said({ first, still: { z } }) {
  const each = RUNS.map((run) => {
    const p = Math.max(...first[run]);
    const letter = LETTERS[first[run].indexOf(p) - 1];
    return `${TITLES[run]} begins most often with ${letter} (${percent(p)})`;
  });
  return `With z = ${z} ${each.join("; ")}.`;
}
