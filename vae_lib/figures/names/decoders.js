// Two decoders of strings with shipped weights. A state is { z, logProbs, … }: what came, and log p(next | it, z).
import { sigmoid } from "../base/small-vae.js";
import { sum } from "../base/numbers.js";

export const END = 0; // ends a string, and stands before its first letter
const SYMBOLS = 27;

/** The decoder of packed weights: `begin(z)` is its state before any letter, `next(state, symbol)` the one after. */
export function decoderOf(packed) {
  const weights = Object.fromEntries(Object.entries(packed).map(([name, one]) => [name, unpacked(one)]));
  const next = weights.table ? markov(weights) : recurrent(weights);
  return { begin: (z) => next({ z }, END), next };
}

/** A matrix, as a list of rows, of whole numbers of 16 bits in base 64, each so many `scale`-ths. */
export function unpacked({ columns, scale, int16 }) {
  const bytes = Uint8Array.from(atob(int16), (character) => character.charCodeAt(0));
  const numbers = Array.from(new Int16Array(bytes.buffer), (number) => number / scale);
  const rows = numbers.length / columns;
  return Array.from({ length: rows }, (_, i) => numbers.slice(i * columns, (i + 1) * columns));
}

/** Logits as log-probabilities, which add up to 1. */
export function logSoftmax(logits) {
  const most = Math.max(...logits);
  const total = most + Math.log(sum(logits.map((logit) => Math.exp(logit - most))));
  return logits.map((logit) => logit - total);
}

/** The next letter by the last one and z: row z · SYMBOLS + symbol of the table. */
const markov =
  ({ table }) =>
  ({ z }, symbol) => ({ z, logProbs: logSoftmax(table[z * SYMBOLS + symbol]) });

/** The next letter by all before it and z: a GRU, with its gates in the order of torch, and a linear layer. */
function recurrent({ ofInput, ofHidden, biases, head, bias }) {
  const [fromInput, fromHidden] = biases;
  const hidden = head[0].length;
  const start = Array(hidden).fill(0);
  return ({ z, h = start }, symbol) => {
    const seen = ofInput.map((row, i) => row[symbol] + row[SYMBOLS + z] + fromInput[i]);
    const kept = affine(ofHidden, h, fromHidden);
    const now = h.map((old, i) => {
      const [reset, update] = [0, hidden].map((gate) => sigmoid(seen[gate + i] + kept[gate + i]));
      const fresh = Math.tanh(seen[2 * hidden + i] + reset * kept[2 * hidden + i]);
      return fresh + update * (old - fresh);
    });
    return { z, h: now, logProbs: logSoftmax(affine(head, now, bias[0])) };
  };
}

/** matrix · vector + bias, in plain loops. */
function affine(matrix, vector, bias) {
  return matrix.map((row, i) => {
    let total = bias[i];
    for (let j = 0; j < row.length; j++) total += row[j] * vector[j];
    return total;
  });
}
