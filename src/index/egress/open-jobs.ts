/** Jobs that have not ended; in these words, so that the indexes on such jobs alone are used. */
export const OPEN = "state NOT IN ('ARCHIVED', 'WITHDRAWN')";
