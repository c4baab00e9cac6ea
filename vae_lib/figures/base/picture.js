// A picture in SVG, words in it, and axes.
import { svg } from "./elements.js";
import { format } from "./numbers.js";

/** An SVG picture of `width` × `height` units, named for screen readers. `--px` in it is a pixel of the screen, so that
 * base.css can keep its words at 11 of them or more, however narrow the picture is. */
export function picture(width, height, label, ...children) {
  const node = svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label }, ...children);
  new ResizeObserver(([{ contentRect }]) => {
    if (contentRect.width) node.style.setProperty("--px", `${width / contentRect.width}px`);
  }).observe(node);
  return node;
}

/** Words at a place, with a halo in the colour of the ground, so that lines may pass behind them. */
export const words = (x, y, text, { colour = "ink", anchor = "start" } = {}) =>
  svg("text", { class: "halo", x, y, "text-anchor": anchor, style: `fill: var(--${colour})` }, text);

/** A horizontal axis at height `y`: ticks with numbers below it, and below these its name. */
export function axis(x, ticks, y, name, digits = 0) {
  return svg(
    "g",
    { class: "axis" },
    svg("line", { x1: x(ticks[0]), x2: x(ticks.at(-1)), y1: y, y2: y }),
    ...ticks.flatMap((tick) => [
      svg("line", { x1: x(tick), x2: x(tick), y1: y, y2: y + 4 }),
      svg("text", { x: x(tick), y: y + 18, "text-anchor": "middle" }, format(tick, digits)),
    ]),
    name && svg("text", { x: (x(ticks[0]) + x(ticks.at(-1))) / 2, y: y + 36, "text-anchor": "middle" }, name),
  );
}

/** A vertical axis at `x`: ticks with numbers to its left, and over its upper end its name, with the unit. */
export function verticalAxis(y, ticks, x, name, digits = 0) {
  return svg(
    "g",
    { class: "axis" },
    svg("line", { x1: x, x2: x, y1: y(ticks[0]), y2: y(ticks.at(-1)) }),
    ...ticks.flatMap((tick) => [
      svg("line", { x1: x - 4, x2: x, y1: y(tick), y2: y(tick) }),
      svg("text", { x: x - 7, y: y(tick) + 5, "text-anchor": "end" }, format(tick, digits)),
    ]),
    name && svg("text", { x: x - 4, y: y(ticks.at(-1)) - 9 }, name),
  );
}
