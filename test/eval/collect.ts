import { writeFileSync } from "node:fs";
import path from "node:path";
import { openCandidate } from "./candidate";
import { completePlace, cursorIn, firstLine } from "./complete";
import { readSourceFiles } from "./files";
import { drawPlaces } from "./places";
import { Repositories } from "./workspace";
import { requestAt } from "../../src/completion/core/request";
import { readSettings } from "../../src/completion/core/settings";
import { scoreLines } from "../../src/generation/ranking/scoreLines";

const settings = readSettings({ get: <T>(_key: string, fallback: T) => fallback });
async function main() {
  const [, , file = "", count = "300", seed = "1", out = ""] = process.argv;
  const files = await readSourceFiles(path.resolve(file));
  const places = drawPlaces(files, Number(count), Number(seed)).sort((a, b) => a.file.repo.localeCompare(b.file.repo));
  const candidate = await openCandidate("models/gpt2-code-mini/gpt2-code-mini.Q8_0.gguf", { name: "mini", precision: "int8", threads: 1 });
  const repositories = new Repositories(files);
  const rows: object[] = [];
  let lookupMs = 0, scoreMs = 0, lookups = 0, worst = 0;
  for (const place of places) {
    const base = await completePlace(candidate, place, true);
    const cursor = cursorIn(place, place.prefix, place.suffix);
    const sets: object[] = [];
    for (const mode of ["repository", "distant"] as const) {
      const matches = repositories.find(place.file, mode, place.prefix, place.suffix, 32);
      const t0 = performance.now();
      repositories.find(place.file, "repository", place.prefix, place.suffix, 32);
      lookupMs += performance.now() - t0; lookups++;
      const texts = new Map<string, object[]>();
      for (const m of matches) {
        const text = m.rest === "" ? /^\s*?\S.*/.exec("\n" + m.following)?.[0] ?? "" : m.rest;
        if (text.trim() === "") continue;
        if (!texts.has(text)) { if (texts.size >= 8) continue; texts.set(text, []); }
        texts.get(text)!.push({ ...m, following: undefined });
      }
      const own = base.raw;
      if (own !== "" && !texts.has(own)) texts.set(own, []);
      const lines = [...texts.keys()];
      const request = requestAt(cursor, settings);
      const t1 = performance.now();
      const scores = lines.length === 0 ? [] : await scoreLines(candidate.context(), { ...request, lines }, { arrivedAt: 0, signal: { aborted: false }, pause: () => Promise.resolve() });
      const ms = performance.now() - t1; scoreMs += ms; worst = Math.max(worst, ms);
      sets.push({ mode, cands: lines.map((text, i) => ({ text, matches: texts.get(text), own: text === own, shownOwn: text === base.found, ok: firstLine(text) === place.wanted, tokens: scores[i]?.tokens, end: scores[i]?.end })) });
    }
    rows.push({ repo: place.file.repo, file: place.file.path, kind: place.kind, lang: place.language, wanted: place.wanted, found: base.found, raw: base.raw, exact: base.exact, before: place.prefix.slice(-600), after: place.suffix.slice(0, 300), sets });
  }
  writeFileSync(out, JSON.stringify(rows));
  console.log(rows.length, "lookup ms", lookupMs / lookups, "score ms", scoreMs / lookups, "worst", worst);
  await candidate[Symbol.asyncDispose]();
}
void main();
