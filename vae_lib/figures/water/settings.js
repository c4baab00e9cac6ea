// What can be set: σ_x², β and the number of latents.
import { slider } from "../base/controls.js";
import { isIn } from "../base/numbers.js";
import { short } from "../trainer/marks.js";
import { STEPS } from "./training.js";

const VARIANCES = [
  0.05, 0.055, 0.065, 0.075, 0.09, 0.1, 0.12, 0.15, 0.18, 0.2, 0.22, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8,
  0.9, 1,
];
const BETAS = [0.25, 0.5, 1, 2, 4];
const LATENTS = { min: 1, max: 24 };
export const GUESS = { min: 0, max: 16 };

/** The value of σ_x² that the slider offers nearest to a number, as a ratio. */
export const offered = (variance) => {
  const far = (value) => Math.abs(Math.log(value / variance));
  return VARIANCES.reduce((best, value) => (far(value) < far(best) ? value : best));
};

/** Whether the figure can be in a state. */
export const admits = ({ variance, beta, latents, seed, steps, guess = null, revealed = true }) =>
  VARIANCES.includes(variance) &&
  BETAS.includes(beta) &&
  [latents, seed, steps].every(Number.isInteger) &&
  isIn(latents, LATENTS) &&
  isIn(seed, { min: 1, max: 1e6 }) &&
  isIn(steps, { min: 0, max: STEPS }) &&
  (guess === null || isIn(guess, GUESS)) &&
  typeof revealed === "boolean";

/** The sliders by name; `set(change)` is told what is set, `draw(now)`. */
export function settings(set) {
  const variance = listSlider("σₓ²", VARIANCES, (value) => set({ variance: value }));
  const beta = listSlider("β", BETAS, (value) => set({ beta: value }));
  const latents = slider("latents", { ...LATENTS, step: 1, value: 16, digits: 0 }, (value) => set({ latents: value }));
  const all = { variance, beta, latents };

  function draw(now) {
    for (const [name, { set }] of Object.entries(all)) set(now[name]);
  }

  return { nodes: Object.values(all).map(({ node }) => node), draw };
}

/** A slider over a list of values, which need not be evenly spaced. */
function listSlider(label, values, change) {
  const range = { min: 0, max: values.length - 1, step: 1, value: 0, text: (i) => short(values[i]) };
  const { node, set } = slider(label, range, (i) => change(values[i]));
  return { node, set: (value) => set(values.indexOf(value)) };
}
