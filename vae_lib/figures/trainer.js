// Chapter 5: a VAE with one latent dimension is trained in the page on points of the plane; its ELBO and log p(x) are exact.
import { button, choice, clamp, density, format, html, noise, normalCdf, oncePerFrame, path, place, scale, slider, svg } from "./base.js";

const HIDDEN = 16;
const LOG_2PI = Math.log(2 * Math.PI);
const FAR = 12; // standard deviations: 4e-33 of a Gaussian's mass lies beyond

let lastLayout = {};

/** Where each weight starts in the flat parameters, in the order of `VAE.parameters()`: 9 H + 5 numbers. */
export function layout(length) {
  if (lastLayout.length === length) return lastLayout;
  const H = (length - 5) / 9;
  const sizes = { W1: 2 * H, b1: H, W2: 2 * H, b2: 2, logNoise: 1, W3: H, b3: H, W4: 2 * H, b4: 2 };
  let at = 0;
  lastLayout = { length, H };
  for (const [name, size] of Object.entries(sizes)) lastLayout[name] = (at += size) - size;
  return lastLayout;
}

/** Fresh parameters: N(0, 1/(3 · inputs)), the variance of torch's own start; log noise_std = 0. `normal()` draws. */
export function fresh(normal, H = HIDDEN) {
  const inputs = [[3 * H, 2], [2 * H + 2, H], [1, Infinity], [2 * H, 1], [2 * H + 2, H]];
  return Float64Array.from(inputs.flatMap(([count, fanIn]) => Array.from({ length: count }, () => (fanIn < Infinity ? normal() / Math.sqrt(3 * fanIn) : 0))));
}

/** KL(N(μ, e^logVar) ‖ N(0, 1)), nats; accurate near 0. */
export const kl = (mu, logVar) => 0.5 * (mu * mu + Math.expm1(logVar) - logVar);

/** [μ, log σ²] of q(z|x) for one x = (x0, x1). */
export function encode(params, x0, x1, at = layout(params.length)) {
  let [mu, logVar] = [params[at.b2], params[at.b2 + 1]];
  for (let i = 0; i < at.H; i++) {
    const h = Math.max(0, params[at.W1 + 2 * i] * x0 + params[at.W1 + 2 * i + 1] * x1 + params[at.b1 + i]);
    mu += params[at.W2 + i] * h;
    logVar += params[at.W2 + at.H + i] * h;
  }
  return [mu, logVar];
}

/** The mean of p(x|z), a point of the plane. */
export function decode(params, z, at = layout(params.length)) {
  let [f0, f1] = [params[at.b4], params[at.b4 + 1]];
  for (let i = 0; i < at.H; i++) {
    const h = Math.max(0, params[at.W3 + i] * z + params[at.b3 + i]);
    f0 += params[at.W4 + i] * h;
    f1 += params[at.W4 + at.H + i] * h;
  }
  return [f0, f1];
}

/**
 * The loss −(reconstruction − β KL), its two terms (means over the batch, nats a point) and its gradient.
 * `x` is [x0, x1, x0, x1, …], `eps` one number a point; the gradient is written into `gradient`.
 */
export function lossAndGradient(params, x, eps, beta, gradient = Array(params.length).fill(0)) {
  const at = layout(params.length);
  const { H, W1, b1, W2, b2, W3, b3, W4, b4, logNoise } = at;
  const precision = Math.exp(-2 * params[logNoise]);
  const hidden = new Float64Array(H);
  let [reconstruction, klSum] = [0, 0];
  gradient.fill(0);
  for (let n = 0; n < eps.length; n++) {
    const [x0, x1] = [x[2 * n], x[2 * n + 1]];
    const [mu, logVar] = encode(params, x0, x1, at);
    const sigma = Math.exp(0.5 * logVar);
    const z = mu + sigma * eps[n];
    const [f0, f1] = decode(params, z, at);
    const squared = (x0 - f0) ** 2 + (x1 - f1) ** 2;
    reconstruction -= 0.5 * precision * squared + 2 * params[logNoise] + LOG_2PI;
    klSum += kl(mu, logVar);
    // the backward pass, from f to z and on to the first weights: equations (5.1) to (5.4)
    const [df0, df1] = [precision * (f0 - x0), precision * (f1 - x1)];
    let dz = 0;
    gradient[logNoise] += 2 - precision * squared;
    gradient[b4] += df0;
    gradient[b4 + 1] += df1;
    for (let i = 0; i < H; i++) {
      const a = params[W3 + i] * z + params[b3 + i];
      if (a <= 0) continue;
      gradient[W4 + i] += df0 * a;
      gradient[W4 + H + i] += df1 * a;
      const da = df0 * params[W4 + i] + df1 * params[W4 + H + i];
      gradient[W3 + i] += da * z;
      gradient[b3 + i] += da;
      dz += da * params[W3 + i];
    }
    const dMu = dz + beta * mu;
    const dLogVar = 0.5 * sigma * eps[n] * dz + 0.5 * beta * Math.expm1(logVar);
    gradient[b2] += dMu;
    gradient[b2 + 1] += dLogVar;
    for (let i = 0; i < H; i++) {
      const a = params[W1 + 2 * i] * x0 + params[W1 + 2 * i + 1] * x1 + params[b1 + i];
      if (a <= 0) continue;
      gradient[W2 + i] += dMu * a;
      gradient[W2 + H + i] += dLogVar * a;
      const da = dMu * params[W2 + i] + dLogVar * params[W2 + H + i];
      gradient[W1 + 2 * i] += da * x0;
      gradient[W1 + 2 * i + 1] += da * x1;
      gradient[b1 + i] += da;
    }
  }
  const N = eps.length;
  for (let i = 0; i < gradient.length; i++) gradient[i] /= N;
  return { loss: (beta * klSum - reconstruction) / N, reconstruction: reconstruction / N, kl: klSum / N, gradient };
}

/** One step of Adam, in place: `state` holds params, m, v and the number t of steps taken. */
export function adam(state, gradient, lr, [beta1, beta2] = [0.9, 0.999]) {
  const { params, m, v } = state;
  const t = (state.t += 1);
  const [rate, root] = [lr / (1 - beta1 ** t), Math.sqrt(1 - beta2 ** t)];
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

/** A z between two kinks, either of which may be infinite. */
function between(from, to) {
  if (from === -Infinity) return to === Infinity ? 0 : to - 1;
  return to === Infinity ? from + 1 : (from + to) / 2;
}

/** The decoder's mean is linear between the kinks of its ReLUs: on `from` < z < `to` it is (a0 + b0 z, a1 + b1 z), exactly. */
export function pieces(params) {
  const { H, W3, b3, W4, b4 } = layout(params.length);
  const kinks = Array.from({ length: H }, (_, i) => -params[b3 + i] / params[W3 + i]).filter(Number.isFinite);
  const ends = [-Infinity, ...kinks.sort((left, right) => left - right), Infinity];
  return ends.slice(1).map((to, k) => {
    const piece = { from: ends[k], to, a0: params[b4], a1: params[b4 + 1], b0: 0, b1: 0 };
    const z = between(ends[k], to);
    for (let i = 0; i < H; i++) {
      if (params[W3 + i] * z + params[b3 + i] <= 0) continue;
      piece.a0 += params[W4 + i] * params[b3 + i];
      piece.a1 += params[W4 + H + i] * params[b3 + i];
      piece.b0 += params[W4 + i] * params[W3 + i];
      piece.b1 += params[W4 + H + i] * params[W3 + i];
    }
    return piece;
  });
}

/** e^(r²/2) P(ε > r) for r of at least 3: a continued fraction. */
function tail(r) {
  let fraction = r;
  for (let n = 25; n > 0; n--) fraction = r + n / fraction;
  return 1 / (fraction * Math.sqrt(2 * Math.PI));
}

/** P(ε < r) for ε ~ N(0, 1): base's series near 0, where it is short, and the continued fraction further out. */
function below(r) {
  if (Math.abs(r) < 3) return normalCdf(r);
  const beyond = Math.abs(r) > FAR ? 0 : tail(Math.abs(r)) * Math.exp(-0.5 * r * r);
  return r > 0 ? 1 - beyond : beyond;
}

/** log P(low < ε < high) for ε ~ N(0, 1), also far out. */
export function logMass(low, high) {
  if (low + high > 0) return logMass(-high, -low);
  if (high > -3) return Math.log(Math.max(0, below(high) - below(low)));
  return Math.log(Math.max(0, tail(-high) - tail(-low) * Math.exp(0.5 * (high * high - low * low)))) - 0.5 * high * high;
}

/** log p(x) = log ∫ p(x|z) p(z) dz, nats, in closed form: on each piece a linear-Gaussian model, cut off at its ends. */
export function logEvidence(line, noiseStd, x0, x1) {
  const variance = noiseStd * noiseStd;
  let [highest, sum] = [-Infinity, 0];
  for (const { from, to, a0, a1, b0, b1 } of line) {
    const precision = 1 + (b0 * b0 + b1 * b1) / variance; // of z given x, were this piece the whole line
    const mean = (b0 * (x0 - a0) + b1 * (x1 - a1)) / (variance * precision);
    const squared = ((x0 - a0) ** 2 + (x1 - a1) ** 2) / variance - precision * mean * mean;
    const root = Math.sqrt(precision);
    const most = -0.5 * squared - Math.log(root); // a mass is at most 1
    if (most < highest - 40) continue;
    const log = most + logMass(root * (from - mean), root * (to - mean));
    if (log > highest) [sum, highest] = [sum * Math.exp(highest - log) + 1, log];
    else if (log > -Infinity) sum += Math.exp(log - highest);
  }
  return highest + Math.log(sum) - 2 * Math.log(noiseStd) - LOG_2PI;
}

/** E_q[log p(x|z)], nats, in closed form: on each piece the moments of a Gaussian cut off at its ends. */
export function expectedReconstruction(line, noiseStd, x0, x1, mu, sigma) {
  let [squared, low, under, flank] = [0, -FAR, 0, 0];
  for (const { to, a0, a1, b0, b1 } of line) {
    const high = clamp((to - mu) / sigma, -FAR, FAR);
    if (high === low) continue;
    const [nextUnder, nextFlank] = [below(high), density(high)];
    const mass = nextUnder - under;
    const [first, second] = [flank - nextFlank, mass + low * flank - high * nextFlank]; // E[ε], E[ε²] on this piece
    const [c0, c1, d0, d1] = [x0 - a0 - b0 * mu, x1 - a1 - b1 * mu, b0 * sigma, b1 * sigma]; // x − f(z) = c − d ε
    squared += (c0 * c0 + c1 * c1) * mass - 2 * (c0 * d0 + c1 * d1) * first + (d0 * d0 + d1 * d1) * second;
    [low, under, flank] = [high, nextUnder, nextFlank];
  }
  return -0.5 * squared / noiseStd ** 2 - 2 * Math.log(noiseStd) - LOG_2PI;
}

/** The exact terms of one x: reconstruction, kl, elbo, logEvidence, gap, all in nats. */
export function termsOf(params, x0, x1, line = pieces(params)) {
  const noiseStd = Math.exp(params[layout(params.length).logNoise]);
  const [mu, logVar] = encode(params, x0, x1);
  const reconstruction = expectedReconstruction(line, noiseStd, x0, x1, mu, Math.exp(0.5 * logVar));
  const [evidence, divergence] = [logEvidence(line, noiseStd, x0, x1), kl(mu, logVar)];
  const elbo = reconstruction - divergence;
  return { reconstruction, kl: divergence, elbo, logEvidence: evidence, gap: evidence - elbo };
}

/** Their means over the data x. */
export function means(params, x) {
  const line = pieces(params);
  const total = { reconstruction: 0, kl: 0, elbo: 0, logEvidence: 0, gap: 0 };
  const names = Object.keys(total);
  for (let n = 0; n < x.length; n += 2) {
    const terms = termsOf(params, x[n], x[n + 1], line);
    for (const name of names) total[name] += (2 * terms[name]) / x.length;
  }
  return total;
}

/** The best ELBO without a latent: log p(x) of the Gaussian N(x̄, s² I) that fits the data best, its mean over the data. */
export function withoutLatent(x) {
  const N = x.length / 2;
  const mean = [0, 1].map((j) => x.reduce((sum, value, i) => sum + (i % 2 === j ? value : 0), 0) / N);
  const variance = x.reduce((sum, value, i) => sum + (value - mean[i % 2]) ** 2, 0) / (2 * N);
  return -(LOG_2PI + Math.log(variance) + 1);
}

/** The share of q's mass, averaged over the data, in each bin between `edges`, as a density. */
export function aggregate(params, x, edges) {
  const heights = Array(edges.length - 1).fill(0);
  for (let n = 0; n < x.length; n += 2) {
    const [mu, logVar] = encode(params, x[n], x[n + 1]);
    const sigma = Math.exp(0.5 * logVar);
    let [under, k] = [0, 0];
    for (; k < heights.length && edges[k + 1] < mu - 9 * sigma; k++);
    if (k === 0) under = below((edges[0] - mu) / sigma);
    for (; k < heights.length && under < 1; k++) {
      const nextUnder = below((edges[k + 1] - mu) / sigma);
      heights[k] += ((nextUnder - under) * 2) / (x.length * (edges[k + 1] - edges[k]));
      under = nextUnder;
    }
  }
  return heights;
}

/** The mean of z² under all q together; under the prior it is 1. */
export function secondMoment(params, x) {
  let sum = 0;
  for (let n = 0; n < x.length; n += 2) {
    const [mu, logVar] = encode(params, x[n], x[n + 1]);
    sum += (2 * (mu * mu + Math.exp(logVar))) / x.length;
  }
  return sum;
}

/** A record of a training: at most `most` rows of numbers; when it is full, every other row is dropped. */
export function history(most = 400) {
  let rows = [];
  return {
    rows: () => rows,
    add: (row) => {
      if (rows.length >= most) rows = rows.filter((_, i) => i % 2 === 0);
      rows.push(row);
    },
  };
}

/** The end of an axis that starts at 0: the first of 500, 1000, 2000, 4000, … that holds `steps`. */
export function reach(steps) {
  let end = 500;
  while (end < steps) end *= 2;
  return end;
}

export const RATES = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1];
export const BETAS = Array.from({ length: 11 }, (_, i) => 2 ** (i - 4));
const START = { data: "arc", rate: 3, beta: 4, seed: 1, chosen: 32 };
const STEPS = 4; // a frame
const Z = Array.from({ length: 321 }, (_, i) => -4 + i / 40);
const EDGES = Array.from({ length: 65 }, (_, i) => -4 + i / 8);
const STYLE = `
.row { display: flex; flex-wrap: wrap; gap: 0.5rem 1rem; align-items: center; margin: 0.5rem 0; }
.row button:first-child { min-width: 5.5rem; font-weight: 700; border-color: var(--ink); }
.halo { paint-order: stroke; stroke: var(--ground); stroke-width: 4px; stroke-linejoin: round; }
.plane { cursor: crosshair; }
.slider { grid-template-columns: 6rem 1fr 3.5rem; }
.panels { align-items: start; }
th[scope=row] { white-space: nowrap; }
`;
const stroke = (colour, width, dash) => ({ fill: "none", stroke: `var(--${colour})`, "stroke-width": width, "stroke-linejoin": "round", "stroke-dasharray": dash ?? "none" });
const label = (x, y, text, colour = "ink", anchor = "start") => svg("text", { x, y, "text-anchor": anchor, style: `fill: var(--${colour})` }, text);
const picture = (height, name, ...parts) => svg("svg", { viewBox: `0 0 400 ${height}`, role: "img", "aria-label": name }, ...parts);
/** A part of a picture that is cut off at its frame. */
const cutOut = ([left, top, width, height], ...parts) =>
  svg("svg", { x: left, y: top, width, height, viewBox: `${left} ${top} ${width} ${height}`, style: `overflow: hidden; width: ${width}px; height: ${height}px` }, ...parts);

/** A line of the key: a stroke as it is drawn, and its name. */
const key = (x, y, text, colour, width, dash) => svg("g", {}, svg("path", { d: `M${x},${y - 5}h26`, ...stroke(colour, width, dash) }), label(x + 32, y, text, colour));

/** A number of the interface: at most three digits that count. */
const short = (value) => String(Number(value.toPrecision(3))).replace("-", "−");

/** A slider over a list of values, which need not be evenly spaced. */
function listSlider(name, values, index, change) {
  const input = html("input", { type: "range", min: 0, max: values.length - 1, step: 1, value: index, input: () => (show(), change(Number(input.value))) });
  const output = html("output");
  const show = () => {
    output.textContent = short(values[input.value]);
    input.setAttribute("aria-valuetext", output.textContent);
  };
  show();
  return html("label", { class: "slider" }, html("span", {}, name), input, output);
}

/** The plane: the data, the decoder's line with its band of σ_x, and one x with its q. `choose(n)` is told of a click. */
function plane(choose) {
  const [x, y] = [scale([-2.7, 2.7], [24, 398]), scale([-2.7, 2.7], [376, 2])];
  const unit = x(1) - x(0);
  const points = svg("g", { style: "fill: var(--data)" });
  const [band, line, q, arm] = [stroke("decoder", 1), stroke("decoder", 2.5), stroke("q", 6), stroke("ink", 1.3, "3 3")].map((style) => svg("path", style));
  place(band, { "stroke-opacity": 0.22, "stroke-linecap": "round" });
  place(q, { "stroke-opacity": 0.75, "stroke-linecap": "round" });
  const ring = svg("circle", { r: 6.5, ...stroke("ink", 2) });
  const ticks = [0, -2, 2, -1, 1].map((z) => ({
    z, dot: svg("circle", { r: 3.5, style: "fill: var(--decoder)" }), name: svg("text", { class: "halo", style: "fill: var(--decoder)" }, format(z, 0)),
  }));
  const surface = svg("rect", { x: 24, y: 2, width: 374, height: 374, fill: "transparent", class: "plane" });
  const node = picture(412, "The plane of the data: the points x, the decoder's line with its band of noise, and one x with its q",
    svg("path", { d: "M24,2V376H398", ...stroke("ink", 1) }),
    ...[-2, -1, 0, 1, 2].flatMap((tick) => [label(x(tick), 392, format(tick, 0), "ink", "middle"), label(19, y(tick) + 5, format(tick, 0), "ink", "end")]),
    label(x(0), 410, "x₁", "ink", "middle"), label(0, y(0.5) + 5, "x₂"),
    cutOut([24, 2, 374, 374], band, points, line, q, arm, ...ticks.flatMap(({ dot, name }) => [dot, name]), ring, surface));
  let data = [];
  surface.addEventListener("click", (event) => {
    const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(node.getScreenCTM().inverse());
    const far = (n) => (x(data[2 * n]) - at.x) ** 2 + (y(data[2 * n + 1]) - at.y) ** 2;
    choose(data.reduce((best, _, n) => (2 * n < data.length && far(n) < far(best) ? n : best), 0));
  });

  function show(values) {
    data = values;
    points.replaceChildren(...Array.from({ length: data.length / 2 }, (_, n) => svg("circle", { r: 3, cx: x(data[2 * n]).toFixed(1), cy: y(data[2 * n + 1]).toFixed(1) })));
  }

  function draw({ params, noiseStd, mu, sigma, chosen }) {
    const at = layout(params.length);
    const on = (z) => {
      const [f0, f1] = decode(params, z, at);
      return [clamp(x(f0), -4000, 4000), clamp(y(f1), -4000, 4000)];
    };
    const along = (from, to, count) => path(Array.from({ length: count + 1 }, (_, i) => on(from + ((to - from) * i) / count)));
    const whole = along(-3, 3, 240);
    place(line, { d: whole });
    place(band, { d: whole, "stroke-width": 2 * noiseStd * unit });
    place(q, { d: along(mu - sigma, mu + sigma, 30) });
    const shown = [];
    for (const { z, dot, name } of ticks) {
      const [cx, cy] = on(z);
      const free = shown.every(([px, py]) => Math.hypot(px - cx, py - cy) > 24);
      if (free) shown.push([cx, cy]);
      place(dot, { cx, cy });
      place(name, { x: cx + 7, y: cy - 6, visibility: free ? "visible" : "hidden" });
    }
    const [px, py, [fx, fy]] = [x(data[2 * chosen]), y(data[2 * chosen + 1]), on(mu)];
    place(ring, { cx: px, cy: py });
    place(arm, { d: path([[px, py], [fx, fy]]) });
  }
  return { node, show, draw };
}

/** The latent line: above all q's together against the prior, below one q against its true posterior. */
function latents() {
  const z = scale([-4, 4], [6, 394]);
  const [first, second] = [118, 248];
  const curve = (values, bottom, height, most) => path(Z.map((at, i) => [z(at), bottom - (height * values[i]) / most]));
  const prior = svg("path", stroke("prior", 2, "6 4"));
  const [all, rug, one] = [stroke("q", 1.5), stroke("q", 1), stroke("q", 2.5, "9 3 2 3")].map((style) => svg("path", style));
  place(all, { style: "fill: var(--q); fill-opacity: 0.2" });
  const posterior = svg("path", stroke("posterior", 2));
  const node = picture(290, "The latent line: above, the q of all points together and the prior; below, the q of one x and its true posterior",
    all, prior, rug, svg("path", { d: `M6,${first}H394M6,${second}H394`, ...stroke("ink", 1) }), posterior, one,
    key(6, 16, "q of all points together", "q", 1.5), key(232, 16, "prior", "prior", 2, "6 4"),
    key(6, 158, "q of the ringed x", "q", 2.5, "9 3 2 3"), key(232, 158, "true posterior", "posterior", 2),
    ...[-4, -3, -2, -1, 0, 1, 2, 3, 4].map((tick) => label(clamp(z(tick), 10, 390), second + 18, format(tick, 0), "ink", "middle")), label(z(0), second + 36, "latent z", "ink", "middle"));

  function draw({ params, x, noiseStd, mu, sigma, chosen, terms }) {
    const heights = aggregate(params, x, EDGES);
    const most = Math.max(0.45, ...heights);
    const y = (value) => first - (92 * value) / most;
    place(all, { d: `M${z(-4)},${first}${heights.map((value, k) => `V${y(value).toFixed(1)}H${z(EDGES[k + 1]).toFixed(1)}`).join("")}V${first}` });
    place(prior, { d: curve(Z.map(density), first, 92, most) });
    place(rug, { d: Array.from({ length: x.length / 2 }, (_, n) => `M${z(clamp(encode(params, x[2 * n], x[2 * n + 1])[0], -4, 4)).toFixed(1)},${first}v9`).join("") });
    const at = layout(params.length);
    const constant = -2 * Math.log(noiseStd) - LOG_2PI - terms.logEvidence;
    const posteriorAt = (value) => {
      const [f0, f1] = decode(params, value, at);
      return density(value) * Math.exp(constant - 0.5 * ((x[2 * chosen] - f0) ** 2 + (x[2 * chosen + 1] - f1) ** 2) / noiseStd ** 2);
    };
    const densities = [Z.map((value) => density((value - mu) / sigma) / sigma), Z.map(posteriorAt)];
    const peak = Math.max(0.45, ...densities[0], ...densities[1]);
    [one, posterior].forEach((shape, k) => place(shape, { d: curve(densities[k], second, 78, peak) }));
  }
  return { node, draw };
}

/** Curves over the steps: `lines` are [name, colour, width, dash]; the first two may enclose a shaded band. */
function curves(height, name, lines, keys, shade) {
  const [left, right, top, bottom] = [34, 394, 46, height - 40];
  const shapes = lines.map(([, ...style]) => svg("path", stroke(...style)));
  const tips = lines.map(([, colour]) => svg("circle", { r: 3.5, style: `fill: var(--${colour})` }));
  const level = svg("path", stroke("data", 1.5, "1 3"));
  const area = svg("path", { style: `fill: var(--${shade ?? "ground"}); fill-opacity: ${shade ? 0.35 : 0}` });
  const marks = svg("path", stroke("data", 1, "2 3"));
  const [frame, changes] = [svg("g"), svg("g")];
  const node = picture(height, name, frame, marks, level, cutOut([left, top - 4, right - left + 4, bottom - top + 4], area, ...shapes, ...tips), changes,
    ...keys.map(([x, y, i]) => key(x, y, ...lines[i])), shade && svg("g", {}, svg("rect", { x: 34, y: 24, width: 26, height: 10, style: `fill: var(--${shade}); fill-opacity: 0.35` }), label(66, 34, "gap", shade), key(236, 16, "best without z", "data", 1.5, "1 3")));
  let drawn = "";

  function axes(x, y, end, [low, high]) {
    if (drawn === `${end} ${low} ${high}`) return;
    drawn = `${end} ${low} ${high}`;
    const whole = Array.from({ length: high - low + 1 }, (_, i) => low + i);
    frame.replaceChildren(
      svg("path", { d: `M${left},${top}V${bottom}H${right}`, ...stroke("ink", 1) }), label(4, 14, "nats"),
      ...whole.filter((tick) => tick % Math.ceil(whole.length / 6) === 0).map((tick) => label(left - 6, y(tick) + 5, format(tick, 0), "ink", "end")),
      ...[0, end / 2, end].map((tick, i) => label(x(tick), bottom + 18, String(tick), "ink", ["start", "middle", "end"][i])),
      label(x(end / 2), bottom + 35, "step", "ink", "middle"));
  }

  /** `columns` are one list of values a line, over the steps `t`; `floor` is the best ELBO without a latent: two nats below it the picture ends. */
  function draw(t, columns, changed, floor) {
    const every = [floor, ...columns.flat()];
    const range = [Math.floor(Math.max(Math.min(...every), floor - 2)), Math.ceil(Math.max(...every))];
    const end = reach(t[t.length - 1]);
    const [x, y] = [scale([0, end], [left, right]), scale(range, [bottom, top])];
    axes(x, y, end, range);
    const points = (values) => values.map((value, i) => [x(t[i]), y(value)]);
    shapes.forEach((shape, k) => place(shape, { d: path(points(columns[k])) }));
    tips.forEach((tip, k) => place(tip, { cx: x(t.at(-1)), cy: y(columns[k].at(-1)) }));
    if (shade) place(level, { d: `M${left},${y(floor)}H${right}` });
    if (shade) place(area, { d: `${path([...points(columns[0]), ...points(columns[1]).reverse()])}Z` });
    place(marks, { d: changed.map(({ t: at }) => `M${x(at).toFixed(1)},${top}V${bottom}`).join("") });
    const room = changed.filter(({ t: at }, i) => i + 1 === changed.length || x(changed[i + 1].t) - x(at) > 58);
    changes.replaceChildren(...room.map(({ t: at, text }) => svg("text", { class: "halo", x: x(at) + (x(at) > right - 60 ? -4 : 4), y: bottom - 6, "text-anchor": x(at) > right - 60 ? "end" : "start" }, text)));
  }
  return { node, draw };
}

/** The numbers, in a table and three sentences. */
function reading() {
  const names = { elbo: "ELBO", gap: "+ gap", logEvidence: "= log p(x)", reconstruction: "reconstruction", kl: "KL" };
  const cells = Object.fromEntries(Object.keys(names).map((name) => [name, [html("td"), html("td")]]));
  const head = ["nats", "all points", "ringed x"].map((text, i) => html("th", { scope: "col", style: i ? "text-align: right" : "" }, text));
  const table = html("table", {}, html("thead", {}, html("tr", {}, ...head)),
    html("tbody", {}, ...Object.entries(names).map(([name, text]) => html("tr", {}, html("th", { scope: "row" }, text), ...cells[name]))));
  const [widths, trained] = [html("p"), html("p")];
  const [noiseNow, rest] = [html("span"), html("span")];
  widths.append("The decoder's noise σ", html("sub", {}, "x"), noiseNow, rest);
  const status = html("p", { role: "status" });

  function draw({ mean, terms, noiseStd, mu, sigma, beta, secondMoment }) {
    Object.entries(cells).forEach(([name, pair]) => [mean, terms].forEach((found, k) => (pair[k].textContent = format(found[name], name === "kl" ? 3 : 2))));
    noiseNow.textContent = ` is ${format(noiseStd)}; `;
    rest.textContent = `the mean of z² under q is ${format(secondMoment)} (under the prior: 1). Of the ringed x, μ is ${format(mu)} and σ is ${format(sigma)}.`;
    const objective = mean.reconstruction - beta * mean.kl;
    trained.textContent = beta === 1 ? "β = 1: what is trained is the ELBO." :
      `What is trained is the β-objective, reconstruction − ${short(beta)} KL = ${format(objective)}${objective > mean.logEvidence ? ", which is above log p(x): no bound" : ""}. The curves show the ELBO, with β = 1, all the same.`;
  }
  return { table, widths, trained, status, draw };
}

/** Call `frame` in each frame at which `root` is in sight, at most some 60 times a second; `stop()` ends it. */
function clock(root, frame) {
  let [running, inSight, last] = [false, true, 0];
  new IntersectionObserver((seen) => (inSight = seen.at(-1).isIntersecting)).observe(root);
  const tick = (now) => {
    if (!running) return;
    requestAnimationFrame(tick);
    if (!inSight || now - last < 12) return;
    last = now;
    frame();
  };
  return {
    running: () => running,
    stop: () => (running = false),
    start: () => running || ((running = true), requestAnimationFrame(tick)),
  };
}

export function render(root, data) {
  const state = { ...START };
  const [flat, line, text] = [plane((chosen) => set({ chosen })), latents(), reading()];
  const bound = curves(226, "The ELBO and log p of x over the steps, and the best ELBO without a latent",
    [["ELBO", "ink", 2.5], ["log p(x)", "ink", 1.5, "5 3"]], [[104, 16, 0], [104, 34, 1]], "gap");
  const terms = curves(200, "The two terms of the ELBO over the steps", [["reconstruction", "decoder", 2, "7 3"], ["KL", "kl", 2.5]], [[104, 16, 0], [104, 34, 1]]);
  const count = data.arc.length / 2;
  const noises = Array.from({ length: STEPS }, () => new Float64Array(count));
  const gradient = new Float64Array(9 * HIDDEN + 5);
  const ringSlider = slider("ringed x", { min: 1, max: count, step: 1, value: state.chosen + 1, digits: 0 }, (n) => set({ chosen: n - 1 }));
  const play = button("start", () => (loop.running() ? pause() : run()));
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  let [x, training, normal, past, changed, frames] = [];

  function reset() {
    rest("Nothing has been trained yet.");
    normal = noise(state.seed);
    [x, training, past, changed, frames] = [Float64Array.from(data[state.data]), untrained(fresh(normal)), history(), [], 0];
    flat.show(x);
    record();
  }

  function record() {
    past.add({ t: training.t, ...means(training.params, x) });
  }

  function advance(steps) {
    const drawn = noises.slice(0, steps);
    for (const eps of drawn) for (let n = 0; n < count; n++) eps[n] = normal();
    train(training, x, drawn, RATES[state.rate], BETAS[state.beta], gradient);
    record();
  }

  function run() {
    play.textContent = "pause";
    text.status.textContent = `Training, ${STEPS} steps a frame.`;
    loop.start();
  }

  function rest(message) {
    loop.stop();
    play.textContent = "start";
    text.status.textContent = message;
    redraw();
  }

  const pause = () => rest(`Paused after ${training.t} steps.`);

  function one() {
    loop.stop();
    advance(1);
    pause();
  }

  /** A setting of the training changes while it goes on: the curves get a mark. */
  function turn(change, name) {
    set(change);
    changed = changed.filter(({ t, text }) => t !== training.t || text[0] !== name[0]);
    if (training.t) changed.push({ t: training.t, text: name });
  }

  function set(change) {
    Object.assign(state, change);
    ringSlider.set(state.chosen + 1);
    redraw();
  }

  function draw() {
    const { params } = training;
    const [x0, x1, noiseStd] = [x[2 * state.chosen], x[2 * state.chosen + 1], Math.exp(params[layout(params.length).logNoise])];
    const [mu, logVar] = encode(params, x0, x1);
    const rows = past.rows();
    const now = { params, x, noiseStd, mu, sigma: Math.exp(0.5 * logVar), chosen: state.chosen, beta: BETAS[state.beta], mean: rows.at(-1), terms: termsOf(params, x0, x1), secondMoment: secondMoment(params, x) };
    const columns = (names) => names.map((name) => rows.map((row) => row[name]));
    const t = rows.map((row) => row.t);
    const floor = withoutLatent(x);
    [flat, line, text].forEach((part) => part.draw(now));
    bound.draw(t, columns(["elbo", "logEvidence"]), changed, floor);
    terms.draw(t, columns(["reconstruction", "kl"]), changed, floor);
    steps.textContent = `step ${training.t}`;
  }

  const steps = html("span");
  const redraw = oncePerFrame(draw);
  const loop = clock(root, () => {
    advance(STEPS);
    if (!calm.matches || ++frames % 15 === 0) draw();
  });
  const restart = (change) => (Object.assign(state, change), reset());
  reset();
  draw();
  root.append(html("style", {}, STYLE),
    html("div", { class: "row" }, play, button("step", one), button("reset", reset), steps,
      choice("data", [["arc", "an arc"], ["ring", "a ring"], ["moons", "two moons"], ["cloud", "a straight cloud"]], (name) => restart({ data: name }))),
    html("div", { class: "controls" },
      listSlider("learning rate", RATES, state.rate, (rate) => turn({ rate }, `rate ${short(RATES[rate])}`)),
      listSlider("β", BETAS, state.beta, (beta) => turn({ beta }, `β = ${short(BETAS[beta])}`)),
      slider("seed", { min: 1, max: 20, step: 1, value: state.seed, digits: 0 }, (seed) => restart({ seed })).node, ringSlider.node),
    text.status,
    html("div", { class: "panels" }, flat.node, html("div", {}, bound.node, terms.node), line.node, html("div", {}, text.table, text.widths)),
    text.trained);
}
