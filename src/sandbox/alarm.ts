import { clearTimeout, setTimeout as startTimer } from "node:timers";

/** What an HA loop sleeps on. */
export interface Alarm {
  /** Ends the sleep under way, or the next one at once. */
  wake(): void;
  /** Ends every sleep, now and later. */
  dismantle(): void;
  /** Resolves after that time or at the next {@link wake}; false once the alarm is dismantled. */
  sleep(seconds: number): Promise<boolean>;
}

/** Makes an alarm that nobody has woken yet. */
export function createAlarm(): Alarm {
  let isDue = false;
  let isDismantled = false;
  let ring: (() => void) | undefined;

  function wake(): void {
    isDue = true;
    ring?.();
  }

  return {
    wake,
    dismantle() {
      isDismantled = true;
      wake();
    },
    async sleep(seconds) {
      if (!isDue && !isDismantled)
        await new Promise<void>((resolve) => {
          const timer = startTimer(resolve, seconds * 1000);
          ring = (): void => {
            clearTimeout(timer);
            resolve();
          };
        });
      ring = undefined;
      isDue = false;
      return !isDismantled;
    },
  };
}
