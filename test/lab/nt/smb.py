"""The common part of both dialects: status codes, and the open files of a connection."""

import itertools

from lsarpc import Lsarpc
from rpc import Pipe
from svcctl import Svcctl
from winreg import Winreg

OK = 0
MORE_PROCESSING_REQUIRED = 0xC0000016
BUFFER_OVERFLOW = 0x80000005
NOT_IMPLEMENTED = 0xC0000002
INVALID_HANDLE = 0xC0000008
INVALID_DEVICE_REQUEST = 0xC0000010
ACCESS_DENIED = 0xC0000022
OBJECT_NAME_NOT_FOUND = 0xC0000034
LOGON_FAILURE = 0xC000006D
BAD_NETWORK_NAME = 0xC00000CC

INTERFACES = {"lsarpc": Lsarpc, "svcctl": Svcctl, "winreg": Winreg}


class Refused(Exception):
	"""@param status NT's status code"""

	def __init__(self, status):
		super().__init__(hex(status))
		self.status = status


class Dropped(Exception):
	"""This server does not speak that dialect and closes the connection."""


class Session:
	"""The pipes that a client has open."""

	def __init__(self, connection):
		self.connection, self.host = connection, connection.host
		self.pipes, self.ids = {}, itertools.count(1)

	def connect(self, share):
		self.connection.must_be_known()
		if share.rpartition("\\")[2].upper() != "IPC$":
			raise Refused(BAD_NETWORK_NAME)

	def open(self, path):
		"""@returns the pipe's number"""
		self.connection.must_be_known()
		name = path.strip("\\").lower()
		if name not in INTERFACES:
			self.host.lab.unknown("unknown pipe", name)
			raise Refused(OBJECT_NAME_NOT_FOUND)
		number = next(self.ids)
		self.pipes[number] = Pipe(name, INTERFACES[name](self.host, self.connection))
		return number

	def pipe(self, number):
		if number not in self.pipes:
			raise Refused(INVALID_HANDLE)
		return self.pipes[number]

	def close(self, number):
		self.pipe(number)
		del self.pipes[number]

	def unknown(self, what, got):
		self.host.lab.unknown(f"unknown {what}", got)
		raise Refused(NOT_IMPLEMENTED)
