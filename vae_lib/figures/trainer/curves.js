// Curves over the steps of a training, with a mark where a setting was changed.
import { place, svg } from "../base/elements.js";
import { axis, picture, verticalAxis, words } from "../base/picture.js";
import { path, scale } from "../base/scale.js";
import { cutOut, key, short, stroke } from "./marks.js";
import { reach } from "./training.js";

const [LEFT, RIGHT, TOP] = [34, 386, 46];
const NARROW = 58; // between two marks that both have room for words

/** A picture of `lines`, [{ of, name, colour, width, dash }, …]; `of` names the column of the rows. With `shade`, the
 * colour of the gap between the first two, and the best ELBO without z. `draw(found)`. */
export function curves(height, label, lines, shade) {
  const bottom = height - 40;
  const shapes = lines.map(({ colour, width, dash }) => svg("path", stroke(colour, width, dash)));
  const tips = lines.map(({ colour }) => svg("circle", { r: 3.5, style: `fill: var(--${colour})` }));
  const [frame, texts] = [svg("g"), svg("g")];
  const marks = svg("path", stroke("data", 1, "2 3"));
  const level = shade && svg("path", stroke("data", 1.5, "1 3"));
  const area = shade && svg("path", { class: "area", style: `fill: var(--${shade})` });
  const box = [LEFT, TOP - 4, RIGHT - LEFT + 4, bottom - TOP + 4];
  const inside = cutOut(box, ...[area, ...shapes, ...tips].filter(Boolean));
  const keys = lines.map(({ name, colour, width, dash }, i) => key(104, 16 + 18 * i, name, colour, width, dash));
  const more = shade && shadeKeys(shade);
  const node = picture(400, height, label, frame, marks, level, inside, texts, ...keys, more);
  let framed = "";

  function axes(x, y, end, [low, high]) {
    if (framed === `${end} ${low} ${high}`) return;
    framed = `${end} ${low} ${high}`;
    const ticks = every(low, high, Math.ceil((high - low + 1) / 6));
    frame.replaceChildren(
      svg("path", { d: `M${LEFT},${TOP}V${bottom}H${RIGHT}`, ...stroke("ink", 1) }),
      axis(x, [0, end / 2, end], bottom, "step"),
      verticalAxis(y, ticks, LEFT, ""),
      words(0, 16, "nats"),
    );
  }

  function draw({ rows, changed, floor }) {
    const columns = lines.map(({ of }) => rows.map((row) => row[of]));
    const values = [floor, ...columns.flat()];
    const range = [Math.floor(Math.max(Math.min(...values), floor - 2)), Math.ceil(Math.max(...values))];
    const end = reach(rows.at(-1).t);
    const [x, y] = [scale([0, end], [LEFT, RIGHT]), scale(range, [bottom, TOP])];
    axes(x, y, end, range);
    const points = columns.map((column) => column.map((value, i) => [x(rows[i].t), y(value)]));
    shapes.forEach((shape, k) => place(shape, { d: path(points[k]) }));
    tips.forEach((tip, k) => place(tip, { cx: points[k].at(-1)[0], cy: points[k].at(-1)[1] }));
    if (shade) {
      place(level, { d: `M${LEFT},${y(floor)}H${RIGHT}` });
      place(area, { d: `${path([...points[0], ...points[1].reverse()])}Z` });
    }
    place(marks, { d: changed.map(({ t }) => `M${x(t).toFixed(1)},${TOP}V${bottom}`).join("") });
    texts.replaceChildren(...changed.filter(hasRoom(x)).map((change) => said(change, x(change.t), bottom - 6)));
  }

  return { node, draw };
}

/** The whole numbers from `low` to `high` that `step` divides. */
const every = (low, high, step) =>
  Array.from({ length: high - low + 1 }, (_, i) => low + i).filter((tick) => tick % step === 0);

/** Whether the next mark is far enough away. */
const hasRoom =
  (x) =>
  ({ t }, i, all) =>
    i + 1 === all.length || x(all[i + 1].t) - x(t) > NARROW;

/** What was changed, beside its mark. */
function said({ rate, beta }, at, y) {
  const text = rate === undefined ? `β = ${short(beta)}` : `rate ${short(rate)}`;
  return at > RIGHT - 60 ? words(at - 4, y, text, { anchor: "end" }) : words(at + 4, y, text);
}

const shadeKeys = (shade) =>
  svg(
    "g",
    {},
    svg("rect", { class: "area", x: 34, y: 24, width: 26, height: 10, style: `fill: var(--${shade})` }),
    words(66, 34, "gap", { colour: shade }),
    key(236, 16, "best without z", "data", 1.5, "1 3"),
  );
