// Runs a program as if it had been started in this terminal itself: same input and output, same signals, same end.
import { spawn } from "node:child_process";

/**
 * Runs the program with the same Node and waits for its end.
 *
 * Ctrl-C reaches every process of the terminal at once, and npm repeats it to us besides. So on a terminal SIGINT is left
 * to the terminal, and otherwise a signal is passed on once: a second one within half a second is an echo. What comes
 * later is passed on again, as the user insisting.
 * @param {string[]} args the script and its arguments
 * @param {{ cwd?: string, now?: () => number }} [options] `now` in milliseconds
 * @returns {Promise<number>} its exit code; when a signal ended it, this process ends by the same signal
 */
export function runInForeground(args, { cwd = process.cwd(), now = Date.now } = {}) {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, args, { stdio: "inherit", cwd });
    const onTerminal = Boolean(process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY);
    let lastPassedOn = Number.NEGATIVE_INFINITY;

    /** @param {NodeJS.Signals} signal */
    const onSignal = (signal) => {
      // On Windows the console tells every process itself, and kill() would end the program without a word.
      if (process.platform === "win32" || (signal === "SIGINT" && onTerminal)) return;
      const time = now();
      if (time - lastPassedOn < 500) return;
      lastPassedOn = time;
      child.kill(signal);
    };
    /** @type {NodeJS.Signals[]} */
    const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
    for (const signal of signals) process.on(signal, onSignal);

    child.once("error", fail);
    child.once("exit", (code, signal) => {
      for (const name of signals) process.off(name, onSignal);
      if (signal && process.platform !== "win32") process.kill(process.pid, signal);
      else done(code ?? 1);
    });
  });
}
