"""All tables, one screen each. Times are microseconds (`ids.now`), money is micro-credits, both integers.

Columns hold only text and integers, so a row reads the same from SQLite and from PostgreSQL. JSON is kept as text:
it is written once, read whole and never searched. A change here needs a migration (`docs/architecture.md`).
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, MetaData, Table, Text, literal_column

metadata = MetaData()

accounts = Table(
    "accounts",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("created_at", BigInteger, nullable=False),
    Column("disabled_at", BigInteger),
    # the ledger's sum, kept beside it so that a hold is one row's update; `quotas.audit` checks it
    Column("balance", BigInteger, nullable=False),
    # theoretical arrival times of the rate limits (see `quotas`) and the pictures in the making
    Column("requests_tat", BigInteger, nullable=False),
    Column("images_tat", BigInteger, nullable=False),
    Column("running", Integer, nullable=False),
    # -3..3: whose tasks go first where tasks wait (see `tasks.line_up`)
    Column("priority", Integer, nullable=False, server_default="0"),
    # limits of its own; where there is none, those of the settings hold
    Column("requests_per_minute", Integer),
    Column("images_per_minute", Integer),
    Column("concurrent_images", Integer),
)

users = Table(
    "users",
    metadata,
    Column("id", Text, primary_key=True),
    Column("account_id", Text, ForeignKey("accounts.id"), nullable=False),
    # in lower case, so that one person is one user however the address is typed
    Column("email", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    # Argon2id in the PHC string format; none for who only signs in through the identity provider
    Column("password_hash", Text),
    # issuer and subject of OpenID Connect, which together name one person for ever (Core 1.0, section 2)
    Column("subject", Text, unique=True),
    Column("role", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("disabled_at", BigInteger),
    # wrong passwords in a row, and until when no password is looked at
    Column("failures", Integer, nullable=False),
    Column("locked_until", BigInteger),
    Column("signed_in_at", BigInteger),
    Index("users_account", "account_id"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", Text, primary_key=True),
    Column("user_id", Text, ForeignKey("users.id"), nullable=False),
    # SHA-256 of the cookie's token, which has 256 random bits
    Column("hash", Text, nullable=False, unique=True),
    Column("user_agent", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Index("sessions_user", "user_id"),
)

one_time_tokens = Table(
    "one_time_tokens",
    metadata,
    Column("id", Text, primary_key=True),
    # invitation | reset
    Column("kind", Text, nullable=False),
    Column("hash", Text, nullable=False, unique=True),
    # whose password may be set anew; or who is invited, where that is said
    Column("user_id", Text, ForeignKey("users.id")),
    Column("email", Text),
    Column("made_by", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("used_at", BigInteger),
)

account_tokens = Table(
    "account_tokens",
    metadata,
    Column("id", Text, primary_key=True),
    Column("account_id", Text, ForeignKey("accounts.id"), nullable=False),
    Column("name", Text, nullable=False),
    # as for credentials
    Column("hash", Text, nullable=False, unique=True),
    Column("hint", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger),
    Column("revoked_at", BigInteger),
    Column("last_used_at", BigInteger),
    Index("account_tokens_account", "account_id"),
)

applications = Table(
    "applications",
    metadata,
    Column("id", Text, primary_key=True),
    Column("account_id", Text, ForeignKey("accounts.id"), nullable=False),
    Column("api", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("disabled_at", BigInteger),
    # how often the callback secret was rotated, and until when the one before it signs too
    Column("callback_serial", Integer, nullable=False, server_default="0"),
    Column("callback_overlap_until", BigInteger),
    Index("applications_account_api", "account_id", "api", unique=True),
)

credentials = Table(
    "credentials",
    metadata,
    Column("id", Text, primary_key=True),
    Column("application_id", Text, ForeignKey("applications.id"), nullable=False),
    Column("account_id", Text, ForeignKey("accounts.id"), nullable=False),
    Column("name", Text, nullable=False),
    # SHA-256 of the key: it has 190 random bits, so a slow hash would add nothing
    Column("hash", Text, nullable=False, unique=True),
    Column("hint", Text, nullable=False),
    Column("scopes", Text, nullable=False),
    Column("images_per_minute", Integer),
    Column("images_tat", BigInteger, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger),
    Column("revoked_at", BigInteger),
    Column("rotated_from", Text, ForeignKey("credentials.id")),
    # to within some seconds: it is written down now and then, not at every call
    Column("last_used_at", BigInteger),
    Index("credentials_account", "account_id"),
)

ledger = Table(
    "ledger",
    metadata,
    Column("id", Text, primary_key=True),
    Column("account_id", Text, ForeignKey("accounts.id"), nullable=False),
    Column("task_id", Text),
    Column("kind", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("balance", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    Index("ledger_account", "account_id", "id"),
)

tasks = Table(
    "tasks",
    metadata,
    Column("id", Text, primary_key=True),
    Column("account_id", Text, ForeignKey("accounts.id"), nullable=False),
    Column("application_id", Text, nullable=False),
    Column("credential_id", Text, nullable=False),
    Column("trace_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("engine", Text, nullable=False),
    Column("request", Text, nullable=False),
    Column("images", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("hold", BigInteger, nullable=False),
    Column("cost", BigInteger),
    Column("error", Text),
    Column("idempotency_key", Text),
    Column("fingerprint", Text),
    Column("created_at", BigInteger, nullable=False),
    Column("started_at", BigInteger),
    Column("finished_at", BigInteger),
    # its place in the line, smallest first; how often it was cut off by a death; which node has it in hand
    Column("turn", BigInteger, nullable=False, server_default="0"),
    Column("crashes", Integer, nullable=False, server_default="0"),
    Column("node", Text),
    # what is to be told of the pictures besides them: what an upstream counted, and what was otherwise than asked for
    Column("report", Text),
    Index("tasks_account_created", "account_id", "created_at"),
    Index("tasks_account_trace", "account_id", "trace_id"),
    Index("tasks_account_idempotency", "account_id", "idempotency_key", unique=True),
)
# what is in progress, by who has it in hand: few rows, however long the line and however many tasks there ever were
_IN_HAND = tasks.c.status == literal_column("'in_progress'")
Index("tasks_in_hand", tasks.c.node, sqlite_where=_IN_HAND, postgresql_where=_IN_HAND)
# the line before each engine, and an account's own places in it; a task that begins at once never enters them
_QUEUED = tasks.c.status == literal_column("'queued'")
Index(
    "tasks_line",
    tasks.c.engine,
    tasks.c.turn,
    tasks.c.id,
    sqlite_where=_QUEUED,
    postgresql_where=_QUEUED,
)
Index(
    "tasks_line_account",
    tasks.c.account_id,
    tasks.c.engine,
    tasks.c.turn,
    sqlite_where=_QUEUED,
    postgresql_where=_QUEUED,
)

events = Table(
    "events",
    metadata,
    Column("id", Text, primary_key=True),
    Column("task_id", Text, ForeignKey("tasks.id"), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("detail", Text),
    Index("events_task", "task_id", "id"),
)

assets = Table(
    "assets",
    metadata,
    Column("id", Text, primary_key=True),
    Column("task_id", Text, ForeignKey("tasks.id"), nullable=False),
    Column("account_id", Text, ForeignKey("accounts.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("content_type", Text, nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("seed", BigInteger, nullable=False),
    Column("revised_prompt", Text),
    Column("scene", Text),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("deleted_at", BigInteger),
    # what its engine needs to make it again or otherwise, and exactly what made it
    Column("plan", Text),
    Column("version", Text),
    Index("assets_task", "task_id", "position"),
    # a picture of ours that comes back, to be changed
    Index("assets_account_sha256", "account_id", "sha256"),
)
# the sweep looks for what is past its time and still there
Index(
    "assets_expiring",
    assets.c.expires_at,
    sqlite_where=assets.c.deleted_at.is_(None),
    postgresql_where=assets.c.deleted_at.is_(None),
)

deliveries = Table(
    "deliveries",
    metadata,
    # the `webhook-id`, the same at every attempt
    Column("id", Text, primary_key=True),
    Column("account_id", Text, ForeignKey("accounts.id"), nullable=False),
    Column("application_id", Text, nullable=False),
    # none for a test delivery
    Column("task_id", Text, ForeignKey("tasks.id")),
    Column("url", Text, nullable=False),
    # scheme, host and port of the URL: what is slow together waits together
    Column("origin", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    # when the next attempt is due, and which node is making it now
    Column("next_at", BigInteger),
    Column("node", Text),
    Column("created_at", BigInteger, nullable=False),
    Column("finished_at", BigInteger),
    Index("deliveries_account", "account_id", "created_at"),
    Index("deliveries_task", "task_id"),
)
_PENDING = deliveries.c.status == literal_column("'pending'")
Index("deliveries_due", deliveries.c.next_at, sqlite_where=_PENDING, postgresql_where=_PENDING)

attempts = Table(
    "attempts",
    metadata,
    Column("id", Text, primary_key=True),
    Column("delivery_id", Text, ForeignKey("deliveries.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("milliseconds", Integer, nullable=False),
    # what the receiver answered, or why there is no answer
    Column("status_code", Integer),
    Column("response", Text),
    Column("problem", Text),
    Index("attempts_delivery", "delivery_id", "number"),
)

inboxes = Table(
    "inboxes",
    metadata,
    # the token in its address, which is all that one needs to post there or to look in
    Column("id", Text, primary_key=True),
    Column("account_id", Text, ForeignKey("accounts.id"), nullable=False),
    Column("application_id", Text),
    # what it answers, and after how many milliseconds
    Column("status_code", Integer, nullable=False),
    Column("delay", Integer, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Index("inboxes_account", "account_id"),
)

messages = Table(
    "messages",
    metadata,
    # the inbox's id, a point, and the number of the message in it in six digits
    Column("id", Text, primary_key=True),
    Column("inbox_id", Text, ForeignKey("inboxes.id"), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("headers", Text, nullable=False),
    # the beginning of what came, as text, and how many bytes there were in all
    Column("body", Text, nullable=False),
    Column("size", Integer, nullable=False),
    # valid | invalid | unsigned
    Column("signature", Text, nullable=False),
    # what was answered, and after how many milliseconds
    Column("status_code", Integer, nullable=False),
    Column("delay", Integer, nullable=False),
    Index("messages_inbox", "inbox_id", "id"),
)

model_overrides = Table(
    "model_overrides",
    metadata,
    # the model's
    Column("id", Text, primary_key=True),
    # what an admin decided over the catalogue's files; null where nothing was decided
    Column("enabled", Integer),
    Column("engine", Text),
    Column("prices", Text),
    Column("changed_at", BigInteger, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Text, primary_key=True),
    Column("at", BigInteger, nullable=False),
    # who did it, by e-mail address or as the command line; users may go, what they did stays
    Column("actor", Text, nullable=False),
    Column("act", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("detail", Text),
)

nodes = Table(
    "nodes",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("models", Text, nullable=False),
    # tells whether two nodes have the same secret key, and nothing else of it
    Column("fingerprint", Text, nullable=False),
    Column("started_at", BigInteger, nullable=False),
    # counted up by the living; a node is dead when its beat stands still before the eyes of another (`nodes.Lookout`)
    Column("beat", BigInteger, nullable=False),
    Column("beat_at", BigInteger, nullable=False),
)
