import type { CompiledService } from "./compile-service.ts";

/** Where a node's filled-in list of secrets lies. */
export const SECRETS_FILE = "/etc/patroni/secrets.env";

/**
 * Writes the drop-in for Debian's `patroni.service`. It only adds to that unit: what it starts, as whom, and when
 * it starts it again stays as it is there.
 *
 * @see https://www.freedesktop.org/software/systemd/man/latest/systemd.service.html
 */
export function serviceText(service: CompiledService): string {
  return [
    "# Install as /etc/systemd/system/patroni.service.d/quorate.conf, then: systemctl daemon-reload",
    "# Restart PostgreSQL with patronictl restart: restarting this unit on the leader is a failover.",
    "[Unit]",
    "# A Patroni that crashed and is not started again leaves its PostgreSQL running without a lease.",
    "StartLimitIntervalSec=0",
    "",
    "[Service]",
    ...secretLines(service),
    ...watchdogLines(service),
    "# Only Patroni gets the signal: it stops PostgreSQL itself, or leaves it running while the cluster is paused.",
    "KillMode=process",
    "# Time to hand over, to stop PostgreSQL, and 30 s. Sooner, a kill would leave PostgreSQL without Patroni.",
    `TimeoutStopSec=${service.stopSeconds}`,
    "Restart=on-failure",
    "RestartSec=5",
    "",
  ].join("\n");
}

function secretLines({ needsSecrets }: CompiledService): readonly string[] {
  if (!needsSecrets) return [];
  return [
    "# The names that secrets.env.example lists. Without them Patroni must not start.",
    `EnvironmentFile=${SECRETS_FILE}`,
  ];
}

/** `+`: as root, whatever User= says; `-`: go on without, for Patroni itself judges by watchdog.mode. */
function watchdogLines({ watchdogDevice, mayLoadSoftdog }: CompiledService): readonly string[] {
  if (watchdogDevice === undefined) return [];
  return [
    "# The watchdog resets the machine when Patroni hangs while it leads. The device belongs to root again after",
    "# every boot; systemd must not use it itself (RuntimeWatchdogSec= in system.conf).",
    ...(mayLoadSoftdog
      ? [`ExecStartPre=-+/bin/sh -c 'test -c ${watchdogDevice} || exec /sbin/modprobe softdog'`]
      : []),
    `ExecStartPre=-+/bin/chown postgres ${watchdogDevice}`,
  ];
}
