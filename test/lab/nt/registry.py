"""
HKEY_LOCAL_MACHINE, kept in a .reg file (UTF-8, one line a value) that tests read. Names are not case-sensitive but keep
their case.
"""

import os
import re
import struct

from lab import Lab

REG_SZ, REG_EXPAND_SZ, REG_BINARY, REG_DWORD, REG_MULTI_SZ = 1, 2, 3, 4, 7
ROOT = "HKEY_LOCAL_MACHINE"
HEADER = "Windows Registry Editor Version 5.00\n"

ACCESS_DENIED, FILE_NOT_FOUND, INVALID_PARAMETER = 5, 2, 87
REGISTRY_IO_FAILED, KEY_DELETED = 1016, 1018


class WinError(Exception):
	"""An error that Windows returns, by its number."""

	def __init__(self, number):
		super().__init__(number)
		self.number = number


class Value:
	def __init__(self, name, type, data):
		self.name, self.type, self.data = name, type, data

	def line(self):
		name = f'"{escape(self.name)}"' if self.name else "@"
		return f"{name}={right_hand_side(self.type, self.data)}\n"


class Key:
	def __init__(self, name, parent=None):
		self.name, self.parent, self.deleted = name, parent, False
		self.keys, self.values = {}, {}

	def path(self):
		return f"{self.parent.path()}\\{self.name}" if self.parent else self.name

	def text(self):
		values = "".join(value.line() for value in self.values.values())
		own = f"\n[{self.path()}]\n{values}"
		return own + "".join(key.text() for key in self.keys.values())


class Registry:
	"""Not thread-safe: the caller must have the host's lock."""

	def __init__(self, lab: Lab):
		self.lab = lab
		self.file = lab.path("registry.reg")
		self.root = Key(ROOT)
		with open(self.file, encoding="utf-8") as file:
			self.load(file.read())

	def load(self, text):
		key = None
		for line in text.splitlines()[1:]:
			if line.startswith("["):
				key = self.create(self.root, line[len(ROOT) + 2 : -1])[0]
			elif line:
				name, data = parse_line(line)
				self.put(key, name, data)

	def save(self):
		"""Writes the complete file before the client gets its answer."""
		with open(f"{self.file}.new", "w", encoding="utf-8") as file:
			file.write(HEADER + self.root.text())
		os.rename(f"{self.file}.new", self.file)

	def find(self, key, path):
		for name in names(path):
			live(key)
			key = key.keys.get(name.lower())
			if not key:
				raise WinError(FILE_NOT_FOUND)
		return live(key)

	def create(self, key, path):
		"""@returns the key, and whether it is new"""
		created = False
		for name in names(path):
			below = live(key).keys.get(name.lower())
			created = below is None
			if created:
				below = key.keys[name.lower()] = Key(name, key)
			key = below
		return live(key), created

	def delete(self, key, path):
		target = self.find(key, path)
		# NT deletes neither a key with subkeys nor the root.
		if target.keys or not target.parent:
			raise WinError(ACCESS_DENIED)
		target.deleted = True
		del target.parent.keys[target.name.lower()]

	def value(self, key, name):
		value = live(key).values.get(name.lower())
		if not value:
			raise WinError(FILE_NOT_FOUND)
		return value

	def put(self, key, name, data):
		type, raw = data
		live(key).values[name.lower()] = Value(name, type, raw)

	def remove(self, key, name):
		self.value(key, name)
		del key.values[name.lower()]


def live(key):
	if key.deleted:
		raise WinError(KEY_DELETED)
	return key


def names(path):
	return [name for name in path.split("\\") if name]


def escape(text):
	return re.sub(r'[\\"]', r"\\\g<0>", text)


def unescape(text):
	return re.sub(r"\\(.)", r"\1", text)


def right_hand_side(type, data):
	"""As in a .reg file. A text that is malformed or has several lines is written as bytes."""
	if type == REG_SZ and len(data) % 2 == 0 and data.endswith(b"\0\0"):
		text = data[:-2].decode("utf-16le", "replace")
		if text.encode("utf-16le") == data[:-2] and not re.search("[\0\r\n]", text):
			return f'"{escape(text)}"'
	if type == REG_DWORD and len(data) == 4:
		return "dword:%08x" % struct.unpack("<L", data)
	kind = "hex" if type == REG_BINARY else f"hex({type:x})"
	return f"{kind}:{data.hex(',') if data else ''}"


def parse(text):
	"""@returns type and bytes"""
	if text.startswith('"'):
		return REG_SZ, (unescape(text[1:-1]) + "\0").encode("utf-16le")
	kind, _, rest = text.partition(":")
	if kind == "dword":
		return REG_DWORD, struct.pack("<L", int(rest, 16))
	type = REG_BINARY if kind == "hex" else int(re.fullmatch(r"hex\((\w+)\)", kind)[1], 16)
	return type, bytes.fromhex(rest.replace(",", ""))


def parse_line(line):
	match = re.fullmatch(r'(?:"((?:\\.|[^"\\])*)"|@)=(.*)', line)
	return unescape(match[1] or ""), parse(match[2])
