// The opening: a hundred years of the Nile, and two bands around one mean.
import { place, svg } from "../base/elements.js";
import { clamp } from "../base/numbers.js";
import { axis, picture, verticalAxis, words } from "../base/picture.js";
import { path, scale } from "../base/scale.js";

export const YEAR = 1900; // the one that is asked for
const LABEL = "The Nile's flow from 1871 to 1970 as dots, one line through them, and two bands around that line";
const [LEFT, RIGHT, TOP, FLOOR] = [40, 394, 26, 272];
const [LEAST, MOST] = [400, 1400]; // 10⁸ m³ a year
const x = scale([1870, 1970], [LEFT, RIGHT]);
const inside = scale([LEAST, MOST], [FLOOR, TOP]);
const y = (value) => inside(clamp(value, LEAST, MOST));

/** The picture of the `flows` from `first` on; `draw(found)`. */
export function bandsPicture(flows, first) {
  const [wide, narrow] = ["exact", "loose"].map((name) => svg("path", { class: `band ${name}` }));
  const line = svg("path", { class: "mean" });
  const names = [words(134, 324, ""), words(292, 324, "")];
  const node = picture(
    400,
    334,
    LABEL,
    wide,
    narrow,
    ...flows.map((flow, t) =>
      svg("circle", { class: "flow", cx: x(first + t).toFixed(1), cy: y(flow).toFixed(1), r: 2 }),
    ),
    svg("path", { class: "now", d: `M${x(YEAR)},${TOP}V${FLOOR}` }),
    line,
    axis(x, [1880, YEAR, 1920, 1940, 1960], FLOOR, ""),
    verticalAxis(inside, [400, 600, 800, 1000, 1200, 1400], LEFT, "flow and level, 10⁸ m³ a year"),
    ...key(names),
  );

  function draw({ mean, exact, loose, still: { now } }) {
    node.classList.toggle("untold", !now.revealed);
    place(wide, { d: band(first, mean, exact) });
    place(narrow, { d: band(first, mean, loose) });
    place(line, { d: path(mean.map((value, t) => [x(first + t), y(value)])) });
    names[0].textContent = now.revealed ? "exact posterior" : "the wide one";
    names[1].textContent = now.revealed ? "mean field" : "the narrow one";
  }

  return { node, draw };
}

/** The area from a standard deviation below the mean to one above it. */
function band(first, mean, sd) {
  const edge = (sign) => mean.map((value, t) => [x(first + t), y(value + sign * sd[t])]);
  return `${path([...edge(1), ...edge(-1).toReversed()])}Z`;
}

const key = ([wide, narrow]) => [
  words(LEFT, 324, "± one sd:"),
  svg("rect", { class: "band exact", x: 106, y: 313, width: 22, height: 12 }),
  wide,
  svg("rect", { class: "band loose", x: 264, y: 313, width: 22, height: 12 }),
  narrow,
];
