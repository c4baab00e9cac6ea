// The recorded run's functions where a pencil knows them, and the records themselves through them.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { pixels } from "../../vae_lib/figures/base/pixels.js";
import { encode, kl } from "../../vae_lib/figures/base/small-vae.js";
import { atRecord, network, pictureAt, weights } from "../../vae_lib/figures/epochs/formulas.js";

const asset = (name) => JSON.parse(readFileSync(new URL(`../../vae_lib/shipped/${name}`, import.meta.url)));
const record = asset("epochs.json");
const at = (epoch) => record.weights[record.epochs.indexOf(epoch)];
const near = (found, wanted, tolerance = 1e-12) =>
  assert.ok(Math.abs(found - wanted) <= tolerance * Math.max(1, Math.abs(wanted)), `${found}, not ${wanted}`);
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

test("a record's numbers are the encoder's two layers, row after row, and then the decoder's", () => {
  const { encoder, decoder } = network(at(500));
  const shapes = [...encoder, ...decoder].map(([weight, bias]) => [weight.length, weight[0].length, bias.length]);
  assert.deepEqual(shapes, [
    [32, 64, 32],
    [4, 32, 4],
    [32, 2, 32],
    [64, 32, 64],
  ]);
  assert.deepEqual([...encoder, ...decoder].flat(3), weights(at(500)));
});

test("the KL is 0 at the prior, known elsewhere", () => {
  assert.equal(kl([0, 0], [1, 1]), 0);
  near(kl([1, 0], [1, 2]), 0.5 + 1.5 - Math.log(2));
});

test("where the map lies: means and standard deviations of μ", () => {
  const pictures = [ring, pixels("1818181818181818")];
  const { codes, centre, spread, kl: both } = atRecord(network(at(500)), pictures);
  [0, 1].forEach((j) => {
    const [a, b] = codes.map(({ mu }) => mu[j]);
    near(centre[j], (a + b) / 2);
    near(spread[j], Math.abs(a - b) / 2);
  });
  near(both, (kl(codes[0].mu, codes[0].sigma) + kl(codes[1].mu, codes[1].sigma)) / 2);
});

test("only a trained record decodes a picture's μ to something like it", () => {
  const distance = (epoch) => {
    const { mu } = encode(network(at(epoch)).encoder, ring);
    const pi = pictureAt(network(at(epoch)), mu);
    return pi.reduce((total, p, i) => total + Math.abs(p - ring[i]), 0);
  };
  assert.ok(distance(0) > 28); // half of 64 pixels, as a coin
  assert.ok(distance(500) < 10);
});
