import { Argument, Command, InvalidArgumentError, Option } from "commander";
import {
  formatPatroniVersion,
  parsePatroniVersion,
  type PatroniVersion,
} from "../patroni/version.ts";
import {
  publishedSchema,
  releasesOf,
  SCHEMA_NAMES,
  SCHEMA_SUMMARIES,
  schemaText,
  type SchemaName,
} from "../pipeline/published-schemas.ts";
import type { CommandContext } from "./command-context.ts";

/** `quorate schema`: the JSON Schemas by which editors complete and explain what people write. */
export function schemaCommand(context: CommandContext): Command {
  return new Command("schema")
    .description("print a JSON Schema for editors; without a name, say which there are")
    .addArgument(new Argument("[name]", "which schema").choices(SCHEMA_NAMES))
    .addOption(
      new Option(
        "--patroni <version>",
        "for dcs and node: the release; default: the newest",
      ).argParser(readVersion),
    )
    .action(
      (
        name: SchemaName | undefined,
        { patroni }: { readonly patroni?: PatroniVersion },
        command: Command,
      ) => {
        if (patroni !== undefined && (name === undefined || releasesOf(name).length === 0))
          command.error("error: --patroni goes with dcs or node only");
        context.out.result(
          name === undefined
            ? listText()
            : schemaText(publishedSchema(name, patroni).schema).trimEnd(),
        );
      },
    );
}

function listText(): string {
  return SCHEMA_NAMES.map((name) => {
    const releases = releasesOf(name).map((release) => formatPatroniVersion(release));
    const versions = releases.length === 0 ? "" : ` (changed with ${releases.join(", ")})`;
    return `${name.padEnd(9)}${SCHEMA_SUMMARIES[name]}${versions}`;
  }).join("\n");
}

function readVersion(text: string): PatroniVersion {
  const version = parsePatroniVersion(text);
  if (!version.ok) throw new InvalidArgumentError(`${version.error}.`);
  return version.value;
}
