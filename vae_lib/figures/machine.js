// Chapter 1: x passes the encoder, q(z|x) is an ellipse over the encoded digits, z can be dragged, the decoder follows.
import { button, clamp, draggable, format, html, noise, oncePerFrame, place, scale, slider, svg } from "./base.js";

const relu = (value) => Math.max(0, value);
const sum = (values) => values.reduce((a, b) => a + b, 0);
const linear = ([weight, bias], input) => weight.map((row, i) => row.reduce((total, w, j) => total + w * input[j], bias[i]));
const mlp = (layers, input) => layers.reduce((h, layer, k) => linear(layer, k ? h.map(relu) : h), input);

/** The encoder (1.3): from the 64 pixels of x to the μ and the σ of q(z|x). `layers` are [weight, bias] pairs. */
export function encode(layers, x) {
  const output = mlp(layers, x);
  const [mu, logVar] = [output.slice(0, output.length / 2), output.slice(output.length / 2)];
  return { mu, sigma: logVar.map((value) => Math.exp(0.5 * value)) };
}

/** The decoder (1.4): from z to 64 logits. */
export const decode = (layers, z) => mlp(layers, z);

export const sigmoid = (logit) => 1 / (1 + Math.exp(-logit));

/** log p(x|z), nats: the sum over the pixels of x · logit − log(1 + e^logit), without overflow. */
export const logLikelihood = (x, logits) =>
  sum(logits.map((logit, i) => x[i] * logit - relu(logit) - Math.log1p(Math.exp(-Math.abs(logit)))));

/** KL(N(μ, diag(σ²)) ‖ N(0, I)), nats. */
export const kl = (mu, sigma) => sum(mu.map((m, j) => 0.5 * (m ** 2 + sigma[j] ** 2 - 1) - Math.log(sigma[j])));

/** The 64 pixels of 16 hexadecimal digits, row by row. */
export const pixels = (hex) => [...hex].flatMap((digit) => [8, 4, 2, 1].map((bit) => (parseInt(digit, 16) & bit ? 1 : 0)));

const REACH = 3; // the map shows |z₁|, |z₂| up to here
const SIDE = 8;
const STYLE = `
.frame { container-type: inline-size; }
.machine { display: grid; grid-template: "x map pi" / 1fr 2.15fr 1fr; gap: 0.4rem 1.3rem; }
.machine > * { min-width: 0; }
.in { grid-area: x; } .map { grid-area: map; } .out { grid-area: pi; }
@container (max-width: 36rem) { .machine { grid-template: "x pi" "map map" / 1fr 1fr; } }
.caption { margin: 0 0 0.3rem; white-space: nowrap; }
.hint { font-size: 0.8rem; line-height: 1.3; min-height: 2.6em; margin: 0.35rem 0; }
.thumbs { display: grid; grid-template-columns: repeat(5, 1fr); gap: 0.3rem; }
.thumbs label { position: relative; display: block; cursor: pointer; }
.thumbs input { position: absolute; inset: 0; width: 100%; height: 100%; margin: 0; opacity: 0; cursor: pointer; }
.thumbs svg { border: 1px solid var(--data); box-sizing: border-box; }
.thumbs input:checked + svg { outline: 3px solid var(--ink); }
.thumbs input:focus-visible + svg { outline: 3px solid var(--q); outline-offset: 3px; }
.pad svg { cursor: crosshair; }
.cursor { visibility: hidden; }
.pad:focus-visible .cursor { visibility: visible; }
.buttons { display: flex; flex-wrap: wrap; gap: 0.5rem; margin: 0.5rem 0; }
.map svg { cursor: crosshair; }
.marks text { font-size: 11px; fill: var(--data); text-anchor: middle; }
.marks .same text { font-weight: 700; fill: var(--ink); }
.halo { paint-order: stroke; stroke: var(--ground); stroke-width: 4px; stroke-linejoin: round; }
.out th, .out td { padding-right: 0.5rem; }
.out table { width: 100%; }
`;

/** An 8×8 picture in SVG whose `show(values)` shades its pixels, 0 as the ground and 1 as ink. */
function picture(frame, attributes) {
  const cells = Array.from({ length: SIDE * SIDE }, (_, i) =>
    svg("rect", { x: i % SIDE, y: Math.floor(i / SIDE), width: 1.02, height: 1.02, fill: "var(--ink)", "fill-opacity": 0 }));
  const lines = Array.from({ length: SIDE - 1 }, (_, i) => `M${i + 1},0V${SIDE}M0,${i + 1}H${SIDE}`).join("");
  const node = svg("svg", { viewBox: `-0.1 -0.1 ${SIDE + 0.2} ${SIDE + 0.2}`, ...attributes }, ...cells,
    frame && svg("path", { d: lines, stroke: "var(--data)", "stroke-width": 0.02, fill: "none" }),
    frame && svg("rect", { width: SIDE, height: SIDE, fill: "none", stroke: frame, "stroke-width": 0.14 }));
  return { node, show: (values) => values.forEach((value, i) => cells[i].setAttribute("fill-opacity", value.toFixed(3))) };
}

/** The pad: painted by pointer, or with arrow keys and the space bar; `change(i, on)` is told of every pixel. */
function pad(isOn, change) {
  const { node, show } = picture("var(--data)", { "aria-hidden": "true" });
  const cursor = svg("rect", { class: "cursor", width: 0.8, height: 0.8, fill: "none", stroke: "var(--q)", "stroke-width": 0.2 });
  const surface = svg("rect", { width: SIDE, height: SIDE, fill: "transparent" });
  const hint = html("p", { class: "hint", "aria-live": "polite" });
  const rest = "Paint with the pointer, or with arrow keys and space.";
  hint.textContent = rest;
  let [column, row, paint] = [3, 3, null];
  const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

  function say() {
    place(cursor, { x: column + 0.1, y: row + 0.1 });
    hint.textContent = `row ${row + 1}, column ${column + 1}: ${isOn(row * SIDE + column) ? "on" : "off"}. Space changes it.`;
  }

  function key(event) {
    const step = steps[event.key];
    if (!step && event.key !== " ") return;
    event.preventDefault();
    if (step) [column, row] = [column + step[0], row + step[1]].map((at) => clamp(at, 0, SIDE - 1));
    else change(row * SIDE + column, !isOn(row * SIDE + column));
    say();
  }

  surface.addEventListener("pointerdown", () => {
    paint = null;
    focusable.focus({ preventScroll: true }); // arrow keys go on where the pointer was
  });
  draggable(surface, (x, y) => {
    if (Math.min(x, y) < 0 || Math.max(x, y) >= SIDE) return;
    const i = Math.floor(y) * SIDE + Math.floor(x);
    paint ??= !isOn(i);
    if (isOn(i) !== paint) change(i, paint);
  });
  surface.style.cursor = "";
  node.append(cursor, surface);
  const label = "Drawing pad, 8 by 8 pixels: arrow keys move, the space bar turns a pixel on or off";
  const focusable = html("div", { class: "pad", tabindex: 0, role: "application", "aria-label": label, keydown: key, focus: say, blur: () => (hint.textContent = rest) }, node);
  return { node: focusable, hint, show };
}

/** One small picture for each label, as radio buttons; `choose(label)`. */
function chooser(first, choose) {
  const inputs = first.map((x, label) => html("input", { type: "radio", name: "digit", "aria-label": `a ${label} of the test data`, change: () => choose(label) }));
  const thumbs = first.map(() => picture("", { "aria-hidden": "true" }));
  const node = html("div", { class: "thumbs", role: "radiogroup", "aria-label": "Choose x" },
    ...inputs.map((input, label) => html("label", {}, input, thumbs[label].node)));
  const show = (label, x) => thumbs[label].show(x);
  first.forEach((x, label) => show(label, x));
  return { node, show, mark: (label) => inputs.forEach((input, i) => (input.checked = i === label)) };
}

/** The latent space: the encoded digits, the prior, q as an ellipse, and z. */
function latentMap(encoded, labels, setZ) {
  const [x, y] = [scale([-REACH, REACH], [28, 356]), scale([-REACH, REACH], [330, 2])];
  const unit = x(1) - x(0);
  const ticks = [-2, -1, 0, 1, 2];
  const groups = Array.from({ length: 10 }, (_, label) => svg("g", {}, ...encoded.flatMap(({ mu }, i) =>
    labels[i] === label ? [svg("text", { x: x(mu[0]).toFixed(1), y: (y(mu[1]) + 4).toFixed(1) }, String(label))] : [])));
  const prior = [1, 2].map((r) => svg("circle", { cx: x(0), cy: y(0), r: r * unit, fill: "none", stroke: "var(--prior)", "stroke-width": 1.5, "stroke-dasharray": "6 4" }));
  const ellipses = [2, 1].map(() => svg("ellipse", { stroke: "var(--q)", "stroke-width": 2, fill: "var(--q)", "fill-opacity": 0.14 }));
  const mean = svg("path", { stroke: "var(--q)", "stroke-width": 2.5 });
  const arm = svg("line", { stroke: "var(--ink)", "stroke-width": 1.5 });
  const handle = svg("g", {}, svg("circle", { r: 16, fill: "transparent" }), svg("circle", { r: 7.5, fill: "var(--ground)", "fill-opacity": 0.7, stroke: "var(--ink)", "stroke-width": 2.5 }), svg("circle", { r: 2, fill: "var(--ink)" }));
  const name = (text, colour) => svg("text", { class: "halo", style: `fill: var(--${colour})` }, text);
  const [qName, zName] = [name("q", "q"), name("z", "ink")];
  const surface = svg("rect", { x: x(-REACH), y: y(REACH), width: 2 * REACH * unit, height: 2 * REACH * unit, fill: "transparent" });
  const node = svg("svg", { viewBox: "0 0 360 366", role: "img", "aria-label": "The latent space: the encoded test digits, the prior, q as an ellipse, and z" },
    svg("path", { d: `M28,2V330H356`, fill: "none", stroke: "var(--ink)" }),
    ...ticks.flatMap((tick) => [
      svg("text", { x: x(tick), y: 346, "text-anchor": "middle" }, format(tick, 0)),
      svg("text", { x: 22, y: y(tick) + 5, "text-anchor": "end" }, format(tick, 0)),
    ]),
    svg("text", { x: x(0), y: 364, "text-anchor": "middle" }, "z₁"), svg("text", { x: 0, y: y(0.5) + 5 }, "z₂"),
    ...prior, svg("g", { class: "marks" }, ...groups),
    svg("text", { class: "halo", x: x(1.45), y: y(-1.62), style: "fill: var(--prior)" }, "prior"),
    surface, ...ellipses, mean, arm, qName, zName, handle);
  const back = (px, py) => setZ([x.invert(px), y.invert(py)].map((value) => clamp(value, -REACH, REACH)));
  for (const part of [surface, ...ellipses]) {
    part.addEventListener("click", (event) => {
      const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(node.getScreenCTM().inverse());
      back(at.x, at.y);
    });
  }
  draggable(handle, back);

  function draw({ label, mu, sigma, z }) {
    groups.forEach((group, i) => group.classList.toggle("same", i === label));
    const inside = (value) => clamp(value, -REACH, REACH);
    const [cx, cy, zx, zy] = [x(mu[0]), y(mu[1]), x(inside(z[0])), y(inside(z[1]))];
    ellipses.forEach((ellipse, k) => place(ellipse, { cx, cy, rx: (2 - k) * sigma[0] * unit, ry: (2 - k) * sigma[1] * unit }));
    place(mean, { d: `M${cx - 5},${cy}h10M${cx},${cy - 5}v10` });
    place(arm, { x1: cx, y1: cy, x2: zx, y2: zy });
    place(handle, { transform: `translate(${zx},${zy})` });
    const toTheRight = zx >= cx;
    place(zName, { x: zx + (toTheRight ? 13 : -13), y: zy + 5, "text-anchor": toTheRight ? "start" : "end" });
    const edge = 2 * sigma[0] * unit + 5;
    place(qName, { x: cx + (toTheRight ? -edge : edge), y: cy + 5, "text-anchor": toTheRight ? "end" : "start" });
  }
  return { node, draw };
}

/** The numbers: one row a quantity, one column a latent. */
function reading() {
  const rows = [["μ", "q"], ["σ", "q"], ["ε", "ink"], ["z", "ink"]].map(([name, colour]) => ({
    cells: [html("td"), html("td")], head: html("th", { scope: "row", style: `color: var(--${colour})` }, name),
  }));
  const table = html("table", {},
    html("thead", {}, html("tr", {}, html("td"), html("th", { scope: "col", style: "text-align: right" }, "1"), html("th", { scope: "col", style: "text-align: right" }, "2"))),
    html("tbody", {}, ...rows.map(({ head, cells }) => html("tr", {}, head, ...cells))));
  const how = html("p", { class: "hint" });
  const nats = html("p", { "aria-live": "polite" });

  function draw({ x, mu, sigma, eps, z, byHand, logits }) {
    [mu, sigma, eps, z].forEach((pair, i) => pair.forEach((value, j) => (rows[i].cells[j].textContent = format(value))));
    how.textContent = byHand ? "This z is no draw of q; ε = (z − μ) / σ would lead to it." : "z = μ + σ ⊙ ε";
    nats.textContent = `log p(x|z) = ${format(logLikelihood(x, logits))} nats: how well this z explains x (fair coins: ${format(-64 * Math.LN2)}). ` +
      `KL(q(z|x) ‖ p(z)) = ${format(kl(mu, sigma))} nats: it depends on x, not on z.`;
  }
  return { table, how, nats, draw };
}

export function render(root, { encoder, decoder, digits, labels: text, start: label, eps }) {
  const labels = [...text].map(Number);
  const xs = digits.map(pixels);
  const encoded = xs.map((x) => encode(encoder, x));
  const normal = noise(1);
  const chosen = Array.from({ length: 10 }, (_, digit) => labels.indexOf(digit)); // the test digit that each small picture shows
  const state = { x: xs[chosen[label]], label, eps, byHand: null };

  const padPart = pad((i) => state.x[i] === 1, (i, on) => set({ x: Object.assign([...state.x], { [i]: Number(on) }), byHand: null, label: null }));
  const thumbs = chooser(chosen.map((i) => xs[i]), (digit) => set({ x: xs[chosen[digit]], label: (last = digit), byHand: null }));
  const output = picture("var(--decoder)", { role: "img", "aria-label": "The decoder's picture: for each of the 64 pixels, the probability that it is on" });
  const map = latentMap(encoded, labels, (z) => set({ byHand: z }));
  const numbers = reading();
  const sliders = [0, 1].map((j) => slider(["z₁", "z₂"][j], { min: -REACH, max: REACH, step: 0.05, value: 0 }, (value) => {
    const z = [...state.z];
    z[j] = value;
    set({ byHand: z });
  }));
  let last = label;
  const another = button("", () => {
    const next = [...labels.keys()].filter((i) => labels[i] === last);
    chosen[last] = next[(next.indexOf(chosen[last]) + 1) % next.length];
    thumbs.show(last, xs[chosen[last]]);
    set({ x: xs[chosen[last]], label: last, byHand: null });
  });

  function set(change) {
    Object.assign(state, change);
    redraw();
  }

  function derive() {
    const { mu, sigma } = encode(encoder, state.x);
    const z = state.byHand ?? mu.map((m, j) => m + sigma[j] * state.eps[j]);
    const shownEps = state.byHand ? z.map((value, j) => (value - mu[j]) / sigma[j]) : state.eps;
    state.z = z;
    return { ...state, mu, sigma, z, eps: shownEps, logits: decode(decoder, z) };
  }

  function draw() {
    const now = derive();
    padPart.show(now.x);
    thumbs.mark(now.label);
    output.show(now.logits.map(sigmoid));
    map.draw(now);
    numbers.draw(now);
    sliders.forEach((one, j) => {
      one.set(now.z[j]);
      one.node.querySelector("output").textContent = format(now.z[j]); // z itself, which need not be a step of the slider
      one.node.querySelector("input").setAttribute("aria-valuetext", format(now.z[j]));
    });
    another.textContent = `another ${last}`;
  }

  const redraw = oncePerFrame(draw);
  draw();
  root.append(html("style", {}, STYLE), html("div", { class: "frame" },
    html("div", { class: "machine" },
      html("div", { class: "in" }, html("p", { class: "caption" }, "x: a picture"), padPart.node, padPart.hint, thumbs.node,
        html("div", { class: "buttons" }, another, button("clear", () => set({ x: Array(64).fill(0), label: null, byHand: null })))),
      html("div", { class: "map" }, html("p", { class: "caption", style: "color: var(--q)" }, "→ encoder: q(z|x), 1 and 2 standard deviations"), map.node),
      html("div", { class: "out" }, html("p", { class: "caption", style: "color: var(--decoder)" }, "→ decoder: p(x|z)"), output.node, numbers.how, numbers.table)),
    html("div", { class: "controls" }, ...sliders.map((one) => one.node)),
    html("div", { class: "buttons" },
      button("resample ε", () => set({ eps: [normal(), normal()], byHand: null })),
      button("ε = 0, so z = μ", () => set({ eps: [0, 0], byHand: null })),
      button("z from the prior", () => set({ byHand: [normal(), normal()] }))),
    numbers.nats));
}
