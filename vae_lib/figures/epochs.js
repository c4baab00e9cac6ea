// Chapter 5: a recorded training run, epoch by epoch: map, terms of the loss, pictures; z under the pointer is decoded live.
import { axis, button, clamp, draggable, format, html, oncePerFrame, path, place, scale, slider, svg } from "./base.js";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const DIGIT = Object.fromEntries([...ALPHABET].map((character, i) => [character, i]));
const PIXELS = 64;
const SIZES = [[PIXELS, 32], [32, 4], [2, 32], [32, PIXELS]]; // inputs and outputs: encoder, encoder, decoder, decoder

const relu = (value) => Math.max(0, value);
const mean = (values) => values.reduce((a, b) => a + b, 0) / values.length;
const linear = ({ weight, bias }, input) => bias.map((b, i) => input.reduce((total, value, j) => total + weight[i * input.length + j] * value, b));

/** The weights of a record: three digits of base 64 each, in ten-thousandths from −13.1072 on. */
export const weights = (text) => Array.from({ length: text.length / 3 }, (_, k) =>
  (DIGIT[text[3 * k]] * 4096 + DIGIT[text[3 * k + 1]] * 64 + DIGIT[text[3 * k + 2]] - 131072) / 10000);

/** The two layers of the encoder and of the decoder of a record, { weight, bias }; weight holds row after row. */
export function network(text) {
  const values = weights(text);
  let at = 0;
  const take = (n) => values.slice(at, (at += n));
  const layers = SIZES.map(([inputs, outputs]) => ({ weight: take(inputs * outputs), bias: take(outputs) }));
  return { encoder: layers.slice(0, 2), decoder: layers.slice(2) };
}

/** The encoder: from the places of the pixels that are on to the μ and the σ of q(z|x). */
export function encode([first, second], on) {
  const hidden = first.bias.map((b, i) => relu(on.reduce((total, j) => total + first.weight[i * PIXELS + j], b)));
  const [mu1, mu2, ...logVar] = linear(second, hidden);
  return { mu: [mu1, mu2], sigma: logVar.map((value) => Math.exp(0.5 * value)) };
}

/** The decoder: from z to the probability of each pixel. */
export const decode = ([first, second], z) => linear(second, linear(first, z).map(relu)).map((logit) => 1 / (1 + Math.exp(-logit)));

/** KL(N(μ, diag(σ²)) ‖ N(0, I)), nats. */
export const kl = ({ mu, sigma }) => mu.reduce((total, m, j) => total + 0.5 * (m ** 2 + sigma[j] ** 2 - 1) - Math.log(sigma[j]), 0);

/** The places of the pixels that are on in a picture of 16 hexadecimal digits. */
export const pixelsOn = (hex) => [...hex].flatMap((digit, i) => [8, 4, 2, 1].flatMap((bit, k) => (parseInt(digit, 16) & bit ? [4 * i + k] : [])));

/** All pictures at their μ and σ, the record's KL and where its map lies: means and standard deviations of μ. */
export function atRecord(text, pictures) {
  const { encoder } = network(text);
  const codes = pictures.map((on) => encode(encoder, on));
  const centre = [0, 1].map((j) => mean(codes.map(({ mu }) => mu[j])));
  const spread = centre.map((c, j) => Math.sqrt(mean(codes.map(({ mu }) => (mu[j] - c) ** 2))));
  return { codes, kl: mean(codes.map(kl)), centre, spread };
}

/** The decoder's pictures of a record at each z. */
export const picturesAt = (text, zs) => zs.map((z) => decode(network(text).decoder, z));

const REACH = 3; // map and manifold show |z₁|, |z₂| up to here
const GRID = 9; // pictures along a side of the manifold, each in the middle of a square of the map
const SIDE = 8;
const PAUSE = 1000; // milliseconds that a record stays while playing
const TICKS = [0, 1, 2, 5, 10, 20, 50, 100, 200, 500];
const STYLE = `
.frame { container-type: inline-size; }
.epochs { display: grid; grid-template: "first second" "map manifold" "here digits" / 1fr 1fr; gap: 0.7rem 1.4rem; }
.epochs > * { min-width: 0; }
.first { grid-area: first; } .second { grid-area: second; } .map { grid-area: map; } .manifold { grid-area: manifold; }
.here { grid-area: here; } .digits { grid-area: digits; }
@container (max-width: 36rem) {
  .epochs { grid-template: "map" "here" "manifold" "digits" "first" "second" / 1fr; }
}
.run { display: grid; grid-template-columns: 1fr auto; align-items: center; gap: 0 1rem; }
@container (max-width: 36rem) { .run { grid-template-columns: 1fr; } }
.scrubber { display: grid; grid-template-columns: auto 1fr 3.2rem; align-items: center; gap: 0.6rem; }
.scrubber input { width: 100%; min-height: 1.75rem; margin: 0; accent-color: var(--ink); }
.scrubber output { font-weight: 700; }
.buttons { display: flex; flex-wrap: wrap; gap: 0.5rem; margin: 0.3rem 0; }
.caption { margin: 0 0 0.3rem; }
.note { font-size: 0.8rem; line-height: 1.3; margin: 0.2rem 0; }
.over { position: relative; }
.over svg { position: relative; }
.plane { cursor: crosshair; }
.over canvas { position: absolute; left: ${100 * 28 / 360}%; top: ${100 * 2 / 366}%; width: ${100 * 328 / 360}%; }
canvas { display: block; width: 100%; image-rendering: pixelated; }
:host([data-dark]) canvas { filter: invert(1); }
.marks text { font-size: 11px; fill: var(--data); text-anchor: middle; }
.marks .shown { font-size: 14px; font-weight: 700; fill: var(--ink); }
.halo { paint-order: stroke; stroke: var(--ground); stroke-width: 4px; stroke-linejoin: round; }
.decoded { display: grid; grid-template-columns: 7rem 1fr; gap: 1rem; align-items: start; }
.decoded > :first-child { border: 2px solid var(--decoder); }
.decoded .slider { grid-template-columns: 1.6rem 1fr 3rem; }
.row { display: grid; grid-template-columns: 3.2rem 1fr; gap: 0.5rem; align-items: center; margin: 0.3rem 0; }
`;

/** A canvas of 8×8 pictures, `gap` pixels after each; `show(pictures)` shades them, 0 as the ground and 1 as ink. */
function sheet(columns, rows, gap, attributes) {
  const [width, height] = [columns, rows].map((count) => count * (SIDE + gap));
  const node = html("canvas", { width, height, ...attributes });
  const context = node.getContext("2d");
  const image = context.createImageData(width, height);
  const at = (k, i) => (Math.floor(k / columns) * (SIDE + gap) + Math.floor(i / SIDE)) * width + (k % columns) * (SIDE + gap) + (i % SIDE);
  const show = (pictures) => {
    pictures.forEach((values, k) => values.forEach((value, i) => (image.data[4 * at(k, i) + 3] = Math.round(255 * value))));
    context.putImageData(image, 0, 0);
  };
  return { node, show };
}

/** One term of the loss over the epochs: `line` after each epoch, `dots` at the records, and a marker; `choose(record)`. */
function curve(epochs, line, dots, { high, low, ticks, colour, name }, extra, choose) {
  const grow = scale([0, Math.log(1 + TICKS[TICKS.length - 1])], [28, 350]);
  const x = (epoch) => grow(Math.log(1 + epoch));
  const y = scale([low, high], [128, 6]);
  const marker = svg("g", {}, svg("path", { d: `M0,6V128`, stroke: "var(--ink)", "stroke-width": 1 }));
  const ring = svg("circle", { r: 7, fill: "none", stroke: "var(--ink)", "stroke-width": 2.5 });
  const surface = svg("rect", { x: 20, y: 0, width: 340, height: 132, fill: "transparent" });
  const node = svg("svg", { viewBox: "0 0 360 170", role: "img", "aria-label": `${name} over the epochs, with a marker at the epoch shown` },
    axis(x, TICKS, 128, "epoch"), svg("path", { d: "M28,6V128", stroke: "var(--ink)" }),
    ...ticks.flatMap((tick) => [
      svg("text", { x: 21, y: y(tick) + 5, "text-anchor": "end" }, format(tick, 0)),
      svg("path", { d: `M24,${y(tick)}h4`, stroke: "var(--ink)" }),
    ]),
    ...extra(y), marker,
    svg("path", { d: path(line.map((value, i) => [x(i + 1), y(value)])), fill: "none", stroke: `var(--${colour})`, "stroke-width": 1.2 }),
    ...dots.map((value, k) => svg("circle", { cx: x(epochs[k]), cy: y(value), r: 3.5, fill: `var(--${colour})` })),
    ring, surface);
  surface.style.cursor = "pointer";
  surface.addEventListener("click", (event) => {
    const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(node.getScreenCTM().inverse()).x;
    choose(epochs.reduce((best, epoch, k) => (Math.abs(x(epoch) - at) < Math.abs(x(epochs[best]) - at) ? k : best), 0));
  });
  const draw = (k) => {
    place(marker, { transform: `translate(${x(epochs[k]).toFixed(1)},0)` });
    place(ring, { cx: x(epochs[k]).toFixed(1), cy: y(dots[k]).toFixed(1) });
  };
  return { node, draw };
}

/** The latent plane with its axes: `content` in it, z as a ring that follows the pointer; `.x` and `.y` are its scales. */
function plane(label, content, setZ) {
  const [x, y] = [scale([-REACH, REACH], [28, 356]), scale([-REACH, REACH], [330, 2])];
  const handle = svg("g", {}, svg("circle", { r: 16, fill: "transparent" }), svg("circle", { r: 8, fill: "none", stroke: "var(--ground)", "stroke-width": 5 }),
    svg("circle", { r: 8, fill: "none", stroke: "var(--ink)", "stroke-width": 2.5 }));
  const node = svg("svg", { class: "plane", viewBox: "0 0 360 366", role: "img", "aria-label": label },
    svg("path", { d: "M28,2V330H356", fill: "none", stroke: "var(--ink)" }),
    ...[-2, -1, 0, 1, 2].flatMap((tick) => [
      svg("text", { x: x(tick), y: 346, "text-anchor": "middle" }, format(tick, 0)),
      svg("text", { x: 22, y: y(tick) + 5, "text-anchor": "end" }, format(tick, 0)),
    ]),
    svg("text", { x: x(0), y: 364, "text-anchor": "middle" }, "z₁"), svg("text", { x: 0, y: y(0.5) + 5 }, "z₂"),
    ...content(x, y), svg("rect", { x: 28, y: 2, width: 328, height: 328, fill: "transparent" }), handle);
  const move = (px, py) => setZ([x.invert(px), y.invert(py)].map((value) => clamp(value, -REACH, REACH)));
  const follow = (event) => {
    const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(node.getScreenCTM().inverse());
    if (Math.max(Math.abs(x.invert(at.x)), Math.abs(y.invert(at.y))) <= REACH) move(at.x, at.y);
  };
  node.addEventListener("pointermove", (event) => event.pointerType === "mouse" && follow(event)); // a finger scrolls, or taps
  node.addEventListener("click", follow);
  draggable(handle, move);
  handle.style.cursor = "crosshair";
  return { node, x, y, draw: (z) => place(handle, { transform: `translate(${x(z[0]).toFixed(1)},${y(z[1]).toFixed(1)})` }) };
}

/** The map: each picture as its label at its μ, those in `shown` bold, over the prior's circles. */
function latentMap(labels, shown, setZ) {
  const marks = labels.map((label, i) => svg("text", shown.includes(i) ? { class: "shown" } : {}, String(label)));
  const bold = shown.map((i) => marks[i]);
  const { node, x, y, draw } = plane("The latent map: each test digit as its label at its μ, the prior as circles", (x, y) => [
    svg("g", { class: "marks" }, ...marks.filter((mark) => !bold.includes(mark)), ...bold),
    ...[1, 2].map((r) => svg("circle", { cx: x(0), cy: y(0), r: x(r) - x(0), fill: "none", stroke: "var(--prior)", "stroke-width": 1.5, "stroke-dasharray": "6 4" })),
    svg("text", { class: "halo", x: x(1.45), y: y(-1.62), style: "fill: var(--prior)" }, "prior"),
  ], setZ);
  const show = (codes) => codes.forEach(({ mu }, i) => place(marks[i], { x: x(mu[0]).toFixed(1), y: (y(mu[1]) + 4).toFixed(1) }));
  return { node, draw, show };
}

/** The scrubber: a slider over the records with the epoch as its value, and buttons; `change(record)`. */
function scrubber(epochs, state, change) {
  const input = html("input", { type: "range", min: 0, max: epochs.length - 1, step: 1, value: 0, input: () => choose(Number(input.value)) });
  const output = html("output");
  let timer = null;
  const playing = (on) => {
    clearInterval(timer);
    timer = on ? setInterval(() => (change(state.k + 1), state.k === epochs.length - 1 && playing(false)), PAUSE) : null;
    play.textContent = on ? "pause" : "play";
    state.playing = on;
  };
  const choose = (k) => (playing(false), change(clamp(k, 0, epochs.length - 1)));
  const play = button("play", () => {
    if (!timer && state.k === epochs.length - 1) change(0);
    playing(!timer);
  });
  const node = html("div", { class: "run" }, html("label", { class: "scrubber" }, html("span", {}, "epoch"), input, output),
    html("div", { class: "buttons" }, button("previous", () => choose(state.k - 1)), button("next", () => choose(state.k + 1)), play));
  const draw = (k) => {
    input.value = k;
    input.setAttribute("aria-valuetext", `epoch ${epochs[k]}`);
    output.textContent = String(epochs[k]);
  };
  return { node, draw, choose };
}

export function render(root, { epochs, weights: texts, reconstruction, history, digits, labels: text, independent }) {
  const pictures = digits.map(pixelsOn);
  const labels = [...text].map(Number);
  const shown = Array.from({ length: 10 }, (_, label) => labels.indexOf(label));
  const middle = (k) => REACH * ((2 * k + 1) / GRID - 1);
  const grid = Array.from({ length: GRID ** 2 }, (_, k) => [middle(k % GRID), -middle(Math.floor(k / GRID))]);
  const records = texts.map((one) => ({ ...atRecord(one, pictures), decoder: network(one).decoder }));
  const state = { k: 0, z: [0, 0], playing: false };

  const setRecord = (k) => set({ k });
  const setZ = (z) => set({ z });
  const scrub = scrubber(epochs, state, setRecord);
  const yardstick = (y) => [
    svg("path", { d: `M28,${y(independent)}H350`, stroke: "var(--data)", "stroke-width": 1.5, "stroke-dasharray": "2 4" }),
    svg("text", { class: "halo", x: 350, y: y(independent) - 6, "text-anchor": "end" }, `independent pixels, ${format(independent, 1)}`),
  ];
  const first = curve(epochs, history.reconstruction.map((value) => -value), reconstruction.map((value) => -value),
    { low: 14, high: 46, ticks: [20, 30, 40], colour: "decoder", name: "Minus the reconstruction term" }, yardstick, scrub.choose);
  const second = curve(epochs, history.kl, records.map((record) => record.kl),
    { low: 0, high: 4, ticks: [0, 1, 2, 3, 4], colour: "kl", name: "The KL" }, () => [], scrub.choose);
  const map = latentMap(labels, shown, setZ);
  const manifold = plane("The plane of z, with the decoder's picture at each point of a grid", () => [], setZ);
  const manifoldSheet = sheet(GRID, GRID, 1, { "aria-hidden": "true" });
  const here = sheet(1, 1, 0, { role: "img", "aria-label": "The decoder's picture at z: for each of the 64 pixels, the probability that it is on" });
  const [x, again] = ["Ten test digits, 0 to 9", "Their reconstructions: the decoder's pictures at μ"].map((label) => sheet(10, 1, 1, { role: "img", "aria-label": label }));
  x.show(shown.map((i) => Array.from({ length: PIXELS }, (_, j) => Number(pictures[i].includes(j)))));
  const nats = html("p", { "aria-live": "polite" });
  const where = html("p", { class: "note" });
  const sliders = [0, 1].map((j) => slider(["z₁", "z₂"][j], { min: -REACH, max: REACH, step: 0.05, value: 0 }, (value) =>
    setZ(state.z.map((old, i) => (i === j ? value : old)))));

  function set(change) {
    Object.assign(state, change);
    redraw();
  }

  function drawRecord(k) {
    const { codes, kl, centre, spread, decoder } = records[k];
    scrub.draw(k);
    [first, second].forEach((one) => one.draw(k));
    map.show(codes);
    manifoldSheet.show(grid.map((z) => decode(decoder, z)));
    again.show(shown.map((i) => decode(decoder, codes[i].mu)));
    nats.setAttribute("aria-live", state.playing ? "off" : "polite");
    nats.textContent = `Epoch ${epochs[k]}: −reconstruction ${format(-reconstruction[k])} + KL ${format(kl)} = −ELBO ${format(kl - reconstruction[k])} nats an image. ` +
      `Independent pixels: ${format(independent)} nats.`;
    where.textContent = `Mean and standard deviation of μ over these digits: z₁ ${format(centre[0])} ± ${format(spread[0])}, z₂ ${format(centre[1])} ± ${format(spread[1])}. ` +
      `Of the KL, ½‖mean‖² = ${format(0.5 * (centre[0] ** 2 + centre[1] ** 2))} nats are paid for where the whole map lies.`;
  }

  let drawn = null;
  function draw() {
    if (drawn !== state.k) drawRecord((drawn = state.k));
    here.show([decode(records[state.k].decoder, state.z)]);
    [map, manifold].forEach((one) => one.draw(state.z));
    sliders.forEach((one, j) => {
      one.set(state.z[j]);
      one.node.querySelector("output").textContent = format(state.z[j]); // z itself, which need not be a step of the slider
      one.node.querySelector("input").setAttribute("aria-valuetext", format(state.z[j]));
    });
  }

  const redraw = oncePerFrame(draw);
  draw();
  const panel = (area, colour, caption, ...content) =>
    html("div", { class: area }, html("p", { class: "caption", style: `color: var(--${colour})` }, caption), ...content);
  const note = (words) => html("p", { class: "note" }, words);
  root.append(html("style", {}, STYLE), html("div", { class: "frame" }, scrub.node, nats,
    html("div", { class: "epochs" },
      panel("first", "decoder", "−reconstruction, nats an image", first.node, note("Dots: exact. Line: after each epoch, from one draw of z an image.")),
      panel("second", "kl", "KL, nats an image", second.node, note("Dots and line: the closed form.")),
      panel("map", "q", "Encoder: each test digit at its μ", map.node, where),
      panel("manifold", "decoder", "Decoder: its picture at each z", html("div", { class: "over" }, manifoldSheet.node, manifold.node)),
      panel("here", "decoder", "Its picture at the ring: point, tap, or slide z",
        html("div", { class: "decoded" }, html("div", {}, here.node), html("div", {}, ...sliders.map((one) => one.node)))),
      panel("digits", "decoder", "Reconstructions: its pictures at z = μ(x)",
        html("div", { class: "row" }, html("span", {}, "x"), x.node), html("div", { class: "row" }, html("span", {}, "p(x|z)"), again.node)))));
}
