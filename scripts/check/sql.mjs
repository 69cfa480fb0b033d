// SQL stands only in the store and in the server's bootstrap, so that all of it can be read, and changed, in one place.

const allowed = /^src\/main\/(hub\/store|postgres)\//;
const name = String.raw`[\w."?]+`;

// In capitals, as this project writes SQL, the first words give even a fragment away.
const capitals = startsWith([
  String.raw`SELECT\s`,
  String.raw`INSERT\s+INTO\s`,
  String.raw`UPDATE\s+(ONLY\s+)?${name}(\s+(AS\s+)?\w+)?\s+SET\s`,
  String.raw`DELETE\s+FROM\s`,
  String.raw`WITH\s+(RECURSIVE\s+)?${name}\s*(\([^)]*\)\s*)?AS\s`,
  String.raw`(CREATE|ALTER|DROP)\s+([A-Z]+\s+){0,2}(TABLE|INDEX|TYPE|SCHEMA|SEQUENCE|VIEW|FUNCTION|TRIGGER|EXTENSION|ROLE|DATABASE)\s`,
  String.raw`TRUNCATE\s`,
  String.raw`(WHERE|FROM|ORDER BY|GROUP BY|ON CONFLICT|RETURNING|VALUES|((LEFT|INNER|CROSS)\s+)?JOIN|FOR UPDATE)\b`,
  String.raw`(COPY|LISTEN|NOTIFY|EXPLAIN|VACUUM|ANALYZE|LOCK TABLE|SAVEPOINT)\s`,
  String.raw`(BEGIN|COMMIT|ROLLBACK)\s*(;|$)`,
]);

// In small letters the words are English too ("select a peer from the list"), so a statement must have its whole shape.
const smallLetters = startsWith([
  String.raw`select\s+(\*|${name}(\s*,\s*${name})+)\s+from\s+${name}`,
  String.raw`select\s.*\sfrom\s+${name}\s+(where|order by|group by|limit|join|left join)\s`,
  String.raw`select\s+(\d+|\w+\([^)]*\))\s*;?\s*$`,
  String.raw`insert\s+into\s+${name}\s*(\(|values|select)`,
  String.raw`update\s+${name}\s+set\s+${name}\s*=`,
  String.raw`delete\s+from\s+${name}\s*(;|$|where\s|using\s|returning\s)`,
  String.raw`with\s+(recursive\s+)?${name}\s+as\s*\(`,
  String.raw`(create|drop|alter)\s+(table|(unique\s+)?index)\s+(if\s+(not\s+)?exists\s+)?${name}\s*(\(|;|$|on\s|add\s|drop\s|alter\s|rename\s)`,
  String.raw`truncate\s+table\s`,
]);

const leadingComments = /^(\s|--[^\n]*(\n|$)|\/\*.*?\*\/)+/s;

/**
 * A heuristic over string and template literals.
 * @param {string} text
 */
export function looksLikeSql(text) {
  const start = text.replace(leadingComments, "");
  return capitals.test(start) || smallLetters.test(start);
}

/**
 * @param {import("./sources.mjs").Source[]} sources
 * @returns {import("./sources.mjs").Problem[]}
 */
export function checkSql(sources) {
  return sources
    .filter(({ path }) => path.startsWith("src/") && !allowed.test(path))
    .flatMap(({ path, texts }) =>
      texts
        .filter(({ text }) => looksLikeSql(text))
        .map(({ text, line }) => ({
          path,
          line,
          message: `SQL outside src/main/hub/store: ${text.trim().slice(0, 60)}`,
        })),
    );
}

/** @param {string[]} shapes */
function startsWith(shapes) {
  return new RegExp(`^(${shapes.join("|")})`, "s");
}
