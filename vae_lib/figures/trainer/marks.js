// Marks: strokes, a part that is cut off at its frame, the lines of a key, short numbers.
import { svg } from "../base/elements.js";
import { words } from "../base/picture.js";

/** The attributes of a line. */
export const stroke = (colour, width, dash = "none") => ({
  fill: "none",
  stroke: `var(--${colour})`,
  "stroke-width": width,
  "stroke-linejoin": "round",
  "stroke-dasharray": dash,
});

/** A part of a picture that is cut off at its frame. */
export const cutOut = ([x, y, width, height], ...parts) => {
  const style = `overflow: hidden; width: ${width}px; height: ${height}px`;
  return svg("svg", { x, y, width, height, viewBox: `${x} ${y} ${width} ${height}`, style }, ...parts);
};

/** A line of the key: a stroke as it is drawn, and its name. */
export const key = (x, y, text, colour, width, dash) =>
  svg(
    "g",
    {},
    svg("path", { d: `M${x},${y - 5}h26`, ...stroke(colour, width, dash) }),
    words(x + 32, y, text, { colour }),
  );

/** A number of the interface: at most three digits that count. */
export const short = (value) => String(Number(value.toPrecision(3))).replace("-", "−");
