// Chapter 2: the worked example with every number live: change x, ε or a weight, and read off values and gradients.
import { choice, button, clamp, format, html, oncePerFrame, place, svg } from "./base.js";

const dot = (a, b) => a.reduce((sum, value, i) => sum + value * b[i], 0);
const affine = (W, x, b) => W.map((row, i) => dot(row, x) + b[i]);
const transposed = (W, d) => W[0].map((_, j) => dot(W.map((row) => row[j]), d));
const outer = (a, b) => a.map((value) => b.map((other) => value * other));
const total = (values) => values.reduce((a, b) => a + b, 0);
const flat = (numbers) => [numbers].flat(2);

/** Every value of one example { x, eps, W1, b1, …, W4, b4 }, from a₁ to J: (2.1) to (2.8), as `worked_example.forward`. */
export function forward({ x, eps, W1, b1, W2, b2, W3, b3, W4, b4 }) {
  const a1 = affine(W1, x, b1);
  const h1 = a1.map((a) => Math.max(a, 0));
  const head = affine(W2, h1, b2);
  const [mu, log_var] = [head.slice(0, eps.length), head.slice(eps.length)];
  const [sigma, variance] = [log_var.map((l) => Math.exp(l / 2)), log_var.map(Math.exp)];
  const z = mu.map((m, j) => m + sigma[j] * eps[j]);
  const a2 = affine(W3, z, b3);
  const h2 = a2.map((a) => Math.max(a, 0));
  const f = affine(W4, h2, b4);
  const error = x.map((value, i) => value - f[i]);
  const reconstruction_loss = dot(error, error) / 2;
  const kl_per_dimension = mu.map((m, j) => (m ** 2 + variance[j] - 1 - log_var[j]) / 2);
  const kl = total(kl_per_dimension);
  return { a1, h1, mu, log_var, sigma, z, a2, h2, f, error, reconstruction_loss, kl_per_dimension, kl, J: reconstruction_loss + kl };
}

/** The gradient of J at every number of the example and at every value, from J back to x. */
export function backward(example) {
  const { x, eps, W1, W2, W3, W4 } = example;
  const v = forward(example);
  const f = v.error.map((e) => -e);
  const h2 = transposed(W4, f);
  const a2 = h2.map((d, i) => (v.a2[i] > 0 ? d : 0));
  const z = transposed(W3, a2);
  const mu = z.map((d, j) => d + v.mu[j]);
  const log_var = z.map((d, j) => (d * eps[j] * v.sigma[j] + v.sigma[j] ** 2 - 1) / 2);
  const head = [...mu, ...log_var];
  const h1 = transposed(W2, head);
  const a1 = h1.map((d, i) => (v.a1[i] > 0 ? d : 0));
  return {
    J: 1, kl: 1, kl_per_dimension: mu.map(() => 1), reconstruction_loss: 1, error: v.error,
    f, W4: outer(f, v.h2), b4: f, h2, a2, W3: outer(a2, v.z), b3: a2, z,
    eps: z.map((d, j) => d * v.sigma[j]), sigma: z.map((d, j) => d * eps[j]), mu, log_var,
    W2: outer(head, v.h1), b2: head, h1, a1, W1: outer(a1, x), b1: a1,
    x: transposed(W1, a1).map((d, i) => d + v.error[i]),
  };
}

/** A number as a student writes it, "-3/2", "0.3" or "2 ln 2"; NaN for anything else. */
export function parse(text) {
  const found = text.trim().replace("−", "-").match(/^(-?)\s*(\d*\.?\d*)(?:\/(\d+))?\s*(?:ln\s*(\d+))?$/);
  if (!found || !(found[2] || found[4])) return NaN;
  const [, sign, over, under, log] = found;
  return ((sign ? -1 : 1) * Number(over || 1) * (log ? Math.log(log) : 1)) / Number(under ?? 1);
}

// The drawing. A tensor stands at (left, row) in one of two panels; those of the right column are values, one row each.
const [LEFT, RIGHT, WIDE, CELL, PITCH] = [2, 200, 156, 35, 59];
const [BAND, CAPTION] = [20, 18]; // the height of a cell's value above its gradient; of a caption
const [LIMIT, STEPS] = [5, 20]; // slider and mouse move a number so far from zero, in so many steps a unit
const GAP = 193; // where lines run down between the columns
const middle = (row) => PITCH * row + CAPTION + CELL / 2;

/** What each tensor is: symbol, colour, caption, where it stands, the forward and the backward equation, what it reads. */
const NODES = {
  x: { symbol: "x", colour: "data", at: [0, RIGHT, 0, WIDE], again: [1, LEFT, 5, 184], backward: "∂J/∂x = W₁ᵀ ∂J/∂a₁ + (x − f(z))", use: ["a1", "error"] },
  W1: { symbol: "W₁", colour: "q", at: [0, LEFT, 0, 145], backward: "∂J/∂W₁ = ∂J/∂a₁ · xᵀ", use: ["a1"] },
  b1: { symbol: "b₁", colour: "q", at: [0, 151, 0, 35, 1], backward: "∂J/∂b₁ = ∂J/∂a₁", use: ["a1"] },
  a1: { symbol: "a₁", colour: "q", at: [0, RIGHT, 1, WIDE], forward: "a₁ = W₁x + b₁", tag: "2.1", backward: "∂J/∂a₁ = ∂J/∂h₁ where a₁ > 0, else 0", reads: ["W1", "x", "b1"] },
  h1: { symbol: "h₁", colour: "q", at: [0, RIGHT, 2, WIDE], forward: "h₁ = ReLU(a₁)", tag: "2.1", backward: "∂J/∂h₁ = W₂ᵀ ∂J/∂(μ, log σ²)", reads: ["a1"] },
  W2: { symbol: "W₂", colour: "q", at: [0, LEFT, 130 / PITCH, 135], backward: "∂J/∂W₂ = ∂J/∂(μ, log σ²) · h₁ᵀ", use: ["mu"] },
  b2: { symbol: "b₂", colour: "q", at: [0, 141, 130 / PITCH, 45, 1], backward: "∂J/∂b₂ = ∂J/∂(μ, log σ²)", use: ["mu"] },
  mu: { symbol: "μ", colour: "q", at: [0, RIGHT, 3, 66], forward: "(μ, log σ²) = W₂h₁ + b₂", tag: "2.2", backward: "∂J/∂μ = ∂J/∂z + μ", reads: ["W2", "h1", "b2"] },
  log_var: { symbol: "log σ²", colour: "q", at: [0, RIGHT + 66, 3, 90], forward: "(μ, log σ²) = W₂h₁ + b₂", tag: "2.2", backward: "∂J/∂log σ² = ½ σ ⊙ ε ⊙ ∂J/∂z + ½ (σ² − 1)", reads: ["W2", "h1", "b2"] },
  sigma: { symbol: "σ", colour: "q", at: [0, RIGHT + 66, 4, 90], forward: "σ = exp(½ log σ²)", tag: "2.3", backward: "∂J/∂σ = ε ⊙ ∂J/∂z, by way of z alone (the KL takes σ² from log σ²)", reads: ["log_var"] },
  eps: { symbol: "ε", colour: "prior", at: [0, LEFT, 5, 184], backward: "∂J/∂ε = σ ⊙ ∂J/∂z", use: ["z"] },
  z: { symbol: "z", colour: "ink", at: [0, RIGHT, 5, WIDE], again: [1, RIGHT, 0, WIDE], forward: "z = μ + σ ⊙ ε", tag: "2.4", backward: "∂J/∂z = W₃ᵀ ∂J/∂a₂", reads: ["mu", "sigma", "eps"] },
  kl_per_dimension: { symbol: "KL of each latent", each: "KL of latent", colour: "kl", at: [0, RIGHT, 6, WIDE], forward: "½ (μ² + σ² − 1 − log σ²)", tag: "2.7", backward: "KL and J are plain sums of them: slope 1", reads: ["mu", "log_var"] },
  kl: { symbol: "KL", colour: "kl", at: [0, LEFT, 6, 184], again: [1, LEFT, 6, 184], forward: "KL = its sum over the latents", tag: "2.7", backward: "J is a plain sum: slope 1", reads: ["kl_per_dimension"] },
  W3: { symbol: "W₃", colour: "decoder", at: [1, LEFT, 0, 118], backward: "∂J/∂W₃ = ∂J/∂a₂ · zᵀ", use: ["a2"] },
  b3: { symbol: "b₃", colour: "decoder", at: [1, 127, 0, 59, 1], backward: "∂J/∂b₃ = ∂J/∂a₂", use: ["a2"] },
  a2: { symbol: "a₂", colour: "decoder", at: [1, RIGHT, 1, WIDE], forward: "a₂ = W₃z + b₃", tag: "2.5", backward: "∂J/∂a₂ = ∂J/∂h₂ where a₂ > 0, else 0", reads: ["W3", "z", "b3"] },
  h2: { symbol: "h₂", colour: "decoder", at: [1, RIGHT, 2, WIDE], forward: "h₂ = ReLU(a₂)", tag: "2.5", backward: "∂J/∂h₂ = W₄ᵀ ∂J/∂f", reads: ["a2"] },
  W4: { symbol: "W₄", colour: "decoder", at: [1, LEFT, 130 / PITCH, 135], backward: "∂J/∂W₄ = ∂J/∂f · h₂ᵀ", use: ["f"] },
  b4: { symbol: "b₄", colour: "decoder", at: [1, 141, 130 / PITCH, 45, 1], backward: "∂J/∂b₄ = ∂J/∂f", use: ["f"] },
  f: { symbol: "f(z)", colour: "decoder", at: [1, RIGHT, 3, WIDE], forward: "f(z) = W₄h₂ + b₄", tag: "2.5", backward: "∂J/∂f = f(z) − x", reads: ["W4", "h2", "b4"] },
  error: { symbol: "x − f(z)", colour: "data", at: [1, RIGHT, 4, WIDE], forward: "x − f(z)", tag: "2.6", backward: "∂J/∂(x − f) = x − f(z)", reads: ["x", "f"] },
  reconstruction_loss: { symbol: "½‖x − f(z)‖²", colour: "decoder", at: [1, RIGHT, 5, WIDE], forward: "½‖x − f(z)‖²", tag: "2.6", backward: "J is a plain sum: slope 1", reads: ["error"] },
  J: { symbol: "J", colour: "ink", at: [1, RIGHT, 6, WIDE], forward: "J = ½‖x − f(z)‖² + KL", tag: "2.8", backward: "∂J/∂J = 1", reads: ["reconstruction_loss", "kl"] },
};

const INPUTS = ["x", "eps", "W1", "b1", "W2", "b2", "W3", "b3", "W4", "b4"];

const down = (from, to, x) => [[x, middle(from) + CELL / 2], [x, middle(to) - CELL / 2 - 2]];
const across = (row) => [[186, middle(row)], [198, middle(row)]];

/** The arrows: panel, the points that it passes, colour; what is drawn at random is dashed. */
const ARROWS = [
  [0, down(0, 1, 342)], [0, down(1, 2, 342)], [0, down(2, 3, 252)], [0, down(2, 3, 342)], [0, across(1), "q"], [0, across(3), "q"],
  [0, down(3, 4, 342)], [0, down(3, 5, 252)], [0, down(4, 5, 342)], [0, across(5), "prior", "dashed"],
  [0, [[356, middle(3)], [366, middle(3)], [366, middle(6)], [358, middle(6)]], "q"],
  [0, [[RIGHT, middle(6)], [188, middle(6)]], "kl"],
  ...[0, 1, 2, 3, 4, 5].map((row) => [1, down(row, row + 1, 342)]),
  [1, across(1), "decoder"], [1, across(3), "decoder"], [1, across(6), "kl"],
  [1, [[186, middle(5)], [GAP, middle(5)], [GAP, middle(4)], [198, middle(4)]], "data"],
];

function arrow([, points, colour = "ink", dashed]) {
  const [[fromX, fromY], [x, y]] = points.slice(-2);
  const turn = (Math.atan2(y - fromY, x - fromX) * 180) / Math.PI;
  return svg("g", { stroke: `var(--${colour})`, fill: `var(--${colour})` },
    svg("polyline", { points: points.join(" "), fill: "none", "stroke-width": 1.3, "stroke-dasharray": dashed ? "4 3" : "none" }),
    svg("path", { d: "M1,0 L-6,-3.2 L-6,3.2 Z", stroke: "none", transform: `translate(${x},${y}) rotate(${turn})` }));
}

const STYLE = `
  .moved { min-height: 2.9em; }
  .about { min-height: 6rem; }
  .hold, .hold div { display: flex; flex-wrap: wrap; gap: 0.4rem 0.8rem; align-items: center; }
  .hold label { display: flex; gap: 0.5rem; align-items: center; }
  .hold input[type=range] { flex: 1 1 9rem; min-width: 6rem; min-height: 1.75rem; margin: 0; accent-color: var(--q); }
  .hold input[type=text] { width: 5.2rem; min-height: 1.9rem; box-sizing: border-box; padding: 0.15rem 0.4rem; font: inherit;
    color: var(--ink); background: var(--ground); border: 1px solid var(--data); border-radius: 0.3rem; text-align: right; }
  .hold input[aria-invalid=true] { border: 2px dashed var(--gap); }
  svg text { font-size: 13px; user-select: none; -webkit-user-select: none; }
  .node text { text-anchor: middle; }
  .node .caption { text-anchor: start; }
  .node .slope { font-size: 11.5px; font-style: italic; }
  .node rect { stroke-width: 1; }
  .node .tint { fill-opacity: 0.14; stroke: none; }
  .node .frame { fill: none; }
  .node .off .frame { stroke-dasharray: 3 3; }
  .node.reads .frame { stroke-width: 2; }
  .node.lit .frame { stroke-width: 3; }
  .node.lit .tint { fill-opacity: 0.26; }
  .node.lit .caption, .node.reads .caption { font-weight: 700; }
  .node .hand { fill: none; stroke: none; }
  .held .hand { stroke: var(--ink); stroke-width: 2.5; }
  .changed .value { font-weight: 700; font-size: 12px; }
  .editable { cursor: ew-resize; touch-action: pan-y; }
  g:focus { outline: none; }
  .node, .editable { scroll-margin-bottom: 12rem; }
  g:focus-visible { outline: 2px solid var(--q); outline-offset: 2px; }
  .editable:focus-visible { outline-offset: -2px; }
  .about { position: sticky; bottom: 0; background: var(--ground); border-top: 1px solid var(--data); margin-top: 0.6rem; padding: 0.4rem 0;
    display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 19rem), 1fr)); gap: 0.2rem 1.4rem; }
  .about p { margin: 0; overflow-wrap: anywhere; }
  code { font: 0.8rem/1.4 ui-monospace, "SFMono-Regular", "DejaVu Sans Mono", Menlo, Consolas, monospace; }
`;

export function render(root, data) {
  const state = { example: 0, held: { key: "eps", k: 1 }, focus: null, over: null };
  const groups = []; // of each place where a tensor stands: { key, again, group, cells }
  let [numbers, v, d] = []; // the inputs, and what follows from them
  let [base, origin] = []; // the same at the example's own numbers, and where the held number was taken

  const count = (key) => flat(v[key]).length;
  const columns = (key) => NODES[key].at[4] ?? v[key][0]?.length ?? count(key);
  const read = (all, { key, k }) => flat(all[key])[k];
  const shown = () => state.over ?? state.focus ?? state.held;
  const editable = (key) => INPUTS.includes(key);

  /** Begin with an example's own numbers. */
  function load() {
    const { values } = data.examples[state.example];
    numbers = Object.fromEntries(INPUTS.map((key) => [key, values[key].map((row) => (Array.isArray(row) ? row.map(parse) : parse(row)))]));
    compute();
    base = origin = { v, d };
  }

  function compute() {
    v = { ...structuredClone(numbers), ...forward(numbers) };
    d = backward(numbers);
  }

  /** Take hold of a number: the slider and the field belong to it now, and its steps are counted from here. */
  function hold(key, k) {
    state.over = null;
    if (key !== state.held.key || k !== state.held.k) origin = { v, d };
    state.held = { key, k };
    redraw();
  }

  function change(value) {
    const { key, k } = state.held;
    const matrix = Array.isArray(numbers[key][0]);
    const row = matrix ? numbers[key][Math.floor(k / columns(key))] : numbers[key];
    row[matrix ? k % columns(key) : k] = clamp(value, -LIMIT, LIMIT);
    compute();
    redraw();
  }

  function mark(where) {
    Object.assign(state, where);
    redraw();
  }

  /** A number as text: exactly, where it has the example's value and there is room for it, else as a decimal. */
  function text(kind, key, k, room = Infinity) {
    const [now, then] = kind === "values" ? [v, base.v] : [d, base.d];
    const exact = flat(data.examples[state.example][kind][key])[k];
    const value = read(now, { key, k });
    return value === read(then, { key, k }) && exact.length <= room ? exact.replaceAll("-", "−") : decimal(value);
  }

  function entryName(key, k) {
    if (!Array.isArray(v[key][0])) return `number ${k + 1}`;
    return `row ${1 + Math.floor(k / columns(key))}, column ${1 + (k % columns(key))}`;
  }

  const name = ({ key, k }) => (NODES[key].each ? `${NODES[key].each} ${k + 1}` : count(key) > 1 ? `${entryName(key, k)} of ${NODES[key].symbol}` : NODES[key].symbol);

  /** A tensor in the drawing: a caption, and cells with the value above and the slope below. `again` is a second place. */
  function tensor(key, [, left, row, width], again = false) {
    const colour = `var(--${NODES[key].colour})`;
    const title = svg("text", { class: "caption", x: left + 1, y: PITCH * row + 13, style: `fill: ${colour}` }, caption(key, again));
    const group = svg("g", { class: "node", pointerleave: (event) => event.pointerType === "touch" || mark({ over: null }) }, title);
    const room = width / columns(key);
    const cells = flat(v[key]).map((_, k) => {
      const [x, y] = [left + room * (k % columns(key)), PITCH * row + CAPTION + CELL * Math.floor(k / columns(key))];
      const [value, slope] = [15, 31].map((below) => svg("text", { x: x + room / 2, y: y + below }));
      slope.classList.add("slope");
      value.classList.add("value");
      const node = svg("g", { pointerenter: () => mark({ over: { key, k } }) },
        svg("rect", { x, y, width: room, height: CELL, style: "fill: var(--ground)" }),
        svg("rect", { class: "tint", x, y, width: room, height: BAND, fill: colour }),
        svg("rect", { class: "frame", x, y, width: room, height: CELL, stroke: colour }),
        svg("rect", { class: "hand", x: x + 1.5, y: y + 1.5, width: room - 3, height: CELL - 3 }), value, slope);
      group.append(node);
      return { node, value, slope, room };
    });
    if (again) group.setAttribute("aria-hidden", "true");
    else listen(key, group, cells);
    groups.push({ key, again, group, cells });
    return group;
  }

  function listen(key, group, cells) {
    group.setAttribute("role", "group");
    if (editable(key)) cells.forEach(({ node }, k) => scrub(node, key, k));
    else {
      group.setAttribute("tabindex", 0);
      group.addEventListener("focus", () => mark({ focus: { key, k: 0 }, over: null }));
    }
  }

  /** Take a number where it stands, and drag it to the right or to the left. */
  function scrub(node, key, k) {
    let start = null;
    place(node, { class: "editable", role: "button" });
    node.addEventListener("focus", () => (hold(key, k), mark({ focus: { key, k }, over: null })));
    node.addEventListener("pointerdown", (event) => {
      hold(key, k);
      node.setPointerCapture(event.pointerId);
      start = { x: event.clientX, value: read(v, { key, k }) };
    });
    node.addEventListener("pointermove", ({ clientX }) => {
      if (start && Math.abs(clientX - start.x) > 3) change(rounded(start.value + (clientX - start.x) / 60));
    });
    node.addEventListener("lostpointercapture", () => (start = null));
  }

  /** Arrow keys go from number to number of a tensor. */
  function walk(event) {
    if (!state.focus) return;
    const { key } = state.focus;
    const { cells } = groups.find((group) => group.key === key && !group.again);
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns(key), ArrowDown: columns(key) }[event.key];
    if (!step) return;
    event.preventDefault();
    const k = state.focus.k + step;
    if (!cells[k]) return;
    if (editable(key)) cells[k].node.focus();
    else mark({ focus: { key, k }, over: null });
  }

  // The controls: which number, its slider and its field.
  const which = choice("Change", INPUTS.map((key) => [key, NODES[key].symbol]), (key) => hold(key, 0));
  const entry = choice("its", [], (k) => hold(state.held.key, Number(k)));
  const example = choice("Example", [[0, "the first x"], [1, "the second x"]], (n) => ((state.example = Number(n)), load(), redraw()));
  const range = html("input", { type: "range", min: -LIMIT, max: LIMIT, step: 1 / STEPS, input: () => change(Number(range.value)) });
  const field = html("input", { type: "text", spellcheck: "false", autocomplete: "off", input: () => accept(field.value), blur: () => redraw() });

  function accept(typed) {
    const value = parse(typed);
    const valid = Math.abs(value) <= LIMIT;
    field.setAttribute("aria-invalid", !valid);
    if (valid) change(value);
  }

  function drawControls() {
    const { key, k } = state.held;
    const [tensors, entries] = [which, entry].map((label) => label.querySelector("select"));
    if (entries.dataset.key !== key) {
      entries.replaceChildren(...flat(v[key]).map((_, i) => html("option", { value: i }, entryName(key, i))));
      entries.dataset.key = key;
    }
    tensors.value = key;
    entries.value = k;
    range.value = read(v, state.held);
    place(range, { "aria-label": name(state.held), "aria-valuetext": text("values", key, k) });
    field.setAttribute("aria-label", `${name(state.held)}, from −5 to 5, such as 0.3, 3/2 or 2 ln 2`);
    if (field.getRootNode().activeElement === field) return; // it is being written in
    field.value = text("values", key, k);
    field.setAttribute("aria-invalid", "false");
  }

  // What is said in words: the loss, what the last step did, and the tensor under the pointer or the focus.
  const [loss, moved] = [html("p", { "aria-live": "polite" }), html("p", { class: "moved" })];
  const [equation, worked, code, slopeEquation, slope, slopeCode] = Array.from({ length: 6 }, () => html("p"));

  function drawWords() {
    const exactly = (key) => (v[key] === base.v[key] ? `${text("values", key, 0)} ≈ ` : "") + format(v[key], 4);
    loss.textContent = `J = ${exactly("J")} nats: the reconstruction loss ${exactly("reconstruction_loss")}, plus the KL ${exactly("kl")}.`;
    const step = read(v, state.held) - read(origin.v, state.held);
    const rate = read(origin.d, state.held);
    moved.textContent = step
      ? `You moved ${name(state.held)} by ${signed(step, 2)}, and J by ${signed(v.J - origin.v.J, 4)} nats. The slope from where you started says ${decimal(rate)} · ${step < 0 ? `(${format(step)})` : format(step)} = ${signed(rate * step, 4)}.`
      : `Move ${name(state.held)} by a small step, and J will move by about ${text("gradients", state.held.key, state.held.k, 8)} times the step: that is its slope.`;
  }

  function drawAbout() {
    const { key, k } = shown();
    const node = NODES[key];
    const written = (of) => `${NODES[of].forward} (${NODES[of].tag})`;
    equation.textContent = node.use ? `${node.symbol} is given, and enters ${node.use.map(written).join(" and ")}.` : written(key);
    worked.textContent = `${name({ key, k })}: ${node.use ? "" : `${arithmetic(key, k)} = `}${text("values", key, k)}`;
    code.replaceChildren(html("code", {}, data.code[node.use?.[0] ?? key]));
    slopeEquation.textContent = node.backward;
    slope.textContent = `slope at ${name({ key, k })}: ${text("gradients", key, k)}`;
    slopeCode.replaceChildren(html("code", {}, data.backward[key] ?? ""));
  }

  /** The equation of one number with the numbers that enter it in place. */
  function arithmetic(key, k) {
    const plain = (name, i = k) => text("values", name, i);
    const factor = (name, i = k) => (/^[\d./]+$/.test(plain(name, i)) ? plain(name, i) : `(${plain(name, i)})`);
    const sum = (terms) => terms.join(" + ");
    const layer = (W, x, b, i = k) => sum([...flat(v[x]).map((_, j) => `${factor(W, i * columns(W) + j)} · ${factor(x, j)}`), factor(b, i)]);
    return {
      a1: () => layer("W1", "x", "b1"), h1: () => `max(0, ${plain("a1")})`,
      mu: () => layer("W2", "h1", "b2"), log_var: () => layer("W2", "h1", "b2", k + count("mu")),
      sigma: () => `exp(½ · ${factor("log_var")})`, z: () => `${plain("mu")} + ${factor("sigma")} · ${factor("eps")}`,
      a2: () => layer("W3", "z", "b3"), h2: () => `max(0, ${plain("a2")})`, f: () => layer("W4", "h2", "b4"),
      error: () => `${plain("x")} − ${factor("f")}`,
      reconstruction_loss: () => `½ (${sum(v.error.map((_, i) => power("error", i)))})`,
      kl_per_dimension: () => `½ (${power("mu")} + ${power("sigma")} − 1 − ${factor("log_var")})`,
      kl: () => sum(v.mu.map((_, i) => plain("kl_per_dimension", i))),
      J: () => `${plain("reconstruction_loss")} + ${plain("kl")}`,
    }[key]();

    function power(name, i = k) {
      return `${/^[\d.]+$/.test(plain(name, i)) ? plain(name, i) : `(${plain(name, i)})`}²`;
    }
  }

  function drawGraph() {
    const lit = shown().key;
    for (const { key, again, group, cells } of groups) {
      group.classList.toggle("lit", key === lit);
      group.classList.toggle("reads", Boolean(NODES[lit].reads?.includes(key)));
      if (!again) group.setAttribute("aria-label", spoken(key));
      cells.forEach((cell, k) => drawCell(cell, key, k, again));
    }
  }

  function drawCell({ node, value, slope, room }, key, k, again) {
    value.textContent = text("values", key, k, room / 5.9);
    slope.textContent = text("gradients", key, k, room / 5.3);
    const relu = { h1: "a1", h2: "a2" }[key];
    node.classList.toggle("off", Boolean(relu) && v[relu][k] <= 0);
    if (!editable(key)) return;
    const held = key === state.held.key && k === state.held.k;
    node.classList.toggle("held", held);
    node.classList.toggle("changed", read(v, { key, k }) !== read(base.v, { key, k }));
    if (again) return;
    const stop = key === state.held.key ? held : k === 0; // one stop of the tab key for each tensor
    place(node, { tabindex: stop ? 0 : -1, "aria-pressed": held, "aria-label": `${name({ key, k })}: ${value.textContent}, slope ${slope.textContent}` });
  }

  function spoken(key) {
    const all = (kind) => flat(v[key]).map((_, k) => text(kind, key, k)).join(", ");
    const { symbol, forward: equation } = NODES[key];
    if (editable(key)) return symbol;
    return `${equation.startsWith(symbol) ? "" : `${symbol}, from `}${equation}: ${all("values")}; slope ${all("gradients")}`;
  }

  const redraw = oncePerFrame(draw);
  function draw() {
    drawControls();
    drawWords();
    drawAbout();
    drawGraph();
  }

  load();
  const panels = ["Encoder, draw and KL", "Decoder, reconstruction loss and J"].map((title, panel) =>
    svg("svg", { viewBox: `0 0 372 ${middle(6) + CELL / 2 + 3}`, role: "group", "aria-label": title },
      ...ARROWS.filter(([where]) => where === panel).map(arrow),
      ...Object.entries(NODES).flatMap(([key, { at, again }]) => [
        again?.[0] === panel && tensor(key, again, true),
        at[0] === panel && tensor(key, at),
      ])));
  draw();
  root.append(html("style", {}, STYLE),
    html("div", { class: "hold" }, which, entry, range, field,
      html("div", {}, example, button("Reset", () => (load(), redraw())))),
    loss, moved,
    html("p", {}, "Drag a number of x, ε, W or b sideways, or use the slider; point at any number to see where it comes from. In each cell: the value, and under it in italics the slope ∂J/∂value. Values run along the arrows, slopes against them. Bold: changed by you. Dashed: switched off by a ReLU."),
    html("div", {}, // within it the words about a number stay in sight
      html("div", { class: "panels", keydown: walk, focusout: () => mark({ focus: null }) }, ...panels),
      html("div", { class: "about" }, html("div", {}, equation, worked, code), html("div", {}, slopeEquation, slope, slopeCode))));
}

/** What stands above a tensor: its equation, where there is room for it. */
function caption(key, again) {
  const { symbol, forward: equation } = NODES[key];
  return again || ["mu", "log_var", "sigma", "z", "kl_per_dimension", "kl", "J"].includes(key) ? symbol : equation ?? symbol;
}

const rounded = (value) => Math.round(value * STEPS) / STEPS;
const signed = (value, digits) => (value > 0 ? "+" : "") + format(value, digits);

/** A decimal that fits into a cell. */
function decimal(value) {
  const size = Math.abs(value);
  if (size >= 1e4) return value.toExponential(0).replace("-", "−").replace("e+", "e");
  return value === 0 ? "0" : format(value, size < 10 ? 2 : size < 100 ? 1 : 0);
}
