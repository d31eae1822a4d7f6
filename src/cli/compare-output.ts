import { renderedFolder, type FolderDifference } from "../adapters/rendered-folder.ts";
import type { TextSpool } from "../adapters/text-spool.ts";
import type { ClusterChange } from "../adapters/write-changes.ts";
import { MANIFEST } from "../compiler/manifest.ts";
import type { RenderedFile } from "../compiler/render-cluster.ts";
import { compareText } from "../core/json.ts";
import type { KnownFiles } from "../core/known-files.ts";
import { err, ok, type Result } from "../core/result.ts";
import type { VisitedCluster } from "../pipeline/run-project.ts";

/** The output folder next to what is compiled. */
export interface ComparedOutput {
  readonly visit: (cluster: VisitedCluster) => Promise<KnownFiles | undefined>;
  /** Files of all clusters that were visited. */
  readonly files: () => number;
  /** Every difference, by cluster, files that nobody wants any more last. The failure names what is in the way. */
  readonly differences: () => Result<readonly FolderDifference[], string>;
  /** The files that are missing or different, with their texts. */
  readonly changes: readonly ClusterChange[];
}

interface Work {
  files: number;
  readonly found: Map<string, Result<readonly FolderDifference[], string>>;
  readonly changes: ClusterChange[];
}

/**
 * Compares clusters with an output folder, one after the other. Texts that would have to be written go to
 * the spool; without one they are dropped.
 */
export function compareOutput(folder: string, spool: TextSpool | undefined): ComparedOutput {
  const rendered = renderedFolder(folder, MANIFEST);
  const work: Work = { files: 0, found: new Map(), changes: [] };
  const visit = async ({
    name,
    output,
    render,
  }: VisitedCluster): Promise<KnownFiles | undefined> => {
    const known = output === undefined ? undefined : rendered.recognise(name, output);
    if (known !== undefined) {
      work.files += known.paths.length;
      return known;
    }
    const wanted = await render();
    work.files += wanted.length;
    const compared = rendered.compare(name, wanted);
    if (!compared.ok) {
      work.found.set(name, compared);
      return undefined;
    }
    const { differences, known: wouldBe } = compared.value;
    if (differences.length === 0) return wouldBe;
    work.found.set(name, ok(differences));
    if (spool !== undefined) work.changes.push(changeOf(name, wanted, { differences, spool }));
    return wouldBe;
  };
  return {
    visit,
    files: () => work.files,
    differences: () => allDifferences(work, rendered.findStale),
    changes: work.changes,
  };
}

/** A function of its own, so that what stays is the spooled texts' place and not the texts. */
function changeOf(
  cluster: string,
  wanted: readonly RenderedFile[],
  {
    differences,
    spool,
  }: { readonly differences: readonly FolderDifference[]; readonly spool: TextSpool },
): ClusterChange {
  const paths = new Set(differences.map(({ path }) => path));
  const texts = wanted.filter(({ path }) => paths.has(path)).map(({ text }) => text);
  const spooled = spool.add(texts);
  return { cluster, paths: [...paths], texts: () => spool.read(spooled) };
}

function allDifferences(
  { found }: Work,
  findStale: () => Result<readonly FolderDifference[], string>,
): Result<readonly FolderDifference[], string> {
  const all: FolderDifference[] = [];
  for (const [, differences] of [...found].toSorted(([a], [b]) => compareText(a, b))) {
    if (!differences.ok) return err(differences.error);
    all.push(...differences.value);
  }
  const stale = findStale();
  return stale.ok ? ok([...all, ...stale.value]) : stale;
}
