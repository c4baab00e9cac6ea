// The drawing: a tensor is a caption and its cells, with the value above and the slope below; arrows join them.
import { place, svg } from "../base/elements.js";
import { flat } from "./formulas.js";
import { BAND, CAPTION, CELL, caption, columns, NODES, PITCH } from "./nodes.js";
import { name, text } from "./words.js";

/** A tensor at its place, or `again` at its second: its panel, node and cells, so many `across`. */
export function tensor(values, key, again = false) {
  const [panel, left, row, width] = again ? NODES[key].again : NODES[key].at;
  const [colour, across] = [`var(--${NODES[key].colour})`, columns(values, key)];
  const title = { class: "caption", x: left + 1, y: PITCH * row + 13, style: `fill: ${colour}` };
  const node = svg("g", { class: "node", style: `--node: ${colour}` }, svg("text", title, caption(key, again)));
  const room = width / across;
  const cells = flat(values[key]).map((_, k) => {
    const top = PITCH * row + CAPTION + CELL * Math.floor(k / across);
    return cell(left + room * (k % across), top, room);
  });
  node.append(...cells.map((one) => one.node));
  return { key, again, panel, node, cells, across };
}

function cell(x, y, room) {
  const [value, slope] = ["value", "slope"].map((kind, i) =>
    svg("text", { class: kind, x: x + room / 2, y: y + 15 + 16 * i }),
  );
  const box = (kind, inset, height) =>
    svg("rect", { class: kind, x: x + inset, y: y + inset, width: room - 2 * inset, height: height - 2 * inset });
  const node = svg("g", {}, box("ground", 0, CELL), box("tint", 0, BAND), box("frame", 0, CELL));
  node.append(box("hand", 1.5, CELL), value, slope);
  return { node, value, slope, room, centre: [x + room / 2, y + CELL / 2] };
}

/** Write a number's value and slope into its cell; dashed where a ReLU switched it off. */
export function drawCell({ node, value, slope, room }, found, { key, k }) {
  write(value, text(found, "values", { key, k }, room / 5.9), room);
  write(slope, text(found, "gradients", { key, k }, room / 5.3), room);
  const before = { h1: "a1", h2: "a2" }[key];
  node.classList.toggle("off", Boolean(before) && found.values[before][k] <= 0);
}

/** Text, with the size at which it leaves 4 units free on either side: a sign is about 0.53 of it wide. */
function write(node, words, room) {
  if (node.textContent === words) return;
  node.textContent = words;
  node.style.setProperty("--fit", `${((room - 8) / (0.53 * words.length)).toFixed(1)}px`);
}

/** An input's cell for hands and ears: pressed where it is `held`; the tab key goes to a `stop`. */
export function drawInput({ node, value, slope }, found, at, held, stop) {
  node.classList.toggle("held", held);
  const [now, own] = [found, found.own].map(({ values }) => flat(values[at.key])[at.k]);
  node.classList.toggle("changed", now !== own);
  const label = `${name(found, at)}: ${value.textContent}, slope ${slope.textContent}`;
  place(node, { tabindex: stop ? 0 : -1, "aria-pressed": held, "aria-label": label });
}

export function arrow({ points, colour = "ink", dashed }) {
  const [[fromX, fromY], [x, y]] = points.slice(-2);
  const turn = (Math.atan2(y - fromY, x - fromX) * 180) / Math.PI;
  return svg(
    "g",
    { class: dashed ? "arrow dashed" : "arrow", style: `--arrow: var(--${colour})` },
    svg("polyline", { points: points.join(" ") }),
    svg("path", { d: "M1,0 L-6,-3.2 L-6,3.2 Z", transform: `translate(${x},${y}) rotate(${turn})` }),
  );
}
