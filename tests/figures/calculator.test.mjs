// The calculator's words: they name what chapter 5 derives, and warn where a number is none.
import assert from "node:assert/strict";
import { test } from "node:test";
import { budget, implied } from "../../vae_lib/figures/calculator/formulas.js";
import { sentences, short } from "../../vae_lib/figures/calculator/sentences.js";

const DIGITS = { name: "digits, 8×8", called: "the digits", dataDim: 64, variance: 4.693, entropy: 25.11 };
const START = {
  loss: null,
  likelihood: "bernoulli",
  grey: false,
  dataDim: 64,
  latentDim: 8,
  batchSize: 128,
  reconstruction: "image",
  kl: "image",
  factor: 1,
  weight: 1,
  klNats: null,
};
const said = (change, images = DIGITS) => sentences({ ...START, ...change }, images).join(" ");

test("J itself", () => {
  assert.match(said({}), /^β = 1: this is J itself, −ELBO in nats an image\. At most 25\.11 nats/);
  assert.match(
    said({ loss: 20.5 }),
    /20\.5 stands for −ELBO = 20\.5 nats an image: better than independent pixels \(25\.11\)/,
  );
  assert.match(said({ loss: 25.2 }), /no better than independent pixels/);
  assert.match(said({ loss: 44.5 }), /worse than zero weights, which give D log 2 = 44\.36/);
  assert.match(said({ loss: -3 }), /the loss at least its KL term, since no error is negative/);
  assert.match(said({ loss: 30, weight: 4, klNats: 8 }), /at least its KL term/);
  assert.match(
    said({ reconstruction: "sum", kl: "sum", loss: 128 * 20 }),
    /this is J times 128; divide by that\. .* −ELBO = 20 nats/,
  );
});

test("the traps of (5.11), by name", () => {
  assert.match(
    said({ reconstruction: "mean" }),
    /^β = 64: the KL counts 64 times\. .* At most 0\.3923 nats .* too few to tell ten digits apart/,
  );
  assert.match(said({ kl: "mean" }), /^β = 0\.125: of every nat of KL only 0\.125 is charged/);
  assert.match(said({ reconstruction: "mean", kl: "mean" }), /^β = 8:/);
  assert.match(said({ reconstruction: "mean", loss: 0.39 }), /From the loss alone no ELBO can be had/);
  assert.match(said({ weight: 4, loss: 30, klNats: 2 }), /30 stands for −ELBO = 24 nats/);
});

test("the trap of (5.9), and its constant", () => {
  const trap = { likelihood: "gaussian", reconstruction: "mean", loss: 0.0733 };
  const text = said(trap);
  assert.match(text, /^σₓ² = 32: this is −ELBO of a Gaussian decoder with that variance, up to a constant\./);
  assert.match(text, /variance of 0\.07333 on average; the decoder expects noise of 436\.4 times that/);
  assert.match(text, /At most 0\.07333 nats .* as good as dead before any training/);
  assert.match(text, /0\.0733 stands for −ELBO = 169\.8 nats an image/);
  assert.match(said({ ...trap, weight: 0.001 }), /σₓ² = 0\.032: this is 0\.001 times −ELBO .* 1\/2\.292 of that/);
});

test("warnings", () => {
  const grey = said({ grey: true, loss: 20 });
  assert.match(grey, /Grey pixels are not Bernoulli data/);
  assert.doesNotMatch(grey, /At most|stands for/);
  assert.match(said({ reconstruction: "mean", kl: "sum" }), /their balance goes with B/);
  assert.match(said({ dataDim: null }), /must be numbers above 0/);
  assert.equal(implied({ ...START, weight: 0 }), null);
  assert.doesNotMatch(said({ loss: 20 }, null), /At most|independent/);
});

test("at most the budget: a squared error and half of it", () => {
  const whole = implied({ ...START, likelihood: "gaussian" });
  const half = implied({ ...START, likelihood: "gaussian", factor: 0.5 });
  assert.equal(whole.noiseVar, 0.5);
  assert.equal(half.noiseVar, 1);
  assert.equal(budget(whole, 4.7), 4.7);
  assert.equal(budget(half, 4.7), 2.35);
});

test("numbers for reading", () => {
  const pairs = [
    [0, "0"],
    [1, "1"],
    [-0.25, "−0.25"],
    [0.07333, "0.07333"],
    [169.74, "169.7"],
    [12345.6, "12346"],
    [1e-4, "10⁻⁴"],
    [0.00025, "2.5 × 10⁻⁴"],
    [-1e6, "−10⁶"],
    [123456, "1.23 × 10⁵"],
    [0.001, "0.001"],
    [99999.6, "10⁵"],
  ];
  for (const [value, text] of pairs) assert.equal(short(value), text);
});
