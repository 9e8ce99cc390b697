// What every part needs of the library: templates and hooks.
import { Fragment, createContext, h, render } from "preact";
import htm from "htm";

export { useCallback, useContext, useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
export { Fragment, createContext, render };
export const html = htm.bind(h);
