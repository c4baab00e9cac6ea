// About one number: its equation, worked, and its line of code; the same for its slope.
import { html } from "../base/elements.js";
import { NODES } from "./nodes.js";
import { equation, name, text, worked } from "./words.js";

/** `code` and `backward` are the library's lines by tensor; `draw(found, place)`. */
export function about({ code, backward }) {
  const [says, numbers, line, slopeSays, slope, slopeLine] = Array.from({ length: 6 }, () => html("p"));
  const forwards = html("div", {}, says, numbers, line);
  const node = html("div", { class: "about" }, forwards, html("div", {}, slopeSays, slope, slopeLine));

  function draw(found, place) {
    const { key } = place;
    says.textContent = equation(key);
    numbers.textContent = worked(found, place);
    line.replaceChildren(html("code", {}, code[NODES[key].use?.[0] ?? key]));
    slopeSays.textContent = NODES[key].backward;
    slope.textContent = `slope at ${name(found, place)}: ${text(found, "gradients", place)}`;
    slopeLine.replaceChildren(html("code", {}, backward[key] ?? ""));
  }

  return { node, draw };
}
