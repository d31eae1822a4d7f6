import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { sealedCache } from "../../src/adapters/sealed-cache.ts";
import { digestOfText } from "../../src/core/digest.ts";
import { asNobody, scratchFolder } from "./scratch.ts";

interface TextCache {
  readonly load: () => string | undefined;
  readonly save: (text: string) => void;
}

/** A cache of texts, which are easier to tell apart. */
function textCache(owner: Parameters<typeof sealedCache>[0]): TextCache | undefined {
  const cache = sealedCache(owner);
  return (
    cache && {
      load: () => cache.load()?.toString(),
      save: (text) => cache.save(Buffer.from(text)),
    }
  );
}

interface Home {
  readonly home: string;
  readonly projectRoot: string;
  /** The one file that holds what was saved. */
  readonly file: () => string;
  readonly open: (producer?: string, projectRoot?: string) => TextCache | undefined;
}

/** A home and a project beside it. */
function makeHome(): Home {
  const home = scratchFolder();
  const projectRoot = scratchFolder({ "quorate.yaml": "" });
  return {
    home,
    projectRoot,
    file: () => {
      const folder = join(home, ".cache/quorate");
      return join(folder, readdirSync(folder)[0] ?? "");
    },
    open: (producer = "this build", root = projectRoot) =>
      textCache({ projectRoot: root, producer, environment: { HOME: home } }),
  };
}

test("what is saved is loaded again, by this project and this build only", () => {
  const { home, open } = makeHome();
  expect(open()?.load()).toBeUndefined();
  open()?.save("first");
  open()?.save("what is known, é");
  expect(open()?.load()).toBe("what is known, é");
  expect(open("another build")?.load()).toBeUndefined();
  expect(open("this build", scratchFolder())?.load()).toBeUndefined();
  const modes = [".cache/quorate", ".local/state/quorate"].map((path) =>
    statSync(join(home, path)),
  );
  expect(modes.map(({ mode }) => mode & 0o777)).toEqual([0o700, 0o700]);
  expect(readdirSync(join(home, ".cache/quorate"))).toHaveLength(1);
  expect(readdirSync(join(home, ".local/state/quorate"))).toEqual(["cache-key"]);
});

test("no byte of it can be another one", () => {
  const { file, open } = makeHome();
  open()?.save("what is known");
  const bytes = readFileSync(file());
  for (const index of bytes.keys()) {
    const forged = Buffer.from(bytes);
    forged[index] = (forged[index] ?? 0) ^ 1;
    writeFileSync(file(), forged);
    expect(open()?.load(), `byte ${index}`).toBeUndefined();
  }
  for (const length of [0, 31, 32, bytes.length - 1]) {
    writeFileSync(file(), bytes.subarray(0, length));
    expect(open()?.load(), `${length} bytes`).toBeUndefined();
  }
  writeFileSync(file(), bytes);
  expect(open()?.load()).toBe("what is known");
});

test("what another machine or another project saved is not taken, whatever its name", () => {
  const [ours, theirs] = [makeHome(), makeHome()];
  ours.open()?.save("ours");
  const name = ours.file();
  theirs.open("this build", ours.projectRoot)?.save("theirs");
  writeFileSync(name, readFileSync(theirs.file()), { mode: 0o600 });
  expect(ours.open()?.load()).toBeUndefined();
  const other = scratchFolder();
  rmSync(name);
  ours.open("this build", other)?.save("of the other project");
  renameSync(ours.file(), name);
  expect(ours.open()?.load()).toBeUndefined();
});

test("a file or a folder that others may write, or a link, is no cache", () => {
  const { home, file, open } = makeHome();
  const folder = join(home, ".cache/quorate");
  open()?.save("what is known");
  const mutations: readonly (readonly [string, () => void, () => void])[] = [
    ["file", () => chmodSync(file(), 0o622), () => chmodSync(file(), 0o600)],
    ["folder", () => chmodSync(folder, 0o770), () => chmodSync(folder, 0o700)],
    [
      "key",
      () => chmodSync(join(home, ".local/state/quorate/cache-key"), 0o606),
      () => chmodSync(join(home, ".local/state/quorate/cache-key"), 0o600),
    ],
    [
      "linked folder",
      () => {
        renameSync(folder, `${folder}-2`);
        symlinkSync(`${folder}-2`, folder);
      },
      () => {
        rmSync(folder);
        renameSync(`${folder}-2`, folder);
      },
    ],
    [
      "linked file",
      () => {
        const name = file();
        renameSync(name, join(home, "elsewhere"));
        symlinkSync(join(home, "elsewhere"), name);
      },
      () => {
        const name = file();
        rmSync(name);
        renameSync(join(home, "elsewhere"), name);
      },
    ],
  ];
  for (const [what, harm, mend] of mutations) {
    harm();
    expect(open()?.load(), what).toBeUndefined();
    mend();
    expect(open()?.load(), what).toBe("what is known");
  }
});

test.runIf(process.geteuid?.() === 0)(
  "somebody else's folder is neither read nor written",
  async () => {
    const { home, open } = makeHome();
    open()?.save("what is known");
    chmodSync(home, 0o755);
    for (const path of [".cache", ".local", ".local/state"]) chmodSync(join(home, path), 0o755);
    await asNobody(async () => {
      expect(open()?.load()).toBeUndefined();
      open()?.save("theirs");
    });
    expect(open()?.load()).toBe("what is known");
  },
);

test.runIf(process.geteuid?.() === 0)("nothing is made in a home of somebody else", async () => {
  const { home, open } = makeHome();
  chmodSync(home, 0o777);
  await asNobody(async () => open()?.save("theirs"));
  expect(readdirSync(home)).toEqual([]);
});

test("a cache in the project's own work tree is none: a commit could have brought it", () => {
  const tree = scratchFolder({
    ".git/HEAD": "",
    "team/project/quorate.yaml": "",
    "team/home/x": "",
  });
  const projectRoot = join(tree, "team/project");
  const environment = { HOME: join(tree, "team/home") };
  textCache({ projectRoot, producer: "p", environment })?.save("what is known");
  expect(textCache({ projectRoot, producer: "p", environment })?.load()).toBeUndefined();
  const outside = { ...environment, XDG_CACHE_HOME: join(scratchFolder(), "cache") };
  textCache({ projectRoot, producer: "p", environment: outside })?.save("what is known");
  // The key would still lie inside.
  expect(textCache({ projectRoot, producer: "p", environment: outside })?.load()).toBeUndefined();
  const far = { ...outside, XDG_STATE_HOME: join(scratchFolder(), "state") };
  textCache({ projectRoot, producer: "p", environment: far })?.save("what is known");
  expect(textCache({ projectRoot, producer: "p", environment: far })?.load()).toBe("what is known");
});

test("without a home, with a relative one and with one that cannot be written there is no cache", () => {
  const { home, projectRoot, open } = makeHome();
  const producer = "p";
  expect(textCache({ projectRoot, producer, environment: {} })).toBeUndefined();
  expect(textCache({ projectRoot, producer, environment: { HOME: "home" } })).toBeUndefined();
  writeFileSync(join(home, ".cache"), "a file");
  open()?.save("what is known");
  expect(open()?.load()).toBeUndefined();
  expect(readFileSync(join(home, ".cache"), "utf8")).toBe("a file");
});

test("a key that was cut short is made again", () => {
  const { home, open } = makeHome();
  open()?.save("first");
  const key = join(home, ".local/state/quorate/cache-key");
  writeFileSync(key, "");
  expect(open()?.load()).toBeUndefined();
  open()?.save("second");
  expect(open()?.load()).toBe("second");
  expect(readFileSync(key)).toHaveLength(32);
});

test("of many projects those are kept that were used last, and what is no cache is left alone", () => {
  const { home, open } = makeHome();
  const folder = join(home, ".cache/quorate");
  mkdirSync(join(folder, "postgres"), { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  writeFileSync(join(folder, "notes.txt"), "mine");
  const names = Array.from({ length: 40 }, (_, index) => digestOfText(`${index}`).slice(0, 32));
  for (const [index, name] of names.entries()) {
    writeFileSync(join(folder, name), "");
    utimesSync(join(folder, name), 1000 + index, 1000 + index);
  }
  for (const name of ["notes.txt", "postgres"]) utimesSync(join(folder, name), 10, 10);
  open()?.save("what is known");
  const left = readdirSync(folder);
  expect(left).toHaveLength(34);
  expect(left).toEqual(expect.arrayContaining([names[39], "notes.txt", "postgres"]));
  expect(left).not.toContain(names[8]);
  expect(open()?.load()).toBe("what is known");
});
