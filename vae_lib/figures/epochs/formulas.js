// A recorded training run: the weights of each record, the test digits under its encoder, and pictures of its decoder.
import { sum } from "../base/numbers.js";
import { decode, encode, kl, sigmoid } from "../base/small-vae.js";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const DIGIT = Object.fromEntries([...ALPHABET].map((character, i) => [character, i]));
const PIXELS = 64;
const SIZES = [
  [PIXELS, 32],
  [32, 4],
  [2, 32],
  [32, PIXELS],
]; // inputs and outputs of the layers: two of the encoder, two of the decoder

const mean = (values) => sum(values) / values.length;

/** The weights of a record: three digits of base 64 each, in ten-thousandths from −13.1072 on. */
export const weights = (text) =>
  Array.from({ length: text.length / 3 }, (_, k) => {
    const [high, middle, low] = [0, 1, 2].map((i) => DIGIT[text[3 * k + i]]);
    return (high * 4096 + middle * 64 + low - 131072) / 10000;
  });

/** The two layers of the encoder and of the decoder of a record, [weight, bias] each, `weight` a list of rows. */
export function network(text) {
  const values = weights(text);
  let at = 0;
  const take = (n) => {
    at += n;
    return values.slice(at - n, at);
  };
  const layers = SIZES.map(([inputs, outputs]) => [Array.from({ length: outputs }, () => take(inputs)), take(outputs)]);
  return { encoder: layers.slice(0, 2), decoder: layers.slice(2) };
}

/** All pictures, 64 pixels each, at their μ and σ; the record's KL; where its map lies: means and deviations of μ. */
export function atRecord({ encoder }, pictures) {
  const codes = pictures.map((x) => encode(encoder, x));
  const centre = [0, 1].map((j) => mean(codes.map(({ mu }) => mu[j])));
  const spread = centre.map((c, j) => Math.sqrt(mean(codes.map(({ mu }) => (mu[j] - c) ** 2))));
  return { codes, kl: mean(codes.map(({ mu, sigma }) => kl(mu, sigma))), centre, spread };
}

/** The decoder's picture at z: the probability of each pixel. */
export const pictureAt = ({ decoder }, z) => decode(decoder, z).map(sigmoid);
