"""What pages and API show: read-only gatherings, with permission and seal looked at first."""

from brokerage.desk.views.agreements import (
    AgreementPage,
    AgreementView,
    ListedAgreement,
    agreement,
    agreement_page,
    listed_agreements,
)
from brokerage.desk.views.awards import AwardView, award, limit_of, people
from brokerage.desk.views.competitions import (
    CompetitionView,
    InvitedView,
    OfferView,
    ToEvaluate,
    competition,
    counts,
    message_counts,
    to_evaluate,
)
from brokerage.desk.views.decisions import Market, NextView, next_steps
from brokerage.desk.views.live import LiveView, LiveWindow, live
from brokerage.desk.views.providers import (
    InvitationView,
    OutcomeView,
    ProviderDesk,
    ProviderItem,
    cost_of_offer,
    invitation,
    invitations_of_provider,
    provider_desk,
)
from brokerage.desk.views.questions import OneQuestion, QuestionsView, QuestionView, question, questions
from brokerage.desk.views.reach import NotReached, not_reached
from brokerage.desk.views.record import RecordPage, record, record_page, verify_record
from brokerage.desk.views.referrals import HistoryItem, ReferralView, history, referral, who_did
from brokerage.desk.views.work import MyWork, Rate, median_rate, my_work

__all__ = [
    "AgreementPage",
    "AgreementView",
    "AwardView",
    "CompetitionView",
    "HistoryItem",
    "InvitationView",
    "InvitedView",
    "ListedAgreement",
    "LiveView",
    "LiveWindow",
    "Market",
    "MyWork",
    "NextView",
    "NotReached",
    "OfferView",
    "OneQuestion",
    "OutcomeView",
    "ProviderDesk",
    "ProviderItem",
    "QuestionView",
    "QuestionsView",
    "Rate",
    "RecordPage",
    "ReferralView",
    "ToEvaluate",
    "agreement",
    "agreement_page",
    "award",
    "competition",
    "cost_of_offer",
    "counts",
    "history",
    "invitation",
    "invitations_of_provider",
    "limit_of",
    "listed_agreements",
    "live",
    "median_rate",
    "message_counts",
    "my_work",
    "next_steps",
    "not_reached",
    "people",
    "provider_desk",
    "question",
    "questions",
    "record",
    "record_page",
    "referral",
    "to_evaluate",
    "verify_record",
    "who_did",
]
