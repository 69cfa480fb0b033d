// Runs a program as if it had been started in this terminal itself: same input and output, same signals, same end.
import { spawn } from "node:child_process";

/** Two signals closer than this, in milliseconds, are one: npm repeats to us what the terminal has sent already. */
const echo = 500;

/**
 * Runs a script with the same Node, or another program, and waits for its end.
 *
 * Ctrl-C reaches every process of the terminal at once, so there SIGINT is left to the terminal; otherwise SIGINT and
 * SIGTERM are passed on, and a later one again, as the user insisting. SIGHUP is left alone, so that nohup works. A SIGTERM
 * to npm ends the shell between npm and us without a word; that the shell is gone stands for the signal.
 * @param {string[]} args the script and its arguments
 * @param {{ cwd?: string, now?: () => number, program?: string, env?: NodeJS.ProcessEnv }} [options] `now` in milliseconds
 * @returns {Promise<number>} its exit code; when a signal ended it, this process ends by the same signal
 */
export function runInForeground(
  args,
  { cwd = process.cwd(), now = Date.now, program = process.execPath, env = process.env } = {},
) {
  return new Promise((done, fail) => {
    const child = spawn(program, args, { stdio: "inherit", cwd, env });
    const onTerminal = Boolean(process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY);
    let lastPassedOn = Number.NEGATIVE_INFINITY;

    /** @param {NodeJS.Signals} signal */
    const onSignal = (signal) => {
      // On Windows the console tells every process itself, and kill() would end the program without a word.
      if (process.platform === "win32" || (signal === "SIGINT" && onTerminal)) return;
      const time = now();
      if (time - lastPassedOn < echo) return;
      lastPassedOn = time;
      child.kill(signal);
    };
    process.on("SIGINT", onSignal).on("SIGTERM", onSignal);
    const watch = watchShellOfNpm(() => child.kill("SIGTERM"));

    child.once("error", fail);
    child.once("exit", (code, signal) => {
      process.off("SIGINT", onSignal).off("SIGTERM", onSignal);
      clearInterval(watch);
      if (signal && process.platform !== "win32") process.kill(process.pid, signal);
      else done(code ?? 1);
    });
  });
}

/**
 * Calls back once when the shell that npm started us in has ended: its children then get another parent.
 * @param {() => void} onGone
 * @returns {NodeJS.Timeout | undefined} undefined when it was not npm that started us
 */
function watchShellOfNpm(onGone) {
  if (!process.env.npm_lifecycle_event) return undefined;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    onGone();
  }, 250);
  return timer;
}
