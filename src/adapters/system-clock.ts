import { setTimeout as wait } from "node:timers/promises";
import { Bug } from "../core/bug.ts";
import { isInstant } from "../core/instant.ts";
import type { Clock } from "../core/ports.ts";

/** Time as the machine has it. */
export const systemClock: Clock = {
  now: () => {
    const seconds = Math.floor(Date.now() / 1000);
    if (!isInstant(seconds)) throw new Bug("this machine's clock is before 1970");
    return seconds;
  },
  monotonicSeconds: () => performance.now() / 1000,
  sleep: (seconds) => wait(seconds * 1000),
};
