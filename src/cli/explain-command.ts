import { Command, Option } from "commander";
import type { CompiledCluster } from "../compiler/compiled-cluster.ts";
import { EXIT_CODE } from "../core/exit-code.ts";
import { explainCluster, explainNodeFiles, type Explanation } from "../pipeline/explain-cluster.ts";
import { explainKey } from "../pipeline/explain-key.ts";
import {
  explanationsJson,
  explanationsTable,
  explanationText,
  nothingText,
} from "../report/explain-report.ts";
import { field } from "../report/value-text.ts";
import type { CommandContext } from "./command-context.ts";
import { openProject } from "./open-project.ts";

interface ExplainOptions {
  readonly format: "human" | "json";
}

/** `quorate explain`: where each value of a cluster comes from, and what changing it does. */
export function explainCommand(context: CommandContext): Command {
  return new Command("explain")
    .description("say who set a value, where, why, and what changing it does")
    .argument("<cluster>", "the cluster")
    .argument(
      "[key]",
      "a key of the DCS document or of patroni.yml, a PostgreSQL parameter or a key of the intent; default: all",
    )
    .addOption(
      new Option("--format <format>", "output format").choices(["human", "json"]).default("human"),
    )
    .action((name: string, key: string | undefined, options: ExplainOptions) =>
      runExplain(context, { name, key, ...options }),
    );
}

async function runExplain(
  context: CommandContext,
  {
    name,
    key,
    format,
  }: ExplainOptions & { readonly name: string; readonly key: string | undefined },
): Promise<void> {
  const opened = await openProject(context, [name], { warnings: "counted" });
  const cluster = opened?.clusters[0];
  if (cluster === undefined) return;
  let explanations: readonly Explanation[];
  if (key === undefined) explanations = [...explainCluster(cluster), ...explainNodeFiles(cluster)];
  else {
    const found = explainKey(cluster, key);
    if (!found.ok) {
      const hint = found.error === undefined ? "" : `; did you mean ${found.error}?`;
      context.out.progress(
        `${name} has no key ${field(key)}, and neither Patroni nor PostgreSQL nor the intent knows it${hint}`,
      );
      context.setExitCode(EXIT_CODE.badInput);
      return;
    }
    explanations = found.value;
  }
  context.out.result(
    format === "json"
      ? explanationsJson(name, explanations)
      : key === undefined
        ? overviewText(cluster)
        : keyText(name, key, explanations),
  );
}

function keyText(name: string, key: string, explanations: readonly Explanation[]): string {
  if (explanations.length === 0) return nothingText(name, key);
  return explanations.map((explanation) => explanationText(name, explanation)).join("\n\n");
}

function overviewText(cluster: CompiledCluster): string {
  return [
    "The DCS configuration:",
    explanationsTable(explainCluster(cluster)),
    "",
    "patroni.yml of the nodes:",
    explanationsTable(explainNodeFiles(cluster)),
  ].join("\n");
}
