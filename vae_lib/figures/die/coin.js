// A coin of the logit a before a decoder: the loss of one throw over a, a step or a soft one, and its slope.
import { sigmoid } from "../base/small-vae.js";
import { slope, value } from "./formulas.js";
import { rule } from "./quadrature.js";

const RULE = rule(0.1);

/** The noise of eight throws, one from the middle of each eighth of the logistic distribution. */
export const THROWS = Array.from({ length: 8 }, (_, k) => Math.log((k + 0.5) / (7.5 - k)));

/** z, the share of heads, for a noise: a step at τ = 0. */
export const share = (a, noise, tau) => (tau === 0 ? Number(a + noise > 0) : sigmoid((a + noise) / tau));

/** The loss −log p(x|z) at a share of heads, and its slope by that share, nats. */
export const lossAt = (heads, coin) => -value([1 - heads, heads], coin);
function slopeAt(heads, coin) {
  const [tails, ofHeads] = slope([1 - heads, heads], coin);
  return tails - ofHeads;
}

/** The slope of one throw's loss by a. */
export function throwSlope(a, noise, tau, coin) {
  if (tau === 0) return 0;
  const heads = share(a, noise, tau);
  return (slopeAt(heads, coin) * heads * (1 - heads)) / tau;
}

/** The loss that is paid in the mean over all throws, and its slope by a: exactly. */
export const meanLoss = (a, coin) => sigmoid(a) * lossAt(1, coin) + sigmoid(-a) * lossAt(0, coin);
export const meanSlope = (a, coin) => sigmoid(a) * sigmoid(-a) * (lossAt(1, coin) - lossAt(0, coin));

/** Mean and standard deviation of the soft slopes over all throws, by quadrature. */
export function softSlope(a, tau, coin) {
  let [mean, square] = [0, 0];
  for (const side of [-1, 1])
    for (const [v, weight] of RULE) {
      const heads = sigmoid(side * v);
      const found = (slopeAt(heads, coin) * heads * (1 - heads)) / tau;
      const noise = side * tau * v - a;
      const density = tau * weight * sigmoid(noise) * sigmoid(-noise);
      mean += density * found;
      square += density * found * found;
    }
  return { mean, deviation: Math.sqrt(square - mean * mean) };
}
