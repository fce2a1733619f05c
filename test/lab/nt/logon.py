"""Checks a client's password: NTLMv1 in SMB 1 sessions, NTLMv2 in all others."""

import calendar
import hmac
import os
import struct
import time

from impacket import ntlm
from impacket.spnego import SPNEGO_NegTokenInit, SPNEGO_NegTokenResp, TypesMech

NTLMSSP = TypesMech["NTLMSSP - Microsoft NTLM Security Support Provider"]
ACCEPTED, INCOMPLETE, REJECTED = b"\0", b"\1", b"\2"


def ntlm1_is_right(account, user, challenge, response):
	"""A longer response is NTLMv2, which NT 4 supports only from Service Pack 4 on."""
	right = ntlm.get_ntlmv1_response(ntlm.compute_nthash(account.password), challenge)
	return account.is_user(user) and hmac.compare_digest(right, response)


def offer():
	"""The server's first message: it offers only NTLMSSP."""
	token = SPNEGO_NegTokenInit()
	token["MechTypes"] = [NTLMSSP]
	return token.getData()


def message_of(token):
	"""NTLM's own message in a token. Its parts have offsets, so its end does not matter."""
	return token[token.index(b"NTLMSSP\0") :]


def answer(state, message=b""):
	token = SPNEGO_NegTokenResp()
	token["NegState"] = state
	if message:
		token["SupportedMech"] = NTLMSSP
		token["ResponseToken"] = message
	return token.getData()


class Ntlm2:
	"""One log-in by NTLMSSP: sends a challenge and checks the response."""

	def __init__(self, account):
		self.account, self.challenge = account, os.urandom(8)

	def challenge_message(self, request):
		asked = struct.unpack_from("<L", message_of(request), 12)[0]
		flags = asked & (
			ntlm.NTLMSSP_NEGOTIATE_56
			| ntlm.NTLMSSP_NEGOTIATE_128
			| ntlm.NTLMSSP_NEGOTIATE_KEY_EXCH
			| ntlm.NTLMSSP_NEGOTIATE_EXTENDED_SESSIONSECURITY
			| ntlm.NTLMSSP_NEGOTIATE_SIGN
			| ntlm.NTLMSSP_NEGOTIATE_UNICODE
		)
		flags |= ntlm.NTLMSSP_NEGOTIATE_TARGET_INFO | ntlm.NTLMSSP_TARGET_TYPE_SERVER
		flags |= ntlm.NTLMSSP_NEGOTIATE_NTLM | ntlm.NTLMSSP_REQUEST_TARGET
		domain = self.account.domain.encode("utf-16le")
		pairs = ntlm.AV_PAIRS()
		pairs[ntlm.NTLMSSP_AV_HOSTNAME] = self.account.name.encode("utf-16le")
		pairs[ntlm.NTLMSSP_AV_DOMAINNAME] = domain
		ticks = (calendar.timegm(time.gmtime()) + 11644473600) * 10000000
		pairs[ntlm.NTLMSSP_AV_TIME] = struct.pack("<q", ticks)
		pairs = pairs.getData()
		target = struct.pack("<HHL", len(domain), len(domain), 48)
		information = struct.pack("<HHL", len(pairs), len(pairs), 48 + len(domain))
		head = b"NTLMSSP\0" + struct.pack("<L", 2) + target + struct.pack("<L", flags)
		return head + self.challenge + bytes(8) + information + domain + pairs

	def key(self, request):
		"""@returns the user's name, and the key of the session, or None if the password is wrong"""
		message = ntlm.NTLMAuthChallengeResponse()
		message.fromString(message_of(request))
		user = message["user_name"].decode("utf-16le")
		domain = message["domain_name"].decode("utf-16le")
		proof, rest = message["ntlm"][:16], message["ntlm"][16:]
		secret = ntlm.NTOWFv2(user, self.account.password, domain)
		right = ntlm.hmac_md5(secret, self.challenge + rest)
		# An NTLMv1 response has 24 bytes in all.
		if not self.account.is_user(user) or len(rest) < 28 or not hmac.compare_digest(right, proof):
			return user, None
		key = ntlm.hmac_md5(secret, proof)
		if message["flags"] & ntlm.NTLMSSP_NEGOTIATE_KEY_EXCH:
			key = ntlm.generateEncryptedSessionKey(key, message["session_key"])
		return user, key
