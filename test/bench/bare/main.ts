/** A program that does nothing and could not do anything: nothing is loaded but what runs it. */
export {};
