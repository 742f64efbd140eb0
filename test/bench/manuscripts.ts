import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Manuscript } from "../harness/person/person";
import { heldOutFiles } from "../eval/files";

/** A file that a person writes, in a workspace with other code. */
export interface Assignment {
  readonly name: string;
  /** Below the workspace's folder. */
  readonly file: string;
  /** The language's identifier. */
  readonly language: string;
  readonly manuscript: Manuscript;
  /** How many spaces an indentation is. */
  readonly tabSize: number;
  /** Fills the workspace with everything but the file. */
  readonly fill: (folder: string) => Promise<void>;
}

/** The other held-out files of a repository, at their paths. */
const otherFiles = (repo: string, except: string) => async (folder: string) => {
  for (const file of await heldOutFiles()) {
    if (file.repo !== repo || file.path === except) continue;
    const target = path.join(folder, file.path);
    await mkdir(path.dirname(target), { recursive: true });
    await writeFile(target, file.text);
  }
};

async function heldOut(repo: string, file: string, language: string, lines = Infinity): Promise<Assignment> {
  const found = (await heldOutFiles()).find((one) => one.repo === repo && one.path === file);
  if (!found) throw new Error(`test/eval/data has no ${file} of ${repo}.`);
  return {
    name: path.basename(file),
    file,
    language,
    manuscript: { text: firstLines(found.text, lines) },
    tabSize: language === "python" ? 4 : 2,
    fill: otherFiles(repo, file),
  };
}

const sample = async (folder: string) =>
  cp(path.resolve("test/fixtures/sample-workspace"), folder, { recursive: true });

async function own(name: string, file: string, language: string, tabs = false): Promise<Assignment> {
  const text = await readFile(path.resolve("test/fixtures/person", `${name}.txt`), "utf8");
  return {
    name,
    file,
    language,
    manuscript: { text, ...(tabs && { tabSize: 4 }) },
    tabSize: 4,
    fill: sample,
  };
}

/** A file of this project, in this project's sources. */
async function fromThisProject(file: string, lines: number): Promise<Assignment> {
  return {
    name: path.basename(file),
    file,
    language: "typescript",
    manuscript: { text: firstLines(await readFile(path.resolve(file), "utf8"), lines) },
    tabSize: 2,
    fill: async (folder) =>
      cp(path.resolve("src"), path.join(folder, "src"), {
        recursive: true,
        filter: (source) => source !== path.resolve(file),
      }),
  };
}

const firstLines = (text: string, lines: number): string =>
  text.split("\n").length <= lines ? text : text.split("\n").slice(0, lines).concat("").join("\n");

/** The first lines of a file; a notebook stays as it is. */
export function beginningOf(assignment: Assignment, lines: number): Assignment {
  const { manuscript, file } = assignment;
  if (file.endsWith(".ipynb")) return assignment;
  return { ...assignment, manuscript: { ...manuscript, text: firstLines(manuscript.text, lines) } };
}

/** Six whole files: four languages, prose, and a notebook. The bundled model was trained on none of them. */
export async function wholeFiles(): Promise<Assignment[]> {
  return [
    await heldOut("statelyai/xstate", "packages/core/src/mapState.ts", "typescript"),
    await heldOut("statelyai/xstate", "examples/store-tic-tac-toe/src/App.tsx", "typescriptreact"),
    await heldOut("psf/requests", "tests/test_structures.py", "python"),
    await own("limiter.go", "ratelimit/limiter.go", "go", true),
    await own("garden.md", "docs/garden.md", "markdown"),
    await own("orders.ipynb", "notebooks/orders.ipynb", "python"),
  ];
}

/** Forty lines of two files, in workspaces of real code. */
export async function inRealCode(): Promise<Assignment[]> {
  return [
    await fromThisProject("src/status/snooze.ts", 40),
    await heldOut("pallets/flask", "tests/test_signals.py", "python", 40),
  ];
}
