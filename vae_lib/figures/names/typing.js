// The name: a field to type it, what was left out, and a slider for how many of its letters have been seen.
import { slider } from "../base/controls.js";
import { html } from "../base/elements.js";
import { cleaned, MOST } from "./settings.js";

const RULE = `Letters a to z, at most ${MOST}.`;
const MOVES = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End"];
const PLAIN = { type: "text", autocomplete: "off", autocapitalize: "none", autocorrect: "off", spellcheck: "false" };

/** `change(name, seen)` is told of each letter, and of where the cursor is; `set(state)` shows a name. */
export function typing(change) {
  let shown = "";
  const input = html("input", { ...PLAIN, enterkeyhint: "done" });
  const refused = html("p", { class: "refused hint", role: "status" }, RULE);
  const node = html("label", { class: "field" }, html("span", {}, "name"), input);
  const seen = slider("letters seen", { min: 0, max: MOST, step: 1, value: 0, text: (t) => before(shown, t) }, (t) =>
    change(shown, t),
  );
  let composing = false; // what an input method has not settled yet is read, but is not ours to rewrite

  function read() {
    const { name, said } = cleaned(input.value);
    const at = cleaned(input.value.slice(0, input.selectionEnd)).name.length;
    shown = name;
    refused.textContent = (!composing && said) || RULE;
    if (input.value !== name && !composing) write(input, name, at);
    change(name, at);
  }
  const moved = () => change(shown, Math.min(input.selectionEnd, shown.length));

  input.addEventListener("compositionstart", () => {
    composing = true;
  });
  input.addEventListener("compositionend", () => {
    composing = false;
    read();
  });
  input.addEventListener("input", read);
  input.addEventListener("keyup", ({ key }) => MOVES.includes(key) && !composing && moved());
  input.addEventListener("click", moved);

  function set({ name, seen: at }) {
    shown = name;
    if (input.value !== name && !composing) write(input, name, at);
    seen.input.max = name.length;
    seen.set(at);
  }

  return { nodes: [node, refused, seen.node], set };
}

/** Puts a name into the field, the cursor after so many letters. */
function write(input, name, at) {
  input.value = name;
  input.setSelectionRange(at, at);
}

/** The letters seen, as words. */
const before = (name, t) => (t ? `${name.slice(0, t)}|` : "|");
