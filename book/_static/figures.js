// Figures: a drawing opens large; a live figure shows the state that the page's address names, and tells its own.
// book/_ext/figures.py writes the buttons and links, book.css says how they look.

const dialog = document.createElement("dialog");
dialog.className = "large";
dialog.innerHTML = '<form method="dialog"><span>Drag to see all of it</span><button>Close</button></form><div class="sheet" tabindex="0"></div>';

/** The drawing of a figure opens by its button, to which the focus returns, and by a click or a tap on it. */
function openLarge(button) {
  const figure = button.closest("figure");
  const drawing = figure.querySelector(".drawing");
  const open = () => {
    button.focus();
    dialog.setAttribute("aria-label", figure.querySelector(".number").textContent);
    dialog.querySelector(".sheet").replaceChildren(drawing.cloneNode(true));
    dialog.showModal();
    const sheet = dialog.querySelector(".sheet");
    dialog.classList.toggle("wide", sheet.scrollWidth > sheet.clientWidth);
  };
  for (const node of [button, drawing]) node.addEventListener("click", open);
}

const rounded = (_, value) => (typeof value === "number" ? Number(value.toPrecision(6)) : value);

/** The address of a figure in a state: `#figure-4-4?mu=0.8&sigma=0.7`. */
function addressOf(figure, state) {
  const texts = Object.entries(state).map(([name, value]) => [name, JSON.stringify(value, rounded)]);
  return `#${figure.id}?${new URLSearchParams(texts)}`;
}

/** The state that an address names, or null if it names none. */
function stateIn(query) {
  try {
    return Object.fromEntries([...new URLSearchParams(query)].map(([name, text]) => [name, JSON.parse(text)]));
  } catch {
    return null;
  }
}

function follow(link) {
  const figure = link.closest("figure");
  const { model } = figure.querySelector("[data-explorable]");
  const write = () => {
    link.href = addressOf(figure, model.get("state"));
  };
  model.on("change:state", write);
  write();
}

/** Bring the figure of the address into its state; what it does not admit, it leaves alone, and says so. */
function restore() {
  dialog.close(); // what it showed may be of another place
  const [id, query] = location.hash.slice(1).split("?");
  const figure = document.getElementById(id);
  const said = query && figure?.querySelector(".state-link + [role=status]");
  if (!said) return;
  said.textContent = shows(figure, stateIn(query)) ? "" : "The address names no state of this figure.";
  figure.scrollIntoView();
}

/** Whether the figure takes a state that an address named, if it did. */
function shows(figure, state) {
  const { model } = figure.querySelector("[data-explorable]");
  const named = Object.entries(state ?? {});
  if (!named.length || named.some(([name]) => !Object.hasOwn(model.get("state"), name))) return false;
  model.set("state", state);
  return named.every(([name, value]) => same(model.get("state")[name], value));
}

const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

document.body.append(dialog);
dialog.addEventListener("close", () => dialog.querySelector(".sheet").replaceChildren()); // no id is there twice
for (const button of document.querySelectorAll(".open-large")) openLarge(button);
addEventListener("DOMContentLoaded", () => { // the live figures are there
  for (const link of document.querySelectorAll(".state-link")) follow(link);
  restore();
});
addEventListener("hashchange", restore);
