/** The least that does the two steps on a host, for those that this package is compared with. */
const KEY = "HKLM\\SYSTEM\\CurrentControlSet\\Services\\MSExchangeDX";

export const leastScript = {
	/** Whether it was so already, and what was there before, nobody asks. */
	set: `reg add ${KEY} /v PauseKicksDX /t REG_DWORD /d 1 /f & net stop MSExchangeDX & net start MSExchangeDX`,
	unset: `reg delete ${KEY} /v PauseKicksDX /f`,
	/** The pause fails where it succeeds. */
	pause: 'net pause MSExchangeDX 2>&1 | find "3539"',
} as const;
