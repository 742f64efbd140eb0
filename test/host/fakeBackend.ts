import type {
  BackendState,
  BackendText,
  CompletionBackend,
  GhostTextBackend,
  TimedText,
} from "../../src/backend/backend";
import type { LineScore, ScoreRequest } from "../../src/generation/ranking/scoreLines";
import type { CompletionRequest } from "../../src/generation/request";
import { readyWith } from "../fixtures/backend";

const timings = { totalMs: 1, firstTokenMs: 1, decodeMs: 1, newTokens: 1 };

/** A backend that always writes the same, at once, and keeps what it was asked. */
export class FakeBackend implements GhostTextBackend {
  readonly state: BackendState = readyWith();
  readonly requests: CompletionRequest[] = [];
  /** How often it was to read ahead. */
  ahead = 0;
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  describe(): ReturnType<CompletionBackend["describe"]> {
    return Promise.resolve(readyWith().description);
  }
  complete(request: CompletionRequest): Promise<TimedText> {
    this.requests.push(request);
    return Promise.resolve({ text: this.#text, finish: "stop", timings });
  }
  completeAhead(): Promise<BackendText> {
    return Promise.resolve({ text: "", finish: "cancelled" });
  }
  alternatives(): Promise<readonly BackendText[]> {
    return Promise.resolve([]);
  }
  scoreLines({ lines }: ScoreRequest): Promise<readonly LineScore[]> {
    return Promise.resolve(lines.map(() => ({ tokens: [-0.01], end: -0.01 })));
  }
  readAhead(): Promise<void> {
    this.ahead++;
    return Promise.resolve();
  }
}
