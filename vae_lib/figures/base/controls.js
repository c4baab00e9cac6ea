// Controls: sliders, choices, buttons, and tabs for what a narrow figure shows one at a time.
import { html } from "./elements.js";
import { format, typed } from "./numbers.js";

/** A labelled slider with its value beside it, as `text(value)` says it. `set(value)` moves it, does not call `change`,
 * and shows the value itself, which need not be one of its steps. */
export function slider(label, { min, max, step, value, digits = 2, unit = "", text }, change) {
  const said = text ?? ((number) => format(number, digits) + (unit && ` ${unit}`));
  const show = (number) => {
    output.textContent = said(number);
    input.setAttribute("aria-valuetext", output.textContent);
  };
  const input = html("input", { type: "range", min, max, step, value, input: () => moved(Number(input.value)) });
  const output = html("output");
  const moved = (number) => {
    show(number);
    change(number);
  };
  show(value);
  const node = html("label", { class: "slider" }, html("span", {}, label), input, output);
  const set = (number) => {
    input.value = number;
    show(number);
  };
  return { node, input, set };
}

/** A labelled choice; `options` are [value, text] pairs. */
export function choice(label, options, change) {
  const select = html("select", { change: () => change(select.value) });
  select.append(...options.map(([value, text]) => html("option", { value }, text)));
  const node = html("label", { class: "choice" }, html("span", {}, label), select);
  const set = (value) => {
    select.value = value;
  };
  return { node, select, set };
}

/** A labelled number to type, with a point or a comma; what is none is told as null. `set` leaves alone a field that is
 * being written in. */
export function field(label, change, attributes = {}) {
  const input = html("input", { type: "text", autocomplete: "off", inputmode: "decimal", ...attributes });
  input.addEventListener("input", () => {
    const value = typed(input.value);
    input.setAttribute("aria-invalid", value === null && input.value.trim() !== "");
    change(value);
  });
  const node = html("label", { class: "field" }, html("span", {}, label), input);
  const set = (value) => {
    if (input.getRootNode().activeElement !== input) input.value = value ?? "";
  };
  return { node, set };
}

export const button = (text, click) => html("button", { type: "button", click }, text);

/** Panels, [name, node] pairs, of which a narrow figure shows the one whose button is pressed; a wide figure shows all
 * of them, and no buttons. */
export function tabs(...panels) {
  const nodes = panels.map(([, node]) => html("div", {}, node));
  const choose = (chosen) =>
    nodes.forEach((node, i) => {
      node.classList.toggle("chosen", i === chosen);
      buttons[i].setAttribute("aria-pressed", i === chosen);
    });
  const buttons = panels.map(([name], i) => button(name, () => choose(i)));
  choose(0);
  return html("div", { class: "tabs" }, html("div", { class: "tab-row" }, ...buttons), ...nodes);
}
