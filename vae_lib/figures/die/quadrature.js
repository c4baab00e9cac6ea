// The mean and the variance of the relaxed estimators, by quadrature over the noise: no draw is in them.
//
// Throws are sorted by their scores log q + g: first, second, third. The two gaps are integrated from 0 to infinity,
// the first in units of τ, since the slope of a softmax is as narrow as that. Only the density depends on q.
import { corner, slope, throughSoftmax } from "./formulas.js";

const [FROM, TO] = [-2.5, 3];
const ORDERS = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
];

/** The double exponential rule on the half line: [place, weight] pairs. */
export const rule = (step) =>
  Array.from({ length: Math.round((TO - FROM) / step) + 1 }, (_, i) => {
    const t = FROM + i * step;
    const place = Math.exp(t - Math.exp(-t));
    return [place, step * place * (1 + Math.exp(-t))];
  });

const RULE = rule(0.25); // for the die, whose rule is squared

/** All that does not depend on q: at each node the density's parts, and for each order both estimators' slopes. */
export function nodesOf(decoder, tau) {
  const density = RULE.flatMap(([v, dv]) =>
    RULE.flatMap(([gap, dGap]) => [
      2 * tau * dv * dGap * Math.exp(-tau * v - 2 * gap),
      Math.exp(-tau * v - gap),
      Math.exp(-gap),
    ]),
  );
  return { density: Float64Array.from(density), orders: ORDERS.map((order) => slopesOf(order, tau, decoder)) };
}

/** Of the throws of one order, at each node: what `put` says of Gumbel-softmax, then of straight-through. Plain loops
 * without a list a node, for a phone. */
function slopesOf(order, tau, decoder) {
  const found = new Float64Array(6 * RULE.length ** 2);
  const seconds = RULE.map(([v]) => Math.exp(-v));
  const thirds = RULE.map(([gap]) => Math.exp(-gap / tau));
  const hard = slope(corner(order[0]), decoder);
  const z = [0, 0, 0];
  let at = 0;
  for (let i = 0; i < seconds.length; i++)
    for (let j = 0; j < thirds.length; j++) {
      z[order[0]] = 1 / (1 + seconds[i] + seconds[i] * thirds[j]);
      z[order[1]] = seconds[i] * z[order[0]];
      z[order[2]] = thirds[j] * z[order[1]];
      put(found, at, z, slope(z, decoder), tau);
      put(found, at + 3, z, hard, tau);
      at += 6;
    }
  return found;
}

/** Two parts of a slope by the logits (the third is minus both), and its squared length. */
function put(found, at, z, slopes, tau) {
  const mean = z[0] * slopes[0] + z[1] * slopes[1] + z[2] * slopes[2];
  const x = (z[0] * (slopes[0] - mean)) / tau;
  const y = (z[1] * (slopes[1] - mean)) / tau;
  found[at] = x;
  found[at + 1] = y;
  found[at + 2] = x * x + y * y + (x + y) * (x + y);
}

/** Both estimators' mean and variance at q, from what `nodesOf` gave. */
export function momentsAt(q, { density, orders }) {
  const total = new Float64Array(6);
  ORDERS.forEach(([first, second, third], order) => {
    const slopes = orders[order];
    const [a, b, c] = [q[first], q[second], q[third]];
    for (let i = 0, at = 0; i < density.length; i += 3, at += 6) {
      const spread = a * density[i + 1] + b * density[i + 2] + c;
      const weight = (a * b * c * density[i]) / (spread * spread * spread);
      for (let k = 0; k < 6; k++) total[k] += weight * slopes[at + k];
    }
  });
  return { gumbel: moments(total.subarray(0, 3)), straight: moments(total.subarray(3)) };
}

function moments([x, y, square]) {
  const mean = [x, y, -x - y];
  return { mean, variance: square - (x * x + y * y + (x + y) ** 2) };
}

/** The same from the start, for a q and a τ. */
export const relaxedMoments = (q, tau, decoder) => momentsAt(q, nodesOf(decoder, tau));
