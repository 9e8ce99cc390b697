// The difference of two texts, line by line.

const LARGEST = 1500; // lines: the table of a longer one would be too large

/** [{kind: both | cut | add, line}] that leads from one text to the other, with as few changes as can be. */
export function diffed(before, after) {
  const a = before.split("\n");
  const b = after.split("\n");
  if (a.length > LARGEST || b.length > LARGEST) {
    return [...a.map((line) => ({ kind: "cut", line })), ...b.map((line) => ({ kind: "add", line }))];
  }
  const common = lengths(a, b);
  const lines = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      lines.push({ kind: "both", line: a[i] });
      i += 1;
      j += 1;
    } else if (j >= b.length || (i < a.length && common[i + 1][j] >= common[i][j + 1])) {
      lines.push({ kind: "cut", line: a[i] });
      i += 1;
    } else {
      lines.push({ kind: "add", line: b[j] });
      j += 1;
    }
  }
  return lines;
}

/** How many lines the ends of both, from i and j on, have in common. */
function lengths(a, b) {
  const table = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      table[i][j] = a[i] === b[j] ? table[i + 1][j + 1] + 1 : Math.max(table[i + 1][j], table[i][j + 1]);
    }
  }
  return table;
}
