import type { GenerateCommand, PerplexityTask } from "../generateCommand";
import type { Output } from "../output";
import { ProgressLine } from "../progress";
import type { Session } from "../session";
import { readTextFile } from "../textFile";
import { InputError } from "../../generation/errors";

/** Prints how well the model predicts a text. @throws InputError when it cannot be read or is empty */
export async function perplexity(
  { file, contextEnd }: PerplexityTask,
  { json }: GenerateCommand,
  { engine, model }: Session,
  output: Output,
  signal: AbortSignal,
): Promise<void> {
  const text = await readTextFile(file);
  if (text === "") throw new InputError(`${file} is empty.`);
  let loss;
  {
    using progress = new ProgressLine(output, false);
    const onProgress = (share: number) => progress.share(share);
    loss = await engine.handlers.textLoss({ text, ...(contextEnd && { contextEnd }) }, { signal, onProgress });
  }
  if (!loss) return;
  const { nats, tokens, bytes } = loss;
  const measures = {
    tokens,
    bytes,
    /** Natural logarithms, as models are trained with. */
    lossPerToken: nats / tokens,
    perplexity: Math.exp(nats / tokens),
    bitsPerByte: nats / Math.LN2 / bytes,
  };
  if (json) {
    output.json({ model: model.name, ...measures });
    return;
  }
  output.text(
    [
      `tokens          ${tokens}`,
      `loss per token  ${measures.lossPerToken.toFixed(4)} nats`,
      `perplexity      ${measures.perplexity.toFixed(2)}`,
      `bits per byte   ${measures.bitsPerByte.toFixed(4)}`,
      "",
    ].join("\n"),
  );
}
