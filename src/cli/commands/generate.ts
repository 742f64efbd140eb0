import { readConstraint } from "../constraint";
import type { GenerateCommand } from "../generateCommand";
import type { Output } from "../output";
import { openSession } from "../session";
import { benchmark } from "./benchmark";
import { perplexity } from "./perplexity";
import { writeFromServer } from "./writeFromServer";
import { writeTexts } from "./writeTexts";

/** Writes texts, or measures the model, as the command's task says. */
export async function generate(command: GenerateCommand, output: Output, signal: AbortSignal): Promise<void> {
  const { task, server } = command;
  if (server) {
    await writeFromServer(server, command, output, signal);
    return;
  }
  const constraint = await readConstraint(command);
  await using session = await openSession(command, output);
  if (task.kind === "write") await writeTexts(task.prompts, command, constraint, session, output, signal);
  else if (task.kind === "benchmark") await benchmark(task.tokens, command, session, output, signal);
  else await perplexity(task, command, session, output, signal);
}
