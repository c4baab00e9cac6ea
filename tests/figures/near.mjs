// Shared by the tests: near each other, and pairs of noise.
import assert from "node:assert/strict";
import { noise } from "../../vae_lib/figures/base/normal.js";

export const near = (found, wanted, tolerance = 1e-12) =>
  assert.ok(Math.abs(found - wanted) <= tolerance * Math.max(1, Math.abs(wanted)), `${found}, not ${wanted}`);

export const pairs = (seed, n) => {
  const draw = noise(seed);
  return Array.from({ length: n }, () => [draw(), draw()]);
};
