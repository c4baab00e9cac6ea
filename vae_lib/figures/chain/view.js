// Chapter 9: a hidden chain, its exact posterior and a q without neighbours; the Nile's level for the opening.
import { button, choice, slider, tabs } from "../base/controls.js";
import { html } from "../base/elements.js";
import { mount } from "../base/mount.js";
import { stateOf } from "../base/state.js";
import { cells } from "./cells.js";
import { curves } from "./curves.js";
import { finder, nextStart } from "./found.js";
import { levelAt, opening } from "./opening.js";
import { paths } from "./paths.js";
import { reading } from "./reading.js";
import { admits, admitsLevel, GUESSES, STAY } from "./settings.js";
import style from "./view.css";

const ASK =
  "In many random chains: is mean field's best gap larger or smaller at the stickiest end than in the middle?";
const FIRST = {
  opening:
    "Dots: the Nile's flow at Aswan. Its level is hidden: it moves a bit each year, and a measurement is off by ± 123.",
  all: "A diary: ice creams of six days. Tap a number to change it. Stay: the chance that the hidden weather stays.",
};

export function render({ model, el }) {
  const control = model.get("control") ?? "all";
  const part = control === "opening" ? levelOf(model) : chainOf(model);
  const hint = html("p", { class: "first hint" }, FIRST[control]);
  return mount(el, style, html("div", { class: `chain only-${control}` }, hint, ...part));
}

/** The opening's parts, live. */
function levelOf(model) {
  const nile = model.get("data");
  const { nodes, draw } = opening(nile, (change) => state.set(change));
  const start = { move: nile.move, guess: null, revealed: false };
  const state = stateOf(model, start, (now) => levelAt(now, nile), draw, admitsLevel);
  return nodes;
}

/** The whole figure's parts, live. */
function chainOf(model) {
  const { emission, x, stay, recorded } = model.get("data");
  const set = (change) => state.set({ start: 0, ...change });
  const text = reading(emission, recorded, x.length);
  const pictures = [cells(x.length, (symbols) => set({ x: symbols })), paths(), curves(recorded)];
  const sticky = slider("stay", { ...STAY, step: 1, value: stay, digits: 0, unit: "%" }, (value) =>
    set({ stay: value }),
  );
  const guess = choice("your guess", [["", "?"], ...Object.entries(GUESSES)], (value) =>
    state.set({ guess: value || null }),
  );
  let last = null;

  function draw(found, settled) {
    last = found;
    for (const one of pictures) one.draw(found);
    sticky.set(Math.round(found.stay));
    guess.set(found.still.guess ?? "");
    text.draw(found, settled);
  }

  const start = { stay, x, start: 0, seed: 1, guess: null };
  const state = stateOf(model, start, finder(emission), draw, admits(x.length));
  const buttons = [
    button("another start", () => state.ease({ start: nextStart(last.still) })),
    button("draw again", () => state.ease({ seed: state.now.seed + 1 })),
  ];
  return arranged(pictures, sticky, buttons, guess, text);
}

/** Where everything stands. */
function arranged([bars, lattice, many], sticky, buttons, guess, text) {
  const part = (name, ...nodes) => html("div", { class: name }, ...nodes);
  return [
    part("stage", ...bars.nodes),
    part("controls", sticky.node, part("buttons", ...buttons), text.gaps),
    part("said", text.words),
    part(
      "more",
      tabs(
        ["paths", lattice.node],
        ["many chains", part("many", html("p", { class: "hint" }, ASK), guess.node, many.node, text.answer)],
        ["numbers", text.numbers],
      ),
    ),
  ];
}
