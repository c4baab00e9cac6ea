// Chapter 4: drag q over the true posterior; reconstruction − KL + gap ends at log p(x) wherever q is.
import { axis, clamp, density, draggable, format, html, normalCdf, oncePerFrame, path, place, scale, slider, svg, waterfall } from "./base.js";

// The bent decoder of equation (4.4): x ~ N(|z|, NOISE²), z ~ N(0, 1).
export const X = 2;
export const NOISE = 0.5;
const LOG_2PI = Math.log(2 * Math.PI);

export const logNormal = (x, mean, std) => -0.5 * (((x - mean) / std) ** 2 + LOG_2PI) - Math.log(std);

/** log p(x), exactly (4.4). */
export function logEvidence() {
  const [m, v] = [X / (1 + NOISE ** 2), NOISE ** 2 / (1 + NOISE ** 2)];
  return Math.log(2 * normalCdf(m / Math.sqrt(v))) + logNormal(X, 0, Math.sqrt(1 + NOISE ** 2));
}

const EVIDENCE = logEvidence();
export const logPosterior = (z) => logNormal(X, Math.abs(z), NOISE) + logNormal(z, 0, 1) - EVIDENCE;

/** E_q[log p(x|z)], exactly: |z| under q is a folded normal. */
export function reconstruction(mu, sigma) {
  const ratio = mu / sigma;
  const meanAbs = 2 * sigma * density(ratio) + mu * (2 * normalCdf(ratio) - 1);
  const meanSquare = X ** 2 - 2 * X * meanAbs + mu ** 2 + sigma ** 2;
  return -0.5 * (meanSquare / NOISE ** 2 + LOG_2PI) - Math.log(NOISE);
}

/** The three parts of KL(q ‖ p(z)): ½μ², ½(σ² − 1), −½ log σ². */
export const klParts = (mu, sigma) => [0.5 * mu ** 2, 0.5 * (sigma ** 2 - 1), -Math.log(sigma)];

/** KL(q ‖ p(z|x)) by Simpson's rule on μ ± 10σ, cut at the bend: computed without the ELBO. */
export function gap(mu, sigma) {
  const [low, high] = [mu - 10 * sigma, mu + 10 * sigma];
  const bend = clamp(0, low, high);
  const integrand = (z) => {
    const logQ = logNormal(z, mu, sigma);
    return Math.exp(logQ) * (logQ - logPosterior(z));
  };
  return simpson(integrand, low, bend) + simpson(integrand, bend, high);
}

function simpson(f, low, high, pairs = 1000) {
  const h = (high - low) / (2 * pairs);
  let sum = f(low) + f(high);
  for (let i = 1; i < 2 * pairs; i++) sum += (i % 2 ? 4 : 2) * f(low + i * h);
  return (sum * h) / 3;
}

export function render(root) {
  const state = { mu: 0.8, sigma: 0.7 };
  const [width, height] = [400, 300];
  const x = scale([-4, 4], [10, width - 10]);
  const y = scale([0, 0.9], [height - 50, 10]);
  const zs = Array.from({ length: 401 }, (_, i) => -4 + i / 50);
  const curve = (logDensity) => path(zs.map((z) => [x(z), y(Math.exp(logDensity(z)))]));
  const named = (text, z, density, colour) => svg("text", { x: x(z), y: y(density), fill: colour, style: `fill: ${colour}` }, text);

  const q = svg("path", { fill: "none", stroke: "var(--q)", "stroke-width": 3, "stroke-dasharray": "9 3 2 3" });
  const qName = svg("text", { "text-anchor": "middle", style: "fill: var(--q)" }, "q");
  const mean = svg("circle", { r: 9, fill: "var(--q)" });
  const edge = svg("rect", { width: 16, height: 16, fill: "var(--ground)", stroke: "var(--q)", "stroke-width": 3 });
  const arm = svg("line", { stroke: "var(--q)", "stroke-width": 3 });
  const densities = svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": "The prior, the true posterior with its two humps, and q" },
    svg("path", { d: curve((z) => logNormal(z, 0, 1)), fill: "none", stroke: "var(--prior)", "stroke-width": 2, "stroke-dasharray": "6 4" }),
    svg("path", { d: curve(logPosterior), fill: "none", stroke: "var(--posterior)", "stroke-width": 2.5 }),
    named("prior", -0.45, 0.42, "var(--prior)"), named("posterior", -2.4, 0.59, "var(--posterior)"),
    axis(x, [-4, -3, -2, -1, 0, 1, 2, 3, 4], height - 48, "latent z"),
    svg("svg", { width, height: height - 48, overflow: "hidden" }, q), // what leaves the picture is cut off
    qName, arm, mean, edge);

  const bars = svg("svg", { viewBox: "0 0 400 280", role: "img", "aria-label": "From 0 by reconstruction and KL down to the ELBO, and by the gap up to log p of x" });
  const parts = svg("svg", { viewBox: "0 0 400 220", role: "img", "aria-label": "The three parts of the KL and their sum" });
  const [sum, forces] = [html("p", { "aria-live": "polite" }), html("p")];
  const muSlider = slider("μ", { min: -2.5, max: 2.5, step: 0.05, value: state.mu }, (value) => set({ mu: value }));
  const sigmaSlider = slider("σ", { min: 0.1, max: 1.6, step: 0.01, value: state.sigma }, (value) => set({ sigma: value }));

  function set(change) {
    Object.assign(state, change);
    muSlider.set(state.mu);
    sigmaSlider.set(state.sigma);
    redraw();
  }

  function draw() {
    const { mu, sigma } = state;
    q.setAttribute("d", curve((z) => logNormal(z, mu, sigma)));
    const peak = Math.exp(logNormal(mu, mu, sigma));
    place(qName, { x: x(mu), y: Math.max(y(peak) - 8, 14) });
    place(mean, { cx: x(mu), cy: y(0) });
    place(arm, { x1: x(mu), x2: x(mu + sigma), y1: y(0), y2: y(0) });
    place(edge, { x: x(mu + sigma) - 8, y: y(0) - 8 });
    const [recon, [a, b, c], gapNats] = [reconstruction(mu, sigma), klParts(mu, sigma), gap(mu, sigma)];
    const kl = a + b + c;
    const end = EVIDENCE;
    const low = Math.min(-6, recon - kl);
    const foot = scale([low, 0], [230, 15])(recon - kl); // where the waterfall draws the ELBO
    bars.replaceChildren(...waterfall([
      ["reconstruction", 0, recon, "var(--decoder)"],
      ["− KL", recon, recon - kl, "var(--kl)"],
      ["+ gap", recon - kl, recon - kl + gapNats, "var(--gap)", "hollow"],
      ["log p(x)", 0, end, "var(--data)"],
    ], [low, 0], 280), svg("text", { x: 200, y: foot + 17, "text-anchor": "middle", style: "fill: var(--q)" }, "ELBO"));
    parts.replaceChildren(...waterfall([
      ["½ μ²", 0, a, "var(--kl)"],
      ["½ (σ² − 1)", a, a + b, "var(--kl)"],
      ["− ½ log σ²", a + b, kl, "var(--kl)"],
      ["KL", 0, kl, "var(--kl)"],
    ], [-0.5, Math.max(2, kl)], 220));
    sum.textContent = `ELBO ${format(recon - kl)} + gap ${format(gapNats)} = log p(x) ${format(end)} nats, wherever q is.`;
    forces.textContent = `The KL ${format(kl)} nats pulls μ with force −μ = ${format(-mu)}, and log σ² with ½(1 − σ²) = ${format(0.5 * (1 - sigma ** 2))}.`;
  }

  const redraw = oncePerFrame(draw);
  draggable(mean, (px) => set({ mu: clamp(x.invert(px), -2.5, 2.5) }));
  draggable(edge, (px) => set({ sigma: clamp(x.invert(px) - state.mu, 0.1, 1.6) }));
  draw();
  root.append(html("div", { class: "panels" },
    html("div", {}, densities, muSlider.node, sigmaSlider.node, sum, forces),
    html("div", {}, bars, parts)));
}
