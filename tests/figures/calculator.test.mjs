// The calculator's words: they name what chapter 5 derives, and warn where a number is none.
import assert from "node:assert/strict";
import { test } from "node:test";
import { budget, derive, implied } from "../../vae_lib/figures/calculator/formulas.js";
import { sentences, short } from "../../vae_lib/figures/calculator/sentences.js";

const DIGITS = {
  name: "digits, 8×8",
  called: "the digits",
  dataDim: 64,
  variance: 4.693,
  entropy: 25.11,
  trained: 18.1,
};
const START = {
  loss: null,
  likelihood: "bernoulli",
  constant: false,
  noiseStd: null,
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
  assert.match(said({}), /^β = 1: this is J, −ELBO in nats an image\. At most 25\.11 nats/);
  assert.match(
    said({ loss: 20.5 }),
    /20\.5 stands for −ELBO = 20\.5 nats an image: better than independent pixels \(25\.11\)/,
  );
  assert.match(said({ loss: 12.7 }), /better than independent pixels/);
  assert.match(
    said({ loss: 12.6 }),
    /too good for the digits, where this book's own network has 18\.1 after 100 epochs/,
  );
  assert.match(said({ loss: 0 }), /too good/);
  assert.match(said({ loss: 25.2 }), /no better than independent pixels/);
  assert.match(said({ loss: 44.5 }), /worse than zero weights, which give D log 2 = 44\.36/);
  assert.match(
    said({ loss: -3 }),
    /^No −log P of pixels in 0…1 is negative: look for a sign, or for pixels outside \[0, 1\]\.$/,
  );
  assert.match(said({ loss: 30, weight: 4, klNats: 8 }), /^No −log P of pixels/);
  assert.match(
    said({ reconstruction: "sum", kl: "sum", loss: 128 * 20 }),
    /^β = 1, scale = 128: this is scale · J, where J is −ELBO in nats an image\. .* −ELBO = 20 nats/,
  );
});

test("the traps of (5.11), by name", () => {
  assert.match(
    said({ reconstruction: "mean" }),
    /^β = 64, scale = 0\.01563: this is scale · \(−log p\(x\|z\) \+ β · KL\), the β-objective and not J\./,
  );
  assert.match(
    said({ reconstruction: "mean" }),
    /The KL counts 64 times\. At most 0\.3923 nats .* tell ten digits apart/,
  );
  assert.match(
    said({ kl: "mean" }),
    /^β = 0\.125: this is −log p\(x\|z\) \+ β · KL, the .* Of every nat of KL only 0\.125 is charged/,
  );
  assert.match(said({ reconstruction: "mean", kl: "mean" }), /^β = 8, /);
  assert.match(said({ reconstruction: "mean", loss: 0.39 }), /From the loss alone no ELBO can be had/);
  assert.match(said({ weight: 4, loss: 30, klNats: 2 }), /30 stands for −ELBO = 24 nats/);
});

test("the trap of (5.9), and its constant", () => {
  const trap = { likelihood: "gaussian", reconstruction: "mean", loss: 0.0733 };
  const text = said(trap);
  assert.match(
    text,
    /^σₓ² = 32, β = 1: this is J, −ELBO in nats an image, without the Gaussian's constant, D\/2 .*\) = 169\.7\./,
  );
  assert.match(text, /variance of 0\.07333 on average; the decoder expects noise of 436\.4 times that/);
  assert.match(text, /At most 0\.07333 nats .* as good as dead before any training/);
  assert.match(text, /0\.0733 stands for −ELBO = 169\.8 nats an image, the constant included/);
  assert.match(
    said({ ...trap, weight: 0.001 }),
    /^σₓ² = 0\.032, β = 1, scale = 0\.001: this is scale · J, .* 1\/2\.292 of that/,
  );
  assert.match(
    said({ ...trap, loss: -0.1 }),
    /^A squared error and a KL are never below 0: does the loss hold the constant D\/2 log\(2πσₓ²\)\? Then choose/,
  );
});

test("a Gaussian loss that holds its constant", () => {
  const density = { likelihood: "gaussian", constant: true, noiseStd: 0.1 };
  const text = said({ ...density, loss: -50 });
  assert.match(text, /^σₓ² = 0\.01, β = 1: this is J, −ELBO .*, the Gaussian's constant included, .* = −88\.55\./);
  assert.match(text, /the decoder expects noise of 1\/7\.333 of that\. At most 234\.6 nats/);
  assert.match(text, /−50 stands for −ELBO = −50 nats an image, the constant included/);
  const twice = said({ ...density, loss: -50, weight: 2 });
  assert.match(
    twice,
    /β = 2: .*, the β-objective and not J, the Gaussian's constant included, .* The KL counts 2 times/,
  );
  assert.match(twice, /βσₓ² = 0\.02, .* is 1\/3\.666 of that\. At most 117\.3 nats .* give the KL too/);
  assert.match(said({ ...density, loss: -50, weight: 2, klNats: 10 }), /−50 stands for −ELBO = −60 nats/);
  assert.match(said({ ...density, loss: -89 }), /^No −log p\(x\|z\) with this σₓ is below the constant/);
  assert.match(said({ ...density, noiseStd: null }), /σₓ too/);
});

test("a KL that is not asked for is left out", () => {
  const now = { ...START, kind: "squared", images: "others", loss: 3, klNats: 10 };
  assert.equal(derive([DIGITS], now).asked, false);
  assert.notEqual(derive([DIGITS], now).found, null);
  const more = derive([DIGITS], { ...now, kind: "cross", weight: 4 });
  assert.deepEqual([more.asked, more.found], [true, null]); // below the KL's term, and still asked for
});

test("the ruler shows what decides which latents pay", () => {
  const now = { ...START, kind: "density", noiseStd: 0.1, weight: 10, images: "digits, 8×8" };
  const { rulers, most } = derive([DIGITS], now);
  assert.ok(Math.abs(rulers.first.at + 1) < 1e-9);
  assert.ok(Math.abs(most - 4.693 / 0.2) < 1e-9);
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
