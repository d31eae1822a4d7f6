import type { JsonObject } from "../core/json.ts";
import type { ResolvedCluster } from "../intent/resolve-cluster.ts";

/** What the operating system must do for Patroni on a node: the drop-in of its systemd unit, as data. */
export interface CompiledService {
  /** The device that Patroni must be able to open; undefined: the watchdog is off. */
  readonly watchdogDevice: string | undefined;
  /** True when the kernel's own watchdog may stand in for a missing device. */
  readonly mayLoadSoftdog: boolean;
  /** Seconds that Patroni gets to hand over, stop PostgreSQL and leave. */
  readonly stopSeconds: number;
  readonly needsSecrets: boolean;
}

/** Seconds that PostgreSQL may take for its last checkpoint where nothing limits it. */
const UNLIMITED_STOP = 300;
/** Seconds on top, for what Patroni does besides. */
const SLACK = 30;

/**
 * Compiles the unit's drop-in. A leader that stops first waits up to two loops until it is no longer a synchronous
 * standby, then for PostgreSQL. If systemd killed it in the middle, PostgreSQL would go on without Patroni.
 *
 * @see patroni/ha.py:shutdown and while_not_sync_standby at v4.1.5
 */
export function compileService(
  { fencing, timing }: ResolvedCluster,
  dcs: JsonObject,
  secretNames: readonly string[],
): CompiledService {
  const written = dcs["primary_stop_timeout"];
  const stop = typeof written === "number" && written > 0 ? written : UNLIMITED_STOP;
  return {
    watchdogDevice: fencing.watchdog === "off" ? undefined : fencing.device,
    mayLoadSoftdog: /^\/dev\/watchdog0?$/.test(fencing.device),
    stopSeconds: stop + 2 * timing.loopWait + SLACK,
    needsSecrets: secretNames.length > 0,
  };
}
