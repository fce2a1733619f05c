"""The service control manager. MSExchangeDX is its only service."""

import struct

from impacket.dcerpc.v5 import scmr

from registry import ACCESS_DENIED, WinError
from rpc import Interface, NoAnswer, syntax
from service import INTERROGATE, NAME, VERBS, Service

INVALID_PARAMETER, INSUFFICIENT_BUFFER = 87, 122
SERVICE_DOES_NOT_EXIST = 1060
# SERVICE_START, SERVICE_STOP, SERVICE_PAUSE_CONTINUE
CONTROLLING = 0x10 | 0x20 | 0x40


class Manager:
	pass


class Svcctl(Interface):
	syntax = syntax("367abb81-9844-35f1-ad32-98f038001003", 2)
	operations = {
		0: "close_handle",
		1: "control_service",
		6: "query_status",
		15: "open_manager",
		16: "open_service",
		17: "query_configuration",
		19: "start_service",
	}

	@property
	def service(self):
		return self.host.service

	def open_manager(self, stub):
		return self.give(Manager()) + struct.pack("<L", 0)

	def close_handle(self, stub):
		self.take(stub[:20], (Manager, Service))
		del self.handles[stub[:20]]
		return bytes(20) + struct.pack("<L", 0)

	def open_service(self, stub):
		self.take(stub[:20], Manager)
		request = scmr.ROpenServiceW(stub)
		number = 0
		if request["lpServiceName"].rstrip("\0").lower() != NAME.lower() or not self.service.installed:
			number = SERVICE_DOES_NOT_EXIST
		elif request["dwDesiredAccess"] & CONTROLLING and self.host.lab.setting_is("access", "denied"):
			number = ACCESS_DENIED
		return (bytes(20) if number else self.give(self.service)) + struct.pack("<L", number)

	def query_status(self, stub):
		self.take(stub[:20], Service)
		self.note(f"status {NAME}")
		return self.status() + struct.pack("<L", 0)

	def query_configuration(self, stub):
		self.take(stub[:20], Service)
		(room,) = struct.unpack_from("<L", stub, 20)
		response = scmr.RQueryServiceConfigWResponse()
		needed = fill(response["lpServiceConfig"], self.service)
		if room < needed:
			response = scmr.RQueryServiceConfigWResponse()
			empty(response["lpServiceConfig"])
			response["ErrorCode"] = INSUFFICIENT_BUFFER
		response["pcbBytesNeeded"] = needed
		return response.getData()

	def start_service(self, stub):
		self.take(stub[:20], Service)
		return struct.pack("<L", self.deliver("start", self.service.start))

	def control_service(self, stub):
		self.take(stub[:20], Service)
		(control,) = struct.unpack_from("<L", stub, 20)
		if control == INTERROGATE:
			return self.status() + struct.pack("<L", 0)
		if control not in VERBS:
			self.host.lab.unknown("svcctl: unknown control", control)
			return self.status() + struct.pack("<L", INVALID_PARAMETER)
		number = self.deliver(VERBS[control], lambda: self.service.control(control))
		return self.status() + struct.pack("<L", number)

	def deliver(self, verb, send):
		"""@returns Windows' number"""
		with self.host.controlled(verb, self.connection.number):
			return self.call(f"{verb} {NAME}", lambda: self.send(verb, send))[0]

	def send(self, verb, send):
		lab = self.host.lab
		asked, _, number = lab.setting("netAnswers").partition(":")
		if asked == verb:
			raise WinError(int(number))
		send()
		if lab.setting_is("netHangs", verb):
			raise NoAnswer()
		if verb == "pause" and lab.setting("pauseAnswers"):
			raise WinError(int(lab.setting("pauseAnswers")))

	def status(self):
		service = self.service
		own_process, hint = 0x10, 3000 if service.check_point else 0
		told = service.state, service.accepted, service.exit_code, 0, service.check_point, hint
		return struct.pack("<7L", own_process, *told)


NUMBERS = {"dwServiceType": "Type", "dwStartType": "Start", "dwErrorControl": "ErrorControl"}
TEXTS = {
	"lpBinaryPathName": "ImagePath",
	"lpLoadOrderGroup": "Group",
	"lpDependencies": "DependOnService",
	"lpServiceStartName": "ObjectName",
	"lpDisplayName": "DisplayName",
}


def fill(configuration, service):
	"""@returns the number of bytes that Windows needs for it"""
	size = 36
	for field, name in NUMBERS.items():
		found = service.configured(name)
		configuration[field] = struct.unpack("<L", found[1])[0] if found else 0
	for field, name in TEXTS.items():
		found = service.configured(name)
		data = found[1] if found else b"\0\0"
		configuration[field] = data.decode("utf-16le")
		size += len(data)
	return size


def empty(configuration):
	for field in TEXTS:
		configuration[field] = scmr.NULL
