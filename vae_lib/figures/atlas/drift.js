// Drifting: a step a frame, as long as the figure is seen; a tab in the background draws no frames.

const LONGEST = 0.05; // seconds: after a pause the drift goes on where it was

/** Calls `step(seconds)` in each frame while `drift(true)` holds and `node` is on the screen. */
export function drifting(node, step) {
  let [wanted, seen, before, waiting] = [false, false, null, false];

  function frame(time) {
    waiting = false;
    if (before !== null) step(Math.min((time - before) / 1000, LONGEST));
    before = time;
    request();
  }

  function request() {
    if (!wanted || !seen) before = null;
    else if (!waiting) {
      waiting = true;
      requestAnimationFrame(frame);
    }
  }

  const observer = new IntersectionObserver((entries) => {
    seen = entries.at(-1).isIntersecting;
    request();
  });
  observer.observe(node);
  const drift = (on) => {
    wanted = on;
    request();
  };
  return { drift, end: () => observer.disconnect() };
}
