// A die of three faces before a decoder: what f says of a z, the gradient of E[f(z)] by the die's logits, and four ways
// to guess it. Logits are log q. A z is a list of shares, one a face: a corner of the simplex is a face that came up.
import { logLikelihood, sigmoid } from "../base/small-vae.js";
import { sum } from "../base/numbers.js";

export const CALLS = 5; // of the decoder, for one estimate with leave-one-out

const dot = (a, b) => sum(a.map((value, i) => value * b[i]));
const minus = (a, b) => a.map((value, i) => value - b[i]);
export const norm = (vector) => Math.sqrt(dot(vector, vector));
export const cosine = (a, b) => dot(a, b) / (norm(a) * norm(b));

/** The face k of `faces` as a z, and the number of the largest of some values. */
export const corner = (k, faces = 3) => Array.from({ length: faces }, (_, i) => Number(i === k));
export const largest = (values) => values.indexOf(Math.max(...values));

/** The logits of the pixels at z: those of the faces, `table`, each by its share. */
const mixed = (z, { table }) => table[0].map((_, pixel) => sum(z.map((share, k) => share * table[k][pixel])));

/** f(z) = log p(x|z), nats. */
export const value = (z, decoder) => logLikelihood(decoder.x, mixed(z, decoder));

/** The slope of f by the shares of z: in loops, for the quadrature. */
export function slope(z, { table, x }) {
  const found = new Array(z.length).fill(0);
  for (let pixel = 0; pixel < x.length; pixel++) {
    let logit = 0;
    for (let k = 0; k < z.length; k++) logit += z[k] * table[k][pixel];
    const error = x[pixel] - sigmoid(logit);
    for (let k = 0; k < z.length; k++) found[k] += table[k][pixel] * error;
  }
  return found;
}

/** f at each face. */
export const heights = (decoder) => decoder.table.map((_, k) => value(corner(k, decoder.table.length), decoder));

/** The relaxed throw softmax((log q + g)/τ) of a noise g. */
export function relaxed(q, noise, tau) {
  const scores = q.map((share, k) => (Math.log(share) + noise[k]) / tau);
  const weights = scores.map((score) => Math.exp(score - Math.max(...scores)));
  return weights.map((weight) => weight / sum(weights));
}

/** A slope by z as one by the logits, through z = softmax(logits/τ). */
export const throughSoftmax = (z, slopes, tau) => z.map((share, k) => (share * (slopes[k] - dot(z, slopes))) / tau);

/** The exact gradient of E[f(z)] = Σ qₖ fₖ by the logits. */
export const gradient = (q, f) => q.map((share, k) => share * (f[k] - dot(q, f)));

// One estimate of it, from the noise of one throw.
export const gumbelSoftmax = (q, noise, tau, decoder) => {
  const z = relaxed(q, noise, tau);
  return throughSoftmax(z, slope(z, decoder), tau);
};
export const straightThrough = (q, noise, tau, decoder) => {
  const z = relaxed(q, noise, tau);
  return throughSoftmax(z, slope(corner(largest(z), z.length), decoder), tau);
};
export const scoreFunction = (q, noise, f) => {
  const face = largest(relaxed(q, noise, 1));
  return minus(corner(face, q.length), q).map((part) => f[face] * part);
};

/** Leave-one-out of throws, `counts` of each face: the mean of (f − the mean of the others' f) · (z − q). */
export function leaveOneOut(counts, f) {
  const throws = sum(counts);
  const mean = dot(counts, f) / throws;
  return counts.map((count, k) => (count * (f[k] - mean)) / (throws - 1));
}

/** How often each face came up in the throws of some noises. */
export const countsOf = (q, noises) =>
  noises.reduce(
    (counts, noise) => {
      const face = largest(relaxed(q, noise, 1));
      return counts.map((count, k) => count + (k === face));
    },
    corner(-1, q.length),
  );

/** The variance a call of the score function: over the faces, tr Cov, nats². */
export const scoreVariance = (q, f) =>
  sum(q.map((share, k) => share * f[k] ** 2 * norm(minus(corner(k, q.length), q)) ** 2)) - norm(gradient(q, f)) ** 2;

/** The variance a call of leave-one-out: over all counts of three faces, times the calls. */
export function leaveOneOutVariance(q, f, calls = CALLS) {
  let square = 0;
  for (let a = 0; a <= calls; a++)
    for (let b = 0; a + b <= calls; b++) {
      const counts = [a, b, calls - a - b];
      square += multinomial(counts, q) * norm(leaveOneOut(counts, f)) ** 2;
    }
  return calls * (square - norm(gradient(q, f)) ** 2);
}

const factorial = (n) => (n < 2 ? 1 : n * factorial(n - 1));
const multinomial = (counts, q) =>
  counts.reduce((product, count, k) => (product * q[k] ** count) / factorial(count), factorial(sum(counts)));

/** What an estimator of this mean and variance is worth: ‖bias‖/‖g‖, cosine with g, variance a call, nats². */
export const worth = (g, { mean, variance }) => ({
  bias: norm(minus(mean, g)) / norm(g),
  cosine: cosine(mean, g),
  variance,
});
