// Chapter 5: a recorded training run, epoch by epoch: map, terms of the loss, pictures; z under the pointer is decoded.
import { slider, tabs } from "../base/controls.js";
import { html, svg } from "../base/elements.js";
import { digitMarks, latentMap, priorCircles, REACH } from "../base/latent-map.js";
import { mount } from "../base/mount.js";
import { format } from "../base/numbers.js";
import { words } from "../base/picture.js";
import { pixels } from "../base/pixels.js";
import { stateOf } from "../base/state.js";
import { curve } from "./curve.js";
import { atRecord, network, pictureAt } from "./formulas.js";
import { scrubber } from "./scrubber.js";
import { sheet } from "./sheet.js";
import style from "./view.css";

const GRID = 9; // pictures along a side of the manifold, each in the middle of a square of the map
const MIDDLE = Array.from({ length: GRID }, (_, k) => REACH * ((2 * k + 1) / GRID - 1));
const PLACES = Array.from({ length: GRID ** 2 }, (_, k) => [MIDDLE[k % GRID], -MIDDLE[Math.floor(k / GRID)]]);
const FIRST = {
  epoch: "Move the slider: watch the digits leave their clot.",
  all: "Move the slider through the epochs; point at the map, and the decoder draws that z.",
};

export function render({ model, el }) {
  const data = model.get("data");
  const control = model.get("control") ?? "all";
  const run = recordsOf(data);
  const ease = (k) => state.ease({ k });
  const setZ = (z) => state.set({ z });
  const scrub = scrubber(data.epochs, { change: (k) => state.set({ k }), ease });
  const [plane, pictures] = [planeOf(run, setZ), picturesOf(run, setZ)];
  const terms = termsOf(data, run, scrub.choose);
  const said = reading(data, run);

  function draw(found, settled) {
    scrub.draw(found.k);
    plane.draw(found);
    pictures.draw(found);
    terms.draw(found.k);
    if (settled) said.draw(found.k, scrub.playing());
  }

  const derive = ({ k, z }) => ({ k, z, codes: run.records[k].codes.map(({ mu }) => mu) });
  const state = stateOf(model, { k: 0, z: [0, 0] }, derive, draw);
  const frame = html("div", { class: `epochs only-${control}` });
  const hint = html("p", { class: "first hint" }, FIRST[control]);
  const map = panel("stage", "q", "Encoder: each test digit at its μ", plane.node);
  if (control === "epoch") frame.append(hint, scrub.node, map, pictures.digits);
  else frame.append(hint, scrub.node, said.nats, map, pictures.here, tabbed(terms, pictures, said));
  return mount(el, style, frame);
}

/** The records of the run, decoded, with the test digits as lists of pixels and the first of each label. */
function recordsOf({ weights, digits, labels: text }) {
  const labels = [...text].map(Number);
  const shown = Array.from({ length: 10 }, (_, label) => labels.indexOf(label));
  const x = digits.map(pixels);
  const records = weights.map((one) => {
    const layers = network(one);
    return { ...layers, ...atRecord(layers, x) };
  });
  return { labels, shown, x, records };
}

const panel = (area, colour, caption, ...content) =>
  html("div", { class: area }, html("p", { class: "caption", style: `color: var(--${colour})` }, caption), ...content);

/** The map: each digit as its label at its μ, ten of them bold, over the prior's circles. */
function planeOf({ labels, shown }, setZ) {
  const marks = digitMarks(labels);
  marks.bold((i) => shown.includes(i));
  const label = "The latent map: each test digit as its label at its μ, the prior as circles";
  const { node, moveTo } = latentMap(label, { under: [marks.node, priorCircles()], follow: true, setZ });
  const draw = ({ codes, z }) => {
    marks.show(codes.map((mu) => ({ mu })));
    moveTo(z);
  };
  return { node, draw };
}

/** What the decoder draws: at z, over a grid of the plane, and of ten digits at their μ. */
function picturesOf({ shown, x, records }, setZ) {
  const over = latentMap("The plane of z, with the decoder's picture at each point of a grid", {
    under: [],
    follow: true,
    setZ,
  });
  const image = (label) => ({ role: "img", "aria-label": label });
  const grid = sheet(GRID, GRID, 1, { "aria-hidden": "true" });
  const spot = sheet(
    1,
    1,
    0,
    image("The decoder's picture at z: for each of the 64 pixels, the probability that it is on"),
  );
  const rows = ["Ten test digits, 0 to 9", "Their reconstructions: the decoder's pictures at μ"];
  const [ten, again] = rows.map((label) => sheet(10, 1, 1, image(label)));
  ten.show(shown.map((i) => x[i]));
  let now = { k: null, z: [0, 0] };
  const setOne = (j) => (value) => setZ(now.z.map((other, i) => (i === j ? value : other)));
  const range = { min: -REACH, max: REACH, step: 0.05, value: 0 };
  const sliders = ["z₁", "z₂"].map((name, j) => slider(name, range, setOne(j)));

  function draw({ k, z }) {
    const record = records[k];
    if (k !== now.k) {
      grid.show(PLACES.map((place) => pictureAt(record, place)));
      again.show(shown.map((i) => pictureAt(record, record.codes[i].mu)));
    }
    now = { k, z };
    spot.show([pictureAt(record, z)]);
    over.moveTo(z);
    sliders.forEach((one, j) => one.set(z[j]));
  }

  const row = (name, { node }) => html("div", { class: "row" }, html("span", {}, name), node);
  const controls = html("div", {}, ...sliders.map(({ node }) => node));
  return {
    draw,
    here: panel(
      "here",
      "decoder",
      "Its picture at the ring: point, tap, or slide z",
      html("div", { class: "decoded" }, html("div", {}, spot.node), controls),
    ),
    manifold: panel(
      "manifold",
      "decoder",
      "Decoder: its picture at each z",
      html("div", { class: "over" }, grid.node, over.node),
    ),
    digits: panel(
      "digits",
      "decoder",
      "Reconstructions: its pictures at z = μ(x)",
      row("x", ten),
      row("p(x|z)", again),
    ),
  };
}

/** Both terms of the loss over the epochs. */
function termsOf({ epochs, history, reconstruction, independent }, { records }, choose) {
  const minus = (values) => values.map((value) => -value);
  const yardstick = (y) => [
    svg("line", { class: "yardstick", x1: 28, x2: 350, y1: y(independent), y2: y(independent) }),
    words(350, y(independent) - 6, `independent pixels, ${format(independent, 1)}`, { anchor: "end" }),
  ];
  const first = { low: 14, high: 46, ticks: [20, 30, 40], colour: "decoder", name: "Minus the reconstruction term" };
  const second = { low: 0, high: 4, ticks: [0, 1, 2, 3, 4], colour: "kl", name: "The KL" };
  const curves = [
    { ...first, line: minus(history.reconstruction), dots: minus(reconstruction), extra: yardstick },
    { ...second, line: history.kl, dots: records.map(({ kl }) => kl) },
  ].map((one) => curve(epochs, one, choose));
  const note = (text) => html("p", { class: "hint" }, text);
  const exact = note("Dots: exact. Line: after each epoch, from one draw of z an image.");
  return {
    draw: (k) => curves.forEach((one) => one.draw(k)),
    first: panel("first-term", "decoder", "−reconstruction, nats an image", curves[0].node, exact),
    second: panel("second-term", "kl", "KL, nats an image", curves[1].node, note("Dots and line: the closed form.")),
  };
}

/** The sentences. While the run plays, they are not read aloud. */
function reading({ epochs, reconstruction, independent }, { records }) {
  const nats = html("p", { class: "nats", "aria-live": "polite" });
  const where = html("p", { class: "where hint" });

  function draw(k, playing) {
    const { kl, centre, spread } = records[k];
    const axes = ["z₁", "z₂"].map((name, j) => `${name} ${format(centre[j])} ± ${format(spread[j])}`).join(", ");
    const offset = format(0.5 * (centre[0] ** 2 + centre[1] ** 2));
    nats.setAttribute("aria-live", playing ? "off" : "polite");
    nats.textContent =
      `Epoch ${epochs[k]}: −reconstruction ${format(-reconstruction[k])} + KL ${format(kl)} = ` +
      `−ELBO ${format(kl - reconstruction[k])} nats an image. Independent pixels: ${format(independent)} nats.`;
    where.textContent =
      `Mean and standard deviation of μ over these digits: ${axes}. ` +
      `Of the KL, ½‖mean‖² = ${offset} nats are paid for where the whole map lies.`;
  }

  return { nats, where, draw };
}

const tabbed = (terms, { manifold, digits }, { where }) =>
  tabs(
    ["the loss", html("div", { class: "terms" }, terms.first, terms.second, where)],
    ["the decoder", html("div", { class: "decoder" }, manifold, digits)],
  );
