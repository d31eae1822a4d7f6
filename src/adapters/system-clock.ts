import { setTimeout as wait } from "node:timers/promises";
import type { Clock } from "../core/ports.ts";

/** Time as the machine has it. */
export const systemClock: Clock = {
  monotonicSeconds: () => performance.now() / 1000,
  sleep: (seconds) => wait(seconds * 1000),
};
