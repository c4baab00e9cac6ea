// A term of an equation and its bar in the live figure `bound` light each other, by pointer and by keyboard; so does the
// button below the equation, which has the bar's nats (book/_ext/coloured_terms.py).
document.addEventListener("DOMContentLoaded", () => {
  const figures = [...document.querySelectorAll('[data-explorable="bound"]')];
  const bound = figures.find(({ model }) => model && !model.get("control"))?.model;
  if (!bound) return;
  const terms = [...document.querySelectorAll("mjx-math .term")];
  const buttons = [...document.querySelectorAll("[data-bar]")];
  const keys = buttons.map(({ dataset }) => dataset.bar);
  const barsOf = (term) => keys.filter((key) => term.classList.contains(`bar-${key}`));

  /** Light these bars and the terms that are made of them; none: all as before. */
  function light(chosen) {
    const lit = (bars) => chosen.length > 0 && bars.every((key) => chosen.includes(key));
    for (const term of terms) term.classList.toggle("lit", lit(barsOf(term)));
    for (const button of buttons) button.classList.toggle("lit", lit([button.dataset.bar]));
    bound.set("lit", chosen);
  }

  function pointing(node, chosen) {
    for (const event of ["pointerenter", "focus"]) node.addEventListener(event, () => light(chosen));
    for (const event of ["pointerleave", "blur"]) node.addEventListener(event, () => light([]));
  }

  function show() {
    const bars = bound.get("bars") ?? {};
    const natsBelow = (row) => [...row.children].map(({ dataset }) => Math.abs(bars[dataset.bar] ?? 0));
    for (const button of buttons) {
      const nats = bars[button.dataset.bar] ?? 0;
      const longest = Math.max(...natsBelow(button.parentElement));
      button.style.setProperty("--share", `${(100 * Math.abs(nats)) / (longest || 1)}%`);
      button.querySelector("output").textContent = `${nats < 0 ? "−" : "+"}${Math.abs(nats).toFixed(2)} nats`;
    }
  }

  for (const term of terms) {
    pointing(term, barsOf(term));
    term.addEventListener("click", () => { // a finger does not stay: the button below keeps the focus, and the light
      term.closest("div.math").nextElementSibling.querySelector(`[data-bar="${barsOf(term)[0]}"]`).focus();
      light(barsOf(term));
    });
  }
  for (const button of buttons) pointing(button, [button.dataset.bar]);
  bound.set("tied", keys);
  bound.on("change:pointed", () => light(bound.get("pointed")));
  bound.on("change:bars", show);
  show();
});
