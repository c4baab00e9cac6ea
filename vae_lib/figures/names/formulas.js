// A decoder of strings with a z of a few states: all is summed over them, so that all is exact.
import { pick } from "../chain/formulas.js";
import { sum } from "../base/numbers.js";
import { decoderOf, END, logSoftmax } from "./decoders.js";
import { STATES } from "./settings.js";

const states = Array.from({ length: STATES }, (_, z) => z);

/** The states of a decoder on its way through the symbols x, for one z: before the first of them, …, after the last. */
function walk(decoder, z, x) {
  const way = [decoder.begin(z)];
  for (const symbol of x) way.push(decoder.next(way.at(-1), symbol));
  return way;
}

/** What a decoder makes of a name x, symbols without the end; lists over t = 0 … length, what it knows after t symbols.
 *
 * `posterior` of z; `next`, the probability of each symbol, for the z `chosen`, or by the posterior where that is null;
 * `terms`, the log of the one that comes, the end after the last; `logp`, their sum: log p(x), or log p(x | chosen). */
export function read(decoder, x, chosen = null) {
  const ways = states.map((z) => walk(decoder, z, x).map(({ logProbs }) => logProbs));
  const scores = ways.map((way) => added(way.map((row, t) => row[x[t] ?? END])));
  const posterior = ways[0].map((_, t) => logSoftmax(scores.map((one) => one[t])).map(Math.exp));
  const next = posterior.map((weights, t) =>
    chosen === null ? mixed(weights, ways, t) : ways[chosen][t].map(Math.exp),
  );
  const terms = next.map((row, t) => Math.log(row[x[t] ?? END]));
  return { posterior, next, terms, logp: sum(terms) };
}

/** Sums of what comes before each place. */
function added(terms) {
  let total = 0;
  return terms.map((term) => {
    total += term;
    return total - term;
  });
}

const mixed = (weights, ways, t) =>
  ways[0][t].map((_, symbol) => sum(weights.map((weight, z) => weight * Math.exp(ways[z][t][symbol]))));

/** A name drawn for z by numbers from 0 to 1, one a symbol: its symbols, and of what is longer the beginning. */
export function drawn(decoder, z, uniforms) {
  const symbols = [];
  let state = decoder.begin(z);
  for (const uniform of uniforms) {
    const symbol = pick(state.logProbs.map(Math.exp), uniform);
    if (symbol === END) break;
    symbols.push(symbol);
    state = decoder.next(state, symbol);
  }
  return symbols;
}

/** The same of packed weights. */
export const readOf = (packed, ...asked) => read(decoderOf(packed), ...asked);
export const drawnOf = (packed, ...asked) => drawn(decoderOf(packed), ...asked);
