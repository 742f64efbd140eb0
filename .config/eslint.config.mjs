import js from "@eslint/js";
import tseslint from "typescript-eslint";
import { importDirection, modules } from "./importDirection.mjs";

const noEditor = {
  name: "vscode",
  message: "Only extension.ts and the editor's modules import vscode (src/README.md).",
};

/** Private members are `#x`, which are private at run time too. A constructor cannot be. */
const privateMembers = ["PropertyDefinition", "MethodDefinition[kind!='constructor']", "TSParameterProperty"].map(
  (node) => ({ selector: `${node}[accessibility="private"]`, message: "Write a private member as #x." }),
);

/** Messages of the editor can be translated. */
const literalMessages = {
  selector:
    "CallExpression[callee.property.name=/^show(Information|Warning|Error)Message$/] > :matches(Literal, TemplateLiteral).arguments:first-child",
  message: "Translate it with vscode.l10n.t.",
};

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
        project: [
          "./tsconfig.json",
          "./src/diagnostics/webview/tsconfig.json",
          "./src/generate/webview/tsconfig.json",
          "./src/webviewEngine/webview/tsconfig.json",
        ],
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
      "max-lines": ["error", { max: 300 }],
      eqeqeq: "error",
    },
  },
  {
    files: ["src/**/*.ts"],
    plugins: { architecture: { rules: { "import-direction": importDirection } } },
    rules: { "architecture/import-direction": "error" },
  },
  {
    files: ["src/**/*.ts"],
    rules: { "no-restricted-syntax": ["error", ...privateMembers, literalMessages] },
  },
  {
    files: [
      ...modules.filter(({ vscode }) => !vscode).map(({ folder }) => `src/${folder}/**/*.ts`),
      "src/diagnostics/webview/**/*.ts",
      "src/generate/webview/**/*.ts",
      "src/webviewEngine/webview/**/*.ts",
    ],
    rules: { "no-restricted-imports": ["error", { paths: [noEditor] }] },
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
