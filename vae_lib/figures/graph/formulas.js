// The worked example, forward and backward: (2.1) to (2.8), as vae_lib.exact.worked_example; its numbers as text.
import { sum } from "../base/numbers.js";
import { read } from "../base/pencil.js";

export const INPUTS = ["x", "eps", "W1", "b1", "W2", "b2", "W3", "b3", "W4", "b4"];

const dot = (a, b) => sum(a.map((value, i) => value * b[i]));
const affine = (W, x, b) => W.map((row, i) => dot(row, x) + b[i]);
const column = (W, j) => W.map((row) => row[j]);
const transposed = (W, d) => W[0].map((_, j) => dot(column(W, j), d));
const outer = (a, b) => a.map((value) => b.map((other) => value * other));
const relu = (a) => a.map((value) => Math.max(value, 0));

/** All numbers of a tensor, row by row; those of a plain number are itself. */
export const flat = (numbers) => [numbers].flat(2);

/** Every value of one example { x, eps, W1, b1, …, W4, b4 }, from a₁ to J. */
export function forward({ x, eps, W1, b1, W2, b2, W3, b3, W4, b4 }) {
  const a1 = affine(W1, x, b1);
  const h1 = relu(a1);
  const head = affine(W2, h1, b2);
  const [mu, log_var] = [head.slice(0, eps.length), head.slice(eps.length)];
  const [sigma, variance] = [log_var.map((l) => Math.exp(l / 2)), log_var.map(Math.exp)];
  const z = mu.map((m, j) => m + sigma[j] * eps[j]);
  const a2 = affine(W3, z, b3);
  const h2 = relu(a2);
  const f = affine(W4, h2, b4);
  const error = x.map((value, i) => value - f[i]);
  const reconstruction_loss = dot(error, error) / 2;
  const kl_per_dimension = mu.map((m, j) => (m ** 2 + variance[j] - 1 - log_var[j]) / 2);
  const kl = sum(kl_per_dimension);
  const losses = { reconstruction_loss, kl_per_dimension, kl, J: reconstruction_loss + kl };
  return { a1, h1, mu, log_var, sigma, z, a2, h2, f, error, ...losses };
}

/** The gradient of J at every number of the example and at every value, from J back to x. */
export function backward(example) {
  const { x, eps, W1, W2, W3, W4 } = example;
  const v = forward(example);
  const f = v.error.map((e) => -e);
  const h2 = transposed(W4, f);
  const a2 = h2.map((d, i) => (v.a2[i] > 0 ? d : 0));
  const z = transposed(W3, a2);
  const mu = z.map((d, j) => d + v.mu[j]);
  const log_var = z.map((d, j) => (d * eps[j] * v.sigma[j] + v.sigma[j] ** 2 - 1) / 2);
  const head = [...mu, ...log_var];
  const h1 = transposed(W2, head);
  const a1 = h1.map((d, i) => (v.a1[i] > 0 ? d : 0));
  const losses = { J: 1, kl: 1, kl_per_dimension: mu.map(() => 1), reconstruction_loss: 1, error: v.error };
  const decoder = { f, W4: outer(f, v.h2), b4: f, h2, a2, W3: outer(a2, v.z), b3: a2, z };
  const draw = { eps: z.map((d, j) => d * v.sigma[j]), sigma: z.map((d, j) => d * eps[j]), mu, log_var };
  const encoder = { W2: outer(head, v.h1), b2: head, h1, a1, W1: outer(a1, x), b1: a1 };
  return { ...losses, ...decoder, ...draw, ...encoder, x: transposed(W1, a1).map((d, i) => d + v.error[i]) };
}

/** One number of a tensor by its place "eps 1": { key, k }. */
export function placeOf(place) {
  const [key, k] = place.split(" ");
  return { key, k: Number(k) };
}

/** The inputs with another number at a place. */
export function replaced(inputs, { key, k }, value) {
  const at = (row, start) => row.map((number, i) => (start + i === k ? value : number));
  const matrix = Array.isArray(inputs[key][0]);
  const rows = matrix ? inputs[key].map((row, i) => at(row, i * row.length)) : at(inputs[key], 0);
  return { ...inputs, [key]: rows };
}

/** What follows from the state: values and gradients now, at the example's own numbers (and these as text, exactly),
 * and at the origin: where the number that is held was taken. */
export function derive({ examples }, { example, numbers, held, taken }) {
  const exact = examples[example];
  const inputs = Object.fromEntries(INPUTS.map((key) => [key, parsed(exact.values[key])]));
  const own = computed(inputs);
  const now = computed({ ...inputs, ...numbers });
  const place = placeOf(held);
  const origin = computed(replaced({ ...inputs, ...numbers }, place, taken ?? flat(inputs[place.key])[place.k]));
  return { example: String(example), exact, own, origin, held, ...now }; // a text is not met halfway
}

const parsed = (text) => (Array.isArray(text) ? text.map(parsed) : read(text));

const computed = (inputs) => ({ values: { ...inputs, ...forward(inputs) }, gradients: backward(inputs) });
