-- All times are Unix seconds, by the clock of meaning. Numbers that leave the store (of a turn, a timer, a posting: it is part
-- of the idempotency key) are never given twice, whatever was forgotten: `autoincrement`.

create table setting (
    name text primary key,
    value text not null
) without rowid;

create table subscription (
    api text not null,              -- base URL of the Messaging API
    channel text not null,
    body text not null,
    primary key (api, channel)
) without rowid;

create table contact (
    channel text not null,
    id text not null,               -- the Messaging API's conversation id
    name text not null default '',
    phone text not null default '',
    language text not null default '',
    muted integer not null default 0,
    wrote_at real,
    refused_at real,
    announced_at real,
    paced_at real,
    primary key (channel, id)
) without rowid;
create index contact_by_id on contact (id);

create table conversation (
    id integer primary key,
    bot text not null,
    channel text not null,
    contact text not null,
    state text not null default '{}',
    arrived integer not null default 0,     -- events ever accepted
    pending integer not null default 0,     -- events that wait for their turn
    first_at real,                          -- when the first of them arrived
    ready_at real,                          -- when to take them; null: nothing waits
    not_before real,                        -- given back until then, whatever arrives
    claimed integer not null default 0,
    fence integer not null default 0,       -- rises with each claim: an older claim cannot commit
    attempts integer not null default 0,    -- claims since the last commit that did not end well
    replans integer not null default 0,     -- and those that were given back in good order
    unique (channel, contact, bot),
    foreign key (channel, contact) references contact (channel, id)
);
create index conversation_ready on conversation (ready_at, id) where ready_at is not null and claimed = 0;
create index conversation_waiting on conversation (first_at) where pending > 0;

create table inbox (
    seq integer primary key autoincrement,  -- the order of acceptance
    key text not null unique,
    conversation integer references conversation (id),
    message text,                           -- the id of the message that it is, or tells about
    body text not null,
    received_at real not null,
    ordered_at real not null,               -- when it was sent, as far as that is known
    turn integer                            -- the seq of the first event of its turn; 0: it needs none; null: it waits
);
create index inbox_waiting on inbox (conversation, seq) where turn is null;
create index inbox_by_turn on inbox (turn) where turn > 0;
create index inbox_by_message on inbox (message) where message is not null;
create index inbox_by_age on inbox (received_at);

create table line (
    seq integer primary key,
    conversation integer not null references conversation (id),
    turn integer not null,
    who text not null,
    text text not null,
    at real not null
);
create index line_latest on line (conversation, seq);
create index line_by_age on line (at);

create table timer (
    id integer primary key autoincrement,   -- part of the event's key
    conversation integer not null references conversation (id),
    name text not null,
    due_at real not null,
    data text not null,
    unless_written integer not null,
    unique (conversation, name)
);
create index timer_due on timer (due_at);

create table outbox (
    seq integer primary key autoincrement,
    conversation integer not null references conversation (id),
    turn integer not null,
    saying text not null,
    said_at real not null,
    open_since real not null,               -- said, released or given back to the queue
    status text not null default 'waiting',
    is_open integer not null default 1,     -- in the queue: waiting or sending
    claimed integer not null default 0,
    fence integer not null default 0,       -- rises with each claim
    due_at real,                            -- when to take it, or when held words expire
    attempts integer not null default 0,
    attempted_at real,
    form integer not null default 0,        -- which form was frozen last: 1 is the first
    path text,
    body blob,
    template text not null default '',
    holds integer not null default 0,
    refused text not null default '[]',
    reason text not null default '',
    message_id text,
    provider_id text,
    receipt text not null default '',
    settled_at real
);
create index outbox_open on outbox (conversation, seq) where is_open = 1;
create index outbox_due on outbox (due_at) where is_open = 1 and claimed = 0;
create index outbox_held on outbox (conversation, seq) where status = 'held';
create index outbox_expiry on outbox (due_at) where status = 'held';
create index outbox_withheld on outbox (seq) where status = 'withheld';
create index outbox_by_message on outbox (message_id) where message_id is not null;
create index outbox_by_provider on outbox (provider_id) where provider_id is not null;
create index outbox_by_turn on outbox (turn);
create index outbox_by_age on outbox (settled_at) where settled_at is not null;

create table step (
    turn integer not null,
    name text not null,
    result text,                            -- null: begun, and nobody knows how it ended
    primary key (turn, name)
) without rowid;

create table trace (
    turn integer primary key,
    conversation integer not null references conversation (id),
    at real not null,
    body text not null
);
create index trace_by_age on trace (at);
