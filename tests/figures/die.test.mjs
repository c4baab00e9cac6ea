// The die against a pencil: its slope and the four guesses, their limits, a simulation; the coin, and what is said.
import assert from "node:assert/strict";
import { test } from "node:test";
import { sum } from "../../vae_lib/figures/base/numbers.js";
import * as coins from "../../vae_lib/figures/die/coin.js";
import * as formulas from "../../vae_lib/figures/die/formulas.js";
import { finder, gumbels } from "../../vae_lib/figures/die/found.js";
import { said, toss } from "../../vae_lib/figures/die/opening.js";
import { nodesOf, momentsAt, relaxedMoments } from "../../vae_lib/figures/die/quadrature.js";
import { verdict } from "../../vae_lib/figures/die/reading.js";
import { admits, COIN_TAUS, LEAST, percents, TAUS, withFace } from "../../vae_lib/figures/die/settings.js";
import { near } from "./near.mjs";

const decoder = {
  table: [
    [3, 2, -1, -3],
    [-2, 2, 3, -2],
    [2, -3, 1, 2],
  ],
  x: [1, 1, 1, 0],
};
const coin = {
  table: [
    [3, -3],
    [-2, 4],
  ],
  x: [1, 1],
};
const q = [0.2, 0.5, 0.3];
const f = formulas.heights(decoder);
const g = formulas.gradient(q, f);
const valid = { tau: 1, q: [20, 50, 30], way: "gumbel", seed: 0, guess: null, revealed: true };
const all = (found, wanted, tolerance) => wanted.forEach((value, i) => near(found[i], value, tolerance));

test("by a pencil: the slope of a face's logit is its share times what it has above the mean", () => {
  all(formulas.gradient([0.5, 0.25, 0.25], [4, 0, -4]), [0.5 * 3, 0.25 * -1, 0.25 * -5]);
});

test("by a pencil: f at a face is the sum of its pixels' log-probabilities", () => {
  const logSigmoid = (a) => -Math.log1p(Math.exp(-a));
  near(f[0], logSigmoid(3) + logSigmoid(2) + logSigmoid(-1) + logSigmoid(3));
});

test("the slope of f is that of differences, at soft throws and at faces", () => {
  for (const z of [q, [1, 0, 0], [0.1, 0.1, 0.8]])
    formulas.slope(z, decoder).forEach((found, k) => {
      const [up, down] = [1e-6, -1e-6].map((h) =>
        formulas.value(
          z.map((share, i) => share + h * (i === k)),
          decoder,
        ),
      );
      near(found, (up - down) / 2e-6, 1e-8);
    });
});

test("one noise, many temperatures: cold throws are faces, always the same one, and hot ones are in the middle", () => {
  for (const noise of gumbels(3, 50)) {
    const face = formulas.largest(formulas.relaxed(q, noise, 1));
    for (const tau of TAUS) assert.equal(formulas.largest(formulas.relaxed(q, noise, tau)), face);
    all(formulas.relaxed(q, noise, 1e-4), formulas.corner(face), 1e-6);
    all(formulas.relaxed(q, noise, 1e4), [1 / 3, 1 / 3, 1 / 3], 1e-2);
  }
});

test("faces come up as often as q says", () => {
  const counts = formulas.countsOf(q, gumbels(1, 20000));
  counts.forEach((count, k) => assert.ok(Math.abs(count / 20000 - q[k]) < 4 * Math.sqrt((q[k] * (1 - q[k])) / 20000)));
});

test("all estimates lie in the plane of the logits' differences: their parts add up to 0", () => {
  for (const noise of gumbels(2, 20)) {
    near(sum(formulas.gumbelSoftmax(q, noise, 0.3, decoder)), 0);
    near(sum(formulas.straightThrough(q, noise, 0.3, decoder)), 0);
    near(sum(formulas.scoreFunction(q, noise, f)), 0);
  }
  near(sum(formulas.leaveOneOut([2, 3, 0], f)), 0);
});

test("by a pencil: leave-one-out of two throws is half of the difference of f, times that of the faces", () => {
  assert.deepEqual(formulas.leaveOneOut([1, 1, 0], [5, 1, 7]), [2, -2, 0]);
  assert.deepEqual(formulas.leaveOneOut([0, 2, 0], [5, 1, 7]), [0, 0, 0]);
});

test("leave-one-out does not know f's level, the score function pays for it", () => {
  const lower = f.map((value) => value - 10);
  near(formulas.leaveOneOutVariance(q, lower), formulas.leaveOneOutVariance(q, f), 1e-10);
  assert.ok(formulas.scoreVariance(q, lower) > 10 * formulas.scoreVariance(q, f));
});

test("means and variances are those of a simulation, within 5 standard errors", () => {
  const [noises, tau] = [gumbels(7, 40000), 0.4];
  const { gumbel, straight } = relaxedMoments(q, tau, decoder);
  const score = { mean: g, variance: formulas.scoreVariance(q, f) };
  const ways = [
    [gumbel, (noise) => formulas.gumbelSoftmax(q, noise, tau, decoder)],
    [straight, (noise) => formulas.straightThrough(q, noise, tau, decoder)],
    [score, (noise) => formulas.scoreFunction(q, noise, f)],
  ];
  for (const [{ mean, variance }, estimate] of ways) {
    const found = noises.map(estimate);
    const squares = found.map((one) => formulas.norm(one.map((part, k) => part - mean[k])) ** 2);
    const average = sum(squares) / squares.length;
    const spread = Math.sqrt(sum(squares.map((square) => (square - average) ** 2))) / squares.length;
    assert.ok(Math.abs(average - variance) < 5 * spread, `${average} for ${variance}`);
    mean.forEach((part, k) => {
      const error = sum(found.map((one) => one[k])) / found.length - part;
      assert.ok(Math.abs(error) < 5 * Math.sqrt(variance / found.length));
    });
  }
});

test("cooled, Gumbel-softmax loses its bias; straight-through becomes the trapezoid rule, and keeps one", () => {
  const { gumbel, straight } = relaxedMoments(q, 0.001, decoder);
  all(gumbel.mean, g, 1e-3);
  const slopes = [0, 1, 2].map((k) => formulas.slope(formulas.corner(k), decoder));
  const along = (k, j) => 0.5 * (slopes[k][k] - slopes[k][j] + slopes[j][k] - slopes[j][j]); // for f_k − f_j
  const rule = [0, 1, 2].map((k) => q[k] * sum([0, 1, 2].map((j) => q[j] * along(k, j))));
  all(straight.mean, rule, 1e-3);
  assert.ok(formulas.norm(rule.map((part, k) => part - g[k])) > 0.02);
});

test("cooled to half, the relaxed estimators have twice the variance", () => {
  const [warm, cold] = [0.004, 0.002].map((tau) => relaxedMoments(q, tau, decoder));
  for (const way of ["gumbel", "straight"]) near(cold[way].variance / warm[way].variance, 2, 2e-2);
});

test("the nodes serve every q, and a sharp one as well", () => {
  const nodes = nodesOf(decoder, 0.5);
  for (const at of [q, [0.9, 0.05, 0.05]]) assert.deepEqual(momentsAt(at, nodes), relaxedMoments(at, 0.5, decoder));
});

test("what an estimator is worth: a mean that is half as long, and one that is turned by a right angle", () => {
  const half = formulas.worth([2, -2, 0], { mean: [1, -1, 0], variance: 3 });
  near(half.bias, 0.5);
  near(half.cosine, 1);
  assert.equal(half.variance, 3);
  near(formulas.worth([1, -1, 0], { mean: [1, 1, -2], variance: 0 }).cosine, 0);
});

test("what is found holds every estimator at every τ, and one estimate a call, or one for five", () => {
  const find = finder(decoder, gumbels(5, 40));
  const found = find(valid);
  for (const along of Object.values(found.sweep)) assert.equal(along.length, TAUS.length);
  assert.deepEqual(found.worths.gumbel, found.sweep.gumbel[TAUS.indexOf(1)]);
  assert.ok(found.sweep.left.concat(found.sweep.score).every(({ bias }) => bias === 0));
  assert.equal(found.singles.length, 40);
  assert.equal(find({ ...valid, way: "left" }).singles.length, 8);
  assert.notDeepEqual(find({ ...valid, seed: 1 }).throws, found.throws);
  assert.deepEqual(find({ ...valid, seed: 1 }).sweep, found.sweep);
});

test("a hand's q is whole percents in the triangle, wherever the hand is", () => {
  const places = [q, [1.4, -0.2, -0.2], [-1, 1, 1], [0.475, 0.475, 0.05], [1 / 3, 1 / 3, 1 / 3], [0.904, 0.048, 0.048]];
  for (const shares of places) {
    const found = percents(shares);
    assert.equal(sum(found), 100);
    assert.ok(found.every((part) => Number.isInteger(part) && part >= LEAST));
  }
  assert.deepEqual(percents(q), [20, 50, 30]);
  assert.deepEqual(percents([0, 2, -1]), [5, 90, 5]);
});

test("a slider sets its face exactly, and the others share the rest as they did", () => {
  assert.deepEqual(withFace([20, 60, 20], 0, 60), [60, 30, 10]);
  assert.deepEqual(withFace([20, 60, 20], 1, 90), [5, 90, 5]);
  for (let percent = LEAST; percent <= 90; percent++) {
    const found = withFace([80, 15, 5], 0, percent);
    assert.equal(found[0], percent);
    assert.ok(admits(TAUS)({ ...valid, q: found }));
  }
});

test("a state from outside is one that the controls can reach", () => {
  assert.ok(admits(TAUS)(valid));
  assert.ok(admits(COIN_TAUS)({ ...valid, tau: 0, guess: "heads" }));
  const wrong = [
    { tau: 0 },
    { tau: 0.11 },
    { tau: "1" },
    { q: [20, 50, 29] },
    { q: [96, 2, 2] },
    { q: [33.5, 33.5, 33] },
    { q: [50, 50] },
    { q: "ab" },
    { q: null },
    { way: "toString" },
    { seed: -1 },
    { seed: 0.5 },
    { guess: "up" },
    { revealed: 1 },
  ];
  for (const change of wrong) assert.ok(!admits(TAUS)({ ...valid, ...change }), JSON.stringify(change));
});

test("the coin's eight throws are a fair sample, and a coin that is half of both explains x better than either", () => {
  near(sum(coins.THROWS), 0);
  coins.THROWS.forEach((noise, k) => near(1 / (1 + Math.exp(-noise)), (k + 0.5) / 8));
  const [tails, half, heads] = [0, 0.5, 1].map((share) => coins.lossAt(share, coin));
  assert.ok(half < heads && heads < tails);
});

test("the mean loss has the slope that is said, and the soft slopes of a cold coin come to it", () => {
  near(coins.meanSlope(1.2, coin), (coins.meanLoss(1.2 + 1e-5, coin) - coins.meanLoss(1.2 - 1e-5, coin)) / 2e-5, 1e-8);
  near(coins.softSlope(1.2, 0.001, coin).mean, coins.meanSlope(1.2, coin), 1e-3);
  const loss = (a) => coins.lossAt(coins.share(a, 0.3, 0.5), coin);
  near(coins.throwSlope(1.2, 0.3, 0.5, coin), (loss(1.2 + 1e-6) - loss(1.2 - 1e-6)) / 2e-6, 1e-8);
  assert.equal(coins.throwSlope(1.2, 0.3, 0, coin), 0);
});

const told = (now) => said(toss({ guess: null, revealed: true, tau: 0, ...now }, coin));

test("before a guess nothing is told of what is down; after it all is, and where the slopes are wrong", () => {
  assert.equal(
    told({ revealed: false }),
    "At the line, the logit 1.2, 6 of the eight come up heads and 2 tails. " +
      "Each loss is flat there: its slope is 0.",
  );
  assert.match(
    told({ guess: "neither" }),
    /^You said: neither\. Down is to heads: .* −0\.17 nats a unit of logit\. No/,
  );
  assert.match(told({ tau: 0.1 }), /^Down is .* τ = 0\.1 the soft slopes are −0\.11 ± 1\.72 .*: the right way\.$/);
  assert.match(told({ tau: 1 }), /are 0\.09 ± 0\.43 .*: the wrong way, .* would be 0\.95, but no throw is that\.$/);
});

test("the words tell a biased estimator from an unbiased one, and count what the frame leaves out", () => {
  const find = finder(decoder, gumbels(5, 40));
  const words = (change) => verdict(find({ ...valid, ...change }));
  assert.match(words({}), /^Gumbel-softmax at τ = 1: each throw is soft.* off by \d+ % .* turned by \d+°\./);
  assert.match(words({ way: "straight" }), /^Straight-through at τ = 1: f is taken at a face/);
  assert.match(words({ way: "left" }), /5 calls; τ plays no part\. Its mean arrow is the true one\./);
  assert.match(words({ way: "score" }), /Of the 40 estimates, \d+ end outside of the frame\.$/);
});

test("what chapter 8 says that we found holds: at 0.4, of straight-through, of a die that is nearly sure", () => {
  const find = finder(decoder, gumbels(5, 40));
  const at = (change) => find({ ...valid, q: [20, 60, 20], ...change });
  const [noisier, quieter] = [0.4, 0.5].map((tau) => at({ tau }).worths.gumbel);
  assert.ok(quieter.variance < at({}).worths.left.variance && at({}).worths.left.variance < noisier.variance);
  near(noisier.bias, 1 / 3, 0.05);
  for (const tau of TAUS.filter((tau) => tau <= 1)) {
    const { gumbel, straight } = at({ tau }).worths;
    assert.ok(straight.bias > gumbel.bias);
    assert.ok(straight.variance > 2 * gumbel.variance && straight.variance < 4 * gumbel.variance);
  }
  const [now, sure] = [at({}), at({ q: [5, 90, 5] })];
  const [length, shrunk] = [now, sure].map(({ truth }) => formulas.norm(truth));
  near(shrunk / length, 1 / 3, 0.1);
  near((sure.worths.gumbel.bias * shrunk) / (now.worths.gumbel.bias * length), 1, 0.2);
  near(now.worths.gumbel.bias, 0.5, 0.05);
  near(sure.worths.gumbel.bias, 1.5, 0.1);
});
