import path from "node:path";

/**
 * The modules of src/ from the top down: a module imports itself and those below it (src/README.md). `vscode` marks those that know the
 * editor; the others run in any JavaScript host.
 */
export const modules = [
  { folder: "statistics", vscode: true },
  { folder: "status", vscode: true },
  { folder: "generate", vscode: true },
  { folder: "webviewEngine", vscode: true },
  { folder: "diagnostics", vscode: true },
  { folder: "models", vscode: true },
  { folder: "completion/editor", vscode: true },
  { folder: "cli" },
  { folder: "completion/core" },
  { folder: "backend" },
  { folder: "engine" },
  { folder: "hub" },
  { folder: "generation" },
  { folder: "gpt2" },
  { folder: "tokenizer" },
  { folder: "formats" },
];

const src = path.resolve(import.meta.dirname, "..", "src");

/** The index of the module that a file of src/ is in; -1 for files outside of the modules, such as extension.ts. */
function moduleOf(file) {
  const relative = path.relative(src, file).split(path.sep).join("/");
  return modules.findIndex(({ folder }) => relative.startsWith(`${folder}/`));
}

/** Reports imports of modules further up, and of anything outside of src/. */
export const importDirection = {
  meta: { type: "problem", schema: [] },
  create(context) {
    const from = moduleOf(context.filename);
    function check({ source }) {
      if (typeof source?.value !== "string" || !source.value.startsWith(".")) return;
      const target = path.resolve(path.dirname(context.filename), source.value);
      const to = moduleOf(target);
      if (from >= 0 && to >= 0 && to < from) {
        const message = `${modules[from].folder} is below ${modules[to].folder}: imports point down the list in .config/importDirection.mjs.`;
        context.report({ node: source, message });
      }
      if (from >= 0 && to < 0 && !target.endsWith("package.json")) {
        context.report({
          node: source,
          message: "A module imports only modules: not extension.ts, and nothing of test/.",
        });
      }
    }
    return {
      ImportDeclaration: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
      ImportExpression: check,
    };
  },
};
