// Scales and paths: from numbers to places in a picture.

/** A linear scale: `from` [a, b] onto `to` [c, d]; `.invert` goes back. */
export function scale([a, b], [c, d]) {
  const map = (value) => c + ((value - a) / (b - a)) * (d - c);
  map.invert = (pixel) => a + ((pixel - c) / (d - c)) * (b - a);
  return map;
}

/** An SVG path through points [[x, y], …]. */
export const path = (points) => points.map(([x, y], i) => `${i ? "L" : "M"}${x.toFixed(2)},${y.toFixed(2)}`).join("");
