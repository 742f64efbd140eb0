import type { Localization } from "./localization";

/** How long suggestions can be snoozed: minutes, or until the next day begins. */
export type SnoozeTime = number | "tomorrow";

/** The times that are offered. */
export const snoozeTimes: readonly SnoozeTime[] = [5, 15, 60, "tomorrow"];

/** When a snooze ends that begins now. */
export function snoozeEnd(time: SnoozeTime, now: Date): Date {
  if (time !== "tomorrow") return new Date(now.getTime() + 60_000 * time);
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1);
}

/** A snooze time in words. */
export function describeSnoozeTime(time: SnoozeTime, l10n: Localization): string {
  if (time === "tomorrow") return l10n.t("Until tomorrow");
  return time === 60 ? l10n.t("For 1 hour") : l10n.t("For {0} minutes", time);
}
