import assert from "node:assert/strict";
import { Session } from "./session";

describe("the diagnostics panel", () => {
  it("shows the next tokens at the cursor with their logits, and the engine", async () => {
    await using session = await Session.start("diagnostics");
    const { workbench } = session;
    await workbench.openFile("src/cart.ts");
    await workbench.goTo(15, 46);
    await workbench.command("GPT-2: Open Diagnostics");
    const panel = workbench.webview();
    const rows = panel.locator("table.candidates tbody tr");
    await rows.nth(4).waitFor({ timeout: 60_000 });
    await session.screenshot("next-token");
    const cells = await Promise.all((await rows.all()).map((row) => row.locator("td, th").allTextContents()));
    const logits = cells.map((row) => Number(row[3]));
    assert.ok(logits.every(Number.isFinite), `not numbers: ${logits.join(", ")}`);
    assert.deepEqual(
      logits,
      logits.toSorted((a, b) => b - a),
      "the likeliest first",
    );
    assert.ok(new Set(logits).size > 1, "the logits are all the same");
    const ids = cells.map((row) => Number(row[2]));
    assert.ok(
      ids.every((id) => Number.isInteger(id) && id >= 0 && id < 50284),
      `not token ids: ${ids.join(", ")}`,
    );

    await panel.getByRole("tab", { name: "Engine" }).click();
    await panel.getByText("WebAssembly").waitFor();
    await session.screenshot("engine");
    const text = (await panel.locator("#panel-engine").textContent()) ?? "";
    assert.match(text, /gpt2-code-mini/);
    assert.match(text, /6 layers, 4 heads, width 256/);
  });
});
