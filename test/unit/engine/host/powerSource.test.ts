import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { readPowerSource } from "../../../../src/engine/host/nodePower";
import { powerSourceFromPmset } from "../../../../src/engine/host/powerSource";

type Supplies = Readonly<Record<string, Readonly<Record<string, string>>>>;

describe("the power source", () => {
  let folder: string;
  beforeEach(async () => (folder = await mkdtemp(path.join(tmpdir(), "power-"))));
  afterEach(() => rm(folder, { recursive: true }));

  async function onLinuxWith(supplies: Supplies) {
    for (const [name, files] of Object.entries(supplies)) {
      await mkdir(path.join(folder, name));
      for (const [file, text] of Object.entries(files)) await writeFile(path.join(folder, name, file), `${text}\n`);
    }
    return readPowerSource("linux", folder);
  }

  const mouse = { type: "Battery", status: "Discharging", scope: "Device" };

  it("is the battery of a notebook that is not plugged in", async () => {
    const supplies = { AC: { type: "Mains", online: "0" }, BAT0: { type: "Battery", status: "Discharging" }, mouse };
    assert.equal(await onLinuxWith(supplies), "battery");
  });

  it("is external while plugged in, even if the battery is drawn on, and at a full battery", async () => {
    const plugged = { AC: { type: "Mains", online: "1" }, BAT0: { type: "Battery", status: "Discharging" } };
    assert.equal(await onLinuxWith(plugged), "external");
    assert.equal(await onLinuxWith({ BAT1: { type: "Battery", status: "Full" } }), "external");
  });

  it("is unknown without a battery, whatever that of the mouse does", async () => {
    assert.equal(await onLinuxWith({ mouse }), "unknown");
  });

  it("is unknown where nothing can be read", async () => {
    assert.equal(await readPowerSource("linux", path.join(folder, "none")), "unknown");
    assert.equal(await readPowerSource("win32"), "unknown");
  });

  it("is read from pmset on macOS", () => {
    const battery = " -InternalBattery-0 (id=1234)\t80%; discharging; 5:00 remaining present: true";
    assert.equal(powerSourceFromPmset(`Now drawing from 'Battery Power'\n${battery}`), "battery");
    assert.equal(powerSourceFromPmset(`Now drawing from 'AC Power'\n${battery}`), "external");
    assert.equal(powerSourceFromPmset("Now drawing from 'AC Power'\n"), "unknown");
    assert.equal(powerSourceFromPmset(""), "unknown");
  });
});
