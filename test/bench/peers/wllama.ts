import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { once } from "node:events";
import path from "node:path";
import { chromium, type Browser, type Page } from "playwright-core";
import { CHROMIUM_ARGS, findChromium } from "../../harness/chromium";
import type { BenchEngine } from "../engine";
import type { BenchModel } from "../models";
import { installPackages } from "./install";
import { q8Traffic } from "./llamaCpp";

const version = "3.8.1";

/** What wllama says of a completion; `…_n` are tokens. */
interface WllamaTimings {
  readonly prompt_n: number;
  readonly prompt_ms: number;
  readonly predicted_n: number;
  readonly predicted_ms: number;
}

/** The page: loads a model on request, and completes. */
const html = `<!doctype html><script type="module">
import { Wllama } from "/wllama/index.js";
globalThis.load = async (threads) => {
  const wllama = new Wllama({ default: "/wllama/wasm/wllama.wasm" }, { suppressNativeLog: true });
  globalThis.wllama = wllama;
  const blob = await (await fetch("/model.gguf")).blob();
  const began = performance.now();
  await wllama.loadModel([blob], { n_threads: threads, n_ctx: 1024, n_batch: 512, n_gpu_layers: 0 });
  return { ms: performance.now() - began, threads: wllama.getNumThreads() };
};
globalThis.complete = async (prompt, tokens, cached) => {
  const result = await wllama.createCompletion({
    prompt, max_tokens: tokens, temperature: 0, cache_prompt: cached, ignore_eos: true, timings_per_token: true,
  });
  return result.timings;
};
</script>`;

/** llama.cpp in WebAssembly, in a browser as it is meant to be used. */
export async function openWllama(model: BenchModel, threads: number): Promise<BenchEngine> {
  const folder = await installPackages([`@wllama/wllama@${version}`]);
  const server = serve(path.join(folder, "node_modules", "@wllama", "wllama", "esm"), await model.file());
  await once(server.listen(0, "127.0.0.1"), "listening");
  let browser: Browser | undefined;
  try {
    browser = await chromium.launch({
      executablePath: await findChromium(),
      args: [...CHROMIUM_ARGS, "--headless=new"],
    });
    const page = await browser.newPage();
    page.setDefaultTimeout(120_000);
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("The page's server has no port.");
    await page.goto(`http://127.0.0.1:${address.port}/`);
    await page.waitForFunction("globalThis.load");
    const loaded = await page.evaluate<{ ms: number; threads: number }>(`load(${threads})`);
    if (loaded.threads !== threads) throw new Error(`It runs with ${loaded.threads} threads instead of ${threads}.`);
    const opened = browser;
    return new WllamaEngine(threads, loaded.ms, page, async () => {
      await opened.close();
      server.close();
    });
  } catch (error) {
    await browser?.close();
    server.close();
    throw error;
  }
}

/** Serves the page, wllama's files and the model, isolated so that threads are allowed. */
function serve(wllama: string, model: string): Server {
  const types: Readonly<Record<string, string>> = { ".js": "text/javascript", ".wasm": "application/wasm" };
  return createServer((request, response) => {
    const url = request.url ?? "/";
    const headers = { "cross-origin-opener-policy": "same-origin", "cross-origin-embedder-policy": "require-corp" };
    if (url === "/") {
      response.writeHead(200, { ...headers, "content-type": "text/html" }).end(html);
      return;
    }
    const file = url === "/model.gguf" ? model : path.join(wllama, path.normalize(url.replace(/^\/wllama/, "")));
    stat(file).then(
      ({ size }) => {
        const type = types[path.extname(file)] ?? "application/octet-stream";
        response.writeHead(200, { ...headers, "content-type": type, "content-length": size });
        createReadStream(file).pipe(response);
      },
      () => response.writeHead(404, headers).end(),
    );
  });
}

class WllamaEngine implements BenchEngine {
  readonly name = "wllama q8_0";
  readonly traffic = q8Traffic;
  readonly heapBytes = 0;

  constructor(
    readonly threads: number,
    readonly loadMs: number,
    private readonly page: Page,
    private readonly dispose: () => Promise<void>,
  ) {}

  async decode(context: number, steps: number): Promise<number[]> {
    const { predicted_ms, predicted_n } = await this.#complete(prompt(context), steps + 1, true);
    // Its clock for these starts when the first token is there.
    return new Array<number>(steps).fill(predicted_ms / (predicted_n - 1));
  }

  async prefill(length: number): Promise<number> {
    const { prompt_ms, prompt_n } = await this.#complete(prompt(length, "b"), 1, false);
    if (prompt_n !== length) throw new Error(`wllama read ${prompt_n} tokens instead of ${length}.`);
    return prompt_ms;
  }

  async key(context: number, added: number): Promise<number> {
    await this.#complete(prompt(context), 1, true);
    return (await this.#complete(prompt(context + added), 1, true)).prompt_ms;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }

  #complete(text: string, tokens: number, cached: boolean): Promise<WllamaTimings> {
    return this.page.evaluate<WllamaTimings>(`complete(${JSON.stringify(text)}, ${tokens}, ${cached})`);
  }
}

/** A text of so many tokens. */
function prompt(tokens: number, letter = "a"): string {
  return letter + ` ${letter}`.repeat(tokens - 1);
}
