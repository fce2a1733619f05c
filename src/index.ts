export {
	PauseKicksDX,
	type PauseKicksDXArgs,
} from "./components/pause-kicks-dx";
export {
	type CutoverStep,
	PostOfficeCutover,
} from "./components/post-office-cutover";
export type {
	ExchangeArgs,
	GuardsArgs,
	PostOfficeArgs,
	PostOfficeCutoverArgs,
	WaitArgs,
	WaitsArgs,
} from "./model/cutover-args";
export {
	type CycleArgs,
	OnDestroy,
	OnUncertain,
	RegistryTool,
	Role,
	type SshArgs,
	type SshLoginArgs,
} from "./model/host";
