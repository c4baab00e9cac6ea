// node judge.mjs < {"script": the tables, "answers": {exercise: […]}, "texts": […]}: prints what is said of each.
import { readFileSync } from "node:fs";

const { script, answers, texts } = JSON.parse(readFileSync(0, "utf8"));
const judging = readFileSync(new URL("../../book/_static/judge.js", import.meta.url), "utf8");
const { judge, ANSWERS } = new Function(`${judging}${script}return { judge, ANSWERS };`)();
const said = Object.entries(answers).map(([name, all]) => [name, all.map((answer) => judge(ANSWERS[name], answer))]);
console.log(JSON.stringify({ said: Object.fromEntries(said), read: texts.map(judge.read) }));
