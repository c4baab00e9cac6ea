// A clock for what runs on by itself.

/** Call `frame` in each frame at which `root` is in sight, at most some 60 times a second, once started. */
export function clock(root, frame) {
  let [running, inSight, last] = [false, true, 0];
  const observer = new IntersectionObserver((seen) => {
    inSight = seen.at(-1).isIntersecting;
  });
  observer.observe(root);

  function tick(now) {
    if (!running) return;
    requestAnimationFrame(tick);
    if (!inSight || now - last < 12) return;
    last = now;
    frame();
  }

  return {
    running: () => running,
    stop: () => {
      running = false;
    },
    start: () => {
      if (!running) requestAnimationFrame(tick);
      running = true;
    },
  };
}
