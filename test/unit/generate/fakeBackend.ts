import type { BackendDescription, BackendState } from "../../../src/backend/backend";
import type { TextGrowth, TextsOptions, TextsRequest, WrittenTexts } from "../../../src/backend/texts";
import type { FinishReason } from "../../../src/generation/request";
import { readyWith } from "../../fixtures/backend";

const timings = { totalMs: 20, firstTokenMs: 10, decodeMs: 10 };

/** A request that a test answers by hand. */
export class OpenTexts {
  readonly #texts: string[];
  readonly #tokens: TextGrowth["token"][][];
  #resolve: (texts: WrittenTexts) => void = () => undefined;
  #reject: (error: Error) => void = () => undefined;
  readonly result: Promise<WrittenTexts>;

  constructor(
    readonly request: TextsRequest,
    private readonly options: TextsOptions,
  ) {
    const begun = (request.written ?? []).map((token) => String.fromCharCode(token)).join("");
    this.#texts = request.samplings.map(() => begun);
    this.#tokens = request.samplings.map(() => []);
    this.result = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    options.signal?.addEventListener("abort", () => this.finish("cancelled"));
  }

  get isCancelled(): boolean {
    return this.options.signal?.aborted === true;
  }

  /** Lets a text grow, a token for each character. @param shown how much of it is shown; all by default */
  grow(index: number, text: string, shown?: number): void {
    for (const character of text) {
      const token = character.charCodeAt(0);
      const other = { token: token + 1, text: String.fromCharCode(token + 1), logProbability: Math.log(0.25) };
      const own = { token, text: character, logProbability: Math.log(0.5) };
      const chosen = { ...own, alternatives: [own, other] };
      this.#texts[index] = (this.#texts[index] ?? "") + character;
      this.#tokens[index]?.push(chosen);
      const soFar = this.#texts[index] ?? "";
      this.options.onGrowth?.({ index, text: soFar.slice(0, shown), token: chosen });
    }
  }

  /** Lets a text grow without telling its tokens. */
  growPlain(index: number, text: string): void {
    this.#texts[index] = text;
    this.options.onGrowth?.({ index, text });
  }

  finish(finish: FinishReason = "length"): void {
    const texts = this.#texts.map((text, i) => ({
      text,
      finish,
      tokens: (this.#tokens[i] ?? []).flatMap((t) => t ?? []),
    }));
    const newTokens = texts.reduce((sum, { tokens }) => sum + tokens.length, 0);
    this.#resolve({ texts, timings: { ...timings, newTokens } });
  }

  fail(error: Error): void {
    this.#reject(error);
  }
}

/** A backend whose requests for texts stay open until the test ends them. */
export class FakeBackend {
  state: BackendState = readyWith();
  readonly requests: OpenTexts[] = [];

  describe(): Promise<BackendDescription> {
    return Promise.resolve(readyWith().description);
  }

  generateTexts(request: TextsRequest, options: TextsOptions = {}): Promise<WrittenTexts> {
    const open = new OpenTexts(request, options);
    this.requests.push(open);
    return open.result;
  }

  /** The newest request. */
  get last(): OpenTexts {
    const last = this.requests.at(-1);
    if (!last) throw new Error("The backend was not asked.");
    return last;
  }
}
