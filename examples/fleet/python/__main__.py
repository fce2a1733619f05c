import pulumi
import pulumi_exchange_dirsync as dirsync

config = pulumi.Config()
private_key = config.require_secret("privateKey")
cycle = dirsync.CycleArgs(triggers=[config.require("trigger")])

# All hosts start a cycle when the trigger changes. They run in parallel.
hosts = [
    dirsync.PauseKicksDX(
        entry["name"],
        role=entry["role"],
        ssh=dirsync.SshArgs(
            host=entry["host"],
            user="Administrator",
            host_key=entry["hostKey"],
            private_key=private_key,
        ),
        cycle=cycle,
    )
    for entry in config.require_object("hosts")
]

pulumi.export("evidence", [host.evidence for host in hosts])
