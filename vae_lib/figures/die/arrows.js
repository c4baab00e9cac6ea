// The plane of the gradient by the logits, whose three parts add up to 0: true arrow, mean arrow, single ones.
import { place, svg } from "../base/elements.js";
import { sum } from "../base/numbers.js";
import { picture, words } from "../base/picture.js";
import { cutOut } from "../trainer/marks.js";

const LABEL =
  "The gradient by the logits: the true arrow, the estimator's mean arrow, and single estimates around them";
const [X, Y, UNIT] = [200, 156, 80]; // the middle, and a nat in the picture's units
const FRAME = [4, 8, 392, 284];
const ANGLES = [90, 210, 330].map((degrees) => (degrees * Math.PI) / 180);
const round = (number) => number.toFixed(1);

/** Where an arrow ends whose parts by the three logits are given: lengths are those of the three parts together. */
const tipOf = (parts) => {
  const along = (wave) => sum(parts.map((part, k) => part * wave(ANGLES[k]))) * Math.sqrt(2 / 3) * UNIT;
  return [X + along(Math.cos), Y - along(Math.sin)];
};

/** Whether an estimate's tip lies outside of the frame. */
export const isFar = (parts) => {
  const [x, y] = tipOf(parts);
  return x < FRAME[0] || x > FRAME[0] + FRAME[2] || y < FRAME[1] || y > FRAME[1] + FRAME[3];
};

/** `draw(found)`. */
export function arrows() {
  const rays = svg("path", { class: "cloud" });
  const tips = svg("path", { class: "tips" });
  const off = svg("path", { class: "off" });
  const [truth, mean] = [arrow("truth", 20), arrow("mean", 13)];
  const node = picture(
    400,
    330,
    LABEL,
    svg("rect", { class: "frame", x: FRAME[0], y: FRAME[1], width: FRAME[2], height: FRAME[3] }),
    ...compass(),
    cutOut(FRAME, rays, tips, truth.node, mean.node, off),
    ...key(),
  );

  function draw({ truth: g, worths, still: { way }, singles }) {
    const ends = singles.map((parts) => tipOf(parts).map(round).join(","));
    place(rays, { d: ends.map((end) => `M${X},${Y}L${end}`).join("") });
    place(tips, {
      d: counted(ends)
        .map(([end, count]) => circle(end, 3 * Math.sqrt(count)))
        .join(""),
    });
    truth.draw(tipOf(g));
    mean.draw(tipOf(worths[way].mean));
    place(off, { d: `M${tipOf(g).map(round).join(",")}L${tipOf(worths[way].mean).map(round).join(",")}` });
  }

  return { node, draw };
}

/** The three ways, one for each face, and a circle of one nat. */
const compass = () => [
  svg("circle", { class: "unit", cx: X, cy: Y, r: UNIT }),
  words(X + UNIT + 5, Y - 6, "1 nat"),
  ...ANGLES.flatMap((angle, k) => {
    const [x, y] = [X + 1.45 * UNIT * Math.cos(angle), Y - 1.45 * UNIT * Math.sin(angle)];
    return [
      svg("path", { class: "unit", d: `M${X},${Y}L${round(x)},${round(y)}` }),
      words(x + (k ? 0 : 8), y + (k ? 16 : 8), `face ${k + 1}`, { anchor: k ? "middle" : "start" }),
    ];
  }),
];

/** An arrow to a place. Its head is `most` long, and less where the arrow is short. */
function arrow(name, most) {
  const line = svg("path", { class: name });
  const head = svg("path", { class: `${name} head` });

  function draw([x, y]) {
    const [angle, length] = [Math.atan2(y - Y, x - X), Math.hypot(x - X, y - Y)];
    const size = Math.min(most, 0.6 * length);
    const neck = [x - size * Math.cos(angle), y - size * Math.sin(angle)].map(round);
    place(line, { d: `M${X},${Y}L${neck.join(",")}` });
    place(head, {
      transform: `translate(${round(x)},${round(y)}) rotate(${round((180 * angle) / Math.PI)})`,
      d: `M0,0l${round(-size)},${round(-size / 2)}v${round(size)}Z`,
    });
  }

  return { node: svg("g", {}, line, head), draw };
}

/** Ends that are the same, with how many there are. */
function counted(ends) {
  const counts = new Map();
  for (const end of ends) counts.set(end, (counts.get(end) ?? 0) + 1);
  return [...counts];
}

const circle = (end, r) => {
  const [x, y] = end.split(",").map(Number);
  const half = `a${round(r)},${round(r)} 0 1,0 `;
  return `M${round(x - r)},${y}${half}${round(2 * r)},0${half}${round(-2 * r)},0`;
};

const key = () => [
  svg("path", { class: "truth", d: "M8,314h22" }),
  words(36, 319, "true"),
  svg("path", { class: "mean", d: "M82,314h22" }),
  words(110, 319, "mean"),
  svg("path", { class: "off", d: "M164,314h22" }),
  words(192, 319, "bias"),
  svg("path", { class: "tips", d: circle("250,314", 4) }),
  words(260, 319, "single estimates"),
];
