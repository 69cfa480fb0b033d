/** A number and what it counts: `1 entry`, `3 entries`. @param many for words whose plural has more than an s */
export const countOf = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`;
