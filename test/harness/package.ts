/** `npm run package`: gpt2-vscode.vsix from a production build. */
import path from "node:path";
import { packageExtension, VSIX } from "./vsix";

packageExtension().then(
  (bytes) => console.log(`${path.basename(VSIX)}: ${(bytes / 1e6).toFixed(1)} MB`),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  },
);
