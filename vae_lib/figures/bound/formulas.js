// The bent decoder of equation (4.4), x ~ N(|z|, NOISE²) with z ~ N(0, 1), and the bound under q = N(μ, σ²), in nats.
import { clamp, sum } from "../base/numbers.js";
import { density, normalCdf } from "../base/normal.js";

export const X = 2;
export const NOISE = 0.5;
const LOG_2PI = Math.log(2 * Math.PI);

export const logNormal = (x, mean, std) => -0.5 * (((x - mean) / std) ** 2 + LOG_2PI) - Math.log(std);

/** log p(x), exactly (4.4). */
export function logEvidence() {
  const [m, v] = [X / (1 + NOISE ** 2), NOISE ** 2 / (1 + NOISE ** 2)];
  return Math.log(2 * normalCdf(m / Math.sqrt(v))) + logNormal(X, 0, Math.sqrt(1 + NOISE ** 2));
}

const EVIDENCE = logEvidence();

export const logPosterior = (z) => logNormal(X, Math.abs(z), NOISE) + logNormal(z, 0, 1) - EVIDENCE;

/** E_q[log p(x|z)], exactly: |z| under q is a folded normal. */
export function reconstruction(mu, sigma) {
  const ratio = mu / sigma;
  const meanAbs = 2 * sigma * density(ratio) + mu * (2 * normalCdf(ratio) - 1);
  const meanSquare = X ** 2 - 2 * X * meanAbs + mu ** 2 + sigma ** 2;
  return -0.5 * (meanSquare / NOISE ** 2 + LOG_2PI) - Math.log(NOISE);
}

/** The three parts of KL(q ‖ p(z)): ½μ², ½(σ² − 1), −½ log σ². */
export const klParts = (mu, sigma) => [0.5 * mu ** 2, 0.5 * (sigma ** 2 - 1), -Math.log(sigma)];

/** KL(q ‖ p(z|x)) by Simpson's rule on μ ± 10σ, cut at the bend: computed without the ELBO. */
export function gap(mu, sigma) {
  const [low, high] = [mu - 10 * sigma, mu + 10 * sigma];
  const bend = clamp(0, low, high);
  const integrand = (z) => {
    const logQ = logNormal(z, mu, sigma);
    return Math.exp(logQ) * (logQ - logPosterior(z));
  };
  return simpson(integrand, low, bend) + simpson(integrand, bend, high);
}

function simpson(f, low, high, pairs = 1000) {
  const h = (high - low) / (2 * pairs);
  let total = f(low) + f(high);
  for (let i = 1; i < 2 * pairs; i++) total += (i % 2 ? 4 : 2) * f(low + i * h);
  return (total * h) / 3;
}

/** What follows from q: the terms of (4.5) and the parts of the KL. */
export function derive({ mu, sigma }) {
  const parts = klParts(mu, sigma);
  const terms = { reconstruction: reconstruction(mu, sigma), kl: sum(parts), gap: gap(mu, sigma) };
  return { mu, sigma, parts, ...terms, elbo: terms.reconstruction - terms.kl, logPx: EVIDENCE };
}
