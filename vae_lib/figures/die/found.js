// What a state of the die amounts to: relaxed throws, the true gradient, single estimates, bias and variance over τ.
import { noise, normalCdf } from "../base/normal.js";
import { sum } from "../base/numbers.js";
import {
  CALLS,
  countsOf,
  gradient,
  gumbelSoftmax,
  heights,
  leaveOneOut,
  leaveOneOutVariance,
  relaxed,
  scoreFunction,
  scoreVariance,
  straightThrough,
  worth,
} from "./formulas.js";
import { momentsAt, nodesOf } from "./quadrature.js";
import { TAUS } from "./settings.js";

/** A function of the state: all that is shown of it. What a motion does not pass through has no prototype. */
export function finder(decoder, stored) {
  const f = heights(decoder);
  const nodes = TAUS.map((tau) => nodesOf(decoder, tau));
  return (now) => {
    const q = now.q.map((percent) => percent / 100);
    const truth = gradient(q, f);
    const drawn = now.seed ? gumbels(now.seed, stored.length) : stored;
    const sweep = swept(q, f, truth, nodes);
    const at = TAUS.indexOf(now.tau);
    return {
      q,
      truth,
      expected: sum(q.map((share, k) => share * f[k])),
      logTau: Math.log(now.tau),
      throws: drawn.map((noise) => relaxed(q, noise, now.tau)),
      singles: estimates(now, q, drawn, decoder, f),
      worths: Object.fromEntries(Object.entries(sweep).map(([way, along]) => [way, along[at]])),
      sweep,
      still: Object.assign(Object.create(null), now),
    };
  };
}

/** What each estimator is worth, with its mean, at each τ. */
function swept(q, f, g, nodes) {
  const told = (moments) => ({ mean: moments.mean, ...worth(g, moments) });
  const found = nodes.map((one) => momentsAt(q, one));
  const [score, left] = [scoreVariance(q, f), leaveOneOutVariance(q, f)].map((variance) => told({ mean: g, variance }));
  return {
    score: found.map(() => score),
    left: found.map(() => left),
    gumbel: found.map(({ gumbel }) => told(gumbel)),
    straight: found.map(({ straight }) => told(straight)),
  };
}

/** The chosen estimator's estimates from the noises, one for each call or one for each five. */
function estimates({ way, tau }, q, noises, decoder, f) {
  const groups = Array.from({ length: noises.length / CALLS }, (_, i) => noises.slice(CALLS * i, CALLS * (i + 1)));
  return {
    score: () => noises.map((noise) => scoreFunction(q, noise, f)),
    left: () => groups.map((group) => leaveOneOut(countsOf(q, group), f)),
    gumbel: () => noises.map((noise) => gumbelSoftmax(q, noise, tau, decoder)),
    straight: () => noises.map((noise) => straightThrough(q, noise, tau, decoder)),
  }[way]();
}

/** Gumbel noise of `count` throws from a seed. */
export function gumbels(seed, count) {
  const normal = noise(seed);
  const gumbel = () => -Math.log(-Math.log(normalCdf(normal())));
  return Array.from({ length: count }, () => [gumbel(), gumbel(), gumbel()]);
}
