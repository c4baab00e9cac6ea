// The recorded run: each record's weights, and what follows from them for the pictures that are shown.
import { sum } from "../base/numbers.js";
import { decode, encode, kl, sigmoid } from "../base/small-vae.js";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const DIGIT = Object.fromEntries([...ALPHABET].map((character, i) => [character, i]));
const PIXELS = 64;
const SIZES = [
  [PIXELS, 32], // inputs and outputs: the encoder's two layers, then the decoder's
  [32, 4],
  [2, 32],
  [32, PIXELS],
];

const mean = (values) => sum(values) / values.length;

/** The weights of a record: three digits of base 64 each, in ten-thousandths from −13.1072 on. */
export function weights(text) {
  const digit = (k) => DIGIT[text[k]];
  const weight = (k) => (digit(k) * 4096 + digit(k + 1) * 64 + digit(k + 2) - 131072) / 10000;
  return Array.from({ length: text.length / 3 }, (_, i) => weight(3 * i));
}

/** The layers of the encoder and of the decoder of a record. */
export function networks(text) {
  const values = weights(text);
  let at = 0;
  const take = (n) => {
    at += n;
    return values.slice(at - n, at);
  };
  const layers = SIZES.map(([inputs, outputs]) => [Array.from({ length: outputs }, () => take(inputs)), take(outputs)]);
  return { encoder: layers.slice(0, 2), decoder: layers.slice(2) };
}

/** All pictures at their μ and σ, the record's KL and where its map lies: means and standard deviations of μ. */
export function atRecord(text, pictures) {
  const { encoder } = networks(text);
  const codes = pictures.map((x) => encode(encoder, x));
  const centre = [0, 1].map((j) => mean(codes.map(({ mu }) => mu[j])));
  const spread = centre.map((c, j) => Math.sqrt(mean(codes.map(({ mu }) => (mu[j] - c) ** 2))));
  return { codes, kl: mean(codes.map(({ mu, sigma }) => kl(mu, sigma))), centre, spread };
}

/** The decoder's picture at z: the probability of each pixel. */
export const pictureAt = (decoder, z) => decode(decoder, z).map(sigmoid);
