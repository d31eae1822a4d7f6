import { Argument, Command } from "commander";
import { err, ok, type Result } from "../core/result.ts";
import { cutHosts, healLab } from "../lab/cut.ts";
import { labLock } from "../lab/end-lab.ts";
import { killHosts, startHosts, startVoters, stopVoters } from "../lab/host-faults.ts";
import type { LabHost } from "../lab/lab-plan.ts";
import { isLabName } from "../lab/lab-plan.ts";
import type { LabRefusal } from "../lab/lab-refusal.ts";
import { withLock } from "../lab/lock.ts";
import { findRunningLab } from "../lab/running-lab.ts";

/** Prints what became of a command, and sets the exit code. */
export type ReportLab = (result: Result<string, LabRefusal>) => void;

/** The seconds for which a fault waits until another command on the same lab has ended. */
const LOCK_SECONDS = 10;

/** Builds `quorate lab kill|start|cut|heal|dcs`: the faults that a lab can be put through. */
export function labFaultCommands(report: ReportLab): readonly Command[] {
  return [
    killCommand(report),
    startCommand(report),
    cutCommand(report),
    healCommand(report),
    dcsCommand(report),
  ];
}

function killCommand(report: ReportLab): Command {
  return new Command("kill")
    .description("kill every process of hosts, or of all hosts of a site, at once; disks stay")
    .argument("<cluster>")
    .argument("<host...>", "hosts or sites")
    .option("--silently", "cut them off first, so that nobody hears of it")
    .action(async (cluster: string, names: readonly string[], { silently }: { silently?: true }) =>
      act(report, cluster, "killed", async () => {
        const cut = silently === true ? await cutHosts(cluster, names) : ok([]);
        return cut.ok ? killHosts(cluster, names) : cut;
      }),
    );
}

function startCommand(report: ReportLab): Command {
  return new Command("start")
    .description("start what was killed on hosts, or on all hosts of a site")
    .argument("<cluster>")
    .argument("<host...>", "hosts or sites")
    .action(async (cluster: string, names: readonly string[]) =>
      act(report, cluster, "started", async () => startHosts(cluster, names)),
    );
}

function cutCommand(report: ReportLab): Command {
  return new Command("cut")
    .description("cut hosts or sites off, together, from all others and the client")
    .argument("<cluster>")
    .argument("<host...>", "hosts or sites")
    .action(async (cluster: string, names: readonly string[]) =>
      act(report, cluster, "cut off", async () => cutHosts(cluster, names)),
    );
}

function healCommand(report: ReportLab): Command {
  return new Command("heal")
    .description("undo every cut")
    .argument("<cluster>")
    .action(async (cluster: string) => {
      const healed = await locked(cluster, async () => healLab(cluster));
      report(healed.ok ? ok(`${cluster}: all hosts reach each other`) : healed);
    });
}

/** What `lab dcs` does, and how it is said when it is done. */
const DCS_ACTIONS = {
  kill: "etcd killed on",
  freeze: "etcd frozen on",
  start: "etcd runs on",
} as const;

function dcsCommand(report: ReportLab): Command {
  const words = Object.keys(DCS_ACTIONS);
  return new Command("dcs")
    .description("kill or freeze the voters of the DCS, and start them again; all unless named")
    .addArgument(new Argument("<action>").choices(words))
    .argument("<cluster>")
    .argument("[host...]", "hosts or sites of voters")
    .action(async (action: keyof typeof DCS_ACTIONS, cluster: string, names: readonly string[]) =>
      act(report, cluster, DCS_ACTIONS[action], async () =>
        action === "start" ? startVoters(cluster, names) : stopVoters(cluster, names, action),
      ),
    );
}

async function act(
  report: ReportLab,
  cluster: string,
  done: string,
  action: () => Promise<Result<readonly LabHost[], LabRefusal>>,
): Promise<void> {
  const result = await locked(cluster, action);
  if (!result.ok) return report(result);
  return report(ok(`${cluster}: ${done} ${result.value.map(({ name }) => name).join(", ")}`));
}

/** Waits for `up` and `down` of the same lab. Without one there is nothing to lock. */
async function locked<Value>(
  cluster: string,
  action: () => Promise<Result<Value, LabRefusal>>,
): Promise<Result<Value, LabRefusal>> {
  if (!isLabName(cluster))
    return err({ kind: "bad-input", message: `"${cluster}" is not the name of a lab` });
  const lab = await findRunningLab(cluster);
  return lab.ok ? withLock(labLock(cluster), LOCK_SECONDS, action) : lab;
}
