import { readFile } from "node:fs/promises";
import path from "node:path";
import type { DocumentFacts } from "../../src/completion/core/cursor";
import { heldOutFiles } from "../eval/files";

export interface TypedFile extends DocumentFacts {
  readonly text: string;
}

/** The files to write; only the fixtures if `quick`. */
export async function typedFiles(quick: boolean): Promise<TypedFile[]> {
  const fixtures = [
    ["completer.ts", "typescript", true],
    ["panel.tsx", "typescriptreact", false],
    ["inventory.py", "python", true],
  ] as const;
  const files = await Promise.all(
    fixtures.map(async ([name, languageId, insertSpaces]) =>
      typedFile(
        `src/${name}`,
        languageId,
        await readFile(path.resolve("test/fixtures/typing", `${name}.txt`), "utf8"),
        insertSpaces,
      ),
    ),
  );
  if (quick) return files;
  const heldOut = await heldOutFiles();
  const wanted = ["src/flask/logging.py", "lib/error-handler.js"];
  return [
    ...files,
    ...heldOut
      .filter((file) => wanted.includes(file.path))
      .map((file) => typedFile(file.path, file.lang, file.text, true)),
  ];
}

function typedFile(name: string, languageId: string, text: string, insertSpaces: boolean): TypedFile {
  return { document: name, path: name, languageId, text, indentation: { insertSpaces, tabSize: insertSpaces ? 2 : 4 } };
}
