// Dragging, by mouse and by finger: what is dragged moves, and the page does not.
import { svg } from "./elements.js";

/** Where an event happened, in the coordinates of an SVG picture. */
export function at(picture, { clientX, clientY }) {
  const { x, y } = new DOMPoint(clientX, clientY).matrixTransform(picture.getScreenCTM().inverse());
  return [x, y];
}

/** Let a pointer drag over `node`, a part of an SVG picture: `begin`, then `move`, are told where it is.
 *
 * Chromium honours `touch-action` on no child of an <svg>, so a finger would scroll the page: a touch that nobody
 * prevents within `touchstart`, heard in earnest (not passively), is a swipe. */
export function draggable(node, move, begin = move) {
  node.addEventListener("touchstart", (event) => event.preventDefault(), { passive: false });
  node.addEventListener("pointerdown", (event) => {
    node.setPointerCapture(event.pointerId);
    event.preventDefault();
    begin(...at(node.ownerSVGElement, event));
  });
  node.addEventListener("pointermove", (event) => {
    if (node.hasPointerCapture(event.pointerId)) move(...at(node.ownerSVGElement, event));
  });
}

/** What can be dragged: `marks` around (0, 0), on an invisible disc of 44 pixels for a finger. `move` is told where the
 * middle would be, wherever it was taken; `moveTo(x, y)` puts it there. */
export function handle(move, ...marks) {
  const node = svg("g", { class: "handle" }, svg("path", { class: "disc", d: "M0,0h0.01" }), ...marks);
  let [here, grip] = [
    [0, 0],
    [0, 0],
  ];
  draggable(
    node,
    (x, y) => move(x - grip[0], y - grip[1]),
    (x, y) => {
      grip = [x - here[0], y - here[1]];
    },
  );
  const moveTo = (x, y) => {
    here = [x, y];
    node.setAttribute("transform", `translate(${x.toFixed(2)},${y.toFixed(2)})`);
  };
  return { node, moveTo };
}
