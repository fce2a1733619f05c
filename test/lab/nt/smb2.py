"""SMB 2.0.2 with NTLMv2, signed, for named pipes."""

import hashlib
import hmac
import os
import struct

from logon import ACCEPTED, INCOMPLETE, REJECTED, Ntlm2, answer, offer
from smb import (
	BUFFER_OVERFLOW,
	INVALID_DEVICE_REQUEST,
	LOGON_FAILURE,
	MORE_PROCESSING_REQUIRED,
	OK,
	Dropped,
	Refused,
	Session,
)

# Protocol, size, credit charge, status, command, credits, flags, next, message, process, tree, session, signature.
HEADER = struct.Struct("<4sHHLHHLLQLLQ16s")
SESSION_ID = 0x800
RESPONSE, SIGNED = 1, 8
SIGNING_ENABLED = 1
PIPE_TRANSCEIVE = 0x11C017
MAX_SIZE = 65536


class Request:
	def __init__(self, packet):
		head = HEADER.unpack_from(packet)
		self.command, self.flags, self.next = head[4], head[6], head[7]
		self.message, self.process, self.tree, self.session = head[8:12]
		self.packet, self.body = packet, packet[64:]


class Smb2:
	def __init__(self, connection):
		self.connection, self.host = connection, connection.host
		self.session = Session(connection)
		self.logon, self.key = Ntlm2(self.host), None
		self.guid = os.urandom(16)
		self.commands = {
			0: self.negotiate,
			1: self.set_up,
			2: self.log_off,
			3: self.connect,
			4: self.disconnect,
			5: self.create,
			6: self.close,
			8: self.read,
			9: self.write,
			11: self.control,
			13: self.echo,
		}

	def is_call(self, packet):
		return packet[12:14] == b"\x0b\0"

	def answer(self, packet):
		# SMB 1, even if it only negotiates the dialect.
		if packet[:4] != b"\xfeSMB":
			raise Dropped()
		request = Request(packet)
		command = self.commands.get(request.command)
		tree = request.tree
		try:
			if not command or request.next:
				self.session.unknown("SMB 2 command", request.command)
			status, body = command(request)
		except Refused as refused:
			status, body = refused.status, struct.pack("<HBBLB", 9, 0, 0, 0, 0)
		if request.command == 3:
			tree = 1
		session = 0 if request.command == 0 else SESSION_ID
		head = HEADER.pack(b"\xfeSMB", 64, 1, status, request.command, 16, RESPONSE, 0, request.message, request.process, tree, session, bytes(16))
		return self.sign(head + body) if self.key else head + body

	def sign(self, packet):
		flags = struct.unpack_from("<L", packet, 16)[0] | SIGNED
		packet = packet[:16] + struct.pack("<L", flags) + packet[20:]
		signature = hmac.new(self.key, packet, hashlib.sha256).digest()[:16]
		return packet[:48] + signature + packet[64:]

	def negotiate(self, request):
		(count,) = struct.unpack_from("<H", request.body, 2)
		if 0x0202 not in struct.unpack_from(f"<{count}H", request.body, 36):
			raise Dropped()
		blob = offer()
		body = struct.pack("<HHHH", 65, SIGNING_ENABLED, 0x0202, 0) + self.guid
		body += struct.pack("<LLLLQQHHL", 0, MAX_SIZE, MAX_SIZE, MAX_SIZE, 0, 0, 128, len(blob), 0)
		return OK, body + blob

	def set_up(self, request):
		offset, size = struct.unpack_from("<HH", request.body, 12)
		token = request.packet[offset : offset + size]
		if b"NTLMSSP\0" not in token:
			self.session.unknown("way to log in", token.hex())
		if b"NTLMSSP\0\1" in token:
			status, blob = MORE_PROCESSING_REQUIRED, answer(INCOMPLETE, self.logon.challenge_message(token))
		else:
			status, blob = OK, answer(ACCEPTED)
			user, key = self.logon.key(token)
			if not key:
				self.connection.refuse(user)
				raise Refused(LOGON_FAILURE)
			self.connection.admit(user)
			self.key = key
		return status, struct.pack("<HHHH", 9, 0, 72, len(blob)) + blob

	def connect(self, request):
		offset, size = struct.unpack_from("<HH", request.body, 4)
		self.session.connect(request.packet[offset : offset + size].decode("utf-16le"))
		pipe, all_access = 2, 0x1F01FF
		return OK, struct.pack("<HBBLLL", 16, pipe, 0, 0, 0, all_access)

	def create(self, request):
		offset, size = struct.unpack_from("<HH", request.body, 44)
		number = self.session.open(request.packet[offset : offset + size].decode("utf-16le"))
		opened, normal = 1, 0x80
		body = struct.pack("<HBBL", 89, 0, 0, opened) + bytes(32) + struct.pack("<QQLL", 4096, 0, normal, 0)
		return OK, body + struct.pack("<QQ", number, 0) + struct.pack("<LL", 0, 0)

	def control(self, request):
		code, number = struct.unpack_from("<LQ", request.body, 4)
		if code != PIPE_TRANSCEIVE:
			raise Refused(INVALID_DEVICE_REQUEST)
		offset, count = struct.unpack_from("<LL", request.body, 24)
		(room,) = struct.unpack_from("<L", request.body, 44)
		pipe = self.session.pipe(number)
		pipe.write(request.packet[offset : offset + count])
		data, more = pipe.read(room)
		body = struct.pack("<HHLQQ", 49, 0, code, number, 0)
		body += struct.pack("<LLLLLL", 112, 0, 112, len(data), 0, 0)
		return BUFFER_OVERFLOW if more else OK, body + data

	def read(self, request):
		size, _, number = struct.unpack_from("<LQQ", request.body, 4)
		data, more = self.session.pipe(number).read(size)
		body = struct.pack("<HBBLLL", 17, 80, 0, len(data), 0, 0)
		return BUFFER_OVERFLOW if more else OK, body + data

	def write(self, request):
		offset, size, _, number = struct.unpack_from("<HLQQ", request.body, 2)
		self.session.pipe(number).write(request.packet[offset : offset + size])
		return OK, struct.pack("<HHLLL", 17, 0, size, 0, 0)

	def close(self, request):
		self.session.close(struct.unpack_from("<Q", request.body, 8)[0])
		return OK, struct.pack("<H", 60) + bytes(58)

	def disconnect(self, request):
		self.connection.leave()
		return OK, struct.pack("<HH", 4, 0)

	def log_off(self, request):
		return OK, struct.pack("<HH", 4, 0)

	def echo(self, request):
		return OK, struct.pack("<HH", 4, 0)
