// The chain against a pencil, all its paths and a simulation; the level against a dense solve; what is said.
import assert from "node:assert/strict";
import { test } from "node:test";
import { sum } from "../../vae_lib/figures/base/numbers.js";
import * as formulas from "../../vae_lib/figures/chain/formulas.js";
import { finder, nextStart } from "../../vae_lib/figures/chain/found.js";
import { smoothed } from "../../vae_lib/figures/chain/level.js";
import { levelAt, said as saidOfLevel } from "../../vae_lib/figures/chain/opening.js";
import { answered, said } from "../../vae_lib/figures/chain/reading.js";
import { admits, admitsLevel, MOVES, STARTS, STAY } from "../../vae_lib/figures/chain/settings.js";
import { near } from "./near.mjs";

const emission = [
  [0.5, 0.3, 0.12, 0.06, 0.02],
  [0.15, 0.25, 0.35, 0.15, 0.1],
  [0.02, 0.08, 0.2, 0.3, 0.4],
];
const x = [1, 1, 3, 1, 3, 3];
const models = [0.34, 0.6, 0.9, 0.98].map((stay) => ({ stay, emission }));
const valid = { stay: 74, x, start: 0, seed: 1, guess: null };

/** Every path with its P(path, x). */
function allPaths(model, symbols) {
  const moves = formulas.transition(model);
  let paths = [{ states: [], p: 1 / 3 }];
  symbols.forEach((symbol, t) => {
    paths = paths.flatMap(({ states, p }) =>
      [0, 1, 2].map((k) => ({
        states: [...states, k],
        p: p * model.emission[k][symbol] * (t ? moves[states.at(-1)][k] : 1),
      })),
    );
  });
  return paths;
}

test("by a pencil: two days, and each move to another state is as likely as the next", () => {
  assert.deepEqual(formulas.transition({ stay: 0.5, emission })[0], [0.5, 0.25, 0.25]);
  const pair = {
    stay: 0.75,
    emission: [
      [0.8, 0.2],
      [0.4, 0.6],
    ],
  };
  const { logp, marginals } = formulas.posterior(pair, [0, 1]);
  near(Math.exp(logp), 0.5 * (0.8 * (0.75 * 0.2 + 0.25 * 0.6) + 0.4 * (0.25 * 0.2 + 0.75 * 0.6)));
  near(marginals[0][0], (0.5 * 0.8 * 0.3) / Math.exp(logp));
});

test("log p(x), marginals, moves and the chance of each path are those of all 729 paths", () => {
  for (const model of models) {
    const exact = formulas.posterior(model, x);
    const paths = allPaths(model, x);
    near(exact.logp, Math.log(sum(paths.map(({ p }) => p))));
    const mean = (value) => sum(paths.map(({ states, p }) => p * value(states))) / Math.exp(exact.logp);
    exact.marginals.forEach((row, t) =>
      row.forEach((p, k) =>
        near(
          p,
          mean((states) => Number(states[t] === k)),
        ),
      ),
    );
    near(
      formulas.moves(exact),
      mean((states) => states.filter((state, t) => t && state !== states[t - 1]).length),
    );
    for (const { states, p } of paths) {
      const steps = exact.steps.map((rows, t) => rows[states[t]][states[t + 1]]);
      near(exact.marginals[0][states[0]] * steps.reduce((a, b) => a * b), p / Math.exp(exact.logp));
    }
  }
});

test("the ELBO of a product and its moves are those of all paths", () => {
  for (const model of models) {
    const q = formulas.startOf(3, 6, 3);
    const paths = allPaths(model, x).map((one) => ({
      ...one,
      q: one.states.map((k, t) => q[t][k]).reduce((a, b) => a * b),
    }));
    near(formulas.elbo(q, model, x), sum(paths.map(({ p, q }) => q * Math.log(p / q))));
    const count = (states) => states.filter((state, t) => t && state !== states[t - 1]).length;
    near(formulas.looseMoves(q), sum(paths.map(({ states, q }) => q * count(states))));
  }
});

test("where CAVI ends no row alone can do better, and it never falls below its start", () => {
  for (const model of models)
    for (let n = 1; n <= 5; n++) {
      const start = formulas.startOf(n, 6, 3);
      const { q, elbo, sweeps } = formulas.cavi(start, model, x);
      near(formulas.elbo(q, model, x), elbo);
      assert.ok(sweeps < 500);
      assert.ok(elbo > formulas.elbo(start, model, x));
      for (const share of [-0.01, 0.01])
        for (let t = 0; t < 6; t++) {
          const row = q[t].map((p, k) => p * (1 + share * (k - 1)));
          const other = q.with(
            t,
            row.map((p) => p / sum(row)),
          );
          assert.ok(formulas.elbo(other, model, x) <= elbo + 1e-9);
        }
    }
});

test("by a pencil: where staying is as likely as any move, mean field is exact and has one optimum", () => {
  const model = { stay: 1 / 3, emission };
  const { found } = formulas.optima(
    [1, 2, 3].map((n) => formulas.startOf(n, 6, 3)),
    model,
    x,
  );
  assert.equal(found.length, 1);
  near(found[0].elbo, formulas.posterior(model, x).logp);
});

test("optima come best first, each start knows where it ends, and another start ends elsewhere if one does", () => {
  const find = finder(emission);
  const { gaps, endOf } = find({ ...valid, stay: 95 }).still;
  assert.ok(gaps.length > 1);
  assert.deepEqual(
    gaps,
    gaps.toSorted((a, b) => a - b),
  );
  assert.equal(endOf.length, STARTS);
  assert.deepEqual(
    [...new Set(endOf)].sort(),
    gaps.map((_, i) => i),
  );
  let start = 0;
  for (let i = 0; i < 20; i++) {
    const before = find({ ...valid, stay: 95, start });
    start = nextStart(before.still);
    const after = find({ ...valid, stay: 95, start });
    assert.notEqual(after.still.chosen, before.still.chosen);
    near(after.logp - after.bounds.loose, gaps[after.still.chosen]);
  }
  assert.equal(nextStart({ start: 3, chosen: 0, endOf: [0, 0, 0, 0] }), 4);
  assert.equal(nextStart({ start: 4, chosen: 0, endOf: [0, 0, 0, 0] }), 1);
});

test("the product of the true marginals is no better than the best mean field, at any stickiness", () => {
  const find = finder(emission);
  for (let stay = STAY.min; stay <= STAY.max; stay++) {
    const { logp, bounds } = find({ ...valid, stay });
    assert.ok(bounds.product <= bounds.loose + 1e-9 && bounds.loose <= logp);
  }
});

test("a number picks a state by its probabilities, the last at the end", () => {
  const row = [0.25, 0.5, 0.25];
  assert.deepEqual(
    [0, 0.2499, 0.25, 0.7499, 0.75, 1].map((uniform) => formulas.pick(row, uniform)),
    [0, 0, 1, 1, 2, 2],
  );
});

test("drawn paths move as often as is said, by both, within 5 standard errors", () => {
  const model = { stay: 0.7, emission };
  const exact = formulas.posterior(model, x);
  const { q } = formulas.cavi(formulas.startOf(1, 6, 3), model, x);
  const draws = formulas.uniforms(4, 20000, 6);
  const ways = [
    [formulas.moves(exact), (one) => formulas.exactPath(exact, one)],
    [formulas.looseMoves(q), (one) => formulas.loosePath(q, one)],
  ];
  for (const [expected, draw] of ways) {
    const counts = draws.map((one) => draw(one)).map((path) => path.filter((k, t) => t && k !== path[t - 1]).length);
    const mean = sum(counts) / counts.length;
    const error = Math.sqrt(sum(counts.map((count) => (count - mean) ** 2))) / counts.length;
    assert.ok(Math.abs(mean - expected) < 5 * error, `${mean} for ${expected}`);
  }
});

test("by a pencil: two years of the level, whose precision is 2 × 2", () => {
  const { mean, exact, loose, gap } = smoothed([2, 5], 1, 1);
  near(mean[0], 3);
  near(mean[1], 4);
  for (const sd of exact) near(sd, Math.sqrt(2 / 3));
  for (const sd of loose) near(sd, Math.sqrt(1 / 2));
  near(gap, 0.5 * Math.log(4 / 3));
});

test("one year is its own measurement, and a level that can go anywhere is each year's", () => {
  const one = smoothed([7], 3, 2);
  for (const [[value], wanted] of [
    [one.mean, 7],
    [one.exact, 3],
    [one.loose, 3],
  ])
    near(value, wanted);
  assert.equal(one.gap, 0);
  const { mean, exact } = smoothed([1, 9, 4], 2, 1e6);
  [1, 9, 4].forEach((value, t) => near(mean[t], value, 1e-9));
  for (const sd of exact) near(sd, 2, 1e-9);
});

test("a state from outside is one that the controls can reach", () => {
  assert.ok(admits(6)(valid));
  assert.ok(admits(6)({ ...valid, stay: 99, start: STARTS, guess: "same" }));
  const wrong = [
    { stay: 33 },
    { stay: 74.5 },
    { stay: "74" },
    { x: [1, 1, 3] },
    { x: [1, 1, 3, 1, 3, 5] },
    { x: "113133" },
    { start: STARTS + 1 },
    { seed: -1 },
    { guess: "toString" },
  ];
  for (const change of wrong) assert.ok(!admits(6)({ ...valid, ...change }), JSON.stringify(change));
  const level = { move: MOVES[0], guess: null, revealed: false };
  assert.ok(admitsLevel(level));
  for (const change of [{ move: 6 }, { guess: "larger" }, { revealed: 1 }])
    assert.ok(!admitsLevel({ ...level, ...change }), JSON.stringify(change));
});

test("the words tell one optimum from several, and the best of them from another", () => {
  const find = finder(emission);
  assert.match(said(find({ ...valid, stay: 40 })), /Mean field's best ELBO lies .* All 16 starts of CAVI end there\./);
  const several = find({ ...valid, stay: 95 });
  assert.match(said(several), /16 starts of CAVI end in \d optima, with gaps of \d\.\d\d, .* and \d\.\d\d nats\./);
  const start = nextStart(several.still);
  assert.match(said(find({ ...valid, stay: 95, start })), new RegExp(`The ELBO where start ${start} ends lies`));
  const best = 1 + several.still.endOf.indexOf(0);
  assert.match(said(find({ ...valid, stay: 95, start: best })), /ends, the best one, lies/);
});

test("the recorded curves are told after a guess only, by their peak and their last value", () => {
  const recorded = { chains: 20, stay: [33, 70, 98], gap: [0, 0.4, 0.1], error: [0, 0.05, 0.02] };
  const all = { ...recorded, product: [0, 0.5, 0.7], share: [0, 10, 60] };
  assert.equal(answered(all, null), "");
  const text = answered(all, "larger");
  assert.match(text, /^You said: larger\. It is smaller\. Over 20 chains the mean gap is 0\.40 ± 0\.05 nats at 70 %/);
  assert.match(text, /0\.10 ± 0\.02 nats at 98 %.* to 60 %.* to 0\.70 nats\.$/);
});

test("before a guess nobody says which band is exact; after it all is said of the year", () => {
  const nile = { flows: [1000, 1100, 900], noise: 100, first: 1899 };
  const told = (change) => saidOfLevel(levelAt({ move: 38.33, guess: null, revealed: true, ...change }, nile), 1);
  assert.match(told({ revealed: false }), /^In 1900 both say \d+\. One says ± \d+, the other ± \d+\.$/);
  assert.match(told({ guess: "narrow" }), /^You said: the narrow one\. Exact is the wide one: in 1900 the level is/);
  assert.match(told({}), /^Exact is .* times too sure\. Its ELBO lies \d\.\d nats below log p\(x\)\./);
});
