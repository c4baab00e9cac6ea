// What can be set for a training: data, learning rate, β, seed; and which x is ringed.
import { choice, slider } from "../base/controls.js";
import { html } from "../base/elements.js";
import { isKey } from "../base/keys.js";
import { isIn } from "../base/numbers.js";
import { short } from "./marks.js";
import { length } from "./training.js";

export const RATES = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1];
export const BETAS = Array.from({ length: 11 }, (_, i) => 2 ** (i - 4));
const SETS = { arc: "an arc", ring: "a ring", moons: "two moons", cloud: "a straight cloud" };
const SEEDS = { min: 1, max: 20 };
const MOST = 4000; // steps that a link trains at once: about a millisecond each

const within = (value, range) => Number.isInteger(value) && isIn(value, range);
const isPart = (part) => Array.isArray(part) && part.length === 3 && within(part[0], { min: 1, max: MOST });

/** Whether the figure can be in a state, for `count` points. */
export const admits = (count, { data, seed, rate, beta, chosen, schedule }) =>
  isKey(data, SETS) &&
  within(seed, SEEDS) &&
  within(chosen, { min: 0, max: count - 1 }) &&
  Array.isArray(schedule) &&
  schedule.every(isPart) &&
  length(schedule) <= MOST &&
  [[0, rate, beta], ...schedule].every(([, rate, beta]) => RATES.includes(rate) && BETAS.includes(beta));

/** The controls, for `count` points: after `set(change)` the training goes on, after `restart(change)` it begins
 * anew. `draw(now)`. */
export function settings(count, set, restart) {
  const whole = { step: 1, value: 1, digits: 0 };
  const data = choice("data", Object.entries(SETS), (name) => restart({ data: name }));
  const rate = listSlider("learning rate", RATES, (value) => set({ rate: value }));
  const beta = listSlider("β", BETAS, (value) => set({ beta: value }));
  const seed = slider("seed", { ...SEEDS, ...whole }, (value) => restart({ seed: value }));
  const ringed = slider("ringed x", { min: 1, max: count, ...whole }, (value) => set({ chosen: value - 1 }));
  const node = html("div", { class: "controls" }, ...[data, rate, beta, seed, ringed].map((one) => one.node));

  function draw(now) {
    data.set(now.data);
    rate.set(now.rate);
    beta.set(now.beta);
    seed.set(now.seed);
    ringed.set(now.chosen + 1);
  }

  return { node, draw };
}

/** A slider over a list of values, which need not be evenly spaced. */
function listSlider(label, values, change) {
  const range = { min: 0, max: values.length - 1, step: 1, value: 0, text: (i) => short(values[i]) };
  const { node, set } = slider(label, range, (i) => change(values[i]));
  return { node, set: (value) => set(values.indexOf(value)) };
}
