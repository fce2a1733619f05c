/** The type tokens of the components. They are part of every URN in a stack's state, so they never change. */
export const HOST_TYPE = "exchange-dirsync:index:PauseKicksDX";
export const CUTOVER_TYPE = "exchange-dirsync:index:PostOfficeCutover";
