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
ADVICE_AT_PICTURE: Final = (
    "Its page shows how it stands. Change there what the sentence names, and try again."
)
ADVICE_STALE: Final = "See how the picture stands now, and decide again where that is still needed."
ADVICE_HELD: Final = "An administrator can release the hold on the page of the picture."
ADVICE_SIGN_IN: Final = "Sign in, then do it again."
ADVICE_FORBIDDEN: Final = "Go back and load the page again. If it stays so, an administrator can help."
ADVICE_NOT_FOUND: Final = "It may have been removed, or belong to a cloud that you do not see."
ADVICE_UNAVAILABLE: Final = "Wait a few seconds, then load the page again."
ADVICE_WAIT: Final = (
    "Wait as long as the sentence says. A one-time link from an administrator also signs you in."
)
BACK: Final = "To the first page"
TO_THE_PICTURE: Final = "To the picture"
REQUEST_NUMBER: Final = "Number of this request in the log:"
NOT_YOUR_ROLE: Final = "This is for people with the role {role} or more."
NO_CLOUDS: Final = "You may sign in, but see no cloud of this installation. An administrator can change that."
NO_SUCH_CLOUD: Final = "There is no such cloud, or it is not yours."
NO_SUCH_PAGE: Final = "There is no such page."
SIGNED_OUT: Final = "You are signed out. Sign in again: nothing was changed."
SESSION_ENDED: Final = "Your session had ended, so nothing was decided or changed. Sign in and do it again."
CONNECTION_LOST: Final = (
    "The connection is lost: nothing is known to have been decided or uploaded. Try again in a moment."
)
NO_PLAIN_ANSWER: Final = (
    "The server did not answer as it should ({status}): nothing is known to have been decided or uploaded. "
    "Try again in a moment."
)
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

# --- moderation and the review queue

MODERATION: Final = "Moderation"
TOOLS: Final = (("manual", "Manual"), ("aws_rek", "Rekognition"), ("reported", "Reported"))
TOOLS_NAME: Final = "Tool"
STATUS_NAME: Final = "Status"
LISTED_STATUSES: Final = (("rejected", "Rejected"), ("approved", "Approved"), ("pending", "Pending"))
#: Of a standing: a sign, its word, and the class of its colour.
STANDINGS: Final = {
    "pending": ("…", "Pending", "warn"),
    "approved": ("✓", "Approved", "good"),
    "rejected": ("✕", "Rejected", "bad"),
    "restricted": ("⊘", "Restricted", "warn"),
    "reported": ("⚑", "Hidden by reports", "warn"),
    "deleted": ("⌫", "Deleted", "bad"),
}
NO_SUCH_LISTING: Final = "There is no such tool or status."
NOTHING_LISTED: Final = "Nothing here."
NOTHING_LISTED_HELP: Final = "No picture has this status with this tool."
MORE: Final = "Older pictures"
APPROVE: Final = "Approve"
REJECT: Final = "Reject"
APPROVE_HELP: Final = "Show it again, from the original"
REJECT_HELP: Final = "Stop serving it"
REASON: Final = "Reason"
NO_REASON: Final = "No reason"
UNDO: Final = "Undo"
DONE: Final = {"approved": "{name} is approved and served.", "rejected": "{name} is rejected and not served."}
DONE_HIDDEN: Final = "{name} is approved, and stays hidden: it is {standing}."
UNDONE: Final = "Undone: {name} is {standing} again."
PRESS_A_BUTTON: Final = "Nothing was done. Press the button of what you want to do."
BYTES_GONE: Final = "Its bytes were erased. It can only be uploaded again."
OVERTAKEN: Final = "{name} was decided or changed by somebody else meanwhile. You decided nothing."
GONE: Final = "This picture is gone. You decided nothing."
UPLOADER: Final = "Uploader"
BY: Final = "by {name}"
NAME_OF: Final = "Picture {name}"

REVIEW: Final = "Review queue"
QUEUES: Final = (("all", "All"), *TOOLS)
ESCALATED: Final = "Escalated"
QUEUES_NAME: Final = "Queue"
SKIP_IT: Final = "Skip"
ESCALATE: Final = "Escalate"
REJECT_BECAUSE: Final = "Reject because"
NOTE: Final = "Note"
NOTE_HELP: Final = "For colleagues; goes with the decision or the escalation."
ACTS: Final = "What to do with this picture"
WAITS: Final = "Waiting for {age}"
WHY_HEADING: Final = "Why it is here"
LABELS_HEADING: Final = "What the detector saw"
NO_LABELS: Final = "It saw nothing that it has a name for."
NOT_LOOKED: Final = "No detector has judged it."
JUDGED_HEADING: Final = "Judged by"
UPLOADER_HEADING: Final = "Uploader"
NO_UPLOADER: Final = "Nobody is named."
TAGS_HEADING: Final = "Tags"
HISTORY_HEADING: Final = "History"
ESCALATED_BY: Final = "Escalated by {who}"
OPEN_ASSET: Final = "Open in the library"
EMPTY: Final = "Nothing waits here."
EMPTY_HELP: Final = "New pictures appear by themselves. This is a good moment for a break."
ON_ITS_WAY: Final = "The next picture is on its way."
NOT_FETCHED: Final = "The next picture could not be fetched. It is asked for again by itself."
NO_MATCH: Final = "Nothing that waits matches these filters."
NO_MATCH_HELP: Final = "Or others are looking at what does."
WITH_OTHERS: Final = "Others are looking at all that waits here."
WITH_OTHERS_HELP: Final = "What they leave comes to you by itself."
COUNTS_OF_ALL: Final = "The numbers above count all that waits, whatever the filters."
EMPTY_HELP_PLAIN: Final = "Load the page again later."
FILTER: Final = "Filter"
FILTER_APPLY: Final = "Apply"
FILTER_CLEAR: Final = "Show everything"
CATEGORY: Final = "Label"
CATEGORY_HELP: Final = "As the detector writes it, for example Weapons."
OLDER: Final = "Waits for at least"
AGES: Final = (("", "any time"), ("1h", "1 hour"), ("1d", "1 day"), ("7d", "1 week"))
KEYS: Final = "Keys"
KEYS_HEADING: Final = "Keys of this page"
KEYS_HELP: Final = "They rest while you write."
KEYS_OFF: Final = "Turn the keys off"
KEYS_ON: Final = "Turn the keys on"
CLOSE: Final = "Close"
ACT_KEYS: Final = {"approve": "a", "reject": "r", "skip": "→", "escalate": "e", "undo": "u", "note": "w"}
KEY_NAMES: Final = (
    ("a", "Approve"), ("r", "Reject without a reason"), ("→", "Skip"), ("e", "Escalate"), ("u", "Undo"),
    ("w", "Write a note"), ("Esc", "Leave the note"), ("z", "Take the veil off while it is held"),
    ("?", "Show these keys"),
)  # fmt: skip
REVIEW_DONE: Final = {
    "approve": "Approved {name}.",
    "reject": "Rejected {name}.",
    "skip": "Skipped {name}.",
    "escalate": "Escalated {name}.",
    "undo": "{name} is back.",
}
LOST: Final = "{name} went to somebody else while you were away."
LOADING: Final = "The picture is still loading: nothing was decided."
UNSEEN: Final = "This picture could not be loaded. What nobody sees, nobody approves or rejects."
NOT_SEEN: Final = "The picture could not be loaded: nothing was decided. Load it again, or skip it."
LOAD_AGAIN: Final = "Load it again"
UNDONE_TAKEN: Final = "It was undone, and {name} is with somebody else now."
NO_SUCH_QUEUE: Final = "There is no such queue."
NO_SUCH_ACT: Final = "There is no such act: nothing was decided."
NOT_ESCALATED_FOR_YOU: Final = "Escalated pictures are decided by administrators."

WHY_MANUAL: Final = "Every picture of this kind waits for a person."
WHY_MANUAL_AFTER: Final = "The detector let it pass. A person decides too."
WHY_REOPENED: Final = "A person put it back into the queue."
WHY_FAILED: Final = "The detector could not judge it: {message}"
WHY_UNSEEN: Final = "The detector cannot see {categories}. A person has to look."
WHY_LATE: Final = "The detector has not answered yet. A person may decide meanwhile."
WHY_REPORTED_ONE: Final = "One person reported it"
WHY_REPORTED: Final = "{count} people reported it"
WHY_PERSON: Final = "Decided by {who}."
WHY_REASON: Final = "Reason: {reason}."
WHY_KNOWN: Final = "A person decided about these very pixels before."
WHY_STATUS: Final = {
    "queued": "It waits for what comes before it.",
    "pending": "Not decided yet.",
    "approved": "The detector saw nothing above its level.",
    "rejected": "The detector rejected it.",
    "aborted": "Another check rejected it first.",
}
LABEL_ABOVE: Final = "above {level:.0f} ({source})"
LABEL_BELOW: Final = "not above {level:.0f} ({source})"
LABEL_SPARED: Final = {
    "ignored": "not judged: ignored ({source})",
    "explained": "not judged: explained by {by}",
    "under_floor": "not judged: weaker than all that was asked for ({source})",
}
LABEL_BAR: Final = "{confidence:.0f} of 100"
FROM_FLOOR: Final = "floor: {source}"
PROVIDER: Final = "Provider"
MODEL: Final = "Model"
POLICY: Final = "Policy"
FLOOR: Final = "Floor"
COVERAGE_ROW: Final = "It sees only"
#: Uploaders that no upload named itself: who it came from.
UPLOADERS: Final = {
    "preset": "upload preset {name}",
    "user": "{name} (in this console)",
    "fetch": "{name} (fetched)",
}
ACTORS: Final = {"key": "API key {name}", "detector": "detector {name}", "user": "{name}"}
ACTIONS: Final = {
    "uploaded": "Uploaded",
    "imported": "Imported",
    "exported": "Exported",
    "judged": "Judged",
    "overridden": "Decided",
    "undone": "Decision undone",
    "reported": "Reported",
    "escalated": "Escalated",
    "escalation_recalled": "Escalation taken back",
    "stale": "A late decision, without effect",
    "destroyed": "Deleted",
    "renamed": "Renamed",
    "changed": "Changed",
    "moderated_anew": "To be judged anew",
    "restored": "Restored",
    "purged": "Purged",
    "viewed": "Looked at",
    "previewed": "Looked at by a preview link",
    "restricted": "Restricted",
    "unrestricted": "Restriction lifted",
    "held": "Put under legal hold",
    "released": "Legal hold released",
    "erased": "Erased",
}
UNITS: Final = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))
JUST_NOW: Final = "a moment"

# --- wellness

WELLNESS: Final = "Wellness"
WELLNESS_EXPLAINED: Final = (
    "Who looks at hard pictures all day sees less of them at once with a veil over them. This is kept for "
    "you alone, and holds on every page. It changes nothing about what others see, or what is delivered."
)
BLUR: Final = "Blur"
BLURS: Final = (("none", "As they are"), ("light", "A little"), ("strong", "So that only colours are seen"))
COLOUR: Final = "Colour"
GREY: Final = "Pictures without colour"
REVEAL: Final = "What takes the veil off"
REVEALS: Final = (
    ("pointer", "The pointer or a tap, in a circle around it, and the key z while it is held"),
    ("key", "The key z alone, while it is held"),
    ("never", "Nothing"),
)
REVEAL_HELP: Final = "Without script in your browser the veil stays on."
KEEP: Final = "Keep"

# --- settings

SETTINGS: Final = "Settings"
SETTINGS_PARTS: Final = "Parts of the settings"
SETTINGS_TABS: Final = (
    Entry("", "Uploads", "viewer"),
    Entry("presets", "Upload presets", "administrator"),
    Entry("reasons", "Reasons", "viewer"),
    Entry("people", "People", "administrator"),
    Entry("account", "Your account", "viewer"),
    Entry("wellness", "Wellness", "viewer"),
)
YES: Final = "yes"
NO: Final = "no"
NOT_SET: Final = "not set"
STOP: Final = "."
UPLOADS: Final = "What becomes of uploads"
UPLOADS_HELP: Final = (
    "This holds for every upload, through the API and through the console, that neither says otherwise nor "
    "names a preset that does. Who runs this installation sets it, by these variables."
)
DEFAULT_PRESETS: Final = "Default upload presets"
DEFAULT_PRESETS_HELP: Final = (
    "An upload that names no preset gets the settings of this one; what it says itself counts more. A "
    "default is a signed preset, and is neither deleted nor made unsigned while it is one."
)
SURFACES: Final = {"api": "Uploads through the API", "console": "Uploads in this console"}
NO_DEFAULT: Final = "No preset"
DEFAULTS_DONE: Final = "The default presets were saved."
SETTING: Final = "Setting"
VALUE: Final = "Value"
MEANING: Final = "Meaning"
REASONS: Final = "Reasons of decisions"
REASONS_HELP: Final = (
    "A rejection names one of these. The text is what the uploader reads, the key chooses it in the review "
    "queue. They stand in the settings file, as [[reasons]]."
)
CODE: Final = "Code"
KEY: Final = "Key"
TEXT: Final = "Text"

# --- settings: upload presets

PRESETS: Final = "Upload presets"
PRESETS_HELP: Final = (
    "An upload that names a preset gets its settings. An unsigned preset lets anybody upload who knows its "
    "name, so name those so that nobody guesses them."
)
NEW_PRESET: Final = "New preset"
EDIT_PRESET: Final = "Edit preset"
NO_PRESETS: Final = "There are no presets yet."
PRESET_DONE: Final = "Done: {name}"
UNSIGNED: Final = "unsigned"
SIGNED: Final = "signed"
UNSIGNED_PRESET: Final = "Anybody who knows the name may upload with it (unsigned)"
PRESET_NAME: Final = "Name of the preset"
PRESET_NAME_HELP: Final = "Letters, digits, _ . and -. Empty: a name that nobody can guess is made."
CHANGED_AT: Final = "Changed"
PRESET_SETTINGS: Final = "Settings"
LIST_HELP: Final = "Several with commas between them."
MAP_HELP: Final = "As name=value, several with | between them."
SAVE: Final = "Save"
CANCEL: Final = "Cancel"
DELETE: Final = "Delete"
DELETE_PRESET: Final = "Delete this preset ..."
DELETE_PRESET_HELP: Final = "Uploads that name it are refused from then on. Pictures stay as they are."
NEXT_PAGE: Final = "Next page"

# --- settings: people

PEOPLE: Final = "People"
PEOPLE_HELP: Final = (
    "Viewers look, moderators decide, administrators do everything. Whoever is added gets a link that "
    "signs them in once; then they choose a password."
)
ADD_PERSON: Final = "Add somebody"
ADD: Final = "Add, and make a link"
ROLE: Final = "Role"
CLOUDS: Final = "Clouds"
ALL_CLOUDS: Final = "All clouds"
STATE: Final = "State"
SINCE: Final = "Since"
DISABLED: Final = "disabled"
WITH_PASSWORD: Final = "may sign in"  # noqa: S105 - a state
WITHOUT_PASSWORD: Final = "no password yet"  # noqa: S105 - a state
NOBODY_OF_THAT_NAME: Final = "There is nobody of that name here."
NOT_YOURSELF: Final = "Somebody else has to do that to you. Your own affairs are under Your account."
NAME_CLOUDS: Final = "Name clouds that this person may see: {clouds}."
NOT_YOUR_CLOUDS: Final = "You can give nobody more clouds than you have."
PERSON_CHANGED: Final = "Changed. Every session of this person has ended."
SESSIONS_ENDED: Final = "Every session of this person has ended."
WHAT_THEY_MAY: Final = "What this person may do"
SIGN_IN_LINK: Final = "Link to sign in"
NEW_LINK: Final = "Make a new link"
NEW_LINK_HELP: Final = "It works once, within a day. Earlier links of this person are void."
LINK_MADE: Final = "Give this link to nobody else. It is shown only now, and works once, within a day:"
END_SESSIONS: Final = "End all sessions"
END_SESSIONS_HELP: Final = "Wherever this person is signed in, they have to sign in again."
DISABLE: Final = "Disable"
DISABLE_HELP: Final = (
    "This person is signed out everywhere at once, and cannot sign in. The audit keeps the name."
)
ENABLE: Final = "Enable again"
THAT_IS_YOU: Final = "That is you."

# --- settings: your account

CHOOSE_PASSWORD: Final = "Choose a password"  # noqa: S105 - a title
CHANGE_PASSWORD: Final = "Change your password"  # noqa: S105 - a title
PRESENT_PASSWORD: Final = "Present password"  # noqa: S105 - a label
NEW_PASSWORD: Final = "New password"  # noqa: S105 - a label
NEW_PASSWORD_AGAIN: Final = "New password, again"  # noqa: S105 - a label
PASSWORD_HELP: Final = "12 characters or more. Several words make a good one."  # noqa: S105 - advice
PASSWORDS_DIFFER: Final = "The two new passwords are not the same: nothing was changed."
PASSWORD_SET: Final = "Your new password holds. Your other sessions have ended."  # noqa: S105 - a sentence
NO_PASSWORD_YET: Final = (
    "You signed in by a link and have no password yet. Choose one to come back without a link."  # noqa: S105 - a sentence
)
YOUR_SESSIONS: Final = "Your sessions"
END_YOUR_SESSIONS: Final = "Sign out everywhere"
END_YOUR_SESSIONS_HELP: Final = "Ends this session and every other of yours, at once."

# --- the library

LIBRARY: Final = "Library"
LIBRARY_TABS: Final = (
    ("approved", "Approved"),
    ("pending", "Pending"),
    ("rejected", "Rejected"),
    ("reported", "Hidden by reports"),
    ("restricted", "Restricted"),
    ("deleted", "Deleted"),
    ("all", "All"),
)
NO_SUCH_TAB: Final = "There is no such standing."
NO_SUCH_DAY: Final = "That is no day. Days are written as 2026-11-23."
SEARCH: Final = "Search"
SEARCH_NAME: Final = "Name, id or delivery URL"
SEARCH_NAME_HELP: Final = "The beginning of a public ID. A URL is answered: what it gets, and why."
SEARCH_TAG: Final = "Tag"
SEARCH_LABEL: Final = "Label"
SEARCH_SINCE: Final = "From day"
SEARCH_UNTIL: Final = "To day"
SEARCH_MORE: Final = "More filters"
CLEAR_SEARCH: Final = "Clear the filters"
PICTURES_FOUND: Final = "Pictures"
FOUND_NOTHING: Final = "Nothing was found."
FOUND_NOTHING_HELP: Final = "Another standing or fewer filters may show more."
FOUND_NOTHING_YET: Final = "Nothing among the first thousand that were looked through."
LOOK_FURTHER: Final = "Look further"
SELECT: Final = "Select"
SELECT_ALL: Final = "Select all shown"
SELECTED: Final = "{count} selected"
SELECTED_ACTS: Final = "What to do with those that are selected"
APPROVE_SELECTED: Final = "Approve selected"
REJECT_SELECTED: Final = "Reject selected"
APPROVE_ALL_OF: Final = "Approve all of this uploader"
REJECT_ALL_OF: Final = "Reject all of this uploader"
NOT_SHOWN_HERE: Final = "Restricted to role {role}"
NOT_DECIDED_HERE: Final = "Only a person with the role {role} decides about it."
NOT_KEPT: Final = "Its bytes are erased"
NOTHING_SELECTED: Final = "Nothing is selected. Tick the pictures first."
BATCH: Final = "Many pictures at once"
BATCH_DONE: Final = "{done} decided."
BATCH_UNDONE: Final = "Decisions taken back: {done}."
BATCH_SAME: Final = "{count} were so already."
BATCH_HELD: Final = "{count} stay rejected: somebody has rejected the same pixels."
BATCH_OVERTAKEN: Final = "{count} were changed by somebody else meanwhile, or cannot be decided: left alone."
BATCH_GONE: Final = "{count} are gone."
BATCH_BROKEN: Final = "It broke off: {why} Press the button again for the rest."
BATCH_UNREACHED: Final = "The server cannot be reached."
BATCH_GO_ON: Final = "Go on with the rest"
BATCH_MORE: Final = "There are more: each step takes 50."
BATCH_UNDO: Final = "Take all of this back"
BATCH_PROGRESS: Final = "Progress"
BATCH_STOP: Final = "Stop"
TO_THE_LIBRARY: Final = "Back to the library"
BACK_TO: Final = {
    "library": TO_THE_LIBRARY,
    "moderation": "Back to moderation",
    "review": "Back to the review queue",
}
NO_SUCH_PICK: Final = "What is selected cannot be read: nothing was decided. Load the page again."
UPLOAD: Final = "Upload pictures"
UPLOAD_HELP: Final = "Or drop them anywhere on this page. Each is judged like any other upload."
UPLOAD_FILES: Final = "Files"
UPLOAD_TAGS: Final = "Tags"
UPLOAD_TAGS_HELP: Final = "Separated by commas."
UPLOAD_PRESET: Final = "Upload preset"
UPLOAD_NO_PRESET: Final = "The default, if there is one"
UPLOAD_START: Final = "Upload"
UPLOAD_NO_FILE: Final = "No file was chosen."
UPLOADED_ONE: Final = "{name} was uploaded: {standing}."
LOAD_LIST_AGAIN: Final = "Load the list again"
UPLOAD_REFUSED: Final = "{name} was refused: {why}"
UPLOAD_OUTCOMES: Final = "What became of the uploads"
DROP_HERE: Final = "Drop the pictures to upload them"
WHY: Final = "What this URL gets"
WHY_STATUS_LINE: Final = "The public gets {status}."
WHY_NOTHING_TOLD: Final = "Nothing can be told."
WHY_SHOWN: Final = "It is served, at most {seconds} seconds from a cache."
WHY_PICTURES: Final = "Pictures of this URL"
WHY_IS_FOR_MODERATORS: Final = "What a URL gets is told to moderators and administrators."

# --- a picture's page

PICTURE_OF: Final = "Picture"
OPEN_REVIEW_SIZE: Final = "{width} by {height} pixels, {kind}, {bytes}"
FACTS: Final = "Facts"
FACT_ID: Final = "Asset ID"
FACT_TYPE: Final = "Delivery type"
FACT_CREATED: Final = "Uploaded"
FACT_FILENAME: Final = "File name"
FACT_CONTEXT: Final = "Context"
FACT_TAGS: Final = "Tags"
FACT_UPLOADER: Final = "Uploader"
FACT_HOLD: Final = "Legal hold"
FACT_RESTRICTED: Final = "Restricted to"
FACT_SIZE: Final = "Size"
FACT_REVISION: Final = "Revision"
MODERATIONS: Final = "Moderations"
NO_MODERATIONS: Final = "Nothing has to be decided about it."
MODERATION_KINDS: Final = {"manual": "Manual", "aws_rek": "Rekognition", "reported": "Reported"}
ENTRY_STATUSES: Final = {
    "queued": ("…", "Queued", ""),
    "pending": ("…", "Pending", "warn"),
    "approved": ("✓", "Approved", "good"),
    "rejected": ("✕", "Rejected", "bad"),
    "aborted": ("-", "Aborted", ""),
}
LABEL: Final = "Label"
CONFIDENCE: Final = "Confidence"
LEVEL: Final = "Level"
BECAME: Final = "What became of it"
VERSIONS: Final = "Versions"
VERSION: Final = "Version"
CURRENT: Final = "current"
VERDICT: Final = "Verdict"
RESTORE: Final = "Restore"
DOWNLOAD: Final = "Download the original"
DOWNLOAD_SHORT: Final = "Download"
DERIVED: Final = "Derived images"
NO_DERIVED: Final = "None are kept now."
TRANSFORMATION: Final = "Transformation"
FORMAT: Final = "Format"
BYTES: Final = "Bytes"
TRAIL: Final = "Audit trail"
TRAIL_NEWEST: Final = "The newest {count} lines. The audit command shows all."
WHO: Final = "Who"
WHEN: Final = "When"
BUILDER: Final = "URL builder"
BUILDER_HELP: Final = "The preview is for you; the public gets the URL only while the picture is approved."
BUILDER_WIDTH: Final = "Width"
BUILDER_HEIGHT: Final = "Height"
BUILDER_CROP: Final = "Mode"
BUILDER_GRAVITY: Final = "Gravity"
BUILDER_QUALITY: Final = "Quality"
BUILDER_FORMAT: Final = "Format"
BUILDER_MORE: Final = "More, as in a URL"
BUILDER_SHOW: Final = "Show"
BUILDER_URL: Final = "URL"
BUILDER_COPY: Final = "Copy"
BUILDER_COPIED: Final = "Copied."
BUILDER_PREVIEW: Final = "Preview"
BUILDER_ASKED: Final = "{name} as the URL shows it"
BUILDER_AS_IT_IS: Final = "as it is"
DECIDE: Final = "Decide"
KEEPING: Final = "Keep and remove"
PURGE: Final = "Purge caches"
PURGE_HELP: Final = "Every cached copy and derived image is made anew."
RESTRICT: Final = "Restrict"
RESTRICT_HELP: Final = "Hide it at once from all but one role, whatever is decided about it."
RESTRICT_TO: Final = "Who may still look"
RESTRICT_ROLES: Final = (("admin", "Administrators"), ("moderator", "Moderators and administrators"))
LIFT: Final = "Lift the restriction"
HOLD: Final = "Put under legal hold"
HOLD_HELP: Final = "Nothing of it is erased until the hold is released."
HOLD_WHY: Final = "Reason in words"
RELEASE: Final = "Release the hold"
ERASE: Final = "Erase for good"
ERASE_HELP: Final = "The original, all versions and everything made of them are removed. It cannot be undone."
ERASE_CONFIRM: Final = "Type the public ID to confirm"
ERASE_NOT_CONFIRMED: Final = "The public ID was not typed as it is: nothing was erased."
HELD_NOT_ERASED: Final = "It is under a legal hold: release that first."
ASSET_DONE: Final = {
    "decided": "Decided.",
    "same": "It was so already.",
    "undone": "The decision is taken back.",
    "restored": "The version is current again.",
    "purged": "Every cached copy is made anew.",
    "restricted": "It is restricted.",
    "lifted": "The restriction is lifted.",
    "held": "It is under a legal hold.",
    "released": "The hold is released.",
    "erased": "The picture was erased for good.",
}
NOTHING_TO_RESTORE: Final = (
    "This version cannot be restored: its bytes are gone, or it is not of this picture."
)
