// JSON as one reads it: indented and coloured; two of them as a difference.
import { html, useEffect, useRef } from "../html.js";
import { diffed } from "../model/diff.js";
import { pretty, size } from "../model/format.js";
import { bringIntoView } from "./scroll.js";

const LARGEST = 200_000;
const TOKEN = /("(?:\\.|[^"\\])*")(\s*:)?|\b(?:true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

export function Json({ text, marked }) {
  const shown = pretty(text);
  const cut = shown.length > LARGEST;
  const lines = marked ? markedLines(shown.split("\n"), marked) : [shown.slice(0, LARGEST)];
  const pre = useRef(null);
  useEffect(() => bringIntoView(pre.current.closest(".beside"), pre.current.querySelector("mark")), [marked]);
  return html`<pre ref=${pre} class=${`json ${marked !== undefined ? "definition" : ""}`} tabindex="0">${lines.map((line) => (typeof line === "string" ? coloured(line) : html`<mark>${coloured(line.marked)}</mark>`))}${cut && `\n… ${size(shown.length - LARGEST)} more`}</pre>`;
}

export function Difference({ before, after }) {
  const lines = diffed(pretty(before), pretty(after));
  return html`<pre class="json" tabindex="0" aria-label="difference of input and output">${lines.map(({ kind, line }) => html`<span class=${kind}>${{ add: "+ ", cut: "- ", both: "  " }[kind]}${line || " "}</span>`)}</pre>`;
}

/** A payload with its size. */
export function Payload({ title, text, children }) {
  if (text === undefined || text === null || text === "") return null;
  return html`<section><div class="row"><h3 class="grow">${title} <span class="quiet">${size(new Blob([typeof text === "string" ? text : JSON.stringify(text)]).size)}</span></h3>${children}</div><${Json} text=${text} /></section>`;
}

function coloured(text) {
  const parts = [];
  let end = 0;
  for (const match of text.matchAll(TOKEN)) {
    if (match.index > end) parts.push(text.slice(end, match.index));
    const kind = match[1] ? (match[2] ? "k" : "s") : "n";
    parts.push(html`<span class=${kind}>${match[1] ?? match[0]}</span>`, match[2] ?? "");
    end = match.index + match[0].length;
  }
  parts.push(text.slice(end));
  return parts;
}

/** The lines of a definition with those of one state marked: from its name to the brace that closes it. */
function markedLines(lines, state) {
  const head = `${JSON.stringify(state)}: {`;
  const start = lines.findIndex((line) => line.trimStart().startsWith(head));
  if (start < 0) return [lines.join("\n")];
  const indent = lines[start].length - lines[start].trimStart().length;
  let end = start;
  if (!lines[start].includes("}")) while (end < lines.length - 1 && !(end > start && lines[end].startsWith(`${" ".repeat(indent)}}`))) end += 1;
  return [`${lines.slice(0, start).join("\n")}\n`, { marked: lines.slice(start, end + 1).join("\n") }, lines.slice(end + 1).join("\n")];
}
