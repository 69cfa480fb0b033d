// Runs in the page that is measured, before the page's own scripts. Times are of `performance.now()`, in milliseconds.
{
  /** @type {{ start: number, ms: number }[]} tasks that kept the page from answering for 50 ms or more */
  const longTasks = [];
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) longTasks.push({ start: startTime, ms: duration });
  }).observe({ type: "longtask", buffered: true });

  const rows = () => Number(document.querySelector("[role='grid']")?.getAttribute("aria-rowcount") ?? 0);
  const WATCHED = { subtree: true, childList: true, attributes: true, attributeFilter: ["aria-rowcount", "data-key"] };

  /** When the frame that is due next is on its way to the screen. @returns {Promise<number>} */
  const painted = () => new Promise((done) => requestAnimationFrame(() => setTimeout(() => done(performance.now()))));

  /** When the page is first as wanted. @param {() => boolean} wanted @returns {Promise<number>} */
  const seen = (wanted) =>
    new Promise((done) => {
      const look = () => {
        if (!wanted()) return;
        watch.disconnect();
        void painted().then(done);
      };
      const watch = new MutationObserver(look);
      watch.observe(document, WATCHED);
      look();
    });

  const firstRow = seen(() => document.querySelector("[role='row']") !== null);
  /** @type {Promise<number> | null} */
  let watched = null;

  Object.assign(window, {
    kiteBench: {
      rows,
      /** Counts frames. @param {number} ms */
      async frames(ms) {
        const from = performance.now();
        /** @type {number[]} */
        const times = [];
        await new Promise((done) => {
          /** @param {number} at */
          const each = (at) => {
            times.push(at);
            if (at - from < ms) requestAnimationFrame(each);
            else done(null);
          };
          requestAnimationFrame(each);
        });
        return { times, longTasks: longTasks.filter(({ start }) => start >= from).map((task) => task.ms) };
      },
      /** From the next press of a key to the frame that has another number of rows. @param {string} key */
      watchKey(key) {
        watched = new Promise((done) => {
          /** @param {KeyboardEvent} event */
          const onKey = (event) => {
            if (event.key !== key) return;
            removeEventListener("keydown", onKey, true);
            const before = rows();
            void seen(() => rows() !== before && rows() > 0).then((at) => done(at - event.timeStamp));
          };
          addEventListener("keydown", onKey, true);
        });
      },
      /** What came of it. */
      watched: () => watched,
      /** Puts a part of the list in sight, as dragging its bar does; from there to the frame in which every row is drawn. @param {number} part */
      async scrollTo(part) {
        const grid = document.querySelector("[role='grid']");
        if (grid === null) throw new Error("there is no list");
        const from = performance.now();
        const top = Math.round((grid.scrollHeight - grid.clientHeight) * part);
        grid.scrollTop = top;
        const full = () => {
          const box = grid.getBoundingClientRect();
          return [0.1, 0.5, 0.9].every((at) => {
            const there = document.elementFromPoint(box.left + box.width / 2, box.top + box.height * at);
            return there?.closest("[role='row'][data-key]") != null && !there.closest("[aria-busy='true']");
          });
        };
        // Rows of the place before may still be there until the list has heard of the scrolling.
        await painted();
        for (;;) {
          if (full()) return { ms: performance.now() - from, top, height: grid.scrollHeight };
          if (performance.now() - from > 30_000) throw new Error(`no rows at ${part} of the list`);
          await painted();
        }
      },
      async start() {
        const live = await firstRow;
        const paint = performance.getEntriesByName("first-contentful-paint")[0];
        return { paint: paint?.startTime ?? live, live };
      },
    },
  });
}
