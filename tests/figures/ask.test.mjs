// What is said of a typed number: the example's to its last digit, any other in the calculator's words.
import assert from "node:assert/strict";
import { test } from "node:test";
import { answer, settingOf } from "../../vae_lib/figures/ask/formulas.js";

const data = {
  pictures: [
    { name: "example", dataDim: 4 },
    { name: "MNIST", called: "MNIST", dataDim: 784, variance: 52.73, entropy: 206.04, trained: 82.2 },
  ],
  example: { name: "example", latentDim: 2, J: 5.5994, reconstruction: 2.25, kl: 3.3494, negativeElbo: 9.2752 },
};
const start = { loss: 5.5994, of: "example", kind: "half", sums: "image", latentDim: 2, batchSize: 128 };
const said = (change) => answer(data, { ...start, ...change });

test("the example's number is right, rounded or in full, and another one is not", () => {
  assert.deepEqual(said({}), ["Yes: 5.5994 is right. It is 2.25 of reconstruction and 3.3494 of KL, in nats."]);
  assert.match(said({ loss: 157 / 32 + Math.LN2 })[0], /^Yes/);
  assert.match(said({ loss: 6.0994 })[0], /^No: it is 5\.5994/);
  assert.match(said({ loss: 5.5996 })[0], /^No/);
  assert.match(said({ loss: null })[0], /^It is 5\.5994/);
});

test("of other pictures, or with another error, the answer is what the number stands for, and then why", () => {
  const [first, second] = said({ of: "MNIST", kind: "cross", loss: 164 });
  assert.match(first, /^164 stands for −ELBO = 164 nats an image: better than independent pixels/);
  assert.match(second, /^β = 1: this is J/);
  const squared = said({ of: "MNIST", kind: "squared", loss: 60 });
  assert.match(squared[0], /^60 stands for −ELBO = .* nats an image, the constant included\.$/);
});

test("without a number it says what such a loss is, and what cannot be is one sentence", () => {
  assert.equal(said({ of: "MNIST", kind: "cross", loss: null }).length, 1);
  assert.match(said({ of: "MNIST", kind: "cross", loss: -3 })[0], /^No −log P of pixels/);
  assert.equal(said({ sums: "sum", batchSize: 0 }).length, 1);
});

test("the four ways to reduce weigh error and KL as they say", () => {
  const reductions = ["image", "half", "mean", "sum"].map((sums) => settingOf(data.pictures[1], { ...start, sums }));
  assert.deepEqual(
    reductions.map(({ reconstruction, kl }) => [reconstruction, kl]),
    [
      ["image", "image"],
      ["mean", "image"],
      ["mean", "mean"],
      ["sum", "sum"],
    ],
  );
  assert.equal(reductions[0].dataDim, 784);
});

test("a rounded number is right, and with few digits the whole one is said", () => {
  for (const loss of [5.6, 5.599]) assert.match(said({ loss })[0], /^Yes: in full it is 5\.5994/);
  for (const loss of [6, 5.59, 5.61]) assert.match(said({ loss })[0], /^No/);
});

test("the example's number is known for every error and every reduction, and another choice's is named", () => {
  const right = { squared: { image: 7.8494, half: 4.4744, mean: 2.7997 }, density: { image: 9.2752 } };
  for (const [kind, each] of Object.entries(right))
    for (const [sums, loss] of Object.entries(each))
      assert.match(said({ kind, sums, loss })[0], /^Yes/, `${kind} ${sums}`);
  assert.equal(said({ loss: 7.8494 })[1], "7.8494 is what a squared error, summed, batch averaged, gives.");
  assert.match(said({ loss: -3 })[1], /^Chapter 2 lists the slips/);
  assert.match(said({ kind: "cross" })[0], /^No cross-entropy takes/);
});

test("−ELBO has no slip either, as in chapter 2's table, and a turned sign is called so", () => {
  const [yes, ...more] = said({ loss: 9.2752 });
  assert.equal(yes, "Yes, as −ELBO with this ε: 9.2752 is J, 5.5994, and the constant of log 2π, 3.6758.");
  assert.equal(more.length, 0);
  assert.match(said({ kind: "density", loss: 9.2752 })[0], /^Yes: 9\.2752 is right/);
  assert.match(said({ loss: -5.5994 })[0], /^No: its sign is turned\. It is 5\.5994/);
});

test("without a number it asks for one, and where a KL is wanted it says what takes it", () => {
  assert.match(said({ of: "MNIST", kind: "cross", loss: null })[0], /^Type a number\. β = 1/);
  assert.match(said({ of: "MNIST", kind: "cross", sums: "mean", loss: 0.69 })[0], /the calculator takes the KL too\.$/);
  assert.equal(said({ of: "MNIST", kind: "grey", loss: 104 }).length, 1);
});
