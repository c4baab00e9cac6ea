// The small VAE where a pencil knows it, and the shipped weights through it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { sum } from "../../vae_lib/figures/base/numbers.js";
import { pixels } from "../../vae_lib/figures/base/pixels.js";
import { decode, encode, kl, logLikelihood, sigmoid } from "../../vae_lib/figures/base/small-vae.js";
import { near, pairs } from "./near.mjs";

const weights = JSON.parse(readFileSync(new URL("../../vae_lib/shipped/digits_vae.json", import.meta.url)));
const layers = (part) => [0, 2].map((i) => [weights[`${part}.net.${i}.weight`], weights[`${part}.net.${i}.bias`]]);

test("a network that a pencil can follow: ReLU between the layers, none at the end, σ = exp(½ log σ²)", () => {
  const first = [
    [
      [1, 2],
      [-1, 0],
    ],
    [1, 0],
  ];
  const second = [
    [
      [1, 1],
      [0, -1],
      [2, 0],
      [-0.5, 3],
    ],
    [0, 0, -6, 1.5],
  ];
  const small = [first, second];
  const { mu, sigma } = encode(small, [1, 0.5]); // hidden (3, −1), so (3, 0) after the ReLU
  assert.deepEqual(mu, [3, 0]);
  assert.deepEqual(sigma, [1, 1]);
  assert.equal(sigma.length, 2);
  near(encode(small, [2, 0.5]).sigma[0], Math.exp(1)); // hidden (4, −2): log σ² = 2
  assert.deepEqual(decode(small, [2, 0.5]), [4, 0, 2, -0.5]);
});

test("the KL is 0 at the prior, known elsewhere, never negative", () => {
  assert.equal(kl([0, 0], [1, 1]), 0);
  near(kl([1, 0], [1, 1]), 0.5);
  near(kl([0], [2]), 1.5 - Math.log(2));
  for (const [a, b] of pairs(2, 1000)) assert.ok(kl([a], [Math.exp(b)]) >= 0);
});

test("log p(x|z) is a sum of log probabilities, and stays finite where those do not", () => {
  near(logLikelihood(Array(64).fill(1), Array(64).fill(0)), -64 * Math.LN2);
  for (const logits of pairs(3, 1000)) {
    near(logLikelihood([1, 0], logits), Math.log(sigmoid(logits[0])) + Math.log(1 - sigmoid(logits[1])));
  }
  assert.equal(logLikelihood([0, 1], [1000, -1000]), -2000);
  assert.equal(logLikelihood([1, 0], [1000, -1000]), 0);
});

test("the probabilities of all pictures of 3 pixels add up to 1", () => {
  const pictures = Array.from({ length: 8 }, (_, i) => [i & 1, (i >> 1) & 1, i >> 2]);
  for (const [a, b] of pairs(4, 100)) near(sum(pictures.map((x) => Math.exp(logLikelihood(x, [a, b, a - b])))), 1);
});

test("the shipped model: q is narrower than the prior at a picture, and its μ decodes to something like it", () => {
  const x = pixels("183c242424243c18"); // a ring, as narrow as the zeros of the data
  const { mu, sigma } = encode(layers("encoder"), x);
  assert.ok(sigma.every((value) => value > 0 && value < 1));
  assert.ok(logLikelihood(x, decode(layers("decoder"), mu)) > -25); // fair coins: −44
});
