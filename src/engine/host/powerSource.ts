/** What the machine runs on. `unknown`: it has no battery, or nothing can be found out about it. */
export type PowerSource = "battery" | "external" | "unknown";

/** A power supply as Linux describes it in `/sys/class/power_supply`: the contents of its files, without line ends. */
export interface PowerSupply {
  /** `Mains`, `USB`, `Battery` or `UPS`. */
  readonly type: string;
  /** Of a battery: `Charging`, `Discharging`, `Full`, `Not charging` or `Unknown`. */
  readonly status: string;
  /** Of mains: `1` while connected. */
  readonly online: string;
  /** `Device` for the battery of a mouse or a keyboard. */
  readonly scope: string;
}

/** What a Linux machine with these supplies runs on. */
export function powerSourceOf(supplies: readonly PowerSupply[]): PowerSource {
  const system = supplies.filter(({ scope }) => scope !== "Device");
  const batteries = system.filter(({ type }) => type === "Battery");
  if (batteries.length === 0) return "unknown";
  if (system.some(({ type, online }) => type !== "Battery" && online === "1")) return "external";
  return batteries.some(({ status }) => status === "Discharging") ? "battery" : "external";
}

/** What macOS runs on, from the output of `pmset -g batt`. */
export function powerSourceFromPmset(output: string): PowerSource {
  if (!output.includes("InternalBattery")) return "unknown";
  if (output.includes("'Battery Power'")) return "battery";
  return output.includes("'AC Power'") ? "external" : "unknown";
}
