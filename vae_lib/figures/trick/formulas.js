// z = μ + σ ε: three functions f, and the two estimators of ∂E[f(z)]/∂μ with their exact means and variances.
import { density, noise, normalCdf } from "../base/normal.js";
import { sum } from "../base/numbers.js";

// Each f with its parameter p (the c of z² + c, the ω of z + sin ωz), and what is exact for z ~ N(μ, σ²):
// E[f], its derivative by μ, and the variance of one draw's estimate by either way, b being the baseline.
const FUNCTIONS = {
  square: {
    value: (z, c) => z * z + c,
    slope: (z) => 2 * z,
    expected: (c, mu, sigma) => mu ** 2 + sigma ** 2 + c,
    gradient: (c, mu) => 2 * mu,
    pathwiseVariance: (c, mu, sigma) => 4 * sigma ** 2,
    scoreVariance: (c, mu, sigma, b) => ((mu ** 2 + c - b) / sigma + 3 * sigma) ** 2 + 6 * sigma ** 2 + 8 * mu ** 2,
  },
  wave: {
    value: (z, omega) => z + Math.sin(omega * z),
    slope: (z, omega) => 1 + omega * Math.cos(omega * z),
    expected: (omega, mu, sigma) => mu + Math.sin(omega * mu) * Math.exp(-0.5 * (omega * sigma) ** 2),
    gradient: (omega, mu, sigma) => 1 + omega * Math.cos(omega * mu) * Math.exp(-0.5 * (omega * sigma) ** 2),
    pathwiseVariance(omega, mu, sigma) {
      const square = (omega * sigma) ** 2;
      return -0.5 * omega ** 2 * Math.expm1(-square) * (1 - Math.cos(2 * omega * mu) * Math.exp(-square));
    },
    scoreVariance(omega, mu, sigma, b) {
      const [s, m] = [omega * sigma, mu - b];
      const cross = m * (1 - s * s) * Math.sin(omega * mu) + sigma * (3 * s - s ** 3) * Math.cos(omega * mu);
      const squaredSine = 0.5 - 0.5 * (1 - 4 * s * s) * Math.cos(2 * omega * mu) * Math.exp(-2 * s * s);
      const meanSquare = m * m + 3 * sigma ** 2 + 2 * cross * Math.exp(-0.5 * s * s) + squaredSine;
      return meanSquare / sigma ** 2 - this.gradient(omega, mu, sigma) ** 2;
    },
  },
  step: {
    value: (z) => (z > 0 ? 1 : 0),
    slope: () => 0,
    expected: (_, mu, sigma) => normalCdf(mu / sigma),
    gradient: (_, mu, sigma) => density(mu / sigma) / sigma,
    pathwiseMean: () => 0,
    pathwiseVariance: () => 0,
    scoreVariance(_, mu, sigma, b) {
      const r = mu / sigma;
      const above = normalCdf(r) - r * density(r); // E[ε²] over the draws with z > 0; 1 over all
      return ((1 - b) ** 2 * above + b ** 2 * (1 - above)) / sigma ** 2 - this.gradient(_, mu, sigma) ** 2;
    },
  },
};

export const value = (f, p, z) => FUNCTIONS[f].value(z, p);
export const slope = (f, p, z) => FUNCTIONS[f].slope(z, p);

/** One draw's estimates of ∂E[f]/∂μ: the slope of f at z, and its height times the score. */
export const pathwiseGradient = (f, p, mu, sigma, eps) => slope(f, p, mu + sigma * eps);
export const scoreFunctionGradient = (f, p, mu, sigma, eps, baseline = 0) =>
  ((value(f, p, mu + sigma * eps) - baseline) * eps) / sigma;

/** Exactly: E[f], ∂E[f]/∂μ (which is also the score function's mean), the path's mean, and both variances. */
export const expected = (f, p, mu, sigma) => FUNCTIONS[f].expected(p, mu, sigma);
export const gradient = (f, p, mu, sigma) => FUNCTIONS[f].gradient(p, mu, sigma);
export const pathwiseMean = (f, p, mu, sigma) => (FUNCTIONS[f].pathwiseMean ?? FUNCTIONS[f].gradient)(p, mu, sigma);
export const pathwiseVariance = (f, p, mu, sigma) => FUNCTIONS[f].pathwiseVariance(p, mu, sigma);
export const scoreVariance = (f, p, mu, sigma, baseline = 0) => FUNCTIONS[f].scoreVariance(p, mu, sigma, baseline);

/** Where `difference` is below 0 between `low` and `high`: intervals, their ends by bisection. */
export function negative(difference, low, high, points = 400) {
  const at = (i) => low + ((high - low) * i) / points;
  const isNegative = (u) => difference(u) < 0;
  const ends = isNegative(low) ? [low] : [];
  for (let i = 0; i < points; i++) {
    let [a, b] = [at(i), at(i + 1)];
    const first = isNegative(a);
    if (first === isNegative(b)) continue;
    for (let halving = 0; halving < 40; halving++) {
      const middle = (a + b) / 2;
      if (isNegative(middle) === first) a = middle;
      else b = middle;
    }
    ends.push((a + b) / 2);
  }
  if (ends.length % 2) ends.push(high);
  return Array.from({ length: ends.length / 2 }, (_, i) => [ends[2 * i], ends[2 * i + 1]]);
}

/** `n` draws of N(0, 1) from a seed, rounded and in order. */
export function normals(seed, n) {
  const draw = noise(seed);
  return Array.from({ length: n }, () => Math.round(100 * draw()) / 100).sort((a, b) => a - b);
}

// The four choices: which f, its slider, and over what the third picture runs.
export const SWEEP = { mu: ["μ", -2, 2], sigma: ["σ", 0.3, 1.5] };
export const CHOICES = {
  square: { f: "square", text: "z²", of: "z²", sweep: "sigma" },
  plus: { f: "square", text: "z² + c", of: "z² + c", sweep: "c", slider: { min: -20, max: 100, step: 1, digits: 0 } },
  wave: {
    f: "wave",
    text: "z + sin ωz",
    of: "z + sin ωz",
    sweep: "omega",
    slider: { min: 0, max: 10, step: 0.1, digits: 1 },
  },
  step: { f: "step", text: "step: 1 if z > 0, else 0", of: "step(z)", sweep: "mu" },
};
export const LETTERS = { c: "c", omega: "ω" };
export const START = { choice: "square", mu: 0.5, sigma: 1, c: 0, omega: 1, baseline: "none", chosen: 8, seed: 0 };

/** What the pictures show: everything that follows from the settings and the draws. */
export function derived(state, eps) {
  const { f, sweep } = CHOICES[state.choice];
  const p = LETTERS[sweep] ? state[sweep] : 0;
  const b = state.baseline === "mean" ? expected(f, p, state.mu, state.sigma) : 0;
  const at = [f, p, state.mu, state.sigma];
  const mean = (values) => sum(values) / values.length;
  const path = eps.map((e) => pathwiseGradient(...at, e));
  const score = eps.map((e) => scoreFunctionGradient(...at, e, b));
  return {
    f,
    p,
    b,
    exact: gradient(...at),
    ways: [
      { values: path, shown: mean(path), mean: pathwiseMean(...at), variance: pathwiseVariance(...at) },
      { values: score, shown: mean(score), mean: gradient(...at), variance: scoreVariance(...at, b) },
    ],
  };
}

/** The function u ↦ [path, score function] of the third picture: variances, or for the step the means. */
export function swept(state) {
  const { f, sweep } = CHOICES[state.choice];
  return (u) => {
    const { mu, sigma, c, omega } = { ...state, [sweep]: u };
    const at = [f, { c, omega }[sweep] ?? 0, mu, sigma];
    if (f === "step") return [0, gradient(...at)];
    return [pathwiseVariance(...at), scoreVariance(...at, state.baseline === "mean" ? expected(...at) : 0)];
  };
}

/** The parameter over which the third picture of a choice runs: its name and its range. */
export function reachOf(choice) {
  const { sweep, slider } = CHOICES[choice];
  const [name, low, high] = SWEEP[sweep] ?? [LETTERS[sweep], slider.min, slider.max];
  return { name, low, high };
}
