/**
 * A parameter into which SQLite does not look while it plans (SQLITE_ENABLE_STAT4). A statement whose plan may depend on a value is compiled
 * anew for each that is bound: with a join that takes several times as long as running it does (40 µs for what deciding about a study
 * needs, 5 µs without). The sign does nothing to the value; a function around it, such as IFNULL, does not keep SQLite from looking.
 */
export const UNPEEKED = '+?';
