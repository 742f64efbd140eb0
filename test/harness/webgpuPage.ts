import { readFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { chromium } from "playwright-core";
import { CHROMIUM_ARGS, findChromium, WEBGPU_ARGS } from "./chromium";
import { HOST_MARK } from "./hostReporter";
import { type Counts, parseCounts } from "./results";

/** A secure context, which WebGPU needs. Nothing listens there: the requests are answered here. */
const origin = "http://localhost:9";

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".wasm": "application/wasm",
};

/**
 * Runs dist/test/webgpu/page.js in a page of Chromium and prints what it says.
 * @returns its counts; undefined when it did not end in time
 */
export async function runInPage(timeoutMs: number): Promise<Counts | undefined> {
  const browser = await chromium.launch({
    executablePath: await findChromium(),
    args: [...CHROMIUM_ARGS, ...WEBGPU_ARGS],
  });
  try {
    const page = await browser.newPage();
    await page.route(`${origin}/**`, async (route) => {
      const { pathname } = new URL(route.request().url());
      if (pathname === "/") {
        await route.fulfill({ contentType: "text/html", body: '<!doctype html><script src="/page.js"></script>' });
        return;
      }
      const folder = pathname.startsWith("/ort/") ? "node_modules/onnxruntime-web/dist" : "dist/test/webgpu";
      const body = await readFile(path.join(folder, path.basename(pathname)));
      await route.fulfill({ body, contentType: CONTENT_TYPES[path.extname(pathname)] ?? "application/octet-stream" });
    });
    const ended = new Promise<Counts>((resolve) => {
      page.on("console", (message) => {
        const text = message.text();
        const counts = parseCounts(text);
        if (counts) resolve(counts);
        else if (text.startsWith(HOST_MARK)) console.log(text.slice(HOST_MARK.length));
      });
      page.on("pageerror", (error) => console.error(error.message));
    });
    await page.goto(`${origin}/`);
    return await Promise.race([ended, sleep(timeoutMs, undefined, { ref: false })]);
  } finally {
    await browser.close();
  }
}
