// The recorded runs: which one is shown, and what its draws and its codes say.
import { sum } from "../base/numbers.js";
import { pixels } from "../base/pixels.js";

const RARE = 0.02; // a digit with fewer of the draws does not count as drawn

/** The name of the arm: what is on. */
export function armOf(pull, noise) {
  if (pull) return noise ? "pull and noise" : "pull alone";
  return noise ? "noise alone" : "neither";
}

/** The distance of two lists of shares: what part would have to change class (their total variation). */
export const distance = (a, b) => 0.5 * sum(a.map((share, k) => Math.abs(share - b[k])));

/** How many digits have more than 2 % of the draws. */
export const drawn = (classes) => classes.filter((share) => share > RARE).length;

/** For each digit the median of its codes that lie within ±`reach`, or null where fewer than `least` do. */
export function middles(codes, labels, reach, least) {
  return Array.from({ length: 10 }, (_, digit) => {
    const own = codes.filter(([a, b], i) => labels[i] === digit && Math.max(Math.abs(a), Math.abs(b)) < reach);
    return own.length < least ? null : [0, 1].map((j) => median(own.map((code) => code[j])));
  });
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)];
}

/** What is shown of a run, with σ = 0 where there is no noise. */
export function shown({ arms, share }, { pull, noise, run }) {
  const found = arms[armOf(pull, noise)][run];
  return {
    codes: found.mu,
    sigma: found.sigma ?? found.mu.map(() => [0, 0]),
    pictures: found.draws.map(pixels),
    classes: found.classes,
    nats: found.nats,
    spread: found.spread,
    inside: found.inside,
    empty: found.empty,
    distance: distance(found.classes, share),
    drawn: drawn(found.classes),
  };
}
