import { invalidScope } from "../rules/index.ts";
import type { FieldTerm, Filter, Item, Term } from "./ast.ts";
import { type FieldName, fieldOf } from "./fields.ts";
import { printTerm } from "./print.ts";

/** Changes of a filter by its chips. Each gives a new filter; print it to get its text. */

export const itemOf = (term: Term, negated = false): Item => ({ negated, term, span: null });

/** Puts an item at the end, unless it is there already. */
export function addItem(filter: Filter, item: Item): Filter {
  return filter.items.some((each) => sameItem(each, item)) ? filter : { items: [...filter.items, item] };
}

export function removeItem(filter: Filter, index: number): Filter {
  return { items: filter.items.filter((_, at) => at !== index) };
}

export function replaceItem(filter: Filter, index: number, item: Item): Filter {
  return { items: filter.items.map((each, at) => (at === index ? item : each)) };
}

export function negateItem(filter: Filter, index: number): Filter {
  return { items: filter.items.map((each, at) => (at === index ? { ...each, negated: !each.negated } : each)) };
}

/** Narrows the filter to events with this value; what excluded the value goes. */
export function include(filter: Filter, term: Term): Filter {
  return put(filter, itemOf(term));
}

/** Takes events with this value out; what asked for the value goes. */
export function exclude(filter: Filter, term: Term): Filter {
  return put(filter, itemOf(term, true));
}

function put(filter: Filter, item: Item): Filter {
  const opposite = { ...item, negated: !item.negated };
  return addItem({ items: filter.items.filter((each) => !sameItem(each, opposite)) }, item);
}

/** The same condition, wherever it stood. */
export function sameItem(a: Item, b: Item): boolean {
  return a.negated === b.negated && printTerm(a.term) === printTerm(b.term);
}

/**
 * The term that means this very value of a field, as it is right-clicked or picked from a facet.
 * @param path which header, or the way into the data
 */
export function termFor(field: FieldName, value: string, path: readonly string[] = []): FieldTerm {
  const { kind } = fieldOf(field);
  const literal = kind === "contains" || (kind === "type" && (value.includes("*") || invalidScope(value) !== null));
  const test = literal ? ({ op: "exact", value } as const) : ({ op: "match", parts: [value] } as const);
  return { kind: "field", field, path, tests: [test] };
}
