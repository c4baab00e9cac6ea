// A term of an equation and its bar in the live figure `bound` light each other, by pointer and by keyboard.
// book/_ext/coloured_terms.py gives the terms their classes: the bars that they are.
document.addEventListener("DOMContentLoaded", () => {
  const NAMES = {
    reconstruction: "reconstruction",
    kl: "− KL",
    "part-mu": "½ μ²",
    "part-sigma": "½ (σ² − 1)",
    "part-log": "− ½ log σ²",
  };
  const terms = [...document.querySelectorAll("mjx-math .term")];
  const bound = [...document.querySelectorAll('[data-explorable="bound"]')].find(({ model }) => model && !model.get("control"));
  const barsOf = (term) => Object.keys(NAMES).filter((key) => term.classList.contains(`bar-${key}`));
  if (!bound || !terms.length) return;

  /** Below an equation a button for each of its bars, with the bar itself and its nats for the q of the figure. */
  function legend(equation) {
    const keys = [...new Set([...equation.querySelectorAll("mjx-math .term")].flatMap(barsOf))];
    const place = document.createElement("div");
    place.className = "bars-of-terms";
    const words = document.createElement("p");
    words.append("At the ", link(), ":");
    place.append(words, ...keys.map(button));
    equation.after(place);
  }

  /** The figure whose q it is. */
  function link() {
    const node = document.createElement("a");
    node.href = `#${bound.closest("figure").id}`;
    node.textContent = `q of ${bound.closest("figure").querySelector(".number").textContent.replace(/\.$/, "")}`;
    return node;
  }

  function button(key) {
    const node = document.createElement("button");
    node.type = "button";
    node.dataset.bar = key;
    const [bar, nats] = [document.createElement("i"), document.createElement("output")];
    node.append(NAMES[key], bar, nats);
    pointing(node, [key]);
    return node;
  }

  /** Light these bars and the terms that are among them; none: all as before. */
  function light(keys) {
    const lit = (bars) => keys.length > 0 && bars.every((key) => keys.includes(key));
    for (const term of terms) term.classList.toggle("lit", lit(barsOf(term)));
    for (const node of document.querySelectorAll("[data-bar]")) node.classList.toggle("lit", lit([node.dataset.bar]));
    bound.model.set("lit", keys);
  }

  function pointing(node, keys) {
    for (const event of ["pointerenter", "focus"]) node.addEventListener(event, () => light(keys));
    for (const event of ["pointerleave", "blur"]) node.addEventListener(event, () => light([]));
  }

  function show() {
    const bars = bound.model.get("bars") ?? {};
    for (const node of document.querySelectorAll("[data-bar]")) {
      const nats = bars[node.dataset.bar] ?? 0;
      node.querySelector("i").style.width = `${Math.min(8, Math.abs(nats))}em`;
      node.querySelector("output").textContent = `${nats < 0 ? "−" : "+"}${Math.abs(nats).toFixed(2)} nats`;
    }
  }

  for (const equation of new Set(terms.map((term) => term.closest("div.math")))) legend(equation);
  for (const term of terms) pointing(term, barsOf(term));
  bound.model.set("tied", Object.keys(NAMES));
  bound.model.on("change:pointed", () => light(bound.model.get("pointed")));
  bound.model.on("change:bars", show);
  show();
});
