// Chapter 8: a die inside the net. The true gradient beside four ways to guess it, and a coin for the opening.
import { button, tabs } from "../base/controls.js";
import { html } from "../base/elements.js";
import { mount } from "../base/mount.js";
import { noise, normalCdf } from "../base/normal.js";
import { sum } from "../base/numbers.js";
import { stateOf } from "../base/state.js";
import { arrows } from "./arrows.js";
import { curves } from "./curves.js";
import {
  CALLS,
  countsOf,
  gradient,
  gumbelSoftmax,
  heights,
  leaveOneOut,
  leaveOneOutVariance,
  relaxed,
  scoreFunction,
  scoreVariance,
  straightThrough,
  worth,
} from "./formulas.js";
import { opening, toss } from "./opening.js";
import { momentsAt, nodesOf } from "./quadrature.js";
import { reading } from "./reading.js";
import { admits, COIN_TAUS, settings, TAUS } from "./settings.js";
import { simplex } from "./simplex.js";
import style from "./view.css";

const START = { q: [20, 60, 20], way: "gumbel", seed: 0, guess: null };
const FIRST = {
  opening: "Eight throws of one coin: each line is a throw's loss, over the coin's logit.",
  all: "Drag q, cool the die with τ, and choose an estimator. Does its mean arrow meet the true one?",
};

export function render({ model, el }) {
  const control = model.get("control") ?? "all";
  const part = control === "opening" ? coinOf(model) : dieOf(model);
  const hint = html("p", { class: "first hint" }, FIRST[control]);
  return mount(el, style, html("div", { class: `die only-${control}` }, hint, ...part));
}

/** The opening's parts, live. */
function coinOf(model) {
  const { coin } = model.get("data");
  const { nodes, draw } = opening(coin, (change) => state.set(change));
  const start = { ...START, tau: 0, revealed: false };
  const state = stateOf(model, start, (now) => toss(now, coin), draw, admits(COIN_TAUS));
  return nodes;
}

/** The whole figure's parts, live. */
function dieOf(model) {
  const { decoder, noises } = model.get("data");
  const set = (change) => state.set(change);
  const [inputs, text] = [settings(set), reading(decoder)];
  const pictures = [simplex(decoder, (q) => set({ q })), arrows(), curves()];

  function draw(found, settled) {
    for (const one of pictures) one.draw(found);
    inputs.draw(found.still);
    text.draw(found, settled);
  }

  const start = { ...START, tau: 1, revealed: true };
  const state = stateOf(model, start, finder(decoder, noises), draw, admits(TAUS));
  const again = button("throw again", () => state.ease({ seed: state.now.seed + 1 }));
  return arranged(pictures, inputs, again, text);
}

/** A function of the state that gives all that is shown of it. What a motion does not pass through has no prototype. */
function finder(decoder, stored) {
  const f = heights(decoder);
  const nodes = TAUS.map((tau) => nodesOf(decoder, tau));
  return (now) => {
    const q = now.q.map((percent) => percent / 100);
    const truth = gradient(q, f);
    const drawn = now.seed ? gumbels(now.seed, stored.length) : stored;
    const sweep = swept(q, f, truth, nodes);
    const at = TAUS.indexOf(now.tau);
    return {
      q,
      truth,
      expected: sum(q.map((share, k) => share * f[k])),
      logTau: Math.log(now.tau),
      throws: drawn.map((noise) => relaxed(q, noise, now.tau)),
      singles: estimates(now, q, drawn, decoder, f),
      worths: Object.fromEntries(Object.entries(sweep).map(([way, along]) => [way, along[at]])),
      sweep,
      still: Object.assign(Object.create(null), now),
    };
  };
}

/** What each estimator is worth, with its mean, at each τ. */
function swept(q, f, g, nodes) {
  const told = (moments) => ({ mean: moments.mean, ...worth(g, moments) });
  const found = nodes.map((one) => momentsAt(q, one));
  const [score, left] = [scoreVariance(q, f), leaveOneOutVariance(q, f)].map((variance) => told({ mean: g, variance }));
  return {
    score: found.map(() => score),
    left: found.map(() => left),
    gumbel: found.map(({ gumbel }) => told(gumbel)),
    straight: found.map(({ straight }) => told(straight)),
  };
}

/** The chosen estimator's estimates from the noises, one for each call or one for each five. */
function estimates({ way, tau }, q, noises, decoder, f) {
  const groups = Array.from({ length: noises.length / CALLS }, (_, i) => noises.slice(CALLS * i, CALLS * (i + 1)));
  return {
    score: () => noises.map((noise) => scoreFunction(q, noise, f)),
    left: () => groups.map((group) => leaveOneOut(countsOf(q, group), f)),
    gumbel: () => noises.map((noise) => gumbelSoftmax(q, noise, tau, decoder)),
    straight: () => noises.map((noise) => straightThrough(q, noise, tau, decoder)),
  }[way]();
}

/** Gumbel noise of `count` throws from a seed. */
function gumbels(seed, count) {
  const normal = noise(seed);
  const gumbel = () => -Math.log(-Math.log(normalCdf(normal())));
  return Array.from({ length: count }, () => [gumbel(), gumbel(), gumbel()]);
}

/** Where everything stands. */
function arranged([triangle, plane, sweep], inputs, again, text) {
  const part = (name, ...nodes) => html("div", { class: name }, ...nodes);
  return [
    part("stage", triangle.node),
    part("controls", inputs.tau, inputs.way, ...inputs.faces, part("buttons", again), text.about),
    part(
      "more",
      tabs(
        ["arrows", plane.node],
        ["bias and variance", sweep.node],
        ["numbers", html("div", {}, text.table, text.exact)],
      ),
    ),
    part("said", text.words),
  ];
}
