// A small VAE of dense layers, and its ELBO's two terms. `layers` are [weight, bias] pairs, `weight` a list of rows.
import { sum } from "./numbers.js";

export const relu = (value) => Math.max(0, value);

export const sigmoid = (logit) => 1 / (1 + Math.exp(-logit));

/** W x + b. */
export function affine([weight, bias], x) {
  return weight.map((row, i) => {
    let total = bias[i];
    for (let j = 0; j < x.length; j++) total += row[j] * x[j];
    return total;
  });
}

/** A network with a ReLU between the layers and none at the end. */
export const network = (layers, x) => layers.reduce((h, layer, k) => affine(layer, k ? h.map(relu) : h), x);

/** The encoder (1.3): from x to the μ and the σ of q(z|x), the network's output being μ and log σ². */
export function encode(layers, x) {
  const output = network(layers, x);
  const [mu, logVar] = [output.slice(0, output.length / 2), output.slice(output.length / 2)];
  return { mu, sigma: logVar.map((value) => Math.exp(0.5 * value)) };
}

/** The decoder (1.4): from z to the logits of the pixels. */
export const decode = network;

/** log p(x|z), nats: the sum over the pixels of x · logit − log(1 + e^logit), without overflow. */
export const logLikelihood = (x, logits) =>
  sum(logits.map((logit, i) => x[i] * logit - relu(logit) - Math.log1p(Math.exp(-Math.abs(logit)))));

/** KL(N(μ, diag(σ²)) ‖ N(0, I)), nats. */
export const kl = (mu, sigma) => sum(mu.map((m, j) => 0.5 * (m ** 2 + sigma[j] ** 2 - 1) - Math.log(sigma[j])));
