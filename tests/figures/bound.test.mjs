// The bound's formulas against one another: closed forms against sums, the identity against both.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  gap,
  klParts,
  logEvidence,
  logNormal,
  logPosterior,
  NOISE,
  reconstruction,
  X,
} from "../../vae_lib/figures/bound/formulas.js";

const sum = (values) => values.reduce((a, b) => a + b, 0);
const grid = (mu, sigma) => Array.from({ length: 8001 }, (_, i) => mu + (sigma * (i - 4000)) / 400);
const mean = (f, mu, sigma) =>
  sum(grid(mu, sigma).map((z) => Math.exp(logNormal(z, mu, sigma)) * f(z))) * (sigma / 400);
const random = (seed) => () => (seed = (seed * 16807) % 2147483647) / 2147483647;

const next = random(1);
const settings = Array.from({ length: 1000 }, () => [5 * next() - 2.5, 0.1 + 1.5 * next()]);

test("the posterior has mass 1", () => {
  const values = Array.from({ length: 16001 }, (_, i) => Math.exp(logPosterior((i - 8000) / 1000)));
  assert.ok(Math.abs(sum(values) / 1000 - 1) < 1e-9);
});

test("ELBO + gap is log p(x) wherever q is", () => {
  for (const [mu, sigma] of settings) {
    const elbo = reconstruction(mu, sigma) - sum(klParts(mu, sigma));
    assert.ok(Math.abs(elbo + gap(mu, sigma) - logEvidence()) < 1e-9, `${mu} ${sigma}`);
  }
});

test("the closed forms are the averages that they stand for", () => {
  for (const [mu, sigma] of settings.slice(0, 100)) {
    assert.ok(Math.abs(mean((z) => logNormal(X, Math.abs(z), NOISE), mu, sigma) - reconstruction(mu, sigma)) < 1e-4);
    assert.ok(
      Math.abs(mean((z) => logNormal(z, mu, sigma) - logNormal(z, 0, 1), mu, sigma) - sum(klParts(mu, sigma))) < 1e-9,
    );
  }
});
