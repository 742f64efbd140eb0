import path from "node:path";

/** Environment variable with the folder that the pictures and logs of test/e2e go to. */
export const RESULTS_VARIABLE = "GPT2_E2E_RESULTS";

/** The folder for the pictures and logs of a session. */
export function e2eResults(name: string): string {
  return path.resolve(process.env[RESULTS_VARIABLE] ?? "test-results/e2e", name);
}
