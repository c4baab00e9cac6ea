// Which recorded run is shown, and what its codes and its draws say.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { armOf, distance, drawn, middles, shown } from "../../vae_lib/figures/forces/formulas.js";
import { near } from "./near.mjs";

const record = JSON.parse(readFileSync(new URL("../../vae_lib/shipped/forces.json", import.meta.url)));
const data = { arms: record.arms, share: record.data };
const settings = [true, false].flatMap((pull) => [true, false].map((noise) => ({ pull, noise })));

test("each of the four settings has an arm of its own, by the names of the record", () => {
  const names = settings.map(({ pull, noise }) => armOf(pull, noise));
  assert.deepEqual(names, Object.keys(record.arms));
});

test("the distance is the share that would have to change class", () => {
  near(distance([0.5, 0.5, 0], [0.2, 0.5, 0.3]), 0.3);
  assert.equal(distance([0.4, 0.6], [0.4, 0.6]), 0);
});

test("a digit counts as drawn with more than 2 % of the draws", () => {
  assert.equal(drawn([0.02, 0.021, 0, 0.959]), 2);
});

test("a digit's middle is the median of its codes in sight, if these are enough", () => {
  const codes = [
    [0, 1],
    [1, 5],
    [2, 3],
    [99, 99],
    [1, 1],
    [2, 2],
  ];
  const found = middles(codes, [7, 7, 7, 7, 4, 4], 10, 3);
  assert.deepEqual(found[7], [1, 3]);
  assert.deepEqual(
    found.filter((middle) => middle),
    [[1, 3]],
  );
});

test("what is shown of a run is what was recorded of it, and without noise no cloud", () => {
  for (const { pull, noise } of settings) {
    for (const run of [0, 1, 2]) {
      const [found, recorded] = [shown(data, { pull, noise, run }), record.arms[armOf(pull, noise)][run]];
      assert.equal(recorded.seed, run);
      assert.equal(found.codes, recorded.mu);
      assert.equal(found.nats, recorded.nats);
      near(found.distance, recorded.distance, 0.002);
      assert.equal(found.drawn, recorded.drawn);
      assert.equal(found.sigma.flat().some(Boolean), noise);
      assert.equal(found.pictures.length, 20);
      assert.equal(found.pictures[0].length, 64);
    }
  }
});

test("all planes have the same axes: none of the codes lies beyond 15", () => {
  const all = Object.values(record.arms).flatMap((runs) => runs.filter(({ mu }) => mu).flatMap(({ mu }) => mu.flat()));
  assert.ok(Math.max(...all.map(Math.abs)) < 15);
});
