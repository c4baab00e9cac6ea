// The water level against a pencil, the exact gradient against differences, and trainings that land on the prediction.
import assert from "node:assert/strict";
import { test } from "node:test";
import { noise } from "../../vae_lib/figures/base/normal.js";
import { sum } from "../../vae_lib/figures/base/numbers.js";
import { margin, optimum, shannon } from "../../vae_lib/figures/water/formulas.js";
import { prediction } from "../../vae_lib/figures/water/reading.js";
import { admits, offered } from "../../vae_lib/figures/water/settings.js";
import { lossAndGradient, measured, rateAt, STEPS, trainer } from "../../vae_lib/figures/water/training.js";
import { near } from "./near.mjs";

const LOG_2PI = Math.log(2 * Math.PI);
const falling = [0.7, 0.6, 0.4, 0.25, 0.2, 0.12, 0.08, 0.05, 0.02, 0];
const valid = { variance: 0.3, beta: 1, latents: 16, seed: 1, steps: 0 };

test("by a pencil: what is above the water is paid, what is below is lost", () => {
  const found = optimum([Math.exp(2), Math.exp(1), 0.5], { variance: 1, beta: 1, latents: 3 });
  assert.equal(found.used, 2);
  near(found.rate, 1.5);
  near(found.distortion, 2.5);
  near(found.elbo, -1.5 * LOG_2PI - 1.25 - 1.5);
});

test("an eigenvalue at the level is not used, and a latent too few leaves its whole variance", () => {
  assert.equal(optimum([2, 1], { variance: 1, beta: 1, latents: 2 }).used, 1);
  const found = optimum([4, 2, 1], { variance: 1, beta: 1, latents: 1 });
  near(found.distortion, 1 + 2 + 1);
  near(found.rate, Math.log(2));
});

test("β and σ_x² set the water by their product alone, and the ELBO by both", () => {
  const [a, b] = [
    optimum(falling, { ...valid, beta: 4, variance: 0.05 }),
    optimum(falling, { ...valid, variance: 0.2 }),
  ];
  assert.deepEqual([a.used, a.rate, a.distortion], [b.used, b.rate, b.distortion]);
  assert.notEqual(a.elbo, b.elbo);
});

test("the line of equal ELBO touches Shannon's curve at the optimum: all other points of the curve have less", () => {
  const best = optimum(falling, { ...valid, variance: 0.1 });
  const elbo = ({ rate, distortion }) => -5 * (LOG_2PI + Math.log(0.1)) - distortion / 0.2 - rate;
  for (const point of shannon(falling, [0.02, 0.07, 0.09, 0.11, 0.2, 0.6])) assert.ok(elbo(point) < best.elbo);
  near(elbo(shannon(falling, [0.1])[0]), best.elbo);
});

test("the margin is that of the eigenvalue nearest to the water, among those that get a latent", () => {
  const found = margin(falling, { ...valid, variance: 0.125, latents: 10 });
  assert.equal(found.nearest, 5);
  near(found.margin, 0.12 / 0.125 - 1);
  assert.equal(margin(falling, { ...valid, variance: 0.125, latents: 2 }).nearest, 1);
});

test("the gradient is that of differences, in every parameter and for several β", () => {
  const normal = noise(1);
  const eigenvalues = falling.slice(0, 5);
  const params = Array.from({ length: 2 * 5 * 3 + 3 }, () => 0.5 * normal());
  for (const [variance, beta] of [
    [0.3, 1],
    [0.05, 4],
    [1, 0.25],
  ]) {
    const loss = (at) => lossAndGradient(at, eigenvalues, { variance, beta }).loss;
    const { gradient } = lossAndGradient(params, eigenvalues, { variance, beta });
    params.forEach((_, i) => {
      const [up, down] = [1, -1].map((sign) => loss(params.map((w, j) => (j === i ? w + sign * 1e-6 : w))));
      near(gradient[i], (up - down) / 2e-6, 1e-7);
    });
  }
});

test("with no weights nothing is paid and all of the variance is lost", () => {
  const { kl, distortion } = measured(Array(2 * 10 * 4 + 4).fill(0), falling);
  assert.equal(sum(kl), 0);
  near(distortion, sum(falling));
});

test("the learning rate stays for half of the steps and ends at nothing", () => {
  assert.equal(rateAt(0), rateAt(STEPS / 2));
  near(rateAt(0.75 * STEPS), rateAt(0) / 2);
  assert.equal(rateAt(STEPS), 0);
});

test("trainings land on the prediction: the count, and the ELBO to 3e-3 nats", () => {
  const follow = trainer(falling);
  for (const seed of [1, 2])
    for (const [latents, variance, beta] of [
      [10, 0.3, 1],
      [10, 0.1, 1],
      [10, 0.06, 1],
      [3, 0.1, 1],
      [10, 0.15, 0.5],
      [10, 0.15, 2],
      [10, 0.9, 1],
    ]) {
      const settings = { variance, beta, latents, seed };
      const [best, found] = [optimum(falling, settings), follow({ ...settings, steps: STEPS })];
      assert.equal(found.used, best.used);
      near(found.elbo, best.elbo, 3e-3);
      near(found.rate, best.rate, 3e-2);
      assert.equal(found.rows.length, STEPS);
    }
});

test("each latent that lives has found a direction of its own, which it names", () => {
  const { kl, directions } = trainer(falling)({ ...valid, variance: 0.1, latents: 8, steps: STEPS });
  const living = directions.filter((_, j) => kl[j] > 0.01).sort((a, b) => a - b);
  assert.deepEqual(living.map(Math.round), [0, 1, 2, 3, 4, 5]);
  living.forEach((direction, i) => near(direction, i, 0.02));
});

test("in parts or in one go it is the same training, and another setting begins anew", () => {
  const [parts, whole] = [trainer(falling), trainer(falling)];
  assert.equal(parts({ ...valid, steps: 0 }), null);
  for (const steps of [3, 10, 40]) parts({ ...valid, steps });
  const at40 = whole({ ...valid, steps: 40 });
  assert.deepEqual(parts({ ...valid, steps: 40 }), at40);
  assert.notDeepEqual(parts({ ...valid, seed: 2, steps: 40 }), at40);
  assert.notDeepEqual(parts({ ...valid, variance: 0.2, steps: 40 }), at40);
  assert.deepEqual(parts({ ...valid, steps: 40 }), at40);
  assert.equal(parts({ ...valid, steps: 5 }).rows.length, 5);
});

test("a hand's level goes to the nearest σ_x² that is offered", () => {
  assert.equal(offered(0.31), 0.3);
  assert.equal(offered(7), 1);
  assert.equal(offered(1e-9), 0.05);
});

test("a state from outside is one that the controls can reach", () => {
  assert.ok(admits(valid));
  const wrong = [
    { variance: 0.31 },
    { variance: "0.3" },
    { beta: 3 },
    { latents: 0 },
    { latents: 2.5 },
    { latents: 25 },
    { seed: 0 },
    { steps: STEPS + 1 },
    { steps: null },
    { guess: "4" },
    { guess: 17 },
    { revealed: 1 },
  ];
  for (const change of wrong) assert.ok(!admits({ ...valid, guess: null, revealed: true, ...change }), change);
});

const saying = (now, found) =>
  prediction({ now: { ...valid, revealed: true, guess: null, ...now }, margin: 1, nearest: 0, ...found });

test("before a guess the words do not give the answer, after it they give the guess too", () => {
  const found = { used: 4, above: 4 };
  assert.ok(!/\b4\b/.test(saying({ revealed: false }, found)));
  assert.equal(
    saying({ guess: 7 }, found),
    "You said 7. Predicted: 4 of 16 latents live; 4 of the data's variances stand above σₓ² = 0.3.",
  );
});

test("the words count one and none, and name latents that are too few and a margin that is too small", () => {
  assert.match(saying({}, { used: 1, above: 1 }), /1 of 16 latents lives; 1 of the data's variances stands/);
  assert.match(saying({}, { used: 0, above: 0 }), /no latent lives; none of the data's variances stands/);
  assert.match(saying({ beta: 2 }, { used: 3, above: 3 }), /stand above βσₓ² = 0.6/);
  assert.match(saying({ latents: 4 }, { used: 4, above: 12 }), /more than there are latents; the point leaves Shannon/);
  assert.match(saying({}, { used: 4, above: 4, margin: 0.01, nearest: 3 }), /Variance 4 stands only 1.0 % above/);
  assert.match(saying({}, { used: 4, above: 4, margin: -0.02, nearest: 4 }), /Variance 5 stands only 2.0 % below/);
});
