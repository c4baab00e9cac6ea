// What the machine shows, from its state: equations (1.1) to (1.4).
import { pixels } from "../base/pixels.js";
import { decode, encode, kl, logLikelihood, sigmoid } from "../base/small-vae.js";

/** What follows from the state: `x` in hexadecimal digits; z from its `source`, "q" (z = μ + σ ⊙ ε), "hand" or "prior".
 * A z by hand has the ε that would lead to it; one from the prior has none, for the encoder has no part in it. */
export function derive({ encoder, decoder }, { x: hex, eps, z: given, source }) {
  const x = pixels(hex);
  const { mu, sigma } = encode(encoder, x);
  const z = source === "q" ? mu.map((m, j) => m + sigma[j] * eps[j]) : given;
  const itsEps = { q: eps, hand: z.map((value, j) => (value - mu[j]) / sigma[j]), prior: null }[source];
  const logits = decode(decoder, z);
  const nats = { logLikelihood: logLikelihood(x, logits), kl: kl(mu, sigma) };
  return { hex, source, x, mu, sigma, eps: itsEps, z, pi: logits.map(sigmoid), ...nats };
}
