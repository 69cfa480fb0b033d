/** Between two redraws, in milliseconds: text that changes more often cannot be read, and drawing it takes every frame. */
const APART = 100;

/**
 * Makes a function that runs something in the next frame, or later when the last run was a short while ago: what comes
 * alone is seen at once, and what pours in leaves frames free for scrolling and typing.
 */
export function pacedFrames(): (run: () => void) => void {
  let last = Number.NEGATIVE_INFINITY;
  return (run) => {
    const draw = (): number =>
      requestAnimationFrame((now) => {
        last = now;
        run();
      });
    const wait = last + APART - performance.now();
    if (wait > 0) setTimeout(draw, wait);
    else draw();
  };
}
