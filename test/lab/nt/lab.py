"""The lab's folder: settings, logs and gates, in the files and formats of test/lab/windows/lab.c."""

import datetime
import glob
import os
import time


class Lab:
	def __init__(self, folder):
		self.folder = folder

	def path(self, name):
		return os.path.join(self.folder, name)

	def setting(self, name):
		"""The file is read at each call, because a running host can be changed."""
		with open(self.path("settings"), encoding="utf-8") as file:
			lines = [line.rstrip("\n").split("=", 1) for line in file]
		return dict(lines)[name]

	def setting_is(self, name, expected):
		return self.setting(name) == expected

	def log(self, file, number, text):
		"""
		Writes a line `<UTC time> <number> <text>`. In Windows the number is a process id, here mostly that of a
		connection.
		"""
		now = datetime.datetime.utcnow().isoformat(timespec="milliseconds")
		# In one write, so that lines of several threads do not mix.
		descriptor = os.open(self.path(file), os.O_WRONLY | os.O_APPEND | os.O_CREAT)
		os.write(descriptor, f"{now}Z {number} {text}\n".encode())
		os.close(descriptor)

	def unknown(self, what, got):
		self.log("errors.log", 0, f"lab: {what}, got {got}; teach test/lab/nt or do without")

	def gate(self, when, text):
		"""
		Waits in each gate for this moment whose text is part of the given text. The first call takes the gate; later
		ones pass.
		"""
		for gate in glob.glob(self.path(f"gates/*.{when}")):
			base = gate[: -len(when) - 1]
			try:
				with open(gate, encoding="utf-8") as file:
					if file.read() not in text:
						continue
				os.rename(gate, f"{base}.held")
			except FileNotFoundError:
				# Another call was faster, or the gate is open.
				continue
			while not os.path.exists(f"{base}.open"):
				time.sleep(0.01)
