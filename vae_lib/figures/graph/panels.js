// The two panels of the graph, and the hands in them: mouse, finger and keyboard.
import { tabs } from "../base/controls.js";
import { handle } from "../base/drag.js";
import { html, place } from "../base/elements.js";
import { picture } from "../base/picture.js";
import { arrow, drawCell, drawInput, tensor } from "./cells.js";
import { ARROWS, CELL, FEW, middle, NODES, PITCH, WIDTH } from "./nodes.js";
import { spoken } from "./words.js";

const NAMES = ["encoder, draw and KL", "decoder and losses"];
const HEIGHT = middle(6) + CELL / 2 + 3;
const UNIT = 64; // so far a hand goes for a change by 1, in units of the picture

/** The panels as tabs; or, with a `few` of their tensors, one below the other from row 3 on.
 *
 * `act.hold(at)` is told which number a hand takes, `act.grip()` that it begins to drag that, `act.drag(by)` how far it
 * went since, and `act.point(change)` what is under the pointer, `over`, or has the `focus`; `act.focused()` is asked
 * for that. What is `editable(key)` can be taken. `draw(found, held, shown)`; `show(key)` turns to a tensor's panel. */
export function panels(values, act, editable, few) {
  const keys = few ? FEW : Object.keys(NODES);
  const [top, again] = few ? [3 * PITCH, ["x", "kl"]] : [0, keys.filter((key) => NODES[key].again)];
  const all = [...again.map((key) => tensor(values, key, true)), ...keys.map((key) => tensor(values, key))];
  const pictures = NAMES.map((title, panel) => {
    const inIt = (one) => one.panel === panel;
    const arrows = ARROWS.filter((one) => inIt(one) && !(few && (one.ofWeights || one.points[0][1] < top)));
    const node = picture(WIDTH, HEIGHT, title, ...arrows.map(arrow), ...all.filter(inIt).map((one) => one.node));
    place(node, { role: "group", viewBox: `0 ${top} ${WIDTH} ${HEIGHT - top}` });
    return node;
  });
  const node = few
    ? html("div", { class: "few" }, ...pictures)
    : tabs(...NAMES.map((title, panel) => [title, pictures[panel]]));
  const cellsOf = (key) => all.find((one) => one.key === key && !one.again).cells;
  const hand = handOf(cellsOf, act);
  for (const one of all) listen(one, hand, act, editable);
  node.addEventListener("focusout", () => act.point({ focus: null }));

  function draw(found, held, shown) {
    for (const one of all) drawTensor(one, found, held, shown, editable);
    hand.place(held);
  }

  const show = (key) => node.querySelectorAll(".tab-row button")[NODES[key].at[0]]?.click();
  return { node, draw, show };
}

function drawTensor({ key, again, node, cells }, found, held, shown, editable) {
  node.classList.toggle("lit", key === shown.key);
  node.classList.toggle("reads", Boolean(NODES[shown.key].reads?.includes(key)));
  if (!again) place(node, { "aria-label": NODES[key].forward ? spoken(found, key) : NODES[key].symbol });
  cells.forEach((one, k) => {
    drawCell(one, found, { key, k });
    if (again || !editable(key)) return;
    const stop = key === held.key ? k === held.k : k === 0; // one stop of the tab key for each tensor
    drawInput(one, found, { key, k }, key === held.key && k === held.k, stop);
  });
}

/** A hand lies over the number that is held, wide enough for a finger: a swipe that starts on any other scrolls. */
function handOf(cellsOf, act) {
  let [at, centre] = [null, null];
  const hand = handle((x) => {
    const far = x - centre[0];
    if (Math.abs(far) > 3) act.drag(far / UNIT);
  });

  function lie(held) {
    const cell = cellsOf(held.key)[held.k];
    const panel = cell.node.ownerSVGElement;
    if (hand.node.parentNode !== panel) panel.append(hand.node);
    [at, centre] = [held, cell.centre];
    hand.moveTo(...centre);
  }

  hand.node.addEventListener("pointerdown", () => {
    cellsOf(at.key)[at.k].node.focus({ preventScroll: true });
    act.grip();
  });
  hand.node.addEventListener("pointerenter", () => act.point({ over: at }));
  hand.node.addEventListener("pointerleave", (event) => leave(event, act));
  return { node: hand.node, place: lie };
}

const leave = ({ pointerType }, act) => pointerType === "touch" || act.point({ over: null });

/** What a pointer or the keyboard does to a tensor: arrow keys go from number to number. */
function listen({ key, again, node, cells, across }, hand, act, editable) {
  node.addEventListener("pointerleave", (event) => leave(event, act));
  cells.forEach((one, k) => one.node.addEventListener("pointerenter", () => act.point({ over: { key, k } })));
  place(node, again ? { "aria-hidden": "true" } : { role: "group" });
  if (again) return;
  const focus = (k) => (editable(key) ? cells[k].node.focus() : act.point({ focus: { key, k }, over: null }));
  if (editable(key)) cells.forEach((one, k) => listenToInput(one.node, { key, k }, hand, act));
  else {
    place(node, { tabindex: 0 });
    node.addEventListener("focus", () => focus(0));
  }
  node.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -across, ArrowDown: across }[event.key];
    if (!step) return;
    event.preventDefault();
    if (cells[act.focused().k + step]) focus(act.focused().k + step);
  });
}

/** A mouse takes a number and drags it at once; a finger takes it by a tap, and drags it afterwards. */
function listenToInput(node, at, hand, act) {
  place(node, { class: "editable", role: "button" });
  node.addEventListener("focus", () => {
    act.hold(at);
    act.point({ focus: at, over: null });
  });
  node.addEventListener("pointerdown", (event) => {
    if (event.pointerType === "touch") return;
    act.hold(at);
    hand.place(at);
    hand.node.dispatchEvent(new PointerEvent("pointerdown", event));
  });
}
