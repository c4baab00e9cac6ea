// What many random chains say over the stickiness, three curves, one below the other; and where the present chain is.
import { place, svg } from "../base/elements.js";
import { picture, words } from "../base/picture.js";
import { path, scale } from "../base/scale.js";
import { STAY } from "./settings.js";

const LABEL =
  "Three curves over the chance to stay, of many random chains: two mean gaps, and how many have several optima";
const [LEFT, RIGHT] = [44, 392];
const [HIGH, APART] = [66, 102]; // of a frame, and from one to the next
const FRAMES = {
  gap: { top: 26, step: 0.5, name: "best mean field: mean gap, nats, ± standard error" },
  product: { top: 26 + APART, step: 0.5, name: "product of the true marginals: mean gap, nats" },
  share: { top: 26 + 2 * APART, step: 100, name: "chains with more than one optimum, %" },
};
const FLOOR = FRAMES.share.top + HIGH;
const SHOWN = [40, 60, 80, STAY.max];
const x = scale([33, STAY.max], [LEFT, RIGHT]);

/** The `recorded` curves, lists by name over `stay`, in percent. `draw(found)`. */
export function curves({ stay, error, ...recorded }) {
  const told = Object.entries(FRAMES).map(([name, frame]) => {
    const y = heightOf(frame, recorded[name]);
    const line = path(recorded[name].map((value, i) => [x(stay[i]), y(value)]));
    const bars = stay.map((at, i) => [recorded[name][i], error[i], x(at).toFixed(1)]);
    const errors = name === "gap" ? bars.map(([mean, one, at]) => `M${at},${y(mean - one)}V${y(mean + one)}`) : [];
    return { frame: axes(frame, y), line: svg("path", { class: name, d: line + errors.join("") }) };
  });
  const now = svg("path", { class: "now" });
  const asked = words((LEFT + RIGHT) / 2, FRAMES.gap.top + HIGH / 2, "guess first", { anchor: "middle" });
  const node = picture(
    400,
    FLOOR + 46,
    LABEL,
    ...SHOWN.map((percent) => words(x(percent), FLOOR + 20, String(percent), { anchor: "middle" })),
    words((LEFT + RIGHT) / 2, FLOOR + 40, "chance to stay, %", { anchor: "middle" }),
    now,
    ...told.map(({ frame }) => frame),
    svg("g", { class: "told" }, ...told.map(({ line }) => line)),
    asked,
  );

  function draw({ stay, still: { guess } }) {
    node.classList.toggle("untold", guess === null);
    asked.textContent = guess === null ? "guess first" : "";
    place(now, { d: `M${x(stay).toFixed(1)},${FRAMES.gap.top}V${FLOOR}` });
  }

  return { node, draw };
}

/** The scale of a frame, from 0 to the next whole step above its values. */
const heightOf = ({ top, step }, values) => scale([0, step * Math.ceil(Math.max(...values) / step)], [top + HIGH, top]);

/** Axes of a frame, and its name. */
function axes({ top, name }, y) {
  const most = y.invert(top);
  const ticks = [0, most / 2, most].flatMap((tick) => [
    svg("path", { class: "axes", d: `M${LEFT - 4},${y(tick)}h4` }),
    words(LEFT - 7, y(tick) + 5, String(Number(tick.toFixed(2))), { anchor: "end" }),
  ]);
  const lines = svg("path", { class: "axes", d: `M${LEFT},${top}V${top + HIGH}H${RIGHT}` });
  return svg("g", {}, lines, ...ticks, words(LEFT - 4, top - 9, name));
}
