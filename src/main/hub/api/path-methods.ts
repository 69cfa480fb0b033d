import type { FastifyInstance } from "fastify";

/** A path of the server, as its routes name it, and what it takes. */
export interface KnownPath {
  /** Such as `/api/federation/peers/{id}`: without what a caller wrote, which may be a token. */
  readonly route: string;
  /** In alphabetical order; HEAD where there is GET. */
  readonly methods: readonly string[];
}

interface Pattern {
  readonly route: string;
  readonly path: RegExp;
  readonly methods: Set<string>;
}

/** Which methods each path takes, learned from the routes that are added after it is made. */
export class PathMethods {
  readonly #patterns = new Map<string, Pattern>();

  constructor(app: FastifyInstance) {
    app.addHook("onRoute", ({ method, url }) => {
      const pattern = this.#patterns.get(url) ?? patternOf(url);
      this.#patterns.set(url, pattern);
      for (const one of [method].flat()) pattern.methods.add(one.toUpperCase());
    });
  }

  /** @returns null for a path that no route has, with any method */
  of(path: string): KnownPath | null {
    const plain = path.replace(/\/{2,}/g, "/");
    const fitting = [...this.#patterns.values()].filter((pattern) => pattern.path.test(plain));
    // What is written out is nearer to what was meant than what stands for anything.
    const [nearest] = fitting.toSorted((a, b) => openness(a.route) - openness(b.route));
    if (nearest === undefined) return null;
    const methods = new Set(fitting.flatMap((pattern) => [...pattern.methods]));
    return { route: nearest.route, methods: [...methods].toSorted() };
  }
}

function patternOf(url: string): Pattern {
  const route = url.replace(/:(\w+)/g, "{$1}");
  const path = url
    .split(/(:\w+|\*)/)
    .map((part) => (part === "*" ? ".*" : part.startsWith(":") ? "[^/]+" : part.replace(/[.+?^${}()|[\]\\]/g, "\\$&")))
    .join("");
  return { route, path: new RegExp(`^${path}$`), methods: new Set() };
}

/** How little of a route is written out: what takes any rest is the last of all. */
const openness = (route: string): number => route.split("{").length + (route.includes("*") ? 100 : 0);
