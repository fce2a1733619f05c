/** The shortest command for each step on a host, for the tools that this package is compared with. */
const KEY = "HKLM\\SYSTEM\\CurrentControlSet\\Services\\MSExchangeDX";

export const leastScript = {
	/** It checks no earlier state and records no earlier value. */
	set: `reg add ${KEY} /v PauseKicksDX /t REG_DWORD /d 1 /f & net stop MSExchangeDX & net start MSExchangeDX`,
	unset: `reg delete ${KEY} /v PauseKicksDX /f`,
	look: `reg query ${KEY} /v PauseKicksDX & net start`,
	/** Error 3539 is the success. Wine needs the inner cmd.exe, because its pipe does not carry stderr. */
	pause: 'cmd /c "net pause MSExchangeDX 2>&1" | find "3539"',
} as const;
