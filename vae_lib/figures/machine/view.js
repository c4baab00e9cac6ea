// Chapter 1: x passes the encoder, q(z|x) is an ellipse over the encoded digits, z can be dragged, the decoder follows.
import { button, slider } from "../base/controls.js";
import { html } from "../base/elements.js";
import { digitMarks, REACH } from "../base/latent-map.js";
import { mount } from "../base/mount.js";
import { noise } from "../base/normal.js";
import { isIn } from "../base/numbers.js";
import { pixels } from "../base/pixels.js";
import { encode } from "../base/small-vae.js";
import { stateOf } from "../base/state.js";
import { derive } from "./formulas.js";
import { map } from "./map.js";
import { chooser, grid, pad } from "./pictures.js";
import { reading } from "./reading.js";
import style from "./view.css";

const EMPTY = "0".repeat(16);
const FIRST = {
  x: "Draw an x: the encoder answers with q, the decoder with a picture of its own.",
  eps: "Draw an ε, and another: z = μ + σ ⊙ ε is a point of q.",
  z: "Drag z over the map: the decoder draws what it finds there.",
  all: "Drag z, the ring, over the map; or paint another x.",
};

export function render({ model, el }) {
  const data = model.get("data");
  const control = model.get("control") ?? "all";
  const start = starting(data, control);
  const inputs = inputsOf(
    data,
    (change) => state.set(change),
    (change) => state.ease(change),
  );
  const output = grid(
    "var(--decoder)",
    "The decoder's picture: for each of the 64 pixels, the probability that it is on",
  );
  const marks = digitMarks(inputs.labels);
  marks.show(data.digits.map((hex) => encode(data.encoder, pixels(hex))));
  const plane = map(marks.node, (z) => state.set({ z, source: "hand" }));
  const numbers = reading();
  const frame = html("div", { class: `machine only-${control}` });

  function draw(found, settled) {
    const label = inputs.draw(found);
    const encodes = control !== "z" && found.source !== "prior";
    frame.classList.toggle("from-prior", found.source === "prior");
    marks.bold((i) => encodes && inputs.labels[i] === label);
    output.show(found.pi);
    plane.draw(found);
    numbers.draw(found, settled);
  }

  const state = stateOf(model, start, (now) => derive(data, now), draw, admits);
  frame.append(...arranged(control, inputs, plane.node, output.node, numbers));
  return mount(el, style, frame);
}

/** The state at the start: the first 6 of the test data, with an ε that is stored; ε = 0 where x alone is shown. */
function starting({ digits, labels, start, eps }, control) {
  const x = digits[labels.indexOf(start)];
  if (control === "z") return { x, eps, z: [0, 0], source: "hand" };
  return { x, eps: control === "x" ? [0, 0] : eps, z: null, source: "q" };
}

/** Whether a state from outside is one: ε and z are pairs within reach, except a z of q, which may be left out. */
function admits({ x, eps, z, source }) {
  const isNear = (value) => isIn(value, { min: -6, max: 6 });
  const isPair = (values) => Array.isArray(values) && values.length === 2 && values.every(isNear);
  const hasZ = ["q", "hand", "prior"].includes(source) && (isPair(z) || (source === "q" && z === null));
  return /^[0-9a-f]{16}$/.test(x) && isPair(eps) && hasZ;
}

/** All that can be changed. `draw(found)` shows where they stand, and returns the label of x, if it is a test digit. */
function inputsOf({ digits, labels: text }, set, ease) {
  const labels = [...text].map(Number);
  const chosen = Array.from({ length: 10 }, (_, label) => labels.indexOf(label)); // what each small picture shows
  const normal = noise(1);
  let now = null;
  let last = 0;
  const choose = (i) => ease({ x: digits[i], source: "q" });
  const next = () => {
    const alike = [...labels.keys()].filter((i) => labels[i] === last);
    choose(alike[(alike.indexOf(chosen[last]) + 1) % alike.length]);
  };
  const setZ = (j) => (value) => set({ z: now.z.map((other, i) => (i === j ? value : other)), source: "hand" });
  const painted = pad((x) => set({ x, source: "q" }));
  const thumbs = chooser(
    chosen.map((i) => digits[i]),
    (label) => choose(chosen[label]),
  );
  const another = button("", next);
  const range = { min: -REACH, max: REACH, step: 0.05, value: 0 };
  const sliders = ["z₁", "z₂"].map((name, j) => slider(name, range, setZ(j)));

  function draw(found) {
    now = found;
    const i = digits.indexOf(found.hex);
    if (i >= 0) {
      last = labels[i];
      if (digits[chosen[last]] !== found.hex) chosen[last] = i;
      thumbs.show(last, digits[chosen[last]]);
    }
    thumbs.mark(i >= 0 ? last : null);
    painted.draw(found);
    sliders.forEach((one, j) => one.set(found.z[j]));
    another.textContent = `another ${last}`;
    return i >= 0 ? last : null;
  }

  return {
    labels,
    draw,
    pad: painted,
    thumbs: thumbs.node,
    sliders: html("div", { class: "controls" }, ...sliders.map(({ node }) => node)),
    pictures: html(
      "div",
      { class: "buttons" },
      another,
      button("clear", () => ease({ x: EMPTY, source: "q" })),
    ),
    resample: button("resample ε", () => ease({ eps: [normal(), normal()], source: "q" })),
    toMean: button("ε = 0, so z = μ", () => ease({ eps: [0, 0], source: "q" })),
    fromPrior: button("z from the prior", () => ease({ z: [normal(), normal()], source: "prior" })),
  };
}

/** The whole, or what belongs to one control: what to do first, x, the stage, the controls, the words. */
function arranged(control, inputs, plane, output, numbers) {
  const caption = (colour, ...text) => html("p", { class: "caption", style: `color: var(--${colour})` }, ...text);
  const first = html("p", { class: "first hint" }, FIRST[control]);
  const deviations = html("span", { class: "deviations" }, ", 1 and 2 standard deviations");
  const ofMap = control === "z" ? ["ink", "the latent space"] : ["q", "→ encoder: q(z|x)", deviations];
  const stage = html(
    "div",
    { class: "stage" },
    html("div", { class: "map" }, caption(...ofMap), plane),
    html("div", { class: "out" }, caption("decoder", "→ decoder: p(x|z)"), output, control === "all" && numbers.table),
    control === "all" && numbers.how,
  );
  const drawn = html("div", { class: "in" }, caption("ink", "x: a picture"), inputs.pad.node, inputs.pad.hint);
  const draws = (...buttons) => html("div", { class: "buttons" }, ...buttons);
  if (control === "x") return [first, drawn, stage];
  if (control === "eps") return [first, stage, draws(inputs.resample)];
  if (control === "z") return [first, stage, inputs.sliders];
  drawn.append(inputs.thumbs, inputs.pictures);
  const buttons = draws(inputs.resample, inputs.toMean, inputs.fromPrior);
  return [first, drawn, stage, inputs.sliders, buttons, numbers.nats];
}
