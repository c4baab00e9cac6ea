// Chapter 8: a die inside the net. The true gradient beside four ways to guess it, and a coin for the opening.
import { button, tabs } from "../base/controls.js";
import { html } from "../base/elements.js";
import { mount } from "../base/mount.js";
import { stateOf } from "../base/state.js";
import { arrows } from "./arrows.js";
import { curves } from "./curves.js";
import { finder } from "./found.js";
import { opening, toss } from "./opening.js";
import { reading } from "./reading.js";
import { admits, COIN_TAUS, settings, TAUS } from "./settings.js";
import { simplex } from "./simplex.js";
import style from "./view.css";

const START = { q: [20, 60, 20], way: "gumbel", seed: 0, guess: null };
const FIRST = {
  opening: "Eight throws of one coin: each line is a throw's loss, over the coin's logit.",
  all: "Drag q, cool the die with τ, and choose an estimator. Does its mean arrow meet the true one?",
};

export function render({ model, el }) {
  const control = model.get("control") ?? "all";
  const part = control === "opening" ? coinOf(model) : dieOf(model);
  const hint = html("p", { class: "first hint" }, FIRST[control]);
  return mount(el, style, html("div", { class: `die only-${control}` }, hint, ...part));
}

/** The opening's parts, live. */
function coinOf(model) {
  const { coin } = model.get("data");
  const { nodes, draw } = opening(coin, (change) => state.set(change));
  const start = { ...START, tau: 0, revealed: false };
  const state = stateOf(model, start, (now) => toss(now, coin), draw, admits(COIN_TAUS));
  return nodes;
}

/** The whole figure's parts, live. */
function dieOf(model) {
  const { decoder, noises } = model.get("data");
  const set = (change) => state.set(change);
  const [inputs, text] = [settings(set), reading(decoder)];
  const pictures = [simplex(decoder, (q) => set({ q })), arrows(), curves()];

  function draw(found, settled) {
    for (const one of pictures) one.draw(found);
    inputs.draw(found.still);
    text.draw(found, settled);
  }

  const start = { ...START, tau: 1, revealed: true };
  const state = stateOf(model, start, finder(decoder, noises), draw, admits(TAUS));
  const again = button("throw again", () => state.ease({ seed: state.now.seed + 1 }));
  return arranged(pictures, inputs, again, text);
}

/** Where everything stands. */
function arranged([triangle, plane, sweep], inputs, again, text) {
  const part = (name, ...nodes) => html("div", { class: name }, ...nodes);
  return [
    part("stage", triangle.node),
    part("controls", inputs.tau, inputs.way, ...inputs.faces, part("buttons", again), text.about),
    part(
      "more",
      tabs(
        ["arrows", plane.node],
        ["bias and variance", sweep.node],
        ["numbers", html("div", {}, text.table, text.exact)],
      ),
    ),
    part("said", text.words),
  ];
}
