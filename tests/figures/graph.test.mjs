// The computation graph's gradients against differences, and its values where a pencil knows them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { backward, forward } from "../../vae_lib/figures/graph/formulas.js";

const random = (seed) => () => (seed = (seed * 16807) % 2147483647) / 2147483647;
const next = random(2);
const vector = (n) => Array.from({ length: n }, () => 2 * next() - 1);
const matrix = (rows, columns) => Array.from({ length: rows }, () => vector(columns));

function randomExample() {
  const [data, hidden, latent, hidden2] = Array.from({ length: 4 }, () => 1 + Math.floor(4 * next()));
  return {
    x: vector(data),
    eps: vector(latent),
    W1: matrix(hidden, data),
    b1: vector(hidden),
    W2: matrix(2 * latent, hidden),
    b2: vector(2 * latent),
    W3: matrix(hidden2, latent),
    b3: vector(hidden2),
    W4: matrix(data, hidden2),
    b4: vector(data),
  };
}

function moved(example, row, k, step) {
  const copy = structuredClone(example);
  row(copy)[k] += step;
  return forward(copy).J;
}

test("every slope is that of J: central differences at every input of 1000 random networks", () => {
  const h = 1e-5;
  let [compared, skipped] = [0, 0];
  for (let n = 0; n < 1000; n++) {
    const example = randomExample();
    const [v, d] = [forward(example), backward(example)];
    if ([...v.a1, ...v.a2].some((a) => Math.abs(a) < 1e-3)) {
      skipped++;
      continue;
    } // a kink within reach
    for (const key of Object.keys(example)) {
      const rows = Array.isArray(example[key][0]) ? example[key].map((_, i) => (of) => of[key][i]) : [(of) => of[key]];
      rows.forEach((row, i) =>
        row(example).forEach((_, k) => {
          const slope = (moved(example, row, k, h) - moved(example, row, k, -h)) / (2 * h);
          const found = rows.length > 1 || Array.isArray(d[key][0]) ? d[key][i][k] : d[key][k];
          assert.ok(Math.abs(slope - found) < 1e-6 * (1 + Math.abs(slope)), `${key} ${i} ${k}: ${slope} ${found}`);
          compared++;
        }),
      );
    }
  }
  assert.ok(skipped < 50 && compared > 20000, `${skipped} ${compared}`);
});

test("the slope at σ is that by way of z, and one more step from it leads to log σ²", () => {
  for (let n = 0; n < 1000; n++) {
    const example = randomExample();
    const [v, d] = [forward(example), backward(example)];
    v.sigma.forEach((sigma, j) => {
      const throughZ = (d.sigma[j] * sigma) / 2;
      assert.ok(Math.abs(throughZ + (Math.exp(v.log_var[j]) - 1) / 2 - d.log_var[j]) < 1e-12);
    });
  }
});

test("with q on the prior and f on x there is nothing to pay and nothing to change", () => {
  const zeros = (rows, columns) => Array.from({ length: rows }, () => Array(columns).fill(0));
  const example = {
    x: [3, 4],
    eps: [1],
    W1: zeros(2, 2),
    b1: [1, 1],
    W2: zeros(2, 2),
    b2: [0, 0],
    W3: zeros(1, 1),
    b3: [1],
    W4: zeros(2, 1),
    b4: [3, 4],
  };
  assert.equal(forward(example).J, 0);
  const slopes = Object.entries(backward(example)).filter(
    ([key]) => !["J", "kl", "kl_per_dimension", "reconstruction_loss"].includes(key),
  );
  assert.ok(slopes.every(([, slope]) => [slope].flat(2).every((number) => Math.abs(number) === 0)));
});
