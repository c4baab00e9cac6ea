// A sheet of small pictures on a canvas; sheet.css is its style.
import { html } from "./elements.js";
import { SIDE } from "./pixels.js";

/** A canvas of 8 × 8 pictures, `gap` pixels after each; `show(pictures)` shades them, 0 as the ground and 1 as ink. */
export function sheet(columns, rows, gap, attributes) {
  const [width, height] = [columns, rows].map((count) => count * (SIDE + gap));
  const node = html("canvas", { width, height, ...attributes });
  const context = node.getContext("2d");
  const image = context.createImageData(width, height);
  const top = (k) => Math.floor(k / columns) * (SIDE + gap);
  const left = (k) => (k % columns) * (SIDE + gap);
  const at = (k, i) => (top(k) + Math.floor(i / SIDE)) * width + left(k) + (i % SIDE);
  let shown = null;

  function show(pictures) {
    if (pictures === shown) return;
    shown = pictures;
    pictures.forEach((values, k) => {
      values.forEach((value, i) => {
        image.data[4 * at(k, i) + 3] = Math.round(255 * value);
      });
    });
    context.putImageData(image, 0, 0);
  }

  return { node, show };
}
