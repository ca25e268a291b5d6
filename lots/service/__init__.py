"""Act on the register: one function a verb, each gives back what happened."""

from lots.service.evidence import ask_evidence, decide_evidence, offer_evidence, warn_of_expiry
from lots.service.homes import add_home, close_home, end_stay, end_void, free_stay, hold_beds, void_bed
from lots.service.joining import (
    admit_application,
    assess_application,
    confirm_mobile,
    extend_decision,
    refuse_application,
    save_section,
    start_application,
    submit_application,
    withdraw_application,
)
from lots.service.nights import add_night_contact, log_call, place_now, tonight
from lots.service.prices import (
    decide_subcontractor,
    decide_uplift,
    end_subcontractor,
    name_subcontractor,
    propose_uplift,
    set_ceiling,
    withdraw_uplift,
)
from lots.service.register import (
    admit_provider,
    lift_suspension,
    readmit_provider,
    remove_provider,
    suspend_provider,
)
from lots.service.specification import (
    answer_change,
    authorise_change,
    propose_change,
    refuse_change,
    withdraw_change,
)

__all__ = [
    "add_home",
    "add_night_contact",
    "admit_application",
    "admit_provider",
    "answer_change",
    "ask_evidence",
    "assess_application",
    "authorise_change",
    "close_home",
    "confirm_mobile",
    "decide_evidence",
    "decide_subcontractor",
    "decide_uplift",
    "end_stay",
    "end_subcontractor",
    "end_void",
    "extend_decision",
    "free_stay",
    "hold_beds",
    "lift_suspension",
    "log_call",
    "name_subcontractor",
    "offer_evidence",
    "place_now",
    "propose_change",
    "propose_uplift",
    "readmit_provider",
    "refuse_application",
    "refuse_change",
    "remove_provider",
    "save_section",
    "set_ceiling",
    "start_application",
    "submit_application",
    "suspend_provider",
    "tonight",
    "void_bed",
    "warn_of_expiry",
    "withdraw_application",
    "withdraw_change",
    "withdraw_uplift",
]
