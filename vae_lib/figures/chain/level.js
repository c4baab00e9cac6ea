// The local level: a random walk, measured with noise each year, and nothing known of its start.
import { sum } from "../base/numbers.js";

/** The posterior of the level given all measurements `y`, with the standard deviations `noise` of a measurement and
 * `move` of a year's step: its mean, its standard deviation at each year, that of the best q that factorises, which has
 * the same mean, and the gap between the two, nats. All from the tridiagonal precision J. */
export function smoothed(y, noise, move) {
  const [own, bond] = [1 / noise ** 2, 1 / move ** 2];
  const last = y.length - 1;
  const diagonal = y.map((_, t) => own + bond * (Number(t > 0) + Number(t < last)));
  const down = pivots(diagonal, bond);
  const up = pivots(diagonal.toReversed(), bond).toReversed();
  const exact = diagonal.map((precision, t) => 1 / Math.sqrt(down[t] + up[t] - precision));
  const logs = (values) => sum(values.map(Math.log));
  return {
    mean: solve(
      down,
      bond,
      y.map((value) => own * value),
    ),
    exact,
    loose: diagonal.map((precision) => 1 / Math.sqrt(precision)),
    gap: 0.5 * (logs(diagonal) - logs(down)),
  };
}

/** What is left of each diagonal entry once the years before it are eliminated; their product is det J. */
function pivots(diagonal, bond) {
  const left = [];
  diagonal.forEach((precision, t) => left.push(t ? precision - bond ** 2 / left[t - 1] : precision));
  return left;
}

/** The mean: J times it is `right`. */
function solve(down, bond, right) {
  const known = [];
  right.forEach((value, t) => known.push(t ? value + (bond / down[t - 1]) * known[t - 1] : value));
  const mean = [...known];
  for (let t = mean.length - 1; t >= 0; t--)
    mean[t] = (known[t] + (t + 1 < mean.length ? bond * mean[t + 1] : 0)) / down[t];
  return mean;
}
