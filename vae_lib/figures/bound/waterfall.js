// A waterfall in nats: each bar begins where the one before it ended, or at 0, and carries its signed height.
import { svg } from "../base/elements.js";
import { format } from "../base/numbers.js";
import { picture, verticalAxis, words } from "../base/picture.js";
import { scale } from "../base/scale.js";

const [WIDTH, LEFT, TOP] = [400, 44, 34];
const STEPS = [0.5, 1, 2, 5, 10, 20, 50, 100];

/** A picture `height` high; `draw(steps, low, high)` fills it: `steps` are { name, from, to, colour, hollow, note,
 * key }, of which the last three may be left out.
 *
 * What a page ties to the bars (`model`: terms.js) is lit with them: `tied` and `lit` are keys of bars from the page,
 * `pointed` are those to which a hand or the focus points here. */
export function waterfall(height, label, model) {
  const bars = svg("g");
  const node = picture(WIDTH, height, label, bars);

  function draw(steps, low, high) {
    last = [steps, low, high];
    const ticks = ticksOf(low, high);
    const y = scale([ticks[0], ticks.at(-1)], [height - 34, TOP]);
    const room = (WIDTH - LEFT) / steps.length;
    bars.replaceChildren(
      verticalAxis(y, ticks, LEFT - 6, "nats", ticks.some((tick) => tick % 1) ? 1 : 0),
      svg("line", { class: "zero", x1: LEFT - 6, x2: WIDTH, y1: y(0), y2: y(0) }),
      ...steps.flatMap((step, i) => [
        bar(step, LEFT + room * i, room, y, tie(step, model)),
        named(step, LEFT + room * (i + 0.5), height),
      ]),
      ...steps.slice(1).map(({ from }, i) => link(from, steps[i].to, LEFT + room * (i + 1), room, y)),
    );
    light();
  }

  function light() {
    const lit = model.get("lit") ?? [];
    for (const one of bars.querySelectorAll("g[data-key]"))
      one.classList.toggle("unlit", lit.length > 0 && !lit.includes(one.dataset.key));
  }

  let last = null;
  model.on("change:tied", () => last && draw(...last));
  model.on("change:lit", light);
  return { node, draw };
}

/** Round numbers from at or below `low` to at or above `high`, five steps at most. */
function ticksOf(low, high) {
  const step = STEPS.find((size) => (high - low) / size <= 5) ?? STEPS.at(-1);
  const [first, last] = [Math.floor(low / step), Math.ceil(high / step)];
  return Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step);
}

/** The bar, with its height at the end to which it leads; and below it a note, where it has one. */
function bar({ from, to, colour, hollow, note }, left, room, y, attributes) {
  const [top, bottom] = [y(Math.max(from, to)), y(Math.min(from, to))];
  const middle = left + 0.5 * room;
  const value = words(middle, top - 6, signed(to - from), { colour, anchor: "middle" });
  return svg(
    "g",
    attributes,
    svg("rect", {
      class: hollow ? "bar hollow" : "bar",
      style: `--bar: var(--${colour})`,
      x: left + 0.16 * room,
      width: 0.68 * room,
      y: top,
      height: bottom - top,
    }),
    value,
    note && words(middle, bottom + 17, note, { colour: "q", anchor: "middle" }),
  );
}

/** What a bar gets that the page ties to a term: a place among what Tab reaches, and the way to point at the term. */
function tie({ name, from, to, key }, model) {
  if (!model.get("tied")?.includes(key)) return {};
  const point = (keys) => () => model.set("pointed", keys);
  const [here, gone] = [point([key]), point([])];
  const seen = { "data-key": key, tabindex: 0, role: "img", "aria-label": `${name}: ${signed(to - from)} nats` };
  return { ...seen, pointerenter: here, focus: here, pointerleave: gone, blur: gone };
}

const named = ({ name }, x, height) => svg("text", { x, y: height - 8, "text-anchor": "middle" }, name);

/** From the end of a bar to the next, which begins there. */
function link(from, before, x, room, y) {
  if (from !== before) return "";
  return svg("line", { class: "zero", x1: x - 0.16 * room, x2: x + 0.16 * room, y1: y(from), y2: y(from) });
}

const signed = (value) => (value > 0 ? "+" : "") + format(value);
