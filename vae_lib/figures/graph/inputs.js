// The controls: which number, its slider and its field; which example, and back to its own numbers.
import { button, choice } from "../base/controls.js";
import { html, place } from "../base/elements.js";
import { isIn } from "../base/numbers.js";
import { noNumber, read } from "../base/pencil.js";
import { flat, INPUTS, placeOf } from "./formulas.js";
import { NODES } from "./nodes.js";
import { entryName, name, text } from "./words.js";

export const LIMIT = 5; // slider, mouse and field move a number so far from zero
const SUCH = "0.3, 3/2 or 2 ln 2";

const takes = (value) => isIn(value, { min: -LIMIT, max: LIMIT });

/** Whether numbers, in lists of lists or alone, have the form of others and can be set. */
const fits = (ones, others) =>
  Array.isArray(others)
    ? Array.isArray(ones) && ones.length === others.length && ones.every((one, i) => fits(one, others[i]))
    : takes(ones);

/** Whether there is a number "eps 1" among the inputs. */
function isPlace(values, place) {
  const { key, k } = placeOf(String(place));
  return INPUTS.includes(key) && Number.isInteger(k) && flat(values[key])[k] !== undefined;
}

/** Whether the figure can be in a state. */
export function admits({ examples }, { example, numbers, held, taken }) {
  if (![0, 1].includes(example) || !(numbers instanceof Object)) return false;
  const { values } = examples[example];
  const changed = Object.entries(numbers).every(([key, ones]) => INPUTS.includes(key) && fits(ones, values[key]));
  return changed && isPlace(values, held) && (taken === null || takes(taken));
}

/** `act.hold(at)` is told which number is chosen, `act.change(value)` what it becomes, `act.load(example)` which
 * example begins anew. `draw(found, held)`. */
export function inputsOf(act) {
  const symbols = INPUTS.map((key) => [key, NODES[key].symbol]);
  const which = choice("Change", symbols, (key) => act.hold({ key, k: 0 }));
  const entry = choice("its", [], (k) => act.hold({ key: which.select.value, k: Number(k) }));
  const examples = ["the first x", "the second x"].map((one, i) => [i, one]);
  const example = choice("Example", examples, (i) => act.load(Number(i)));
  const range = html("input", {
    type: "range",
    min: -LIMIT,
    max: LIMIT,
    step: 0.05,
    input: () => act.change(Number(range.value)),
  });
  const field = fieldOf(act.change);
  const reset = button("Reset", () => act.load(Number(example.select.value)));
  const row = html("div", {}, example.node, reset);
  const node = html("div", { class: "hold" }, which.node, entry.node, range, field.node, row, field.said);
  let listed = null; // whose entries can be chosen

  function draw(found, held) {
    if (listed !== held.key) {
      const entries = flat(found.values[held.key]).map((_, k) => entryName(found, { key: held.key, k }));
      entry.select.replaceChildren(...entries.map((one, value) => html("option", { value }, one)));
      listed = held.key;
    }
    which.set(held.key);
    entry.set(held.k);
    example.set(found.example);
    range.value = flat(found.values[held.key])[held.k];
    const [label, shown] = [name(found, held), text(found, "values", held)];
    place(range, { "aria-label": label, "aria-valuetext": shown });
    field.draw(label, shown);
  }

  return { node, draw };
}

/** A field for a number as a pencil writes it, and what is `said` of a text that it does not take. */
function fieldOf(change) {
  const node = html("input", { type: "text", spellcheck: "false", autocomplete: "off", input: () => accept() });
  const said = html("p", { class: "said hint", role: "status" });
  let now = "";
  const write = () => {
    node.value = now;
    refuse("");
  };
  node.addEventListener("blur", write);

  function refuse(words) {
    node.setAttribute("aria-invalid", words !== "");
    said.textContent = words;
  }

  function accept() {
    const value = read(node.value);
    refuse(whyNot(node.value, value));
    if (Math.abs(value) <= LIMIT) change(value);
  }

  function draw(label, shown) {
    now = shown;
    node.setAttribute("aria-label", `${label}, from −${LIMIT} to ${LIMIT}, such as ${SUCH}`);
    if (node.getRootNode().activeElement !== node) write(); // else it is being written in
  }

  return { node, said, draw };
}

/** What is said of a text that is no number, or none that the figure takes. */
function whyNot(text, value) {
  if (Number.isNaN(value)) return text.trim() && `${noNumber(text, SUCH)}.`;
  return Math.abs(value) <= LIMIT ? "" : `${text.trim()} is out of range: the figure takes −${LIMIT} to ${LIMIT}.`;
}
