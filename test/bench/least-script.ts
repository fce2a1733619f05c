/** The least that does each step on a host, for those that this package is compared with. */
const KEY = "HKLM\\SYSTEM\\CurrentControlSet\\Services\\MSExchangeDX";

export const leastScript = {
	/** Whether it was so already, and what was there before, nobody asks. */
	set: `reg add ${KEY} /v PauseKicksDX /t REG_DWORD /d 1 /f & net stop MSExchangeDX & net start MSExchangeDX`,
	unset: `reg delete ${KEY} /v PauseKicksDX /f`,
	look: `reg query ${KEY} /v PauseKicksDX & net start`,
	/** The pause fails where it succeeds. The cmd.exe in between is for Wine's, whose pipe has no place for stderr. */
	pause: 'cmd /c "net pause MSExchangeDX 2>&1" | find "3539"',
} as const;
