// A term of an equation and its bar in the live figure `bound` light each other, by pointer and by keyboard.
{
  const NAMES = {
    reconstruction: "reconstruction",
    kl: "− KL",
    "part-mu": "½ μ²",
    "part-sigma": "½ (σ² − 1)",
    "part-log": "− ½ log σ²",
  };
  const terms = [...document.querySelectorAll("mjx-math .term")];
  const barsOf = (term) => Object.keys(NAMES).filter((name) => term.classList.contains(`bar-${name}`));
  const figures = [...document.querySelectorAll('[data-explorable="bound"]')].filter(({ model }) => model?.get("bars"));
  const legends = [];

  /** Light these bars, wherever they are shown; none: all as before. */
  function light(names) {
    for (const term of terms) term.classList.toggle("lit", names.length > 0 && barsOf(term).every((one) => names.includes(one)));
    for (const { model } of figures) model.set("lit", names);
    for (const legend of legends) legend.light(names);
  }

  /** Below an equation, a button for each of its bars, with the bar and its nats at the q of `figure`. */
  function legendOf(equation, figure) {
    const names = [...new Set([...equation.querySelectorAll("mjx-math .term")].flatMap(barsOf))];
    const buttons = names.map((name) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = `bar-of ${name}`;
      button.append(NAMES[name], document.createElement("i"), document.createElement("output"));
      pointing(button, [name]);
      return button;
    });
    const place = document.createElement("div");
    place.className = "bars-of-terms";
    place.append(...buttons);
    equation.after(place);
    const show = () => names.forEach((name, i) => fill(buttons[i], figure.model.get("bars")[name]));
    figure.model.on("change:bars", show);
    show();
    return { light: (lit) => buttons.forEach((button, i) => button.classList.toggle("lit", lit.includes(names[i]))) };
  }

  function fill(button, nats) {
    button.querySelector("i").style.width = `${Math.min(12, Math.abs(nats)) / 2}em`;
    button.querySelector("output").textContent = `${nats < 0 ? "−" : "+"}${Math.abs(nats).toFixed(2)} nats`;
  }

  function pointing(node, names) {
    for (const event of ["pointerenter", "focus"]) node.addEventListener(event, () => light(names));
    for (const event of ["pointerleave", "blur"]) node.addEventListener(event, () => light([]));
  }

  if (figures.length) {
    const full = figures.at(-1);
    for (const equation of new Set(terms.map((term) => term.closest("div.math")))) legends.push(legendOf(equation, full));
    for (const term of terms) pointing(term, barsOf(term));
    for (const { model } of figures) model.on("change:pointed", () => light(model.get("pointed")));
  }
}
