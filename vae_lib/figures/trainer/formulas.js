// A VAE with one latent on points of the plane: its weights, its loss with the gradient, and Adam.
import { affine, encode, kl, relu } from "../base/small-vae.js";

export const HIDDEN = 16;
export const LOG_2PI = Math.log(2 * Math.PI);

let last = {};

/** Where each weight starts in the flat parameters, in the order of `VAE.parameters()`: 9 H + 5 numbers. */
export function layout(length) {
  if (last.length === length) return last;
  const H = (length - 5) / 9;
  const sizes = { W1: 2 * H, b1: H, W2: 2 * H, b2: 2, logNoise: 1, W3: H, b3: H, W4: 2 * H, b4: 2 };
  let at = 0;
  last = { length, H };
  for (const [name, size] of Object.entries(sizes)) {
    last[name] = at;
    at += size;
  }
  return last;
}

/** Both networks as the small VAE's layers, and the decoder's σ_x. */
export function networks(params) {
  const { H, W1, b1, W2, b2, W3, b3, W4, b4, logNoise } = layout(params.length);
  const rows = (at, count, size) =>
    Array.from({ length: count }, (_, i) => params.slice(at + i * size, at + (i + 1) * size));
  const layer = (weight, bias, count, size) => [rows(weight, count, size), params.slice(bias, bias + count)];
  const encoder = [layer(W1, b1, H, 2), layer(W2, b2, 2, H)];
  const decoder = [layer(W3, b3, H, 1), layer(W4, b4, 2, H)];
  return { encoder, decoder, noiseStd: Math.exp(params[logNoise]) };
}

/** Fresh parameters: N(0, 1/(3 · inputs)), the variance of torch's own start; log noise_std = 0. `normal()` draws. */
export function fresh(normal, H = HIDDEN) {
  const inputs = [
    [3 * H, 2],
    [2 * H + 2, H],
    [1, Infinity],
    [2 * H, 1],
    [2 * H + 2, H],
  ];
  const draw = (fanIn) => (fanIn < Infinity ? normal() / Math.sqrt(3 * fanIn) : 0);
  return inputs.flatMap(([count, fanIn]) => Array.from({ length: count }, () => draw(fanIn)));
}

/** The loss −(reconstruction − β KL), its two terms (means over the batch, nats a point) and its gradient.
 *
 * `x` is [x0, x1, x0, x1, …], `eps` one number a point; the gradient is written into `gradient`. */
export function lossAndGradient(params, x, eps, beta, gradient = Array(params.length).fill(0)) {
  const at = layout(params.length);
  const { encoder, decoder, noiseStd } = networks(params);
  const precision = noiseStd ** -2;
  const N = eps.length;
  let [reconstruction, klSum] = [0, 0];
  gradient.fill(0);
  for (let n = 0; n < N; n++) {
    const point = [x[2 * n], x[2 * n + 1]];
    const a = affine(encoder[0], point);
    const code = affine(encoder[1], a.map(relu));
    const [mu, logVar] = [code[0], code[1]];
    const sigma = Math.exp(0.5 * logVar);
    const z = [mu + sigma * eps[n]];
    const b = affine(decoder[0], z);
    const f = affine(decoder[1], b.map(relu));
    const [d0, d1] = [f[0] - point[0], f[1] - point[1]];
    const squared = d0 ** 2 + d1 ** 2;
    reconstruction -= 0.5 * precision * squared + 2 * params[at.logNoise] + LOG_2PI;
    klSum += kl([mu], [sigma]);
    // The backward pass, from f to z and on to the first weights: equations (5.1) to (5.4).
    gradient[at.logNoise] += 2 - precision * squared;
    const dz = backward(gradient, decoder, [at.W3, at.b3, at.W4, at.b4], z, b, precision * d0, precision * d1)[0];
    const dLogVar = 0.5 * sigma * eps[n] * dz + 0.5 * beta * Math.expm1(logVar);
    backward(gradient, encoder, [at.W1, at.b1, at.W2, at.b2], point, a, dz + beta * mu, dLogVar);
  }
  for (let i = 0; i < gradient.length; i++) gradient[i] /= N;
  return { loss: (beta * klSum - reconstruction) / N, reconstruction: reconstruction / N, kl: klSum / N, gradient };
}

/** Through a network of two layers, backwards: from the derivatives by its two outputs, `d0` and `d1`, to those by its
 * weights, which are added to `gradient`, and by its input, which are returned. `a` is what came before the ReLU. */
function backward(gradient, layers, [W1, b1, W2, b2], input, a, d0, d1) {
  const [first, second0, second1] = [layers[0][0], layers[1][0][0], layers[1][0][1]];
  const [H, size] = [a.length, input.length];
  const dInput = [0, 0];
  gradient[b2] += d0;
  gradient[b2 + 1] += d1;
  for (let i = 0; i < H; i++) {
    if (a[i] <= 0) continue;
    gradient[W2 + i] += d0 * a[i];
    gradient[W2 + H + i] += d1 * a[i];
    const da = d0 * second0[i] + d1 * second1[i];
    gradient[b1 + i] += da;
    for (let j = 0; j < size; j++) {
      gradient[W1 + size * i + j] += da * input[j];
      dInput[j] += da * first[i][j];
    }
  }
  return dInput;
}

/** One step of Adam, in place: `state` holds params, m, v and the number t of steps taken. */
export function adam(state, gradient, lr, [beta1, beta2] = [0.9, 0.999]) {
  const { params, m, v } = state;
  state.t += 1;
  const [rate, root] = [lr / (1 - beta1 ** state.t), Math.sqrt(1 - beta2 ** state.t)];
  for (let i = 0; i < params.length; i++) {
    m[i] += (1 - beta1) * (gradient[i] - m[i]);
    v[i] = beta2 * v[i] + (1 - beta2) * gradient[i] ** 2;
    params[i] -= (rate * m[i]) / (Math.sqrt(v[i]) / root + 1e-8);
  }
  return state;
}

/** Before the first step. */
export const untrained = (params) => ({ params, m: params.map(() => 0), v: params.map(() => 0), t: 0 });

/** One step for each row of `noises`, each on the whole data x with its own ε a point. */
export function train(state, x, noises, lr, beta, gradient = Array(state.params.length).fill(0)) {
  for (const eps of noises) adam(state, lossAndGradient(state.params, x, eps, beta, gradient).gradient, lr);
  return state;
}

/** The μ and σ of q(z|x) for each point of x. */
export const codesOf = (encoder, x) =>
  Array.from({ length: x.length / 2 }, (_, n) => {
    const { mu, sigma } = encode(encoder, [x[2 * n], x[2 * n + 1]]);
    return { mu: mu[0], sigma: sigma[0] };
  });
