/** Import cycles are errors, type imports included. ESLint checks the direction of imports (eslint.config.mjs). */
export default {
  forbidden: [
    {
      name: "no-import-cycles",
      comment: "Move what both modules need into a third one.",
      severity: "error",
      from: {},
      to: { circular: true },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^(test/fixtures/sample-workspace|src/gpt2/backends/kernels/assembly)/" },
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: true,
  },
};
