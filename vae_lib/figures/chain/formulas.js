// A hidden chain: its exact posterior by forward and backward sums, and the best q that factorises, by CAVI.
//
// A model is { stay, emission }: the chance to stay in a state, all moves to another one being alike, and P(symbol |
// state), a row for each state. `x` are the symbols seen, one a step; a q or a table of marginals has a row a step.
import { noise, normalCdf } from "../base/normal.js";
import { sum } from "../base/numbers.js";

const SWEEPS = 500;
const SETTLED = 1e-7; // a sweep that changes no probability by more is the last
const APART = 0.05; // two optima differ by more than that in some probability

const dot = (a, b) => sum(a.map((value, k) => value * b[k]));
const shares = (weights) => {
  const total = sum(weights);
  return weights.map((weight) => weight / total);
};

/** The chance to move to one other state. */
const leave = ({ stay, emission }) => (1 - stay) / (emission.length - 1);

/** P(next state | state), a row for each state. */
export const transition = (model) =>
  model.emission.map((_, from) => model.emission.map((_, to) => (from === to ? model.stay : leave(model))));

/** P(symbol | state), for each state. */
const seen = ({ emission }, symbol) => emission.map((row) => row[symbol]);

/** The exact posterior: log p(x), the marginals at each step, and the rows P(next state | state, x) of each move. */
export function posterior(model, x) {
  const [moves, ahead] = [transition(model), backward(model, x)];
  const steps = ahead.slice(1).map((row, t) => {
    const weights = seen(model, x[t + 1]).map((p, k) => p * row[k]);
    return moves.map((one) => shares(one.map((p, k) => p * weights[k])));
  });
  const { logp, filtered } = forward(model, x);
  return { logp, marginals: filtered.map((row, t) => shares(row.map((p, k) => p * ahead[t][k]))), steps };
}

/** P(all later symbols | state) at each step, up to a factor. */
function backward(model, x) {
  const moves = transition(model);
  const ahead = [moves.map(() => 1)];
  for (let t = x.length - 1; t > 0; t--) {
    const weights = seen(model, x[t]).map((p, k) => p * ahead[0][k]);
    ahead.unshift(shares(moves.map((row) => dot(row, weights))));
  }
  return ahead;
}

/** P(state | the symbols up to now) at each step, and log p(x), nats. */
function forward(model, x) {
  const moves = transition(model); // as good by rows as by columns: it is symmetric
  let [before, logp] = [moves.map(() => 1 / moves.length), 0];
  const filtered = x.map((symbol) => {
    const joint = seen(model, symbol).map((p, k) => p * before[k]);
    logp += Math.log(sum(joint));
    const now = shares(joint);
    before = moves.map((row) => dot(row, now));
    return now;
  });
  return { logp, filtered };
}

/** The ELBO of a q that factorises over the steps, nats. */
export function elbo(q, model, x) {
  const [stay, move] = [Math.log(model.stay), Math.log(leave(model))];
  const heard = sum(q.map((row, t) => dot(row, seen(model, x[t]).map(Math.log))));
  const same = q.slice(1).map((row, t) => dot(row, q[t]));
  const entropy = -sum(q.flat().map((p) => (p > 0 ? p * Math.log(p) : 0)));
  return heard + sum(same.map((p) => p * stay + (1 - p) * move)) + entropy - Math.log(model.emission.length);
}

/** Coordinate steps until a sweep of them changes nothing, from a start: each row of q in turn is put where the ELBO is
 * highest, the others held. What a neighbour says of a state counts by log(stay / leave), its probability. */
export function cavi(start, model, x) {
  const q = start.map((row) => [...row]);
  const heard = x.map((symbol) => seen(model, symbol).map(Math.log));
  const bond = Math.log(model.stay / leave(model));
  for (let sweeps = 1; ; sweeps++) {
    const change = sweep(q, heard, bond);
    if (change < SETTLED || sweeps === SWEEPS) return { q, elbo: elbo(q, model, x), sweeps };
  }
}

/** One sweep, in place and in plain loops; gives the largest change of a probability. */
function sweep(q, heard, bond) {
  let change = 0;
  for (let t = 0; t < q.length; t++) {
    const weights = heard[t].map((score, k) => Math.exp(score + bond * ((q[t - 1]?.[k] ?? 0) + (q[t + 1]?.[k] ?? 0))));
    let total = 0;
    for (const weight of weights) total += weight;
    for (let k = 0; k < weights.length; k++) {
      change = Math.max(change, Math.abs(weights[k] / total - q[t][k]));
      q[t][k] = weights[k] / total;
    }
  }
  return change;
}

/** The start number n of a q: the first is uniform, the others have random rows. */
export function startOf(n, steps, states) {
  if (n === 1) return Array.from({ length: steps }, () => Array(states).fill(1 / states));
  const normal = noise(n);
  return Array.from({ length: steps }, () => shares(Array.from({ length: states }, () => Math.exp(2 * normal()))));
}

/** The different optima in which some starts end, the best first; and where each start ends, as its number in them. */
export function optima(starts, model, x) {
  const ends = starts.map((start) => cavi(start, model, x));
  const found = [];
  for (const end of ends) if (!found.some((one) => isSame(one.q, end.q))) found.push(end);
  found.sort((a, b) => b.elbo - a.elbo);
  return { found, endOf: ends.map((end) => found.findIndex((one) => isSame(one.q, end.q))) };
}

const isSame = (p, q) => p.every((row, t) => row.every((value, k) => Math.abs(value - q[t][k]) < APART));

/** How many moves to another state are expected, by the exact posterior and by a q that factorises. */
export const moves = ({ marginals, steps }) =>
  sum(steps.map((rows, t) => sum(marginals[t].map((p, k) => p * (1 - rows[k][k])))));
export const looseMoves = (q) => sum(q.slice(1).map((row, t) => 1 - dot(row, q[t])));

/** The state that a number from 0 to 1 picks by its probabilities. */
export function pick(probabilities, uniform) {
  let state = 0;
  for (let left = uniform - probabilities[0]; left >= 0 && state < probabilities.length - 1; )
    left -= probabilities[++state];
  return state;
}

/** A path by a number from 0 to 1 for each step, each state picked by its own row of q. */
export const loosePath = (q, uniforms) => q.map((row, t) => pick(row, uniforms[t]));

/** A path of the exact posterior: each state is picked by the row of the state before it. */
export function exactPath({ marginals, steps }, uniforms) {
  const states = [pick(marginals[0], uniforms[0])];
  steps.forEach((rows, t) => states.push(pick(rows[states[t]], uniforms[t + 1])));
  return states;
}

/** Lists of numbers from 0 to 1 from a seed, `length` in each. */
export function uniforms(seed, lists, length) {
  const normal = noise(seed);
  return Array.from({ length: lists }, () => Array.from({ length }, () => normalCdf(normal())));
}
