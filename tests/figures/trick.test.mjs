// The trick's closed forms at the values of chapter 3, and against sums over a fine grid of ε; its draws and its words.
import { normalCdf } from "../../vae_lib/figures/base/normal.js";
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  derived,
  expected,
  gradient,
  negative,
  normals,
  pathwiseGradient,
  pathwiseMean,
  pathwiseVariance,
  scoreFunctionGradient,
  scoreVariance,
  value,
} from "../../vae_lib/figures/trick/formulas.js";
import { nice, readable, sentence } from "../../vae_lib/figures/trick/words.js";

const near = (found, wanted, tolerance = 1e-10) =>
  assert.ok(Math.abs(found - wanted) <= tolerance * Math.max(1, Math.abs(wanted)), `${found}, not ${wanted}`);
const sum = (values) => values.reduce((a, b) => a + b, 0);
const density = (r) => Math.exp((-r * r) / 2) / Math.sqrt(2 * Math.PI);
const random = (seed) => () => (seed = (seed * 16807) % 2147483647) / 2147483647;
const START = { choice: "square", mu: 0.5, sigma: 1, c: 0, omega: 1, baseline: "none" };
const said = (change, eps = [0.5]) => {
  const state = { ...START, ...change };
  const { exact, ways } = derived(state, eps);
  return sentence(state, exact, ways);
};

test("the gradients and variances of chapter 3, at μ = ½ and σ = 1", () => {
  for (const [f, p, exact, path, score, withBaseline] of [
    ["square", 0, 1, 4, 18.5625, 12],
    ["square", 100, 1, 4, 10668.5625, 12],
    ["wave", 10, 1, 50, 2.75, 2.5],
  ]) {
    const at = [f, p, 0.5, 1];
    near(gradient(...at), exact);
    near(pathwiseMean(...at), exact);
    near(pathwiseVariance(...at), path);
    near(scoreVariance(...at), score);
    near(scoreVariance(...at, expected(...at)), withBaseline);
  }
});

test("at a step the path is sure of a wrong answer", () => {
  const at = ["step", 0, 0.5, 1];
  near(gradient(...at), density(0.5));
  assert.equal(pathwiseMean(...at), 0);
  assert.equal(pathwiseVariance(...at), 0);
  near(expected(...at), 0.6914624612740131);
});

test("means and variances are those of the estimates, summed over a grid of ε, at 1000 settings", () => {
  const next = random(1);
  const grid = Array.from({ length: 24 * 32 + 1 }, (_, i) => (i - 12 * 32) / 32);
  const average = (estimate) => sum(grid.map((eps) => density(eps) * estimate(eps))) / 32;
  for (let i = 0; i < 1000; i++) {
    const at = [i % 2 ? "square" : "wave", 10 * next(), 4 * next() - 2, 0.3 + 1.2 * next()];
    const b = 3 * next() - 1.5;
    const [path, score] = [(eps) => pathwiseGradient(...at, eps), (eps) => scoreFunctionGradient(...at, eps, b)];
    near(
      average((eps) => value(at[0], at[1], at[2] + at[3] * eps)),
      expected(...at),
    );
    near(average(path), gradient(...at));
    near(average(score), gradient(...at));
    near(
      average((eps) => (path(eps) - gradient(...at)) ** 2),
      pathwiseVariance(...at),
    );
    near(
      average((eps) => (score(eps) - gradient(...at)) ** 2),
      scoreVariance(...at, b),
    );
  }
});

test("the gradient is the slope of the expectation", () => {
  const next = random(2);
  for (let i = 0; i < 999; i++) {
    const [f, p, mu, sigma] = [["square", "wave", "step"][i % 3], 10 * next(), 4 * next() - 2, 0.3 + 1.2 * next()];
    const h = 1e-4;
    near((expected(f, p, mu + h, sigma) - expected(f, p, mu - h, sigma)) / (2 * h), gradient(f, p, mu, sigma), 1e-5);
  }
});

test("with any baseline the score function of z² + c is noisier than the path", () => {
  const next = random(3);
  for (let i = 0; i < 1000; i++) {
    const [c, mu, sigma, b] = [120 * next() - 20, 4 * next() - 2, 0.3 + 1.2 * next(), 200 * next() - 100];
    assert.ok(scoreVariance("square", c, mu, sigma, b) > pathwiseVariance("square", c, mu, sigma));
  }
});

test("Φ at known values, and its symmetry", () => {
  near(normalCdf(1), 0.8413447460685429, 1e-15);
  near(normalCdf(-1.96), 0.024997895148220435, 1e-15);
  for (let r = -10; r < 10; r += 0.01) near(normalCdf(r) + normalCdf(-r), 1, 1e-14);
});

test("where a function is negative", () => {
  const intervals = negative(Math.sin, 1, 10);
  assert.equal(intervals.length, 2);
  [
    [Math.PI, 2 * Math.PI],
    [3 * Math.PI, 10],
  ].forEach((ends, i) => ends.forEach((end, k) => near(intervals[i][k], end, 1e-9)));
  assert.deepEqual(
    negative(() => 1, 0, 1),
    [],
  );
  assert.deepEqual(
    negative(() => -1, 0, 1),
    [[0, 1]],
  );
});

test("the crossover lies where chapter 3 sees it, between ω = 1.90 and 1.95: both variances are equal there", () => {
  const difference = (omega) => scoreVariance("wave", omega, 0.5, 1) - pathwiseVariance("wave", omega, 0.5, 1);
  const [[crossing, end]] = negative(difference, 0, 10);
  assert.ok(1.9 < crossing && crossing < 1.95);
  assert.equal(end, 10);
  near(difference(crossing), 0, 1e-8);
});

test("the draws are those of their seed, in order, and of N(0, 1)", () => {
  assert.deepEqual(normals(1, 12), normals(1, 12));
  assert.notDeepEqual(normals(1, 12), normals(2, 12));
  const many = normals(7, 100000);
  assert.deepEqual(
    many,
    [...many].sort((a, b) => a - b),
  );
  const moments = [1, 2, 3, 4].map((k) => sum(many.map((eps) => eps ** k)) / many.length);
  [
    [0, 1],
    [1, 2],
    [0, 15],
    [3, 96],
  ].forEach(([mean, variance], k) => near(moments[k], mean, 4 * Math.sqrt(variance / many.length)));
  for (const r of [-2, -1, 0, 1, 2])
    near(many.filter((eps) => eps < r).length / many.length, normalCdf(r - 0.005), (4 * 0.5) / Math.sqrt(many.length));
});

test("the draws of one click are not those of the last", () => {
  const firsts = Array.from({ length: 400 }, (_, seed) => normals(seed, 12));
  assert.equal(new Set(firsts.map(String)).size, 400);
  near(sum(firsts.flat()) / 4800, 0, 4 / Math.sqrt(4800));
});

test("numbers for reading, and round ones", () => {
  assert.equal(readable(10668.5625), "10\u202f668.56");
  assert.equal(readable(-1234567.8), "−1\u202f234\u202f567.80");
  assert.equal(readable(0.04), "0.0400");
  assert.equal(readable(0), "0");
  assert.deepEqual([0.9, 1, 1.2, 4.1, 7, 99].map(nice), [0.1 * 10, 1, 1.5, 6, 8, 100]);
});

test("the words say what is shown", () => {
  assert.match(said({}), /gradient ∂E\[z²\]\/∂μ is 1\.00\./);
  assert.match(said({}), /one draw of the path, the score function needs 4\.64 draws\. .*at no σ from 0\.3 to 1\.5/);
  assert.match(said({ choice: "plus", c: 100 }), /needs 2\u202f667\.14 draws\. .*at no c from −20 to 100/);
  assert.match(
    said({ choice: "wave", omega: 10 }),
    /one draw of the score function, the path needs 18\.18 draws\. .*for ω from 1\.905 to 10,/,
  );
  assert.match(said({ choice: "wave", omega: 0 }), /here one draw of the path is exact/);
  assert.match(said({ choice: "step" }), /bias of −0\.35 .* variance 0\.39 and no bias\. By mean squared error, /);
  assert.match(said({ choice: "step" }), /By mean squared error, the mean of 4 of its draws is already better\./);
});
