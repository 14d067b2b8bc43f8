-- All times are Unix seconds, by the clock of meaning; only leases go by the clock of the database.

create table setting (
    name text primary key,
    value text not null
);

create table subscription (
    api text not null,                      -- base URL of the Messaging API
    channel text not null,
    body text not null,
    primary key (api, channel)
);

create table contact (
    channel text not null,
    id text not null,                       -- the Messaging API's conversation id
    name text not null default '',
    phone text not null default '',
    language text not null default '',
    muted smallint not null default 0,
    wrote_at double precision,
    refused_at double precision,
    announced_at double precision,
    paced_at double precision,
    primary key (channel, id)
);
create index contact_by_id on contact using hash (id);

create table conversation (
    id bigint generated always as identity primary key,
    bot text not null,
    channel text not null,
    contact text not null,
    state text not null default '{}',
    arrived bigint not null default 0,      -- events ever accepted
    pending bigint not null default 0,      -- events that wait for their turn
    first_at double precision,              -- when the first of them arrived
    ready_at double precision,              -- when to take them; null: nothing waits
    not_before double precision,            -- given back until then, whatever arrives
    claimed smallint not null default 0,
    leased_until timestamptz,               -- by the database's own clock; who is late loses the claim
    fence bigint not null default 0,        -- rises with each claim: an older claim cannot commit
    attempts bigint not null default 0,     -- claims since the last commit that did not end well
    replans bigint not null default 0,      -- and those that were given back in good order
    unique (channel, contact, bot),
    foreign key (channel, contact) references contact (channel, id)
) with (fillfactor = 70);
create index conversation_ready on conversation (ready_at, id) where ready_at is not null;
create index conversation_waiting on conversation (first_at) where pending > 0;

create table inbox (
    seq bigint generated always as identity primary key, -- the order of acceptance
    key text not null,
    conversation bigint references conversation (id),
    message text,                           -- the id of the message that it is, or tells about
    body text not null,
    received_at double precision not null,
    ordered_at double precision not null,   -- when it was sent, as far as that is known
    turn bigint,                            -- the seq of the first event of its turn; 0: it needs none; null: it waits
    exclude using hash (key with =)         -- unique, however long it is
);
create index inbox_waiting on inbox (conversation, seq) where turn is null;
create index inbox_by_turn on inbox (turn) where turn > 0;
create index inbox_by_message on inbox using hash (message) where message is not null;
create index inbox_by_age on inbox (received_at);

create table line (
    seq bigint generated always as identity primary key,
    conversation bigint not null references conversation (id),
    turn bigint not null,
    who text not null,
    text text not null,
    at double precision not null
);
create index line_latest on line (conversation, seq);
create index line_by_age on line (at);

create table timer (
    id bigint generated always as identity primary key, -- part of the event's key
    conversation bigint not null references conversation (id),
    name text not null,
    due_at double precision not null,
    data text not null,
    unless_written smallint not null,
    unique (conversation, name)
);
create index timer_due on timer (due_at);

create table outbox (
    seq bigint generated always as identity primary key,
    conversation bigint not null references conversation (id),
    turn bigint not null,
    saying text not null,
    said_at double precision not null,
    open_since double precision not null,   -- said, released or given back to the queue
    status text not null default 'waiting',
    is_open smallint not null default 1,    -- in the queue: waiting or sending
    claimed smallint not null default 0,
    leased_until timestamptz,
    fence bigint not null default 0,        -- rises with each claim
    due_at double precision,                -- when to take it, or when held words expire
    attempts bigint not null default 0,
    attempted_at double precision,
    form bigint not null default 0,         -- which form was frozen last: 1 is the first
    path text,
    body bytea,
    template text not null default '',
    holds smallint not null default 0,
    refused text not null default '[]',
    reason text not null default '',
    message_id text,
    provider_id text,
    receipt text not null default '',
    settled_at double precision
);
create index outbox_open on outbox (conversation, seq) where is_open = 1;
create index outbox_due on outbox (due_at) where is_open = 1;
create index outbox_held on outbox (conversation, seq) where status = 'held';
create index outbox_expiry on outbox (due_at) where status = 'held';
create index outbox_withheld on outbox (seq) where status = 'withheld';
create index outbox_by_message on outbox using hash (message_id) where message_id is not null;
create index outbox_by_provider on outbox using hash (provider_id) where provider_id is not null;
create index outbox_by_turn on outbox (turn);
create index outbox_by_age on outbox (settled_at) where settled_at is not null;

create table step (
    turn bigint not null,
    name text not null,
    result text,                            -- null: begun, and nobody knows how it ended
    primary key (turn, name)
);

create table trace (
    turn bigint primary key,
    conversation bigint not null references conversation (id),
    at double precision not null,
    body text not null
);
create index trace_by_age on trace (at);

-- One row for each transaction of the writer, for an hour: whoever lost the connection at its end can read the outcome.
create table batch (
    id uuid primary key,
    at timestamptz not null default now()
);
