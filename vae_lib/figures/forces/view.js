// Chapter 1: four trainings of one network, the pull to the middle and the noise each on or off, on the same axes.
import { slider } from "../base/controls.js";
import { html } from "../base/elements.js";
import { mount } from "../base/mount.js";
import sheetStyle from "../base/sheet.css";
import { sheet } from "../base/sheet.js";
import { stateOf } from "../base/state.js";
import digits from "digits.css";
import { bars } from "./bars.js";
import { armOf, shown } from "./formulas.js";
import { plane } from "./plane.js";
import { reading } from "./reading.js";
import { toggle } from "./switch.js";
import style from "./view.css";

const FIRST = "Switch the pull to the middle and the noise on and off: all planes have the same axes.";
const WIDE = { reach: 15, ticks: [-10, 0, 10], radii: [2], frame: 3.5, dot: 2.5 };
const NEAR = { reach: 3.5, ticks: [-2, 0, 2], radii: [1, 2], frame: null, dot: 3.2 };
const ALL =
  "The plane up to 15: each picture's code in the colour of its digit, and the circle in which most draws land";
const PART = "The same plane up to 3.5: codes, the noise around each as a cloud, and circles of radius 1 and 2";
const DRAWS = "Twenty draws, decoded: black where the decoder says more than one half";

export function render({ model, el }) {
  const data = model.get("data");
  const labels = [...data.labels].map(Number);
  const planes = [plane(ALL, WIDE, labels), plane(PART, NEAR, labels)];
  const pictures = sheet(10, 2, 1, { role: "img", "aria-label": DRAWS });
  const shares = bars(data.share);
  const text = reading();
  const inputs = {
    pull: toggle("pull to the middle", (pull) => state.ease({ pull })),
    noise: toggle("noise", (noise) => state.ease({ noise })),
    run: slider("training", { min: 0, max: 2, step: 1, value: 0, text: (k) => `${k + 1} of 3` }, (run) =>
      state.ease({ run }),
    ),
  };

  function draw({ now, ...found }, settled) {
    for (const [name, { set }] of Object.entries(inputs)) set(now[name]);
    for (const { draw } of planes) draw(found.codes, found.sigma);
    pictures.show(found.pictures);
    shares.draw(found.classes);
    text.draw(armOf(now.pull, now.noise), found, settled);
  }

  const derive = (now) => ({ ...shown(data, now), now: still(now) });
  const state = stateOf(model, { pull: false, noise: false, run: 0 }, derive, draw, admits);
  const control = model.get("control") ?? "all";
  const nodes = arranged(control, inputs, planes, pictures.node, shares.node, text);
  return mount(el, digits + sheetStyle + style, html("div", { class: `forces only-${control}` }, ...nodes));
}

/** Whether a state from outside is one. */
const admits = ({ pull, noise, run }) =>
  typeof pull === "boolean" && typeof noise === "boolean" && [0, 1, 2].includes(run);

/** What a motion does not pass through: it has no prototype, and so is no plain object. */
const still = (now) => Object.assign(Object.create(null), now);

function arranged(control, { pull, noise, run }, [wide, near], pictures, shares, text) {
  const panel = (name, colour, caption, node) =>
    html("div", { class: name }, html("p", { class: "caption", style: `color: var(--${colour})` }, caption), node);
  const stage = html(
    "div",
    { class: "stage tall" },
    panel("wide", "ink", "all codes; circle: where you draw", wide.node),
    panel("near", "prior", "closer; shaded: the noise", near.node),
    panel("draws", "decoder", "twenty draws", pictures),
    panel("shares", "ink", "digits among 2,000 draws, %; dashes: the data", shares),
  );
  const switches = html("div", { class: "buttons" }, pull.node, noise.node);
  const controls = html("div", { class: "run" }, switches, control === "all" && run.node);
  return [html("p", { class: "first hint" }, FIRST), controls, stage, text.nats, text.words];
}
