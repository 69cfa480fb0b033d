/** Stands in for `react-style-singleton` (electron.vite.config.ts): a component that writes no style tag. */
export const styleSingleton = () => () => null;
export const stylesheetSingleton = () => ({ add() {}, remove() {} });
export const styleHookSingleton = () => () => {};
