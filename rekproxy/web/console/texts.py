"""Every text of the console, in one place; a part for each group of pages."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the navigation: its path below `/console`, and who sees it."""

    path: str
    text: str
    role: str


# --- the frame of every page

PRODUCT: Final = "rekproxy"
NAVIGATION: Final = (
    Entry("/", "Dashboard", "viewer"),
    Entry("/review", "Review queue", "moderator"),
    Entry("/moderation", "Moderation", "viewer"),
    Entry("/library", "Library", "viewer"),
    Entry("/settings", "Settings", "viewer"),
)
NAVIGATION_NAME: Final = "Main"
SKIP: Final = "Skip to the page"
CLOUD: Final = "Cloud"
CHANGE: Final = "Change"
MENU: Final = "Menu"
YOUR_ACCOUNT: Final = "Your account"
SIGN_OUT: Final = "Sign out"
LOOK: Final = "Look"
LOOKS: Final = (("", "As the system"), ("light", "Light"), ("dark", "Dark"))
ROLE_NAMES: Final = {"viewer": "viewer", "moderator": "moderator", "administrator": "administrator"}
COVERAGE: Final = "What the detector sees"

# --- errors

ERROR_TITLES: Final = {
    400: "That cannot be done as it stands",
    401: "Please sign in",
    403: "You may not do this",
    404: "Nothing is here",
    405: "Nothing is here",
    409: "Somebody was quicker",
    413: "That is too large",
    420: "Not here",
    429: "Too many tries",
    500: "Something went wrong on our side",
    503: "Not available at the moment",
}
HTTP_ERRORS: Final = {
    400: "The request could not be understood.",
    404: "There is no such page.",
    405: "This page cannot be used like that.",
    413: "What was sent is larger than this page takes.",
    500: "Nothing was changed by what failed. The log of the server says more.",
    503: "The catalog or a storage does not answer, or everything is taken. Nothing was changed.",
}
TRY_AGAIN: Final = "Go back, change what the sentence names, and try again."
ADVICE_SIGN_IN: Final = "Sign in, then do it again."
ADVICE_FORBIDDEN: Final = "Go back and load the page again. If it stays so, an administrator can help."
ADVICE_NOT_FOUND: Final = "It may have been removed, or belong to a cloud that you do not see."
ADVICE_UNAVAILABLE: Final = "Wait a few seconds, then load the page again."
ADVICE_WAIT: Final = (
    "Wait as long as the sentence says. A one-time link from an administrator also signs you in."
)
BACK: Final = "To the first page"
REQUEST_NUMBER: Final = "Number of this request in the log:"
NOT_YOUR_ROLE: Final = "This is for people with the role {role} or more."
NO_CLOUDS: Final = "You may sign in, but see no cloud of this installation. An administrator can change that."
NO_SUCH_CLOUD: Final = "There is no such cloud, or it is not yours."
NO_SUCH_PAGE: Final = "There is no such page."
SIGNED_OUT: Final = "You are signed out. Sign in again: nothing was changed."
FORGED: Final = (
    "This did not come from a page of this console that is still good, so nothing was done. "
    "Load the page again and repeat it."
)

# --- signing in

SIGN_IN: Final = "Sign in"
NAME: Final = "Name"
PASSWORD: Final = "Password"  # noqa: S105 - what stands beside the field
SIGN_IN_HELP: Final = (
    "No password yet, or forgotten? An administrator makes a one-time link, or on the server: "
)
SIGN_IN_COMMAND: Final = "rekproxy user link NAME"
LINK_TITLE: Final = "Sign in with this link"
LINK_EXPLAINED: Final = "The link works once. The button spends it and signs you in."
SIGNED_OUT_NOW: Final = "You are signed out."

# --- the dashboard

DASHBOARD: Final = "Dashboard"
WINDOW: Final = "What time is shown"
WINDOWS: Final = (("day", "24 hours"), ("week", "7 days"))
NO_SUCH_WINDOW: Final = "Figures are shown of the last day or the last week: window=day or window=week."
WAITING: Final = "waiting for a decision"
OLDEST: Final = "the oldest for"
NOBODY_WAITS: Final = "nothing waits"
TO_THE_QUEUE: Final = "To the review queue"
YOU_DECIDED: Final = "decided by you"
APPROVED: Final = "approved"
REJECTED: Final = "rejected"
ALL_DECISIONS: Final = "verdicts and decisions"
BY_MACHINE_ALONE: Final = "by the detector"
OVERTURNED_TILE: Final = "verdicts overturned"
OF_ITS_VERDICTS: Final = "of the detector's"
FAILED_LOOKS: Final = "looks without an answer"
NO_FAILURES: Final = "no errors since the start"
DEAD_JOBS_TILE: Final = "dead jobs"
JOBS_WAITING: Final = "waiting"
JOBS_FAILING: Final = "failing"
HIT_RATE: Final = "served from a cache"
OF_SERVED: Final = "of {count} pictures since the start"
TAKEDOWN: Final = "from decision to edge"
OF_TAKEDOWNS: Final = "mean of {count} purges since the start"
NO_TAKEDOWNS: Final = "no edge has confirmed a purge yet"
YOUR_DECISIONS: Final = "Your decisions by hour"
ONLY_YOU: Final = "Nobody but you is shown these figures. Times are UTC."
DECIDED: Final = "decided"
DECISIONS_BY_HOUR: Final = "All decisions by hour"
MACHINE_AND_PEOPLE: Final = "Detector and people"
BY_MACHINE: Final = "Detector"
BY_PEOPLE: Final = "People"
OUTCOMES: Final = (
    ("approved", "approved"),
    ("rejected", "rejected"),
    ("pending", "left to others"),
    ("failed", "without an answer"),
)
OVERTURNED: Final = "Overturned verdicts by category"
OVERTURNED_HELP: Final = "What the detector had decided, and people made into the opposite."
NOTHING_SEEN: Final = "Nothing was seen"
OTHER_CATEGORIES: Final = "Other categories"
PROVIDER_CALLS: Final = "Calls of the detector by day"
CALLS_MADE: Final = "made"
CALLS_SAVED: Final = "saved"
JOBS: Final = "Jobs"
JOB_STATES: Final = (("waiting", "waiting"), ("leased", "at work"), ("failing", "failing"), ("dead", "dead"))
DEAD_JOBS: Final = "Dead jobs"
DEAD_JOBS_HELP: Final = "They failed so often that nobody tries any more. Mend the cause, then retry."
JOB: Final = "Job"
LAST_ERROR: Final = "Last error"
DEAD_SINCE: Final = "Dead since (UTC)"
RETRY: Final = "Retry"
JOB_WOKEN: Final = "The job is due again. A worker takes it up at once."
JOB_IS_GONE: Final = "This job is done by now, or somebody is at it."
NO_JOB_NAMED: Final = "Name one job by its number."
NOTHING_YET: Final = "Nothing yet."
AS_A_TABLE: Final = "As a table"
TIME: Final = "Time"
WHAT: Final = "What"
HOW_MANY: Final = "How many"
BAR: Final = "Drawn"
