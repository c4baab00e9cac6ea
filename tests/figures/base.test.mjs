// The small modules that figures share: pixels, noise, what lies between two values, the state.
import assert from "node:assert/strict";
import { test } from "node:test";
import { between } from "../../vae_lib/figures/base/motion.js";
import { sum, typed } from "../../vae_lib/figures/base/numbers.js";
import { hexadecimal, pixels } from "../../vae_lib/figures/base/pixels.js";
import { stateOf } from "../../vae_lib/figures/base/state.js";
import { near, pairs } from "./near.mjs";

test("a number is typed with a point, a comma or both, and any minus; what is none is null", () => {
  const numbers = { 96.4: 96.4, "96,4": 96.4, " 7 ": 7, "−3,5": -3.5, "1,234.5": 1234.5, "2e-3": 0.002, ",5": 0.5 };
  for (const [text, value] of Object.entries(numbers)) assert.equal(typed(text), value);
  for (const text of ["", " ", "abc", "1,2,3", "96.4 nats", "Infinity", "-"]) assert.equal(typed(text), null);
});

test("16 hexadecimal digits are 64 pixels, the first the highest, and back", () => {
  assert.deepEqual(
    pixels("8001000000000000").flatMap((on, i) => (on ? [i] : [])),
    [0, 15],
  );
  assert.equal(pixels("f000000000000001").length, 64);
  assert.equal(pixels("f000000000000001")[63], 1);
  for (const hex of ["8001000000000000", "183c242424243c18", "0".repeat(16)])
    assert.equal(hexadecimal(pixels(hex)), hex);
});

test("the noise is that of its seed, and of N(0, I)", () => {
  assert.deepEqual(pairs(1, 5), pairs(1, 5));
  assert.notDeepEqual(pairs(1, 5), pairs(2, 5));
  const many = pairs(7, 100000);
  const moments = [
    [1, 0, 1],
    [2, 1, 2],
    [3, 0, 15],
    [4, 3, 96],
  ];
  for (const j of [0, 1]) {
    for (const [k, mean, variance] of moments) {
      near(sum(many.map((pair) => pair[j] ** k)) / many.length, mean, 4 * Math.sqrt(variance / many.length));
    }
  }
  near(sum(many.map(([a, b]) => a * b)) / many.length, 0, 4 / Math.sqrt(many.length));
});

test("between two values numbers are on their way, and all else has arrived", () => {
  const [from, to] = [
    { z: [0, 2], name: "q", eps: [1, 1], x: 5 },
    { z: [1, 0], name: "prior", eps: null, x: [1] },
  ];
  assert.deepEqual(between(from, to, 0.25), { z: [0.25, 1.5], name: "prior", eps: null, x: [1] });
});

/** A page with no screen: its frames come when they are asked for, at these milliseconds. */
function screen(reduced) {
  const frames = [];
  globalThis.requestAnimationFrame = (frame) => frames.push(frame);
  globalThis.matchMedia = () => ({ matches: reduced });
  globalThis.performance.now = () => 1000;
  return { frames, at: (time) => frames.splice(0).forEach((frame) => frame(time)) };
}

/** A model as anywidget has it, with the state that it holds. */
function modelOf(state) {
  const listeners = [];
  const set = (_, value) => {
    model.state = value;
    for (const listener of listeners) listener();
  };
  const model = {
    state,
    get: () => model.state,
    set,
    save_changes() {},
    on: (_, listener) => listeners.push(listener),
  };
  return model;
}

function figure(state, reduced = false, admits = undefined) {
  const [drawn, page, model] = [[], screen(reduced), modelOf(state)];
  const draw = ({ twice }, settled) => drawn.push(settled ? twice : [twice]);
  return { drawn, page, model, ...stateOf(model, { a: 1, b: 5 }, ({ a }) => ({ twice: 2 * a }), draw, admits) };
}

test("many changes are one redraw, and the model's state is what is shown", () => {
  const { drawn, page, model, set } = figure({});
  assert.deepEqual(drawn, [2]);
  for (const a of [2, 3, 4]) set({ a });
  assert.equal(page.frames.length, 1);
  page.at(1016);
  assert.deepEqual(drawn, [2, 8]);
  assert.deepEqual(model.state, { a: 4, b: 5 });
  assert.equal(page.frames.length, 0); // what we tell the model does not come back to us
});

test("a state from outside is shown, at the start and later", () => {
  const { drawn, page, model, now } = figure({ a: 7 });
  assert.deepEqual(drawn, [14]);
  model.set("state", { a: 8 });
  page.at(2000);
  assert.equal(drawn.at(-1), 16);
  assert.deepEqual(now, { a: 8, b: 5 });
});

test("a state from outside that is not admitted changes nothing, and the model says again what is shown", () => {
  const { drawn, page, model, now } = figure({}, false, ({ a, b }) => a < 10 && b === 5);
  model.set("state", { a: 11 });
  assert.equal(page.frames.length, 0);
  assert.deepEqual([drawn, now, model.state], [[2], { a: 1, b: 5 }, { a: 1, b: 5 }]);
  model.set("state", { a: 9 });
  page.at(2000);
  assert.deepEqual(now, { a: 9, b: 5 });
});

test("a change that is eased takes 200 ms, and none under reduced motion", () => {
  const { drawn, page, ease } = figure({});
  ease({ a: 2 });
  for (const time of [1000, 1100, 1199, 1200, 1300]) page.at(time);
  assert.deepEqual(drawn.slice(0, 3), [2, [2], [3]]);
  assert.ok(drawn[3][0] < 4);
  assert.deepEqual(drawn.slice(4), [4]);
  const calm = figure({}, true);
  calm.ease({ a: 2 });
  calm.page.at(1000);
  assert.deepEqual(calm.drawn, [2, 4]);
});

test("a hand that takes hold ends a motion at once", () => {
  const { drawn, page, ease, set } = figure({});
  ease({ a: 2 });
  page.at(1100);
  set({ a: 3 });
  page.at(1110);
  assert.deepEqual(drawn, [2, [3], 6]);
  assert.equal(page.frames.length, 0);
});
