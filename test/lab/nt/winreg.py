"""The registry: HKEY_LOCAL_MACHINE and its subkeys."""

import struct

from impacket.dcerpc.v5 import rrp

from registry import ACCESS_DENIED, REGISTRY_IO_FAILED, Key, WinError, right_hand_side
from rpc import Interface, syntax

NO_MORE_ITEMS, MORE_DATA = 259, 234
CREATED, OPENED = 1, 2
# KEY_SET_VALUE, KEY_CREATE_SUB_KEY, DELETE, GENERIC_WRITE
WRITING = 0x2 | 0x4 | 0x10000 | 0x40000000
# With any of these a handle sets and deletes values: KEY_SET_VALUE, MAXIMUM_ALLOWED, GENERIC_ALL, GENERIC_WRITE.
SETTING_VALUES = 0x2 | 0x02000000 | 0x10000000 | 0x40000000


def handle_of(request):
	return bytes(4) + request["hKey"]["context_handle_uuid"]


class Winreg(Interface):
	syntax = syntax("338cd001-2244-31f1-aaaa-900038001003", 1)
	operations = {
		2: "open_local_machine",
		5: "close_key",
		6: "create_key",
		7: "delete_key",
		8: "delete_value",
		9: "enumerate_key",
		10: "enumerate_value",
		15: "open_key",
		16: "query_info_key",
		17: "query_value",
		22: "set_value",
		26: "get_version",
	}

	def __init__(self, host, connection):
		super().__init__(host, connection)
		self.read_only = set()

	@property
	def registry(self):
		return self.host.registry

	def key(self, request):
		return self.take(handle_of(request), Key)

	def give_key(self, key, access):
		handle = self.give(key)
		if not access & SETTING_VALUES:
			self.read_only.add(handle)
		return handle

	def writable(self, request):
		"""Windows checks the access for which a handle was opened. smbd does not do this for root."""
		if handle_of(request) in self.read_only:
			raise WinError(ACCESS_DENIED)

	def call(self, text, effect):
		"""
		Runs the call with the host's lock, so that no other client changes the registry between reading and writing.
		"""

		def locked():
			with self.host.lock:
				return effect()

		return super().call(text, locked)

	def write(self, text, effect):
		"""The same as call, but saves the file before the answer is sent."""

		def written():
			if self.host.lab.setting_is("access", "denied"):
				raise WinError(ACCESS_DENIED)
			answer = effect()
			self.registry.save()
			return answer

		return self.call(text, written)

	def open_local_machine(self, stub):
		return self.give(self.registry.root) + struct.pack("<L", 0)

	def close_key(self, stub):
		self.take(stub[:20], Key)
		del self.handles[stub[:20]]
		self.read_only.discard(stub[:20])
		return bytes(20) + struct.pack("<L", 0)

	def get_version(self, stub):
		return struct.pack("<LL", 5, 0)

	def open_key(self, stub):
		request = rrp.BaseRegOpenKey(stub)
		key, path = self.key(request), text_of(request["lpSubKey"])
		if request["samDesired"] & WRITING and self.host.lab.setting_is("access", "denied"):
			return bytes(20) + struct.pack("<L", ACCESS_DENIED)
		try:
			with self.host.lock:
				found = self.registry.find(key, path)
		except WinError as error:
			return bytes(20) + struct.pack("<L", error.number)
		return self.give_key(found, request["samDesired"]) + struct.pack("<L", 0)

	def create_key(self, stub):
		request = rrp.BaseRegCreateKey(stub)
		key, path = self.key(request), text_of(request["lpSubKey"])
		create = lambda: self.registry.create(key, path)
		number, made = self.write(f"CreateKey {below(key, path)}", create)
		if number:
			return bytes(20) + struct.pack("<LL", 0, number)
		found, created = made
		disposition = struct.pack("<LL", 0x20000, CREATED if created else OPENED)
		return self.give_key(found, request["samDesired"]) + disposition + struct.pack("<L", 0)

	def delete_key(self, stub):
		request = rrp.BaseRegDeleteKey(stub)
		key, path = self.key(request), text_of(request["lpSubKey"])
		delete = lambda: self.registry.delete(key, path)
		number, _ = self.write(f"DeleteKey {below(key, path)}", delete)
		return struct.pack("<L", number)

	def set_value(self, stub):
		request = rrp.BaseRegSetValue(stub)
		key, name = self.key(request), text_of(request["lpValueName"])
		data = request["dwType"], b"".join(request["lpData"])
		text = f'SetValue {key.path()} "{name}"={right_hand_side(*data)}'

		def put():
			self.writable(request)
			full = self.host.lab.setting("registry")
			if full.startswith("full:") and full[5:] in text:
				raise WinError(REGISTRY_IO_FAILED)
			self.registry.put(key, name, data)

		number, _ = self.write(text, put)
		return struct.pack("<L", number)

	def delete_value(self, stub):
		request = rrp.BaseRegDeleteValue(stub)
		key, name = self.key(request), text_of(request["lpValueName"])

		def remove():
			self.writable(request)
			self.registry.remove(key, name)

		number, _ = self.write(f'DeleteValue {key.path()} "{name}"', remove)
		return struct.pack("<L", number)

	def query_value(self, stub):
		request = rrp.BaseRegQueryValue(stub)
		key, name = self.key(request), text_of(request["lpValueName"])
		look = lambda: self.registry.value(key, name)
		number, value = self.call(f'QueryValue {key.path()} "{name}"', look)
		response = rrp.BaseRegQueryValueResponse()
		response["ErrorCode"] = number or fill(response, request, value)
		return response.getData()

	def enumerate_value(self, stub):
		request = rrp.BaseRegEnumValue(stub)
		key, place = self.key(request), request["dwIndex"]
		number, value = self.call(f"Enumerate {key.path()}", lambda: item(key.values, place))
		response = rrp.BaseRegEnumValueResponse()
		response["lpValueNameOut"] = f"{value.name}\0" if value else rrp.NULL
		response["ErrorCode"] = number or fill(response, request, value)
		return response.getData()

	def enumerate_key(self, stub):
		request = rrp.BaseRegEnumKey(stub)
		key, place = self.key(request), request["dwIndex"]
		number, found = self.call(f"Enumerate {key.path()}", lambda: item(key.keys, place))
		response = rrp.BaseRegEnumKeyResponse()
		response["lpNameOut"] = f"{found.name}\0" if found else rrp.NULL
		response["lplpClassOut"] = rrp.NULL
		response["lpftLastWriteTime"] = rrp.NULL
		response["ErrorCode"] = number
		return response.getData()

	def query_info_key(self, stub):
		key = self.key(rrp.BaseRegQueryInfoKey(stub))
		number, sizes = self.call(f"Enumerate {key.path()}", lambda: measure(key))
		response = rrp.BaseRegQueryInfoKeyResponse()
		response["lpClassOut"] = rrp.NULL
		for name, size in (sizes or {}).items():
			response[name] = size
		response["ErrorCode"] = number
		return response.getData()


def text_of(string):
	return string.rstrip("\0") if isinstance(string, str) else ""


def below(key, path):
	return f"{key.path()}\\{path}"


def item(things, place):
	if place >= len(things):
		raise WinError(NO_MORE_ITEMS)
	return list(things.values())[place]


def measure(key):
	longest = lambda texts: max((2 * len(text) for text in texts), default=0)
	return {
		"lpcSubKeys": len(key.keys),
		"lpcbMaxSubKeyLen": longest(below.name for below in key.keys.values()),
		"lpcbMaxClassLen": 0,
		"lpcValues": len(key.values),
		"lpcbMaxValueNameLen": longest(value.name for value in key.values.values()),
		"lpcbMaxValueLen": max((len(value.data) for value in key.values.values()), default=0),
		"lpcbSecurityDescriptor": 0,
	}


def fill(response, request, value):
	"""Type, size and as much data as was requested. @returns Windows' number"""
	wanted = request.fields["lpData"].fields["ReferentID"] != 0
	room = request["lpcbData"] if request.fields["lpcbData"].fields["ReferentID"] else 0
	fits = len(value.data) <= room
	response["lpType"] = value.type
	response["lpData"] = list(value.data) if wanted and fits else rrp.NULL
	response["lpcbData"] = len(value.data)
	response["lpcbLen"] = len(value.data) if wanted and fits else 0
	return MORE_DATA if wanted and not fits else 0
