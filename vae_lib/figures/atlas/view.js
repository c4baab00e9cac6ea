// The first page: z in the plane of a trained VAE, drifting until it is touched, and the decoder's picture of it.
import { button, slider } from "../base/controls.js";
import { html } from "../base/elements.js";
import { digitMarks, latentMap, priorCircles, REACH } from "../base/latent-map.js";
import { mount } from "../base/mount.js";
import { clamp } from "../base/numbers.js";
import sheetStyle from "../base/sheet.css";
import { stateOf } from "../base/state.js";
import digits from "digits.css";
import { drifting } from "./drift.js";
import { around, follow, path, pixels, unpack } from "./formulas.js";
import { reading } from "./reading.js";
import style from "./view.css";

const FIRST = "Point at the plane, or drag the ring: the decoder draws what it finds there.";
const MAP = "The plane of z: the prior's circles, some 300 pictures encoded, each as its digit, and z as a ring";
const KEYS = "z in the plane: arrow keys move it";
const PICTURE = "The decoder's picture: for each of 28 by 28 pixels, the probability that it is black";
const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
const STEP = 0.1;

export function render({ model, el }) {
  const { layers, codes, labels } = dataOf(model);
  const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const put = (z) => state.set({ z: z.map((value) => clamp(value, -REACH, REACH)), drifts: false });
  const plane = planeOf(codes, labels, put, () => state.now.z);
  const picture = canvas(Math.sqrt(layers.at(-1).bias.length));
  const said = reading();
  const range = { min: -REACH, max: REACH, step: 0.05, value: 0 };
  const sliders = ["z₁", "z₂"].map((name, j) =>
    slider(name, range, (value) => put(state.now.z.map((other, i) => (i === j ? value : other)))),
  );
  const pause = button("", () => state.set({ drifts: !state.now.drifts }));
  let seconds = 0;
  const { drift, end } = drifting(el, (passed) => {
    seconds += passed;
    state.set({ z: follow(state.now.z, path(seconds), passed) });
  });

  function draw({ z, drifts }) {
    picture.show(pixels(layers, z));
    plane.moveTo(z);
    said.draw(z, around(codes, labels, z), drifts);
    sliders.forEach((one, j) => one.set(z[j]));
    pause.textContent = drifts ? "hold still" : "let it drift";
    drift(drifts);
  }

  const state = stateOf(model, { z: path(0), drifts: !isCalm }, (now) => ({ ...now }), draw);
  const controls = html("div", { class: "controls" }, ...sliders.map(({ node }) => node));
  const below = html("div", { class: "below" }, said.node, pause);
  const stage = html(
    "div",
    { class: "stage" },
    plane.node,
    html("div", { class: "out" }, html("div", { class: "frame" }, picture.node)),
  );
  const first = html("p", { class: "first hint" }, FIRST);
  const release = mount(
    el,
    digits + sheetStyle + style,
    html("div", { class: "atlas" }, first, stage, controls, below),
  );
  return () => [release, end].forEach((one) => one());
}

function dataOf(model) {
  const { layers, codes, labels } = model.get("data");
  return { layers: unpack(layers), codes, labels: [...labels].map(Number) };
}

/** The map, by pointer and by arrow keys; `put` is told where z goes, `now()` says where it is. */
function planeOf(codes, labels, put, now) {
  const marks = digitMarks(labels);
  marks.show(codes.map((mu) => ({ mu })));
  labels.forEach((digit, i) => marks.node.children[i].setAttribute("style", `fill: var(--digit-${digit})`));
  const map = latentMap(MAP, { under: [marks.node, priorCircles()], follow: true, setZ: put });
  const keydown = (event) => {
    const step = STEPS[event.key];
    if (!step) return;
    event.preventDefault();
    put(now().map((value, j) => value + STEP * step[j]));
  };
  const node = html("div", { class: "map", tabindex: 0, role: "application", "aria-label": KEYS, keydown }, map.node);
  return { node, moveTo: map.moveTo };
}

/** A picture of `side` × `side` pixels; `show(values)` shades it: 0 the ground, 1 ink. */
function canvas(side) {
  const node = html("canvas", { width: side, height: side, role: "img", "aria-label": PICTURE });
  const context = node.getContext("2d");
  const image = context.createImageData(side, side);
  const show = (values) => {
    values.forEach((value, i) => {
      image.data[4 * i + 3] = Math.round(255 * value);
    });
    context.putImageData(image, 0, 0);
  };
  return { node, show };
}
