// Shared by all explorables: elements, sliders, dragging, scales, numbers, and one redraw a frame.

const SVG = "http://www.w3.org/2000/svg";

/** An HTML element with attributes (functions become listeners) and children. */
export const html = (tag, attributes = {}, ...children) => fill(document.createElement(tag), attributes, children);

/** The same in SVG. */
export const svg = (tag, attributes = {}, ...children) => fill(document.createElementNS(SVG, tag), attributes, children);

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") node.addEventListener(name, value);
    else node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child));
  return node;
}

/** A number for reading: a fixed number of digits, a real minus, no minus before a zero. */
export function format(value, digits = 2) {
  const text = value.toFixed(digits);
  return (Number(text) === 0 ? text.replace("-", "") : text).replace("-", "−");
}

/** A linear scale: `from` [a, b] onto `to` [c, d]; `.invert` goes back. */
export function scale([a, b], [c, d]) {
  const map = (value) => c + ((value - a) / (b - a)) * (d - c);
  map.invert = (pixel) => a + ((pixel - c) / (d - c)) * (b - a);
  return map;
}

/** The density of N(0, 1). */
export const density = (r) => Math.exp(-0.5 * r * r) / Math.sqrt(2 * Math.PI);

/** P(ε < r) for ε ~ N(0, 1), by a series whose terms have one sign and so lose no digits. */
export function normalCdf(r) {
  if (Math.abs(r) > 9) return r > 0 ? 1 : 0;
  let [term, sum] = [r, r];
  for (let n = 1; n < 300 && Math.abs(term) > 1e-17 * Math.abs(sum); n++) sum += term *= (r * r) / (2 * n + 1);
  return 0.5 + density(r) * sum;
}

/** A source of independent N(0, 1) from a seed, the same numbers everywhere: mulberry32, then Box and Muller. */
export function noise(seed) {
  let state = seed >>> 0;
  const uniform = () => {
    state = (state + 1831565813) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}

export const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

/** An SVG path through points [[x, y], …]. */
export const path = (points) => points.map(([x, y], i) => `${i ? "L" : "M"}${x.toFixed(2)},${y.toFixed(2)}`).join("");

/** A labelled slider with its value beside it. `set(value)` moves it without calling `change`. */
export function slider(label, { min, max, step, value, digits = 2, unit = "" }, change) {
  const show = (number) => format(Number(number), digits) + (unit && ` ${unit}`);
  const input = html("input", { type: "range", min, max, step, value, input: () => update(true) });
  const output = html("output", {}, show(value));
  const update = (tell) => {
    output.textContent = show(input.value);
    input.setAttribute("aria-valuetext", output.textContent);
    if (tell) change(Number(input.value));
  };
  update(false);
  const node = html("label", { class: "slider" }, html("span", {}, label), input, output);
  return { node, set: (number) => ((input.value = number), update(false)) };
}

/** A labelled choice; `options` are [value, text] pairs. */
export function choice(label, options, change) {
  const select = html("select", { change: () => change(select.value) });
  select.append(...options.map(([value, text]) => html("option", { value }, text)));
  return html("label", { class: "choice" }, html("span", {}, label), select);
}

export const button = (text, click) => html("button", { type: "button", click }, text);

/** Let a pointer drag `node`: `move` gets the position in the coordinates of its SVG picture. */
export function draggable(node, move) {
  const at = (event) => {
    const picture = node.ownerSVGElement;
    const { x, y } = new DOMPoint(event.clientX, event.clientY).matrixTransform(picture.getScreenCTM().inverse());
    move(x, y);
  };
  node.style.touchAction = "none";
  node.style.cursor = "grab";
  node.addEventListener("pointerdown", (event) => {
    node.setPointerCapture(event.pointerId);
    event.preventDefault();
    at(event);
  });
  node.addEventListener("pointermove", (event) => node.hasPointerCapture(event.pointerId) && at(event));
}

/** A function that redraws at most once a frame, however often it is called. */
export function oncePerFrame(draw) {
  let waiting = false;
  return () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => ((waiting = false), draw()));
  };
}

/** An axis below a picture: ticks with numbers, and a name. */
export function axis(x, ticks, y, name) {
  const [first, last] = [ticks[0], ticks[ticks.length - 1]];
  return svg("g", { class: "axis" },
    svg("line", { x1: x(first), x2: x(last), y1: y, y2: y }),
    ...ticks.flatMap((tick) => [
      svg("line", { x1: x(tick), x2: x(tick), y1: y, y2: y + 5 }),
      svg("text", { x: x(tick), y: y + 20, "text-anchor": "middle" }, format(tick, 0)),
    ]),
    svg("text", { x: (x(first) + x(last)) / 2, y: y + 38, "text-anchor": "middle" }, name));
}

/** A waterfall: `steps` are [name, from, to, colour, "hollow"?]; names and signed heights stand below the bars. */
export function waterfall(steps, [low, high], height) {
  const y = scale([high, low], [15, height - 50]);
  const room = 400 / steps.length;
  return [
    svg("line", { x1: 0, x2: 400, y1: y(0), y2: y(0), stroke: "var(--ink)" }),
    ...steps.flatMap(([name, from, to, colour, hollow], i) => [
      svg("rect", {
        x: room * (i + 0.12), width: room * 0.76, y: y(Math.max(from, to)), height: Math.abs(y(to) - y(from)),
        fill: hollow ? "none" : colour, stroke: colour, "stroke-width": 2, "stroke-dasharray": hollow ? "6 3" : "none",
      }),
      i + 1 < steps.length && svg("line", { x1: room * (i + 0.88), x2: room * (i + 1.12), y1: y(to), y2: y(to), stroke: "var(--ink)" }),
      svg("text", { x: room * (i + 0.5), y: height - 24, "text-anchor": "middle" }, name),
      svg("text", { x: room * (i + 0.5), y: height - 5, "text-anchor": "middle" }, format(to - from)),
    ]),
  ];
}

/** Set attributes of a node that is there already. */
export const place = (node, attributes) => Object.entries(attributes).forEach(([name, value]) => node.setAttribute(name, value));

/** Whether the ground on which a node stands is dark: the first ancestor with a colour of its own decides. */
function onDarkGround(node) {
  for (let at = node.parentElement; at; at = at.parentElement) {
    const [red, green, blue, alpha = 1] = (getComputedStyle(at).backgroundColor.match(/[\d.]+/g) ?? []).map(Number);
    if (alpha > 0.5) return 0.3 * red + 0.6 * green + 0.1 * blue < 128;
  }
  return false;
}

/** Claim the next unclaimed element of this name, and let `render(root)` fill its shadow root. */
export function start(name, css, render) {
  const host = document.querySelector(`[data-explorable="${name}"]:not([data-live])`);
  if (!host) return;
  host.dataset.live = "";
  host.dataset.lmSuppressShortcuts = "true"; // JupyterLab takes arrow keys away from inputs otherwise
  const ground = () => host.toggleAttribute("data-dark", onDarkGround(host));
  ground();
  for (const node of [document.documentElement, document.body]) {
    new MutationObserver(() => setTimeout(ground, 300)).observe(node, { attributes: true });
  }
  const root = html("div", { class: "explorable" });
  render(root);
  host.attachShadow({ mode: "open" }).append(html("style", {}, css), root);
}
