/** What stops a report or a look, told to the user in one message: what is wrong and what to do. */
export class Trouble extends Error {}
