export type {
	ExchangeArgs,
	GuardsArgs,
	PostOfficeArgs,
	WaitArgs,
	WaitsArgs,
} from "./cutover";
export {
	type CycleArgs,
	OnDestroy,
	OnUncertain,
	RegistryTool,
	Role,
	type SshArgs,
	type SshLoginArgs,
} from "./host";
export { PauseKicksDX, type PauseKicksDXArgs } from "./pause-kicks-dx";
export {
	type CutoverStep,
	PostOfficeCutover,
	type PostOfficeCutoverArgs,
} from "./post-office-cutover";
