"""The local security authority. `net` first queries it for the domain's identity."""

import struct

from rpc import Interface, syntax

# S-1-5-21-1-2-3
SID = struct.pack("<BB", 1, 4) + b"\0\0\0\0\0\5" + struct.pack("<4L", 21, 1, 2, 3)
ACCOUNT_DOMAIN = 5


class Policy:
	pass


class Lsarpc(Interface):
	syntax = syntax("12345778-1234-abcd-ef00-0123456789ab", 0)
	operations = {0: "close", 6: "open_policy", 7: "query_information"}

	def open_policy(self, stub):
		return self.give(Policy()) + struct.pack("<L", 0)

	def query_information(self, stub):
		self.take(stub[:20], Policy)
		(level,) = struct.unpack_from("<H", stub, 20)
		if level != ACCOUNT_DOMAIN:
			self.host.lab.unknown("lsarpc: unknown level of information", level)
			return struct.pack("<LL", 0, 0xC0000003)
		name = self.host.domain.encode("utf-16le")
		size = len(name) // 2
		# The information, with pointers to the name and the SID, which follow.
		head = struct.pack("<LHHHHLL", 0x20000, level, 0, 2 * size, 2 * size, 0x20004, 0x20008)
		text = struct.pack("<LLL", size, 0, size) + name
		text += bytes(-len(text) % 4)
		return head + text + struct.pack("<L", SID[1]) + SID + struct.pack("<L", 0)

	def close(self, stub):
		self.take(stub[:20], Policy)
		del self.handles[stub[:20]]
		return bytes(20) + struct.pack("<L", 0)
