"""Exchange's side of directory synchronization, like test/lab/windows/dirsync.c: the same files, mail and numbers."""

import datetime
import glob
import os
import re

# Microsoft's message "No Tasks From Requestor" has no number.
NO_TASKS = 1000


class Party:
	def __init__(self, folder, say):
		"""@param folder EXCHSRVR; @param say called with the number of each of Microsoft's messages, and a count"""
		self.data = os.path.join(folder, "dxadata")
		self.inbox = os.path.join(folder, "connect/maildat/in")
		self.outbox = os.path.join(folder, "connect/maildat/out")
		self.say, self.sent = say, 0

	def open(self):
		"""Whether it has partners."""
		self.address = value(self.load("MASTER.GLB"), "address")
		return bool(self.address)

	def send_changes(self):
		"""T1: sends the changes that are not confirmed yet."""
		configuration, changes = self.load("REQCONF.GLB"), self.load("REQTRANS.GLB")
		server = value(configuration, "server")
		was, answers = number(configuration, "reqsync"), number(configuration, "srvsync")
		if not self.has("REQCONF.GLB"):
			self.say(151, 0)
		elif not server:
			self.say(54, 0)
		elif not self.has("REQTRANS.GLB"):
			self.say(40, 0)
		else:
			count = len(changes)
			self.mail(server, f"Status report from {self.address.rpartition('/')[0]}", [])
			subject = f"ReqTx R={was + count} (was {was}), S={answers}, I=0 {count} sent"
			self.mail(server, subject, changes)
			self.say(106 if count else 171, count)

	def receive_answers(self):
		"""@returns the number of answers"""
		answers = self.waiting("SrvTx ")
		if not answers:
			return 0
		configuration, updates = self.load("REQCONF.GLB"), self.load("SRVTRANS.GLB")
		before, known, confirmed = len(updates), number(configuration, "srvsync"), 0
		for _, _, subject, lines in answers:
			changes, last = map(int, re.match(r"SrvTx R=(\d+) S=(\d+)", subject).groups())
			for line in lines:
				place, _, transaction = line.partition("\t")
				if int(place) > known:
					updates.append(transaction)
			known, confirmed = max(known, last), max(confirmed, changes)
		self.save("SRVTRANS.GLB", updates)
		self.confirm(configuration, confirmed)
		put(configuration, "srvsync", known)
		self.save("REQCONF.GLB", configuration)
		discard(answers)
		self.say(105, len(updates) - before)
		return len(answers)

	def confirm(self, configuration, changes):
		"""Drops the changes up to this number, which have reached the server."""
		was = number(configuration, "reqsync")
		if changes <= was:
			return
		self.save("REQTRANS.GLB", self.load("REQTRANS.GLB")[changes - was :])
		put(configuration, "reqsync", changes)

	def apply_updates(self, name):
		"""@returns the number of updates"""
		updates, known = self.load("SRVTRANS.GLB"), dict.fromkeys(self.load(name))
		for sign, address in ((update[0], update[1:]) for update in updates):
			if sign == "+":
				known[address] = None
			else:
				known.pop(address, None)
		self.save(name, list(known))
		self.save("SRVTRANS.GLB", [])
		return len(updates)

	def receive_requests(self):
		"""T2, first half: merges the requests."""
		if not self.has("SRVCONF.GLB"):
			self.say(161, 0)
			return
		requests, reports = self.waiting("ReqTx "), self.waiting("Status report ")
		requestors, master = self.requestors(), self.load("MSTTRANS.GLB")
		before = len(master)
		for _, sender, subject, changes in requests:
			if sender in requestors:
				merge(master, sender, requestors[sender], subject, changes)
			else:
				self.say(120, 0)
		self.save("MSTTRANS.GLB", master)
		self.save_requestors(requestors)
		discard(requests + reports)
		self.say(105, len(master) - before)

	def send_answers(self):
		"""T2, second half: sends an answer to each requestor that sent a request."""
		if not self.has("SRVCONF.GLB"):
			self.say(161, 0)
			return
		requestors, master = self.requestors(), self.load("MSTTRANS.GLB")
		asked = [(address, state) for address, state in requestors.items() if state["asked"]]
		sent = 0
		for address, state in asked:
			news = [line for line in master[state["answers"] :] if not is_of(line, address)]
			subject = f"SrvTx R={state['changes']} S={len(master)} (was {state['answers']}), I=0 {len(news)} sent"
			self.mail(address, subject, news)
			state["asked"] = 0
			sent += len(news)
		self.save_requestors(requestors)
		self.say(NO_TASKS if not asked else 106 if sent else 171, sent)

	def serve_itself(self):
		"""As the server, Exchange is also its own requestor, without any mail."""
		configuration, updates = self.load("REQCONF.GLB"), self.load("SRVTRANS.GLB")
		master = self.load("MSTTRANS.GLB")
		for change in self.load("REQTRANS.GLB"):
			record(master, self.address, change)
		for line in master[number(configuration, "srvsync") :]:
			if not is_of(line, self.address):
				updates.append(line.partition("\t")[2])
		put(configuration, "srvsync", len(master))
		self.save("MSTTRANS.GLB", master)
		self.save("REQTRANS.GLB", [])
		self.save("SRVTRANS.GLB", updates)
		self.save("REQCONF.GLB", configuration)

	def requestors(self):
		fields = (line.split("\t") for line in self.load("SRVCONF.GLB"))
		return {
			address: {"changes": int(changes), "answers": int(answers), "asked": int(asked)}
			for address, changes, answers, asked in fields
		}

	def save_requestors(self, requestors):
		lines = ["\t".join([address, *map(str, state.values())]) for address, state in requestors.items()]
		self.save("SRVCONF.GLB", lines)

	def mail(self, to, subject, body):
		"""A message appears complete: the transport moves only files with this extension."""
		now = datetime.datetime.utcnow().strftime("%m%d%H%M%S%f")[:13]
		name = f"{now}-{os.getpid():04x}{self.sent:02d}.MSG"
		self.sent += 1
		lines = [f"from={self.address}", f"to={to}", f"subject={subject}", *body]
		write(os.path.join(self.outbox, name), lines)

	def waiting(self, beginning):
		"""The messages whose subject begins like this, oldest first: file, sender, subject, lines."""
		messages = []
		for file in sorted(glob.glob(os.path.join(glob.escape(self.inbox), "*.MSG"))):
			lines = read(file)
			subject = value(lines, "subject")
			if subject.startswith(beginning):
				messages.append((file, value(lines, "from"), subject, lines[3:]))
		return messages

	def has(self, name):
		return os.path.exists(os.path.join(self.data, name))

	def load(self, name):
		return read(os.path.join(self.data, name))

	def save(self, name, lines):
		write(os.path.join(self.data, name), lines)


def read(file):
	"""The lines of a file; none if it does not exist."""
	try:
		with open(file, encoding="utf-8", newline="") as open_file:
			return open_file.read().split("\r\n")[:-1]
	except FileNotFoundError:
		return []


def write(file, lines):
	with open(f"{file}.TMP", "w", encoding="utf-8", newline="") as open_file:
		open_file.write("".join(f"{line}\r\n" for line in lines))
	os.rename(f"{file}.TMP", file)


def value(lines, name):
	"""The value of the line `name=value`, or an empty text."""
	return next((line[len(name) + 1 :] for line in lines if line.startswith(f"{name}=")), "")


def number(lines, name):
	return int(value(lines, name) or 0)


def put(lines, name, new):
	lines[:] = [f"{name}={new}" if line.startswith(f"{name}=") else line for line in lines]


def discard(messages):
	for file, *_ in messages:
		os.remove(file)


def prefix(address):
	"""NET/PO-HARBOR/, the beginning of all its users' addresses."""
	return address[: address.rindex("/") + 1]


def is_of(line, address):
	return line.partition("\t")[2][1:].startswith(prefix(address))


def record(master, address, change):
	"""The master list numbers its own lines, from 1."""
	master.append(f"{len(master) + 1}\t{change[0]}{prefix(address)}{change[1:]}")


def merge(master, sender, state, subject, changes):
	"""Adds the new changes of a request. Changes that are sent twice count once."""
	pattern = r"ReqTx R=(\d+) \(was (\d+)\), S=(\d+)"
	last, was, state["answers"] = map(int, re.match(pattern, subject).groups())
	for place, change in enumerate(changes, was + 1):
		if place > state["changes"]:
			record(master, sender, change)
	state["changes"] = max(state["changes"], last)
	state["asked"] = 1
