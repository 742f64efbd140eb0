/** `npm run package`: gpt2-vscode.vsix from a production build. */
import path from "node:path";
import { exitWith } from "./exit";
import { packageExtension, VSIX } from "./vsix";

async function main(): Promise<number> {
  const bytes = await packageExtension();
  console.log(`${path.basename(VSIX)}: ${(bytes / 1e6).toFixed(1)} MB`);
  return 0;
}

exitWith(main());
