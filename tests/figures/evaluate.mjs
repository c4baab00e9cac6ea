// node evaluate.mjs module.js functionName < [[arguments], …]: prints the list of the function's values as JSON.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [module, name] = process.argv.slice(2);
const { [name]: evaluated } = await import(pathToFileURL(module));
console.log(JSON.stringify(JSON.parse(readFileSync(0, "utf8")).map((inputs) => evaluated(...inputs))));
