// What the atlas shows: the decoder at z, whose codes lie around z, and the path on which z drifts.
import { relu, sigmoid } from "../base/small-vae.js";

const NEAR = 0.35; // what counts as around z
const TURNS = [0.23, 0.23 * 1.618]; // radians a second: never the same way twice
const START = [0.35, -0.75]; // radians
const WIDTH = 1.75;
const LAG = 0.25; // seconds by which z follows the path

/** The layers that Python's `packed` wrote, a byte a weight: lists of weights row by row, and of biases. */
export const unpack = (layers) =>
  layers.map((layer) => ({
    weight: bytes(layer.weight, layer.scale),
    bias: bytes(layer.bias, layer["scale of bias"]),
  }));

const bytes = (text, scale) => Array.from(atob(text), (sign) => scale * ((sign.charCodeAt(0) << 24) >> 24));

/** W h + b. */
function affine({ weight, bias }, h) {
  return bias.map((b, i) => {
    let total = b;
    for (let j = 0, at = i * h.length; j < h.length; j++, at++) total += weight[at] * h[j];
    return total;
  });
}

/** The decoder at z: for each pixel the probability that it is black. `layers` are those of `unpack`. */
export const pixels = (layers, z) => layers.reduce((h, layer, k) => affine(layer, k ? h.map(relu) : h), z).map(sigmoid);

/** The digits whose codes lie around z, the most frequent first, as [digit, share] pairs; none is an empty list. */
export function around(codes, labels, z) {
  const close = labels.filter((_, i) => Math.hypot(codes[i][0] - z[0], codes[i][1] - z[1]) < NEAR);
  const shares = [...new Set(close)].map((digit) => [
    digit,
    close.filter((one) => one === digit).length / close.length,
  ]);
  return shares.sort(([a, p], [b, q]) => q - p || a - b);
}

/** Where the path is after so many seconds: Lissajous' figure, mostly within the prior's second circle. */
export const path = (seconds) => TURNS.map((turn, j) => WIDTH * Math.sin(START[j] + turn * seconds));

/** z a moment later, as it follows a place: the rest of the way shrinks by e in LAG seconds. */
export const follow = (z, place, seconds) => {
  const rest = Math.exp(-seconds / LAG);
  return place.map((value, j) => value + rest * (z[j] - value));
};
