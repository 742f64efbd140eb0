import js from "@eslint/js";
import tseslint from "typescript-eslint";

/** The rooms of the house from the top down: a room imports only rooms below it (src/README.md). */
const rooms = [
  "status",
  "completion",
  "generate",
  "diagnostics",
  "models",
  "engine",
  "generation",
  "gpt2",
  "tokenizer",
  "formats",
];

/** Rooms that know the editor; everything below runs in any JavaScript host. */
const editorRooms = new Set(["status", "completion", "generate", "diagnostics", "models"]);

/** Forbids a room the import of those above it. */
function upward(depth) {
  if (depth === 0) return [];
  const above = rooms.slice(0, depth).join("|");
  return [{ regex: `^(\\.{1,2}/)+(${above})(/|$)`, message: "Imports point down the list of rooms in src/README.md." }];
}

const noTests = { regex: "^(\\.\\./)+test/", message: "The extension does not import its tests." };

const noEditor = { name: "vscode", message: "Only extension.ts and the editor rooms import vscode (src/README.md)." };

export default tseslint.config(
  {
    ignores: [
      "**/dist/**",
      "test/fixtures/sample-workspace/**",
      // AssemblyScript: TypeScript's syntax with other types.
      "src/gpt2/backends/kernels/assembly/**",
      "**/node_modules/**",
      "**/.cache/**",
      "**/.vscode-test/**",
      "**/*.vsix",
    ],
  },
  js.configs.recommended,
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: {
        project: ["./tsconfig.json", "./src/diagnostics/webview/tsconfig.json"],
        tsconfigRootDir: `${import.meta.dirname}/..`,
      },
    },
    rules: {
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowBoolean: true }],
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "@typescript-eslint/switch-exhaustiveness-check": "error",
      "@typescript-eslint/prefer-readonly": "error",
      // Numeric loops read typed arrays with `as number`; the rule would have a `!`, which is forbidden too.
      "@typescript-eslint/non-nullable-type-assertion-style": "off",
      "max-lines": ["error", { max: 400 }],
      eqeqeq: "error",
    },
  },
  ...rooms.map((room, depth) => ({
    files: [`src/${room}/**/*.ts`],
    rules: {
      "no-restricted-imports": [
        "error",
        {
          paths: editorRooms.has(room) ? [] : [noEditor],
          patterns: [...upward(depth), noTests],
        },
      ],
    },
  })),
  {
    files: ["src/cli/**/*.ts", "src/diagnostics/webview/**/*.ts"],
    rules: { "no-restricted-imports": ["error", { paths: [noEditor], patterns: [noTests] }] },
  },
  {
    files: ["test/**/*.ts"],
    rules: {
      "max-lines": "off",
      "no-restricted-syntax": [
        "error",
        {
          selector:
            "CallExpression[callee.property.name=/^(only|skip)$/][callee.object.name=/^(it|describe|suite|test)$/]",
          message: "A skipped test reads as green.",
        },
      ],
    },
  },
  { files: ["**/*.mjs"], languageOptions: { globals: { process: "readonly", console: "readonly", URL: "readonly" } } },
);
