// The trainer's exact quantities: its decoder is linear in pieces, and on each piece the integrals are closed forms.
import { density, normalCdf } from "../base/normal.js";
import { clamp, sum } from "../base/numbers.js";
import { encode, kl } from "../base/small-vae.js";
import { LOG_2PI, networks } from "./formulas.js";

const FAR = 12; // standard deviations: 4e-33 of a Gaussian's mass lies beyond

/** A z between two kinks, either of which may be infinite. */
function between(from, to) {
  if (from === -Infinity) return to === Infinity ? 0 : to - 1;
  return to === Infinity ? from + 1 : (from + to) / 2;
}

/** The decoder's mean is linear between the kinks of its ReLUs: on `from` < z < `to` it is (a0 + b0 z, a1 + b1 z),
 * exactly. */
export function pieces([[first, shift], [[second0, second1], [c0, c1]]]) {
  const slope = first.map(([weight]) => weight);
  const kinks = slope.map((weight, i) => -shift[i] / weight).filter(Number.isFinite);
  const ends = [-Infinity, ...kinks.sort((left, right) => left - right), Infinity];
  return ends.slice(1).map((to, k) => {
    const piece = { from: ends[k], to, a0: c0, a1: c1, b0: 0, b1: 0 };
    const z = between(ends[k], to);
    for (let i = 0; i < slope.length; i++) {
      if (slope[i] * z + shift[i] <= 0) continue;
      piece.a0 += second0[i] * shift[i];
      piece.a1 += second1[i] * shift[i];
      piece.b0 += second0[i] * slope[i];
      piece.b1 += second1[i] * slope[i];
    }
    return piece;
  });
}

/** Both networks of the parameters and σ_x, with the decoder's line in its pieces. */
export function vaeOf(params) {
  const vae = networks(params);
  return { ...vae, line: pieces(vae.decoder) };
}

/** e^(r²/2) P(ε > r) for r of at least 3: a continued fraction. */
function tail(r) {
  let fraction = r;
  for (let n = 25; n > 0; n--) fraction = r + n / fraction;
  return 1 / (fraction * Math.sqrt(2 * Math.PI));
}

/** P(ε < r) for ε ~ N(0, 1): base's series near 0, where it is short, and the continued fraction further out. */
function below(r) {
  if (Math.abs(r) < 3) return normalCdf(r);
  const beyond = Math.abs(r) > FAR ? 0 : tail(Math.abs(r)) * Math.exp(-0.5 * r * r);
  return r > 0 ? 1 - beyond : beyond;
}

/** log P(low < ε < high) for ε ~ N(0, 1), also far out. */
export function logMass(low, high) {
  if (low + high > 0) return logMass(-high, -low);
  if (high > -3) return Math.log(Math.max(0, below(high) - below(low)));
  const scaled = tail(-high) - tail(-low) * Math.exp(0.5 * (high * high - low * low));
  return Math.log(Math.max(0, scaled)) - 0.5 * high * high;
}

/** log p(x) = log ∫ p(x|z) p(z) dz, nats, in closed form: on each piece a linear-Gaussian model, cut off at its
 * ends. */
export function logEvidence(line, noiseStd, x0, x1) {
  const variance = noiseStd * noiseStd;
  let [highest, total] = [-Infinity, 0];
  for (const { from, to, a0, a1, b0, b1 } of line) {
    const precision = 1 + (b0 * b0 + b1 * b1) / variance; // of z given x, were this piece the whole line
    const mean = (b0 * (x0 - a0) + b1 * (x1 - a1)) / (variance * precision);
    const squared = ((x0 - a0) ** 2 + (x1 - a1) ** 2) / variance - precision * mean * mean;
    const root = Math.sqrt(precision);
    const most = -0.5 * squared - Math.log(root); // a mass is at most 1
    if (most < highest - 40) continue;
    const log = most + logMass(root * (from - mean), root * (to - mean));
    if (log > highest) [total, highest] = [total * Math.exp(highest - log) + 1, log];
    else if (log > -Infinity) total += Math.exp(log - highest);
  }
  return highest + Math.log(total) - 2 * Math.log(noiseStd) - LOG_2PI;
}

/** E_q[log p(x|z)], nats, in closed form: on each piece the moments of a Gaussian cut off at its ends. */
export function expectedReconstruction(line, noiseStd, x0, x1, mu, sigma) {
  let [squared, low, under, flank] = [0, -FAR, 0, 0];
  for (const { to, a0, a1, b0, b1 } of line) {
    const high = clamp((to - mu) / sigma, -FAR, FAR);
    if (high === low) continue;
    const [nextUnder, nextFlank] = [below(high), density(high)];
    const mass = nextUnder - under;
    const [first, second] = [flank - nextFlank, mass + low * flank - high * nextFlank]; // E[ε], E[ε²] on this piece
    const [c0, c1, d0, d1] = [x0 - a0 - b0 * mu, x1 - a1 - b1 * mu, b0 * sigma, b1 * sigma]; // x − f(z) = c − d ε
    squared += (c0 * c0 + c1 * c1) * mass - 2 * (c0 * d0 + c1 * d1) * first + (d0 * d0 + d1 * d1) * second;
    [low, under, flank] = [high, nextUnder, nextFlank];
  }
  return (-0.5 * squared) / noiseStd ** 2 - 2 * Math.log(noiseStd) - LOG_2PI;
}

/** The exact terms of one x: reconstruction, kl, elbo, logEvidence, gap, all in nats. */
export function termsOf(params, x0, x1, { encoder, noiseStd, line } = vaeOf(params)) {
  const { mu, sigma } = encode(encoder, [x0, x1]);
  const reconstruction = expectedReconstruction(line, noiseStd, x0, x1, mu[0], sigma[0]);
  const [evidence, divergence] = [logEvidence(line, noiseStd, x0, x1), kl(mu, sigma)];
  const elbo = reconstruction - divergence;
  return { reconstruction, kl: divergence, elbo, logEvidence: evidence, gap: evidence - elbo };
}

/** Their means over the data x. */
export function means(params, x) {
  const vae = vaeOf(params);
  const total = { reconstruction: 0, kl: 0, elbo: 0, logEvidence: 0, gap: 0 };
  const names = Object.keys(total);
  for (let n = 0; n < x.length; n += 2) {
    const terms = termsOf(params, x[n], x[n + 1], vae);
    for (const name of names) total[name] += (2 * terms[name]) / x.length;
  }
  return total;
}

/** The best ELBO without a latent: log p(x) of the Gaussian N(x̄, s² I) that fits the data best, its mean over x. */
export function withoutLatent(x) {
  const N = x.length / 2;
  const mean = [0, 1].map((j) => sum(x.filter((_, i) => i % 2 === j)) / N);
  const variance = sum(x.map((value, i) => (value - mean[i % 2]) ** 2)) / (2 * N);
  return -(LOG_2PI + Math.log(variance) + 1);
}

/** The share of q's mass, averaged over `codes`, in each bin between `edges`, as a density. */
export function aggregate(codes, edges) {
  const heights = Array(edges.length - 1).fill(0);
  for (const { mu, sigma } of codes) {
    let [under, k] = [0, 0];
    for (; k < heights.length && edges[k + 1] < mu - 9 * sigma; k++);
    if (k === 0) under = below((edges[0] - mu) / sigma);
    for (; k < heights.length && under < 1; k++) {
      const nextUnder = below((edges[k + 1] - mu) / sigma);
      heights[k] += (nextUnder - under) / (codes.length * (edges[k + 1] - edges[k]));
      under = nextUnder;
    }
  }
  return heights;
}

/** The mean of z² under all q together; under the prior it is 1. */
export const secondMoment = (codes) => sum(codes.map(({ mu, sigma }) => mu ** 2 + sigma ** 2)) / codes.length;
