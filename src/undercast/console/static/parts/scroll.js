// Bringing something into view within its own frame: the page stays where it is.

/** Scroll `frame` and nothing else until `node` is in view; what is in view already stays. */
export function bringIntoView(frame, node) {
  if (!frame || !node || frame.scrollHeight <= frame.clientHeight) return;
  const [inner, outer] = [node.getBoundingClientRect(), frame.getBoundingClientRect()];
  if (inner.top >= outer.top && inner.bottom <= outer.bottom) return;
  frame.scrollTop += inner.top - outer.top - Math.max(24, (outer.height - inner.height) / 2);
}
