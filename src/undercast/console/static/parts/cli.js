// The command line that does the same as what the page shows or a button does.
import { html, useState } from "../html.js";

export function CommandLine({ command }) {
  const [copied, setCopied] = useState(false);
  async function copy() {
    await navigator.clipboard?.writeText(command);
    setCopied(true);
    setTimeout(() => setCopied(false), 1500);
  }
  return html`<div class="cli"><code>${command}</code><button type="button" onClick=${copy}>${copied ? "Copied" : "Copy"}</button></div>`;
}

/** At the end of a page: how a script sees the same. */
export function SameAs({ command }) {
  return html`<footer class="same"><span>The same in a terminal</span><${CommandLine} command=${command} /></footer>`;
}

/** A button, with its command line on demand; errors are shown as sentences. */
export function Action({ label, command, run, main = false, title }) {
  const [state, setState] = useState({ busy: false, error: null, shown: false });
  async function act() {
    setState((old) => ({ ...old, busy: true, error: null }));
    try {
      await run();
      setState((old) => ({ ...old, busy: false }));
    } catch (error) {
      setState((old) => ({ ...old, busy: false, error }));
    }
  }
  return html`<span class="pop row">
    <button type="button" class=${main ? "main" : ""} disabled=${state.busy} title=${title} onClick=${act}>${label}</button>
    <button type="button" class="bare mono" aria-label=${`Command line for ${label}`} aria-expanded=${state.shown} title="The command line that does the same"
      onClick=${() => setState((old) => ({ ...old, shown: !old.shown }))}>›_</button>
    ${(state.shown || state.error) && html`<span class="sheet">
      ${state.error && html`<span class="wrong" role="alert"><strong>${state.error.code}</strong> ${state.error.message}</span>`}
      <${CommandLine} command=${command} />
    </span>`}
  </span>`;
}

/** What an empty page says: one sentence and the command that would fill it. */
export function Teach({ children, command }) {
  return html`<div class="teach"><p>${children}</p>${command && html`<${CommandLine} command=${command} />`}</div>`;
}

/** An error as a sentence. */
export function Problem({ error, children }) {
  return html`<div class="note failed" role="alert"><strong>${error.code ?? "Something is wrong"}</strong> ${error.message} ${children}</div>`;
}
