import type { JsonObject } from "../core/json.ts";
import type { ResolvedFencing } from "../intent/fencing-intent.ts";

/** @see patroni/watchdog/base.py:parse_mode at v4.1.4 */
const WATCHDOG_MODES = { off: "off", "best-effort": "automatic", required: "required" } as const;

/**
 * The `watchdog` section of `patroni.yml`.
 *
 * @see patroni/watchdog/base.py:WatchdogConfig at v4.1.4: a margin of -1 stands for half of ttl
 */
export function compileFencing({ watchdog, margin, device }: ResolvedFencing): JsonObject {
  if (watchdog === "off") return { mode: WATCHDOG_MODES.off };
  return {
    mode: WATCHDOG_MODES[watchdog],
    device,
    safety_margin: margin === "half-ttl" ? -1 : margin,
  };
}
