"""DCE/RPC on a named pipe: bind, requests in fragments, answers in fragments. An interface is a table of operations."""

import struct
import uuid

from registry import WinError

REQUEST, RESPONSE, FAULT, BIND, BIND_ACK = 0, 2, 3, 11, 12
FIRST, LAST = 1, 2
MAX_FRAGMENT = 4280
OPERATION_OUT_OF_RANGE = 0x1C010002
CONTEXT_MISMATCH = 0x1C00001A

HEADER = struct.Struct("<BBBBLHHL")
NDR = uuid.UUID("8a885d04-1ceb-11c9-9fe8-08002b104860").bytes_le + struct.pack("<L", 2)


class NoAnswer(Exception):
	"""The call has been carried out, but the client gets no answer."""


class BadHandle(Exception):
	"""A handle of another kind or another pipe, or a closed one."""


class Interface:
	"""
	One of NT's interfaces on one pipe: its operations, and the handles that it gave out. An operation takes the bytes
	of the request and returns those of the answer.
	"""

	syntax = b""
	operations = {}

	def __init__(self, host, connection):
		self.host, self.connection = host, connection
		self.handles = {}

	def give(self, thing):
		handle = bytes(4) + uuid.uuid4().bytes
		self.handles[handle] = thing
		return handle

	def take(self, handle, kind):
		thing = self.handles.get(bytes(handle))
		if not isinstance(thing, kind):
			raise BadHandle()
		return thing

	def call(self, text, effect):
		"""
		Runs what counts as a call of the product: it is recorded, gates can block it, and it is carried out completely
		or not at all.
		@returns Windows' number, and the result
		"""
		self.note(text)
		self.host.lab.gate("before", text)
		try:
			answer = 0, effect()
		except WinError as error:
			answer = error.number, None
		self.host.lab.gate("after", text)
		return answer

	def note(self, text):
		"""
		Records a call. The same call twice in a row is recorded once: `net` repeats calls for a size first, and in
		loops.
		"""
		if self.connection.noted != text:
			self.host.lab.log("calls.log", self.connection.number, text)
		self.connection.noted = text


def syntax(text, version):
	return uuid.UUID(text).bytes_le + struct.pack("<L", version)


class Pipe:
	"""@param interface the interface that this pipe offers"""

	def __init__(self, name, interface):
		self.name, self.interface = name, interface
		self.incoming, self.stub, self.outgoing = b"", b"", []

	def write(self, data):
		self.incoming += data
		while len(self.incoming) >= HEADER.size:
			size = HEADER.unpack_from(self.incoming)[5]
			if len(self.incoming) < size:
				break
			packet, self.incoming = self.incoming[:size], self.incoming[size:]
			self.receive(packet)

	def read(self, size):
		"""@returns bytes of the next fragment, and whether there is more of it"""
		if not self.outgoing:
			return b"", False
		fragment = self.outgoing.pop(0)
		if len(fragment) > size:
			self.outgoing.insert(0, fragment[size:])
		return fragment[:size], len(fragment) > size

	def receive(self, packet):
		_, _, kind, flags, _, _, _, call = HEADER.unpack_from(packet)
		body = packet[HEADER.size :]
		if kind == BIND:
			self.bind(call, body)
		elif kind == REQUEST:
			_, context, operation = struct.unpack_from("<LHH", body)
			self.stub += body[8:]
			if flags & LAST:
				stub, self.stub = self.stub, b""
				self.answer(call, context, operation, stub)
		else:
			self.interface.host.lab.unknown(f"{self.name}: unknown packet", kind)
			self.send(FAULT, call, struct.pack("<LHBBLL", 0, 0, 0, 0, OPERATION_OUT_OF_RANGE, 0))

	def bind(self, call, body):
		count, results, at = body[8], b"", 12
		for _ in range(count):
			_, transfers = struct.unpack_from("<HB", body, at)
			asked = body[at + 4 : at + 24]
			offered = [body[at + 24 + 20 * i : at + 44 + 20 * i] for i in range(transfers)]
			at += 24 + 20 * transfers
			known = asked == self.interface.syntax and NDR in offered
			# Other syntaxes are refused, including those by which Samba requests features.
			results += struct.pack("<HH", 0, 0) + NDR if known else struct.pack("<HH", 2, 1) + bytes(20)
		address = f"\\PIPE\\{self.name}\0".encode()
		head = struct.pack("<HHLH", MAX_FRAGMENT, MAX_FRAGMENT, 0x1234, len(address)) + address
		head += bytes(-len(head) % 4)
		self.send(BIND_ACK, call, head + struct.pack("<BBH", count, 0, 0) + results)

	def answer(self, call, context, operation, stub):
		name = self.interface.operations.get(operation)
		if not name:
			self.interface.host.lab.unknown(f"{self.name}: unknown operation", operation)
			self.fault(call, context, OPERATION_OUT_OF_RANGE)
			return
		try:
			data = getattr(self.interface, name)(stub)
		except BadHandle:
			self.fault(call, context, CONTEXT_MISMATCH)
			return
		room = MAX_FRAGMENT - HEADER.size - 8
		parts = [data[i : i + room] for i in range(0, len(data), room)]
		for i, part in enumerate(parts):
			flags = (FIRST if i == 0 else 0) | (LAST if i == len(parts) - 1 else 0)
			head = struct.pack("<LHBB", len(data) - i * room, context, 0, 0)
			self.send(RESPONSE, call, head + part, flags)

	def fault(self, call, context, status):
		self.send(FAULT, call, struct.pack("<LHBBLL", 0, context, 0, 0, status, 0))

	def send(self, kind, call, body, flags=FIRST | LAST):
		# Little endian, ASCII, IEEE.
		size = HEADER.size + len(body)
		self.outgoing.append(HEADER.pack(5, 0, kind, flags, 0x10, size, 0, call) + body)
