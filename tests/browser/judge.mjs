// node judge.mjs < {"script": the tables, "answers": {exercise: […]}, "texts": […], "such": "1/2"}: prints what is said of each.
import { readFileSync } from "node:fs";
import * as pencil from "../../vae_lib/figures/base/pencil.js";

const { script, answers, texts, such } = JSON.parse(readFileSync(0, "utf8"));
const judging = readFileSync(new URL("../../book/_static/judge.js", import.meta.url), "utf8");
const { judge, ANSWERS } = new Function("base$pencil", `${judging}${script}return { judge, ANSWERS };`)(pencil);
const said = Object.entries(answers).map(([name, all]) => [name, all.map((answer) => judge(ANSWERS[name], answer))]);
console.log(JSON.stringify({ said: Object.fromEntries(said), read: texts.map(pencil.read), none: texts.map((text) => pencil.noNumber(text, such)) }));
