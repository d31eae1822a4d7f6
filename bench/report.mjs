// Medians, ranges, ratios and verdicts as Markdown tables.

const NAMES = {
  node: "bare node",
  version: "`quorate version`",
  empty: "`quorate compile`, no clusters",
  a: "(a) node, yaml, Handlebars",
  b: "(b) python3, jinja2, libyaml",
  cold: "`quorate compile`, cold",
  warm: "`quorate compile`, nothing changed",
  check: "`quorate compile --check`, nothing changed",
  changed: "`quorate compile`, one file changed",
};

/** What every program took, as medians with their ranges. */
export function runsTable(rounds) {
  const programs = Object.keys(rounds[0]);
  const rows = programs.map((program) => {
    const taken = rounds.map((round) => round[program]);
    const seconds = (by) => spread(taken.map((one) => one[by]));
    return [
      NAMES[program],
      seconds("cpu"),
      seconds("wall"),
      Math.max(...taken.map(({ memory }) => memory)).toFixed(0),
    ];
  });
  return table(["", "CPU s", "wall s", "most memory, MiB"], rows);
}

/**
 * Compares programs round by round. A floor must be reached, a goal is wished for; without either a ratio is
 * there to be known. Rows whose programs did not run are left out.
 */
export function ratiosTable(rounds, wanted) {
  const rows = wanted
    .filter(({ of, to }) => rounds.every((round) => round[of] && (!to || round[to])))
    .map(({ what, of, to, by, floor, goal }) => {
      const values = rounds.map((round) => round[of][by] / (to ? round[to][by] : 1));
      return { what, values, floor, goal, verdict: verdictOf(median(values), floor, goal) };
    });
  const text = table(
    ["", "median", "range", "floor", "goal", ""],
    rows.map(({ what, values, floor, goal, verdict }) => [
      what,
      short(median(values)),
      `${short(Math.min(...values))} to ${short(Math.max(...values))}`,
      floor === undefined ? "" : `<= ${floor}`,
      goal === undefined ? "" : `<= ${goal}`,
      verdict,
    ]),
  );
  return { text, rows };
}

/** Names the place of verdicts, for the summary. */
export function judge(where, rows) {
  return rows.map((row) => ({ where, ...row }));
}

function verdictOf(value, floor, goal) {
  if (floor !== undefined) return value <= floor ? "reached" : "missed";
  if (goal !== undefined) return value <= goal ? "reached" : "goal missed";
  return "";
}

function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

function spread(values) {
  const range = `${Math.min(...values).toFixed(2)} to ${Math.max(...values).toFixed(2)}`;
  return `${median(values).toFixed(2)} (${range})`;
}

function short(value) {
  return value >= 10 ? value.toFixed(0) : value.toFixed(value < 1 ? 3 : 2);
}

function table(head, rows) {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(3, ...all.map((row) => row[column].length)));
  const line = (row) => `| ${row.map((cell, column) => cell.padEnd(widths[column])).join(" | ")} |`;
  const rule = `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`;
  return [line(head), rule, ...rows.map(line)].join("\n");
}
