// Chapter 5: a recorded training, epoch by epoch: map, terms of the loss, pictures; z at the pointer is decoded live.
import { slider, tabs } from "../base/controls.js";
import { html, place, svg } from "../base/elements.js";
import { digitMarks, latentMap, priorCircles, REACH, x, y } from "../base/latent-map.js";
import { mount } from "../base/mount.js";
import { isIn } from "../base/numbers.js";
import { pixels } from "../base/pixels.js";
import sheetStyle from "../base/sheet.css";
import { sheet } from "../base/sheet.js";
import { stateOf } from "../base/state.js";
import { curve, position } from "./curve.js";
import { atRecord, networks, pictureAt } from "./formulas.js";
import { reading } from "./reading.js";
import { scrubber } from "./scrubber.js";
import style from "./view.css";

const GRID = 9; // pictures along a side of the manifold, each in the middle of a square of the map
const FIRST = {
  epoch: "Play, or slide through the training: each digit looks for its place, and its picture comes back.",
  all: "Play, or slide through the training; z follows the pointer over the maps.",
};
const MAP = "The latent map: each test digit as its label at its μ, the prior as circles";
const MANIFOLD = "The plane of z, with the decoder's picture at each point of a grid";
const HERE = "The decoder's picture at z: for each of the 64 pixels, the probability that it is on";

export function render({ model, el }) {
  const data = model.get("data");
  const digits = shownDigits(data);
  const records = recordsOf(data, digits);
  const ease = (epoch) => state.ease({ epoch });
  const setZ = (z) => state.set({ z });
  const control = model.get("control") ?? "all";
  const scrub = scrubber(data.epochs, (epoch) => state.set({ epoch }), ease, control === "epoch");
  const curves = curvesOf(data, records, scrub.choose);
  const maps = mapsOf(digits, setZ);
  const sheets = sheetsOf(digits);
  const range = { min: -REACH, max: REACH, step: 0.05, value: 0 };
  const other = (value, j) => state.now.z.map((old, i) => (i === j ? value : old));
  const sliders = ["z₁", "z₂"].map((name, j) => slider(name, range, (value) => setZ(other(value, j))));
  const text = reading(data.independent);

  /** Whether a state from outside is one: a recorded epoch, and a z on the map. */
  function admits({ epoch, z }) {
    return records.has(epoch) && Array.isArray(z) && z.length === 2 && z.every((value) => isIn(value, range));
  }

  function derive({ epoch, z }) {
    const record = records.get(epoch);
    return { ...record, z, here: pictureAt(record.still.decoder, z) };
  }

  function draw(found, settled) {
    scrub.draw(found.still.epoch);
    curves.draw(found);
    maps.draw(found);
    sheets.draw(found);
    sliders.forEach((one, j) => one.set(found.z[j]));
    text.draw(found, settled, scrub.isPlaying());
  }

  const state = stateOf(model, { epoch: data.epochs[0], z: [0, 0] }, derive, draw, admits);
  const controls = html("div", { class: "controls" }, ...sliders.map(({ node }) => node));
  const nodes = arranged(control, scrub.node, curves, maps, sheets, controls, text);
  return mount(el, sheetStyle + style, html("div", { class: `epochs only-${control}` }, ...nodes));
}

/** The digits, the first of each label before all others, so that none of these is covered on the map. */
function shownDigits({ digits, labels: text }) {
  const labels = [...text].map(Number);
  const first = Array.from({ length: 10 }, (_, label) => labels.indexOf(label));
  const order = [...first, ...labels.keys()].filter((i, k, all) => all.indexOf(i) === k);
  return { labels: order.map((i) => labels[i]), pictures: order.map((i) => pixels(digits[i])) };
}

/** What is shown of each record, by its epoch. */
function recordsOf({ epochs, weights, reconstruction }, { pictures }) {
  const middle = (k) => REACH * ((2 * k + 1) / GRID - 1);
  const grid = Array.from({ length: GRID ** 2 }, (_, k) => [middle(k % GRID), -middle(Math.floor(k / GRID))]);
  const record = (epoch, k) => {
    const { decoder } = networks(weights[k]);
    const { codes, ...found } = atRecord(weights[k], pictures);
    const manifold = grid.map((z) => pictureAt(decoder, z));
    const again = codes.slice(0, 10).map(({ mu }) => pictureAt(decoder, mu));
    // A motion passes through the values of plain objects; `still` has no prototype, and is not one.
    const still = Object.assign(Object.create(null), { epoch, decoder });
    return { ...found, codes, manifold, again, loss: -reconstruction[k], at: position(epoch), still };
  };
  return new Map(epochs.map((epoch, k) => [epoch, record(epoch, k)]));
}

function curvesOf({ epochs, history, independent }, records, choose) {
  const dots = (name) => [...records.values()].map((record) => record[name]);
  const first = {
    epochs,
    line: history.reconstruction.map((value) => -value),
    dots: dots("loss"),
    range: [14, 46],
    ticks: [20, 30, 40],
    colour: "decoder",
    name: "Minus the reconstruction term",
    yardstick: independent,
  };
  const second = {
    epochs,
    line: history.kl,
    dots: dots("kl"),
    range: [0, 4],
    ticks: [0, 1, 2, 3, 4],
    colour: "kl",
    name: "The KL",
  };
  const [loss, kl] = [first, second].map((one) => curve(one, choose));
  const draw = (found) => {
    loss.draw(found.at, found.loss);
    kl.draw(found.at, found.kl);
  };
  return { loss: loss.node, kl: kl.node, draw };
}

/** The latent map, with a dot for each digit whose label has no room; and the manifold over its sheet of pictures. */
function mapsOf({ labels }, setZ) {
  const marks = digitMarks(labels);
  const dots = svg("path", { class: "dots" });
  marks.bold((i) => i < 10);
  const map = latentMap(MAP, { under: [dots, marks.node, priorCircles()], follow: true, setZ });
  const manifold = latentMap(MANIFOLD, { under: [], follow: true, setZ });
  const pictures = sheet(GRID, GRID, 1, { "aria-hidden": "true" });
  let shown = null;
  const draw = (found) => {
    if (found.codes !== shown) {
      marks.show(found.codes);
      place(dots, { d: found.codes.map(({ mu }) => `M${x(mu[0]).toFixed(1)},${y(mu[1]).toFixed(1)}h0`).join("") });
    }
    shown = found.codes;
    pictures.show(found.manifold);
    map.moveTo(found.z);
    manifold.moveTo(found.z);
  };
  return { map: map.node, manifold: html("div", { class: "over" }, pictures.node, manifold.node), draw };
}

/** The decoder's picture at z; ten digits, and their reconstructions. */
function sheetsOf({ pictures }) {
  const row = (label) => sheet(10, 1, 1, { role: "img", "aria-label": label });
  const here = sheet(1, 1, 0, { role: "img", "aria-label": HERE });
  const [ten, again] = ["Ten test digits, 0 to 9", "Their reconstructions: the decoder's pictures at μ"].map(row);
  ten.show(pictures.slice(0, 10));
  const draw = (found) => {
    here.show([found.here]);
    again.show(found.again);
  };
  return { here: html("div", { class: "framed" }, here.node), ten: ten.node, again: again.node, draw };
}

/** The whole, or the scrubber and its stage. */
function arranged(control, run, curves, maps, sheets, sliders, text) {
  const panel = (area, colour, caption, ...nodes) =>
    html("div", { class: area }, html("p", { class: "caption", style: `color: var(--${colour})` }, caption), ...nodes);
  const row = (name, node) => html("div", { class: "row" }, html("span", {}, name), node);
  const note = (words) => html("p", { class: "hint" }, words);
  const stage = html(
    "div",
    { class: "stage" },
    panel("map", "q", "Encoder: test digits at μ", maps.map),
    control === "all" && panel("here", "decoder", "Decoder: at the ring", sheets.here),
    panel(
      "digits",
      "decoder",
      "Reconstructions: its pictures at z = μ(x)",
      row("x", sheets.ten),
      row("p(x|z)", sheets.again),
    ),
  );
  const first = html("p", { class: "first hint" }, FIRST[control]);
  if (control === "epoch") return [first, run, stage];
  const exact = note("Dots: exact. Line: after each epoch, from one draw of z an image.");
  const more = tabs(
    ["KL", panel("kl", "kl", "KL, nats an image", curves.kl, note("Dots and line: the closed form."))],
    ["−reconstruction", panel("loss", "decoder", "−reconstruction, nats an image", curves.loss, exact)],
    ["manifold", panel("manifold", "decoder", "Decoder: its picture at each z", maps.manifold)],
  );
  return [first, run, stage, sliders, text.nats, more, text.where];
}
