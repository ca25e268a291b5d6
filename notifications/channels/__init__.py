"""Ways out: kept here, Twilio for texts, SMTP for e-mail, GOV.UK Notify for either."""

from notifications.channels.kept import KeptHere
from notifications.channels.notify import Notify
from notifications.channels.seam import LINES, TIMEOUT, Channel
from notifications.channels.smtp import SmtpEmail
from notifications.channels.twilio import TwilioSms

__all__ = ["LINES", "TIMEOUT", "Channel", "KeptHere", "Notify", "SmtpEmail", "TwilioSms"]
