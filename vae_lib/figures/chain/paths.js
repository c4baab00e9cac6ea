// Paths through the states, from the same random numbers: by the exact posterior, and by mean field.
import { place, svg } from "../base/elements.js";
import { format } from "../base/numbers.js";
import { picture, words } from "../base/picture.js";
import { path, scale } from "../base/scale.js";
import { STATES } from "./settings.js";

const LABEL = "Eight paths through the states, drawn by the exact posterior on the left and by mean field on the right";
const SIDES = { exact: ["exact posterior", 50, 212], loose: ["mean field", 238, 400] };
const y = scale([0, STATES.length - 1], [140, 44]);
const SPREAD = 2.6; // between paths

/** `draw(found)`. */
export function paths() {
  const sides = Object.entries(SIDES).map(([name, [title, left, right]]) => side(name, title, left, right));
  const names = STATES.map((name, k) => words(40, y(k) + 5, name, { anchor: "end" }));
  const node = picture(400, 190, LABEL, ...names, ...sides.map((one) => one.node));

  function draw(found) {
    for (const one of sides) one.draw(found);
  }

  return { node, draw };
}

/** One of the two: the first path bold, and how many moves are expected. */
function side(name, title, left, right) {
  const [bold, others] = [svg("path", { class: `path ${name} bold` }), svg("path", { class: `path ${name}` })];
  const middle = (left + right) / 2;
  const moved = words(middle, 181, "", { anchor: "middle" });
  const levels = STATES.map((_, k) => svg("path", { class: "base", d: `M${left},${y(k)}H${right}` }));
  const node = svg("g", {}, ...levels, others, bold, words(middle, 16, title, { anchor: "middle" }), moved);

  function draw({ paths, moves }) {
    const x = scale([0, paths[name][0].length - 1], [left, right]);
    const lines = paths[name].map((states, i) =>
      path(states.map((state, t) => [x(t), y(state) + SPREAD * (i - (paths[name].length - 1) / 2)])),
    );
    place(bold, { d: lines[0] });
    place(others, { d: lines.slice(1).join("") });
    moved.textContent = `moves a path: ${format(moves[name])}`;
  }

  return { node, draw };
}
