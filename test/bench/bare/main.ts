/** A program that does nothing and loads nothing. */
export {};
