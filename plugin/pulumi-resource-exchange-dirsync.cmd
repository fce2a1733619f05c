@rem The engine starts the plugin by this name. Elsewhere it is pulumi-resource-exchange-dirsync.
@node "%~dp0..\dist\provider\main.js" %*
