// Many pictures of 8 × 8 pixels on one canvas.
import { html } from "../base/elements.js";
import { SIDE } from "../base/pixels.js";

/** A canvas of pictures, `gap` pixels after each; `show(pictures)` shades them, 0 as the ground and 1 as ink. */
export function sheet(columns, rows, gap, attributes) {
  const [width, height] = [columns, rows].map((count) => count * (SIDE + gap));
  const node = html("canvas", { width, height, ...attributes });
  const context = node.getContext("2d");
  const image = context.createImageData(width, height);
  const at = (k, i) => {
    const row = Math.floor(k / columns) * (SIDE + gap) + Math.floor(i / SIDE);
    return row * width + (k % columns) * (SIDE + gap) + (i % SIDE);
  };
  const shade = (value, k, i) => {
    image.data[4 * at(k, i) + 3] = Math.round(255 * value);
  };
  const show = (pictures) => {
    pictures.forEach((values, k) => values.forEach((value, i) => shade(value, k, i)));
    context.putImageData(image, 0, 0);
  };
  return { node, show };
}
