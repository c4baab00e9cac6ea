// The variances of the data as bars on a log scale, under the water: what stands above it is twice what the KL pays.
import { handle } from "../base/drag.js";
import { place, svg } from "../base/elements.js";
import { clamp, format } from "../base/numbers.js";
import { axis, picture, verticalAxis, words } from "../base/picture.js";
import { scale } from "../base/scale.js";
import { short } from "../trainer/marks.js";
import { levelName } from "./formulas.js";
import { LIVE } from "./training.js";

export const SHOWN = 20;
const [LEFT, RIGHT, TOP, FLOOR] = [40, 394, 24, 214];
const [LOWEST, HIGHEST] = [0.02, 1.2];
const WIDTH = 11;
const CLEAR = 9; // the bar above which the name of the water still has room
const x = scale([0.3, SHOWN + 0.7], [LEFT, RIGHT]);
const height = scale([Math.log(LOWEST), Math.log(HIGHEST)], [FLOOR, TOP]);
const y = (value) => height(clamp(Math.log(value), Math.log(LOWEST), Math.log(HIGHEST)));
const round = (value) => value.toFixed(1);

/** The bars of falling `eigenvalues`; `moved(level)` is told where a hand puts the water. `draw(found)`. */
export function bars(eigenvalues, moved) {
  const shown = eigenvalues.slice(0, SHOWN);
  const each = shown.map(bar);
  const label = `The ${SHOWN} largest variances of the data: ${shown.map((value) => format(value)).join(", ")}`;
  const water = svg("rect", { class: "water", x: LEFT, width: RIGHT - LEFT });
  const surface = svg("path", { class: "surface-line" });
  const name = words(RIGHT, 0, "", { colour: "decoder", anchor: "end" });
  const grip = handle(
    (_, py) => moved(Math.exp(height.invert(py))),
    svg("path", { class: "grip", d: "M0,-9L7,0L0,9L-7,0Z" }),
  );
  const wet = svg("g", { class: "wet" }, surface, grip.node, name);
  const end = svg("path", { class: "end" });
  const asked = words(0, TOP + 16, "");
  const marks = svg("g");
  const ticks = [LOWEST, 0.05, 0.1, 0.2, 0.5, 1];
  const node = picture(
    400,
    254,
    label,
    water,
    ...each.map((one) => one.node),
    axis(x, [1, 5, 10, 15, 20], FLOOR, "direction, by its variance"),
    verticalAxis(y, ticks, LEFT, "variance λ, log scale", 2),
    end,
    asked,
    wet,
    marks,
  );

  function draw({ logLevel, kl, directions, still }) {
    const level = Math.exp(logLevel);
    const { latents, revealed } = still.now;
    node.classList.toggle("unasked", !revealed);
    for (const one of each) one.draw(revealed ? level : 0, latents);
    place(water, { y: round(y(level)), height: round(FLOOR - y(level)) });
    place(surface, { d: `M${LEFT},${round(y(level))}H${RIGHT}` });
    grip.moveTo(RIGHT - 12, y(level));
    const over = y(Math.max(level, shown[CLEAR])) - 8;
    const line = over < TOP + 38 ? y(level) + 20 : over; // on which the name of the water stands
    place(name, { x: RIGHT - 26, y: round(line) });
    name.textContent = `water: ${levelName(still.now)} = ${short(level)}`;
    const [last, many] = [x(Math.min(latents, SHOWN) + 0.5), latents > 6];
    place(end, { d: `M${round(last)},${TOP - 8}V${round(line - 16)}m0,23V${FLOOR}` }); // it spares that name
    place(asked, { x: round(last + (many ? -5 : 5)), "text-anchor": many ? "end" : "start" });
    asked.textContent = latents === 1 ? "1 latent" : `${latents} latents`;
    marks.replaceChildren(...kl.map((nats, j) => latentMark(directions[j], nats, level)));
  }

  return { node, draw };
}

/** One bar: below the water what is lost, above it what is paid. Striped where it is drowned, dashed where it is dry
 * and no latent is left for it. */
function bar(eigenvalue, i) {
  const [left, middle, top] = [x(i + 1) - WIDTH / 2, x(i + 1), y(eigenvalue)];
  const lost = svg("rect", { class: "lost", x: left, width: WIDTH });
  const paid = svg("rect", { class: "paid", x: left, width: WIDTH, y: round(top) });
  const stripes = svg("path", { class: "stripes", d: `M${middle},${FLOOR}V${round(top)}`, "stroke-width": WIDTH });
  const node = svg("g", {}, lost, stripes, paid);

  function draw(level, latents) {
    const dry = i < latents || !level ? "live" : "without";
    node.setAttribute("class", eigenvalue > level ? dry : "drowned");
    const cut = level ? Math.max(top, y(level)) : top;
    place(lost, { y: round(cut), height: round(FLOOR - cut) });
    place(paid, { height: round(Math.max(0, cut - top)) });
  }

  return { node, draw };
}

/** A trained latent, at the direction that it encodes and as high as what it pays reaches above the water. */
function latentMark(direction, nats, level) {
  const [cx, cy] = [x(Math.min(direction + 1, SHOWN + 0.5)), y(level * Math.exp(2 * nats))];
  return svg("circle", { class: nats > LIVE ? "latent" : "latent dead", cx: round(cx), cy: round(cy), r: 5 });
}
