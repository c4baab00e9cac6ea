// Motion: what a figure shows is drawn once a frame, and where it is told to, it gets there within 200 ms.
import { clamp } from "./numbers.js";

const DURATION = 200; // milliseconds

const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

const soft = (share) => share * share * (3 - 2 * share);

/** Between two values, a share of the way: numbers, and lists and objects of them; all else is the second's at once. */
export function between(from, to, share) {
  if (typeof from === "number" && typeof to === "number") return from + share * (to - from);
  if (Array.isArray(from) && Array.isArray(to)) return to.map((value, i) => between(from[i], value, share));
  if (!isObject(from) || !isObject(to)) return to;
  return Object.fromEntries(Object.entries(to).map(([name, value]) => [name, between(from[name], value, share)]));
}

const isObject = (value) => value?.constructor === Object;

/** A function that draws what `find()` gives, at most once a frame, however often it is called; called with true, in
 * all frames of 200 ms, on the way from what was drawn before. `draw(found, settled)` is told whether it is there. */
export function animated(find, draw) {
  let [shown, from, began, waiting] = [find(), null, Number.NEGATIVE_INFINITY, false];
  draw(shown, true);

  function frame(time) {
    waiting = false;
    const share = clamp((time - began) / DURATION, 0, 1);
    shown = share < 1 ? between(from, find(), soft(share)) : find();
    draw(shown, share === 1);
    if (share < 1) request();
  }

  function request() {
    if (!waiting) requestAnimationFrame(frame);
    waiting = true;
  }

  return (eased) => {
    [from, began] = eased && !calm() ? [shown, performance.now()] : [null, Number.NEGATIVE_INFINITY];
    request();
  };
}
