import type { PowerSource } from "./powerSource";

/** The Battery Status API, which only some browsers have, and few of them in workers. */
interface BatteryNavigator {
  readonly getBattery?: () => Promise<{ readonly charging: boolean; readonly level: number }>;
}

/** What the machine of the browser runs on now. A browser says that a machine without a battery is charging. */
export async function readPowerSource(): Promise<PowerSource> {
  try {
    const battery = await (navigator as BatteryNavigator).getBattery?.();
    if (!battery) return "unknown";
    return battery.charging ? "external" : "battery";
  } catch {
    return "unknown";
  }
}
