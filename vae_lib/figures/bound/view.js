// Chapter 4: drag q over the true posterior; reconstruction − KL + gap ends at log p(x) wherever q is.
import { slider, tabs } from "../base/controls.js";
import { html } from "../base/elements.js";
import { mount } from "../base/mount.js";
import { format, isIn } from "../base/numbers.js";
import { stateOf } from "../base/state.js";
import { densities, MU, SIGMA } from "./densities.js";
import { derive } from "./formulas.js";
import style from "./view.css";
import { waterfall } from "./waterfall.js";

const SUM = "From 0 down to the ELBO, and by the gap up to log p of x, which stays where it is";
const BOUND = "From 0 by reconstruction and KL down to the ELBO, and by the gap up to log p of x";
const PARTS = "The three parts of the KL and their sum";
const FIRST = {
  mu: "Move q, by its round handle or the slider: where is the gap smallest?",
  sigma: "Make q narrower and wider, by its square handle or the slider: what does the gap do?",
  all: "Drag q by its round handle, and its width by the square one.",
};

export function render({ model, el }) {
  const control = model.get("control") ?? "all";
  const only = control === "all" ? null : control;
  const stage = densities((change) => state.set(change), only);
  const mu = slider("μ", { ...MU, value: 0 }, (value) => state.set({ mu: value }));
  const sigma = slider("σ", { ...SIGMA, value: 1 }, (value) => state.set({ sigma: value }));
  const [bound, parts] = only
    ? [waterfall(220, SUM, model)]
    : [waterfall(270, BOUND, model), waterfall(230, PARTS, model)];
  const [identity, forces] = [html("p", { "aria-live": "polite" }), html("p")];

  function draw(found, settled) {
    mu.set(found.mu);
    sigma.set(found.sigma);
    stage.draw(found);
    bound.draw(only ? sumOf(found) : termsOf(found), Math.min(-6, found.elbo - 0.3), 0);
    parts?.draw(partsOf(found), -0.5, Math.max(1, found.kl));
    if (settled && parts) model.set("bars", heightsOf([...termsOf(found), ...partsOf(found)]));
    if (settled) [identity.textContent, forces.textContent] = [identityOf(found), forcesOf(found)];
  }

  const state = stateOf(model, { mu: 0.8, sigma: 0.7 }, derive, draw, admits);
  const sliders = Object.entries({ mu, sigma }).filter(([name]) => name === (only ?? name));
  const frame = html(
    "div",
    { class: `bound only-${control}` },
    html("p", { class: "first hint" }, FIRST[control]),
    html("div", { class: only ? "stage tall" : "stage" }, stage.node, only && bound.node),
    html("div", { class: "controls" }, ...sliders.map(([, { node }]) => node)),
    html("div", { class: "words" }, identity, !only && forces),
    !only && html("div", { class: "bars" }, tabs(["the bound", bound.node], ["the KL's parts", parts.node])),
  );
  return mount(el, style, frame);
}

const admits = ({ mu, sigma }) => isIn(mu, MU) && isIn(sigma, SIGMA);

const termsOf = ({ reconstruction, elbo, logPx }) => [
  { name: "reconstruction", from: 0, to: reconstruction, colour: "decoder", key: "reconstruction" },
  { name: "− KL", from: reconstruction, to: elbo, colour: "kl", note: "ELBO", key: "kl" },
  { name: "+ gap", from: elbo, to: logPx, colour: "gap", hollow: true },
  { name: "log p(x)", from: 0, to: logPx, colour: "data" },
];

const sumOf = ({ elbo, logPx }) => [
  { name: "ELBO", from: 0, to: elbo, colour: "ink" },
  { name: "+ gap", from: elbo, to: logPx, colour: "gap", hollow: true },
  { name: "= log p(x)", from: 0, to: logPx, colour: "data" },
];

const partsOf = ({ parts: [a, b], kl }) => [
  { name: "½ μ²", from: 0, to: a, colour: "kl", key: "part-mu" },
  { name: "½ (σ² − 1)", from: a, to: a + b, colour: "kl", key: "part-sigma" },
  { name: "− ½ log σ²", from: a + b, to: kl, colour: "kl", key: "part-log" },
  { name: "KL", from: 0, to: kl, colour: "kl" },
];

/** The signed height of each bar that has a key, in nats: what the page shows beside its equations. */
const heightsOf = (steps) =>
  Object.fromEntries(steps.filter(({ key }) => key).map(({ key, from, to }) => [key, to - from]));

const identityOf = ({ elbo, gap, logPx }) =>
  `ELBO ${format(elbo)} + gap ${format(gap)} = log p(x) ${format(logPx)} nats, wherever q is.`;

const forcesOf = ({ kl, mu, sigma }) =>
  `The KL, ${format(kl)} nats, pulls μ with force −μ = ${format(-mu)}, ` +
  `and log σ² with ½(1 − σ²) = ${format(0.5 * (1 - sigma ** 2))}.`;
