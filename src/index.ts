export {
	PauseKicksDX,
	type PauseKicksDXArgs,
} from "./components/pause-kicks-dx";
export {
	type CutoverStep,
	PostOfficeCutover,
} from "./components/post-office-cutover";
export type {
	Exchange,
	Guards,
	PostOffice,
	PostOfficeCutoverArgs,
	Wait,
	Waits,
} from "./model/cutover-args";
export {
	type Cycle,
	type CycleType,
	OnDestroy,
	OnUncertain,
	RegistryTool,
	Role,
	type Samba,
	type Ssh,
	type SshLogin,
} from "./model/host";
