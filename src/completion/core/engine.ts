import type { AlternativesRequest, CompletionRequest, GenerationResult } from "../../generation/request";

/** What completion needs of the engine. */
export interface CompletionEngine {
  /** Starts the engine if it does not run, and says what its model can do. */
  describe(): Promise<{ readonly fillInTheMiddle: boolean }>;
  /** Resolves also when it is stopped. `onText` receives the text as it grows: all of it each time. */
  complete(
    request: CompletionRequest,
    options: { readonly signal: AbortSignal; readonly onText: (text: string) => void },
  ): Promise<GenerationResult>;
  /** The same for a cursor that may come to be, behind all other work. */
  completeAhead(request: CompletionRequest, options: { readonly signal: AbortSignal }): Promise<GenerationResult>;
  /** Continues in several ways. Resolves also when it is stopped, with the texts that are done and the others as cancelled. */
  alternatives(
    request: AlternativesRequest,
    options: { readonly signal: AbortSignal },
  ): Promise<readonly Pick<GenerationResult, "text" | "finish">[]>;
  /** Reads, behind all other work, what the prompt will be once its window has moved, if that is near. */
  readAhead(
    request: Pick<CompletionRequest, "prompt" | "maxTokens">,
    options: { readonly signal: AbortSignal },
  ): Promise<unknown>;
}
