// Chapter 7: the data's variances under the water βσ_x². How many latents live is predicted, and then trained.
import { button, choice } from "../base/controls.js";
import { html } from "../base/elements.js";
import { mount } from "../base/mount.js";
import { format, sum } from "../base/numbers.js";
import { stateOf } from "../base/state.js";
import { clock } from "../trainer/clock.js";
import { bars, SHOWN } from "./bars.js";
import { levelOf, margin, optimum } from "./formulas.js";
import { plane } from "./plane.js";
import { reading } from "./reading.js";
import { admits, GUESS, offered, settings } from "./settings.js";
import { STEPS, trainer } from "./training.js";
import style from "./view.css";

const START = { variance: 0.3, beta: 1, latents: 16, seed: 1, steps: 0, guess: null };
const FIRST = {
  opening: "Bars: the variances of the digits. You ask for 16 latents, and the decoder's variance σₓ² is 0.3.",
  all: "Move the water, by its handle or by σₓ² and β. Then train: does it land on the prediction?",
};
const CALM = 15; // frames from a picture to the next where motion is reduced

export function render({ model, el }) {
  const { eigenvalues } = model.get("data");
  const control = model.get("control") ?? "all";
  const follow = trainer(eigenvalues);
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const loop = clock(el, onFrame);
  const set = (change) => rest({ ...change, steps: 0, guess: null, revealed: true });
  const pictures = [
    bars(eigenvalues, (level) => set({ variance: offered(level / state.now.beta) })),
    plane(eigenvalues),
  ];
  const [inputs, text] = [settings(set), reading()];
  const guess = guessOf((value) => state.ease({ guess: value, revealed: true }));
  const play = button("", () => (loop.running() ? rest({}) : run()));
  let frames = 0;

  function onFrame() {
    state.now.steps = Math.min(STEPS, state.now.steps + paceAt(state.now.steps));
    follow(state.now);
    frames += 1;
    if (state.now.steps === STEPS) rest({});
    else if (!calm.matches || frames % CALM === 0) state.set({});
  }

  function run() {
    const { steps, seed } = state.now;
    loop.start();
    state.set(steps === STEPS ? { steps: 0, seed: seed + 1 } : {});
  }

  function rest(change) {
    loop.stop();
    state.set(change);
  }

  function draw(found) {
    for (const one of pictures) one.draw(found);
    inputs.draw(found.still.now);
    guess.set(found.still.now.guess ?? "");
    text.draw(found, loop.running());
    play.textContent = loop.running() ? "pause" : found.still.now.steps === STEPS ? "train again" : "train";
  }

  const start = { ...START, revealed: control === "all" };
  const state = stateOf(model, start, (now) => derive(eigenvalues, now, follow(now)), draw, admits);
  const frame = html(
    "div",
    { class: `water-level only-${control}` },
    html("p", { class: "first hint" }, FIRST[control]),
  );
  frame.append(...arranged(control, eigenvalues, pictures, inputs, guess, play, text));
  return mount(el, style, frame);
}

/** Steps in a frame: few at first, where most happens. */
const paceAt = (step) => 1 + Math.floor(step / 80);

/** What the state and its training amount to. What a motion does not pass through has no prototype. */
function derive(eigenvalues, now, found) {
  const { used, ...predicted } = optimum(eigenvalues, now);
  const { kl = [], directions = [], rows = [], used: trainedUsed, ...trained } = found ?? {};
  const above = eigenvalues.filter((eigenvalue) => eigenvalue > levelOf(now)).length;
  const still = { now: { ...now }, used, above, trainedUsed, rows, ...margin(eigenvalues, now) };
  return {
    logLevel: Math.log(levelOf(now)),
    predicted,
    trained: found && trained,
    kl,
    directions,
    still: Object.assign(Object.create(null), still),
  };
}

/** How many live, to be said before the water comes; `choose(number)`. */
function guessOf(choose) {
  const numbers = Array.from({ length: GUESS.max + 1 }, (_, k) => [String(k), String(k)]);
  const { node, set } = choice("how many live?", [["", "?"], ...numbers], (text) => choose(text ? Number(text) : null));
  return { node, set };
}

const PAID = "Above the water: what the KL pays, ½ log(λ/βσₓ²). Striped: drowned. ";
const others = (eigenvalues) =>
  `The other ${eigenvalues.length - SHOWN} variances add up to ${format(sum(eigenvalues.slice(SHOWN)))}.`;

/** The whole, or the bars with a guess and one slider. */
function arranged(control, eigenvalues, [water, curve], inputs, guess, play, text) {
  const part = (name, ...nodes) => html("div", { class: name }, ...nodes);
  const stage = part(
    "stage",
    water.node,
    html("p", { class: "hint" }, (control === "all" ? PAID : "") + others(eigenvalues)),
  );
  if (control === "opening") return [stage, part("controls", guess.node, inputs.nodes[0]), text.words];
  return [
    stage,
    part("controls", part("buttons", play), ...inputs.nodes),
    part("curve", curve.node),
    part("numbers", text.table),
    part("said", text.words, text.status),
  ];
}
