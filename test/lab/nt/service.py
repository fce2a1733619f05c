"""
MSExchangeDX behind NT's service control manager, like test/lab/windows/dxa.c. It reads PauseKicksDX when it starts.
With the value a pause runs a cycle and the service stays running; without it a pause is refused.
"""

import struct
import threading
import time

from dirsync import Party
from registry import REG_DWORD, Registry, WinError

NAME = "MSExchangeDX"
KEY = f"SYSTEM\\CurrentControlSet\\Services\\{NAME}"

STOPPED, START_PENDING, STOP_PENDING, RUNNING, _, _, PAUSED = range(1, 8)
STOP, PAUSE, CONTINUE, INTERROGATE = range(1, 5)
VERBS = {STOP: "stop", PAUSE: "pause", CONTINUE: "continue"}
ACCEPT_STOP, ACCEPT_PAUSE_CONTINUE = 1, 2

INVALID_SERVICE_CONTROL, SERVICE_REQUEST_TIMEOUT, SERVICE_ALREADY_RUNNING = 1052, 1053, 1056
SERVICE_DISABLED = 1058
SERVICE_CANNOT_ACCEPT_CTRL, SERVICE_NOT_ACTIVE = 1061, 1062

# The interval in which it checks for mail, in seconds.
POLL = 0.25

# The time that the lab itself waits for a pending service, in seconds.
PATIENCE = 20


class Service:
	def __init__(self, lab, registry: Registry, lock, exchange):
		self.lab, self.registry, self.lock = lab, registry, lock
		# NT sends a service one control at a time.
		self.controlling = threading.Lock()
		self.at_work = threading.Lock()
		self.party = Party(exchange, self.say)
		self.process = 100
		self.state, self.accepted, self.exit_code, self.check_point = STOPPED, 0, 0, 0
		with lock:
			self.installed = self.key() is not None
		threading.Thread(target=self.watch_mail, daemon=True).start()

	def key(self):
		try:
			return self.registry.find(self.registry.root, KEY)
		except WinError:
			return None

	def configured(self, name):
		"""A value of its key; None if it does not exist."""
		with self.lock:
			value = self.key() and self.key().values.get(name.lower())
		return value and (value.type, value.data)

	def log(self, text):
		self.lab.log("service.log", self.process, text)

	def say(self, number, count):
		self.log(f"says {number} {count}")

	def start(self):
		with self.controlling:
			if self.state != STOPPED:
				raise WinError(SERVICE_ALREADY_RUNNING)
			if self.configured("Start") == (REG_DWORD, struct.pack("<L", 4)):
				raise WinError(SERVICE_DISABLED)
			self.process += 1
			self.exit_code = 0
			self.linger(START_PENDING, "startSeconds", self.started)

	def started(self):
		if self.lab.setting_is("start", "fail"):
			self.log("start failed 2140")
			self.exit_code = 2140
			self.state = STOPPED
			return
		kicks = self.configured("PauseKicksDX") == (REG_DWORD, struct.pack("<L", 1))
		self.accepted = ACCEPT_STOP | (ACCEPT_PAUSE_CONTINUE if kicks else 0)
		self.log(f"start kicks={int(kicks)}")
		self.state = RUNNING

	def control(self, control):
		with self.controlling:
			if self.state == STOPPED:
				raise WinError(SERVICE_NOT_ACTIVE)
			if self.state in (START_PENDING, STOP_PENDING):
				raise WinError(SERVICE_CANNOT_ACCEPT_CTRL)
			if control in (PAUSE, CONTINUE) and not self.accepted & ACCEPT_PAUSE_CONTINUE:
				raise WinError(INVALID_SERVICE_CONTROL)
			{STOP: self.on_stop, PAUSE: self.on_pause, CONTINUE: self.on_continue}[control]()

	def on_pause(self):
		self.log("pause")
		if self.lab.setting_is("pause", "really"):
			self.log("paused")
			self.state = PAUSED
			return
		if self.lab.setting_is("pause", "hang"):
			time.sleep(float(self.lab.setting("hangSeconds")))
		self.run_cycle()
		self.state = RUNNING
		if self.lab.setting_is("pause", "dies"):
			self.log("died")
			self.state = STOPPED

	def on_continue(self):
		self.log("continue")
		self.state = PAUSED if self.lab.setting_is("continue", "fail") else RUNNING

	def on_stop(self):
		if self.lab.setting_is("stop", "refuse"):
			self.log("stop refused")
		elif self.lab.setting_is("stop", "hang"):
			self.log("stop hangs")
			self.state = STOP_PENDING
		else:
			self.linger(STOP_PENDING, "stopSeconds", self.stopped)

	def stopped(self):
		self.log("stop")
		self.state = STOPPED

	def linger(self, pending, setting, then):
		"""Stays pending for the time in the setting, with check points that advance. The caller does not wait."""
		seconds = float(self.lab.setting(setting))
		if not seconds:
			then()
			return
		self.state = pending

		def wait():
			for self.check_point in range(1, int(seconds / 0.5) + 1):
				time.sleep(0.5)
			time.sleep(seconds % 0.5)
			self.check_point = 0
			then()

		threading.Thread(target=wait, daemon=True).start()

	def wait_while(self, pending):
		end = time.monotonic() + PATIENCE
		while self.state == pending:
			if time.monotonic() > end:
				raise WinError(SERVICE_REQUEST_TIMEOUT)
			time.sleep(0.05)

	def run_cycle(self):
		server = self.lab.setting_is("role", "server")
		self.log(f"cycle {'T2' if server else 'T1'}")
		if not self.party.open():
			return
		with self.at_work:
			if server:
				self.party.receive_requests()
				self.party.serve_itself()
				self.party.send_answers()
				self.apply()
			else:
				self.party.send_changes()

	def apply(self):
		self.log(f"applied {self.party.apply_updates('recipients')}")

	def watch_mail(self):
		"""
		T3 has no schedule and no control: a requestor applies answers as they arrive. A server's mail waits for T2.
		"""
		while True:
			time.sleep(POLL)
			if self.state != RUNNING or not self.party.open() or self.lab.setting_is("role", "server"):
				continue
			with self.at_work:
				if self.party.receive_answers():
					self.apply()
