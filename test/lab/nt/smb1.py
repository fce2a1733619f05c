"""SMB 1 as NT 4 speaks it: NT LM 0.12 without extended security and without signing, for named pipes."""

import os
import struct

from logon import ntlm1_is_right
from smb import BUFFER_OVERFLOW, LOGON_FAILURE, OK, Dropped, Refused, Session

# Protocol, command, status, flags, flags2, PID high, signature, reserved, TID, PID, UID, MID.
HEADER = struct.Struct("<4sBLBHH8sHHHHH")
REPLY, CASELESS = 0x80, 0x08
UNICODE, NT_STATUS, LONG_NAMES = 0x8000, 0x4000, 0x0001
NO_ANDX = struct.pack("<BBH", 0xFF, 0, 0)
TRANSACT_PIPE = 0x26
# As NT 4 sends it: Unicode, large files, NT's own commands, RPC, NT's status codes, level II oplocks, large reads.
CAPABILITIES = 0x43FD
ALL_READ = 65535


class Request:
	def __init__(self, packet):
		head = HEADER.unpack_from(packet)
		self.command, self.tree, self.process, self.user, self.multiplex = head[1], *head[8:12]
		count = packet[32]
		self.packet, self.words = packet, packet[33 : 33 + 2 * count]
		self.at = 35 + 2 * count
		self.bytes = packet[self.at :]

	def text(self, at):
		"""Reads Unicode text at an even offset of the packet. @returns the text, and the offset of the next one"""
		start = at + at % 2
		end = start
		while self.packet[end : end + 2] not in (b"\0\0", b""):
			end += 2
		return self.packet[start:end].decode("utf-16le"), end + 2


class Smb1:
	def __init__(self, connection):
		self.connection, self.host = connection, connection.host
		self.session = Session(connection)
		self.challenge = os.urandom(8)
		self.commands = {
			0x04: self.close,
			0x25: self.transaction,
			0x2B: self.echo,
			0x2E: self.read,
			0x2F: self.write,
			0x71: self.disconnect,
			0x72: self.negotiate,
			0x73: self.set_up,
			0x74: self.log_off,
			0x75: self.connect,
			0xA2: self.create,
		}

	def is_call(self, packet):
		return packet[4:5] == b"\x25"

	def answer(self, packet):
		if packet[:4] != b"\xffSMB":
			raise Dropped()
		request = Request(packet)
		command = self.commands.get(request.command)
		status, words, data, extra = OK, b"", b"", {}
		try:
			if not command:
				self.session.unknown("SMB command", hex(request.command))
			status, words, data, extra = command(request)
		except Refused as refused:
			status = refused.status
		flags2 = UNICODE | NT_STATUS | LONG_NAMES
		tree, user = extra.get("tree", request.tree), extra.get("user", request.user)
		who = 0, tree, request.process, user, request.multiplex
		head = HEADER.pack(b"\xffSMB", request.command, status, REPLY | CASELESS, flags2, 0, bytes(8), *who)
		return head + bytes([len(words) // 2]) + words + struct.pack("<H", len(data)) + data

	def negotiate(self, request):
		dialects = [name.rstrip(b"\0") for name in request.bytes.split(b"\2")[1:]]
		if b"NT LM 0.12" not in dialects:
			raise Dropped()
		user_level_encrypted = 3
		words = struct.pack("<HBHHLLLL", dialects.index(b"NT LM 0.12"), user_level_encrypted, 50, 1, 4356, 65536, 0, CAPABILITIES)
		words += struct.pack("<QHB", 0, 0, len(self.challenge))
		return OK, words, self.challenge + wide(self.host.domain), {}

	def set_up(self, request):
		if len(request.words) != 26:
			self.session.unknown("session setup of words", len(request.words) // 2)
		lan_manager, nt = struct.unpack_from("<HH", request.words, 14)
		response = request.bytes[lan_manager : lan_manager + nt]
		user, _ = request.text(request.at + lan_manager + nt)
		if not ntlm1_is_right(self.host, user, self.challenge, response):
			self.connection.refuse(user)
			raise Refused(LOGON_FAILURE)
		self.connection.admit(user)
		# The texts begin at an even offset: 32 + 1 + 6 + 2 and one more.
		texts = b"\0" + wide("Windows NT 4.0") + wide("NT LAN Manager 4.0") + wide(self.host.domain)
		return OK, NO_ANDX + struct.pack("<H", 0), texts, {"user": 0x800}

	def connect(self, request):
		(size,) = struct.unpack_from("<H", request.words, 6)
		share, _ = request.text(request.at + size)
		self.session.connect(share)
		return OK, NO_ANDX + struct.pack("<H", 0), b"IPC\0" + wide(""), {"tree": 0x800}

	def create(self, request):
		name, _ = request.text(request.at)
		number = self.session.open(name)
		message_pipe, state, normal, opened = 2, 0x05FF, 0x80, 1
		words = NO_ANDX + struct.pack("<BHL", 0, number, opened) + bytes(32)
		words += struct.pack("<LQQHHB", normal, 4096, 0, message_pipe, state, 0)
		return OK, words, b"", {}

	def transaction(self, request):
		_, _, _, room = struct.unpack_from("<HHHH", request.words)
		count, offset, setup = struct.unpack_from("<HHB", request.words, 22)
		if setup != 2 or struct.unpack_from("<H", request.words, 28)[0] != TRANSACT_PIPE:
			self.session.unknown("transaction", request.words[28:].hex())
		(number,) = struct.unpack_from("<H", request.words, 30)
		pipe = self.session.pipe(number)
		pipe.write(request.packet[offset : offset + count])
		data, more = pipe.read(room)
		# Data begins after 32 + 1 + 20 + 2 and one more.
		words = struct.pack("<HHHHHHHHHBB", 0, len(data), 0, 0, 56, 0, len(data), 56, 0, 0, 0)
		return BUFFER_OVERFLOW if more else OK, words, b"\0" + data, {}

	def read(self, request):
		number, _, size = struct.unpack_from("<HLH", request.words, 4)
		data, more = self.session.pipe(number).read(min(size, ALL_READ))
		# Data begins after 32 + 1 + 24 + 2 and one more.
		words = NO_ANDX + struct.pack("<HHHHHLLH", 0, 0, 0, len(data), 60, 0, 0, 0)
		return BUFFER_OVERFLOW if more else OK, words, b"\0" + data, {}

	def write(self, request):
		(number,) = struct.unpack_from("<H", request.words, 4)
		count, offset = struct.unpack_from("<HH", request.words, 20)
		self.session.pipe(number).write(request.packet[offset : offset + count])
		return OK, NO_ANDX + struct.pack("<HHHH", count, 0, 0, 0), b"", {}

	def close(self, request):
		self.session.close(struct.unpack_from("<H", request.words)[0])
		return OK, b"", b"", {}

	def echo(self, request):
		return OK, struct.pack("<H", 1), request.bytes, {}

	def disconnect(self, request):
		self.connection.leave()
		return OK, b"", b"", {}

	def log_off(self, request):
		return OK, NO_ANDX, b"", {}


def wide(text):
	return f"{text}\0".encode("utf-16le")
