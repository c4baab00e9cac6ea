// The recorded run's functions where a pencil knows them, and the records themselves through them.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { pixels } from "../../vae_lib/figures/base/pixels.js";
import { encode, kl } from "../../vae_lib/figures/base/small-vae.js";
import { atRecord, networks, pictureAt, weights } from "../../vae_lib/figures/epochs/formulas.js";
import { near } from "./near.mjs";

const asset = (name) => JSON.parse(readFileSync(new URL(`../../vae_lib/shipped/${name}`, import.meta.url)));
const record = asset("epochs.json");
const at = (epoch) => record.weights[record.epochs.indexOf(epoch)];
const ring = pixels("183c242424243c18"); // as narrow as the zeros of the data

test("three digits of base 64 are one weight, in ten-thousandths from −13.1072 on", () => {
  assert.deepEqual(weights("AAAgAAgABf//"), [-13.1072, 0, 0.0001, -0.0001]);
  assert.equal(weights(at(0)).length, 64 * 32 + 32 + 32 * 4 + 4 + 2 * 32 + 32 + 32 * 64 + 64);
});

test("the last record is the shipped model, weight for weight", () => {
  const shipped = Object.values(asset("digits_vae.json")).flat(2);
  assert.deepEqual(
    weights(at(500)).map((value) => value + 0),
    shipped.map((value) => value + 0),
  );
});

test("a record's layers are its weights, row after row", () => {
  const values = weights(at(0));
  const { encoder, decoder } = networks(at(0));
  assert.deepEqual([...encoder, ...decoder].flat(3), values);
  const sizes = [...encoder, ...decoder].map(([rows, bias]) => [rows[0].length, rows.length, bias.length]);
  assert.deepEqual(sizes, [
    [64, 32, 32],
    [32, 4, 4],
    [2, 32, 32],
    [32, 64, 64],
  ]);
});

test("where the map lies: means and standard deviations of μ", () => {
  const pictures = [ring, pixels("1818181818181818")];
  const { codes, centre, spread, kl: both } = atRecord(at(500), pictures);
  [0, 1].forEach((j) => {
    const [a, b] = codes.map(({ mu }) => mu[j]);
    near(centre[j], (a + b) / 2);
    near(spread[j], Math.abs(a - b) / 2);
  });
  near(both, (kl(codes[0].mu, codes[0].sigma) + kl(codes[1].mu, codes[1].sigma)) / 2);
});

test("only a trained record decodes a picture's μ to something like it", () => {
  const distance = (epoch) => {
    const { encoder, decoder } = networks(at(epoch));
    const pi = pictureAt(decoder, encode(encoder, ring).mu);
    return pi.reduce((total, p, i) => total + Math.abs(p - ring[i]), 0);
  };
  assert.ok(distance(0) > 28); // half of 64 pixels, as a coin
  assert.ok(distance(500) < 10);
});
