// Reverse water-filling: what the linear VAE with a fixed σ_x² does at its best, by the eigenvalues of the covariance.
import { sum } from "../base/numbers.js";

/** The water level βσ_x². */
export const levelOf = ({ variance, beta }) => beta * variance;

/** What the level is called: where β is 1, nobody needs to know of it. */
export const levelName = ({ beta }) => (beta === 1 ? "σₓ²" : "βσₓ²");

/** What the KL pays for a direction of variance λ, nats: ½ log(λ/level), or 0 under water. */
export const rateOf = (eigenvalue, level) => 0.5 * Math.log(Math.max(eigenvalue, level) / level);

/** The ELBO, nats a picture of `pixels`, at a distortion E‖x − f(z)‖² and a rate E KL. */
export const elboOf = (pixels, variance, distortion, rate) =>
  -0.5 * (pixels * Math.log(2 * Math.PI * variance) + distortion / variance) - rate;

/** The best point of the linear β-VAE with `latents` latents: how many it uses, its rate, distortion and ELBO. The
 * eigenvalues fall. */
export function optimum(eigenvalues, { variance, beta, latents }) {
  const level = levelOf({ variance, beta });
  const kept = eigenvalues.slice(0, latents);
  const used = kept.filter((eigenvalue) => eigenvalue > level).length;
  const rate = sum(kept.map((eigenvalue) => rateOf(eigenvalue, level)));
  const distortion = sum(eigenvalues.map((eigenvalue, i) => (i < used ? level : eigenvalue)));
  return { used, rate, distortion, elbo: elboOf(eigenvalues.length, variance, distortion, rate) };
}

/** Shannon's curve of the Gaussian source: the optimum with a latent for each direction, at each of `levels`. */
export const shannon = (eigenvalues, levels) =>
  levels.map((level) => optimum(eigenvalues, { variance: level, beta: 1, latents: eigenvalues.length }));

/** How far the eigenvalue that is nearest to the water stands above it, as a share of the level: the number `nearest`
 * of its direction, from 0, and `margin`. */
export function margin(eigenvalues, { latents, ...water }) {
  const above = eigenvalues.slice(0, latents).map((eigenvalue) => eigenvalue / levelOf(water) - 1);
  const nearest = above.reduce((best, value, i) => (Math.abs(value) < Math.abs(above[best]) ? i : best), 0);
  return { nearest, margin: above[nearest] };
}
