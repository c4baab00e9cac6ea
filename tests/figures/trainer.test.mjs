// The trainer's gradient against differences, its integrals where a pencil knows them, and whole trainings.
import assert from "node:assert/strict";
import { test } from "node:test";
import { noise } from "../../vae_lib/figures/base/normal.js";
import { decode, encode } from "../../vae_lib/figures/base/small-vae.js";
import {
  aggregate,
  expectedReconstruction,
  logEvidence,
  logMass,
  means,
  pieces,
  secondMoment,
  termsOf,
  withoutLatent,
} from "../../vae_lib/figures/trainer/exact.js";
import {
  adam,
  codesOf,
  fresh,
  layout,
  lossAndGradient,
  networks,
  train,
  untrained,
} from "../../vae_lib/figures/trainer/formulas.js";
import { BETAS, RATES } from "../../vae_lib/figures/trainer/settings.js";
import { changes, history, longer, reach, trainer, until } from "../../vae_lib/figures/trainer/training.js";
import { near as closer } from "./near.mjs";

const near = (found, wanted, tolerance = 1e-10) => closer(found, wanted, tolerance);
const draws = (normal, n) => Array.from({ length: n }, normal);
const normalLog = (x, variance) => -0.5 * (Math.log(2 * Math.PI * variance) + x ** 2 / variance);

/** A stretched cloud of n points, [x0, x1, …], mean 0. */
function cloud(n, seed = 5) {
  const normal = noise(seed);
  return draws(normal, n).flatMap((u) => [1.2 * u + 0.2 * normal(), 0.7 * u + 0.2 * normal()]);
}

/** Train for `steps` from `seed`, as the page does. */
function trained(x, { steps, seed = 1, rate = 0.01, beta = 1 }) {
  const normal = noise(seed);
  const state = untrained(fresh(normal));
  for (let k = 0; k < steps; k++) train(state, x, [draws(normal, x.length / 2)], rate, beta);
  return state;
}

test("the gradient is that of differences, in every parameter and for several β", () => {
  const normal = noise(1);
  for (const beta of [0, 1, 7]) {
    const [params, x, eps] = [draws(normal, 149).map((w) => 0.5 * w), draws(normal, 10), draws(normal, 5)];
    const { gradient } = lossAndGradient(params, x, eps, beta);
    params.forEach((_, i) => {
      const [up, down] = [1, -1].map(
        (sign) =>
          lossAndGradient(
            params.map((w, j) => (j === i ? w + sign * 1e-6 : w)),
            x,
            eps,
            beta,
          ).loss,
      );
      near(gradient[i], (up - down) / 2e-6, 1e-5);
    });
  }
});

test("the loss is minus the weighted terms, and is written without touching the parameters", () => {
  const normal = noise(2);
  const params = Object.freeze(draws(normal, 149));
  const { loss, reconstruction, kl: divergence } = lossAndGradient(params, draws(normal, 8), draws(normal, 4), 3);
  near(loss, 3 * divergence - reconstruction);
});

test("with zero weights q is the prior and log p(x) that of N(0, I): ELBO = log p(x), gap 0", () => {
  const terms = termsOf(Array(149).fill(0), 1, -2);
  near(terms.logEvidence, normalLog(1, 1) + normalLog(2, 1));
  near(terms.elbo, terms.logEvidence);
  assert.equal(terms.kl, 0);
});

test("a decoder that is one straight line has the log p(x) of a Gaussian, and a variance in its reconstruction", () => {
  const straight = [{ from: -Infinity, to: Infinity, a0: 0.5, a1: -1, b0: 3, b1: 0 }];
  near(logEvidence(straight, 0.5, 2, 1), normalLog(1.5, 9.25) + normalLog(2, 0.25));
  const variance = 0.25;
  near(
    expectedReconstruction(straight, 0.5, 2, 1, 0.4, 0.1),
    normalLog(0, variance) * 2 - ((2 - 0.5 - 1.2) ** 2 + 9 * 0.01 + 4) / (2 * variance),
  );
});

test("cutting a line into pieces changes neither integral", () => {
  const line = { a0: 0.5, a1: -1, b0: 3, b1: -2 };
  const ends = [-Infinity, -5, -0.1, -0.1, 0.3, 4, 11, Infinity];
  const cut = ends.slice(1).map((to, k) => ({ from: ends[k], to, ...line }));
  const whole = [{ from: -Infinity, to: Infinity, ...line }];
  for (const [x0, x1] of [
    [0, 0],
    [4, -3],
    [-30, 20],
  ]) {
    near(logEvidence(cut, 0.2, x0, x1), logEvidence(whole, 0.2, x0, x1));
    near(expectedReconstruction(cut, 0.2, x0, x1, 0.3, 0.7), expectedReconstruction(whole, 0.2, x0, x1, 0.3, 0.7));
  }
});

test("the pieces are the decoder", () => {
  const normal = noise(3);
  for (let k = 0; k < 1000; k++) {
    const [params, z] = [draws(normal, 149), 3 * normal()];
    const { decoder } = networks(params);
    const line = pieces(decoder);
    assert.equal(line.length, 17);
    const { a0, a1, b0, b1 } = line.find(({ from, to }) => from <= z && z <= to);
    decode(decoder, [z]).forEach((mean, j) => near([a0 + b0 * z, a1 + b1 * z][j], mean));
  }
});

test("a mass is a mass: the halves, one σ, and far out, where it has no floating-point number of its own", () => {
  near(logMass(-Infinity, Infinity), 0);
  near(logMass(0, Infinity), Math.log(0.5));
  near(Math.exp(logMass(-1, 1)), 0.682689492137086);
  near(Math.exp(logMass(-Infinity, -4)) / 3.167124183311992e-5, 1);
  near(logMass(50, Infinity), -1254.8313611394564);
  assert.equal(logMass(50, Infinity), logMass(-Infinity, -50));
  assert.equal(logMass(4, 4), -Infinity);
});

test("the ELBO never exceeds log p(x), whatever the parameters and x", () => {
  const normal = noise(4);
  for (let k = 0; k < 1000; k++) {
    const {
      elbo,
      logEvidence: evidence,
      gap,
      kl: divergence,
    } = termsOf(draws(normal, 149), 3 * normal(), 3 * normal());
    assert.ok(gap > -1e-9 * Math.abs(elbo), `${elbo} above ${evidence}`);
    assert.ok(divergence >= 0);
  }
});

test("the exact ELBO is the mean of what the training draws", () => {
  const normal = noise(6);
  const [params, x] = [draws(normal, 149), [0.7, -0.4]];
  const n = 20000;
  const { reconstruction } = lossAndGradient(
    params,
    Array.from({ length: 2 * n }, (_, i) => x[i % 2]),
    draws(normal, n),
    1,
  );
  near(reconstruction, termsOf(params, ...x).reconstruction, 0.03);
});

test("Adam's first step is the rate in each parameter, whatever the gradient's size", () => {
  const { params, t } = adam(untrained([1, 2, 3]), [1e-3, -50, 0], 0.1);
  near(params[0], 0.9, 1e-4);
  near(params[1], 2.1);
  assert.equal(params[2], 3);
  assert.equal(t, 1);
});

test("training raises the ELBO above the best without a latent, almost up to log p(x) on a straight cloud", () => {
  const x = cloud(128);
  const { elbo, gap } = means(trained(x, { steps: 1000 }).params, x);
  assert.ok(elbo > withoutLatent(x) + 0.5, elbo);
  assert.ok(gap < 0.05, gap);
});

test("a large β collapses the posterior: the KL is below 0.01 nats, and the ELBO where a model without z is", () => {
  const x = cloud(128);
  const state = trained(x, { steps: 800, beta: 64 });
  const { kl: divergence, elbo } = means(state.params, x);
  assert.ok(divergence < 0.01);
  near(elbo, withoutLatent(x), 0.02);
  const { encoder, decoder } = networks(state.params);
  near(secondMoment(codesOf(encoder, x)), 1, 0.05);
  const [up, down] = [1, -1].map((z) => decode(decoder, [z]));
  assert.ok(Math.hypot(up[0] - down[0], up[1] - down[1]) < 0.3);
});

test("no setting that the sliders offer breaks the training, and at none does the ELBO exceed log p(x)", () => {
  const x = cloud(64);
  for (const beta of BETAS) {
    const { elbo, gap } = means(trained(x, { steps: 300, rate: Math.max(...RATES), beta }).params, x);
    assert.ok(Number.isFinite(elbo));
    assert.ok(gap > -1e-9, gap);
  }
});

test("a seed is a training: the same numbers again, others from another seed, however the steps are dealt out", () => {
  const x = cloud(32);
  const found = trained(x, { steps: 50 }).params;
  assert.deepEqual(trained(x, { steps: 50 }).params, found);
  assert.notDeepEqual(trained(x, { steps: 50, seed: 2 }).params, found);
  const normal = noise(1);
  const state = untrained(fresh(normal));
  train(
    state,
    x,
    Array.from({ length: 50 }, () => draws(normal, 32)),
    0.01,
    1,
  );
  assert.deepEqual(state.params, found);
});

test("fresh parameters have torch's variance, 1/(3 · inputs), and a noise of 1", () => {
  const all = Array.from({ length: 400 }, (_, seed) => fresh(noise(seed)));
  const at = layout(149);
  const variance = (from, to) =>
    all.reduce((sum, params) => sum + params.slice(from, to).reduce((s, w) => s + w * w, 0) / (to - from), 0) /
    all.length;
  near(variance(at.W1, at.W2), 1 / 6, 0.01);
  near(variance(at.W2, at.logNoise), 1 / 48, 0.002);
  near(variance(at.W3, at.W4), 1 / 3, 0.02);
  near(variance(at.W4, 149), 1 / 48, 0.002);
  assert.ok(all.every((params) => params.length === 149 && params[at.logNoise] === 0));
});

test("all q's together are a density with their second moment", () => {
  const [params, x] = [draws(noise(8), 149).map((w) => 0.3 * w), cloud(16)];
  const edges = Array.from({ length: 4001 }, (_, i) => -40 + i / 50);
  const codes = codesOf(networks(params).encoder, x);
  const heights = aggregate(codes, edges);
  near(
    heights.reduce((sum, height) => sum + height / 50, 0),
    1,
  );
  near(
    heights.reduce((sum, height, k) => sum + (height * (edges[k] + 0.01) ** 2) / 50, 0),
    secondMoment(codes),
    1e-3,
  );
});

test("without a latent the best is the Gaussian of the data's own variance", () => {
  near(withoutLatent([3, 0, 1, 0, 2, 1, 2, -1]), 2 * normalLog(Math.SQRT1_2, 0.5));
});

test("the flat parameters are the networks' layers, row after row, in torch's order", () => {
  const { encoder, decoder, noiseStd } = networks(Array.from({ length: 14 }, (_, i) => i / 10)); // one hidden unit
  assert.deepEqual(encoder, [
    [[[0, 0.1]], [0.2]],
    [
      [[0.3], [0.4]],
      [0.5, 0.6],
    ],
  ]);
  assert.equal(noiseStd, Math.exp(0.7));
  assert.deepEqual(decoder, [
    [[[0.8]], [0.9]],
    [
      [[1], [1.1]],
      [1.2, 1.3],
    ],
  ]);
  near(encode(encoder, [1, 2]).mu[0], 0.3 * 0.4 + 0.5);
});

test("a schedule grows, is cut, and says where it changes", () => {
  const schedule = longer(longer(longer([], 4, 0.1, 1), 4, 0.1, 1), 2, 0.1, 16);
  assert.deepEqual(schedule, [
    [8, 0.1, 1],
    [2, 0.1, 16],
  ]);
  assert.deepEqual(until(schedule, 9), [
    [8, 0.1, 1],
    [1, 0.1, 16],
  ]);
  assert.deepEqual(until(schedule, 8), [[8, 0.1, 1]]);
  assert.deepEqual(until(schedule, 0), []);
  assert.deepEqual(changes(schedule, 0.2, 16), [
    { t: 8, beta: 16 },
    { t: 10, rate: 0.2 },
  ]);
  assert.deepEqual(changes([], 0.2, 16), []);
});

test("a schedule is a training: at once or bit by bit, again after another one, and as the functions train", () => {
  const data = { one: cloud(32), other: cloud(32, 6) };
  const [follow, again] = [trainer(data), trainer(data)];
  const at = (schedule, change = {}) => ({ data: "one", seed: 1, schedule, ...change });
  const schedule = [
    [50, 0.01, 1],
    [7, 0.02, 4],
  ];
  const { params, t, rows } = follow(at(schedule));
  const found = [...params];
  assert.equal(t, 57);
  assert.deepEqual([rows[0].t, rows[1].t, rows.at(-1).t], [0, 4, 57]);
  for (let n = 0; n <= 57; n++) again(at(until(schedule, n)));
  assert.deepEqual([...again(at(schedule)).params], found);
  assert.notDeepEqual([...follow(at(schedule, { data: "other" })).params], found);
  assert.notDeepEqual([...follow(at(schedule, { seed: 2 })).params], found);
  assert.notDeepEqual([...follow(at([[57, 0.01, 1]])).params], found);
  assert.deepEqual([...follow(at(schedule)).params], found);
  assert.deepEqual([...follow(at([[50, 0.01, 1]])).params], trained(data.one, { steps: 50 }).params);
});

test("the record forgets every other row when it is full, never the first", () => {
  const past = history(8);
  for (let t = 0; t < 100; t++) past.add({ t });
  assert.ok(past.rows().length <= 8);
  assert.equal(past.rows()[0].t, 0);
  assert.equal(past.rows().at(-1).t, 99);
  assert.deepEqual([0, 500, 501, 3000].map(reach), [500, 500, 1000, 4000]);
});
