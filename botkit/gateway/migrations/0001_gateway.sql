-- Times are Unix seconds by the gateway's clock, which a simulation may have moved.

create table setting (
    name text primary key,
    value text not null
) without rowid;

create table channel (
    id text primary key,
    type text not null,
    name text not null,
    bot text not null,
    unique (bot, type)
);

create table conversation (
    id text primary key,
    channel text not null references channel (id),
    address text not null,              -- a phone number, a handle, or the digest of a web chat's session
    name text not null,
    phone text not null,
    created_at real not null,
    updated_at real not null,
    wrote_at real,                      -- when the contact last wrote
    unique (channel, address)
) without rowid;

create table message (
    seq integer primary key,
    id text not null unique,
    conversation text not null references conversation (id),
    direction text not null,            -- inbound or outbound
    type text not null,
    text text not null,
    content text not null,              -- the parts beyond the text, as JSON
    status text not null,
    provider_id text not null default '',
    client_id text,                     -- the web chat's own id, so that a repeated send is one message
    at real not null,
    unique (conversation, client_id)
);
create index message_of_conversation on message (conversation, seq);

create table webhook (
    id text primary key,
    channel text not null references channel (id),
    endpoint text not null,
    events text not null,
    secret text not null,
    created_at real not null
) without rowid;

create table delivery (
    seq integer primary key,
    webhook text not null references webhook (id) on delete cascade,
    conversation text not null,
    message text,                       -- whose arrival at the webhook is the message's delivery
    body blob not null,
    created_at real not null,
    due_at real not null,
    attempts integer not null default 0
);
create index delivery_of_conversation on delivery (webhook, conversation, seq);

create table template (
    channel text not null references channel (id),
    name text not null,
    language text not null,
    category text not null,
    components text not null,
    status text not null,
    primary key (channel, name, language)
) without rowid;

create table answered (
    key text primary key,               -- the idempotency key
    digest text not null,               -- of the request
    body text not null,
    at real not null
) without rowid;
