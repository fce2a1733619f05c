"""
A Windows NT host for `net rpc`: server.py <folder> <its properties, as JSON>. It reads orders from stdin, one line of
JSON each, and answers each with a line on stdout. At the end of stdin it ends and deletes its folder.
"""

import contextlib
import itertools
import json
import os
import shutil
import signal
import socket
import struct
import sys
import threading

from lab import Lab
from registry import Registry, WinError, parse
from rpc import NoAnswer
from service import START_PENDING, STOP, STOP_PENDING, Service
from smb import ACCESS_DENIED, Dropped, Refused
from smb1 import Smb1
from smb2 import Smb2

MAKES = {"nt4": Smb1, "smb2": Smb2}
SESSION_REQUEST, SESSION_ACCEPTED, KEEP_ALIVE = 0x81, b"\x82\0\0\0", 0x85


class Host:
	def __init__(self, folder, what):
		self.lab = Lab(os.path.join(folder, "lab"))
		self.speak = MAKES[what["make"]]
		self.addresses, self.port = what["addresses"], what["port"]
		self.name, self.domain, self.user = what["name"], what["domain"], what["user"]
		# An order sets it. It is in no file and no command line.
		self.password = None
		# The lock for everything that reads or changes the registry.
		self.lock = threading.RLock()
		self.registry = Registry(self.lab)
		self.service = Service(self.lab, self.registry, self.lock, os.path.join(folder, "exchsrvr"))
		self.numbers, self.connections, self.listeners = itertools.count(1), set(), []

	def is_user(self, name):
		return name.lower() == self.user.lower()

	@contextlib.contextmanager
	def controlled(self, verb, number):
		"""Records when a control was requested and when it was answered. A control without an answer has no end."""
		self.lab.log("net.log", number, f"begin {verb}")
		try:
			yield
		except WinError:
			self.lab.log("net.log", number, f"end {verb}")
			raise
		self.lab.log("net.log", number, f"end {verb}")

	def listen(self):
		for address in self.addresses:
			listener = socket.create_server((address, self.port))
			self.listeners.append(listener)
			threading.Thread(target=self.accept, args=[listener], daemon=True).start()

	def refuse(self):
		"""Refuses connections from now on. Existing connections stay open."""
		if not self.listeners:
			raise ValueError("the server does not run; start it before you stop it")
		for listener in self.listeners:
			# Wakes the thread that waits in accept().
			listener.shutdown(socket.SHUT_RDWR)
			listener.close()
		self.listeners.clear()

	def accept(self, listener):
		while True:
			try:
				client, _ = listener.accept()
			except OSError:
				return
			connection = Connection(self, client, next(self.numbers))
			self.connections.add(connection)
			threading.Thread(target=connection.run, daemon=True).start()

	def cut(self):
		for connection in list(self.connections):
			connection.cut()

	def obey(self, order):
		"""Carries out an order of a test. Orders are not counted, and no gate blocks them."""
		do = order["do"]
		if do == "listen":
			self.listen()
		elif do == "refuse":
			self.refuse()
		elif do == "cut":
			self.cut()
		elif do == "connected":
			return len(self.connections)
		elif do == "password":
			self.password = order["password"]
		elif do == "set":
			self.set(order["key"], order["name"], order["rhs"])
		elif do == "start":
			with self.controlled("start", 0):
				self.service.start()
			self.service.wait_while(START_PENDING)
		elif do == "stop":
			with self.controlled("stop", 0):
				self.service.control(STOP)
			self.service.wait_while(STOP_PENDING)
		else:
			raise ValueError(f"unknown order {do}")
		return None

	def set(self, path, name, rhs):
		with self.lock:
			key, _ = self.registry.create(self.registry.root, path)
			if rhs is not None:
				self.registry.put(key, name, parse(rhs))
			elif name.lower() in key.values:
				self.registry.remove(key, name)
			self.registry.save()


class Connection:
	"""A client's connection. It ends when all its calls have ended."""

	def __init__(self, host, client, number):
		self.host, self.client, self.number = host, client, number
		self.noted, self.known = "", False
		self.calls, self.sending = [], threading.Lock()
		self.log("open")

	def log(self, text):
		self.host.lab.log("connections.log", self.number, text)

	def admit(self, user):
		self.known = True
		self.log(f"login {user}")
		self.host.lab.gate("before", "session")

	def leave(self):
		"""The client has made all its calls and has not ended."""
		self.host.lab.gate("after", "session")

	def refuse(self, user):
		self.log(f"refused {user}")

	def must_be_known(self):
		if not self.known:
			raise Refused(ACCESS_DENIED)

	def run(self):
		try:
			self.serve(self.host.speak(self))
		except (Dropped, OSError):
			# The client speaks another dialect, or is gone.
			pass
		finally:
			for call in self.calls:
				call.join()
			self.host.connections.discard(self)
			self.client.close()

	def serve(self, dialect):
		while True:
			kind, packet = self.receive()
			if kind == SESSION_REQUEST:
				self.client.sendall(SESSION_ACCEPTED)
			elif kind == KEEP_ALIVE:
				continue
			elif dialect.is_call(packet):
				# A call may take long. A client that has abandoned it still closes its pipe and needs an answer to
				# that.
				call = threading.Thread(target=self.answer, args=[dialect, packet], daemon=True)
				self.calls.append(call)
				call.start()
			else:
				self.answer(dialect, packet)

	def answer(self, dialect, packet):
		with contextlib.suppress(NoAnswer):
			answer = dialect.answer(packet)
			with self.sending, contextlib.suppress(OSError):
				self.client.sendall(struct.pack(">L", len(answer)) + answer)

	def receive(self):
		(head,) = struct.unpack(">L", self.exactly(4))
		return head >> 24, self.exactly(head & 0xFFFFFF)

	def exactly(self, size):
		data = b""
		while len(data) < size:
			part = self.client.recv(size - len(data))
			if not part:
				raise OSError("the client has hung up")
			data += part
		return data

	def cut(self):
		# Running calls run on, but their client gets no answer.
		with contextlib.suppress(OSError):
			self.client.shutdown(socket.SHUT_RDWR)


def main(folder, what):
	for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
		# Ctrl-C ends the parent, and the end of the pipe then ends this process.
		signal.signal(ignored, signal.SIG_IGN)
	host = Host(folder, json.loads(what))
	threading.excepthook = lambda failed: host.lab.unknown("the server failed", repr(failed.exc_value))
	for line in sys.stdin:
		try:
			answer = {"value": host.obey(json.loads(line))}
		except (OSError, WinError, ValueError) as error:
			answer = {"error": str(error)}
		print(json.dumps(answer), flush=True)
	# Under its old name a call that still runs could create a file meanwhile, and the folder would remain.
	gone = f"{folder}.gone"
	os.rename(folder, gone)
	shutil.rmtree(gone, ignore_errors=True)
	# Ends the process even if a client still waits for a call.
	os._exit(0)


main(*sys.argv[1:])
