// What a state of the chain amounts to: the exact posterior, the optima of mean field and the one shown, gaps, paths.
import { elbo, exactPath, loosePath, looseMoves, moves, optima, posterior, startOf, uniforms } from "./formulas.js";
import { STARTS } from "./settings.js";

const PATHS = 8;

/** A function of the state: all that is shown of it. What a motion does not pass through has no prototype. */
export function finder(emission) {
  const solve = remembered((stay, x) => solved({ stay: stay / 100, emission }, x));
  return ({ stay, x, start, seed, guess }) => {
    const { exact, found, endOf, product } = solve(stay, x);
    const chosen = start ? endOf[start - 1] : 0;
    const { q, elbo: bound } = found[chosen];
    const draws = uniforms(seed, PATHS, x.length);
    return {
      stay,
      marginals: exact.marginals,
      q,
      paths: { exact: draws.map((one) => exactPath(exact, one)), loose: draws.map((one) => loosePath(q, one)) },
      logp: exact.logp,
      bounds: { loose: bound, product },
      moves: { exact: moves(exact), loose: looseMoves(q), product: looseMoves(exact.marginals) },
      still: still({ x: [...x], start, guess, chosen, endOf, gaps: found.map((one) => exact.logp - one.elbo) }),
    };
  };
}

const still = (values) => Object.assign(Object.create(null), values);

/** All that does not depend on a choice of start or on draws. */
function solved(model, x) {
  const starts = Array.from({ length: STARTS }, (_, n) => startOf(n + 1, x.length, model.emission.length));
  const exact = posterior(model, x);
  return { exact, ...optima(starts, model, x), product: elbo(exact.marginals, model, x) };
}

/** A function that keeps its last value, for as long as it is asked for the same. */
function remembered(compute) {
  let [key, value] = [];
  return (...asked) => {
    const now = JSON.stringify(asked);
    if (now !== key) [key, value] = [now, compute(...asked)];
    return value;
  };
}

/** The next start that ends in another optimum than the one shown; the next one where all end alike. */
export function nextStart({ start, chosen, endOf }) {
  const order = endOf.map((_, i) => 1 + ((start + i) % endOf.length));
  return order.find((n) => endOf[n - 1] !== chosen) ?? order[0];
}
