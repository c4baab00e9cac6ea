// What can be set: the temperature, the estimator, and q in whole percents; and what a state from outside must be.
import { choice, slider } from "../base/controls.js";
import { isKey } from "../base/keys.js";
import { isIn, sum } from "../base/numbers.js";
import { short } from "../trainer/marks.js";

export const TAUS = [0.05, 0.07, 0.1, 0.14, 0.2, 0.3, 0.4, 0.5, 0.7, 1, 1.4, 2, 3, 5];
export const COIN_TAUS = [0, ...TAUS.slice(0, -1)];
export const LEAST = 5; // percent, for a face
export const WAYS = {
  score: "score function",
  left: "leave-one-out of 5",
  gumbel: "Gumbel-softmax",
  straight: "straight-through",
};
export const GUESSES = { tails: "to tails", heads: "to heads", neither: "neither" };

/** Whether the figure can be in a state, where the slider offers `taus`. */
export const admits =
  (taus) =>
  ({ tau, q, way, seed, guess, revealed }) =>
    taus.includes(tau) &&
    isDie(q) &&
    isKey(way, WAYS) &&
    Number.isInteger(seed) &&
    isIn(seed, { min: 0, max: 1e6 }) &&
    (guess === null || isKey(guess, GUESSES)) &&
    typeof revealed === "boolean";

const isDie = (q) =>
  Array.isArray(q) && q.length === 3 && q.every((part) => Number.isInteger(part) && part >= LEAST) && sum(q) === 100;

/** The whole percents nearest to shares, which may lie outside of the triangle: at least LEAST each, 100 together. */
export function percents(shares) {
  const above = shares.map((part) => Math.max(100 * part - LEAST, 0));
  const exact = above.map((part) => LEAST + (part * (100 - 3 * LEAST)) / sum(above));
  const whole = exact.map((part) => Math.floor(part + 1e-9));
  const order = [0, 1, 2].sort((i, j) => exact[j] - whole[j] - (exact[i] - whole[i]));
  order.slice(0, 100 - sum(whole)).forEach((k) => {
    whole[k] += 1;
  });
  return whole;
}

/** q with `percent` for a face; the other two share what is left as they did. */
export function withFace(q, face, percent) {
  const [a, b] = [0, 1, 2].filter((k) => k !== face);
  const rest = 100 - percent;
  const first = Math.round((rest * q[a]) / (q[a] + q[b]));
  const changed = [...q];
  changed[face] = percent;
  changed[a] = Math.min(Math.max(first, LEAST), rest - LEAST);
  changed[b] = rest - changed[a];
  return changed;
}

/** The slider of τ over some temperatures, which need not be evenly spaced. */
export function temperature(taus, change) {
  const range = { min: 0, max: taus.length - 1, step: 1, value: 0, text: (i) => short(taus[i]) };
  const { node, set } = slider("τ", range, (i) => change(taus[i]));
  return { node, set: (tau) => set(taus.indexOf(tau)) };
}

/** τ, the estimator, and a slider for each face; `set(change)` is told what is set, `draw(now)`. */
export function settings(set) {
  let q = null;
  const tau = temperature(TAUS, (value) => set({ tau: value }));
  const way = choice("estimator", Object.entries(WAYS), (value) => set({ way: value }));
  const range = { min: LEAST, max: 100 - 2 * LEAST, step: 1, value: LEAST, digits: 0, unit: "%" };
  const faces = [0, 1, 2].map((face) =>
    slider(`face ${face + 1}`, range, (value) => set({ q: withFace(q, face, value) })),
  );

  function draw(now) {
    q = now.q;
    tau.set(now.tau);
    way.set(now.way);
    faces.forEach((one, face) => {
      one.set(q[face]);
    });
  }

  return { tau: tau.node, way: way.node, faces: faces.map(({ node }) => node), draw };
}
