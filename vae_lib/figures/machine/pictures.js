// Pictures of 8 × 8 pixels: to look at, to draw on, and to choose from.
import { draggable } from "../base/drag.js";
import { html, place, svg } from "../base/elements.js";
import { clamp } from "../base/numbers.js";
import { hexadecimal, pixels, SIDE } from "../base/pixels.js";

const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const PAD = "Drawing pad, 8 by 8 pixels: arrow keys move, the space bar turns a pixel on or off";
const HINT = "Paint with the pointer, or with arrow keys and space.";

/** A picture in a frame, named for screen readers if it has a label. `show(values)` shades it: 0 the ground, 1 ink. */
export function grid(frame, label) {
  const cell = (_, i) =>
    svg("rect", { class: "cell", x: i % SIDE, y: Math.floor(i / SIDE), width: 1.02, height: 1.02 });
  const cells = Array.from({ length: SIDE * SIDE }, cell);
  const lines = Array.from({ length: SIDE - 1 }, (_, i) => `M${i + 1},0V${SIDE}M0,${i + 1}H${SIDE}`).join("");
  const node = svg(
    "svg",
    { viewBox: `-0.1 -0.1 ${SIDE + 0.2} ${SIDE + 0.2}`, ...(label ? { role: "img", "aria-label": label } : hidden) },
    ...cells,
    frame && svg("path", { class: "lines", d: lines }),
    frame && svg("rect", { class: "frame", width: SIDE, height: SIDE, stroke: frame }),
  );
  const show = (values) => values.forEach((value, i) => cells[i].setAttribute("fill-opacity", value.toFixed(3)));
  return { node, show };
}

const hidden = { "aria-hidden": "true" };

/** The pad: painted by pointer, or with arrow keys and the space bar; `change` gets the picture that it would be. */
export function pad(change) {
  const { node: picture, show } = grid("var(--data)");
  const cursor = svg("rect", { class: "cursor", width: 0.8, height: 0.8 });
  const surface = svg("rect", { class: "surface", width: SIDE, height: SIDE });
  const hint = html("p", { class: "hint", "aria-live": "polite" }, HINT);
  let [x, column, row] = [[], 3, 3]; // what is drawn, and where the keyboard's cursor is

  function paint(i, on) {
    // At once: a stroke may pass several pixels within a frame.
    x = x.map((value, k) => (k === i ? Number(on) : value));
    change(hexadecimal(x));
  }

  function say() {
    place(cursor, { x: column + 0.1, y: row + 0.1 });
    const state = x[row * SIDE + column] ? "on" : "off";
    hint.textContent = `row ${row + 1}, column ${column + 1}: ${state}. Space changes it.`;
  }

  function key(event) {
    const step = STEPS[event.key];
    if (!step && event.key !== " ") return;
    event.preventDefault();
    if (step) [column, row] = [column + step[0], row + step[1]].map((place) => clamp(place, 0, SIDE - 1));
    else paint(row * SIDE + column, !x[row * SIDE + column]);
    say();
  }

  const rest = () => {
    hint.textContent = HINT;
  };
  const attributes = { class: "pad", tabindex: 0, role: "application", "aria-label": PAD };
  const node = html("div", { ...attributes, keydown: key, focus: say, blur: rest }, picture);
  picture.append(cursor, surface);
  strokes(
    surface,
    (i) => !x[i],
    paint,
    () => node.focus({ preventScroll: true }),
  ); // arrow keys go on from there
  const draw = (found) => {
    x = pixels(found.hex);
    show(found.x);
  };
  return { node, hint, draw };
}

/** A stroke makes every pixel that it passes what the first of them was not. */
function strokes(surface, isOff, paint, begun) {
  let on = null;
  const pass = (px, py) => {
    if (Math.min(px, py) < 0 || Math.max(px, py) >= SIDE) return;
    const i = Math.floor(py) * SIDE + Math.floor(px);
    on ??= isOff(i);
    if (isOff(i) === on) paint(i, on);
  };
  draggable(surface, pass, (px, py) => {
    on = null;
    begun();
    pass(px, py);
  });
}

/** One small picture for each label, as radio buttons; `choose(label)`. */
export function chooser(first, choose) {
  const radio = (_, label) => ({ type: "radio", name: "digit", "aria-label": `a ${label} of the test data` });
  const inputs = first.map((_, label) => html("input", { ...radio(_, label), change: () => choose(label) }));
  const thumbs = first.map(() => grid());
  const options = inputs.map((input, label) => html("label", {}, input, thumbs[label].node));
  const node = html("div", { class: "thumbs", role: "radiogroup", "aria-label": "Choose x" }, ...options);
  const show = (label, hex) => thumbs[label].show(pixels(hex));
  first.forEach((hex, label) => show(label, hex));
  const mark = (label) => inputs.forEach((input, i) => Object.assign(input, { checked: i === label }));
  return { node, show, mark };
}
