// Chapter 3: z = μ + σ ε with ε frozen, and the two estimators of ∂E[f(z)]/∂μ side by side.
import { button, choice, slider, tabs } from "../base/controls.js";
import { html } from "../base/elements.js";
import { isKey } from "../base/keys.js";
import { mount } from "../base/mount.js";
import { isIn } from "../base/numbers.js";
import { stateOf } from "../base/state.js";
import { drawsPicture } from "./draws.js";
import { estimatesPicture } from "./estimates.js";
import { CHOICES, derived, normals, START } from "./formulas.js";
import { sweepPicture } from "./sweep.js";
import style from "./view.css";
import { reading } from "./words.js";

const FIRST = {
  mu: "Drag μ: what moves along, and what stays?",
  sigma: "Drag σ: the draws z spread, and no ε moves.",
  all: "Drag μ and σ: every z moves, and no ε does.",
};

const RANGES = {
  mu: { min: -2, max: 2 },
  sigma: { min: 0.3, max: 1.5 },
  c: CHOICES.plus.slider,
  omega: CHOICES.wave.slider,
};
const BASELINES = [
  ["none", "0"],
  ["mean", "E[f]"],
];

export function render({ model, el }) {
  const { eps } = model.get("data");
  const control = model.get("control") ?? "all";
  const set = (change) => state.set(change);
  const only = control === "all" ? null : control;
  const parts = [drawsPicture(eps.length, set, only), estimatesPicture(eps.length, set), sweepPicture(set)];
  const text = reading(eps.length);
  const inputs = inputsOf(eps.length, set);

  function draw(found, settled) {
    const now = { ...found.now, chosen: Math.round(found.now.chosen) }; // a motion passes between whole numbers
    inputs.draw(now);
    for (const part of parts) part.draw(now, found, found.eps);
    if (settled) text.draw(now, found, found.eps);
  }

  const seeded = (seed) => (seed ? normals(seed, eps.length) : eps);
  const find = (now) => {
    const drawn = seeded(now.seed);
    return { now: { ...now }, eps: drawn, ...derived(now, drawn) };
  };
  const state = stateOf(model, { ...START, seed: 0 }, find, draw, (now) => admits(eps.length, now));
  const buttons = html(
    "div",
    { class: "buttons" },
    button("resample ε", () => state.ease({ seed: state.now.seed + 1 })),
    button("reset", () => state.ease({ ...START, seed: 0 })),
  );
  const frame = html("div", { class: `trick only-${control}` }, html("p", { class: "first hint" }, FIRST[control]));
  frame.append(...arranged(control, parts, inputs, buttons, text));
  return mount(el, style, frame);
}

/** Whether a state from outside is one: a function and a baseline that there are, numbers within the sliders' reach. */
function admits(count, { choice, baseline, chosen, seed, ...numbers }) {
  const chosenOnes = isKey(choice, CHOICES) && BASELINES.some(([key]) => key === baseline);
  const whole = Number.isInteger(chosen) && isIn(chosen, { min: 1, max: count }) && Number.isSafeInteger(seed);
  return chosenOnes && whole && Object.entries(RANGES).every(([name, range]) => isIn(numbers[name], range));
}

/** All that can be changed but the draws; `draw(now)` shows where they stand. */
function inputsOf(count, set) {
  const sliders = {
    mu: slider("μ", { ...RANGES.mu, step: 0.05, value: 0 }, (mu) => set({ mu })),
    sigma: slider("σ", { ...RANGES.sigma, step: 0.05, value: 1 }, (sigma) => set({ sigma })),
    c: slider("c", { ...RANGES.c, value: 0 }, (c) => set({ c })),
    omega: slider("ω", { ...RANGES.omega, value: 1 }, (omega) => set({ omega })),
    chosen: slider("ring draw", { min: 1, max: count, step: 1, digits: 0, value: 1 }, (chosen) => set({ chosen })),
  };
  const functions = Object.entries(CHOICES).map(([key, { text }]) => [key, text]);
  const menus = {
    choice: choice("the function f", functions, (key) => set({ choice: key })),
    baseline: choice("baseline b, taken from f", BASELINES, (key) => set({ baseline: key })),
  };

  function draw(now) {
    for (const [name, one] of Object.entries({ ...sliders, ...menus })) one.set(now[name]);
    for (const name of ["c", "omega"])
      sliders[name].node.classList.toggle("without", CHOICES[now.choice].sweep !== name);
  }

  return { sliders, menus, draw };
}

/** The whole, or μ or σ alone with what follows from it. */
function arranged(control, [first, second, third], { sliders, menus }, buttons, text) {
  const stage = html("div", { class: "stage" }, first.node);
  if (control !== "all") return [stage, html("div", { class: "controls" }, sliders[control].node), text.ringed];
  const nodes = (inputs) => Object.values(inputs).map(({ node }) => node);
  return [
    html("div", { class: "buttons menus" }, ...nodes(menus)),
    stage,
    html("div", { class: "controls" }, ...nodes(sliders), buttons),
    html(
      "div",
      { class: "more" },
      tabs(
        ["estimates", html("div", {}, second.node, text.table)],
        ["variance", third.node],
        ["in words", html("div", {}, text.verdict, text.one)],
      ),
    ),
  ];
}
