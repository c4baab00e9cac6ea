// The recorded run's functions where a pencil knows them, and the records themselves through them.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { atRecord, decode, encode, kl, network, picturesAt, pixelsOn, weights } from "../../vae_lib/figures/epochs.js";

const asset = (name) => JSON.parse(readFileSync(new URL(`../../vae_lib/shipped/${name}`, import.meta.url)));
const record = asset("epochs.json");
const at = (epoch) => record.weights[record.epochs.indexOf(epoch)];
const near = (found, wanted, tolerance = 1e-12) =>
  assert.ok(Math.abs(found - wanted) <= tolerance * Math.max(1, Math.abs(wanted)), `${found}, not ${wanted}`);
const ring = pixelsOn("183c242424243c18"); // as narrow as the zeros of the data

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

test("a network that a pencil can follow: ReLU between the layers, none at the end, σ = exp(½ log σ²)", () => {
  const zeros = (n) => Array(n).fill(0);
  const first = { weight: Object.assign(zeros(2 * 64), { 0: 1, 5: 2, 64: -1 }), bias: [1, 0] };
  const second = { weight: [1, 1, 0, -1, 0.5, 0, -0.5, 3], bias: [0, 0, 0, 1.5] };
  const { mu, sigma } = encode([first, second], [0, 5]); // hidden (4, −1), so (4, 0) after the ReLU
  assert.deepEqual(mu, [4, 0]);
  near(sigma[0], Math.exp(1));
  near(sigma[1], Math.exp(-0.25));
  const [on, off] = decode(
    [
      { weight: [1, 2, -1, 0], bias: [1, 0] },
      { weight: [1, 1, 0, -1], bias: [-4, 0] },
    ],
    [1, 1],
  ); // hidden (4, 0)
  assert.equal(on, 0.5);
  assert.equal(off, 0.5);
});

test("the KL is 0 at the prior, known elsewhere", () => {
  assert.equal(kl({ mu: [0, 0], sigma: [1, 1] }), 0);
  near(kl({ mu: [1, 0], sigma: [1, 2] }), 0.5 + 1.5 - Math.log(2));
});

test("16 hexadecimal digits are 64 pixels, the first the highest", () => {
  assert.deepEqual(pixelsOn("8001000000000000"), [0, 15]);
  assert.deepEqual(pixelsOn("f000000000000001"), [0, 1, 2, 3, 63]);
});

test("where the map lies: means and standard deviations of μ", () => {
  const pictures = [ring, pixelsOn("1818181818181818")];
  const { codes, centre, spread, kl: both } = atRecord(at(500), pictures);
  [0, 1].forEach((j) => {
    const [a, b] = codes.map(({ mu }) => mu[j]);
    near(centre[j], (a + b) / 2);
    near(spread[j], Math.abs(a - b) / 2);
  });
  near(both, (kl(codes[0]) + kl(codes[1])) / 2);
});

test("only a trained record decodes a picture's μ to something like it", () => {
  const distance = (epoch) => {
    const { mu } = encode(network(at(epoch)).encoder, ring);
    const [pi] = picturesAt(at(epoch), [mu]);
    return pi.reduce((total, p, i) => total + Math.abs(p - Number(ring.includes(i))), 0);
  };
  assert.ok(distance(0) > 28); // half of 64 pixels, as a coin
  assert.ok(distance(500) < 10);
});
