// The latent map: the plane of z with its axes, the prior's circles, digits where they are encoded, and z as a ring.
import { at, handle } from "./drag.js";
import { place, svg } from "./elements.js";
import { clamp, format } from "./numbers.js";
import { picture, words } from "./picture.js";
import { scale } from "./scale.js";

export const REACH = 3; // the map shows |z₁|, |z₂| up to here
export const x = scale([-REACH, REACH], [28, 356]);
export const y = scale([-REACH, REACH], [330, 2]);
export const UNIT = x(1) - x(0);
const CLOSE = 9; // pixels of the screen between two digits that can be told apart

/** The map with `under` below the surface and `over` above it; `setZ` gets the z that was pressed, or dragged to. With
 * `follow` a mouse that is over the map drags z along. `moveTo(z)` puts the ring there. */
export function latentMap(label, { under, over = [], follow = false, setZ }) {
  const put = (px, py) => setZ([x.invert(px), y.invert(py)].map((value) => clamp(value, -REACH, REACH)));
  const press = (event) => put(...at(node, event));
  const mouse = (event) => event.pointerType === "mouse" && press(event); // a finger scrolls, or taps
  const ring = handle(
    put,
    svg("circle", { class: "ring-ground", r: 8 }),
    svg("circle", { class: "ring", r: 8 }),
    svg("circle", { class: "dot", r: 2 }),
  );
  const surface = svg("rect", { class: "surface", x: x(-REACH), y: y(REACH), width: 6 * UNIT, height: 6 * UNIT });
  const pressed = svg("g", { click: press, ...(follow && { pointermove: mouse }) }, surface, ...over);
  const node = picture(360, 366, label, axes(), ...under, pressed, ring.node);
  return { node, moveTo: (z) => ring.moveTo(...inside(z)) };
}

/** Where z stands in the picture, or at its edge. */
export const inside = (z) => [x(clamp(z[0], -REACH, REACH)), y(clamp(z[1], -REACH, REACH))];

/** The prior: circles of one and two standard deviations, and its name. */
export function priorCircles() {
  const circles = [1, 2].map((r) => svg("circle", { class: "prior", cx: x(0), cy: y(0), r: r * UNIT }));
  return svg("g", {}, ...circles, words(x(1.45), y(-1.62), "prior", { colour: "prior" }));
}

/** Each digit as its label at its μ, except those that would cover another: `show(codes)` puts them there. `bold(i)`
 * says which stand out. */
export function digitMarks(labels) {
  const marks = labels.map((label) => svg("text", {}, String(label)));
  const node = svg("g", { class: "marks" }, ...marks);
  const show = (codes) => {
    const kept = { near: [], far: [] };
    codes.forEach(({ mu }, i) => {
      const [px, py] = [x(mu[0]), y(mu[1])];
      place(marks[i], { x: px.toFixed(1), y: (py + 4).toFixed(1) });
      marks[i].classList.toggle("covered", !room(kept.near, px, py, CLOSE));
      marks[i].classList.toggle("tight", !room(kept.far, px, py, 2 * CLOSE));
    });
  };
  const bold = (isBold) => marks.forEach((mark, i) => mark.classList.toggle("bold", isBold(i)));
  return { node, show, bold };
}

/** Whether a place is `far` from all those kept; if so, it is kept too. */
function room(kept, px, py, far) {
  const free = kept.every(([qx, qy]) => Math.hypot(px - qx, py - qy) >= far);
  if (free) kept.push([px, py]);
  return free;
}

function axes() {
  return svg(
    "g",
    {},
    svg("path", { d: "M28,2V330H356", fill: "none", stroke: "var(--ink)" }),
    ...[-2, -1, 0, 1, 2].flatMap((tick) => [
      svg("text", { x: x(tick), y: 346, "text-anchor": "middle" }, format(tick, 0)),
      svg("text", { x: 22, y: y(tick) + 5, "text-anchor": "end" }, format(tick, 0)),
    ]),
    svg("text", { x: x(0), y: 364, "text-anchor": "middle" }, "z₁"),
    svg("text", { x: 0, y: y(0.5) + 5 }, "z₂"),
  );
}
