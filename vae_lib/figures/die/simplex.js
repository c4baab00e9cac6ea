// The simplex: a triangle whose corners are the faces, q in it to be dragged, and the relaxed throws.
import { at, handle } from "../base/drag.js";
import { place, svg } from "../base/elements.js";
import { sum } from "../base/numbers.js";
import { picture, words } from "../base/picture.js";
import { sigmoid } from "../base/small-vae.js";
import { percents } from "./settings.js";

const LABEL =
  "The simplex, a triangle whose corners are the three faces: q, and the relaxed throws of the frozen noise";
export const CORNERS = [
  [200, 40],
  [50, 300],
  [350, 300],
];
const PIXEL = 13;
const round = (number) => number.toFixed(1);

/** Where shares of the three faces lie. */
const spot = (shares) => [0, 1].map((axis) => sum(shares.map((part, k) => part * CORNERS[k][axis])));

/** The shares at a place; outside of the triangle some are below 0. */
function sharesAt(px, py) {
  const [[x0, top], [x1, floor], [x2]] = CORNERS;
  const first = (py - floor) / (top - floor);
  const third = (px - x1 - first * (x0 - x1)) / (x2 - x1);
  return [first, 1 - first - third, third];
}

/** The triangle before a decoder; `moved(q)` is told where a hand puts q, by a drag or a tap. `draw(found)`. */
export function simplex(decoder, moved) {
  const edge = svg("path", { class: "edge", d: `M${CORNERS.map((corner) => corner.join(",")).join("L")}Z` });
  const points = svg("path", { class: "throws" });
  const grip = handle(
    (px, py) => moved(percents(sharesAt(px, py))),
    svg("circle", { class: "grip", r: 11 }),
    svg("text", { class: "letter", y: 4.5 }, "q"),
  );
  const node = picture(400, 346, LABEL, edge, ...faces(decoder), points, grip.node);
  edge.addEventListener("click", (event) => moved(percents(sharesAt(...at(node, event)))));

  function draw({ q, throws }) {
    place(points, { d: throws.map((z) => circle(spot(z))).join("") });
    grip.moveTo(...spot(q));
  }

  return { node, draw };
}

const circle = ([x, y]) => `M${round(x - 4)},${round(y)}a4,4 0 1,0 8,0a4,4 0 1,0 -8,0`;

/** At each corner its number and the picture that it draws; and x, which is to be drawn. */
function faces({ table, x }) {
  const shades = [...table.map((row) => row.map(sigmoid)), x];
  const names = ["face 1", "face 2", "face 3", "x"];
  const places = [
    [222, 14],
    [50 - PIXEL, 312],
    [350 - PIXEL, 312],
    [372, 14],
  ];
  const anchors = [
    [256, 33, "start"],
    [50 + PIXEL + 8, 330, "start"],
    [350 - PIXEL - 8, 330, "end"],
    [364, 33, "end"],
  ];
  return names.flatMap((name, k) => [
    small(places[k], shades[k]),
    words(anchors[k][0], anchors[k][1], name, { anchor: anchors[k][2] }),
  ]);
}

/** A picture of 2 × 2 pixels. */
const small = ([left, top], shades) =>
  svg(
    "g",
    { class: "small" },
    ...shades.map((shade, i) => {
      const at = { x: left + PIXEL * (i % 2), y: top + PIXEL * Math.floor(i / 2) };
      return svg("rect", { ...at, width: PIXEL, height: PIXEL, "fill-opacity": shade.toFixed(2) });
    }),
  );
