export {
	PauseKicksDX,
	type PauseKicksDXArgs,
} from "./components/pause-kicks-dx";
export {
	type CutoverStep,
	PostOfficeCutover,
	type PostOfficeCutoverArgs,
} from "./components/post-office-cutover";
export type {
	ExchangeArgs,
	GuardsArgs,
	PostOfficeArgs,
	WaitArgs,
	WaitsArgs,
} from "./model/cutover";
export {
	type CycleArgs,
	OnDestroy,
	OnUncertain,
	RegistryTool,
	Role,
	type SshArgs,
	type SshLoginArgs,
} from "./model/host";
