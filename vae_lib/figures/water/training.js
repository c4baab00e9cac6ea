// The linear VAE, trained on its exact expected objective: no draw, no batch, only Adam and the gradient.
//
// It works in the basis of the covariance's eigenvectors, where the covariance is the list of eigenvalues. The loss is
// the same number as in pixels, and its gradient is turned with the weights. Adam alone, which scales each weight
// apart, takes another way there than in pixels.
import { noise } from "../base/normal.js";
import { sum } from "../base/numbers.js";
import { adam, untrained } from "../trainer/formulas.js";
import { elboOf } from "./formulas.js";

export const STEPS = 800;
const [RATE, SPREAD] = [0.05, 0.02];
const MOMENTA = [0.9, 0.95]; // with 0.999 and the rate 0.02 it ends 0.01 to 0.03 nats short where σ_x² is 0.05
export const LIVE = 0.01; // nats: a latent that pays less counts as dead

/** Fresh parameters from a seed: W = Vᵀ near 0, `latents` numbers for each direction, and the latents' log σ², 0. */
export function fresh(directions, latents, seed) {
  const normal = noise(seed);
  const weight = Array.from({ length: directions * latents }, () => SPREAD * normal());
  return [...weight, ...weight, ...Array(latents).fill(0)];
}

/** The parts of flat parameters: W and Vᵀ, row by row, and log σ². */
function partsOf(params, directions) {
  const latents = params.length / (2 * directions + 1);
  const size = directions * latents;
  return {
    latents,
    W: params.slice(0, size),
    V: params.slice(size, 2 * size),
    logVar: params.slice(2 * size),
  };
}

/** Σᵢ scaleᵢ rowᵢ rowᵢᵀ over the rows of a flat matrix, [latents × latents]. */
function gram(rows, latents, scales) {
  const total = new Float64Array(latents * latents);
  scales.forEach((scale, i) => {
    for (let j = 0; j < latents; j++) {
      const entry = scale * rows[i * latents + j];
      for (let k = 0; k < latents; k++) total[j * latents + k] += entry * rows[i * latents + k];
    }
  });
  return total;
}

/** The product of two vectors of `length` numbers, each from a place in a flat array. */
function inner(length, a, i, b, j) {
  let total = 0;
  for (let k = 0; k < length; k++) total += a[i + k] * b[j + k];
  return total;
}

/** The KL of each latent and the distortion E‖x − f(z)‖², exactly, and what the gradient needs of both: E[μμᵀ], WᵀW,
 * σ². */
export function measured(params, eigenvalues) {
  const { latents, W, V, logVar } = partsOf(params, eigenvalues.length);
  const codes = gram(V, latents, eigenvalues);
  const decoded = gram(W, latents, Array(eigenvalues.length).fill(1));
  const spread = logVar.map(Math.exp);
  const own = (matrix, j) => matrix[j * latents + j];
  const kl = spread.map((value, j) => 0.5 * (own(codes, j) + value - 1 - logVar[j]));
  const lost = eigenvalues.map((value, i) => value * (1 - 2 * inner(latents, W, i * latents, V, i * latents)));
  const drawn = sum(kl.map((_, j) => spread[j] * own(decoded, j)));
  const distortion = sum(lost) + inner(codes.length, codes, 0, decoded, 0) + drawn;
  return { kl, distortion, W, V, codes, decoded, spread };
}

/** The loss distortion/(2σ_x²) + β KL, nats, its gradient, and what was measured on the way. */
export function lossAndGradient(params, eigenvalues, { variance, beta }) {
  const found = measured(params, eigenvalues);
  const { kl, distortion, W, V, codes, decoded, spread } = found;
  const [latents, size, precision] = [kl.length, W.length, 1 / variance];
  const gradient = Array(params.length).fill(0);
  for (let at = 0; at < size; at++) {
    const [j, row] = [at % latents, at - (at % latents)];
    const eigenvalue = eigenvalues[row / latents];
    const noisy = inner(latents, codes, j * latents, W, row) + spread[j] * W[at];
    const back = inner(latents, decoded, j * latents, V, row) - W[at];
    gradient[at] = precision * (noisy - eigenvalue * V[at]);
    gradient[size + at] = eigenvalue * (precision * back + beta * V[at]);
  }
  spread.forEach((value, j) => {
    gradient[2 * size + j] = 0.5 * (precision * value * decoded[j * latents + j] + beta * (value - 1));
  });
  return { loss: 0.5 * precision * distortion + beta * sum(kl), gradient, ...found };
}

/** The learning rate of a step: the same for the first half, then falling to 0. */
export const rateAt = (step) => RATE * Math.min(1, 2 - (2 * step) / STEPS);

/** Adam's next step, in place: the state, with the rate and the distortion before it. */
export function train(state, eigenvalues, settings) {
  const { kl, distortion, gradient } = lossAndGradient(state.params, eigenvalues, settings);
  return { ...adam(state, gradient, rateAt(state.t), MOMENTA), rate: sum(kl), distortion };
}

/** What can be told of a training: each latent's KL and its direction, a number that is whole once it has settled, how
 * many live, the rate, the distortion and the ELBO. */
export function told(params, eigenvalues, { variance }) {
  const { kl, distortion, V } = measured(params, eigenvalues);
  const directions = kl.map((_, j) => {
    const shares = eigenvalues.map((value, i) => value * V[i * kl.length + j] ** 2);
    return sum(shares.map((share, i) => share * i)) / (sum(shares) || 1);
  });
  const rate = sum(kl);
  const used = kl.filter((nats) => nats > LIVE).length;
  return { kl, directions, used, rate, distortion, elbo: elboOf(eigenvalues.length, variance, distortion, rate) };
}

/** A function of settings, seed and `steps` that trains: on from where it was, or from the start where something else
 * was set. It gives what is told of the training, and its `rows`, { rate, distortion }; before the first step null. */
export function trainer(eigenvalues) {
  let [at, state, rows] = [];

  function begin(key, { latents, seed }) {
    at = key;
    state = untrained(fresh(eigenvalues.length, latents, seed));
    rows = [];
  }

  return ({ steps, ...settings }) => {
    if (!steps) return null;
    const key = JSON.stringify(settings);
    if (key !== at || steps < state.t) begin(key, settings);
    while (state.t < steps) {
      const { rate, distortion } = train(state, eigenvalues, settings);
      rows.push({ rate, distortion });
    }
    return { ...told(state.params, eigenvalues, settings), rows };
  };
}
