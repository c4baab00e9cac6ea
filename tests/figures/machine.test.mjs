// What follows from the machine's state, from each of the three places that z can be from.
import assert from "node:assert/strict";
import { test } from "node:test";
import { derive } from "../../vae_lib/figures/machine/formulas.js";
import { near } from "./near.mjs";

// Pixels 0 and 1 are μ, log σ² is 2 log 2 and 0; z₁ and z₂ are the logits of pixels 0 and 1, all others 0.
const unit = (i, n) => Array.from({ length: n }, (_, j) => Number(i === j));
const encoder = [
  [
    [unit(0, 64), unit(1, 64), unit(64, 64), unit(64, 64)],
    [0, 0, 2 * Math.LN2, 0],
  ],
];
const decoder = [[Array.from({ length: 64 }, (_, i) => unit(i, 2)), Array(64).fill(0)]];
const state = { x: "8000000000000000", eps: [1, -2], z: [3, 0.5], source: "q" };

test("z of q is μ + σ ⊙ ε", () => {
  const { mu, sigma, eps, z } = derive({ encoder, decoder }, state);
  assert.deepEqual(
    [mu, eps],
    [
      [1, 0],
      [1, -2],
    ],
  );
  sigma.forEach((value, j) => near(value, [2, 1][j]));
  z.forEach((value, j) => near(value, [3, -2][j]));
});

test("a z by hand has the ε that would lead to it", () => {
  const { eps, z } = derive({ encoder, decoder }, { ...state, source: "hand" });
  assert.deepEqual(z, [3, 0.5]);
  eps.forEach((value, j) => near(value, [1, 0.5][j]));
});

test("a z from the prior has no ε", () => {
  const { eps, z } = derive({ encoder, decoder }, { ...state, source: "prior" });
  assert.deepEqual([eps, z], [null, [3, 0.5]]);
});

test("the decoder sees z alone, the KL x alone, log p(x|z) both", () => {
  const other = { ...state, x: "4000000000000000" };
  const [one, two] = [state, other].map((now) => derive({ encoder, decoder }, { ...now, source: "hand" }));
  assert.deepEqual(one.pi, two.pi);
  near(one.pi[0], 1 / (1 + Math.exp(-3)));
  near(one.kl, 0.5 * (1 + 4 - 1) - Math.LN2 + 0);
  near(one.logLikelihood - two.logLikelihood, 3 - 0.5);
  assert.equal(derive({ encoder, decoder }, { ...state, source: "prior" }).kl, one.kl);
});
