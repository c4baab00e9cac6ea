// The atlas: bytes become weights, weights a picture; codes around z; the path, and how z follows it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { around, follow, path, pixels, unpack } from "../../vae_lib/figures/atlas/formulas.js";
import { near } from "./near.mjs";

const packed = (...values) => Buffer.from(Int8Array.from(values)).toString("base64");

test("a byte is a whole number from −128 to 127, times the scale of its kind", () => {
  const [layer] = unpack([{ weight: packed(1, -1, 127, -128), scale: 0.5, bias: packed(3), "scale of bias": 2 }]);
  assert.deepEqual(layer, { weight: [0.5, -0.5, 63.5, -64], bias: [6] });
});

test("the picture is W relu(V z + a) + b, made probabilities", () => {
  const layers = [
    { weight: [1, 0, 0, 1], bias: [0, -1] },
    { weight: [2, 3, -1, 0], bias: [0.5, 0] },
  ];
  const shown = pixels(layers, [-4, 3]); // hidden: 0 and 2
  near(shown[0], 1 / (1 + Math.exp(-6.5)));
  near(shown[1], 0.5);
});

test("around z stand the digits of the codes near it, the most frequent first, and nobody far away", () => {
  const codes = [
    [0, 0],
    [0.1, 0],
    [0, 0.2],
    [2, 2],
  ];
  assert.deepEqual(around(codes, [8, 1, 8, 6], [0, 0.05]), [
    [8, 2 / 3],
    [1, 1 / 3],
  ]);
  assert.deepEqual(around(codes, [8, 1, 8, 6], [-2, -2]), []);
});

test("the path stays in the square of the prior's second circle, and passes all ten digits within a minute", () => {
  const record = JSON.parse(readFileSync(new URL("../../vae_lib/shipped/atlas.json", import.meta.url)));
  const labels = [...record.labels].map(Number);
  const places = Array.from({ length: 600 }, (_, i) => path(i / 10));
  assert.ok(places.every((z) => Math.max(...z.map(Math.abs)) < 2));
  const met = new Set(places.map((z) => around(record.codes, labels, z)[0]?.[0]));
  for (let digit = 0; digit < 10; digit++) assert.ok(met.has(digit), `${digit}`);
});

test("z follows a place: at once in a long time, not at all in none, in many steps as in one", () => {
  near(follow([0, 0], [1, 2], 100)[1], 2);
  assert.deepEqual(follow([3, 0], [1, 2], 0), [3, 0]);
  const once = follow([3, 0], [1, 2], 0.4);
  const twice = follow(follow([3, 0], [1, 2], 0.1), [1, 2], 0.3);
  once.forEach((value, j) => near(value, twice[j]));
});
