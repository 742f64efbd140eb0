import { parseArgs } from "node:util";
import { fuzzFormats } from "./formats";

/** `npm run fuzz`: damages model files and reports what was not refused properly. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { count: { type: "string", default: "20000" }, seed: { type: "string", default: "1" } },
  });
  const { tried, refused, slowest, failures } = await fuzzFormats(Number(values.count), Number(values.seed));
  for (const failure of failures.slice(0, 20)) console.error(failure);
  const peak = Math.round(process.resourceUsage().maxRSS / 1024);
  console.log(`${tried} files, ${refused} refused, slowest ${slowest.toFixed(0)} ms, peak ${peak} MB`);
  console.log(`${failures.length} failures`);
  if (failures.length > 0) process.exitCode = 1;
}

void main();
